//! Leased jobs. Enqueueing takes the acting transaction, so a job exists exactly when its cause does.
//!
//! The lease only saves work: two workers may run one job when a lease expires in use.
//! Correctness comes from handlers that may run twice.

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel::sql_types::{Int8, SmallInt, Timestamptz, Uuid as SqlUuid};
use diesel_async::RunQueryDsl;
use motcua_domain::ids::JobId;
use serde_json::Value;
use uuid::Uuid;

use crate::schema::jobs;
use crate::{Conn, Result, Tx};

/// A job to run.
#[derive(Debug, Clone, Insertable)]
#[diesel(table_name = jobs)]
pub struct NewJob {
    pub id: Uuid,
    pub kind: &'static str,
    pub payload: Value,
    pub priority: i16,
    pub available_at: DateTime<Utc>,
    pub max_attempts: i16,
    /// While a job with this key waits or runs, another is not added.
    pub dedupe_key: Option<String>,
    pub created_at: DateTime<Utc>,
}

/// Adds jobs and wakes the workers when the transaction commits.
pub async fn enqueue(tx: &mut Tx, new: &[NewJob]) -> Result<()> {
    if new.is_empty() {
        return Ok(());
    }
    diesel::insert_into(jobs::table).values(new).on_conflict_do_nothing().execute(tx.conn()).await?;
    diesel::sql_query("SELECT pg_notify('motcua_jobs', '')").execute(tx.conn()).await?;
    Ok(())
}

/// A job under lease.
#[derive(Debug, Clone, QueryableByName)]
pub struct Leased {
    #[diesel(sql_type = SqlUuid)]
    pub id: Uuid,
    #[diesel(sql_type = diesel::sql_types::Text)]
    pub kind: String,
    #[diesel(sql_type = diesel::sql_types::Jsonb)]
    pub payload: Value,
    #[diesel(sql_type = SmallInt)]
    pub attempts: i16,
    #[diesel(sql_type = SmallInt)]
    pub max_attempts: i16,
}

/// Leases up to `limit` jobs that are due and free, or whose lease ran out.
pub async fn claim(
    conn: &mut Conn,
    lease: Uuid,
    now: DateTime<Utc>,
    until: DateTime<Utc>,
    limit: i64,
) -> Result<Vec<Leased>> {
    Ok(diesel::sql_query(
        "UPDATE jobs SET lease_id = $1, leased_until = $2, attempts = attempts + 1 WHERE id IN ( \
             SELECT id FROM jobs WHERE finished_at IS NULL AND dead_at IS NULL AND available_at <= $3 AND (leased_until IS NULL OR leased_until <= $3) \
             ORDER BY priority DESC, available_at, id LIMIT $4 FOR UPDATE SKIP LOCKED) \
         RETURNING id, kind, payload, attempts, max_attempts",
    )
    .bind::<SqlUuid, _>(lease)
    .bind::<Timestamptz, _>(until)
    .bind::<Timestamptz, _>(now)
    .bind::<Int8, _>(limit)
    .load(conn)
    .await?)
}

/// Done. False when the lease was lost meanwhile.
pub async fn finish(conn: &mut Conn, id: JobId, lease: Uuid, now: DateTime<Utc>) -> Result<bool> {
    let changed = diesel::update(
        jobs::table.filter(jobs::id.eq(id.0).and(jobs::lease_id.eq(lease)).and(jobs::finished_at.is_null())),
    )
    .set((
        jobs::finished_at.eq(now),
        jobs::lease_id.eq(None::<Uuid>),
        jobs::leased_until.eq(None::<DateTime<Utc>>),
    ))
    .execute(conn)
    .await?;
    Ok(changed == 1)
}

/// To be tried again at `at`.
pub async fn retry(conn: &mut Conn, id: JobId, lease: Uuid, at: DateTime<Utc>, error: &str) -> Result<()> {
    diesel::update(jobs::table.filter(jobs::id.eq(id.0).and(jobs::lease_id.eq(lease))))
        .set((
            jobs::available_at.eq(at),
            jobs::last_error.eq(error),
            jobs::lease_id.eq(None::<Uuid>),
            jobs::leased_until.eq(None::<DateTime<Utc>>),
        ))
        .execute(conn)
        .await?;
    Ok(())
}

/// Given up; stays on the dead list.
pub async fn bury(conn: &mut Conn, id: JobId, lease: Uuid, now: DateTime<Utc>, error: &str) -> Result<()> {
    diesel::update(jobs::table.filter(jobs::id.eq(id.0).and(jobs::lease_id.eq(lease))))
        .set((
            jobs::dead_at.eq(now),
            jobs::last_error.eq(error),
            jobs::lease_id.eq(None::<Uuid>),
            jobs::leased_until.eq(None::<DateTime<Utc>>),
        ))
        .execute(conn)
        .await?;
    Ok(())
}

