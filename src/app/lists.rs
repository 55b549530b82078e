//! Reading: one dossier, its timeline and record, lists within the caller's scope, the register.

use chrono::{DateTime, Utc};
use motcua_domain::actor::Doer;
use motcua_domain::dossier::event::Event;
use motcua_domain::dossier::state::StateName;
use motcua_domain::ids::{AccountId, AgencyId, DossierId, MatterId, PartnerId, UnitId};
use motcua_domain::matter::Matter;
use motcua_domain::person::mask;
use motcua_domain::policy::{Permission, Role, Scope, Subject, Verdict, judge};
use motcua_domain::text::Text;
pub use motcua_store::paging::Cursor;
pub use motcua_store::paging::Page as PageOf;
use motcua_store::queue::{self, Line};
pub use motcua_store::queue::{Filter, Search, SentOn};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::access::{self, Opened};
use crate::view::{self, DossierView};
use crate::{Ctx, Error, Result, record, words};

/// Opens a dossier the caller may view.
pub async fn viewable(ctx: &Ctx, conn: &mut motcua_store::Conn, id: DossierId) -> Result<Opened> {
    let opened = access::open(ctx, conn, id).await?;
    opened.permit(ctx, Permission::View)?;
    Ok(opened)
}

/// One dossier. A view by staff or a partner is recorded.
///
/// # Errors
/// Not found when it is hidden from the caller.
pub async fn read(ctx: &Ctx, id: DossierId) -> Result<DossierView> {
    let mut conn = ctx.app.conn().await?;
    let opened = access::open_for_view(ctx, &mut conn, id).await?;
    opened.permit(ctx, Permission::View)?;
    record::view(ctx, &mut conn, &opened, "dossier.viewed", Value::Null).await?;
    view::build(ctx, &mut conn, &opened).await
}

/// Its version alone.
///
/// # Errors
/// Not found when it is hidden from the caller.
pub async fn version(ctx: &Ctx, id: DossierId) -> Result<i64> {
    let mut conn = ctx.app.conn().await?;
    Ok(viewable(ctx, &mut conn, id).await?.dossier().version)
}

/// One line of the timeline.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct EventView {
    pub seq: i64,
    /// Version of the dossier the act led to.
    pub version: i64,
    pub at: DateTime<Utc>,
    /// Dotted name, such as `dossier.received`.
    pub kind: String,
    /// Who did it; absent for readers outside the agency.
    pub actor: Option<Doer>,
    pub event: Event,
}

/// The timeline: all of it inside the agency, its public part for the filer.
pub async fn timeline(ctx: &Ctx, id: DossierId) -> Result<Vec<EventView>> {
    let mut conn = ctx.app.conn().await?;
    let opened = viewable(ctx, &mut conn, id).await?;
    record::view(ctx, &mut conn, &opened, "timeline.viewed", Value::Null).await?;
    events(ctx, &mut conn, &opened).await
}

/// What happened, as far as the caller may know. The caller has been permitted to view.
pub(crate) async fn events(
    ctx: &Ctx,
    conn: &mut motcua_store::Conn,
    opened: &Opened,
) -> Result<Vec<EventView>> {
    let all = motcua_store::dossier::events(conn, opened.dossier().id).await?;
    shown_events(ctx, opened, all)
}

/// Events as far as the caller may see them.
pub(crate) fn shown_events(
    ctx: &Ctx,
    opened: &Opened,
    all: Vec<motcua_store::dossier::TimelineEvent>,
) -> Result<Vec<EventView>> {
    let internal = opened.may(ctx, Permission::ViewInternal);
    all.into_iter()
        .filter(|line| internal || line.event.is_public())
        .map(|line| {
            Ok(EventView {
                seq: line.seq,
                version: line.version,
                at: line.at,
                kind: line.event.kind().to_owned(),
                actor: if internal { Some(serde_json::from_value(line.actor)?) } else { None },
                event: if internal { line.event } else { line.event.for_applicant() },
            })
        })
        .collect()
}

/// One entry of the record: an act with its place in the chain, or a view.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct AuditLine {
    /// Place in the chain; absent for views.
    pub seq: Option<i64>,
    pub at: String,
    pub actor: Doer,
    pub act: String,
    pub request_id: Option<String>,
    /// SHA-256 of the entry in hex; absent for views.
    pub hash: Option<String>,
}

