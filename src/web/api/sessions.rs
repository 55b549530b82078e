//! Signing in and out. The token is in the answer for programs, and in a cookie for browsers.

use actix_web::cookie::{Cookie, SameSite, time::Duration};
use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse, delete, get, post};
use motcua_app::Ctx;
use motcua_app::accounts::{self, WhoAmI};
use motcua_app::sessions::{self, Session};
use motcua_domain::error_code::ErrorCode;
use serde::Deserialize;
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;

use crate::Web;
use crate::body::Body;
use crate::caller::{SignedIn, Stranger, anonymous, cookie_name, token};
use crate::problem::Failure;

pub fn mount(config: &mut ServiceConfig<'_>) {
    config.service(sign_in_citizen).service(sign_in_staff).service(whoami).service(sign_out);
}

/// A citizen signs in.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CitizenSignIn {
    pub email: String,
    pub password: String,
}

/// Sign in as a citizen.
#[utoipa::path(tag = "accounts", operation_id = "sign_in_citizen", request_body = CitizenSignIn, responses((status = 201, description = "The session; also as cookie", body = Session)))]
#[post("/sessions")]
pub async fn sign_in_citizen(
    web: Data<Web>,
    caller: Stranger,
    body: Body<CitizenSignIn>,
) -> Result<HttpResponse, Failure> {
    let session =
        sessions::sign_in_citizen(&caller.0, &body.value.email, &body.value.password.into()).await?;
    Ok(opened(&web, &session))
}

/// A member of staff signs in.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct StaffSignIn {
    pub user_name: String,
    pub password: String,
    /// The six digits the code generator shows now.
    pub code: String,
}

/// Sign in as staff, with the code of the moment. A code works once.
#[utoipa::path(tag = "accounts", operation_id = "sign_in_staff", request_body = StaffSignIn, responses((status = 201, description = "The session; also as cookie", body = Session)))]
#[post("/staff-sessions")]
pub async fn sign_in_staff(
    web: Data<Web>,
    caller: Stranger,
    body: Body<StaffSignIn>,
) -> Result<HttpResponse, Failure> {
    let session = sessions::sign_in_staff(
        &caller.0,
        &body.value.user_name,
        &body.value.password.into(),
        &body.value.code,
    )
    .await?;
    Ok(opened(&web, &session))
}

/// Who am I: the account, its roles today, those held for absent colleagues.
#[utoipa::path(tag = "accounts", operation_id = "whoami", security(("session" = []), ("partner" = [])), responses((status = 200, body = WhoAmI)))]
#[get("/session")]
pub async fn whoami(caller: SignedIn) -> Result<HttpResponse, Failure> {
    Ok(HttpResponse::Ok().json(accounts::whoami(&caller.0).await?))
}

/// Sign out. Doing it twice is fine.
#[utoipa::path(tag = "accounts", operation_id = "sign_out", security(("session" = [])), responses((status = 204, description = "The session has ended")))]
#[delete("/session")]
pub async fn sign_out(web: Data<Web>, request: HttpRequest) -> Result<HttpResponse, Failure> {
    let Some(token) = token(&request, &web)? else { return Err(ErrorCode::NotSignedIn.into()) };
    let actor = sessions::resolve(&web.app, &token).await?.ok_or(ErrorCode::TokenInvalid)?;
    let ctx = Ctx { actor, ..anonymous(&request, &web) };
    sessions::sign_out(&ctx, &token).await?;
    let mut ended = cookie(&web, "");
    ended.make_removal();
    Ok(HttpResponse::NoContent().cookie(ended).finish())
}

fn opened(web: &Web, session: &Session) -> HttpResponse {
    let mut cookie = cookie(web, &session.token);
    cookie.set_max_age(Duration::hours(i64::from(web.app.settings().session_hours)));
    HttpResponse::Created().cookie(cookie).json(session)
}

fn cookie<'a>(web: &Web, token: &'a str) -> Cookie<'a> {
    let public_url = &web.app.settings().public_url;
    Cookie::build(cookie_name(public_url), token)
        .path("/")
        .http_only(true)
        .same_site(SameSite::Lax)
        .secure(public_url.starts_with("https://"))
        .finish()
}
