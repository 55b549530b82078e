//! What has to be sent after a decision on enforcement: to the procuracy, and notice to each party, each with
//! its paper and its last day. Law: L08 a.38, a.39; L25 a.35.
//!
//! They are made in the transaction that numbers the decision, so none is forgotten; they stay open until
//! somebody says when and how the paper was sent, also after the result was returned.

use chrono::{DateTime, NaiveDate, Utc};
use motcua_domain::dossier::command::CommandKind;
use motcua_domain::error_code::{ErrorCode, FieldError};
use motcua_domain::ids::{AccountId, DossierId, PaperId};
use motcua_domain::person::{is_safe_text, mask};
use motcua_domain::policy::{Permission, Scope};
use motcua_domain::task::{self, SendingWay, TaskKind};
use motcua_domain::text::{Language, Text};
use motcua_store::queue::Line;
use motcua_store::task::{self as store, Task};
use motcua_store::{Conn, Tx};
use serde_json::json;
use uuid::Uuid;

use crate::access::{self, Opened};
use crate::papers::{self, Addressee};
use crate::{Ctx, Error, Result, act, lists, record};

/// Tasks on one page.
const ON_A_PAGE: i64 = 50;
/// A note is no longer than this.
const LONGEST_NOTE: usize = 500;

/// A task as staff see it.
#[derive(Debug, Clone)]
pub struct TaskView {
    pub id: Uuid,
    pub dossier: DossierId,
    pub code: Option<String>,
    pub paper: PaperId,
    pub kind: TaskKind,
    /// Masked for readers who see personal data masked.
    pub addressee: String,
    pub decided_on: NaiveDate,
    pub due_on: NaiveDate,
    /// Working days to the last day; negative when it has passed. None for what was done.
    pub days_left: Option<i32>,
    pub sent: Option<Sent>,
    /// The reader sees personal data, and so the paper.
    pub prints: bool,
}

/// How it was sent.
#[derive(Debug, Clone)]
pub struct Sent {
    pub on: NaiveDate,
    pub way: SendingWay,
    pub note: Option<String>,
    pub by: AccountId,
    pub at: DateTime<Utc>,
}

/// What is said of a task that was done.
#[derive(Debug, Clone)]
pub struct Sending {
    pub on: NaiveDate,
    pub way: SendingWay,
    pub note: String,
}

/// Makes the tasks that follow these acts, with their papers.
///
/// # Errors
/// When a paper cannot be drawn up; the act fails with it.
pub(crate) async fn follow(ctx: &Ctx, tx: &mut Tx, opened: &Opened, acts: &[CommandKind]) -> Result<()> {
    let decision = opened.dossier().decision.as_ref();
    let follows = decision.is_some_and(|decision| task::follow(&decision.ruling));
    if !follows || !acts.contains(&CommandKind::Number) {
        return Ok(());
    }
    let matter = access::matter_of(tx.conn(), opened.dossier().matter).await?;
    let known = matter.map(|matter| matter.parties).filter(|parties| !parties.is_empty());
    let parties = known.unwrap_or_else(|| act::parties(&opened.filed.answers));
    let procuracy = opened.rules.forms.word("recipients", "procuracy", Language::Vi);
    let procuracy = Addressee { name: procuracy, address: None };
    let parties =
        parties.into_iter().map(|party| Addressee { name: party.full_name, address: Some(party.address) });
    let (today, now) = (ctx.today(), ctx.now());
    let due_on = task::due_on(&opened.rules.calendar, today);
    let mut tasks = Vec::new();
    for (kind, to) in
        [(TaskKind::ProcuracyTransmittal, vec![procuracy]), (TaskKind::PartyNotice, parties.collect())]
    {
        let names: Vec<String> = to.iter().map(|to| to.name.clone()).collect();
        let to = to.into_iter().map(Some).collect();
        let papers = papers::draw(ctx, tx, opened, kind.paper(), to).await?;
        tasks.extend(papers.into_iter().zip(names).map(|(paper, addressee)| Task {
            id: ctx.app.new_id(),
            dossier_id: opened.dossier().id.0,
            paper_id: paper.0,
            kind: kind.as_str().to_owned(),
            addressee,
            decided_on: today,
            due_on,
            created_at: now,
            done_at: None,
            done_by: None,
            sent_on: None,
            way: None,
            note: None,
        }));
    }
    Ok(store::insert(tx, &tasks).await?)
}

