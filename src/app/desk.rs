//! What the officers' desk shows at once: the queue with who holds what, and one dossier whole.
//! The same permits, records and rules as single reads; only asked together, in few statements.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use motcua_domain::calendar::local_date;
use motcua_domain::deadline::working_days_left;
use motcua_domain::error_code::ErrorCode;
use motcua_domain::ids::{AccountId, AgencyId, UnitId};
use motcua_domain::policy::Scope;
use motcua_domain::text::Text;
use motcua_store::queue;

use crate::lists::{Cursor, Filter, LineView, line};
use crate::{Ctx, Error, Result};

/// Rows are counted no further.
pub const MOST_COUNTED: usize = 1000;

/// A row of the queue.
#[derive(Debug, Clone)]
pub struct QueueLine {
    pub line: LineView,
    pub unit: Text,
    pub step: Option<Text>,
    /// Who handles it.
    pub assignee: Option<String>,
    /// What is next should have been done by now.
    pub late: bool,
    /// Working days until it should be.
    pub days_left: Option<i32>,
}

/// A page of the queue.
#[derive(Debug, Clone)]
pub struct Queue {
    pub lines: Vec<QueueLine>,
    pub next: Option<Cursor>,
    /// How many there are in all, when that can be told cheaply; [`MOST_COUNTED`] means at least so many.
    pub count: Option<usize>,
}

/// Open dossiers of staff, most urgent first, as a page shows them.
///
/// # Errors
/// Not permitted for whoever is no staff.
pub async fn queue(ctx: &Ctx, filter: &Filter, after: Option<Cursor>, limit: usize) -> Result<Queue> {
    if ctx.actor.staff().is_none() {
        return Err(Error::of(ErrorCode::NotPermitted));
    }
    let (rules, now, today) = (ctx.app.rules(), ctx.now(), ctx.today());
    let scope = Scope::of(&ctx.actor, today);
    let mut conn = ctx.app.conn().await?;
    let page = queue::open(&mut conn, &scope, filter, after, limit).await?;
    let count = if after.is_none() && page.next.is_none() {
        Some(page.items.len())
    } else if filter.is_plain() {
        Some(queue::count_open(&mut conn, &scope, filter, MOST_COUNTED).await?)
    } else {
        None
    };
    let mut people: Vec<AccountId> =
        page.items.iter().filter_map(|row| row.assignee_id.map(AccountId)).collect();
    people.sort_unstable();
    people.dedup();
    let names: HashMap<AccountId, String> = if people.is_empty() {
        HashMap::new()
    } else {
        motcua_store::account::names_of(&mut conn, &people).await?.into_iter().collect()
    };
    drop(conn);
    let left = |due: DateTime<Utc>| working_days_left(&rules.calendar, today, local_date(due));
    let lines = page
        .items
        .into_iter()
        .map(|row| {
            let office = rules.find_office(AgencyId(row.agency_id));
            let unit = office.and_then(|office| office.unit(UnitId(row.owner_unit_id)));
            let version = row.procedure.parse().ok().and_then(|key| rules.in_force(key, today));
            let step = row.step.as_deref().and_then(|key| version?.definition.step(key));
            QueueLine {
                unit: unit.map(|unit| unit.name.clone()).unwrap_or_default(),
                step: step.map(|step| step.name.clone()),
                assignee: row.assignee_id.and_then(|id| names.get(&AccountId(id)).cloned()),
                late: row.next_due_at.is_some_and(|due| due < now),
                days_left: row.next_due_at.map(left),
                line: line(ctx, row),
            }
        })
        .collect();
    Ok(Queue { lines, next: page.next, count })
}
