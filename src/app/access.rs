//! The single gate: load, lock, judge, hand out a permit; and the facts acts are judged by.

use std::sync::{Arc, OnceLock};

use motcua_domain::actor::{Actor, Staff};
use motcua_domain::agency::{Officer, Units};
use motcua_domain::document::Document;
use motcua_domain::dossier::Dossier;
use motcua_domain::dossier::command::Command;
use motcua_domain::dossier::facts::{Facts, Office};
use motcua_domain::dossier::state::State;
use motcua_domain::error_code::ErrorCode;
use motcua_domain::ids::{AccountId, AgencyId, DossierId, MatterId};
use motcua_domain::matter::{Judgment, Matter};
use motcua_domain::paper::PaperKind;
use motcua_domain::policy::{Permission, Permit, Subject};
use motcua_domain::procedure::ProcedureKey;
use motcua_domain::text::Text;
use motcua_store::dossier::Filed;
use motcua_store::{Conn, Result as StoreResult, StoreError, Tx, account};
use secrecy::{ExposeSecret, SecretString};

use crate::rules::{Rules, Version};
use crate::track::key_fits;
use crate::{App, Ctx, Error, Result, record};

/// A dossier that was found, with the rules it is pinned to and the actor as resolved for it.
pub struct Opened {
    pub filed: Filed,
    pub rules: Arc<Rules>,
    pub version: Arc<Version>,
    /// The caller; an anonymous one who holds the tracking key has become a `Holder`.
    pub actor: Actor,
    pub asked: Asked,
}

/// What was asked of the database about a dossier, so that an act and its answer ask once.
#[derive(Default)]
pub struct Asked {
    /// Number of a decision on the same judgment.
    similar: OnceLock<Option<String>>,
    /// Keys of the required papers that are there.
    papers: OnceLock<Vec<String>>,
    documents: OnceLock<Vec<Document>>,
}

impl Asked {
    /// The documents, which came with something else.
    pub fn knows(&self, documents: Vec<Document>) -> &[Document] {
        self.documents.get_or_init(|| documents)
    }
}

impl Opened {
    pub fn dossier(&self) -> &Dossier {
        &self.filed.dossier
    }

    pub fn subject(&self) -> Subject {
        Subject::of(&self.filed.dossier, &self.version.definition)
    }

    /// Asks the policy.
    ///
    /// # Errors
    /// Not found when hidden, forbidden with the rule's code otherwise.
    pub fn permit(&self, ctx: &Ctx, permission: Permission) -> Result<Permit<Dossier>> {
        Ok(Permit::ask(&self.actor, permission, &self.subject(), ctx.today(), self.filed.dossier.clone())?)
    }

    pub fn may(&self, ctx: &Ctx, permission: Permission) -> bool {
        self.permit(ctx, permission).is_ok()
    }

    pub fn office(&self) -> Result<Office<'_>> {
        self.rules.office_of(&self.version, self.filed.dossier.agency)
    }

    pub fn units(&self) -> Result<Units> {
        Ok(self.rules.office(self.filed.dossier.agency)?.routing()?)
    }
}

/// The tracking key that decides who the caller is.
fn tried_key(ctx: &Ctx) -> Option<&SecretString> {
    ctx.tracking_key.as_ref().filter(|_| matches!(ctx.actor, Actor::Anonymous))
}

fn note_wrong_key(ctx: &Ctx, id: DossierId) {
    if tried_key(ctx).is_some() {
        ctx.app.wrong_keys().note(&ctx.address, &id.to_string(), ctx.now());
    }
}

/// Loads what a caller with a tracking key names. Keys are counted as in [`crate::track`], also for a
/// dossier that is not there: whether it is must not show.
async fn find<T>(ctx: &Ctx, id: DossierId, load: impl Future<Output = StoreResult<T>>) -> Result<T> {
    if tried_key(ctx).is_some() {
        ctx.app.wrong_keys().check(&ctx.address, &id.to_string(), ctx.now())?;
    }
    let found = load.await;
    if matches!(found, Err(StoreError::NotFound)) {
        note_wrong_key(ctx, id);
    }
    Ok(found?)
}

