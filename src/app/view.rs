//! What a caller sees of a dossier: one shape, filled as far as the policy allows.
//! Personal data is masked and internal parts are absent unless permitted.

use chrono::{DateTime, NaiveDate, Utc};
use motcua_domain::agency::Officer;
use motcua_domain::deadline::{DueDate, working_days_left};
use motcua_domain::dossier::allowed::{Allowed, allowed};
use motcua_domain::dossier::clock::Extension;
use motcua_domain::dossier::command::CommandKind;
use motcua_domain::dossier::facts::Facts;
use motcua_domain::dossier::handed::HandedOver;
use motcua_domain::dossier::ruling::Ruling;
use motcua_domain::dossier::state::{State, StateName};
use motcua_domain::dossier::undo::LastMove;
use motcua_domain::dossier::{
    Channel, Decision, Dossier, FilerMode, Opinion, Payment, Refusal, ReturnWay, Supplement,
};
use motcua_domain::ids::{AgencyId, DossierId, MatterId, OpinionId, ProcedureVersionId, UnitId};
use motcua_domain::person::{Contact, mask, mask_answers};
use motcua_domain::policy::Permission;
use motcua_domain::procedure::{ProcedureKey, Requirement, requirement};
use motcua_domain::text::{Language, Text};
use motcua_store::Conn;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::access::{self, Opened};
use crate::{Ctx, Result, words};

/// A thing by id and name.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct AgencyRef {
    pub id: AgencyId,
    pub name: Text,
}

/// A unit by id and name.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct UnitRef {
    pub id: UnitId,
    pub name: Text,
}

/// Which procedure, and which dated rules.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct ProcedureRef {
    pub key: ProcedureKey,
    pub name: Text,
    pub version: String,
    pub version_id: ProcedureVersionId,
}

/// Where the dossier stands.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct StateView {
    pub name: StateName,
    pub label: Text,
    /// Status code of the National Public Service Portal, 1 to 10.
    pub national_code: Option<u8>,
    pub step: Option<StepView>,
    /// What must happen next; absent when nothing must.
    pub next_step: Option<String>,
    /// By when.
    pub next_due_at: Option<DateTime<Utc>>,
}

/// The step of the route.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct StepView {
    pub key: String,
    pub name: Text,
}

/// The agency's clock, with its reckoning.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct ClockView {
    pub due_on: NaiveDate,
    pub due_at: DateTime<Utc>,
    pub runs: bool,
    /// Working days to the due date; negative when it has passed.
    pub working_days_left: i32,
    pub restarts: u16,
    pub extension: Option<Extension>,
    /// Day by day; absent while the clock stands still.
    pub explanation: Option<DueDate>,
}

/// On whose behalf it was filled in, and by whom.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct FilerView {
    pub mode: FilerMode,
    /// The representative or helper, as typed; not verified.
    pub filled_in_by: Option<String>,
}

/// A paper that is wanted and not there.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct MissingPaper {
    pub requirement: String,
    pub name: Text,
    pub hint: Option<Text>,
}

/// The result as the applicant sees it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct ResultView {
    pub ruling: Ruling,
    pub number: String,
    pub signed_at: DateTime<Utc>,
}

/// What only the agency sees.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct InternalView {
    pub assignee: Option<Officer>,
    pub opinions: Vec<Opinion>,
    /// Those the caller may answer now.
    pub to_answer: Vec<OpinionId>,
    pub decision: Option<Decision>,
    pub book_serial: Option<i32>,
}

/// A dossier as a caller sees it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct DossierView {
    pub id: DossierId,
    /// The ETag; send it back in If-Match with every change.
    pub version: i64,
    pub reference: String,
    /// Official dossier code, once received.
    pub code: Option<String>,
    pub procedure: ProcedureRef,
    pub agency: AgencyRef,
    pub owner_unit: UnitRef,
    pub channel: Channel,
    pub language: Language,
    pub state: StateView,
    pub clock: Option<ClockView>,
    pub contact: Contact,
    pub filer: FilerView,
    pub return_way: ReturnWay,
    pub created_at: DateTime<Utc>,
    pub requested_on: Option<NaiveDate>,
    pub submitted_at: Option<DateTime<Utc>>,
    pub received_at: Option<DateTime<Utc>>,
    pub ended_at: Option<DateTime<Utc>>,
    pub ended_because: Option<String>,
    pub matter: Option<MatterId>,
    pub matter_reference: Option<String>,
    #[cfg_attr(feature = "schema", schema(value_type = Object))]
    pub answers: Value,
    /// True when personal data is masked for this reader.
    pub masked: bool,
    pub missing_papers: Vec<MissingPaper>,
    /// What came on paper, as recorded on receipt.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub handed_over: Option<HandedOver>,
    pub supplements: Vec<Supplement>,
    pub payment: Option<Payment>,
    pub refusal: Option<Refusal>,
    pub result: Option<ResultView>,
    pub internal: Option<InternalView>,
    pub allowed_actions: Vec<Allowed>,
    /// Until when the caller can take back the move they just made.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub undo_until: Option<DateTime<Utc>>,
    /// The secret for following the dossier; only in the answer that created it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tracking_key: Option<String>,
}

/// Builds the view. The caller has been permitted to view.
pub async fn build(ctx: &Ctx, conn: &mut Conn, opened: &Opened) -> Result<DossierView> {
    let facts = access::facts(ctx, conn, opened).await?;
    build_with(ctx, conn, opened, &facts).await
}

