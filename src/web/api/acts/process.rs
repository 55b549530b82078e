//! Inside the agency: assign, steps, opinions, draft, propose, payment.

use actix_web::{HttpResponse, get, post};
use chrono::{DateTime, NaiveDate, Utc};
use motcua_app::Ctx;
use motcua_app::assignment::{self, Suggestion};
use motcua_app::view::DossierView;
use motcua_domain::dossier::command::Command;
use motcua_domain::dossier::ruling::RulingInput;
use motcua_domain::ids::{AccountId, DossierId, OpinionId, UnitId};
use serde::Deserialize;
use utoipa::ToSchema;

use super::{Nothing, Says, act, say};
use crate::body::{Body, Id};
use crate::caller::Caller;
use crate::precondition::Conditions;
use crate::problem::Failure;

/// Who could take the dossier: load, absence, and who is excluded and why.
#[utoipa::path(tag = "office", operation_id = "suggest", params(("id" = DossierId, Path)), responses((status = 200, body = Vec<Suggestion>)))]
#[get("/dossiers/{id}/assignment-suggestions")]
pub async fn suggest(caller: Caller, id: Id<DossierId>) -> Result<HttpResponse, Failure> {
    Ok(HttpResponse::Ok().json(assignment::suggest(&caller.0, id.0).await?))
}

/// Who handles the dossier.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AssignmentBody {
    pub officer: AccountId,
    pub note: Option<String>,
}

impl Says for AssignmentBody {
    fn command(self, _: &Ctx) -> Command {
        Command::Assign { officer: self.officer, note: self.note }
    }
}

/// Assign an officer, or change hands.
#[utoipa::path(tag = "office", operation_id = "assign", request_body = AssignmentBody, params(("id" = DossierId, Path), ("If-Match" = String, Header, description = "The version that was read")), responses((status = 200, body = DossierView)))]
#[post("/dossiers/{id}/assignments")]
pub async fn assign(
    caller: Caller,
    id: Id<DossierId>,
    conditions: Conditions,
    body: Body<AssignmentBody>,
) -> Result<HttpResponse, Failure> {
    say(&caller.0, id.0, &conditions, body).await
}

/// How a step ends.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CompletionBody {
    /// Key of an outcome of the step.
    pub outcome: String,
    pub note: Option<String>,
}

impl CompletionBody {
    pub fn command(self, step: String) -> Command {
        Command::CompleteStep { step, outcome: self.outcome, note: self.note }
    }
}

/// Complete the present step.
#[utoipa::path(tag = "office", operation_id = "complete_step", request_body = CompletionBody, params(("id" = DossierId, Path), ("step" = String, Path), ("If-Match" = String, Header, description = "The version that was read")), responses((status = 200, body = DossierView)))]
#[post("/dossiers/{id}/steps/{step}/completions")]
pub async fn complete_step(
    request: actix_web::HttpRequest,
    caller: Caller,
    id: Id<DossierId>,
    conditions: Conditions,
    body: Body<CompletionBody>,
) -> Result<HttpResponse, Failure> {
    let step = request.match_info().get("step").unwrap_or_default().to_owned();
    act(&caller.0, id.0, &conditions, &body.raw, body.value.command(step)).await
}

/// Back to an earlier step.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SendBackBody {
    /// Key of the step.
    pub to: String,
    pub reason: String,
}

impl Says for SendBackBody {
    fn command(self, _: &Ctx) -> Command {
        Command::SendBack { to: self.to, reason: self.reason }
    }
}

/// Send back to an earlier step.
#[utoipa::path(tag = "office", operation_id = "send_back", request_body = SendBackBody, params(("id" = DossierId, Path), ("If-Match" = String, Header, description = "The version that was read")), responses((status = 200, body = DossierView)))]
#[post("/dossiers/{id}/send-backs")]
pub async fn send_back(
    caller: Caller,
    id: Id<DossierId>,
    conditions: Conditions,
    body: Body<SendBackBody>,
) -> Result<HttpResponse, Failure> {
    say(&caller.0, id.0, &conditions, body).await
}

/// A question to another unit.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct OpinionRequestBody {
    pub unit: UnitId,
    pub question: String,
    /// A working day.
    pub due_on: NaiveDate,
}

impl Says for OpinionRequestBody {
    fn command(self, ctx: &Ctx) -> Command {
        Command::RequestOpinion {
            id: ctx.app.new_id(),
            unit: self.unit,
            question: self.question,
            due_on: self.due_on,
        }
    }
}

/// Ask another unit for an opinion, with a due date of its own.
#[utoipa::path(tag = "office", operation_id = "request_opinion", request_body = OpinionRequestBody, params(("id" = DossierId, Path), ("If-Match" = String, Header, description = "The version that was read")), responses((status = 200, body = DossierView)))]
#[post("/dossiers/{id}/opinions")]
pub async fn request_opinion(
    caller: Caller,
    id: Id<DossierId>,
    conditions: Conditions,
    body: Body<OpinionRequestBody>,
) -> Result<HttpResponse, Failure> {
    say(&caller.0, id.0, &conditions, body).await
}

/// The unit's opinion.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct OpinionAnswerBody {
    pub answer: String,
}