async fn resolve(ctx: &Ctx, filed: Filed, key_hash: Option<Vec<u8>>) -> Result<Opened> {
    let mut rules = ctx.app.rules();
    if rules.version(filed.dossier.procedure_version).is_err()
        || rules.find_office(filed.dossier.agency).is_none()
    {
        // Another process installed it after this one read the rules.
        ctx.app.refresh_rules().await?;
        rules = ctx.app.rules();
    }
    let version = Arc::clone(rules.version(filed.dossier.procedure_version)?);
    let holds = match (tried_key(ctx), key_hash) {
        (Some(key), Some(hash)) => key_fits(key.expose_secret(), &hash),
        _ => false,
    };
    if !holds {
        note_wrong_key(ctx, filed.dossier.id);
    }
    let actor = if holds { Actor::Holder(filed.dossier.id) } else { ctx.actor.clone() };
    Ok(Opened { filed, rules, version, actor, asked: Asked::default() })
}

/// Loads a dossier for reading. Judges nothing yet: the caller asks for a permit.
pub async fn open(ctx: &Ctx, conn: &mut Conn, id: DossierId) -> Result<Opened> {
    let (filed, hash) = find(ctx, id, motcua_store::dossier::load(conn, id)).await?;
    let opened = resolve(ctx, filed, Some(hash)).await?;
    record_walled(ctx, &opened).await?;
    Ok(opened)
}

/// To whom the request is against there is no such dossier; that he tried is recorded, beside whatever
/// transaction it was tried in, since that comes to nothing.
async fn record_walled(ctx: &Ctx, opened: &Opened) -> Result<()> {
    let walled = |staff: &Staff| opened.dossier().challenged.contains(&staff.account);
    if !opened.actor.staff().is_some_and(walled) {
        return Ok(());
    }
    record::refused_look(ctx, &mut *ctx.app.conn().await?, opened.dossier().id).await
}

/// As [`open`], with the papers there are, which a view shows.
pub async fn open_for_view(ctx: &Ctx, conn: &mut Conn, id: DossierId) -> Result<Opened> {
    let ((filed, hash), papers) = find(ctx, id, motcua_store::dossier::load_with_papers(conn, id)).await?;
    let mut opened = resolve(ctx, filed, Some(hash)).await?;
    opened.asked.papers = OnceLock::from(papers);
    record_walled(ctx, &opened).await?;
    Ok(opened)
}

/// Keys of the required papers that are there.
pub async fn papers<'a>(conn: &mut Conn, opened: &'a Opened) -> Result<&'a [String]> {
    let known = &opened.asked.papers;
    if let Some(papers) = known.get() {
        return Ok(papers);
    }
    let all = documents(conn, opened).await?;
    Ok(known.get_or_init(|| all.iter().filter_map(Document::counts_as).map(str::to_owned).collect()))
}

/// The papers of the dossier.
pub async fn documents<'a>(conn: &mut Conn, opened: &'a Opened) -> Result<&'a [Document]> {
    let known = &opened.asked.documents;
    if let Some(documents) = known.get() {
        return Ok(documents);
    }
    let found = motcua_store::document::list(conn, opened.dossier().id).await?;
    Ok(known.get_or_init(|| found))
}

/// Loads a dossier and holds its row.
pub async fn lock(ctx: &Ctx, tx: &mut Tx, id: DossierId) -> Result<Opened> {
    let (filed, hash) = find(ctx, id, motcua_store::dossier::lock(tx, id)).await?;
    let opened = resolve(ctx, filed, Some(hash)).await?;
    record_walled(ctx, &opened).await?;
    Ok(opened)
}

/// An answer given before, for a caller who may still see the dossier.
pub async fn still_viewable<T>(ctx: &Ctx, tx: &mut Tx, id: DossierId, answer: T) -> Result<T> {
    open(ctx, tx.conn(), id).await?.permit(ctx, Permission::View)?;
    Ok(answer)
}

