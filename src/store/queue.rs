//! Lists of dossiers. Every query carries a scope; there is no unscoped variant, so a search can
//! never show more than a list.

use std::cmp::Reverse;
use std::collections::HashSet;

use chrono::{DateTime, NaiveDate, Utc};
use diesel::dsl::sql;
use diesel::pg::Pg;
use diesel::prelude::*;
use diesel::sql_types::{Array, Bool, Text, Timestamptz};
use diesel_async::RunQueryDsl;
use futures_util::future::try_join_all;
use motcua_domain::dossier::Channel;
use motcua_domain::dossier::state::StateName;
use motcua_domain::ids::{AccountId, DossierId, MatterId, UnitId};
use motcua_domain::person::fold;
use motcua_domain::policy::Scope;
use motcua_domain::procedure::ProcedureKey;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::paging::{Cursor, Page};
use crate::schema::dossiers as d;
use crate::{Conn, Result};

pub(crate) type Condition = Box<dyn BoxableExpression<d::table, Pg, SqlType = Bool>>;

fn ids<T: Copy + Into<Uuid>>(ids: &[T]) -> Vec<Uuid> {
    ids.iter().map(|id| (*id).into()).collect()
}

/// The scope as conditions on rows, each of which one index answers in the order of the list.
/// A single OR over them would read and sort every open dossier of the agency. A row may fit several.
/// What is told of names is found by names only where they are shown.
pub(crate) fn ways(scope: &Scope, filter: &Filter) -> Vec<Condition> {
    let by_name = filter.by_name();
    match scope {
        Scope::Nothing => Vec::new(),
        Scope::Filer(account) => vec![Box::new(d::filer_account_id.eq(account.0).assume_not_null())],
        Scope::Holder(dossier) => vec![Box::new(d::id.eq(dossier.0))],
        Scope::Partner { partner, procedures } => {
            let names: Vec<&'static str> = procedures.iter().map(|key| key.as_str()).collect();
            vec![Box::new(
                d::filer_partner_id.eq(partner.0).assume_not_null().and(d::procedure.eq_any(names)),
            )]
        }
        Scope::Staff { me, lenses } => {
            let mut all: Vec<Condition> = Vec::new();
            for lens in lenses {
                let walled: Vec<Uuid> =
                    std::iter::once(*me).chain(lens.lent_by).map(|account| account.0).collect();
                let mut seen: Vec<Condition> = Vec::new();
                // Own assignments are all seen by one index; nothing else is asked then.
                if lens.account.is_none() || lens.account != filter.assignee {
                    for agency in ids(if by_name { &lens.named } else { &lens.agencies }) {
                        seen.push(Box::new(d::agency_id.eq(agency)));
                    }
                    let units = if by_name { &[][..] } else { &lens.units };
                    for unit in ids(units) {
                        seen.push(Box::new(d::owner_unit_id.eq(unit)));
                    }
                    if !units.is_empty() {
                        seen.push(Box::new(d::asked_units.overlaps_with(ids(units))));
                    }
                }
                if let Some(account) = lens.account {
                    seen.push(Box::new(d::assignee_id.eq(account.0).assume_not_null()));
                }
                all.extend(seen.into_iter().map(|seen| -> Condition {
                    // Drafts entered at the counter are seen by who enters them; other drafts by no staff.
                    let draft: Condition =
                        Box::new(d::state.ne("draft").or(d::filer_staff_id.eq(me.0).assume_not_null()));
                    Box::new(
                        seen.and(draft).and(diesel::dsl::not(d::challenged.overlaps_with(walled.clone()))),
                    )
                }));
            }
            all
        }
    }
}

/// What a list shows of a dossier.
#[derive(Debug, Clone, HasQuery)]
#[diesel(table_name = d)]
pub struct Line {
    pub id: Uuid,
    pub version: i64,
    pub reference: String,
    pub code: Option<String>,
    pub procedure: String,
    pub agency_id: Uuid,
    pub owner_unit_id: Uuid,
    pub assignee_id: Option<Uuid>,
    pub filer_account_id: Option<Uuid>,
    pub filer_partner_id: Option<Uuid>,
    pub filer_staff_id: Option<Uuid>,
    pub challenged: Vec<Uuid>,
    pub asked_units: Vec<Uuid>,
    pub channel: String,
    pub state: String,
    pub step: Option<String>,
    pub next_step: Option<String>,
    pub next_due_at: Option<DateTime<Utc>>,
    pub due_on: Option<NaiveDate>,
    pub created_at: DateTime<Utc>,
    pub submitted_at: Option<DateTime<Utc>>,
    pub received_at: Option<DateTime<Utc>>,
    pub applicant: String,
}

