//! Filing: a draft, its answers, and submitting it; at the counter also receiving it, at once.

use chrono::NaiveDate;
use motcua_domain::actor::{Actor, Verb};
use motcua_domain::dossier::code::spell;
use motcua_domain::dossier::command::{Command, CommandKind};
use motcua_domain::dossier::handed::HandedOver;
use motcua_domain::dossier::state::State;
use motcua_domain::dossier::{Channel, Dossier, Filer, FilerMode, ReturnWay};
use motcua_domain::error_code::{ErrorCode, FieldError};
use motcua_domain::ids::{AccountId, AgencyId, DossierId, PartnerId};
use motcua_domain::person::Contact;
use motcua_domain::policy::Permission;
use motcua_domain::procedure::ProcedureKey;
use motcua_domain::text::{Language, Text};
use motcua_store::Tx;
use motcua_store::agency::Office;
use motcua_store::dossier::Filed;
use serde_json::Value;

use crate::access::{self, Opened};
use crate::act::{self, check_version};
use crate::idempotency::Ticket;
use crate::rules::Rules;
use crate::view::{self, DossierView};
use crate::{Ctx, Error, Result, letters, papers};

/// What is asked first: of which agency, on whose behalf, and how the applicant is reached.
#[derive(Debug, Clone)]
pub struct Start {
    pub agency: AgencyId,
    pub mode: FilerMode,
    /// Name of the representative or helper; means nothing for [`FilerMode::Own`].
    pub filled_in_by: Option<String>,
    pub contact: Contact,
}

impl Start {
    fn kept(self) -> Self {
        let name = self.filled_in_by.map(|name| name.trim().to_owned());
        let name = name.filter(|name| self.mode != FilerMode::Own && !name.is_empty());
        Self { filled_in_by: name, ..self }
    }
}

/// What a new dossier is begun with.
#[derive(Debug, Clone)]
pub struct Begin {
    pub procedure: ProcedureKey,
    /// A version by name; the one in force when absent.
    pub version: Option<String>,
    pub start: Start,
    pub channel: Option<Channel>,
    pub language: Language,
    pub answers: Value,
    /// Submit in the same transaction.
    pub submit: bool,
    pub handing: Handing,
}

/// How it came to the agency.
#[derive(Debug, Clone, Default)]
pub struct Handing {
    /// Postmark or minutes date. Law: L08 a.31 c.1.
    pub requested_on: Option<NaiveDate>,
    /// At the counter: receive in the same transaction.
    pub receive: bool,
    /// What came on paper; part of the receipt.
    pub handed_over: Option<HandedOver>,
}

/// Begins a dossier, and submits it when asked. The answer carries the tracking key, once.
///
/// # Errors
/// All wrong fields at once; not permitted; unknown procedure or agency.
pub async fn begin(ctx: &Ctx, ticket: &Ticket, input: Begin) -> Result<DossierView> {
    know_agency(ctx, input.start.agency).await?;
    let mut tx = ctx.app.begin("begin").await?;
    if let Some(answer) = ticket.claim(ctx, &mut tx).await? {
        return Ok(answer);
    }
    let rules = ctx.app.rules();
    let today = ctx.today();
    let office = open_office(&rules, input.start.agency, today)?;
    let version = match &input.version {
        None => rules.in_force(input.procedure, today),
        Some(name) => Some(
            rules
                .by_name(input.procedure, name)
                .ok_or_else(|| Error::field("/version", ErrorCode::FieldChoice))?,
        ),
    };
    let version = version
        .filter(|version| {
            rules.in_force(input.procedure, today).is_some_and(|current| current.id == version.id)
        })
        .ok_or_else(|| Error::field("/version", ErrorCode::ProcedureNotInForce))?;
    let (filer, channel) = filer(ctx, &input)?;
    check_start(&input.start.contact, input.start.filled_in_by.as_deref()).map_err(Error::fields)?;
    let key = spell(&ctx.app.random::<12>()?);
    let dossier = Dossier {
        id: ctx.app.new_id(),
        version: 1,
        reference: format!("YC-{}", spell(&ctx.app.random::<8>()?)),
        code: None,
        book_serial: None,
        procedure: input.procedure,
        procedure_version: version.id,
        agency: input.start.agency,
        owner_unit: office.routing()?.one_window,
        channel,
        language: input.language,
        filer,
        contact: input.start.contact,
        return_way: ReturnWay::Counter,
        state: State::Draft,
        created_at: ctx.now(),
        requested_on: None,
        submitted_at: None,
        received_at: None,
        handed_over: None,
        next_due_at: None,
        clock: None,
        assignee: None,
        challenged: Vec::new(),
        escalated_from: None,
        matter: None,
        matter_reference: None,
        supplements: Vec::new(),
        opinions: Vec::new(),
        payment: None,
        decision: None,
        refusal: None,
        ended_because: None,
        ended_at: None,
        last_move: None,
    };
    let actor =
        if matches!(ctx.actor, Actor::Anonymous) { Actor::Holder(dossier.id) } else { ctx.actor.clone() };
    motcua_store::dossier::insert(&mut tx, &dossier, &crate::track::key_hash(&key), &input.answers).await?;
    let mut opened = Opened {
        filed: Filed { dossier, answers: input.answers },
        version: std::sync::Arc::clone(version),
        rules: std::sync::Arc::clone(&rules),
        actor,
        asked: access::Asked::default(),
    };
    if input.submit {
        opened = submit_in(ctx, &mut tx, opened, None, input.handing).await?;
    }
    let mut view = view::build(ctx, tx.conn(), &opened).await?;
    view.tracking_key = Some(key);
    ticket.answer(&mut tx, &view).await?;
    tx.commit().await?;
    Ok(view)
}

