//! Papers the office makes. What one says is fixed in the transaction of its act; the file is made after
//! it, by a job or by whoever asks first, once, and never again. Who may see the dossier whole may fetch
//! its papers; each fetch is recorded.

mod answers;
mod check;
mod compose;
mod handed_in;
mod making;
mod manifest;
mod result;
mod sent;
mod spoken;
mod trail;

use chrono::{DateTime, TimeDelta, Utc};
use motcua_domain::document::Document;
use motcua_domain::dossier::clock::Clock;
use motcua_domain::dossier::code::spell;
use motcua_domain::dossier::command::CommandKind;
use motcua_domain::dossier::event::Event;
use motcua_domain::dossier::ruling::Ruling;
use motcua_domain::dossier::{Channel, Dossier};
use motcua_domain::ids::{AccountId, DossierId, PaperId};
use motcua_domain::matter::Matter;
use motcua_domain::paper::{Forms, PaperKind, Said};
use motcua_domain::policy::{Membership, Permission, Role};
use motcua_domain::text::{Language, Text};
use motcua_store::dossier::TimelineEvent;
use motcua_store::paper::{self as store, Paper};
use motcua_store::{Conn, Tx, account, post};
use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::access::{self, Opened};
use crate::file::Bytes;
use crate::jobs::Work;
use crate::{Ctx, Error, Result, record, tasks};
pub use check::{Checked, Verdict, check, judge};
use compose::Source;
pub(crate) use compose::{agency_said, form_said, text};
use making::print;
pub(crate) use making::{form, make, seal, seal_said, sealer, set};
pub use manifest::manifest;
pub(crate) use sent::Addressee;

/// A file nobody asked for is made after so long.
const LATER: TimeDelta = TimeDelta::minutes(1);
/// Characters of the code a paper is checked by: 50 bits, tried slowly.
const CODE: usize = 10;

/// A paper as people see it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct PaperView {
    pub id: PaperId,
    pub kind: PaperKind,
    pub title: Text,
    /// `Mẫu số 01`; none for papers no circular numbers.
    pub form_number: Option<String>,
    pub made_at: DateTime<Utc>,
    /// Printed on it; whoever has it can check the paper.
    pub check_code: String,
    /// A later paper of its kind has taken its place.
    pub replaced: bool,
    /// What it promises or asks for is over: the appointment was moved, what was asked for came, the dossier
    /// has ended.
    pub spent: bool,
    /// It carries the digest of a manifest of what was filed.
    pub has_manifest: bool,
    /// SHA-256 of the file, once it was made.
    pub sha256: Option<String>,
    /// Whose certificate it is sealed with.
    pub sealed_by: Option<String>,
}

/// Draws up the papers of these acts: what each says, fixed with the act. The files come after.
///
/// # Errors
/// When one cannot be drawn up; the act fails with it.
pub async fn draw_up(ctx: &Ctx, tx: &mut Tx, opened: &Opened, acts: &[CommandKind]) -> Result<()> {
    let left = |act: &CommandKind| PaperKind::left_by(*act, opened.dossier());
    let mut kinds: Vec<PaperKind> = acts.iter().filter_map(left).collect();
    // What was spoken is read back and signed.
    if acts.contains(&CommandKind::Submit) && opened.dossier().channel == Channel::Oral {
        kinds.push(PaperKind::OralRequestMinutes);
    }
    for kind in kinds {
        draw(ctx, tx, opened, kind, vec![None]).await?;
    }
    if opened.dossier().escalated_from.is_some() {
        let now = motcua_store::dossier::events(tx.conn(), opened.dossier().id).await?;
        let now = now.iter().filter(|entry| entry.version == opened.dossier().version);
        if now.into_iter().any(|entry| matches!(entry.event, Event::Escalated { .. })) {
            let office = opened.rules.office(opened.dossier().agency)?;
            let name = office.agency.name.say(Language::Vi).to_owned();
            let to = Addressee { name, address: Some(office.agency.address.clone()) };
            draw(ctx, tx, opened, PaperKind::TransferNotice, vec![Some(to)]).await?;
        }
    }
    tasks::follow(ctx, tx, opened, acts).await
}

