//! At the counter: receipt, supplement, refusal, withdrawal, payment, link to the register.

use actix_web::{HttpResponse, post};
use motcua_app::Ctx;
use motcua_app::supply::{Answer, supply as supply_items};
use motcua_app::view::DossierView;
use motcua_domain::dossier::command::{Command, ItemInput};
use motcua_domain::dossier::handed::HandedOver;
use motcua_domain::ids::{DocumentId, DossierId, ItemId, MatterId};
use serde::Deserialize;
use utoipa::ToSchema;

use super::{Says, say};
use crate::body::{Body, Id};
use crate::caller::Caller;
use crate::precondition::{Conditions, dossier};
use crate::problem::Failure;

/// What is recorded with a receipt. Code and serial come from the unit's counters.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ReceiptBody {
    /// What came on paper: it is listed on the receipt, and is not missing.
    pub handed_over: Option<HandedOver>,
}

impl Says for ReceiptBody {
    fn command(self, _: &Ctx) -> Command {
        Command::receive(self.handed_over)
    }
}

/// Receive the dossier: official code, receipt data, due date, first step.
#[utoipa::path(tag = "intake", operation_id = "receive", request_body = ReceiptBody, params(("id" = DossierId, Path), ("If-Match" = String, Header, description = "The version that was read")), responses((status = 200, body = DossierView)))]
#[post("/dossiers/{id}/receipt")]
pub async fn receive(
    caller: Caller,
    id: Id<DossierId>,
    conditions: Conditions,
    body: Body<ReceiptBody>,
) -> Result<HttpResponse, Failure> {
    say(&caller.0, id.0, &conditions, body).await
}

/// One thing to put right: exactly one of `field` and `requirement`.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ItemBody {
    /// JSON pointer to a field or group of the form; an entry of a list by its index, or by the next one.
    pub field: Option<String>,
    /// Key of the paper.
    pub requirement: Option<String>,
    /// Coded reason of the procedure.
    pub reason: String,
    pub note: Option<String>,
}

/// A request to supplement, complete at once.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SupplementRequestBody {
    pub items: Vec<ItemBody>,
    /// Why a further round is needed; a leader's words.
    pub round_reason: Option<String>,
}

impl Says for SupplementRequestBody {
    fn command(self, ctx: &Ctx) -> Command {
        let items = self
            .items
            .into_iter()
            .map(|item| ItemInput {
                id: ctx.app.new_id(),
                field: item.field,
                requirement: item.requirement,
                reason: item.reason,
                note: item.note,
            })
            .collect();
        Command::RequestSupplement { items, round_reason: self.round_reason }
    }
}

/// Ask the applicant to supplement: every item at once, each with its reason.
#[utoipa::path(tag = "intake", operation_id = "request_supplement", request_body = SupplementRequestBody, params(("id" = DossierId, Path), ("If-Match" = String, Header, description = "The version that was read")), responses((status = 200, body = DossierView)))]
#[post("/dossiers/{id}/supplement-requests")]
pub async fn request_supplement(
    caller: Caller,
    id: Id<DossierId>,
    conditions: Conditions,
    body: Body<SupplementRequestBody>,
) -> Result<HttpResponse, Failure> {
    say(&caller.0, id.0, &conditions, body).await
}

/// One item answered: a paper for a paper, a value for a field.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SuppliedBody {
    pub item: ItemId,
    /// An uploaded paper that is ready.
    pub document: Option<DocumentId>,
    /// The corrected answer.
    #[schema(value_type = Option<Object>)]
    pub value: Option<serde_json::Value>,
}

/// Answers to an open supplement request.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SupplyBody {
    pub items: Vec<SuppliedBody>,
}

