//! Proposed versions of procedures: written by one person, published or turned down by another.

use chrono::{DateTime, NaiveDate, Utc};
use diesel::prelude::*;
use diesel::sql_types::Text;
use diesel_async::RunQueryDsl;
use motcua_domain::ids::{AccountId, DossierId};
use motcua_domain::procedure::ProcedureKey;
use uuid::Uuid;

use crate::schema::{accounts, version_proposals as p};
use crate::{Conn, Result, Tx};

/// Stands for a procedure where the proposal is about a paper: `letter` is its kind, `based_on` the edition of the
/// forms, `content` the template.
pub const PAPERS: &str = "papers";

/// A proposal as it is kept.
#[derive(Debug, Clone, HasQuery, Insertable)]
#[diesel(table_name = p)]
pub struct Proposal {
    pub id: Uuid,
    pub procedure: String,
    pub based_on: String,
    pub letter: String,
    pub effective_from: NaiveDate,
    pub content: String,
    pub why: String,
    pub proposed_by: Uuid,
    pub proposed_at: DateTime<Utc>,
    /// `published` or `rejected`; none while it waits.
    pub outcome: Option<String>,
    pub decided_by: Option<Uuid>,
    pub decided_at: Option<DateTime<Utc>>,
}

pub async fn insert(tx: &mut Tx, proposal: &Proposal) -> Result<()> {
    diesel::insert_into(p::table).values(proposal).execute(tx.conn()).await?;
    Ok(())
}

/// A proposal with the name of who made it.
pub async fn find(conn: &mut Conn, id: Uuid) -> Result<(Proposal, String)> {
    let named = p::table.inner_join(accounts::table.on(accounts::id.eq(p::proposed_by)));
    Ok(named.filter(p::id.eq(id)).select((Proposal::as_select(), accounts::name)).first(conn).await?)
}

/// A proposal in a list: all but what it says.
#[derive(Debug, Clone, Queryable)]
pub struct Listed {
    pub id: Uuid,
    pub procedure: String,
    pub based_on: String,
    pub letter: String,
    pub effective_from: NaiveDate,
    pub proposed_at: DateTime<Utc>,
    pub outcome: Option<String>,
    /// Name of who made it.
    pub proposed_by: String,
}

/// The newest proposals, those that wait first.
pub async fn list(conn: &mut Conn, limit: i64) -> Result<Vec<Listed>> {
    let named = p::table.inner_join(accounts::table.on(accounts::id.eq(p::proposed_by)));
    let order = (p::outcome.is_null().desc(), p::proposed_at.desc(), p::id);
    let columns = (
        p::id,
        p::procedure,
        p::based_on,
        p::letter,
        p::effective_from,
        p::proposed_at,
        p::outcome,
        accounts::name,
    );
    Ok(named.order(order).limit(limit).select(columns).load(conn).await?)
}

/// Notes what became of a proposal. False when that was decided before.
pub async fn decide(
    tx: &mut Tx,
    id: Uuid,
    outcome: &'static str,
    by: Option<AccountId>,
    at: DateTime<Utc>,
) -> Result<bool> {
    let waiting = p::table.filter(p::id.eq(id).and(p::outcome.is_null()));
    let decided = (p::outcome.eq(outcome), p::decided_by.eq(by.map(|by| by.0)), p::decided_at.eq(at));
    Ok(diesel::update(waiting).set(decided).execute(tx.conn()).await? == 1)
}

#[derive(QueryableByName)]
struct Found {
    #[diesel(sql_type = diesel::sql_types::Uuid)]
    id: Uuid,
}

/// The newest of the last thousand dossiers of a procedure to whose applicant this letter went.
pub async fn told_by(conn: &mut Conn, procedure: ProcedureKey, letter: &str) -> Result<Option<DossierId>> {
    let found: Option<Found> = diesel::sql_query(
        "SELECT d.id FROM (SELECT id, created_at FROM dossiers WHERE procedure = $1 AND state <> 'draft' ORDER BY created_at DESC LIMIT 1000) d \
         WHERE EXISTS (SELECT FROM messages m WHERE m.dossier_id = d.id AND m.letter = $2) ORDER BY d.created_at DESC LIMIT 1",
    )
    .bind::<Text, _>(procedure.as_str())
    .bind::<Text, _>(letter)
    .get_result(conn)
    .await
    .optional()?;
    Ok(found.map(|found| DossierId(found.id)))
}

/// A dossier by its code or reference.
pub async fn by_code(conn: &mut Conn, code: &str) -> Result<Option<DossierId>> {
    use crate::schema::dossiers as d;
    let known_as = d::reference.eq(code).or(d::code.eq(code)).and(d::state.ne("draft"));
    let found: Option<Uuid> = d::table.filter(known_as).select(d::id).first(conn).await.optional()?;
    Ok(found.map(DossierId))
}

/// A paper of a kind: whose it is, and what it says. The newest of one dossier, or of the ten thousand papers
/// made last.
pub async fn paper_made(conn: &mut Conn, kind: &str, code: Option<&str>) -> Result<Option<(Uuid, String)>> {
    use crate::schema::{dossiers as d, papers as m};
    let newest = m::table.filter(m::kind.eq(kind)).order(m::id.desc()).select((m::dossier_id, m::said));
    let found = match code {
        Some(code) => {
            let of = d::table.filter(d::reference.eq(code).or(d::code.eq(code))).select(d::id);
            newest.filter(m::dossier_id.eq_any(of)).first(conn).await
        }
        None => {
            let last = diesel::alias!(crate::schema::papers as last);
            let id = last.field(m::id);
            let last = last.order(id.desc()).limit(10_000).select(id);
            newest.filter(m::id.eq_any(last)).first(conn).await
        }
    };
    Ok(found.optional()?)
}

/// Papers that were rewritten here, in the order it was decided: kind, first day, template.
pub async fn published_papers(conn: &mut Conn) -> Result<Vec<(String, NaiveDate, String)>> {
    let published = p::table.filter(p::procedure.eq(PAPERS).and(p::outcome.eq("published")));
    let columns = (p::letter, p::effective_from, p::content);
    Ok(published.order((p::decided_at, p::id)).select(columns).load(conn).await?)
}