/// Gives leases back unworked, at a graceful stop.
pub async fn release(conn: &mut Conn, lease: Uuid) -> Result<usize> {
    Ok(diesel::sql_query("UPDATE jobs SET lease_id = NULL, leased_until = NULL, attempts = attempts - 1 WHERE lease_id = $1 AND finished_at IS NULL")
        .bind::<SqlUuid, _>(lease)
        .execute(conn)
        .await?)
}

/// How many jobs are dead, and when the oldest waiting one became due.
pub async fn health(conn: &mut Conn) -> Result<(i64, Option<DateTime<Utc>>)> {
    let dead = jobs::table.filter(jobs::dead_at.is_not_null()).count().get_result(conn).await?;
    let oldest = jobs::table
        .filter(jobs::finished_at.is_null().and(jobs::dead_at.is_null()))
        .select(diesel::dsl::min(jobs::available_at))
        .first(conn)
        .await?;
    Ok((dead, oldest))
}

/// Removes finished jobs older than `before`, at most `limit` at a time.
pub async fn purge(tx: &mut Tx, before: DateTime<Utc>, limit: i64) -> Result<usize> {
    Ok(diesel::sql_query(
        "DELETE FROM jobs WHERE id IN (SELECT id FROM jobs WHERE finished_at < $1 LIMIT $2)",
    )
    .bind::<Timestamptz, _>(before)
    .bind::<Int8, _>(limit)
    .execute(tx.conn())
    .await?)
}

/// A job that was given up. Its payload stays where it is: it may name people.
#[derive(Debug, Clone, Queryable)]
pub struct Dead {
    pub id: Uuid,
    pub kind: String,
    pub attempts: i16,
    pub last_error: Option<String>,
    pub created_at: DateTime<Utc>,
    pub dead_at: Option<DateTime<Utc>>,
}

/// Jobs that were given up, newest first.
pub async fn dead(conn: &mut Conn, limit: i64) -> Result<Vec<Dead>> {
    Ok(jobs::table
        .filter(jobs::dead_at.is_not_null())
        .order((jobs::dead_at.desc(), jobs::id))
        .limit(limit)
        .select((jobs::id, jobs::kind, jobs::attempts, jobs::last_error, jobs::created_at, jobs::dead_at))
        .load(conn)
        .await?)
}

/// Takes a job from the dead list, to be tried from the beginning. Its kind; none when it is not dead, or
/// another job has taken its place.
pub async fn revive(tx: &mut Tx, id: Uuid, now: DateTime<Utc>) -> Result<Option<String>> {
    let taken: Option<Option<String>> = jobs::table
        .filter(jobs::id.eq(id).and(jobs::dead_at.is_not_null()))
        .select(jobs::dedupe_key)
        .for_update()
        .first(tx.conn())
        .await
        .optional()?;
    let Some(key) = taken else { return Ok(None) };
    if let Some(key) = key {
        let waiting: i64 = jobs::table
            .filter(jobs::dedupe_key.eq(key))
            .filter(jobs::finished_at.is_null().and(jobs::dead_at.is_null()))
            .count()
            .get_result(tx.conn())
            .await?;
        if waiting > 0 {
            return Ok(None);
        }
    }
    let kind = diesel::update(jobs::table.find(id))
        .set((jobs::dead_at.eq(None::<DateTime<Utc>>), jobs::attempts.eq(0_i16), jobs::available_at.eq(now)))
        .returning(jobs::kind)
        .get_result(tx.conn())
        .await?;
    diesel::sql_query("SELECT pg_notify('motcua_jobs', '')").execute(tx.conn()).await?;
    Ok(Some(kind))
}

/// The newest runs of one kind of work: when each was put there, when it ended, when it was given up.
pub async fn newest(conn: &mut Conn, kind: &str, limit: i64) -> Result<Vec<Run>> {
    Ok(jobs::table
        .filter(jobs::kind.eq(kind))
        .order((jobs::created_at.desc(), jobs::id.desc()))
        .limit(limit)
        .select((jobs::payload, jobs::created_at, jobs::finished_at, jobs::dead_at, jobs::last_error))
        .load(conn)
        .await?)
}

/// One of them.
#[derive(Debug, Clone, Queryable)]
pub struct Run {
    pub payload: Value,
    pub created_at: DateTime<Utc>,
    pub finished_at: Option<DateTime<Utc>>,
    pub dead_at: Option<DateTime<Utc>>,
    pub last_error: Option<String>,
}
