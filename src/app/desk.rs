//! What the officers' desk shows at once: the queue with who holds what, and one dossier whole.
//! The same permits, records and rules as single reads; only asked together, in few statements.

use std::collections::HashMap;

use chrono::{DateTime, NaiveDate, NaiveTime, TimeDelta, Utc};
use motcua_domain::actor::Doer;
use motcua_domain::calendar::{local_date, vietnam};
use motcua_domain::deadline::working_days_left;
use motcua_domain::document::Document;
use motcua_domain::dossier::command::CommandKind;
use motcua_domain::dossier::event::Event;
use motcua_domain::dossier::state::State;
use motcua_domain::error_code::ErrorCode;
use motcua_domain::ids::{AccountId, AgencyId, DossierId, UnitId};
use motcua_domain::matter::Matter;
use motcua_domain::person::fold;
use motcua_domain::policy::{Permission, Scope};
use motcua_domain::procedure::ProcedureKey;
use motcua_domain::text::Text;
use motcua_store::{desk as store, queue};
use serde_json::Value;
use uuid::Uuid;

use crate::access::Opened;
use crate::assignment::{self, Suggestion};
use crate::letters::{self, MessageView};
use crate::lists::{self, Cursor, EventView, Filter, LineView, line};
use crate::papers::{self, PaperView};
use crate::register::{self, Kin};
use crate::tasks::{self, TaskView};
use crate::view::{self, DossierView};
use crate::{Ctx, Error, Result, access, documents, record};

/// Rows are counted no further.
pub const MOST_COUNTED: usize = 1000;

/// Whoever takes the next dossier has it to himself for so long.
const TAKEN_FOR: TimeDelta = TimeDelta::minutes(15);
/// So many are looked at for one that nobody has taken.
const MOST_LOOKED_AT: usize = 100;
const MOST_FILTERS: usize = 1000;
/// People by whose names earlier dossiers are sought.
const MOST_PEOPLE: usize = 12;

/// A row of the queue.
#[derive(Debug, Clone)]
pub struct QueueLine {
    pub line: LineView,
    pub unit: Text,
    pub step: Option<Text>,
    /// Who handles it.
    pub assignee: Option<String>,
    /// Somebody else has taken it for the moment.
    pub taken_by: Option<String>,
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
    /// Whom dossiers of the agencies in view can be with.
    pub officers: Vec<(AccountId, String)>,
}

/// Open dossiers of staff, most urgent first, as a page shows them; those that have ended newest first.
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
    let (page, count) = if filter.ended {
        let page = queue::newest(&mut conn, &scope, filter, after, limit).await?;
        let count = (after.is_none() && page.next.is_none()).then_some(page.items.len());
        (page, count)
    } else if after.is_none() && filter.is_plain() {
        let (page, count) = queue::open_counted(&mut conn, &scope, filter, limit, MOST_COUNTED).await?;
        (page, Some(count))
    } else {
        let page = queue::open(&mut conn, &scope, filter, after, limit).await?;
        let count = (after.is_none() && page.next.is_none()).then_some(page.items.len());
        (page, count)
    };
    let shown: Vec<Uuid> = page.items.iter().map(|row| row.id).collect();
    let mut hands: HashMap<Uuid, store::Hands> =
        store::hands(&mut conn, &shown, now).await?.into_iter().map(|hand| (hand.dossier, hand)).collect();
    // One's own work is not sought by officer.
    let officers = if filter.assignee.is_some() && filter.assignee == ctx.actor.account() {
        Vec::new()
    } else {
        store::officers(&mut conn, &scope.agencies()).await?
    };
    drop(conn);
    let me = ctx.actor.account();
    // Nothing is due any more on what has ended.
    let left = |due: DateTime<Utc>| working_days_left(&rules.calendar, today, local_date(due));
    let lines = page
        .items
        .into_iter()
        .map(|row| {
            let office = rules.find_office(AgencyId(row.agency_id));
            let unit = office.and_then(|office| office.unit(UnitId(row.owner_unit_id)));
            let version = row.procedure.parse().ok().and_then(|key| rules.in_force(key, today));
            let step = row.step.as_deref().and_then(|key| version?.definition.step(key));
            let hand = hands.remove(&row.id);
            let (assignee, taken_by) = hand.map_or((None, None), |hand| {
                let others = hand.taken_by.map(AccountId) != me;
                (hand.officer, hand.taken_name.filter(|_| others))
            });
            QueueLine {
                unit: unit.map(|unit| unit.name.clone()).unwrap_or_default(),
                step: step.map(|step| step.name.clone()),
                assignee,
                taken_by,
                late: row.next_due_at.is_some_and(|due| due < now && !filter.ended),
                days_left: row.next_due_at.filter(|_| !filter.ended).map(left),
                line: line(ctx, row),
            }
        })
        .collect();
    Ok(Queue { lines, next: page.next, count, officers })
}