fn view(ctx: &Ctx, task: Task, code: Option<String>, personal: bool) -> Result<TaskView> {
    let unknown = |word: &str| Error::internal(format!("a task with the word {word}"));
    let kind: TaskKind = task.kind.parse().map_err(|_| unknown(&task.kind))?;
    let sent = match (task.done_at, task.done_by, task.sent_on, task.way) {
        (Some(at), Some(by), Some(on), Some(way)) => {
            let way = way.parse().map_err(|_| unknown(&way))?;
            Some(Sent { on, way, note: task.note, by: AccountId(by), at })
        }
        _ => None,
    };
    let calendar = &ctx.app.rules().calendar;
    let left = || motcua_domain::deadline::working_days_left(calendar, ctx.today(), task.due_on);
    let named = personal || kind == TaskKind::ProcuracyTransmittal;
    Ok(TaskView {
        id: task.id,
        dossier: DossierId(task.dossier_id),
        code,
        paper: PaperId(task.paper_id),
        kind,
        addressee: if named { task.addressee } else { mask(&task.addressee) },
        decided_on: task.decided_on,
        due_on: task.due_on,
        days_left: sent.is_none().then(left),
        sent,
        prints: personal,
    })
}

/// To whom it goes, and the paper, are for who may see people, and for who sends it.
fn reads(ctx: &Ctx, opened: &Opened) -> bool {
    opened.may(ctx, Permission::ViewPersonal) || opened.may(ctx, Permission::Send)
}

/// Those of a dossier, for who works on it.
pub(crate) fn shown(ctx: &Ctx, opened: &Opened, tasks: Vec<Task>) -> Result<Vec<TaskView>> {
    if !opened.may(ctx, Permission::ViewInternal) {
        return Ok(Vec::new());
    }
    let personal = reads(ctx, opened);
    let code = opened.dossier().code.clone();
    tasks.into_iter().map(|task| view(ctx, task, code.clone(), personal)).collect()
}

/// Where the next page of tasks begins.
pub type After = (NaiveDate, Uuid);

/// Open tasks about the dossiers this person sees, the most urgent first; and where the next page begins.
///
/// # Errors
/// Not permitted for whoever is no staff.
pub async fn open(ctx: &Ctx, after: Option<After>) -> Result<(Vec<TaskView>, Option<After>)> {
    if ctx.actor.staff().is_none() {
        return Err(Error::of(ErrorCode::NotPermitted));
    }
    let scope = Scope::of(&ctx.actor, ctx.today());
    let mut conn = ctx.app.conn().await?;
    let mut found = store::open(&mut conn, &scope, after, ON_A_PAGE.saturating_add(1)).await?;
    let whole = usize::try_from(ON_A_PAGE).unwrap_or(usize::MAX);
    let more = found.len() > whole;
    found.truncate(whole);
    let next = found.last().filter(|_| more).map(|(task, _)| (task.due_on, task.id));
    // Names are shown where the dossier shows them.
    let ids: Vec<Uuid> = found.iter().map(|(task, _)| task.dossier_id).collect();
    let lines = motcua_store::queue::among(&mut conn, &scope, &ids).await?;
    drop(conn);
    let reads = |line: &Line| lists::shows_people(ctx, line) || lists::allows(ctx, line, Permission::Send);
    let personal = |task: &Task| lines.iter().any(|line| line.id == task.dossier_id && reads(line));
    let views = found.into_iter().map(|(task, code)| {
        let personal = personal(&task);
        view(ctx, task, code, personal)
    });
    Ok((views.collect::<Result<_>>()?, next))
}