/// Draws up papers of one kind: one, or one to each addressee. However many, they cost the same statements.
///
/// # Errors
/// As [`draw_up`].
pub(crate) async fn draw(
    ctx: &Ctx,
    tx: &mut Tx,
    opened: &Opened,
    kind: PaperKind,
    to: Vec<Option<Addressee>>,
) -> Result<Vec<PaperId>> {
    let known = gather(ctx, tx.conn(), opened, kind).await?;
    let documents = access::documents(tx.conn(), opened).await?;
    let mut papers = Vec::new();
    for (to, part) in to.into_iter().zip(0_i16..) {
        let check_code = spell(&ctx.app.random::<CODE>()?);
        let said = compose(ctx, opened, kind, &known, documents, &check_code, to)?;
        papers.push(Paper {
            id: ctx.app.new_id(),
            dossier_id: opened.dossier().id.0,
            kind: kind.as_str().to_owned(),
            dossier_version: opened.dossier().version,
            forms_hash: opened.rules.forms_hash.clone(),
            said: serde_json::to_string(&said)?,
            check_code,
            made_at: ctx.now(),
            sha256: None,
            size: None,
            pages: None,
            object_key: None,
            stored_at: None,
            sealed_by: None,
            part,
        });
    }
    let ids: Vec<PaperId> = papers.iter().map(|paper| PaperId(paper.id)).collect();
    store::insert(tx, &papers).await?;
    // Who prints it at once makes it at once; the rest is made a little later, out of the way.
    let works = ids.iter().map(|paper| Work::MakePaper { paper: *paper });
    Work::enqueue_all(works, &ctx.app, tx, ctx.app.after(LATER)).await?;
    Ok(ids)
}

/// What papers of a kind are put together from, beside the dossier and its documents.
struct Known {
    matter: Option<Matter>,
    events: Vec<TimelineEvent>,
    named: Vec<(AccountId, String)>,
    signer: Option<(String, bool)>,
}

async fn gather(ctx: &Ctx, conn: &mut Conn, opened: &Opened, kind: PaperKind) -> Result<Known> {
    let dossier = opened.dossier();
    let matter = access::matter_of(conn, dossier.matter).await?;
    let events = match kind {
        PaperKind::StopNotice | PaperKind::ControlSlip => {
            motcua_store::dossier::events(conn, dossier.id).await?
        }
        _ => Vec::new(),
    };
    let (named, signer) = people(ctx, conn, opened, kind, &events).await?;
    Ok(Known { matter, events, named, signer })
}

/// What a paper of this kind says of the dossier as it stands now, in both languages.
async fn said(ctx: &Ctx, conn: &mut Conn, opened: &Opened, kind: PaperKind, check: &str) -> Result<Said> {
    let known = gather(ctx, conn, opened, kind).await?;
    let documents = access::documents(conn, opened).await?;
    compose(ctx, opened, kind, &known, documents, check, None)
}

fn compose(
    ctx: &Ctx,
    opened: &Opened,
    kind: PaperKind,
    known: &Known,
    documents: &[Document],
    check: &str,
    addressee: Option<Addressee>,
) -> Result<Said> {
    let (dossier, rules) = (opened.dossier(), &opened.rules);
    let form = form(&rules.forms, kind, ctx.today())?;
    // Whoever passes a dossier on says so.
    let from = dossier.escalated_from.filter(|_| kind == PaperKind::TransferNotice);
    let office = rules.office(from.unwrap_or(dossier.agency))?;
    let staff = ctx.actor.staff();
    let officer = staff.map(|staff| staff.name.as_str()).unwrap_or_default();
    let here = |held: &&Membership| held.agency == office.agency.id && held.holds_on(ctx.today());
    let held = staff.and_then(|staff| staff.memberships.iter().find(here));
    let role = held.map_or(Role::OneWindowOfficer, |held| held.role);
    let kept = manifest::is_kept(kind).then(|| manifest::of(dossier, &opened.filed.answers, documents));
    let manifest = kept.transpose()?;
    let source = Source {
        dossier,
        definition: &opened.version.definition,
        answers: &opened.filed.answers,
        office,
        superior: office
            .agency
            .superior
            .and_then(|id| rules.find_office(id))
            .map(std::convert::AsRef::as_ref),
        forms: &rules.forms,
        matter: known.matter.as_ref(),
        documents,
        events: &known.events,
        addressee,
        officer: (officer, role.as_str()),
        signer: known.signer.clone(),
        named: &known.named,
        at: ctx.now(),
        check,
        public_url: &ctx.app.settings().public_url,
        manifest: manifest.as_deref().map(manifest::digest),
    };
    let (vi, en) = (source.said(kind, form, Language::Vi), source.said(kind, form, Language::En));
    Ok(Said { vi, en, manifest })
}

