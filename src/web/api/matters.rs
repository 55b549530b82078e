//! The register of enforcement matters, for staff.

use actix_web::{HttpResponse, get, post};
use chrono::NaiveDate;
use motcua_app::lists;
use motcua_app::register::{self, Amounts, Performed};
use motcua_domain::error_code::ErrorCode;
use motcua_domain::ids::MatterId;
use motcua_domain::matter::Matter;
use serde::Deserialize;
use utoipa::{IntoParams, ToSchema};

use crate::body::{Body, Id, Params};
use crate::caller::SignedIn;
use crate::precondition::{Conditions, matter as tagged};
use crate::problem::Failure;

/// The longest part of a number that is searched for.
const LONGEST_NUMBER: usize = 100;

/// Which matters.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct MatterParams {
    /// Part of the number of the enforcement decision.
    #[param(max_length = 100)]
    pub number: Option<String>,
}

/// Matters of the caller's agencies, newest first, 50 at most.
#[utoipa::path(tag = "register", operation_id = "matters", params(MatterParams), responses((status = 200, body = Vec<Matter>)))]
#[get("/matters")]
pub async fn matters(caller: SignedIn, params: Params<MatterParams>) -> Result<HttpResponse, Failure> {
    if params.0.number.as_ref().is_some_and(|number| number.chars().count() > LONGEST_NUMBER) {
        return Err(ErrorCode::MalformedParameter.into());
    }
    Ok(HttpResponse::Ok().json(lists::matters(&caller.0, params.0.number.as_deref()).await?))
}

/// One matter.
#[utoipa::path(tag = "register", operation_id = "matter", params(("id" = MatterId, Path)), responses((status = 200, body = Matter)))]
#[get("/matters/{id}")]
pub async fn matter(caller: SignedIn, id: Id<MatterId>) -> Result<HttpResponse, Failure> {
    Ok(tagged(&lists::matter(&caller.0, id.0).await?))
}

/// What was performed on a claim.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PerformanceBody {
    /// Which claim of the matter, from 0.
    pub claim: u16,
    /// Whole đồng received on a claim in money; absent for another claim, which is then performed.
    #[schema(minimum = 1, maximum = 1_000_000_000_000_000_i64)]
    pub amount: Option<u64>,
    /// The day it was performed; not in the future.
    pub on: NaiveDate,
    #[schema(max_length = 1000)]
    pub note: Option<String>,
}

/// Record what was performed on a claim: by the matter's officer or a leader of its agency.
#[utoipa::path(tag = "register", operation_id = "record_performance", request_body = PerformanceBody, params(("id" = MatterId, Path), ("If-Match" = String, Header, description = "The version that was read")), responses((status = 200, body = Matter)))]
#[post("/matters/{id}/performance")]
pub async fn record_performance(
    caller: SignedIn,
    id: Id<MatterId>,
    conditions: Conditions,
    body: Body<PerformanceBody>,
) -> Result<HttpResponse, Failure> {
    let ticket = conditions.change(&caller.0, &body.raw)?;
    let PerformanceBody { claim, amount, on, note } = body.value;
    let performed = Performed { claim, amount, on, note };
    Ok(tagged(&register::record_performance(&caller.0, id.0, &ticket, performed).await?))
}

/// Total and paid, in whole đồng.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AmountsBody {
    #[schema(maximum = 1_000_000_000_000_000_i64)]
    pub total: u64,
    /// Not more than the total less what was relieved.
    #[schema(maximum = 1_000_000_000_000_000_i64)]
    pub paid: u64,
    #[schema(max_length = 1000)]
    pub note: Option<String>,
}

impl From<AmountsBody> for Amounts {
    fn from(body: AmountsBody) -> Self {
        Self { total: body.total, paid: body.paid, note: body.note }
    }
}

/// Set total and paid of the coercion cost: by the matter's officer or a leader of its agency.
#[utoipa::path(tag = "register", operation_id = "set_costs", request_body = AmountsBody, params(("id" = MatterId, Path), ("If-Match" = String, Header, description = "The version that was read")), responses((status = 200, body = Matter)))]
#[post("/matters/{id}/costs")]
pub async fn set_costs(
    caller: SignedIn,
    id: Id<MatterId>,
    conditions: Conditions,
    body: Body<AmountsBody>,
) -> Result<HttpResponse, Failure> {
    let ticket = conditions.change(&caller.0, &body.raw)?;
    Ok(tagged(&register::set_costs(&caller.0, id.0, &ticket, body.value.into()).await?))
}

/// Set total and paid of the enforcement fee: by the matter's officer or a leader of its agency.
#[utoipa::path(tag = "register", operation_id = "set_fees", request_body = AmountsBody, params(("id" = MatterId, Path), ("If-Match" = String, Header, description = "The version that was read")), responses((status = 200, body = Matter)))]
#[post("/matters/{id}/fees")]
pub async fn set_fees(
    caller: SignedIn,
    id: Id<MatterId>,
    conditions: Conditions,
    body: Body<AmountsBody>,
) -> Result<HttpResponse, Failure> {
    let ticket = conditions.change(&caller.0, &body.raw)?;
    Ok(tagged(&register::set_fees(&caller.0, id.0, &ticket, body.value.into()).await?))
}
