//! Lists of dossiers. Every query carries a scope; there is no unscoped variant, so a search can
//! never show more than a list.

use chrono::{DateTime, NaiveDate, Utc};
use diesel::pg::Pg;
use diesel::prelude::*;
use diesel::sql_types::Bool;
use diesel_async::RunQueryDsl;
use motcua_domain::dossier::Channel;
use motcua_domain::dossier::state::StateName;
use motcua_domain::ids::{AccountId, UnitId};
use motcua_domain::policy::Scope;
use motcua_domain::procedure::ProcedureKey;
use uuid::Uuid;

use crate::paging::{Cursor, Page};
use crate::schema::dossiers as d;
use crate::{Conn, Result};

type Condition = Box<dyn BoxableExpression<d::table, Pg, SqlType = Bool>>;

fn ids<T: Copy + Into<Uuid>>(ids: &[T]) -> Vec<Uuid> {
    ids.iter().map(|id| (*id).into()).collect()
}

/// One value is compared by `=`, so that an index also gives the order.
fn agency_in(agencies: &[Uuid]) -> Condition {
    match agencies {
        [one] => Box::new(d::agency_id.eq(*one)),
        many => Box::new(d::agency_id.eq_any(many.to_vec())),
    }
}

/// The scope as a condition on rows.
fn within(scope: &Scope) -> Condition {
    match scope {
        Scope::Nothing => Box::new(false.into_sql::<Bool>()),
        Scope::Filer(account) => Box::new(d::filer_account_id.eq(account.0).assume_not_null()),
        Scope::Holder(dossier) => Box::new(d::id.eq(dossier.0)),
        Scope::Partner { partner, procedures, agencies } => {
            let names: Vec<&'static str> = procedures.iter().map(|key| key.as_str()).collect();
            let own: Condition =
                Box::new(d::filer_partner_id.eq(partner.0).assume_not_null().and(d::procedure.eq_any(names)));
            if agencies.is_empty() { own } else { Box::new(own.and(agency_in(&ids(agencies)))) }
        }
        Scope::Staff { me, lenses } => {
            let mut any: Option<Condition> = None;
            for lens in lenses {
                let mut parts: Vec<Condition> = Vec::new();
                if !lens.agencies.is_empty() {
                    parts.push(agency_in(&ids(&lens.agencies)));
                }
                if !lens.units.is_empty() {
                    let units = ids(&lens.units);
                    parts.push(Box::new(
                        d::owner_unit_id.eq_any(units.clone()).or(d::asked_units.overlaps_with(units)),
                    ));
                }
                if let Some(account) = lens.account {
                    parts.push(Box::new(d::assignee_id.eq(account.0).assume_not_null()));
                }
                let seen = parts.into_iter().reduce(|one, other| Box::new(one.or(other)));
                if let Some(seen) = seen {
                    any = Some(match any {
                        None => seen,
                        Some(before) => Box::new(before.or(seen)),
                    });
                }
            }
            match any {
                // Drafts entered at the counter are seen by who enters them; other drafts by no staff.
                Some(any) => {
                    let draft: Condition =
                        Box::new(d::state.ne("draft").or(d::filer_staff_id.eq(me.0).assume_not_null()));
                    Box::new(any.and(draft).and(diesel::dsl::not(d::challenged.contains(vec![me.0]))))
                }
                None => Box::new(false.into_sql::<Bool>()),
            }
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
#[derive(Debug, Clone, Default)]
pub struct Filter {
    pub assignee: Option<AccountId>,
    pub unit: Option<UnitId>,
    pub procedure: Option<ProcedureKey>,
    pub state: Option<StateName>,
    pub step: Option<String>,
    pub channel: Option<Channel>,
    /// Due before this instant.
    pub due_before: Option<DateTime<Utc>>,
}

fn narrowed<'a>(scope: &Scope, filter: &Filter) -> d::BoxedQuery<'a, Pg> {
    let mut query = d::table.filter(within(scope)).into_boxed();
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
    query
}

/// Open dossiers, most urgent first. The oldest can never fall out: the order is the due date.
pub async fn open(
    conn: &mut Conn,
    scope: &Scope,
    filter: &Filter,
    after: Option<Cursor>,
    limit: usize,
) -> Result<Page<Line>> {
    let mut query = narrowed(scope, filter).filter(d::ended_at.is_null().and(d::state.ne("draft")));
    if let Some(after) = after {
        query =
            query.filter(d::next_due_at.ge(after.at).and(d::next_due_at.gt(after.at).or(d::id.gt(after.id))));
    }
    let rows: Vec<Line> = query
        .order((d::next_due_at, d::id))
        .limit(i64::try_from(limit).unwrap_or(i64::MAX).saturating_add(1))
        .select(Line::as_select())
        .load(conn)
        .await?;
    Ok(Page::cut(rows, limit, |line| Cursor { at: line.next_due_at.unwrap_or(line.created_at), id: line.id }))
}

/// All dossiers in scope, newest first.
pub async fn newest(
    conn: &mut Conn,
    scope: &Scope,
    filter: &Filter,
    after: Option<Cursor>,
    limit: usize,
) -> Result<Page<Line>> {
    let mut query = narrowed(scope, filter);
    if let Some(after) = after {
        query =
            query.filter(d::created_at.le(after.at).and(d::created_at.lt(after.at).or(d::id.lt(after.id))));
    }
    let rows: Vec<Line> = query
        .order((d::created_at.desc(), d::id.desc()))
        .limit(i64::try_from(limit).unwrap_or(i64::MAX).saturating_add(1))
        .select(Line::as_select())
        .load(conn)
        .await?;
    Ok(Page::cut(rows, limit, |line| Cursor { at: line.created_at, id: line.id }))
}
