//! Sign-ins: sessions, one-time links, and the count of tries.
//!
//! Tokens are kept as SHA-256 only. A try at a password is counted before it is checked, in one
//! statement, so that many at once cannot slip past the limit; names nobody has count the same.

use chrono::{DateTime, TimeDelta, Utc};
use diesel::prelude::*;
use diesel::sql_types::{Bytea, Timestamptz};
use diesel_async::RunQueryDsl;
use motcua_domain::ids::{AccountId, SessionId};
use uuid::Uuid;

use crate::schema::{account_links, sessions, sign_in_tries};
use crate::{Conn, Result, Tx};

pub async fn insert(
    tx: &mut Tx,
    id: SessionId,
    token_hash: &[u8],
    account: AccountId,
    now: DateTime<Utc>,
    expires_at: DateTime<Utc>,
) -> Result<()> {
    diesel::insert_into(sessions::table)
        .values((
            sessions::token_hash.eq(token_hash),
            sessions::id.eq(id.0),
            sessions::account_id.eq(account.0),
            sessions::created_at.eq(now),
            sessions::expires_at.eq(expires_at),
        ))
        .execute(tx.conn())
        .await?;
    Ok(())
}

/// Ends one session. Who had it, when there was one.
pub async fn end(tx: &mut Tx, token_hash: &[u8]) -> Result<Option<AccountId>> {
    let account: Option<Uuid> = diesel::delete(sessions::table.find(token_hash))
        .returning(sessions::account_id)
        .get_result(tx.conn())
        .await
        .optional()?;
    Ok(account.map(AccountId))
}

/// Ends all sessions of an account, but the one kept.
pub async fn end_all(tx: &mut Tx, account: AccountId, but: Option<&[u8]>) -> Result<()> {
    let kept = but.unwrap_or_default();
    diesel::delete(
        sessions::table.filter(sessions::account_id.eq(account.0).and(sessions::token_hash.ne(kept))),
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// A link sent by mail; `purpose` is `verify` or `reset`.
pub async fn insert_link(
    tx: &mut Tx,
    token_hash: &[u8],
    account: AccountId,
    purpose: &str,
    now: DateTime<Utc>,
    expires_at: DateTime<Utc>,
) -> Result<()> {
    diesel::insert_into(account_links::table)
        .values((
            account_links::token_hash.eq(token_hash),
            account_links::account_id.eq(account.0),
            account_links::purpose.eq(purpose),
            account_links::created_at.eq(now),
            account_links::expires_at.eq(expires_at),
        ))
        .execute(tx.conn())
        .await?;
    Ok(())
}

/// Links of a purpose made for an account since an instant: keeps anyone from flooding a mailbox.
pub async fn links_since(
    conn: &mut Conn,
    account: AccountId,
    purpose: &str,
    since: DateTime<Utc>,
) -> Result<i64> {
    Ok(account_links::table
        .filter(
            account_links::account_id
                .eq(account.0)
                .and(account_links::purpose.eq(purpose))
                .and(account_links::created_at.gt(since)),
        )
        .count()
        .get_result(conn)
        .await?)
}

/// Uses a link up. Whose it was, when it was good.
pub async fn use_link(
    tx: &mut Tx,
    token_hash: &[u8],
    purpose: &str,
    now: DateTime<Utc>,
) -> Result<Option<AccountId>> {
    let good = account_links::purpose
        .eq(purpose)
        .and(account_links::used_at.is_null())
        .and(account_links::expires_at.gt(now));
    let account: Option<Uuid> =
        diesel::update(account_links::table.filter(account_links::token_hash.eq(token_hash)).filter(good))
            .set(account_links::used_at.eq(now))
            .returning(account_links::account_id)
            .get_result(tx.conn())
            .await
            .optional()?;
    Ok(account.map(AccountId))
}

/// How many tries are free, and the longest lock in minutes.
const FREE_TRIES: i32 = 5;
const LONGEST_LOCK: i32 = 15;

/// Counts a try. When the name rests, the instant it may be tried again, and nothing is counted.
///
/// After five tries without success each further one locks the name for 1, 2, 4 … 15 minutes.
/// An hour of quiet forgets.
pub async fn count_try(
    conn: &mut Conn,
    login_hash: &[u8],
    now: DateTime<Utc>,
) -> Result<Option<DateTime<Utc>>> {
    #[derive(QueryableByName)]
    struct Row {
        #[diesel(sql_type = diesel::sql_types::Int4)]
        tries: i32,
    }
    let counted: Option<Row> = diesel::sql_query(format!(
        "INSERT INTO sign_in_tries AS t (login_hash, tries, tried_at, locked_until) VALUES ($1, 1, $2, $2) \
         ON CONFLICT (login_hash) DO UPDATE SET tried_at = $2, \
            tries = CASE WHEN t.tried_at < $2 - interval '1 hour' THEN 1 ELSE t.tries + 1 END, \
            locked_until = CASE WHEN t.tried_at < $2 - interval '1 hour' OR t.tries + 1 < {FREE_TRIES} THEN $2 \
                ELSE $2 + least(power(2, least(t.tries + 1 - {FREE_TRIES}, 4)), {LONGEST_LOCK}) * interval '1 minute' END \
         WHERE t.locked_until <= $2 RETURNING tries"
    ))
    .bind::<Bytea, _>(login_hash)
    .bind::<Timestamptz, _>(now)
    .get_result(conn)
    .await
    .optional()?;
    if counted.is_some_and(|row| row.tries > 0) {
        return Ok(None);
    }
    let until = sign_in_tries::table
        .find(login_hash)
        .select(sign_in_tries::locked_until)
        .first(conn)
        .await
        .optional()?;
    Ok(until.or_else(|| now.checked_add_signed(TimeDelta::minutes(1))))
}

/// A success: the count starts over.
pub async fn forget_tries(tx: &mut Tx, login_hash: &[u8]) -> Result<()> {
    diesel::delete(sign_in_tries::table.find(login_hash)).execute(tx.conn()).await?;
    Ok(())
}
