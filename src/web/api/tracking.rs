//! Following a dossier with code and key, without an account. The key never stands in an address.

use actix_web::{HttpRequest, HttpResponse, get, post};
use motcua_app::track::{Tracked, track as follow};
use motcua_domain::error_code::ErrorCode;
use secrecy::SecretString;
use serde::Deserialize;
use utoipa::ToSchema;

use crate::body::Body;
use crate::caller::Caller;
use crate::problem::Failure;

fn code(request: &HttpRequest) -> String {
    request.match_info().get("code").unwrap_or_default().to_owned()
}

/// Where a dossier stands. The key comes in the `Tracking-Key` header.
#[utoipa::path(tag = "public", operation_id = "track", params(("code" = String, Path, description = "Official code or reference"), ("Tracking-Key" = String, Header)), responses((status = 200, body = Tracked)))]
#[get("/tracking/{code}")]
pub async fn track(request: HttpRequest, caller: Caller) -> Result<HttpResponse, Failure> {
    let key = caller.0.tracking_key.clone().ok_or(ErrorCode::NotFound)?;
    Ok(HttpResponse::Ok().json(follow(&caller.0, &code(&request), &key).await?))
}

/// The secret, in a form.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct TrackBody {
    pub key: String,
}

/// The same, with the key in the body.
#[utoipa::path(tag = "public", operation_id = "track_by_form", request_body = TrackBody, params(("code" = String, Path, description = "Official code or reference")), responses((status = 200, body = Tracked)))]
#[post("/tracking/{code}")]
pub async fn track_by_form(
    request: HttpRequest,
    caller: Caller,
    body: Body<TrackBody>,
) -> Result<HttpResponse, Failure> {
    let key = SecretString::from(body.value.key);
    Ok(HttpResponse::Ok().json(follow(&caller.0, &code(&request), &key).await?))
}
