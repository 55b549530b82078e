//! One act on many dossiers: what it would do to each, then a run in the background that can be paused,
//! with what became of each.
//!
//! Nothing is decided for many at once: every dossier is judged alone, by the rights whoever began it has
//! at that moment, and one that is refused keeps no other from being done.

use std::collections::{HashMap, HashSet};

use chrono::{DateTime, Utc};
use motcua_domain::dossier::allowed::{ClockEffect, effect};
use motcua_domain::dossier::command::{Command, CommandKind};
use motcua_domain::dossier::plan::possible;
use motcua_domain::dossier::undo;
use motcua_domain::error_code::ErrorCode;
use motcua_domain::ids::{AccountId, AgencyId, BulkRunId, DossierId};
use motcua_domain::policy::{Permission, Scope, ever};
use motcua_domain::text::Text;
pub use motcua_store::bulk::Count;
use motcua_store::{Conn, bulk as store, queue};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::access::{self, Opened};
use crate::act::{self, check_version};
use crate::assignment::{self, Suggestion};
use crate::idempotency::Ticket;
use crate::jobs::Work;
use crate::letters::Composed;
use crate::lists::{Filter, LineView, line};
use crate::{Ctx, Error, Result};

/// Dossiers of one run.
pub const MOST: usize = 500;
const RUNS_LISTED: i64 = 50;

/// Acts that say the same of every dossier.
const KINDS: [CommandKind; 8] = [
    CommandKind::Receive,
    CommandKind::CompleteStep,
    CommandKind::Assign,
    CommandKind::Sign,
    CommandKind::Number,
    CommandKind::HandOver,
    CommandKind::AddNote,
    CommandKind::Undo,
];

/// Dossiers, each as it was looked at.
pub type Selection = [(DossierId, i64)];

/// What is said with the act, as the API takes it.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Said {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub officer: Option<AccountId>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
}

impl Said {
    /// What is missing for every dossier alike is said before anything begins.
    fn check(&self, kind: CommandKind) -> Result<()> {
        let required = |pointer| Err(Error::field(pointer, ErrorCode::FieldRequired));
        match kind {
            CommandKind::Assign if self.officer.is_none() => required("/officer"),
            CommandKind::AddNote if self.text.as_deref().unwrap_or_default().trim().is_empty() => {
                required("/text")
            }
            _ => Ok(()),
        }
    }

    /// The act on one dossier.
    pub(crate) fn command(self, kind: CommandKind, opened: &Opened) -> Result<Command> {
        Ok(match kind {
            CommandKind::Receive => Command::receive(None),
            CommandKind::CompleteStep => {
                let (step, outcome) = only_way(opened)?;
                Command::CompleteStep { step, outcome, note: self.note }
            }
            CommandKind::Assign => {
                let officer =
                    self.officer.ok_or_else(|| Error::field("/officer", ErrorCode::FieldRequired))?;
                Command::Assign { officer, note: self.note }
            }
            CommandKind::Sign => Command::Sign,
            CommandKind::Number => Command::Number { number: String::new() },
            CommandKind::HandOver => Command::HandOver,
            CommandKind::AddNote => Command::AddNote { text: self.text.unwrap_or_default() },
            CommandKind::Undo => Command::Undo,
            _ => return Err(Error::of(ErrorCode::ActNotAllowed)),
        })
    }
}

/// The step a dossier is at and its outcome, when there is only one to choose.
fn only_way(opened: &Opened) -> Result<(String, String)> {
    let step = opened.dossier().state.step().and_then(|key| opened.version.definition.step(key));
    let step = step.ok_or_else(|| Error::of(ErrorCode::ActNotAllowed))?;
    let mut plain = step.outcomes.iter().filter(|outcome| outcome.when.is_none());
    match (plain.next(), plain.next()) {
        (Some(only), None) => Ok((step.key.clone(), only.key.clone())),
        _ => Err(Error::saying(
            ErrorCode::ActNotAllowed,
            Text::new(
                "Bước này có nhiều kết quả để chọn; hãy mở hồ sơ và chọn.",
                "This step can end in several ways; open the dossier and choose.",
            ),
        )),
    }
}

