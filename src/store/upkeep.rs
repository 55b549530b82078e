//! Housekeeping: whose turn scheduled work is, what may be forgotten, what waits to be found.

use std::sync::Arc;

use chrono::{DateTime, NaiveDate, Utc};
use diesel::prelude::*;
use diesel::sql_types::{Int8, Text, Timestamptz};
use diesel_async::{RunQueryDsl, SimpleAsyncConnection};
use futures_util::StreamExt;
use motcua_domain::dossier::Dossier;
use motcua_domain::ids::DossierId;
use tokio::sync::Notify;
use uuid::Uuid;

use crate::json::Json;
use crate::schema::dossiers as d;
use crate::{Conn, Result, Tx};

/// Takes a piece of scheduled work when it is due, and says when it is due next. Two processes may
/// both ask: one statement decides, and the other is told no.
pub async fn take_turn(tx: &mut Tx, name: &str, now: DateTime<Utc>, next: DateTime<Utc>) -> Result<bool> {
    let taken = diesel::sql_query(
        "INSERT INTO schedules (name, due_at) VALUES ($1, $3) \
         ON CONFLICT (name) DO UPDATE SET due_at = excluded.due_at WHERE schedules.due_at <= $2",
    )
    .bind::<Text, _>(name)
    .bind::<Timestamptz, _>(now)
    .bind::<Timestamptz, _>(next)
    .execute(tx.conn())
    .await?;
    Ok(taken == 1)
}

/// What is kept no longer than it is needed.
#[derive(Debug, Clone, Copy)]
pub enum Stale {
    /// Sessions and one-time links that have expired.
    Sessions,
    Links,
    /// Counts of tries at a password, by the last try.
    SignInTries,
    /// Answers kept for repeated requests.
    IdempotencyKeys,
    /// Acts on many dossiers at once; what was done stays with each dossier.
    BulkRuns,
    /// Numbers people waited by.
    WaitingNumbers,
    /// What was said about the pages.
    Feedback,
}

/// Removes up to `limit` rows whose time was over `before`.
pub async fn forget(tx: &mut Tx, what: Stale, before: DateTime<Utc>, limit: i64) -> Result<usize> {
    let statement = match what {
        Stale::Sessions => {
            "DELETE FROM sessions WHERE token_hash IN (SELECT token_hash FROM sessions WHERE expires_at < $1 LIMIT $2)"
        }
        Stale::Links => {
            "DELETE FROM account_links WHERE token_hash IN (SELECT token_hash FROM account_links WHERE expires_at < $1 LIMIT $2)"
        }
        Stale::SignInTries => {
            "DELETE FROM sign_in_tries WHERE login_hash IN (SELECT login_hash FROM sign_in_tries WHERE tried_at < $1 LIMIT $2)"
        }
        Stale::BulkRuns => {
            "DELETE FROM bulk_runs WHERE id IN (SELECT id FROM bulk_runs WHERE created_at < $1 LIMIT $2)"
        }
        Stale::WaitingNumbers => {
            "DELETE FROM waiting_numbers WHERE (unit_id, day, number) IN (SELECT unit_id, day, number FROM waiting_numbers WHERE drawn_at < $1 LIMIT $2)"
        }
        Stale::Feedback => {
            "DELETE FROM feedback WHERE id IN (SELECT id FROM feedback WHERE at < $1 LIMIT $2)"
        }
        Stale::IdempotencyKeys => {
            "DELETE FROM idempotency_keys WHERE (caller, key) IN (SELECT caller, key FROM idempotency_keys WHERE created_at < $1 LIMIT $2)"
        }
    };
    Ok(diesel::sql_query(statement)
        .bind::<Timestamptz, _>(before)
        .bind::<Int8, _>(limit)
        .execute(tx.conn())
        .await?)
}

/// Locks up to `limit` drafts nobody has touched since `before`; ones in use are passed over.
pub async fn lock_forgotten_drafts(tx: &mut Tx, before: DateTime<Utc>, limit: i64) -> Result<Vec<DossierId>> {
    let ids: Vec<Uuid> = d::table
        .filter(d::state.eq("draft").and(d::touched_at.lt(before)).and(d::created_at.lt(before)))
        .order(d::touched_at)
        .limit(limit)
        .select(d::id)
        .for_update()
        .skip_locked()
        .load(tx.conn())
        .await?;
    Ok(ids.into_iter().map(DossierId).collect())
}

/// Removes drafts that are locked; what belongs to them goes along.
pub async fn delete_drafts(tx: &mut Tx, ids: &[DossierId]) -> Result<()> {
    let ids: Vec<Uuid> = ids.iter().map(|id| id.0).collect();
    diesel::delete(d::table.filter(d::id.eq_any(ids).and(d::state.eq("draft")))).execute(tx.conn()).await?;
    Ok(())
}

/// An open dossier as its row says, beside the aggregate.
#[derive(Debug, Clone)]
pub struct OpenRow {
    pub id: DossierId,
    pub next_step: Option<String>,
    pub next_due_at: Option<DateTime<Utc>>,
    pub state: String,
    pub dossier: Dossier,
}

/// The next dossiers after `after` that have not ended.
pub async fn open_dossiers(conn: &mut Conn, after: Option<DossierId>, limit: i64) -> Result<Vec<OpenRow>> {
    open_rows(conn, after, limit, None).await
}

/// Those of them with anything due on that day or later, drafts left out; `midnight` begins the day.
pub async fn due_from(
    conn: &mut Conn,
    day: NaiveDate,
    midnight: DateTime<Utc>,
    after: Option<DossierId>,
    limit: i64,
) -> Result<Vec<OpenRow>> {
    open_rows(conn, after, limit, Some((day, midnight))).await
}

async fn open_rows(
    conn: &mut Conn,
    after: Option<DossierId>,
    limit: i64,
    due_from: Option<(NaiveDate, DateTime<Utc>)>,
) -> Result<Vec<OpenRow>> {
    let after = after.map_or(Uuid::nil(), |id| id.0);
    type Row = (Uuid, Option<String>, Option<DateTime<Utc>>, String, Json<Dossier>);
    let mut open = d::table.filter(d::id.gt(after).and(d::ended_at.is_null())).into_boxed();
    if let Some((day, midnight)) = due_from {
        open = open.filter(d::state.ne("draft")).filter(d::due_on.ge(day).or(d::next_due_at.ge(midnight)));
    }
    let rows: Vec<Row> = open
        .order(d::id)
        .limit(limit)
        .select((d::id, d::next_step, d::next_due_at, d::state, d::body))
        .load(conn)
        .await?;
    Ok(rows
        .into_iter()
        .map(|(id, next_step, next_due_at, state, Json(dossier))| OpenRow {
            id: DossierId(id),
            next_step,
            next_due_at,
            state,
            dossier,
        })
        .collect())
}

/// Rings `bell` whenever a job is enqueued, on a connection of its own, until that connection fails.
pub async fn listen(url: &str, bell: Arc<Notify>) -> Result<()> {
    let mut conn = crate::pool::connect_alone(url).await?;
    conn.batch_execute("LISTEN motcua_jobs").await?;
    bell.notify_one();
    let mut rings = std::pin::pin!(conn.notifications_stream());
    while let Some(ring) = rings.next().await {
        ring?;
        bell.notify_one();
    }
    Ok(())
}
