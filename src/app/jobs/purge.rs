//! Forgets what is kept no longer than it is needed, in small transactions.

use chrono::TimeDelta;
use motcua_domain::actor::Doer;
use motcua_store::upkeep::{self, Stale};

use super::Work;
use crate::{App, Ctx, Result, documents, exports, record};

const BATCH: i64 = 1000;
const DRAFTS_AT_ONCE: i64 = 50;
const IDEMPOTENCY_KEYS_FOR: TimeDelta = TimeDelta::hours(48);
const SIGN_IN_TRIES_FOR: TimeDelta = TimeDelta::days(1);
const LINKS_FOR: TimeDelta = TimeDelta::days(7);
const BULK_RUNS_FOR: TimeDelta = TimeDelta::days(90);
const WAITING_NUMBERS_FOR: TimeDelta = TimeDelta::days(30);
const FEEDBACK_FOR: TimeDelta = TimeDelta::days(365);
const FINISHED_JOBS_FOR: TimeDelta = TimeDelta::days(30);
const DRAFTS_FOR: TimeDelta = TimeDelta::days(90);

pub(super) async fn run(app: &App) -> Result<()> {
    for (what, kept) in [
        (Stale::Sessions, TimeDelta::zero()),
        (Stale::Links, LINKS_FOR),
        (Stale::SignInTries, SIGN_IN_TRIES_FOR),
        (Stale::IdempotencyKeys, IDEMPOTENCY_KEYS_FOR),
        (Stale::BulkRuns, BULK_RUNS_FOR),
        (Stale::WaitingNumbers, WAITING_NUMBERS_FOR),
        (Stale::Feedback, FEEDBACK_FOR),
    ] {
        loop {
            let mut tx = app.begin("purge").await?;
            let gone = upkeep::forget(&mut tx, what, app.after(-kept), BATCH).await?;
            tx.commit().await?;
            if i64::try_from(gone).is_ok_and(|gone| gone < BATCH) {
                break;
            }
        }
    }
    loop {
        let mut tx = app.begin("purge").await?;
        let gone = motcua_store::job::purge(&mut tx, app.after(-FINISHED_JOBS_FOR), BATCH).await?;
        tx.commit().await?;
        if i64::try_from(gone).is_ok_and(|gone| gone < BATCH) {
            break;
        }
    }
    while drafts(app).await? {}
    while lists(app).await? {}
    Ok(())
}

/// Lists that were over long enough ago, with their files. True when there may be more.
async fn lists(app: &App) -> Result<bool> {
    let mut tx = app.begin("purge_exports").await?;
    let gone = motcua_store::export::forget(&mut tx, app.after(-exports::KEPT_FOR), BATCH).await?;
    for object_key in gone.iter().flatten().cloned() {
        Work::RemoveFile { object_key }.enqueue(app, &mut tx).await?;
    }
    tx.commit().await?;
    Ok(i64::try_from(gone.len()).is_ok_and(|count| count == BATCH))
}

/// Drafts nobody has touched for long, with their papers. True when there may be more.
async fn drafts(app: &App) -> Result<bool> {
    let ctx = Ctx::system(app.clone(), "purge".to_owned());
    let mut tx = app.begin("purge_drafts").await?;
    let ids = upkeep::lock_forgotten_drafts(&mut tx, app.after(-DRAFTS_FOR), DRAFTS_AT_ONCE).await?;
    for id in &ids {
        documents::give_up_files(&ctx, &mut tx, *id).await?;
        record::paper(&ctx, &mut tx, &Doer::System, "forget_draft", *id, &serde_json::json!({})).await?;
    }
    upkeep::delete_drafts(&mut tx, &ids).await?;
    tx.commit().await?;
    Ok(i64::try_from(ids.len()).is_ok_and(|count| count == DRAFTS_AT_ONCE))
}