/// The officers a paper names, and who signs it for the agency, with whether he is its head.
async fn people(
    ctx: &Ctx,
    conn: &mut Conn,
    opened: &Opened,
    kind: PaperKind,
    events: &[TimelineEvent],
) -> Result<(Vec<(AccountId, String)>, Option<(String, bool)>)> {
    let dossier = opened.dossier();
    if kind == PaperKind::ControlSlip {
        return Ok((account::names_of(conn, &trail::people(events)).await?, None));
    }
    let Some(decision) = dossier.decision.as_ref().filter(|_| follows(kind) || is_result(kind)) else {
        let leads = matches!(kind, PaperKind::Apology | PaperKind::StopNotice);
        let staff = ctx.actor.staff().filter(|_| leads);
        let signer = staff.map(|staff| {
            let today = ctx.today();
            let head = staff.memberships.iter().any(|held| held.head && held.holds_on(today));
            (staff.name.clone(), head)
        });
        return Ok((Vec::new(), signer));
    };
    let mut asked: Vec<AccountId> = decision.signed_by.into_iter().collect();
    match &decision.ruling {
        Ruling::EnforcementDecision { officer, .. } => asked.push(officer.account),
        Ruling::OfficerReplacement { former, new_officer, .. } => {
            asked.extend([*former, new_officer.account]);
        }
        _ => {}
    }
    let named = account::names_of(conn, &asked).await?;
    let heads = post::heads(conn, dossier.agency, ctx.today()).await?;
    let signer = decision.signed_by.and_then(|by| {
        let name = named.iter().find(|(known, _)| *known == by)?.1.clone();
        Some((name, heads.contains(&by)))
    });
    Ok((named, signer))
}

fn is_result(kind: PaperKind) -> bool {
    matches!(
        kind,
        PaperKind::EnforcementDecision
            | PaperKind::ResultConfirmation
            | PaperKind::OfficerReplacement
            | PaperKind::CoercionCostRelief
            | PaperKind::EnforcementFeeRelief
            | PaperKind::WrittenRefusal
    )
}

/// Results, receipts and what passes a dossier on carry a digital signature where the office has one.
fn is_sealed(kind: PaperKind) -> bool {
    matches!(kind, PaperKind::Receipt | PaperKind::TransferNotice) || is_result(kind)
}

/// Papers as far as the caller may see them, oldest first; the office's own ones for staff only.
pub(crate) fn shown(ctx: &Ctx, opened: &Opened, all: &[Paper]) -> Vec<PaperView> {
    let may = |permission| opened.may(ctx, permission);
    let (inside, whole) = (may(Permission::ViewInternal), may(Permission::ViewPersonal));
    let sends = may(Permission::Send);
    let view = |paper: &Paper| {
        let view = view(&opened.rules.forms, paper, all, opened.dossier())?;
        let read = whole || (sends && goes_out(view.kind));
        (read && (inside || view.kind.is_public())).then_some(view)
    };
    all.iter().filter_map(view).collect()
}

