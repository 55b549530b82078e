//! Inside the agency: assign, steps, opinions, draft, propose, payment.

use actix_web::{HttpResponse, get, post};
use chrono::{DateTime, NaiveDate, Utc};
use motcua_app::assignment::{self, Suggestion};
use motcua_app::view::DossierView;
use motcua_domain::dossier::command::Command;
use motcua_domain::dossier::ruling::RulingInput;
use motcua_domain::ids::{AccountId, DossierId, OpinionId, UnitId};
use serde::Deserialize;
use utoipa::ToSchema;

use super::{Nothing, act};
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

/// Assign an officer, or change hands.
#[utoipa::path(tag = "office", operation_id = "assign", request_body = AssignmentBody, params(("id" = DossierId, Path), ("If-Match" = String, Header, description = "The version that was read")), responses((status = 200, body = DossierView)))]
#[post("/dossiers/{id}/assignments")]
pub async fn assign(
    caller: Caller,
    id: Id<DossierId>,
    conditions: Conditions,
    body: Body<AssignmentBody>,
) -> Result<HttpResponse, Failure> {
    let input = body.value;
    act(&caller.0, id.0, &conditions, &body.raw, Command::Assign { officer: input.officer, note: input.note })
        .await
}

/// How a step ends.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CompletionBody {
    /// Key of an outcome of the step.
    pub outcome: String,
    pub note: Option<String>,
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
    let input = body.value;
    act(
        &caller.0,
        id.0,
        &conditions,
        &body.raw,
        Command::CompleteStep { step, outcome: input.outcome, note: input.note },
    )
    .await
}

/// Back to an earlier step.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SendBackBody {
    /// Key of the step.
    pub to: String,
    pub reason: String,
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
    let input = body.value;
    act(&caller.0, id.0, &conditions, &body.raw, Command::SendBack { to: input.to, reason: input.reason })
        .await
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

/// Ask another unit for an opinion, with a due date of its own.
#[utoipa::path(tag = "office", operation_id = "request_opinion", request_body = OpinionRequestBody, params(("id" = DossierId, Path), ("If-Match" = String, Header, description = "The version that was read")), responses((status = 200, body = DossierView)))]
#[post("/dossiers/{id}/opinions")]
pub async fn request_opinion(
    caller: Caller,
    id: Id<DossierId>,
    conditions: Conditions,
    body: Body<OpinionRequestBody>,
) -> Result<HttpResponse, Failure> {
    let input = body.value;
    act(
        &caller.0,
        id.0,
        &conditions,
        &body.raw,
        Command::RequestOpinion {
            id: caller.0.app.new_id(),
            unit: input.unit,
            question: input.question,
            due_on: input.due_on,
        },
    )
    .await
}

/// The unit's opinion.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct OpinionAnswerBody {
    pub answer: String,
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
    act(
        &caller.0,
        id.0,
        &conditions,
        &body.raw,
        Command::AnswerOpinion { id: opinion, answer: body.value.answer },
    )
    .await
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
    let input = body.value;
    act(&caller.0, id.0, &conditions, &body.raw, Command::Draft { ruling: input }).await
}

/// Propose the draft for signature.
#[utoipa::path(tag = "office", operation_id = "propose", request_body = Nothing, params(("id" = DossierId, Path), ("If-Match" = String, Header, description = "The version that was read")), responses((status = 200, body = DossierView)))]
#[post("/dossiers/{id}/decision/proposal")]
pub async fn propose(
    caller: Caller,
    id: Id<DossierId>,
    conditions: Conditions,
    body: Body<Nothing>,
) -> Result<HttpResponse, Failure> {
    let input = body.value;
    act(&caller.0, id.0, &conditions, &body.raw, {
        let Nothing {} = input;
        Command::Propose
    })
    .await
}

/// A payment the applicant must make.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PaymentRequestBody {
    /// Whole đồng.
    pub amount: u64,
    pub reason: String,
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
    let input = body.value;
    act(
        &caller.0,
        id.0,
        &conditions,
        &body.raw,
        Command::RequestPayment { amount: input.amount, reason: input.reason },
    )
    .await
}

/// A payment made.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PaymentBody {
    pub paid_at: DateTime<Utc>,
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
    let input = body.value;
    act(&caller.0, id.0, &conditions, &body.raw, Command::ConfirmPayment { paid_at: input.paid_at }).await
}
