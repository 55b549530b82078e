//! Does one act on many dossiers, one after the other. Each act and its answer commit together, so a run
//! that is cut off, or worked on twice, does nothing twice.

use motcua_domain::error_code::ErrorCode;
use motcua_domain::ids::{AccountId, BulkRunId, DossierId};
use motcua_domain::text::Language;
use motcua_store::Tx;
use motcua_store::bulk::{self, Turn};

use super::Work;
use crate::bulk::{Problem, Said};
use crate::{App, Ctx, Error, Result, access, act, letters, papers};

/// Then the rest is put in line again, so that a run ends well inside its lease.
const AT_ONCE: usize = 50;

pub(super) async fn run(app: &App, id: BulkRunId) -> Result<()> {
    for _ in 0..AT_ONCE {
        if !one(app, id).await? {
            let mut tx = app.begin("finish_bulk_run").await?;
            bulk::finish(&mut tx, id, app.now()).await?;
            return Ok(tx.commit().await?);
        }
    }
    let mut tx = app.begin("bulk_run").await?;
    Work::BulkRun { run: id }.enqueue(app, &mut tx).await?;
    Ok(tx.commit().await?)
}

/// Does the next dossier. False when none is left or the run is paused.
async fn one(app: &App, id: BulkRunId) -> Result<bool> {
    let mut tx = app.begin("bulk_item").await?;
    let Some(turn) = bulk::next(&mut tx, id).await? else { return Ok(false) };
    let position = turn.position;
    match perform(app, &mut tx, id, turn).await {
        Ok(()) => {
            bulk::tell(&mut tx, id, position, None, app.now()).await?;
            tx.commit().await?;
        }
        Err(error) if error.code == ErrorCode::Unavailable => return Err(error),
        Err(error) => {
            // Nothing of the act stays; only that it was refused.
            tx.rollback().await;
            if let Some(why) = error.private() {
                tracing::error!(run = %id, position, why, "an act on many failed at one dossier");
            }
            let problem = serde_json::to_value(Problem::from(error))?;
            let mut tx = app.begin("bulk_item").await?;
            bulk::tell(&mut tx, id, position, Some(problem), app.now()).await?;
            tx.commit().await?;
        }
    }
    Ok(true)
}

async fn perform(app: &App, tx: &mut Tx, id: BulkRunId, turn: Turn) -> Result<()> {
    let kind = turn.act.parse().map_err(|_| Error::internal("a run of an unknown act"))?;
    let said: Said = serde_json::from_value(turn.command)?;
    let ctx = Ctx {
        actor: access::staff_by_now(app, tx.conn(), AccountId(turn.account_id)).await?,
        language: Language::Vi,
        ..Ctx::system(app.clone(), format!("bulk-{id}"))
    };
    let opened = access::lock(&ctx, tx, DossierId(turn.dossier_id)).await?;
    // Whoever may not do it learns that first.
    opened.permit(&ctx, motcua_domain::policy::Permission::Act(kind))?;
    act::check_version(&opened, Some(turn.version))?;
    let command = said.command(kind, &opened)?;
    let opened = act::advance(&ctx, tx, opened, Some(turn.version), command).await?;
    letters::send(&ctx, tx, &opened, &[kind]).await?;
    papers::draw_up(&ctx, tx, &opened, &[kind]).await
}