/// The dossier's chain and the last views of it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct AuditView {
    /// True when every link and hash fits.
    pub verifies: bool,
    pub acts: Vec<AuditLine>,
    pub views: Vec<AuditLine>,
}

/// Views shown at most.
const MOST_VIEWS: i64 = 500;

pub async fn audit(ctx: &Ctx, id: DossierId) -> Result<AuditView> {
    let mut conn = ctx.app.conn().await?;
    let opened = viewable(ctx, &mut conn, id).await?;
    opened.permit(ctx, Permission::ViewAudit)?;
    let chain = record::dossier_chain(id);
    let entries = motcua_store::audit::entries(&mut conn, &chain).await?;
    let head = motcua_store::audit::head(&mut conn, &chain).await?;
    let verifies = motcua_domain::audit::verify(&entries, head).is_ok();
    let acts = entries
        .into_iter()
        .map(|(entry, hash)| {
            Ok(AuditLine {
                seq: Some(entry.seq),
                at: entry.at,
                actor: serde_json::from_str(&entry.actor)?,
                act: entry.act,
                request_id: Some(entry.request_id),
                hash: Some(hex::encode(hash)),
            })
        })
        .collect::<Result<_>>()?;
    let views = motcua_store::audit::views(&mut conn, id, MOST_VIEWS)
        .await?
        .into_iter()
        .map(|look| {
            Ok(AuditLine {
                seq: None,
                at: look.at.to_rfc3339(),
                actor: serde_json::from_value(look.actor)?,
                act: look.what,
                request_id: None,
                hash: None,
            })
        })
        .collect::<Result<_>>()?;
    Ok(AuditView { verifies, acts, views })
}

/// A dossier as lists show it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct LineView {
    pub id: DossierId,
    pub version: i64,
    pub reference: String,
    pub code: Option<String>,
    pub procedure: String,
    pub procedure_name: Text,
    pub state: String,
    pub label: Text,
    pub step: Option<String>,
    pub next_step: Option<String>,
    pub next_due_at: Option<DateTime<Utc>>,
    pub due_on: Option<chrono::NaiveDate>,
    /// Working days to the due date; negative when it has passed.
    pub working_days_left: Option<i32>,
    pub channel: String,
    /// Masked for readers who see personal data masked.
    pub applicant: String,
    pub created_at: DateTime<Utc>,
    pub submitted_at: Option<DateTime<Utc>>,
    pub received_at: Option<DateTime<Utc>>,
}

/// What the policy reads of a line; enough to judge views, not acts.
fn subject(line: &Line) -> Option<Subject> {
    Some(Subject {
        dossier: DossierId(line.id),
        agency: AgencyId(line.agency_id),
        owner_unit: UnitId(line.owner_unit_id),
        assignee: line.assignee_id.map(AccountId),
        filer_account: line.filer_account_id.map(AccountId),
        filer_partner: line.filer_partner_id.map(PartnerId),
        filer_staff: line.filer_staff_id.map(AccountId),
        procedure: line.procedure.parse().ok()?,
        is_draft: line.state == StateName::Draft.as_str(),
        step_kind: None,
        step_role: None,
        step_four_eyes: false,
        drafters: Vec::new(),
        walled: line.challenged.iter().copied().map(AccountId).collect(),
        asked_units: line.asked_units.iter().copied().map(UnitId).collect(),
        moved_by: None,
    })
}

/// The reader is shown the people of this line by name.
pub(crate) fn shows_people(ctx: &Ctx, line: &Line) -> bool {
    allows(ctx, line, Permission::ViewPersonal)
}

/// The policy lets the reader do this to the dossier of this line.
pub(crate) fn allows(ctx: &Ctx, line: &Line, permission: Permission) -> bool {
    let allows = |subject: Subject| judge(&ctx.actor, permission, &subject, ctx.today());
    subject(line).is_some_and(|subject| matches!(allows(subject), Verdict::Allow(_)))
}