/// Perhaps it was opened after this process read the rules.
async fn know_agency(ctx: &Ctx, agency: AgencyId) -> Result<()> {
    if ctx.app.rules().find_office(agency).is_none() {
        ctx.app.refresh_rules().await?;
    }
    Ok(())
}

/// An agency that takes requests today.
fn open_office(rules: &Rules, agency: AgencyId, today: NaiveDate) -> Result<&Office> {
    let office = rules.find_office(agency).ok_or_else(|| Error::field("/agency", ErrorCode::FieldChoice))?;
    if office.agency.from > today || office.agency.until.is_some_and(|last| last < today) {
        return Err(Error::fields(vec![FieldError::new(
            "/agency",
            ErrorCode::FieldChoice,
            Text::new(
                "Cơ quan này không còn hoạt động; hãy chọn cơ quan kế thừa.",
                "This agency no longer exists; choose its successor.",
            ),
        )]));
    }
    Ok(office)
}

/// Who may bring a request of this procedure to this agency.
fn may_bring(actor: &Actor, procedure: ProcedureKey, agency: AgencyId, today: NaiveDate) -> Result<()> {
    match actor {
        Actor::Anonymous | Actor::Holder(_) | Actor::Citizen(_) => Ok(()),
        Actor::Partner(partner) => {
            let files = partner.scopes.contains(&(procedure, Verb::File))
                && (partner.agencies.is_empty() || partner.agencies.contains(&agency));
            if files { Ok(()) } else { Err(Error::of(ErrorCode::OutsideScope)) }
        }
        Actor::Staff(staff) if staff.at_counter(today).any(|held| held.covers(agency)) => Ok(()),
        Actor::Staff(_) | Actor::System => Err(Error::of(ErrorCode::NotPermitted)),
    }
}

/// Who files, and by which channel they may.
fn filer(ctx: &Ctx, input: &Begin) -> Result<(Filer, Channel)> {
    may_bring(&ctx.actor, input.procedure, input.start.agency, ctx.today())?;
    let start = input.start.clone().kept();
    let none = Filer {
        account: None,
        partner: None,
        partner_user: None,
        staff: None,
        mode: start.mode,
        filled_in_by: start.filled_in_by,
    };
    let (filer, usual) = match &ctx.actor {
        Actor::Anonymous | Actor::Holder(_) | Actor::System => (none, Channel::Online),
        Actor::Citizen(account) => (Filer { account: Some(*account), ..none }, Channel::Online),
        Actor::Partner(partner) => (
            Filer {
                partner: Some(PartnerId(partner.id.0)),
                partner_user: partner.asserted_user.clone(),
                ..none
            },
            Channel::Partner,
        ),
        Actor::Staff(staff) => (Filer { staff: Some(AccountId(staff.account.0)), ..none }, Channel::Counter),
    };
    let channel = input.channel.unwrap_or(usual);
    let fits = if filer.staff.is_some() { channel.by_staff() } else { channel == usual };
    if fits { Ok((filer, channel)) } else { Err(Error::field("/channel", ErrorCode::FieldChoice)) }
}