/// Narrows a list; never widens it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Filter {
    pub assignee: Option<AccountId>,
    pub unit: Option<UnitId>,
    pub procedure: Option<ProcedureKey>,
    pub state: Option<StateName>,
    pub step: Option<String>,
    pub channel: Option<Channel>,
    /// Due before this instant.
    pub due_before: Option<DateTime<Utc>>,
    pub search: Option<Search>,
    pub sent_on: Option<SentOn>,
    /// Those that have come to an end, instead of all.
    pub ended: bool,
}

/// What somebody did something on and no longer holds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SentOn {
    pub by: AccountId,
    /// Their units: what stands there was not sent on.
    pub from: Vec<UnitId>,
    /// Acts before are forgotten.
    pub since: DateTime<Utc>,
}

/// What is looked for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Search {
    /// A dossier's code or reference, or the end of one; or the number of its matter's decision.
    Code(String),
    /// Words of the name of somebody the dossier names, folded.
    Name(Vec<String>),
}

impl Search {
    /// What somebody typed: digits are in codes and in no name.
    pub fn of(text: &str) -> Option<Self> {
        let text = text.trim();
        if text.is_empty() {
            return None;
        }
        let code = text.contains(|c: char| c.is_ascii_digit()) || text.to_uppercase().starts_with("YC-");
        Some(if code {
            Self::Code(text.to_uppercase())
        } else {
            Self::Name(fold(text).split(' ').map(str::to_owned).collect())
        })
    }
}

impl Filter {
    fn by_name(&self) -> bool {
        matches!(self.search, Some(Search::Name(_)))
    }

    /// True when an index of the queue answers it: then its rows can be counted.
    pub fn is_plain(&self) -> bool {
        self.procedure.is_none()
            && self.state.is_none()
            && self.step.is_none()
            && self.channel.is_none()
            && self.sent_on.is_none()
            && !self.ended
    }
}

pub(crate) fn either(conditions: impl IntoIterator<Item = Condition>) -> Option<Condition> {
    conditions.into_iter().reduce(|one, other| Box::new(one.or(other)))
}

pub(crate) fn narrowed<'a>(way: Condition, filter: &Filter) -> d::BoxedQuery<'a, Pg> {
    let mut query = d::table.filter(way).into_boxed();
    if let Some(assignee) = filter.assignee {
        query = query.filter(d::assignee_id.eq(assignee.0));
    }
    if let Some(unit) = filter.unit {
        query = query.filter(d::owner_unit_id.eq(unit.0));
    }
    if let Some(procedure) = filter.procedure {
        query = query.filter(d::procedure.eq(procedure.as_str()));
    }
    if let Some(state) = filter.state {
        query = query.filter(d::state.eq(state.as_str()));
    }
    if let Some(step) = &filter.step {
        query = query.filter(d::step.eq(step.clone()));
    }
    if let Some(channel) = filter.channel {
        query = query.filter(d::channel.eq(channel.as_str()));
    }
    if let Some(due_before) = filter.due_before {
        query = query.filter(d::next_due_at.lt(due_before));
    }
    if let Some(sent) = &filter.sent_on {
        query = query
            .filter(d::assignee_id.is_distinct_from(sent.by.0).and(d::owner_unit_id.ne_all(ids(&sent.from))))
            .filter(
                sql::<Bool>("dossiers.id IN (SELECT dossier_id FROM dossier_events WHERE actor ->> 'kind' = 'staff' AND actor ->> 'account' = ")
                    .bind::<Text, _>(sent.by.0.to_string())
                    .sql(" AND at > ")
                    .bind::<Timestamptz, _>(sent.since)
                    .sql(")"),
            );
    }
    if filter.ended {
        query = query.filter(d::ended_at.is_not_null());
    }
    match &filter.search {
        None => query,
        Some(Search::Code(code)) => query.filter(
            sql::<Bool>("(reverse(coalesce(dossiers.code, '')) LIKE ")
                .bind::<Text, _>(ending(code))
                .sql(" OR reverse(dossiers.reference) LIKE ")
                .bind::<Text, _>(ending(code))
                .sql(
                    " OR dossiers.matter_id IN (SELECT id FROM matters WHERE lower(decision_number) = lower(",
                )
                .bind::<Text, _>(code.clone())
                .sql(")))"),
        ),
        Some(Search::Name(words)) => query.filter(names(words)),
    }
}