/// What reading a paper takes: to see personal data; for what the office sends out it is enough to be who sends it,
/// since nobody can send what he cannot read.
fn reads(ctx: &Ctx, opened: &Opened, kind: PaperKind) -> Permission {
    match goes_out(kind) && opened.may(ctx, Permission::Send) {
        true => Permission::Send,
        false => Permission::ViewPersonal,
    }
}

/// Leaves the house because of a decision.
fn goes_out(kind: PaperKind) -> bool {
    is_result(kind) || follows(kind)
}

/// Drawn up because of a decision, for others than its applicant.
fn follows(kind: PaperKind) -> bool {
    matches!(kind, PaperKind::ProcuracyTransmittal | PaperKind::PartyNotice)
}

/// A later one of its kind, to the same person, has taken its place.
fn is_replaced(paper: &Paper, all: &[Paper]) -> bool {
    let alike = |other: &&Paper| other.kind == paper.kind && other.part == paper.part;
    all.iter().rev().find(alike).is_some_and(|newest| newest.id != paper.id)
}

/// What this paper promises or asks for is over. A decision or a refusal says what was, and stands.
fn is_spent(kind: PaperKind, made_at: DateTime<Utc>, dossier: &Dossier) -> bool {
    let ended = dossier.ended_at.is_some();
    match kind {
        PaperKind::Receipt => {
            let moved = |clock: &Clock| {
                let extended = clock.extension.as_ref().is_some_and(|given| given.extended_at > made_at);
                extended || clock.started_at > made_at
            };
            ended || dossier.clock.as_ref().is_some_and(moved)
        }
        PaperKind::Apology => ended,
        PaperKind::SupplementRequest => {
            ended || dossier.supplements.last().is_none_or(|asked| asked.closed_at.is_some())
        }
        _ => false,
    }
}

/// A paper, of `all` of this dossier.
fn view(forms: &Forms, paper: &Paper, all: &[Paper], dossier: &Dossier) -> Option<PaperView> {
    let kind: PaperKind = paper.kind.parse().ok()?;
    let form = forms.in_force(kind, motcua_domain::calendar::local_date(paper.made_at))?;
    Some(PaperView {
        id: PaperId(paper.id),
        kind,
        title: form.title.clone(),
        form_number: form.number.clone(),
        made_at: paper.made_at,
        check_code: paper.check_code.clone(),
        replaced: is_replaced(paper, all),
        spent: is_spent(kind, paper.made_at, dossier),
        has_manifest: manifest::is_kept(kind),
        sha256: paper.sha256.clone(),
        sealed_by: paper.sealed_by.clone(),
    })
}

/// The papers of a dossier.
///
/// # Errors
/// Not found or forbidden.
pub async fn list(ctx: &Ctx, id: DossierId) -> Result<Vec<PaperView>> {
    let mut conn = ctx.app.conn().await?;
    let opened = access::open(ctx, &mut conn, id).await?;
    // Who sends papers sees those.
    let sends = opened.may(ctx, Permission::Send);
    opened.permit(ctx, if sends { Permission::Send } else { Permission::ViewPersonal })?;
    let all = store::list(&mut conn, id).await?;
    Ok(shown(ctx, &opened, &all))
}

/// A paper on its way out.
#[derive(Debug, Clone)]
pub struct Fetched {
    /// What to save it under, without its ending.
    pub name: String,
    pub bytes: Bytes,
    /// Of the paper that is kept; none for what is made anew.
    pub sha256: Option<String>,
    pub pages: usize,
}

impl Fetched {
    /// What an act would leave, seen before it is done.
    pub fn preview(bytes: Bytes) -> Self {
        Self { name: "xem-truoc".to_owned(), bytes, sha256: None, pages: 1 }
    }
}

async fn record_fetch(ctx: &Ctx, conn: &mut Conn, opened: &Opened, what: serde_json::Value) -> Result<()> {
    record::view(ctx, conn, opened, "paper.fetched", what).await
}

