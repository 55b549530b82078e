//! What has to be sent after a decision: open until somebody says how and when it was.

use chrono::{DateTime, NaiveDate, Utc};
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use motcua_domain::policy::Scope;
use serde::Deserialize;
use uuid::Uuid;

use crate::queue::{Filter, either, narrowed, ways};
use crate::schema::{dossiers as d, tasks as t};
use crate::{Conn, Result, Tx};

/// A task as it is kept.
#[derive(Debug, Clone, HasQuery, Insertable, Deserialize)]
#[diesel(table_name = t)]
pub struct Task {
    pub id: Uuid,
    pub dossier_id: Uuid,
    pub paper_id: Uuid,
    pub kind: String,
    pub addressee: String,
    pub decided_on: NaiveDate,
    pub due_on: NaiveDate,
    pub created_at: DateTime<Utc>,
    pub done_at: Option<DateTime<Utc>>,
    pub done_by: Option<Uuid>,
    pub sent_on: Option<NaiveDate>,
    pub way: Option<String>,
    pub note: Option<String>,
}

pub async fn insert(tx: &mut Tx, tasks: &[Task]) -> Result<()> {
    diesel::insert_into(t::table).values(tasks).execute(tx.conn()).await?;
    Ok(())
}

pub async fn find(conn: &mut Conn, id: Uuid) -> Result<Task> {
    Ok(Task::query().filter(t::id.eq(id)).first(conn).await?)
}

/// Holds a task until the transaction ends.
pub async fn lock(tx: &mut Tx, id: Uuid) -> Result<Task> {
    Ok(Task::query().filter(t::id.eq(id)).for_no_key_update().first(tx.conn()).await?)
}

/// How something was sent.
#[derive(Debug, Clone, AsChangeset)]
#[diesel(table_name = t)]
pub struct Done {
    pub done_at: DateTime<Utc>,
    pub done_by: Uuid,
    pub sent_on: NaiveDate,
    pub way: String,
    pub note: Option<String>,
}

pub async fn finish(tx: &mut Tx, id: Uuid, done: &Done) -> Result<()> {
    diesel::update(t::table.find(id)).set(done).execute(tx.conn()).await?;
    Ok(())
}

/// Open tasks about dossiers in scope, the most urgent first, after one of them.
pub async fn open(
    conn: &mut Conn,
    scope: &Scope,
    after: Option<(NaiveDate, Uuid)>,
    limit: i64,
) -> Result<Vec<(Task, Option<String>)>> {
    let filter = Filter::default();
    let Some(seen) = either(ways(scope, &filter)) else { return Ok(Vec::new()) };
    let mut query = t::table
        .inner_join(d::table.on(d::id.eq(t::dossier_id)))
        .filter(t::done_at.is_null())
        .filter(d::id.eq_any(narrowed(seen, &filter).select(d::id)))
        .order((t::due_on, t::id))
        .limit(limit)
        .select((Task::as_select(), d::code))
        .into_boxed();
    if let Some((day, id)) = after {
        query = query.filter(t::due_on.ge(day).and(t::due_on.gt(day).or(t::id.gt(id))));
    }
    Ok(query.load(conn).await?)
}

/// How many tasks in scope are open and should have been done before this day.
pub async fn count_late(conn: &mut Conn, scope: &Scope, today: NaiveDate) -> Result<i64> {
    let filter = Filter::default();
    let Some(seen) = either(ways(scope, &filter)) else { return Ok(0) };
    let late = t::done_at.is_null().and(t::due_on.lt(today));
    let seen = narrowed(seen, &filter).select(d::id);
    Ok(t::table.filter(late).filter(t::dossier_id.eq_any(seen)).count().get_result(conn).await?)
}

/// Days of decisions since one that still have open tasks.
pub async fn open_days(conn: &mut Conn, since: NaiveDate) -> Result<Vec<NaiveDate>> {
    let open = t::done_at.is_null().and(t::due_on.ge(since));
    Ok(t::table.filter(open).select(t::decided_on).distinct().load(conn).await?)
}

/// Open tasks of decisions of a day are due on another.
pub async fn move_due(tx: &mut Tx, decided_on: NaiveDate, due_on: NaiveDate) -> Result<usize> {
    let open = t::done_at.is_null().and(t::decided_on.eq(decided_on)).and(t::due_on.ne(due_on));
    Ok(diesel::update(t::table.filter(open)).set(t::due_on.eq(due_on)).execute(tx.conn()).await?)
}