/// One of the people a dossier names has all these words: found by the index, then looked at name by name.
fn names(words: &[String]) -> Condition {
    let (found, one) = (words.to_vec(), words.to_vec());
    Box::new(
        sql::<Bool>("(motcua_people(applicant, answers) @> ")
            .bind::<Array<Text>, _>(found)
            .sql(" AND motcua_is_named(applicant, answers, ")
            .bind::<Array<Text>, _>(one)
            .sql("))"),
    )
}

/// As a pattern for the reversed text: what people have at hand is mostly the end of a code.
fn ending(code: &str) -> String {
    let escaped = code.chars().rev().flat_map(|c| match c {
        '%' | '_' | '\\' => ['\\', c],
        _ => ['\0', c],
    });
    escaped.filter(|c| *c != '\0').chain(['%']).collect()
}

/// One more than asked for, so that the page knows whether there is a next one.
fn one_more(limit: usize) -> i64 {
    i64::try_from(limit).unwrap_or(i64::MAX).saturating_add(1)
}

/// What several ways found, each row once, in the order of the list.
fn merged<K: Ord>(mut rows: Vec<Line>, limit: usize, order: impl Fn(&Line) -> K) -> Vec<Line> {
    rows.sort_by_key(|line| order(line));
    let mut known = HashSet::new();
    rows.retain(|line| known.insert(line.id));
    rows.truncate(limit.saturating_add(1));
    rows
}

/// Open dossiers, most urgent first. The oldest can never fall out: the order is the due date.
pub async fn open(
    conn: &mut Conn,
    scope: &Scope,
    filter: &Filter,
    after: Option<Cursor>,
    limit: usize,
) -> Result<Page<Line>> {
    let mut rows: Vec<Line> = Vec::new();
    for way in ways(scope, filter) {
        let mut query = narrowed(way, filter).filter(d::ended_at.is_null().and(d::state.ne("draft")));
        if let Some(after) = &after {
            query = query
                .filter(d::next_due_at.ge(after.at).and(d::next_due_at.gt(after.at).or(d::id.gt(after.id))));
        }
        let found: Vec<Line> = query
            .order((d::next_due_at, d::id))
            .limit(one_more(limit))
            .select(Line::as_select())
            .load(conn)
            .await?;
        rows.extend(found);
    }
    let rows = merged(rows, limit, |line| (line.next_due_at, line.id));
    Ok(Page::cut(rows, limit, next_in_queue))
}

/// The first page of [`open`], and how many there are in all, counted no further than `most`.
///
/// Only the keys of the order are read of what is counted; the page is read whole by them.
pub async fn open_counted(
    conn: &mut Conn,
    scope: &Scope,
    filter: &Filter,
    limit: usize,
    most: usize,
) -> Result<(Page<Line>, usize)> {
    let mut keys: Vec<(Option<DateTime<Utc>>, Uuid)> = Vec::new();
    for way in ways(scope, filter) {
        let found: Vec<(Option<DateTime<Utc>>, Uuid)> = narrowed(way, filter)
            .filter(d::ended_at.is_null().and(d::state.ne("draft")))
            .order((d::next_due_at, d::id))
            .limit(i64::try_from(most).unwrap_or(i64::MAX))
            .select((d::next_due_at, d::id))
            .load(conn)
            .await?;
        keys.extend(found);
    }
    keys.sort_unstable();
    keys.dedup();
    let count = keys.len().min(most);
    let first: Vec<Uuid> = keys.into_iter().take(limit.saturating_add(1)).map(|(_, id)| id).collect();
    let rows: Vec<Line> = Line::query().filter(d::id.eq_any(first)).load(conn).await?;
    let rows = merged(rows, limit, |line| (line.next_due_at, line.id));
    Ok((Page::cut(rows, limit, next_in_queue), count))
}

/// How many fit, to the last one: as much work as there are. Open ones, where not the ended are asked for.
pub async fn count(conn: &mut Conn, scope: &Scope, filter: &Filter) -> Result<i64> {
    let Some(seen) = either(ways(scope, filter)) else { return Ok(0) };
    let mut fits = narrowed(seen, filter).filter(d::state.ne("draft"));
    if !filter.ended {
        fits = fits.filter(d::ended_at.is_null());
    }
    Ok(fits.count().get_result(conn).await?)
}