impl OpinionAnswerBody {
    pub fn command(self, id: OpinionId) -> Command {
        Command::AnswerOpinion { id, answer: self.answer }
    }
}

/// Answer an opinion asked of the caller's unit.
#[utoipa::path(tag = "office", operation_id = "answer_opinion", request_body = OpinionAnswerBody, params(("id" = DossierId, Path), ("opinion" = OpinionId, Path), ("If-Match" = String, Header, description = "The version that was read")), responses((status = 200, body = DossierView)))]
#[post("/dossiers/{id}/opinions/{opinion}/answer")]
pub async fn answer_opinion(
    request: actix_web::HttpRequest,
    caller: Caller,
    id: Id<DossierId>,
    conditions: Conditions,
    body: Body<OpinionAnswerBody>,
) -> Result<HttpResponse, Failure> {
    let opinion: OpinionId = request
        .match_info()
        .get("opinion")
        .and_then(|text| text.parse().ok())
        .ok_or(motcua_domain::error_code::ErrorCode::NotFound)?;
    act(&caller.0, id.0, &conditions, &body.raw, body.value.command(opinion)).await
}

impl Says for RulingInput {
    fn command(self, _: &Ctx) -> Command {
        Command::Draft { ruling: self }
    }
}

/// Draft the result. States and amounts are composed from the register.
#[utoipa::path(tag = "office", operation_id = "draft", request_body = RulingInput, params(("id" = DossierId, Path), ("If-Match" = String, Header, description = "The version that was read")), responses((status = 200, body = DossierView)))]
#[post("/dossiers/{id}/decision")]
pub async fn draft(
    caller: Caller,
    id: Id<DossierId>,
    conditions: Conditions,
    body: Body<RulingInput>,
) -> Result<HttpResponse, Failure> {
    say(&caller.0, id.0, &conditions, body).await
}

/// What the officer ticked off.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ProposalBody {
    /// Lines of the step's checklist that hold, from 0.
    #[serde(default)]
    #[schema(max_items = 100)]
    pub checked: Vec<u16>,
}

impl Says for ProposalBody {
    fn command(self, _: &Ctx) -> Command {
        Command::Propose { checked: self.checked }
    }
}

/// Propose the draft for signature.
#[utoipa::path(tag = "office", operation_id = "propose", request_body = ProposalBody, params(("id" = DossierId, Path), ("If-Match" = String, Header, description = "The version that was read")), responses((status = 200, body = DossierView)))]
#[post("/dossiers/{id}/decision/proposal")]
pub async fn propose(
    caller: Caller,
    id: Id<DossierId>,
    conditions: Conditions,
    body: Body<ProposalBody>,
) -> Result<HttpResponse, Failure> {
    say(&caller.0, id.0, &conditions, body).await
}

/// A payment the applicant must make.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PaymentRequestBody {
    /// Whole đồng.
    pub amount: u64,
    pub reason: String,
}

impl Says for PaymentRequestBody {
    fn command(self, _: &Ctx) -> Command {
        Command::RequestPayment { amount: self.amount, reason: self.reason }
    }
}

/// Ask for a payment; the clock stands still until it is confirmed.
#[utoipa::path(tag = "office", operation_id = "request_payment", request_body = PaymentRequestBody, params(("id" = DossierId, Path), ("If-Match" = String, Header, description = "The version that was read")), responses((status = 200, body = DossierView)))]
#[post("/dossiers/{id}/payment-requests")]
pub async fn request_payment(
    caller: Caller,
    id: Id<DossierId>,
    conditions: Conditions,
    body: Body<PaymentRequestBody>,
) -> Result<HttpResponse, Failure> {
    say(&caller.0, id.0, &conditions, body).await
}

/// A payment made.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PaymentBody {
    pub paid_at: DateTime<Utc>,
}

impl Says for PaymentBody {
    fn command(self, _: &Ctx) -> Command {
        Command::ConfirmPayment { paid_at: self.paid_at }
    }
}

/// Confirm a payment; the clock goes on.
#[utoipa::path(tag = "office", operation_id = "confirm_payment", request_body = PaymentBody, params(("id" = DossierId, Path), ("If-Match" = String, Header, description = "The version that was read")), responses((status = 200, body = DossierView)))]
#[post("/dossiers/{id}/payments")]
pub async fn confirm_payment(
    caller: Caller,
    id: Id<DossierId>,
    conditions: Conditions,
    body: Body<PaymentBody>,
) -> Result<HttpResponse, Failure> {
    say(&caller.0, id.0, &conditions, body).await
}

/// Take the last move back: an assignment, a step completed, a dossier sent back, a proposal. For ten minutes,
/// by whoever made it, while nothing else was done.
#[utoipa::path(tag = "office", operation_id = "undo", request_body = Nothing, params(("id" = DossierId, Path), ("If-Match" = String, Header, description = "The version that was read")), responses((status = 200, body = DossierView)))]
#[post("/dossiers/{id}/undo")]
pub async fn undo(
    caller: Caller,
    id: Id<DossierId>,
    conditions: Conditions,
    body: Body<Nothing>,
) -> Result<HttpResponse, Failure> {
    let Nothing {} = body.value;
    act(&caller.0, id.0, &conditions, &body.raw, Command::Undo).await
}
