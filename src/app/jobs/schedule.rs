//! Scheduled work: each piece becomes a job when its hour has come, put there by whichever process
//! asks first. Rules installed meanwhile are taken up here too, in every process.

use chrono::{DateTime, DurationRound, TimeDelta, Utc};

use super::Work;
use crate::{App, Result};

/// What is done every hour, on the hour.
const HOURLY: [Work; 2] = [Work::SealAudit {}, Work::Purge {}];

pub(super) async fn round(app: &App) -> Result<()> {
    app.refresh_rules().await?;
    let mut tx = app.begin("schedule").await?;
    let now = app.now();
    for work in HOURLY {
        if motcua_store::upkeep::take_turn(&mut tx, work.kind(), now, next_hour(now)).await? {
            work.enqueue(app, &mut tx).await?;
        }
    }
    tx.commit().await?;
    Ok(())
}

fn next_hour(now: DateTime<Utc>) -> DateTime<Utc> {
    let hour = TimeDelta::hours(1);
    now.duration_trunc(hour).unwrap_or(now).checked_add_signed(hour).unwrap_or(now)
}