/// What is wrong with how the applicant can be reached.
///
/// # Errors
/// Every field that is missing or cannot be right.
pub fn check_start(
    contact: &Contact,
    filled_in_by: Option<&str>,
) -> std::result::Result<(), Vec<FieldError>> {
    let mut errors = Vec::new();
    let mut want = |pointer: &str, holds: bool, code| {
        if !holds {
            errors.push(FieldError::plain(pointer, code));
        }
    };
    let safe = |text: &str| motcua_domain::person::is_safe_text(text);
    want("/contact/name", !contact.name.trim().is_empty(), ErrorCode::FieldRequired);
    want("/contact/name", contact.name.chars().count() <= 200, ErrorCode::FieldTooLong);
    want("/contact/name", safe(&contact.name), ErrorCode::FieldFormat);
    let mail_like = |mail: &str| mail.len() <= 254 && mail.parse::<lettre::Address>().is_ok();
    want("/contact/email", contact.email.as_deref().is_none_or(mail_like), ErrorCode::FieldFormat);
    let phone_like = |phone: &str| {
        (6..=20).contains(&phone.len())
            && phone.chars().all(|c| c.is_ascii_digit() || matches!(c, '+' | ' ' | '.' | '-' | '(' | ')'))
    };
    want("/contact/phone", contact.phone.as_deref().is_none_or(phone_like), ErrorCode::FieldFormat);
    let other = filled_in_by.unwrap_or_default();
    want("/filled_in_by", other.chars().count() <= 200, ErrorCode::FieldTooLong);
    want("/filled_in_by", safe(other), ErrorCode::FieldFormat);
    if errors.is_empty() { Ok(()) } else { Err(errors) }
}

/// Saves the answers of a draft as they are given. Nothing is checked yet; nothing is lost.
///
/// # Errors
/// Wrong state once it is submitted; stale version.
pub async fn save_answers(ctx: &Ctx, id: DossierId, ticket: &Ticket, answers: Value) -> Result<DossierView> {
    change_draft(ctx, id, ticket, |opened| {
        opened.filed.answers = answers;
        Ok(())
    })
    .await
}

/// Changes what was asked first, while the dossier is a draft.
///
/// # Errors
/// All wrong fields at once; not permitted there; wrong state once it is submitted; stale version.
pub async fn change_start(ctx: &Ctx, id: DossierId, ticket: &Ticket, start: Start) -> Result<DossierView> {
    know_agency(ctx, start.agency).await?;
    change_draft(ctx, id, ticket, |opened| {
        let rules = std::sync::Arc::clone(&opened.rules);
        let office = open_office(&rules, start.agency, ctx.today())?;
        may_bring(&opened.actor, opened.dossier().procedure, start.agency, ctx.today())?;
        check_start(&start.contact, start.filled_in_by.as_deref()).map_err(Error::fields)?;
        let (start, dossier) = (start.kept(), &mut opened.filed.dossier);
        dossier.agency = start.agency;
        dossier.owner_unit = office.routing()?.one_window;
        dossier.filer.mode = start.mode;
        dossier.filer.filled_in_by = start.filled_in_by;
        dossier.contact = start.contact;
        Ok(())
    })
    .await
}

async fn change_draft(
    ctx: &Ctx,
    id: DossierId,
    ticket: &Ticket,
    change: impl FnOnce(&mut Opened) -> Result<()>,
) -> Result<DossierView> {
    let mut tx = ctx.app.begin("change_draft").await?;
    if let Some(answer) = ticket.claim(ctx, &mut tx).await? {
        return access::still_viewable(ctx, &mut tx, id, answer).await;
    }
    let mut opened = access::lock(ctx, &mut tx, id).await?;
    let permit = opened.permit(ctx, Permission::Edit)?;
    check_version(&opened, ticket.expected_version)?;
    if opened.dossier().state != State::Draft {
        return Err(Error::of(ErrorCode::ActNotAllowed));
    }
    opened.filed.dossier.version = opened.filed.dossier.version.saturating_add(1);
    change(&mut opened)?;
    motcua_store::dossier::save_draft(&mut tx, &permit, opened.dossier(), &opened.filed.answers).await?;
    let view = view::build(ctx, tx.conn(), &opened).await?;
    ticket.answer(&mut tx, &view).await?;
    tx.commit().await?;
    Ok(view)
}