/// Why a dossier was not done.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Problem {
    pub code: ErrorCode,
    pub text: Text,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub details: Vec<Text>,
}

impl From<Error> for Problem {
    fn from(error: Error) -> Self {
        let details = error.errors.into_iter().map(|wrong| wrong.text).collect();
        Self { code: error.code, text: error.text, details }
    }
}

/// One dossier before the act.
#[derive(Debug, Clone)]
pub struct Previewed {
    pub line: LineView,
    /// What it would do, or why it would not be done.
    pub verdict: Result<Opens, Problem>,
}

/// What an act that is open would do.
#[derive(Debug, Clone)]
pub struct Opens {
    pub clock_effect: ClockEffect,
    /// A letter goes out.
    pub letter: bool,
    /// What the rules found worth saying first.
    pub warnings: Vec<Text>,
}

/// What a run would do now.
#[derive(Debug, Clone)]
pub struct Preview {
    pub items: Vec<Previewed>,
    /// Who could take them, for an assignment.
    pub officers: Vec<Suggestion>,
    /// The letter to the first applicant who gets one, as an example.
    pub letter: Option<Composed>,
}

/// A run as whoever began it sees it.
#[derive(Debug, Clone)]
pub struct RunView {
    pub id: BulkRunId,
    pub act: CommandKind,
    /// `running`, `paused` or `done`.
    pub state: String,
    pub created_at: DateTime<Utc>,
    pub finished_at: Option<DateTime<Utc>>,
    pub count: Count,
}

impl RunView {
    fn of(run: store::Run, count: Count) -> Result<Self> {
        Ok(Self {
            id: BulkRunId(run.id),
            act: run.act.parse().map_err(|_| Error::internal("a run of an unknown act"))?,
            state: run.state,
            created_at: run.created_at,
            finished_at: run.finished_at,
            count,
        })
    }
}

/// One dossier of a run.
#[derive(Debug, Clone)]
pub struct ItemView {
    pub dossier: DossierId,
    /// None when it is out of this person's sight by now.
    pub line: Option<LineView>,
    pub done: bool,
    pub problem: Option<Problem>,
    pub at: Option<DateTime<Utc>>,
}

fn me(ctx: &Ctx) -> Result<AccountId> {
    let me = ctx.actor.account().filter(|_| ctx.actor.staff().is_some());
    me.ok_or_else(|| Error::of(ErrorCode::NotPermitted))
}

fn may(ctx: &Ctx, kind: CommandKind) -> bool {
    KINDS.contains(&kind) && ever(&ctx.actor, Permission::Act(kind), ctx.today())
}

/// Acts on many dossiers that a role of this person may do at all. A run is undone from its own page.
pub fn offered(ctx: &Ctx) -> Vec<CommandKind> {
    KINDS.into_iter().filter(|kind| *kind != CommandKind::Undo && may(ctx, *kind)).collect()
}

fn permit(ctx: &Ctx, kind: CommandKind) -> Result<AccountId> {
    let me = me(ctx)?;
    if may(ctx, kind) { Ok(me) } else { Err(Error::of(ErrorCode::NotPermitted)) }
}

/// All open dossiers that fit a filter, the most urgent first, no more than one run takes.
///
/// # Errors
/// Not permitted for whoever is no staff.
pub async fn fitting(ctx: &Ctx, filter: &Filter) -> Result<Vec<(DossierId, i64)>> {
    me(ctx)?;
    let scope = Scope::of(&ctx.actor, ctx.today());
    let page = queue::open(&mut *ctx.app.conn().await?, &scope, filter, None, MOST).await?;
    Ok(page.items.into_iter().map(|row| (DossierId(row.id), row.version)).collect())
}

/// Rows of these dossiers, as far as this person sees them.
async fn seen(ctx: &Ctx, conn: &mut Conn, these: Vec<Uuid>) -> Result<HashMap<DossierId, LineView>> {
    let rows = queue::among(conn, &Scope::of(&ctx.actor, ctx.today()), &these).await?;
    Ok(rows.into_iter().map(|row| (DossierId(row.id), line(ctx, row))).collect())
}

