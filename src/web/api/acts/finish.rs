//! To the end: sign, number, hand over, return, stop, extend, lapse, re-pin.

use actix_web::{HttpResponse, post};
use chrono::NaiveDate;
use motcua_app::Ctx;
use motcua_app::view::DossierView;
use motcua_domain::dossier::ReturnWay;
use motcua_domain::dossier::command::Command;
use motcua_domain::ids::DossierId;
use serde::Deserialize;
use utoipa::ToSchema;

use super::{Nothing, Says, act, say};
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
    let Nothing {} = body.value;
    act(&caller.0, id.0, &conditions, &body.raw, Command::Sign).await
}

/// The number comes from the agency's register.
pub const NUMBER: Command = Command::Number { number: String::new() };

/// Give the signed result its number.
#[utoipa::path(tag = "office", operation_id = "number", request_body = Nothing, params(("id" = DossierId, Path), ("If-Match" = String, Header, description = "The version that was read")), responses((status = 200, body = DossierView)))]
#[post("/dossiers/{id}/decision/number")]
pub async fn number(
    caller: Caller,
    id: Id<DossierId>,
    conditions: Conditions,
    body: Body<Nothing>,
) -> Result<HttpResponse, Failure> {
    let Nothing {} = body.value;
    act(&caller.0, id.0, &conditions, &body.raw, NUMBER).await
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
    let Nothing {} = body.value;
    act(&caller.0, id.0, &conditions, &body.raw, Command::HandOver).await
}

/// How the result reached the applicant.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ReturnBody {
    pub way: ReturnWay,
    /// Who took it: the applicant, or whom he authorised.
    pub to: String,
}

impl Says for ReturnBody {
    fn command(self, _: &Ctx) -> Command {
        Command::Return { way: self.way, to: self.to }
    }
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
    say(&caller.0, id.0, &conditions, body).await
}

/// Why work stops.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct StopBody {
    /// Coded reason of the procedure.
    pub reason: String,
    pub note: Option<String>,
}

impl Says for StopBody {
    fn command(self, _: &Ctx) -> Command {
        Command::Stop { reason: self.reason, note: self.note }
    }
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
    say(&caller.0, id.0, &conditions, body).await
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

impl Says for ExtensionBody {
    fn command(self, _: &Ctx) -> Command {
        Command::Extend { new_due_on: self.new_due_on, reason: self.reason, apology: self.apology }
    }
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
    say(&caller.0, id.0, &conditions, body).await
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
    let Nothing {} = body.value;
    act(&caller.0, id.0, &conditions, &body.raw, Command::Lapse).await
}

/// Why the dossier moves to the rules now in force.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RepinBody {
    pub reason: String,
}

impl Says for RepinBody {
    fn command(self, _: &Ctx) -> Command {
        Command::Repin { reason: self.reason }
    }
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
    say(&caller.0, id.0, &conditions, body).await
}