/// How many open dossiers stand in each of these parts of the queue, counted no further than `most`.
///
/// # Errors
/// Not permitted for whoever is no staff.
pub async fn count_each(ctx: &Ctx, parts: &[Filter], most: usize) -> Result<Vec<usize>> {
    if ctx.actor.staff().is_none() {
        return Err(Error::of(ErrorCode::NotPermitted));
    }
    let mut conn = ctx.app.conn().await?;
    Ok(queue::count_each(&mut conn, &Scope::of(&ctx.actor, ctx.today()), parts, most).await?)
}

/// How many dossiers fit, exactly. It is asked apart from the page, which never waits for it.
///
/// # Errors
/// Not permitted for whoever is no staff.
pub async fn count(ctx: &Ctx, filter: &Filter) -> Result<usize> {
    if ctx.actor.staff().is_none() {
        return Err(Error::of(ErrorCode::NotPermitted));
    }
    let mut conn = ctx.app.conn().await?;
    let count = queue::count(&mut conn, &Scope::of(&ctx.actor, ctx.today()), filter).await?;
    Ok(usize::try_from(count).unwrap_or_default())
}

/// Takes the most urgent open dossier of a part of the queue that nobody else has taken, for a quarter of
/// an hour, so that two who ask at once get different ones. None when nothing is left.
///
/// # Errors
/// Not permitted for whoever is no staff.
pub async fn take_next(ctx: &Ctx, filter: &Filter) -> Result<Option<DossierId>> {
    let me = ctx.actor.account().filter(|_| ctx.actor.staff().is_some());
    let Some(me) = me else { return Err(Error::of(ErrorCode::NotPermitted)) };
    let (now, scope) = (ctx.now(), Scope::of(&ctx.actor, ctx.today()));
    let mut tx = ctx.app.begin("take_next").await?;
    let page = queue::open(tx.conn(), &scope, filter, None, MOST_LOOKED_AT).await?;
    for line in page.items {
        let others = line.assignee_id.is_some_and(|officer| officer != me.0);
        let id = DossierId(line.id);
        if !others && store::claim(&mut tx, id, me, now, ctx.app.after(TAKEN_FOR)).await? {
            tx.commit().await?;
            return Ok(Some(id));
        }
    }
    tx.commit().await?;
    Ok(None)
}

/// Filters this person asked to keep, as a query string.
///
/// # Errors
/// When the database is away.
pub async fn kept_filters(ctx: &Ctx) -> Result<Option<String>> {
    let Some(me) = ctx.actor.account() else { return Ok(None) };
    Ok(store::filters(&mut *ctx.app.conn().await?, me).await?)
}

/// Keeps filters for the next time; an empty text forgets them.
///
/// # Errors
/// Not permitted for whoever is no staff; too long.
pub async fn keep_filters(ctx: &Ctx, query: &str) -> Result<()> {
    let me = ctx.actor.account().filter(|_| ctx.actor.staff().is_some());
    let Some(me) = me else { return Err(Error::of(ErrorCode::NotPermitted)) };
    if query.len() > MOST_FILTERS {
        return Err(Error::of(ErrorCode::MalformedParameter));
    }
    let mut tx = ctx.app.begin("keep_filters").await?;
    store::keep_filters(&mut tx, me, query).await?;
    tx.commit().await?;
    Ok(())
}

/// One dossier whole, as its officer sees it.
#[derive(Debug, Clone)]
pub struct Whole {
    pub view: DossierView,
    pub papers: Vec<Document>,
    pub events: Vec<EventView>,
    /// Names of the staff who did something on it, or could.
    pub people: HashMap<AccountId, String>,
    /// Its matter, for who reads the register it is in.
    pub matter: Option<Matter>,
    /// Others about the matter, or naming one of its people.
    pub earlier: Vec<LineView>,
    /// What was sent to the applicant, newest first, for who may read it.
    pub letters: Vec<MessageView>,
    /// Papers the office made, oldest first.
    pub made: Vec<PaperView>,
    /// May give the applicant a new tracking key.
    pub rekeys: bool,
    /// May add papers that came after it was filed.
    pub attaches: bool,
    /// Who could take it, for who may assign.
    pub officers: Vec<Suggestion>,
    /// Who could be named in the decision, for who may draft it.
    pub named: Vec<Suggestion>,
    /// May see who opened it.
    pub audit: bool,
    /// What has to be sent after its decision.
    pub tasks: Vec<TaskView>,
    /// May say that it was sent.
    pub sends: bool,
}