pub(crate) fn line(ctx: &Ctx, line: Line) -> LineView {
    let rules = ctx.app.rules();
    let today = ctx.today();
    let personal = shows_people(ctx, &line);
    let named = line
        .procedure
        .parse()
        .ok()
        .and_then(|key| rules.in_force(key, today).map(|version| version.definition.name.clone()));
    LineView {
        id: DossierId(line.id),
        version: line.version,
        reference: line.reference,
        code: line.code,
        procedure_name: named.unwrap_or_default(),
        procedure: line.procedure,
        label: line.state.parse::<StateName>().map(words::state).unwrap_or_default(),
        state: line.state,
        step: line.step,
        next_step: line.next_step,
        next_due_at: line.next_due_at,
        working_days_left: line
            .due_on
            .map(|due| motcua_domain::deadline::working_days_left(&rules.calendar, today, due)),
        due_on: line.due_on,
        channel: line.channel,
        applicant: if personal { line.applicant } else { mask(&line.applicant) },
        created_at: line.created_at,
        submitted_at: line.submitted_at,
        received_at: line.received_at,
    }
}

/// Open dossiers of staff, most urgent first.
pub async fn open_queue(
    ctx: &Ctx,
    filter: &Filter,
    after: Option<Cursor>,
    limit: usize,
) -> Result<PageOf<LineView>> {
    if ctx.actor.staff().is_none() {
        return Err(Error::of(motcua_domain::error_code::ErrorCode::NotPermitted));
    }
    let scope = Scope::of(&ctx.actor, ctx.today());
    let mut conn = ctx.app.conn().await?;
    let page = queue::open(&mut conn, &scope, filter, after, limit).await?;
    Ok(page.map(|each| line(ctx, each)))
}

/// Requests the caller has begun and not filed, newest first.
///
/// # Errors
/// When the database is away.
pub async fn drafts(ctx: &Ctx, limit: i64) -> Result<Vec<LineView>> {
    let scope = Scope::of(&ctx.actor, ctx.today());
    let found = queue::drafts(&mut *ctx.app.conn().await?, &scope, limit).await?;
    Ok(found.into_iter().map(|each| line(ctx, each)).collect())
}

/// Dossiers in the caller's scope, newest first.
pub async fn newest(
    ctx: &Ctx,
    filter: &Filter,
    after: Option<Cursor>,
    limit: usize,
) -> Result<PageOf<LineView>> {
    let scope = Scope::of(&ctx.actor, ctx.today());
    let mut conn = ctx.app.conn().await?;
    let page = queue::newest(&mut conn, &scope, filter, after, limit).await?;
    Ok(page.map(|each| line(ctx, each)))
}

/// Agencies whose register the caller reads: staff of any role but admin.
pub(crate) fn register_of(ctx: &Ctx) -> Result<Vec<motcua_domain::ids::AgencyId>> {
    let today = ctx.today();
    let staff =
        ctx.actor.staff().ok_or_else(|| Error::of(motcua_domain::error_code::ErrorCode::NotPermitted))?;
    let agencies: Vec<_> = staff
        .memberships
        .iter()
        .filter(|held| held.role != Role::Admin && held.holds_on(today))
        .flat_map(|held| std::iter::once(held.agency).chain(held.predecessors.iter().copied()))
        .collect();
    if agencies.is_empty() {
        Err(Error::of(motcua_domain::error_code::ErrorCode::NotPermitted))
    } else {
        Ok(agencies)
    }
}

/// Somebody who reads a register.
pub fn reads_register(ctx: &Ctx) -> bool {
    register_of(ctx).is_ok()
}

/// Most matters in one answer.
const MOST_MATTERS: i64 = 50;

/// Matters of the caller's agencies, by part of a decision number.
pub async fn matters(ctx: &Ctx, number: Option<&str>) -> Result<Vec<Matter>> {
    let agencies = register_of(ctx)?;
    let mut conn = ctx.app.conn().await?;
    Ok(motcua_store::matter::list(&mut conn, &agencies, number, MOST_MATTERS).await?)
}

pub async fn matter(ctx: &Ctx, id: MatterId) -> Result<Matter> {
    let agencies = register_of(ctx)?;
    let mut conn = ctx.app.conn().await?;
    let found = motcua_store::matter::find(&mut conn, id).await?;
    found.filter(|matter| agencies.contains(&matter.agency)).ok_or_else(Error::not_found)
}