/// Submits a draft: the form is checked whole, then dossier, event, audit and messages commit together.
///
/// # Errors
/// All wrong fields at once, with pointers into `/answers`.
pub async fn submit(ctx: &Ctx, id: DossierId, ticket: &Ticket, handing: Handing) -> Result<DossierView> {
    let mut tx = ctx.app.begin("submit").await?;
    if let Some(answer) = ticket.claim(ctx, &mut tx).await? {
        return access::still_viewable(ctx, &mut tx, id, answer).await;
    }
    let opened = access::lock(ctx, &mut tx, id).await?;
    let opened = submit_in(ctx, &mut tx, opened, ticket.expected_version, handing).await?;
    let view = view::build(ctx, tx.conn(), &opened).await?;
    ticket.answer(&mut tx, &view).await?;
    tx.commit().await?;
    Ok(view)
}

async fn submit_in(
    ctx: &Ctx,
    tx: &mut Tx,
    mut opened: Opened,
    expected_version: Option<i64>,
    handing: Handing,
) -> Result<Opened> {
    opened.permit(ctx, Permission::Act(CommandKind::Submit))?;
    check_version(&opened, expected_version)?;
    // A draft has no legal effect yet, so it simply follows the rules of the day it is filed.
    let rules = std::sync::Arc::clone(&opened.rules);
    let today = ctx.today();
    if let Some(current) =
        rules.in_force(opened.dossier().procedure, today).filter(|_| opened.dossier().state == State::Draft)
    {
        opened.version = std::sync::Arc::clone(current);
        opened.filed.dossier.procedure_version = current.id;
        let checked = current.form.check(opened.filed.answers.clone()).map_err(|errors| {
            Error::fields(
                errors
                    .into_iter()
                    .map(|error| FieldError { pointer: format!("/answers{}", error.pointer), ..error })
                    .collect(),
            )
        })?;
        opened.filed.answers = checked.into_answers();
        if let Some(way) = opened
            .filed
            .answers
            .pointer("/reception/way")
            .and_then(Value::as_str)
            .and_then(|way| way.parse().ok())
        {
            opened.filed.dossier.return_way = way;
        }
    }
    let by_staff = opened.dossier().channel.by_staff();
    let receives = handing.receive && by_staff;
    if handing.handed_over.is_some() && !receives {
        return Err(Error::fields(vec![FieldError::new(
            "/handed_over",
            ErrorCode::FieldInvalid,
            Text::new(
                "Giấy tờ đã nhận chỉ được ghi khi tiếp nhận tại quầy.",
                "What came on paper is recorded with the receipt at the counter only.",
            ),
        )]));
    }
    let command = Command::Submit {
        requested_on: handing.requested_on.filter(|_| by_staff),
        matter: None,
        matter_reference: None,
    };
    let mut opened = act::advance(ctx, tx, opened, None, command).await?;
    let mut told = vec![CommandKind::Submit];
    if receives {
        opened = act::advance(ctx, tx, opened, None, Command::receive(handing.handed_over)).await?;
        told.push(CommandKind::Receive);
    }
    letters::send(ctx, tx, &opened, &told).await?;
    papers::draw_up(ctx, tx, &opened, &told).await?;
    Ok(opened)
}

/// Throws a draft away.
///
/// # Errors
/// Wrong state once it is submitted.
pub async fn discard(ctx: &Ctx, id: DossierId, ticket: &Ticket) -> Result<()> {
    let mut tx = ctx.app.begin("discard").await?;
    let opened = access::lock(ctx, &mut tx, id).await?;
    let permit = opened.permit(ctx, Permission::Edit)?;
    check_version(&opened, ticket.expected_version)?;
    if opened.dossier().state != State::Draft {
        return Err(Error::of(ErrorCode::ActNotAllowed));
    }
    crate::documents::give_up_files(ctx, &mut tx, id).await?;
    motcua_store::dossier::discard(&mut tx, &permit).await?;
    tx.commit().await?;
    Ok(())
}
