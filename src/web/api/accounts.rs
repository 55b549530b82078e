//! Accounts of citizens: register, prove the address, choose a new password.

use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse, post, put};
use motcua_app::accounts::{self, Register};
use motcua_domain::error_code::ErrorCode;
use motcua_domain::text::Language;
use serde::Deserialize;
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;

use crate::Web;
use crate::body::Body;
use crate::caller::{SignedIn, Stranger, token};
use crate::problem::Failure;

pub fn mount(config: &mut ServiceConfig<'_>) {
    config
        .service(register)
        .service(verify_email)
        .service(request_password_reset)
        .service(reset_password)
        .service(change_password);
}

/// A new citizen.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RegisterBody {
    pub email: String,
    /// Full name, with diacritics.
    pub name: String,
    /// 10 to 200 characters.
    pub password: String,
    /// Language of mail; the request's own when absent.
    pub language: Option<Language>,
}

/// Register a citizen.
///
/// A link goes to the address. The answer is the same whether the address has an account or not.
#[utoipa::path(tag = "accounts", operation_id = "register", request_body = RegisterBody, responses((status = 202, description = "A mail is on its way")))]
#[post("/accounts")]
pub async fn register(caller: Stranger, body: Body<RegisterBody>) -> Result<HttpResponse, Failure> {
    let given = body.value;
    let input = Register {
        email: given.email,
        name: given.name,
        password: given.password.into(),
        language: given.language.unwrap_or(caller.0.language),
    };
    accounts::register(&caller.0, input).await?;
    Ok(HttpResponse::Accepted().finish())
}

/// The secret of a link sent by mail.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct VerificationBody {
    pub token: String,
}

/// Prove a mail address by the link sent to it.
#[utoipa::path(tag = "accounts", operation_id = "verify_email", request_body = VerificationBody, responses((status = 204, description = "The address is proven")))]
#[post("/accounts/verification")]
pub async fn verify_email(caller: Stranger, body: Body<VerificationBody>) -> Result<HttpResponse, Failure> {
    accounts::verify_email(&caller.0, &body.value.token).await?;
    Ok(HttpResponse::NoContent().finish())
}

/// Whose password is to be set anew.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ResetRequestBody {
    pub email: String,
}

/// Ask for a link to choose a new password. The answer is the same whether the address has an account or not.
#[utoipa::path(tag = "accounts", operation_id = "request_password_reset", request_body = ResetRequestBody, responses((status = 202, description = "If the address has an account, a mail is on its way")))]
#[post("/accounts/password-resets")]
pub async fn request_password_reset(
    caller: Stranger,
    body: Body<ResetRequestBody>,
) -> Result<HttpResponse, Failure> {
    accounts::request_password_reset(&caller.0, &body.value.email).await?;
    Ok(HttpResponse::Accepted().finish())
}

/// A new password, by the link sent for it.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ResetBody {
    pub token: String,
    /// 10 to 200 characters.
    pub password: String,
}

/// Choose a new password by a link. All sessions end.
#[utoipa::path(tag = "accounts", operation_id = "reset_password", request_body = ResetBody, responses((status = 204, description = "The password is set")))]
#[post("/accounts/password")]
pub async fn reset_password(caller: Stranger, body: Body<ResetBody>) -> Result<HttpResponse, Failure> {
    accounts::reset_password(&caller.0, &body.value.token, &body.value.password.into()).await?;
    Ok(HttpResponse::NoContent().finish())
}

/// A new password, by the current one.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ChangeBody {
    pub current: String,
    /// 10 to 200 characters.
    pub new: String,
}

/// Change one's own password. Every other session ends.
#[utoipa::path(tag = "accounts", operation_id = "change_password", request_body = ChangeBody, security(("session" = [])), responses((status = 204, description = "The password is changed")))]
#[put("/accounts/password")]
pub async fn change_password(
    web: Data<Web>,
    request: HttpRequest,
    caller: SignedIn,
    body: Body<ChangeBody>,
) -> Result<HttpResponse, Failure> {
    let token = token(&request, &web)?.ok_or(ErrorCode::NotSignedIn)?;
    accounts::change_password(&caller.0, &token, &body.value.current.into(), &body.value.new.into()).await?;
    Ok(HttpResponse::NoContent().finish())
}