/// Supply what was asked for, item by item. With the last one the dossier goes back.
#[utoipa::path(tag = "filing", operation_id = "supply", request_body = SupplyBody, params(("id" = DossierId, Path), ("If-Match" = String, Header, description = "The version that was read")), responses((status = 200, body = DossierView)))]
#[post("/dossiers/{id}/supplements")]
pub async fn supply(
    caller: Caller,
    id: Id<DossierId>,
    conditions: Conditions,
    body: Body<SupplyBody>,
) -> Result<HttpResponse, Failure> {
    let ticket = conditions.change(&caller.0, &body.raw)?;
    let items = body
        .value
        .items
        .into_iter()
        .map(|item| Answer { item: item.item, document: item.document, value: item.value })
        .collect();
    let view = supply_items(&caller.0, id.0, &ticket, items).await?;
    Ok(dossier(&view))
}

/// A refusal at intake.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RefusalBody {
    /// Coded reason of the procedure.
    pub reason: String,
    pub note: Option<String>,
    /// Which body is competent, when it is another.
    pub advice: Option<String>,
}

impl Says for RefusalBody {
    fn command(self, _: &Ctx) -> Command {
        Command::Refuse { reason: self.reason, note: self.note, advice: self.advice }
    }
}

/// Refuse at intake, with coded reason and advice on the competent body.
#[utoipa::path(tag = "intake", operation_id = "refuse", request_body = RefusalBody, params(("id" = DossierId, Path), ("If-Match" = String, Header, description = "The version that was read")), responses((status = 200, body = DossierView)))]
#[post("/dossiers/{id}/refusal")]
pub async fn refuse(
    caller: Caller,
    id: Id<DossierId>,
    conditions: Conditions,
    body: Body<RefusalBody>,
) -> Result<HttpResponse, Failure> {
    say(&caller.0, id.0, &conditions, body).await
}

/// A withdrawal by the applicant.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct WithdrawalBody {
    /// At the counter required: the applicant's words, or the paper by which he withdraws.
    pub reason: Option<String>,
}

impl Says for WithdrawalBody {
    fn command(self, _: &Ctx) -> Command {
        Command::Withdraw { reason: self.reason }
    }
}

/// Withdraw the dossier, before a decision is signed.
#[utoipa::path(tag = "filing", operation_id = "withdraw", request_body = WithdrawalBody, params(("id" = DossierId, Path), ("If-Match" = String, Header, description = "The version that was read")), responses((status = 200, body = DossierView)))]
#[post("/dossiers/{id}/withdrawal")]
pub async fn withdraw(
    caller: Caller,
    id: Id<DossierId>,
    conditions: Conditions,
    body: Body<WithdrawalBody>,
) -> Result<HttpResponse, Failure> {
    say(&caller.0, id.0, &conditions, body).await
}

/// The matter of the register the dossier is about.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct MatterBody {
    pub matter: MatterId,
}

impl Says for MatterBody {
    fn command(self, _: &Ctx) -> Command {
        Command::LinkMatter { matter: self.matter }
    }
}

/// Link the dossier to an enforcement matter of the register.
#[utoipa::path(tag = "intake", operation_id = "link_matter", request_body = MatterBody, params(("id" = DossierId, Path), ("If-Match" = String, Header, description = "The version that was read")), responses((status = 200, body = DossierView)))]
#[post("/dossiers/{id}/matter")]
pub async fn link_matter(
    caller: Caller,
    id: Id<DossierId>,
    conditions: Conditions,
    body: Body<MatterBody>,
) -> Result<HttpResponse, Failure> {
    say(&caller.0, id.0, &conditions, body).await
}

/// An internal note.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NoteBody {
    pub text: String,
}

impl Says for NoteBody {
    fn command(self, _: &Ctx) -> Command {
        Command::AddNote { text: self.text }
    }
}

/// Add an internal note; the applicant does not see it.
#[utoipa::path(tag = "office", operation_id = "add_note", request_body = NoteBody, params(("id" = DossierId, Path), ("If-Match" = String, Header, description = "The version that was read")), responses((status = 200, body = DossierView)))]
#[post("/dossiers/{id}/notes")]
pub async fn add_note(
    caller: Caller,
    id: Id<DossierId>,
    conditions: Conditions,
    body: Body<NoteBody>,
) -> Result<HttpResponse, Failure> {
    say(&caller.0, id.0, &conditions, body).await
}