/// The same for whoever has the facts already.
pub(crate) async fn build_with(
    ctx: &Ctx,
    conn: &mut Conn,
    opened: &Opened,
    facts: &Facts<'_>,
) -> Result<DossierView> {
    let office = opened.office()?;
    let now = ctx.now();
    let actions = allowed(opened.dossier(), &office, facts, now);
    let dossier = opened.dossier();
    let mut present = access::papers(conn, opened).await?.to_vec();
    present.extend(dossier.handed().map(str::to_owned));
    let answers_one = actions.iter().any(|open| open.act == CommandKind::AnswerOpinion);
    let undoes = actions.iter().any(|open| open.act == CommandKind::Undo);
    let undo_until = dossier.last_move.as_ref().filter(|_| undoes).map(LastMove::until);
    let definition = &opened.version.definition;
    let house = opened.rules.office(dossier.agency)?;
    let personal = opened.may(ctx, Permission::ViewPersonal);
    let internal = opened.may(ctx, Permission::ViewInternal);
    let mut answers = opened.filed.answers.clone();
    let mut contact = dossier.contact.clone();
    let mut filled_in_by = dossier.filer.filled_in_by.clone();
    if !personal {
        filled_in_by = filled_in_by.as_deref().map(mask);
        mask_answers(&mut answers);
        contact.name = mask(&contact.name);
        contact.email = contact.email.as_deref().map(mask);
        contact.phone = contact.phone.as_deref().map(mask);
    }
    let step = dossier
        .state
        .step()
        .and_then(|key| definition.step(key))
        .map(|step| StepView { key: step.key.clone(), name: step.name.clone() });
    let result = match (&dossier.state, &dossier.decision) {
        (
            State::Decided | State::Returned,
            Some(Decision { ruling, number: Some(number), signed_at: Some(signed_at), .. }),
        ) => Some(ResultView { ruling: ruling.clone(), number: number.clone(), signed_at: *signed_at }),
        _ => None,
    };
    Ok(DossierView {
        id: dossier.id,
        version: dossier.version,
        reference: dossier.reference.clone(),
        code: dossier.code.clone(),
        procedure: ProcedureRef {
            key: definition.key,
            name: definition.name.clone(),
            version: definition.version.clone(),
            version_id: opened.version.id,
        },
        agency: AgencyRef { id: dossier.agency, name: house.agency.name.clone() },
        owner_unit: UnitRef {
            id: dossier.owner_unit,
            name: house.unit(dossier.owner_unit).map(|unit| unit.name.clone()).unwrap_or_default(),
        },
        channel: dossier.channel,
        language: dossier.language,
        state: StateView {
            name: dossier.state.name(),
            label: words::state(dossier.state.name()),
            national_code: dossier.state.name().national_code(),
            step,
            next_step: dossier.next_step().map(str::to_owned),
            next_due_at: dossier.next_due_at,
        },
        clock: dossier.clock.as_ref().map(|clock| ClockView {
            due_on: clock.due_on,
            due_at: clock.due_at,
            runs: clock.runs(),
            working_days_left: working_days_left(office.calendar, ctx.today(), clock.due_on),
            restarts: clock.restarts,
            extension: clock.extension.clone(),
            explanation: clock.explain(&office).ok(),
        }),
        contact,
        filer: FilerView { mode: dossier.filer.mode, filled_in_by },
        return_way: dossier.return_way,
        created_at: dossier.created_at,
        requested_on: dossier.requested_on,
        submitted_at: dossier.submitted_at,
        received_at: dossier.received_at,
        ended_at: dossier.ended_at,
        ended_because: dossier.ended_because.clone(),
        matter: dossier.matter,
        matter_reference: dossier.matter_reference.clone(),
        missing_papers: missing(&definition.requirements, &opened.filed.answers, &present),
        handed_over: dossier.handed_over.clone(),
        answers,
        masked: !personal,
        supplements: dossier.supplements.clone(),
        payment: dossier.payment.clone(),
        refusal: dossier.refusal.clone(),
        result,
        internal: internal.then(|| InternalView {
            assignee: dossier.assignee,
            opinions: dossier.opinions.clone(),
            to_answer: if answers_one { open_questions(ctx, dossier) } else { Vec::new() },
            decision: dossier.decision.clone(),
            book_serial: dossier.book_serial,
        }),
        undo_until,
        allowed_actions: actions,
        tracking_key: None,
    })
}

/// Opinions that wait for a unit the caller stands in, in whatever name.
fn open_questions(ctx: &Ctx, dossier: &Dossier) -> Vec<OpinionId> {
    let Some(staff) = ctx.actor.staff() else { return Vec::new() };
    let mine =
        |opinion: &&Opinion| opinion.answered_at.is_none() && staff.stands_in(opinion.unit, ctx.today());
    dossier.opinions.iter().filter(mine).map(|opinion| opinion.id).collect()
}

/// Wanted papers that are not there: told completely, and never a reason not to take the filing.
fn missing(requirements: &[Requirement], answers: &Value, present: &[String]) -> Vec<MissingPaper> {
    requirement::missing(requirements, answers, present)
        .into_iter()
        .map(|wanted| MissingPaper {
            requirement: wanted.key.clone(),
            name: wanted.name.clone(),
            hint: wanted.hint.clone(),
        })
        .collect()
}
