//! Lists people take away: what was asked for and how far it is, and the rows that go into one.
//!
//! Which dossiers a list has is decided once, by their keys; the rows are read after it, part by part, so
//! that a long list holds no connection and no row comes twice or falls out.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use motcua_domain::dossier::Dossier;
use motcua_domain::dossier::event::Event;
use motcua_domain::ids::{AccountId, AgencyId, ExportId};
use motcua_domain::policy::Scope;
use serde_json::Value;
use uuid::Uuid;

use crate::json::Json;
use crate::paper::Paper;
use crate::queue::{Condition, Filter, Line, either, narrowed, ways};
use crate::schema::{dossier_events as e, dossiers as d, exports as x, papers as p};
use crate::{Conn, Result, Tx};

/// A list as it is kept.
#[derive(Debug, Clone, HasQuery, Insertable)]
#[diesel(table_name = x)]
pub struct Export {
    pub id: Uuid,
    pub account_id: Uuid,
    pub list: String,
    pub format: String,
    pub asked: Value,
    pub state: String,
    pub total: Option<i64>,
    pub written: i64,
    pub problem: Option<Value>,
    pub created_at: DateTime<Utc>,
    pub finished_at: Option<DateTime<Utc>>,
    pub sha256: Option<String>,
    pub size: Option<i64>,
    pub object_key: Option<String>,
}

pub async fn insert(tx: &mut Tx, export: &Export) -> Result<()> {
    diesel::insert_into(x::table).values(export).execute(tx.conn()).await?;
    Ok(())
}

/// Whoever it belongs to, for the job.
pub async fn load(conn: &mut Conn, id: ExportId) -> Result<Export> {
    Ok(Export::query().filter(x::id.eq(id.0)).first(conn).await?)
}

/// A list of this person.
pub async fn find(conn: &mut Conn, id: ExportId, of: AccountId) -> Result<Export> {
    Ok(Export::query().filter(x::id.eq(id.0).and(x::account_id.eq(of.0))).first(conn).await?)
}

/// The lists of this person, newest first.
pub async fn list(conn: &mut Conn, of: AccountId, limit: i64) -> Result<Vec<Export>> {
    let mine = Export::query().filter(x::account_id.eq(of.0));
    Ok(mine.order((x::created_at.desc(), x::id.desc())).limit(limit).load(conn).await?)
}

/// How many of this person's lists are not over.
pub async fn count_open(tx: &mut Tx, of: AccountId) -> Result<i64> {
    let open = x::table.filter(x::account_id.eq(of.0).and(x::finished_at.is_null()));
    Ok(open.count().get_result(tx.conn()).await?)
}

/// Begins, or begins anew after a run that was cut off. False when it is over.
pub async fn start(tx: &mut Tx, id: ExportId, total: i64) -> Result<bool> {
    let open = x::table.filter(x::id.eq(id.0).and(x::finished_at.is_null()));
    let started = diesel::update(open)
        .set((x::state.eq("running"), x::total.eq(total), x::written.eq(0)))
        .execute(tx.conn())
        .await?;
    Ok(started == 1)
}

/// Notes how far it is. False when it was cancelled meanwhile.
pub async fn advance(conn: &mut Conn, id: ExportId, written: i64) -> Result<bool> {
    let running = x::table.filter(x::id.eq(id.0).and(x::state.eq("running")));
    Ok(diesel::update(running).set(x::written.eq(written)).execute(conn).await? == 1)
}

/// A file that was written.
#[derive(Debug, Clone, AsChangeset)]
#[diesel(table_name = x)]
pub struct Written {
    pub sha256: String,
    pub size: i64,
    pub object_key: String,
    pub written: i64,
}

/// Notes the file. False when the list was cancelled meanwhile.
pub async fn finish(tx: &mut Tx, id: ExportId, file: &Written, now: DateTime<Utc>) -> Result<bool> {
    let running = x::table.filter(x::id.eq(id.0).and(x::state.eq("running")));
    let done = (file, x::state.eq("done"), x::finished_at.eq(now));
    Ok(diesel::update(running).set(done).execute(tx.conn()).await? == 1)
}

/// Gives it up with a reason, or cancels it with none. False when it was over.
pub async fn give_up(tx: &mut Tx, id: ExportId, problem: Option<Value>, now: DateTime<Utc>) -> Result<bool> {
    let state = if problem.is_some() { "failed" } else { "cancelled" };
    let open = x::table.filter(x::id.eq(id.0).and(x::finished_at.is_null()));
    let over = (x::state.eq(state), x::problem.eq(problem), x::finished_at.eq(now));
    Ok(diesel::update(open).set(over).execute(tx.conn()).await? == 1)
}

/// Forgets up to `limit` lists that were over before `before`; where their files are.
pub async fn forget(tx: &mut Tx, before: DateTime<Utc>, limit: i64) -> Result<Vec<Option<String>>> {
    let old: Vec<Uuid> = x::table
        .filter(x::finished_at.lt(before))
        .order(x::finished_at)
        .limit(limit)
        .select(x::id)
        .for_update()
        .skip_locked()
        .load(tx.conn())
        .await?;
    let gone = diesel::delete(x::table.filter(x::id.eq_any(old)));
    Ok(gone.returning(x::object_key).get_results(tx.conn()).await?)
}