/// How many open dossiers fit each filter, counted no further than `most`; asked together, in one round trip.
pub async fn count_each(
    conn: &mut Conn,
    scope: &Scope,
    filters: &[Filter],
    most: usize,
) -> Result<Vec<usize>> {
    let most = i64::try_from(most).unwrap_or(i64::MAX);
    let conn = &*conn;
    let counts = filters.iter().map(|filter| async move {
        let Some(seen) = either(ways(scope, filter)) else { return Ok(0) };
        let fits = narrowed(seen, filter).filter(d::ended_at.is_null().and(d::state.ne("draft")));
        let mut shared = conn;
        let found: Vec<Uuid> = fits.limit(most).select(d::id).load(&mut shared).await?;
        Ok(found.len())
    });
    try_join_all(counts).await
}

fn next_in_queue(line: &Line) -> Cursor {
    Cursor { at: line.next_due_at.unwrap_or(line.created_at), id: line.id }
}

/// All dossiers in scope, newest first.
pub async fn newest(
    conn: &mut Conn,
    scope: &Scope,
    filter: &Filter,
    after: Option<Cursor>,
    limit: usize,
) -> Result<Page<Line>> {
    let mut rows: Vec<Line> = Vec::new();
    for way in ways(scope, filter) {
        let mut query = narrowed(way, filter);
        if let Some(after) = &after {
            query = query
                .filter(d::created_at.le(after.at).and(d::created_at.lt(after.at).or(d::id.lt(after.id))));
        }
        let found: Vec<Line> = query
            .order((d::created_at.desc(), d::id.desc()))
            .limit(one_more(limit))
            .select(Line::as_select())
            .load(conn)
            .await?;
        rows.extend(found);
    }
    let rows = merged(rows, limit, |line| Reverse((line.created_at, line.id)));
    Ok(Page::cut(rows, limit, |line| Cursor { at: line.created_at, id: line.id }))
}

/// Drafts in scope, newest first: for staff those they entered themselves. The word stands in the statement,
/// so that the small index of drafts answers it.
pub async fn drafts(conn: &mut Conn, scope: &Scope, limit: i64) -> Result<Vec<Line>> {
    let Some(seen) = either(ways(scope, &Filter::default())) else { return Ok(Vec::new()) };
    let drafts = d::table.filter(sql::<Bool>("dossiers.state = 'draft'")).filter(seen);
    let newest = drafts.order((d::created_at.desc(), d::id.desc())).limit(limit);
    Ok(newest.select(Line::as_select()).load(conn).await?)
}

/// Those of these dossiers that are in scope.
pub async fn among(conn: &mut Conn, scope: &Scope, these: &[Uuid]) -> Result<Vec<Line>> {
    // Found by their keys, they need no index of their own for each way.
    let Some(seen) = either(ways(scope, &Filter::default())) else { return Ok(Vec::new()) };
    Ok(d::table.filter(d::id.eq_any(these)).filter(seen).select(Line::as_select()).load(conn).await?)
}

/// Dossiers that belong together: about one matter, or naming people of these names.
#[derive(Debug, Clone, Default)]
pub struct Kin {
    pub matter: Option<MatterId>,
    /// Words of each name, folded.
    pub names: Vec<Vec<String>>,
    /// Not this one.
    pub but: Option<DossierId>,
}

/// Those in scope, newest first. People are known only where their names are shown.
pub async fn kin(conn: &mut Conn, scope: &Scope, kin: &Kin, limit: i64) -> Result<Vec<Line>> {
    let mut wanted: Vec<Condition> = Vec::new();
    if let (Some(matter), Some(seen)) = (kin.matter, either(ways(scope, &Filter::default()))) {
        wanted.push(Box::new(seen.and(d::matter_id.eq(matter.0).assume_not_null())));
    }
    let named = Filter { search: Some(Search::Name(Vec::new())), ..Filter::default() };
    let people = kin.names.iter().filter(|words| !words.is_empty()).map(|words| names(words));
    if let (Some(people), Some(seen)) = (either(people), either(ways(scope, &named))) {
        wanted.push(Box::new(seen.and(people)));
    }
    let Some(wanted) = either(wanted) else { return Ok(Vec::new()) };
    let mut query = d::table.filter(wanted).filter(d::state.ne("draft")).into_boxed();
    if let Some(but) = kin.but {
        query = query.filter(d::id.ne(but.0));
    }
    let newest = query.order((d::created_at.desc(), d::id.desc())).limit(limit);
    Ok(newest.select(Line::as_select()).load(conn).await?)
}