/// One task, and whether this person may say that it was sent.
///
/// # Errors
/// Not found or forbidden, as for its dossier.
pub async fn read(ctx: &Ctx, id: Uuid) -> Result<(TaskView, bool)> {
    let mut conn = ctx.app.conn().await?;
    let task = store::find(&mut conn, id).await?;
    let opened = access::open(ctx, &mut conn, DossierId(task.dossier_id)).await?;
    opened.permit(ctx, Permission::ViewInternal)?;
    let personal = reads(ctx, &opened);
    let view = view(ctx, task, opened.dossier().code.clone(), personal)?;
    Ok((view, opened.may(ctx, Permission::Send)))
}

/// How many open tasks in this person's sight are late.
pub(crate) async fn count_late(ctx: &Ctx, conn: &mut Conn, scope: &Scope) -> Result<i64> {
    Ok(store::count_late(conn, scope, ctx.today()).await?)
}

/// Says that a paper was sent.
///
/// # Errors
/// Not found or forbidden, as for the dossier; already done; a day before the decision or after today.
pub async fn complete(ctx: &Ctx, id: Uuid, sending: &Sending) -> Result<DossierId> {
    let me = ctx.actor.account().ok_or_else(|| Error::of(ErrorCode::NotPermitted))?;
    let mut tx = ctx.app.begin("complete_task").await?;
    let task = store::lock(&mut tx, id).await?;
    let dossier = DossierId(task.dossier_id);
    let opened = access::open(ctx, tx.conn(), dossier).await?;
    let permit = opened.permit(ctx, Permission::Send)?;
    let mut errors = Vec::new();
    if sending.on > ctx.today() {
        let text = Text::new("Ngày gửi không được sau hôm nay.", "It cannot have been sent after today.");
        errors.push(FieldError::new("/on", ErrorCode::FieldTooLarge, text));
    }
    if sending.on < task.decided_on {
        let text = Text::new(
            "Ngày gửi không được trước ngày ra quyết định.",
            "It cannot have been sent before the day of the decision.",
        );
        errors.push(FieldError::new("/on", ErrorCode::FieldTooSmall, text));
    }
    if sending.note.chars().count() > LONGEST_NOTE {
        errors.push(FieldError::plain("/note", ErrorCode::FieldTooLong));
    }
    if !is_safe_text(&sending.note) {
        errors.push(FieldError::plain("/note", ErrorCode::FieldFormat));
    }
    if !errors.is_empty() {
        return Err(Error::fields(errors));
    }
    if task.done_at.is_some() {
        return Err(Error::of(ErrorCode::AlreadyDone));
    }
    let note = Some(sending.note.trim().to_owned()).filter(|note| !note.is_empty());
    let done = store::Done {
        done_at: ctx.now(),
        done_by: me.0,
        sent_on: sending.on,
        way: sending.way.as_str().to_owned(),
        note,
    };
    store::finish(&mut tx, id, &done).await?;
    let body = json!({ "task": id, "kind": task.kind, "paper": task.paper_id, "sent_on": sending.on, "way": sending.way, "note": done.note });
    let doer = opened.actor.doer(permit.ground().acting_for);
    record::paper(ctx, &mut tx, &doer, "complete_task", dossier, &body).await?;
    tx.commit().await?;
    Ok(dossier)
}

/// Reckons the last days of open tasks anew after a change of the calendar.
///
/// # Errors
/// When the database is away.
pub(crate) async fn move_due(ctx: &Ctx, since: NaiveDate) -> Result<()> {
    let rules = ctx.app.rules();
    let mut tx = ctx.app.begin("move_due_tasks").await?;
    for day in store::open_days(tx.conn(), since).await? {
        store::move_due(&mut tx, day, task::due_on(&rules.calendar, day)).await?;
    }
    tx.commit().await?;
    Ok(())
}