/// True while a list has its file there.
pub async fn is_kept(conn: &mut Conn, object_key: &str) -> Result<bool> {
    let there = x::table.filter(x::object_key.eq(object_key));
    Ok(diesel::select(diesel::dsl::exists(there)).get_result(conn).await?)
}

/// From an instant up to another.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Span {
    pub from: DateTime<Utc>,
    /// Not included.
    pub to: DateTime<Utc>,
}

/// Dossiers of a view of the queue, in its order; no more than `most`.
pub async fn queue_keys(conn: &mut Conn, scope: &Scope, filter: &Filter, most: i64) -> Result<Vec<Uuid>> {
    let Some(seen) = either(ways(scope, filter)) else { return Ok(Vec::new()) };
    let fits = narrowed(seen, filter).filter(d::state.ne("draft")).limit(most).select(d::id);
    Ok(if filter.ended {
        fits.order((d::created_at.desc(), d::id.desc())).load(conn).await?
    } else {
        fits.filter(d::ended_at.is_null()).order((d::next_due_at, d::id)).load(conn).await?
    })
}

/// Dossiers of an agency in the order of receipt: those received in a span, or open in it.
pub async fn register_keys(
    conn: &mut Conn,
    scope: &Scope,
    agency: AgencyId,
    span: Span,
    open_in_it: bool,
    most: i64,
) -> Result<Vec<Uuid>> {
    let filter = Filter::default();
    let Some(seen) = either(ways(scope, &filter)) else { return Ok(Vec::new()) };
    let known = d::agency_id.eq(agency.0).and(d::received_at.is_not_null()).and(d::received_at.lt(span.to));
    let within: Condition = if open_in_it {
        Box::new(d::ended_at.is_null().or(d::ended_at.ge(span.from)).assume_not_null())
    } else {
        Box::new(d::received_at.ge(span.from).assume_not_null())
    };
    let fits = narrowed(seen, &filter).filter(known).filter(within);
    Ok(fits.order((d::received_at, d::id)).limit(most).select(d::id).load(conn).await?)
}

/// A dossier as a list to take away has it.
#[derive(Debug, Clone)]
pub struct Entry {
    pub line: Line,
    pub dossier: Dossier,
    pub answers: Value,
    /// Who handles it.
    pub officer: Option<String>,
    /// What moved it, in order.
    pub events: Vec<(DateTime<Utc>, Event)>,
}

/// Those of these dossiers that are in scope, in their order.
pub async fn entries(
    conn: &mut Conn,
    scope: &Scope,
    these: &[Uuid],
    now: DateTime<Utc>,
) -> Result<Vec<Entry>> {
    let Some(seen) = either(ways(scope, &Filter::default())) else { return Ok(Vec::new()) };
    let rows: Vec<(Line, Json<Dossier>, Value)> = d::table
        .filter(d::id.eq_any(these))
        .filter(seen)
        .select((Line::as_select(), d::body, d::answers))
        .load(conn)
        .await?;
    let moves = ["dossier.routed", "dossier.undone", "dossier.handed_over", "dossier.returned"];
    let events: Vec<(Uuid, DateTime<Utc>, Json<Event>)> = e::table
        .filter(e::dossier_id.eq_any(these).and(e::kind.eq_any(moves)))
        .order((e::dossier_id, e::seq))
        .select((e::dossier_id, e::at, e::body))
        .load(conn)
        .await?;
    let mut entries: HashMap<Uuid, Entry> = rows
        .into_iter()
        .map(|(line, Json(dossier), answers)| {
            (line.id, Entry { line, dossier, answers, officer: None, events: Vec::new() })
        })
        .collect();
    for (id, at, Json(event)) in events {
        if let Some(entry) = entries.get_mut(&id) {
            entry.events.push((at, event));
        }
    }
    for hand in crate::desk::hands(conn, these, now).await? {
        if let Some(entry) = entries.get_mut(&hand.dossier) {
            entry.officer = hand.officer;
        }
    }
    Ok(these.iter().filter_map(|id| entries.remove(id)).collect())
}

/// Papers of these kinds made in a span about dossiers of an agency that are in scope, oldest first.
pub async fn papers(
    conn: &mut Conn,
    scope: &Scope,
    agency: AgencyId,
    span: Span,
    kinds: &[&'static str],
    most: i64,
) -> Result<Vec<Paper>> {
    let Some(seen) = either(ways(scope, &Filter::default())) else { return Ok(Vec::new()) };
    let of = narrowed(seen, &Filter::default()).filter(d::agency_id.eq(agency.0)).select(d::id);
    let made = p::made_at.ge(span.from).and(p::made_at.lt(span.to)).and(p::kind.eq_any(kinds.to_vec()));
    Ok(Paper::query()
        .filter(made)
        .filter(p::dossier_id.eq_any(of))
        .order((p::made_at, p::id))
        .limit(most)
        .load(conn)
        .await?)
}
