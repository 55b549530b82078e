//! The register of enforcement matters, for staff.

use actix_web::{HttpResponse, get};
use motcua_app::lists;
use motcua_domain::error_code::ErrorCode;
use motcua_domain::ids::MatterId;
use motcua_domain::matter::Matter;
use serde::Deserialize;
use utoipa::IntoParams;

use crate::body::{Id, Params};
use crate::caller::SignedIn;
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
    Ok(HttpResponse::Ok().json(lists::matter(&caller.0, id.0).await?))
}
