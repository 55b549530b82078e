//! The hourly seal over everything recorded since the last one.

use chrono::{DateTime, TimeDelta, Utc};
use motcua_domain::audit::{GENESIS, Seal, merkle_root};
use motcua_store::seal;

use crate::{App, Error, Result};

/// A seal ends this long ago: every transaction that wrote before then has ended, since none may
/// stay open for so long.
const LAG: TimeDelta = TimeDelta::minutes(10);

pub(super) async fn run(app: &App) -> Result<()> {
    let mut tx = app.begin("seal_audit").await?;
    seal::lock(&mut tx).await?;
    let last = seal::last(tx.conn()).await?;
    let (seq, prev, after) = match &last {
        Some((last, hash)) => (last.seq.saturating_add(1), *hash, time(last.covers_until)?),
        None => (1, GENESIS, DateTime::UNIX_EPOCH),
    };
    let until = app.after(-LAG);
    if until <= after {
        return Ok(());
    }
    let leaves = seal::leaves(tx.conn(), after, until).await?;
    let made = Seal {
        seq,
        prev,
        sealed_at: app.now().timestamp_micros(),
        covers_until: until.timestamp_micros(),
        leaves: i64::try_from(leaves.len()).unwrap_or(i64::MAX),
        root: merkle_root(&leaves),
    };
    seal::insert(&mut tx, &made).await?;
    tx.commit().await?;
    Ok(())
}

fn time(micros: i64) -> Result<DateTime<Utc>> {
    DateTime::from_timestamp_micros(micros).ok_or_else(|| Error::internal("a seal's time is out of range"))
}