/// A paper with its file, made now when the job has not come to it. In English it is a working translation,
/// made anew each time and kept nowhere.
///
/// # Errors
/// Not found, forbidden; the file store is away.
pub async fn fetch(ctx: &Ctx, id: PaperId, language: Language) -> Result<Fetched> {
    let mut conn = ctx.app.conn().await?;
    let paper = store::find(&mut conn, id).await?.ok_or_else(Error::not_found)?;
    let opened = access::open(ctx, &mut conn, DossierId(paper.dossier_id)).await?;
    let kind: PaperKind = paper.kind.parse().map_err(|_| Error::internal(paper.kind.clone()))?;
    opened.permit(ctx, reads(ctx, &opened, kind))?;
    if !kind.is_public() {
        opened.permit(ctx, Permission::ViewInternal).map_err(|_| Error::not_found())?;
    }
    record_fetch(ctx, &mut conn, &opened, json!({ "paper": id })).await?;
    drop(conn);
    let name = format!("{}-{}", opened.dossier().known_as(), kind.as_str().replace('_', "-"));
    if language == Language::En {
        let forms = making::forms(&ctx.app, &paper).await?;
        let printed = print(&ctx.app, &paper, forms, language, None).await?;
        let (bytes, pages) = (Bytes::from(printed.pdf), printed.pages);
        return Ok(Fetched { name: format!("{name}-en"), bytes, sha256: None, pages });
    }
    let paper = make(&ctx.app, id).await?;
    let key = paper.object_key.ok_or_else(|| Error::internal(format!("paper {id} has no file")))?;
    let bytes = ctx.app.files().read(&key).await?;
    let bytes = bytes.ok_or_else(|| Error::internal(format!("{key} is not in the file store")))?;
    let pages = paper.pages.and_then(|pages| usize::try_from(pages).ok()).unwrap_or(1);
    Ok(Fetched { name, bytes, sha256: paper.sha256, pages })
}

/// A paper of the dossier as it stands, printed on demand and kept nowhere: the cover sheet, and for the
/// office the control slip.
///
/// # Errors
/// Not found, forbidden; a kind that is not printed on demand.
pub async fn on_demand(ctx: &Ctx, id: DossierId, kind: PaperKind) -> Result<Fetched> {
    let needed = match kind {
        PaperKind::CoverSheet => Permission::ViewPersonal,
        PaperKind::ControlSlip => Permission::ViewInternal,
        _ => return Err(Error::not_found()),
    };
    let mut conn = ctx.app.conn().await?;
    let opened = access::open(ctx, &mut conn, id).await?;
    opened.permit(ctx, needed)?;
    opened.permit(ctx, Permission::ViewPersonal)?;
    let known_as = opened.dossier().known_as().to_owned();
    let said = said(ctx, &mut conn, &opened, kind, &known_as).await?;
    record_fetch(ctx, &mut conn, &opened, json!({ "kind": kind })).await?;
    drop(conn);
    let forms = opened.rules.forms.clone();
    let form = form(&forms, kind, ctx.today())?.clone();
    let data = serde_json::to_string(said.say(ctx.language))?;
    let printed = set(forms, form, data, ctx.now(), known_as.clone(), known_as.clone()).await?;
    let (bytes, pages) = (Bytes::from(printed.pdf), printed.pages);
    let name = format!("{known_as}-{}", kind.as_str().replace('_', "-"));
    Ok(Fetched { name, bytes, sha256: None, pages })
}

/// What an act that was not done would leave as paper: printed for its preview and kept nowhere.
pub(crate) async fn preview(
    ctx: &Ctx,
    tx: &mut Tx,
    opened: &Opened,
    act: CommandKind,
) -> Result<Option<Bytes>> {
    let Some(kind) = PaperKind::left_by(act, opened.dossier()) else { return Ok(None) };
    let blank = "XXXX-XXXX-XX";
    let said = said(ctx, tx.conn(), opened, kind, blank).await?;
    let forms = opened.rules.forms.clone();
    let form = form(&forms, kind, ctx.today())?.clone();
    let data = serde_json::to_string(&said.vi)?;
    let printed = set(forms, form, data, ctx.now(), blank.to_owned(), blank.to_owned()).await?;
    Ok(Some(Bytes::from(printed.pdf)))
}