/// Opens a dossier at the desk. The view is recorded, as every view is.
///
/// # Errors
/// Not found when it is hidden; not permitted for whoever is no staff.
pub async fn open(ctx: &Ctx, id: DossierId) -> Result<Whole> {
    if ctx.actor.staff().is_none() {
        return Err(Error::of(ErrorCode::NotPermitted));
    }
    let mut conn = ctx.app.conn().await?;
    let opened = access::open(ctx, &mut conn, id).await?;
    opened.permit(ctx, Permission::View)?;
    let beside = store::beside(&mut conn, id).await?;
    let papers = opened.asked.knows(beside.documents).to_vec();
    record::view(ctx, &mut conn, &opened, "dossier.viewed", Value::Null).await?;
    let facts = access::facts(ctx, &mut conn, &opened).await?;
    let view = view::build_with(ctx, &mut conn, &opened, &facts).await?;
    let dossier = opened.dossier();
    let may = |kind| view.allowed_actions.iter().any(|allowed| allowed.act == kind);
    let (mut officers, mut named) = (Vec::new(), Vec::new());
    if may(CommandKind::Assign) {
        officers =
            assignment::choices(ctx, &mut conn, dossier, dossier.agency, facts.matter.as_ref()).await?;
    }
    let names_one =
        matches!(dossier.procedure, ProcedureKey::EnforcementDecision | ProcedureKey::OfficerReplacement);
    if may(CommandKind::Draft) && names_one {
        named = if dossier.home() == dossier.agency && !officers.is_empty() {
            officers.clone()
        } else {
            assignment::choices(ctx, &mut conn, dossier, dossier.home(), facts.matter.as_ref()).await?
        };
    }
    let events = lists::shown_events(ctx, &opened, beside.events)?;
    let mut asked: Vec<AccountId> = events.iter().flat_map(people_of).collect();
    asked.extend(dossier.assignee.map(|officer| officer.account));
    asked.extend(beside.tasks.iter().filter_map(|task| task.done_by.map(AccountId)));
    let matter = facts
        .matter
        .filter(|matter| lists::register_of(ctx).is_ok_and(|agencies| agencies.contains(&matter.agency)));
    asked.extend(matter.as_ref().and_then(|matter| matter.officer).map(|officer| officer.account));
    asked.sort_unstable();
    asked.dedup();
    let earlier = register::kin(ctx, &mut conn, &kin_of(ctx, &opened)).await?;
    let mut people: HashMap<AccountId, String> =
        motcua_store::account::names_of(&mut conn, &asked).await?.into_iter().collect();
    people.extend(officers.iter().chain(&named).map(|officer| (officer.account, officer.name.clone())));
    Ok(Whole {
        papers: papers.into_iter().map(|paper| documents::shown(ctx, &opened, paper)).collect(),
        audit: opened.may(ctx, Permission::ViewAudit),
        tasks: tasks::shown(ctx, &opened, beside.tasks)?,
        sends: opened.may(ctx, Permission::Send),
        view,
        events,
        people,
        matter,
        earlier,
        letters: letters::shown(ctx, &opened, beside.letters),
        made: papers::shown(ctx, &opened, &beside.papers),
        attaches: documents::may_change(ctx, &opened).is_ok(),
        rekeys: dossier.state != State::Draft && opened.may(ctx, Permission::Rekey),
        officers,
        named,
    })
}

/// The people of a dossier are told by their whole names; further ones are found through its matter.
fn kin_of(ctx: &Ctx, opened: &Opened) -> Kin {
    let dossier = opened.dossier();
    let mut names = Vec::new();
    if opened.may(ctx, Permission::ViewPersonal) {
        let parties = crate::act::parties(&opened.filed.answers);
        let all = std::iter::once(&dossier.contact.name).chain(parties.iter().map(|party| &party.full_name));
        names = all.map(|name| fold(name).split(' ').map(str::to_owned).collect()).collect();
        names.sort();
        names.dedup();
        names.truncate(MOST_PEOPLE);
    }
    Kin { matter: dossier.matter, names, but: Some(dossier.id) }
}

/// The end of a day in Viet Nam.
pub fn end_of(day: NaiveDate) -> Option<DateTime<Utc>> {
    let next = day.succ_opt()?.and_time(NaiveTime::MIN);
    Some(next.and_local_timezone(vietnam()).single()?.to_utc())
}

/// Staff an event names.
fn people_of(line: &EventView) -> Vec<AccountId> {
    let mut people = Vec::new();
    if let Some(Doer::Staff { account, acting_for }) = &line.actor {
        people.push(*account);
        people.extend(*acting_for);
    }
    if let Event::Assigned { officer, .. } = &line.event {
        people.push(officer.account);
    }
    people
}

/// Who opened a dossier last, with names; for who may see its record.
///
/// # Errors
/// Not found or forbidden.
pub async fn looks(ctx: &Ctx, id: DossierId) -> Result<Vec<(lists::AuditLine, Option<String>)>> {
    let views = lists::audit(ctx, id).await?.views;
    let mut asked: Vec<AccountId> = views.iter().filter_map(|line| staff_of(&line.actor)).collect();
    asked.sort_unstable();
    asked.dedup();
    let mut conn = ctx.app.conn().await?;
    let names: HashMap<AccountId, String> =
        motcua_store::account::names_of(&mut conn, &asked).await?.into_iter().collect();
    let named = |line: lists::AuditLine| {
        let name = staff_of(&line.actor).and_then(|account| names.get(&account).cloned());
        (line, name)
    };
    Ok(views.into_iter().map(named).collect())
}

fn staff_of(doer: &Doer) -> Option<AccountId> {
    match doer {
        Doer::Staff { account, .. } => Some(*account),
        Doer::Anonymous | Doer::Holder | Doer::Citizen { .. } | Doer::Partner { .. } | Doer::System => None,
    }
}