/// Facts every act and `allowed` need: the matter, similar decisions, a newer version.
pub async fn facts<'a>(ctx: &Ctx, conn: &mut Conn, opened: &'a Opened) -> Result<Facts<'a>> {
    let dossier = opened.dossier();
    let mut facts = Facts::new(&opened.actor, opened.units()?, &opened.filed.answers);
    facts.courts = &opened.rules.office(dossier.agency)?.agency.courts;
    facts.matter = matter_of(conn, dossier.matter).await?;
    facts.fees = Some(&opened.rules.fees);
    facts.superior = opened.rules.superior(dossier.agency);
    // Only officers are warned by it.
    let warns =
        opened.actor.staff().is_some() && matches!(dossier.state, State::Submitted | State::InProcess { .. });
    if dossier.procedure == ProcedureKey::EnforcementDecision && warns {
        if opened.asked.similar.get().is_none() {
            let answers = &opened.filed.answers;
            let found = motcua_store::matter::similar_decision(
                conn,
                &agencies_of(opened),
                &judgment_of(answers),
                &crate::act::parties(answers),
                dossier.id,
            )
            .await?;
            opened.asked.similar.get_or_init(|| found);
        }
        facts.similar_decision = opened.asked.similar.get().cloned().flatten();
    }
    facts.repin_to = opened
        .rules
        .in_force(dossier.procedure, ctx.today())
        .filter(|current| current.id != dossier.procedure_version)
        .map(|current| (current.id, &current.definition));
    Ok(facts)
}

/// The matter a dossier is about, when the register knows it.
pub async fn matter_of(conn: &mut Conn, matter: Option<MatterId>) -> Result<Option<Matter>> {
    match matter {
        Some(id) => Ok(motcua_store::matter::find(conn, id).await?),
        None => Ok(None),
    }
}

/// The judgment as the form names it.
pub fn judgment_of(answers: &serde_json::Value) -> Judgment {
    let text = |pointer: &str| {
        answers.pointer(pointer).and_then(|value| value.as_str()).unwrap_or_default().to_owned()
    };
    Judgment {
        number: text("/judgment/number"),
        date: text("/judgment/date").parse().ok(),
        court: text("/judgment/court"),
    }
}

/// Facts that only one kind of act needs, and numbers taken from counters in its transaction.
pub async fn complete(
    ctx: &Ctx,
    tx: &mut Tx,
    opened: &Opened,
    facts: &mut Facts<'_>,
    command: &mut Command,
) -> Result<()> {
    let dossier = opened.dossier();
    match command {
        Command::Submit { matter, matter_reference, .. }
        | Command::Supply { matter, matter_reference, .. }
            if opened.version.definition.needs_matter =>
        {
            let reference =
                opened.filed.answers.pointer("/matter/decision_number").and_then(|value| value.as_str());
            *matter_reference = reference.map(str::to_owned);
            if let Some(number) = reference.filter(|_| *matter_reference != dossier.matter_reference) {
                let agencies = agencies_of(opened);
                let found = motcua_store::matter::find_by_decision(tx.conn(), &agencies, number).await?;
                *matter = found.as_ref().map(|found| found.id);
                facts.matter = found;
            }
            name_challenged(ctx, tx.conn(), opened, facts).await?;
        }
        Command::LinkMatter { matter } => {
            name_challenged(ctx, tx.conn(), opened, facts).await?;
            facts.matter = matter_of(tx.conn(), Some(*matter)).await?;
            let known =
                facts.matter.as_ref().is_some_and(|matter| agencies_of(opened).contains(&matter.agency));
            if !known {
                return Err(Error::field("/matter", motcua_domain::error_code::ErrorCode::FieldChoice));
            }
        }
        Command::Receive { code, book_serial, .. } => {
            let office = opened.rules.office(dossier.agency)?;
            let unit = office.routing()?.one_window;
            let identifier = office
                .identifier()
                .ok_or_else(|| Error::internal("the one-window unit has no identifier"))?;
            let today = ctx.today();
            let serial = motcua_store::counter::next_code(tx, unit, today).await?;
            *code = motcua_domain::dossier::code::dossier_code(identifier, today, serial)
                .ok_or_else(|| Error::of(motcua_domain::error_code::ErrorCode::DailySerialExhausted))?;
            *book_serial =
                motcua_store::counter::next_book_serial(tx, unit, chrono::Datelike::year(&today)).await?;
        }
        Command::Number { number } => {
            let year = chrono::Datelike::year(&ctx.today());
            let serial =
                motcua_store::counter::next_decision(tx, dossier.agency, dossier.procedure.as_str(), year)
                    .await?;
            let ruling = dossier.decision.as_ref().map(|decision| &decision.ruling);
            let kind = ruling.map_or(PaperKind::WrittenRefusal, PaperKind::of_result);
            *number = opened.rules.forms.number(kind, dossier.procedure, serial, year);
        }
        Command::Assign { officer, .. } => {
            facts.named_officer = officer_on_duty(ctx, tx.conn(), dossier.agency, *officer).await?
        }
        Command::Draft { ruling } => {
            if let Some(officer) = ruling.named_officer() {
                // A replacement is an officer of the agency whose matter it is, also when a superior decides.
                facts.named_officer = officer_on_duty(ctx, tx.conn(), dossier.home(), officer).await?;
            }
        }
        Command::RequestOpinion { unit, .. } => {
            facts.named_unit = opened.rules.office(dossier.agency)?.unit(*unit).map(|unit| unit.id);
        }
        Command::Sign => facts.new_matter = Some(ctx.app.new_id()),
        Command::Submit { .. }
        | Command::RequestSupplement { .. }
        | Command::Supply { .. }
        | Command::Refuse { .. }
        | Command::CompleteStep { .. }
        | Command::SendBack { .. }
        | Command::AnswerOpinion { .. }
        | Command::Propose { .. }
        | Command::HandOver
        | Command::Return { .. }
        | Command::Withdraw { .. }
        | Command::Stop { .. }
        | Command::Extend { .. }
        | Command::RequestPayment { .. }
        | Command::ConfirmPayment { .. }
        | Command::Lapse
        | Command::Repin { .. }
        | Command::AddNote { .. }
        | Command::Undo => {}
    }
    Ok(())
}