/// Each dossier once, all of them in sight.
async fn chosen(
    ctx: &Ctx,
    conn: &mut Conn,
    selection: &Selection,
) -> Result<(Vec<(DossierId, i64)>, HashMap<DossierId, LineView>)> {
    let mut known = HashSet::new();
    let once: Vec<_> = selection.iter().copied().filter(|(id, _)| known.insert(*id)).collect();
    if once.len() > MOST {
        return Err(Error::of(ErrorCode::FieldTooMany));
    }
    let lines = seen(ctx, conn, once.iter().map(|(id, _)| id.0).collect()).await?;
    if once.iter().all(|(id, _)| lines.contains_key(id)) {
        Ok((once, lines))
    } else {
        Err(Error::not_found())
    }
}

/// What the act would do to each of these dossiers now. Nothing is done.
///
/// # Errors
/// Not permitted when no role of this person does it; not found when a dossier is hidden; too many.
pub async fn preview(ctx: &Ctx, kind: CommandKind, selection: &Selection) -> Result<Preview> {
    permit(ctx, kind)?;
    let mut conn = ctx.app.conn().await?;
    let (once, mut lines) = chosen(ctx, &mut conn, selection).await?;
    let mut items = Vec::new();
    let mut agency: Option<AgencyId> = None;
    for (id, version) in once {
        let Some(line) = lines.remove(&id) else { continue };
        let opened = access::open(ctx, &mut conn, id).await?;
        agency = agency.or(Some(opened.dossier().agency));
        let verdict = match judge(ctx, &mut conn, &opened, kind, version).await {
            Err(error) if error.private().is_some() => return Err(error),
            verdict => verdict.map_err(Problem::from),
        };
        items.push(Previewed { line, verdict });
    }
    let officers = match agency.filter(|_| kind == CommandKind::Assign) {
        Some(agency) => assignment::officers(ctx, &mut conn, agency, &[], None).await?,
        None => Vec::new(),
    };
    drop(conn);
    let told = items.iter().find(|item| item.verdict.as_ref().is_ok_and(|opens| opens.letter));
    let letter = match told.map(|item| (item.line.id, item.line.version)) {
        Some((id, version)) => example(ctx, kind, id, version).await?,
        None => None,
    };
    Ok(Preview { items, officers, letter })
}

/// The letter one dossier's applicant would get. None for what has to be said first.
async fn example(ctx: &Ctx, kind: CommandKind, id: DossierId, version: i64) -> Result<Option<Composed>> {
    let opened = access::open(ctx, &mut *ctx.app.conn().await?, id).await?;
    let Ok(command) = Said::default().command(kind, &opened) else { return Ok(None) };
    let ticket = Ticket { expected_version: Some(version), key: None };
    match act::preview(ctx, id, &ticket, command).await {
        Ok(preview) => Ok(preview.letter),
        Err(error) if error.private().is_some() => Err(error),
        Err(_) => Ok(None),
    }
}

/// Whether the act is open on one dossier, by what does not depend on what is typed.
async fn judge(
    ctx: &Ctx,
    conn: &mut Conn,
    opened: &Opened,
    kind: CommandKind,
    version: i64,
) -> Result<Opens> {
    let permit = opened.permit(ctx, Permission::Act(kind))?;
    check_version(opened, Some(version))?;
    let mut facts = access::facts(ctx, conn, opened).await?;
    facts.acting_for = permit.ground().acting_for;
    let warnings = possible(opened.dossier(), &opened.office()?, &facts, kind, ctx.now())?;
    if kind == CommandKind::CompleteStep {
        only_way(opened)?;
    }
    let rule = opened.version.definition.act(kind);
    Ok(Opens {
        clock_effect: effect(kind, opened.dossier()),
        letter: rule.is_some_and(|rule| rule.letter.is_some()),
        warnings,
    })
}

