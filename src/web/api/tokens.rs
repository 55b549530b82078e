//! Access tokens for partner systems (OAuth 2.0 client credentials), and the keys they verify with.
//! Refusals have the body of RFC 6749 5.2, which client libraries expect, not that of a problem.

use actix_web::http::header::{AUTHORIZATION, CONTENT_TYPE, WWW_AUTHENTICATE};
use actix_web::web::{Data, Payload};
use actix_web::{HttpRequest, HttpResponse, get, post};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use motcua_app::partners::{self, Refusal, Token};
use motcua_app::signing::KeySet;
use motcua_domain::error_code::ErrorCode;
use secrecy::SecretString;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;

use crate::Web;
use crate::body::collect;
use crate::caller::anonymous;
use crate::problem::Failure;

pub fn mount(config: &mut ServiceConfig<'_>) {
    config.service(token).service(jwks);
}

/// The form of a token request.
#[derive(Deserialize, ToSchema)]
pub struct TokenForm {
    /// `client_credentials`.
    pub grant_type: Option<String>,
    /// With `client_secret`, unless the Authorization header carries both.
    pub client_id: Option<String>,
    pub client_secret: Option<String>,
    /// Scopes `procedure:verb` separated by spaces; all of the contract when absent.
    pub scope: Option<String>,
}

/// A refusal (RFC 6749 5.2).
#[derive(Debug, Serialize, ToSchema)]
pub struct OAuthError {
    #[schema(example = "invalid_client")]
    pub error: &'static str,
    pub error_description: &'static str,
}

const INVALID_CLIENT: OAuthError =
    OAuthError { error: "invalid_client", error_description: "The client id or the secret is wrong." };
const INVALID_REQUEST: OAuthError = OAuthError {
    error: "invalid_request",
    error_description: "Send grant_type once, and the client's credentials once: in the Authorization header or in the form.",
};

fn refuse(error: OAuthError) -> HttpResponse {
    if error.error == INVALID_CLIENT.error {
        return HttpResponse::Unauthorized()
            .insert_header((WWW_AUTHENTICATE, "Basic realm=\"motcua\""))
            .json(error);
    }
    HttpResponse::BadRequest().json(error)
}

/// Get an access token for client id and secret.
#[utoipa::path(
    tag = "accounts", operation_id = "token",
    request_body(content = TokenForm, content_type = "application/x-www-form-urlencoded"),
    responses((status = 200, body = Token), (status = 400, description = "RFC 6749 5.2", body = OAuthError), (status = 401, description = "RFC 6749 5.2", body = OAuthError))
)]
#[post("/oauth/token")]
pub async fn token(web: Data<Web>, request: HttpRequest, payload: Payload) -> Result<HttpResponse, Failure> {
    let kind = request.headers().get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    if !kind
        .split(';')
        .next()
        .unwrap_or_default()
        .trim()
        .eq_ignore_ascii_case("application/x-www-form-urlencoded")
    {
        return Err(ErrorCode::WrongMediaType.into());
    }
    let body = collect(payload.into_inner()).await?;
    // A parameter that comes twice is refused, as RFC 6749 3.2 asks.
    let nul = body.windows(3).any(|part| part == b"%00");
    let Some(form) = serde_urlencoded::from_bytes::<TokenForm>(&body).ok().filter(|_| !nul) else {
        return Ok(refuse(INVALID_REQUEST));
    };
    match form.grant_type.as_deref() {
        Some("client_credentials") => {}
        Some(_) => {
            return Ok(refuse(OAuthError {
                error: "unsupported_grant_type",
                error_description: "Only client_credentials is supported.",
            }));
        }
        None => return Ok(refuse(INVALID_REQUEST)),
    }
    let (client_id, secret) = match (basic(&request), form.client_id, form.client_secret) {
        (Ok(Some(pair)), None, None) => pair,
        // The id may be repeated in the form.
        (Ok(Some(pair)), Some(id), None) if id == pair.0 => pair,
        (Ok(None), Some(id), Some(secret)) => (id, SecretString::from(secret)),
        (Err(()), _, _) | (Ok(None), None, None) => return Ok(refuse(INVALID_CLIENT)),
        (Ok(_), _, _) => return Ok(refuse(INVALID_REQUEST)),
    };
    let ctx = anonymous(&request, &web);
    match partners::token(&ctx, &client_id, &secret, form.scope.as_deref()).await {
        Ok(token) => Ok(HttpResponse::Ok().insert_header(("Pragma", "no-cache")).json(token)),
        Err(Refusal::InvalidClient) => Ok(refuse(INVALID_CLIENT)),
        Err(Refusal::WrongNetwork) => Ok(refuse(OAuthError {
            error: "unauthorized_client",
            error_description: "The contract does not let this client call from here.",
        })),
        Err(Refusal::InvalidScope) => Ok(refuse(OAuthError {
            error: "invalid_scope",
            error_description: "A scope is not in the contract.",
        })),
        Err(Refusal::Failed(error)) => Err(error.into()),
    }
}

/// Client id and secret of the Authorization header, each form-encoded before base64 (RFC 6749 2.3.1).
fn basic(request: &HttpRequest) -> Result<Option<(String, SecretString)>, ()> {
    let Some(given) = request.headers().get(AUTHORIZATION) else { return Ok(None) };
    let (scheme, encoded) = given.to_str().map_err(|_| ())?.split_once(' ').ok_or(())?;
    if !scheme.eq_ignore_ascii_case("basic") {
        return Err(());
    }
    let text = String::from_utf8(STANDARD.decode(encoded.trim()).map_err(|_| ())?).map_err(|_| ())?;
    let (id, secret) = text.split_once(':').ok_or(())?;
    Ok(Some((decoded(id).ok_or(())?, SecretString::from(decoded(secret).ok_or(())?))))
}

fn decoded(text: &str) -> Option<String> {
    let pairs: Vec<(String, String)> = serde_urlencoded::from_str(&format!("v={text}")).ok()?;
    match <[(String, String); 1]>::try_from(pairs) {
        Ok([(_, value)]) => Some(value),
        Err(_) => None,
    }
}

/// The public keys access tokens verify with (RFC 7517).
#[utoipa::path(tag = "public", operation_id = "jwks", responses((status = 200, body = KeySet)))]
#[get("/.well-known/jwks.json")]
pub async fn jwks(web: Data<Web>) -> Result<HttpResponse, Failure> {
    Ok(HttpResponse::Ok()
        .insert_header(("Cache-Control", "public, max-age=300"))
        .json(partners::jwks(&web.app).await?))
}