/// Who may be the officer the applicant wants changed: staff by that name, and who heads the agency.
async fn name_challenged(ctx: &Ctx, conn: &mut Conn, opened: &Opened, facts: &mut Facts<'_>) -> Result<()> {
    if opened.version.definition.key != ProcedureKey::OfficerReplacement {
        return Ok(());
    }
    let home = opened.dossier().home();
    let name =
        opened.filed.answers.pointer("/officer_name").and_then(|value| value.as_str()).unwrap_or_default();
    facts.challenged_by_name = motcua_store::account::staff_named(conn, home, name).await?;
    facts.heads = motcua_store::post::heads(conn, home, ctx.today()).await?;
    Ok(())
}

/// The agency of the dossier and those it succeeded or that succeeded it: one register.
fn agencies_of(opened: &Opened) -> Vec<AgencyId> {
    let agency = opened.dossier().home();
    opened
        .rules
        .offices()
        .into_iter()
        .filter(|office| {
            office.agency.id == agency
                || office.agency.successor == Some(agency)
                || opened
                    .rules
                    .find_office(agency)
                    .is_some_and(|own| own.agency.successor == Some(office.agency.id))
        })
        .map(|office| office.agency.id)
        .collect()
}

/// A processing officer of that agency who works today.
pub async fn officer_on_duty(
    ctx: &Ctx,
    conn: &mut Conn,
    agency: AgencyId,
    account: AccountId,
) -> Result<Option<Officer>> {
    Ok(motcua_store::account::officer(conn, agency, account, ctx.today()).await?)
}

/// Whoever began work that goes on in the background, with the rights of this moment.
///
/// # Errors
/// Not permitted when the account is disabled.
pub(crate) async fn staff_by_now(app: &App, conn: &mut Conn, id: AccountId) -> Result<Actor> {
    let account = account::load(conn, id).await?;
    if account.disabled_at.is_some() {
        return Err(Error::saying(
            ErrorCode::NotPermitted,
            Text::new(
                "Tài khoản đã bắt đầu việc này không còn hoạt động.",
                "The account that began this is disabled.",
            ),
        ));
    }
    Ok(Actor::Staff(account::staff(conn, id, account.name, app.today()).await?))
}
