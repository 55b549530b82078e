//! The service's own work as administrators see it: what was given up, and whether the record holds.

use chrono::{DateTime, NaiveDate, Utc};
use motcua_domain::error_code::ErrorCode;
use motcua_store::{job, message};
use serde_json::json;
use uuid::Uuid;

use crate::audit::{Verified, verify_chain};
use crate::jobs::Work;
use crate::{Ctx, Error, Result, administration, record};

pub use motcua_store::job::Dead;

const MOST_LISTED: i64 = 200;
/// Parts of the newest nights.
const RUNS: i64 = 50;

/// What was given up.
#[derive(Debug, Clone)]
pub struct Undone {
    pub jobs: Vec<Dead>,
    /// Letters that could not be delivered, and since when.
    pub letters: (i64, Option<DateTime<Utc>>),
}

/// What was given up, newest first.
///
/// # Errors
/// Not found for whoever does not keep the service's own work.
pub async fn undone(ctx: &Ctx) -> Result<Undone> {
    administration::shared(ctx)?;
    let mut conn = ctx.app.conn().await?;
    let jobs = job::dead(&mut conn, MOST_LISTED).await?;
    Ok(Undone { jobs, letters: message::undelivered(&mut conn).await? })
}

/// Has a job that was given up tried again from the beginning.
///
/// # Errors
/// Not found for whoever may not; already done when it is not on the list any more.
pub async fn retry(ctx: &Ctx, id: Uuid) -> Result<()> {
    administration::shared(ctx)?;
    let mut tx = ctx.app.begin("retry_job").await?;
    let kind = job::revive(&mut tx, id, ctx.now()).await?;
    let kind = kind.ok_or_else(|| Error::of(ErrorCode::AlreadyDone))?;
    let (doer, body) = (ctx.actor.doer(None), json!({ "kind": kind }));
    record::administration(ctx, &mut tx, &doer, "service", "job.retried", &id.to_string(), &body).await?;
    tx.commit().await?;
    Ok(())
}

/// How one proof of the whole record went.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Proof {
    pub on: NaiveDate,
    pub begun_at: DateTime<Utc>,
    /// When its last part ended; none while it runs.
    pub ended_at: Option<DateTime<Utc>>,
    /// What does not hold, in words without personal data.
    pub broken: Vec<String>,
}

/// The newest proofs of the whole record, newest first, and the chain of the caller's agencies checked
/// here and now.
#[derive(Debug, Clone)]
pub struct Record {
    pub proofs: Vec<Proof>,
    pub own: Verified,
}

/// Whether the record holds.
///
/// # Errors
/// Not found for whoever administers nothing.
pub async fn audit_record(ctx: &Ctx) -> Result<Record> {
    let kept = administration::of(ctx)?;
    let mut conn = ctx.app.conn().await?;
    let runs = job::newest(&mut conn, "verify_audit", RUNS).await?;
    let mut proofs: Vec<Proof> = Vec::new();
    for run in runs {
        let on = run.payload.get("on").and_then(|on| on.as_str()).and_then(|on| on.parse().ok());
        let Some(on) = on else { continue };
        let ended_at = run.finished_at.or(run.dead_at);
        let broken = run.last_error.filter(|_| run.dead_at.is_some());
        match proofs.last_mut().filter(|last| last.on == on) {
            Some(proof) => {
                proof.begun_at = run.created_at;
                proof.ended_at = proof.ended_at.zip(ended_at).map(|(one, other)| one.max(other));
                proof.broken.extend(broken);
            }
            None => proofs.push(Proof {
                on,
                begun_at: run.created_at,
                ended_at,
                broken: broken.into_iter().collect(),
            }),
        }
    }
    let mut own = Verified::default();
    // One chain per agency; a line of successors is short.
    for agency in kept.agencies().iter().take(2) {
        verify_chain(&mut conn, &format!("administration:{agency}"), &mut own).await?;
    }
    Ok(Record { proofs, own })
}

/// Has the whole record proven now, in the background, as every night.
///
/// # Errors
/// Not found for whoever administers nothing.
pub async fn prove_record(ctx: &Ctx) -> Result<()> {
    administration::of(ctx)?;
    let mut tx = ctx.app.begin("prove_record").await?;
    let work = Work::VerifyAudit { on: ctx.today(), after: String::new() };
    work.enqueue(&ctx.app, &mut tx).await?;
    let (doer, body) = (ctx.actor.doer(None), json!({ "on": ctx.today() }));
    record::administration(ctx, &mut tx, &doer, "service", "audit.proof_asked", "audit", &body).await?;
    tx.commit().await?;
    Ok(())
}
