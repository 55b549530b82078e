//! One act on many dossiers: the run, its items, and what became of each.
//!
//! An item is held while it is done, and its answer commits with the act, so that two workers never do it
//! twice.

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel::sql_types::{Int4, Int8, Jsonb, Text, Uuid as SqlUuid};
use diesel_async::RunQueryDsl;
use motcua_domain::ids::{AccountId, BulkRunId, DossierId};
use serde_json::Value;
use uuid::Uuid;

use crate::schema::{bulk_items as items, bulk_runs as runs};
use crate::{Conn, Result, Tx};

/// A run as it is kept.
#[derive(Debug, Clone, HasQuery, Insertable)]
#[diesel(table_name = runs)]
pub struct Run {
    pub id: Uuid,
    pub account_id: Uuid,
    pub act: String,
    pub command: Value,
    /// `running`, `paused` or `done`.
    pub state: String,
    pub created_at: DateTime<Utc>,
    pub finished_at: Option<DateTime<Utc>>,
}

/// One dossier of a run.
#[derive(Debug, Clone, HasQuery)]
#[diesel(table_name = items)]
pub struct Item {
    pub position: i32,
    pub dossier_id: Uuid,
    pub version: i64,
    /// `done` or `refused`; none while it waits.
    pub outcome: Option<String>,
    pub problem: Option<Value>,
    pub at: Option<DateTime<Utc>>,
}

/// An item that is about to be done, with what its run says.
#[derive(Debug, Clone, QueryableByName)]
pub struct Turn {
    #[diesel(sql_type = Int4)]
    pub position: i32,
    #[diesel(sql_type = SqlUuid)]
    pub dossier_id: Uuid,
    #[diesel(sql_type = Int8)]
    pub version: i64,
    #[diesel(sql_type = SqlUuid)]
    pub account_id: Uuid,
    #[diesel(sql_type = Text)]
    pub act: String,
    #[diesel(sql_type = Jsonb)]
    pub command: Value,
}

/// How far a run is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Count {
    pub all: i64,
    pub done: i64,
    pub refused: i64,
}

pub async fn insert(tx: &mut Tx, run: &Run, dossiers: &[(DossierId, i64)]) -> Result<()> {
    diesel::insert_into(runs::table).values(run).execute(tx.conn()).await?;
    let rows: Vec<_> = dossiers
        .iter()
        .zip(1_i32..)
        .map(|((dossier, version), position)| {
            (
                items::run_id.eq(run.id),
                items::position.eq(position),
                items::dossier_id.eq(dossier.0),
                items::version.eq(*version),
            )
        })
        .collect();
    diesel::insert_into(items::table).values(rows).execute(tx.conn()).await?;
    Ok(())
}

/// A run of this person.
pub async fn find(conn: &mut Conn, id: BulkRunId, of: AccountId) -> Result<Run> {
    Ok(Run::query().filter(runs::id.eq(id.0).and(runs::account_id.eq(of.0))).first(conn).await?)
}

pub async fn items(conn: &mut Conn, id: BulkRunId) -> Result<Vec<Item>> {
    Ok(Item::query().filter(items::run_id.eq(id.0)).order(items::position).load(conn).await?)
}

/// The runs of this person, newest first, with how far each is.
pub async fn list(conn: &mut Conn, of: AccountId, limit: i64) -> Result<Vec<(Run, Count)>> {
    let found: Vec<Run> = Run::query()
        .filter(runs::account_id.eq(of.0))
        .order((runs::created_at.desc(), runs::id.desc()))
        .limit(limit)
        .load(conn)
        .await?;
    let ids: Vec<Uuid> = found.iter().map(|run| run.id).collect();
    let counts: Vec<(Uuid, Option<String>, i64)> = items::table
        .filter(items::run_id.eq_any(&ids))
        .group_by((items::run_id, items::outcome))
        .select((items::run_id, items::outcome, diesel::dsl::count_star()))
        .load(conn)
        .await?;
    Ok(found
        .into_iter()
        .map(|run| {
            let mut count = Count::default();
            for (_, outcome, number) in counts.iter().filter(|(id, ..)| *id == run.id) {
                count.all = count.all.saturating_add(*number);
                match outcome.as_deref() {
                    Some("done") => count.done = *number,
                    Some(_) => count.refused = *number,
                    None => {}
                }
            }
            (run, count)
        })
        .collect())
}

/// From one state to another. False when this person has no such run in the first.
pub async fn turn(
    tx: &mut Tx,
    id: BulkRunId,
    of: AccountId,
    from: &'static str,
    to: &'static str,
) -> Result<bool> {
    let mine = runs::id.eq(id.0).and(runs::account_id.eq(of.0)).and(runs::state.eq(from));
    let turned = diesel::update(runs::table.filter(mine)).set(runs::state.eq(to)).execute(tx.conn()).await?;
    Ok(turned == 1)
}

/// Holds the next item that nobody has done, unless the run is paused.
pub async fn next(tx: &mut Tx, id: BulkRunId) -> Result<Option<Turn>> {
    Ok(diesel::sql_query(
        "SELECT i.position, i.dossier_id, i.version, r.account_id, r.act, r.command \
         FROM bulk_items i JOIN bulk_runs r ON r.id = i.run_id \
         WHERE i.run_id = $1 AND i.outcome IS NULL AND r.state = 'running' \
         ORDER BY i.position LIMIT 1 FOR NO KEY UPDATE OF i",
    )
    .bind::<SqlUuid, _>(id.0)
    .get_result(tx.conn())
    .await
    .optional()?)
}

/// Writes down what became of an item, unless that is known already.
pub async fn tell(
    tx: &mut Tx,
    id: BulkRunId,
    position: i32,
    problem: Option<Value>,
    now: DateTime<Utc>,
) -> Result<()> {
    let outcome = if problem.is_some() { "refused" } else { "done" };
    let waiting = items::run_id.eq(id.0).and(items::position.eq(position)).and(items::outcome.is_null());
    diesel::update(items::table.filter(waiting))
        .set((items::outcome.eq(outcome), items::problem.eq(problem), items::at.eq(now)))
        .execute(tx.conn())
        .await?;
    Ok(())
}

/// Ends a run that runs and has nothing left to do.
pub async fn finish(tx: &mut Tx, id: BulkRunId, now: DateTime<Utc>) -> Result<()> {
    let waiting = items::table.filter(items::run_id.eq(id.0).and(items::outcome.is_null()));
    diesel::update(
        runs::table
            .filter(runs::id.eq(id.0).and(runs::state.eq("running")))
            .filter(diesel::dsl::not(diesel::dsl::exists(waiting))),
    )
    .set((runs::state.eq("done"), runs::finished_at.eq(now)))
    .execute(tx.conn())
    .await?;
    Ok(())
}
