//! To the end: sign, number, hand over, return, stop, extend, lapse, re-pin.

use actix_web::{HttpResponse, post};
use chrono::NaiveDate;
use motcua_app::view::DossierView;
use motcua_domain::dossier::ReturnWay;
use motcua_domain::dossier::command::Command;
use motcua_domain::ids::DossierId;
use serde::Deserialize;
use utoipa::ToSchema;

use super::{Nothing, act};
use crate::body::{Body, Id};
use crate::caller::Caller;
use crate::precondition::Conditions;
use crate::problem::Failure;

/// Sign the proposed result; it changes the register at once.
#[utoipa::path(tag = "office", operation_id = "sign", request_body = Nothing, params(("id" = DossierId, Path), ("If-Match" = String, Header, description = "The version that was read")), responses((status = 200, body = DossierView)))]
#[post("/dossiers/{id}/decision/signature")]
pub async fn sign(
    caller: Caller,
    id: Id<DossierId>,
    conditions: Conditions,
    body: Body<Nothing>,
) -> Result<HttpResponse, Failure> {
    let input = body.value;
    act(&caller.0, id.0, &conditions, &body.raw, {
        let Nothing {} = input;
        Command::Sign
    })
    .await
}

/// Give the signed result its number.
#[utoipa::path(tag = "office", operation_id = "number", request_body = Nothing, params(("id" = DossierId, Path), ("If-Match" = String, Header, description = "The version that was read")), responses((status = 200, body = DossierView)))]
#[post("/dossiers/{id}/decision/number")]
pub async fn number(
    caller: Caller,
    id: Id<DossierId>,
    conditions: Conditions,
    body: Body<Nothing>,
) -> Result<HttpResponse, Failure> {
    let input = body.value;
    act(&caller.0, id.0, &conditions, &body.raw, {
        let Nothing {} = input;
        Command::Number { number: String::new() }
    })
    .await
}

/// Hand the result over to the one-window unit.
#[utoipa::path(tag = "office", operation_id = "hand_over", request_body = Nothing, params(("id" = DossierId, Path), ("If-Match" = String, Header, description = "The version that was read")), responses((status = 200, body = DossierView)))]
#[post("/dossiers/{id}/handover")]
pub async fn hand_over(
    caller: Caller,
    id: Id<DossierId>,
    conditions: Conditions,
    body: Body<Nothing>,
) -> Result<HttpResponse, Failure> {
    let input = body.value;
    act(&caller.0, id.0, &conditions, &body.raw, {
        let Nothing {} = input;
        Command::HandOver
    })
    .await
}

/// How the result reached the applicant.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ReturnBody {
    pub way: ReturnWay,
    /// Who took it: the applicant, or whom he authorised.
    pub to: String,
}

/// Return the result to the applicant.
#[utoipa::path(tag = "office", operation_id = "return_result", request_body = ReturnBody, params(("id" = DossierId, Path), ("If-Match" = String, Header, description = "The version that was read")), responses((status = 200, body = DossierView)))]
#[post("/dossiers/{id}/return")]
pub async fn return_result(
    caller: Caller,
    id: Id<DossierId>,
    conditions: Conditions,
    body: Body<ReturnBody>,
) -> Result<HttpResponse, Failure> {
    let input = body.value;
    act(&caller.0, id.0, &conditions, &body.raw, Command::Return { way: input.way, to: input.to }).await
}

/// Why work stops.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct StopBody {
    /// Coded reason of the procedure.
    pub reason: String,
    pub note: Option<String>,
}

/// Stop the dossier, with a coded reason.
#[utoipa::path(tag = "office", operation_id = "stop", request_body = StopBody, params(("id" = DossierId, Path), ("If-Match" = String, Header, description = "The version that was read")), responses((status = 200, body = DossierView)))]
#[post("/dossiers/{id}/stop")]
pub async fn stop(
    caller: Caller,
    id: Id<DossierId>,
    conditions: Conditions,
    body: Body<StopBody>,
) -> Result<HttpResponse, Failure> {
    let input = body.value;
    act(&caller.0, id.0, &conditions, &body.raw, Command::Stop { reason: input.reason, note: input.note })
        .await
}

/// A new due date, once, with an apology.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ExtensionBody {
    /// A working day after the former due date.
    pub new_due_on: NaiveDate,
    /// Coded reason of the procedure.
    pub reason: String,
    /// What the applicant is told.
    pub apology: String,
}

/// Put the due date off, once, at least a day before it, with an apology.
#[utoipa::path(tag = "office", operation_id = "extend", request_body = ExtensionBody, params(("id" = DossierId, Path), ("If-Match" = String, Header, description = "The version that was read")), responses((status = 200, body = DossierView)))]
#[post("/dossiers/{id}/extension")]
pub async fn extend(
    caller: Caller,
    id: Id<DossierId>,
    conditions: Conditions,
    body: Body<ExtensionBody>,
) -> Result<HttpResponse, Failure> {
    let input = body.value;
    act(
        &caller.0,
        id.0,
        &conditions,
        &body.raw,
        Command::Extend { new_due_on: input.new_due_on, reason: input.reason, apology: input.apology },
    )
    .await
}

/// End a dossier whose applicant let the time to supply or pay run out.
#[utoipa::path(tag = "office", operation_id = "lapse", request_body = Nothing, params(("id" = DossierId, Path), ("If-Match" = String, Header, description = "The version that was read")), responses((status = 200, body = DossierView)))]
#[post("/dossiers/{id}/lapse")]
pub async fn lapse(
    caller: Caller,
    id: Id<DossierId>,
    conditions: Conditions,
    body: Body<Nothing>,
) -> Result<HttpResponse, Failure> {
    let input = body.value;
    act(&caller.0, id.0, &conditions, &body.raw, {
        let Nothing {} = input;
        Command::Lapse
    })
    .await
}

/// Why the dossier moves to the rules now in force.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RepinBody {
    pub reason: String,
}

/// Move an open dossier to the version now in force.
#[utoipa::path(tag = "office", operation_id = "repin", request_body = RepinBody, params(("id" = DossierId, Path), ("If-Match" = String, Header, description = "The version that was read")), responses((status = 200, body = DossierView)))]
#[post("/dossiers/{id}/repin")]
pub async fn repin(
    caller: Caller,
    id: Id<DossierId>,
    conditions: Conditions,
    body: Body<RepinBody>,
) -> Result<HttpResponse, Failure> {
    let input = body.value;
    act(&caller.0, id.0, &conditions, &body.raw, Command::Repin { reason: input.reason }).await
}