/// Begins a run. It goes on in the background until it is paused or every dossier has its answer.
///
/// # Errors
/// As [`preview`]; what is missing in what was said; nothing chosen.
pub async fn begin(
    ctx: &Ctx,
    ticket: &Ticket,
    kind: CommandKind,
    said: &Said,
    selection: &Selection,
) -> Result<BulkRunId> {
    let me = permit(ctx, kind)?;
    said.check(kind)?;
    let mut tx = ctx.app.begin("begin_bulk_run").await?;
    if let Some(id) = ticket.claim(ctx, &mut tx).await? {
        return Ok(id);
    }
    let (once, _) = chosen(ctx, tx.conn(), selection).await?;
    if once.is_empty() {
        return Err(Error::of(ErrorCode::FieldRequired));
    }
    let id: BulkRunId = ctx.app.new_id();
    let run = store::Run {
        id: id.0,
        account_id: me.0,
        act: kind.as_str().to_owned(),
        command: serde_json::to_value(said)?,
        state: "running".to_owned(),
        created_at: ctx.now(),
        finished_at: None,
    };
    store::insert(&mut tx, &run, &once).await?;
    Work::BulkRun { run: id }.enqueue(&ctx.app, &mut tx).await?;
    ticket.answer(&mut tx, &id).await?;
    tx.commit().await?;
    Ok(id)
}

/// Pauses a run: the dossier under way is finished, no other is begun. One that does not run stays as it is.
///
/// # Errors
/// Not found for anybody but whoever began it.
pub async fn pause(ctx: &Ctx, id: BulkRunId) -> Result<()> {
    let me = me(ctx)?;
    let mut tx = ctx.app.begin("pause_bulk_run").await?;
    store::find(tx.conn(), id, me).await?;
    store::turn(&mut tx, id, me, "running", "paused").await?;
    tx.commit().await?;
    Ok(())
}

/// Goes on with a paused run. One that is not paused stays as it is.
///
/// # Errors
/// Not found for anybody but whoever began it.
pub async fn resume(ctx: &Ctx, id: BulkRunId) -> Result<()> {
    let me = me(ctx)?;
    let mut tx = ctx.app.begin("resume_bulk_run").await?;
    store::find(tx.conn(), id, me).await?;
    if store::turn(&mut tx, id, me, "paused", "running").await? {
        Work::BulkRun { run: id }.enqueue(&ctx.app, &mut tx).await?;
    }
    tx.commit().await?;
    Ok(())
}

/// A run with what became of each dossier.
///
/// # Errors
/// Not found for anybody but whoever began it.
pub async fn read(ctx: &Ctx, id: BulkRunId) -> Result<(RunView, Vec<ItemView>)> {
    let me = me(ctx)?;
    let mut conn = ctx.app.conn().await?;
    let run = store::find(&mut conn, id, me).await?;
    let items = store::items(&mut conn, id).await?;
    let mut lines = seen(ctx, &mut conn, items.iter().map(|item| item.dossier_id).collect()).await?;
    let mut count = Count::default();
    let mut views = Vec::new();
    for item in items {
        let done = item.outcome.as_deref() == Some("done");
        count.all = count.all.saturating_add(1);
        count.done = count.done.saturating_add(i64::from(done));
        count.refused = count.refused.saturating_add(i64::from(item.problem.is_some()));
        let dossier = DossierId(item.dossier_id);
        views.push(ItemView {
            dossier,
            line: lines.remove(&dossier),
            done,
            problem: item.problem.map(serde_json::from_value).transpose()?,
            at: item.at,
        });
    }
    Ok((RunView::of(run, count)?, views))
}

/// The dossiers a run moved that can still be undone, each as it stands now.
pub fn undoable(ctx: &Ctx, run: &RunView, items: &[ItemView]) -> Vec<(DossierId, i64)> {
    let fresh = |item: &&ItemView| item.done && item.at.is_some_and(|at| ctx.now() < at + undo::WINDOW);
    let moved = items.iter().filter(fresh).filter(|_| run.state != "running" && undo::is_move(run.act));
    moved.filter_map(|item| Some((item.dossier, item.line.as_ref()?.version))).collect()
}

/// One's own runs, newest first.
///
/// # Errors
/// Not permitted for whoever is no staff.
pub async fn list(ctx: &Ctx) -> Result<Vec<RunView>> {
    let me = me(ctx)?;
    let runs = store::list(&mut *ctx.app.conn().await?, me, RUNS_LISTED).await?;
    runs.into_iter().map(|(run, count)| RunView::of(run, count)).collect()
}
