//! Answers already given. The key row is inserted in the acting transaction: a second request with
//! the same key waits for the first to commit, then reads its answer.

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use serde_json::Value;

use crate::schema::idempotency_keys as keys;
use crate::{Result, Tx};

/// What became of claiming a key.
#[derive(Debug)]
pub enum Claim {
    /// The key is ours; store the answer before committing.
    Fresh,
    /// This was asked before, and this was the answer.
    Answered(Value),
    /// The key was used for something else.
    Reused,
}

pub async fn claim(
    tx: &mut Tx,
    caller: &str,
    key: &str,
    fingerprint: &[u8],
    at: DateTime<Utc>,
) -> Result<Claim> {
    let inserted = diesel::insert_into(keys::table)
        .values((
            keys::caller.eq(caller),
            keys::key.eq(key),
            keys::fingerprint.eq(fingerprint),
            keys::created_at.eq(at),
        ))
        .on_conflict_do_nothing()
        .execute(tx.conn())
        .await?;
    if inserted == 1 {
        return Ok(Claim::Fresh);
    }
    let (known, answer): (Vec<u8>, Option<Value>) = keys::table
        .filter(keys::caller.eq(caller).and(keys::key.eq(key)))
        .select((keys::fingerprint, keys::answer))
        .first(tx.conn())
        .await?;
    Ok(match answer {
        Some(answer) if known == fingerprint => Claim::Answered(answer),
        Some(_) | None => Claim::Reused,
    })
}

pub async fn answer(tx: &mut Tx, caller: &str, key: &str, answer: &Value) -> Result<()> {
    diesel::update(keys::table.filter(keys::caller.eq(caller).and(keys::key.eq(key))))
        .set(keys::answer.eq(answer))
        .execute(tx.conn())
        .await?;
    Ok(())
}

/// Forgets answers older than `before`, at most `limit` at a time.
pub async fn purge(tx: &mut Tx, before: DateTime<Utc>, limit: i64) -> Result<usize> {
    Ok(diesel::sql_query("DELETE FROM idempotency_keys WHERE (caller, key) IN (SELECT caller, key FROM idempotency_keys WHERE created_at < $1 LIMIT $2)")
        .bind::<diesel::sql_types::Timestamptz, _>(before)
        .bind::<diesel::sql_types::Int8, _>(limit)
        .execute(tx.conn())
        .await?)
}
