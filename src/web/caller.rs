//! Who calls: a session (cookie or bearer), a partner's token, a tracking key, or nobody known.
//! Authenticates only; what the caller may do is asked of the policy.

use actix_web::dev::Payload;
use actix_web::http::Method;
use actix_web::http::header::{ACCEPT_LANGUAGE, AUTHORIZATION, ORIGIN};
use actix_web::web::Data;
use actix_web::{FromRequest, HttpMessage, HttpRequest};
use futures_util::future::LocalBoxFuture;
use motcua_app::Ctx;
use motcua_domain::actor::Actor;
use motcua_domain::error_code::ErrorCode;
use motcua_domain::text::Language;
use secrecy::SecretString;
use tracing_actix_web::RequestId;

use crate::Web;
use crate::problem::Failure;

/// The caller of an operation that anybody may reach.
pub struct Caller(pub Ctx);

/// A caller who has signed in.
pub struct SignedIn(pub Ctx);

/// Whoever calls, with credentials not looked at: a session that has ended must not keep anyone
/// from signing in again.
pub struct Stranger(pub Ctx);

/// The language asked for; Vietnamese otherwise.
pub fn language(request: &HttpRequest) -> Language {
    request
        .headers()
        .get(ACCEPT_LANGUAGE)
        .and_then(|value| value.to_str().ok())
        .map_or(Language::Vi, Language::read)
}

pub fn request_id(request: &HttpRequest) -> String {
    request.extensions().get::<RequestId>().map(|id| id.to_string()).unwrap_or_default()
}

/// The caller's network address: the peer, or what a trusted proxy says.
pub fn address(request: &HttpRequest, web: &Web) -> String {
    let Some(peer) = request.peer_addr() else { return String::new() };
    let trusted = &web.settings.trusted_proxies;
    if !trusted.contains(&peer.ip()) {
        return peer.ip().to_string();
    }
    let forwarded =
        request.headers().get("X-Forwarded-For").and_then(|value| value.to_str().ok()).unwrap_or_default();
    // The last hop that is not one of our own proxies; anything before it can be made up.
    forwarded
        .rsplit(',')
        .filter_map(|hop| hop.trim().parse::<std::net::IpAddr>().ok())
        .find(|hop| !trusted.contains(hop))
        .unwrap_or_else(|| peer.ip())
        .to_string()
}

/// Name of the session cookie: bound to the host behind TLS.
pub fn cookie_name(public_url: &str) -> &'static str {
    if public_url.starts_with("https://") { "__Host-motcua" } else { "motcua" }
}

/// The token of a session, from the Authorization header or the cookie.
pub fn token(request: &HttpRequest, web: &Web) -> Result<Option<String>, Failure> {
    if let Some(given) = request.headers().get(AUTHORIZATION) {
        let text = given.to_str().map_err(|_| Failure::from(ErrorCode::MalformedHeader))?;
        let token = text
            .split_once(' ')
            .filter(|(scheme, _)| scheme.eq_ignore_ascii_case("bearer"))
            .map(|(_, token)| token.trim());
        return token.map(|token| Some(token.to_owned())).ok_or_else(|| ErrorCode::TokenInvalid.into());
    }
    let Some(cookie) = request.cookie(cookie_name(&web.app.settings().public_url)) else { return Ok(None) };
    // A cookie travels by itself, so a write must come from our own pages.
    let safe = matches!(*request.method(), Method::GET | Method::HEAD | Method::OPTIONS);
    if !safe && let Some(origin) = request.headers().get(ORIGIN) {
        let origin = origin.to_str().unwrap_or_default();
        let ours = origin == web.app.settings().public_url
            || web.settings.cors_origins.iter().any(|each| each == origin);
        if !ours {
            return Err(ErrorCode::NotPermitted.into());
        }
    }
    Ok(Some(cookie.value().to_owned()))
}

/// The request without looking at who makes it.
pub fn anonymous(request: &HttpRequest, web: &Web) -> Ctx {
    Ctx {
        app: web.app.clone(),
        actor: Actor::Anonymous,
        tracking_key: None,
        request_id: request_id(request),
        language: language(request),
        address: address(request, web),
    }
}

async fn resolve(request: HttpRequest) -> Result<Ctx, Failure> {
    let web = request.app_data::<Data<Web>>().cloned().ok_or(ErrorCode::Internal)?;
    let actor = match token(&request, &web)? {
        None => Actor::Anonymous,
        // Sessions are opaque; a partner's token has the three parts of a JWT.
        Some(token) if token.matches('.').count() == 2 => {
            // One that cannot be read must not pass as none: the record would lose the user.
            let acts_for = request
                .headers()
                .get("Acts-For")
                .map(|value| value.to_str().map_err(|_| ErrorCode::MalformedHeader))
                .transpose()?;
            motcua_app::partners::resolve_token(&web.app, &token, acts_for, &address(&request, &web)).await?
        }
        Some(token) => {
            motcua_app::sessions::resolve(&web.app, &token).await?.ok_or(ErrorCode::TokenInvalid)?
        }
    };
    let tracking_key = request
        .headers()
        .get("Tracking-Key")
        .and_then(|value| value.to_str().ok())
        .map(|key| SecretString::from(key.to_owned()));
    Ok(Ctx {
        app: web.app.clone(),
        actor,
        tracking_key,
        request_id: request_id(&request),
        language: language(&request),
        address: address(&request, &web),
    })
}

impl FromRequest for Stranger {
    type Error = Failure;
    type Future = std::future::Ready<Result<Self, Failure>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let web = request.app_data::<Data<Web>>().ok_or_else(|| Failure::from(ErrorCode::Internal));
        std::future::ready(web.map(|web| Self(anonymous(request, web))))
    }
}

impl FromRequest for Caller {
    type Error = Failure;
    type Future = LocalBoxFuture<'static, Result<Self, Failure>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let request = request.clone();
        Box::pin(async move { Ok(Self(resolve(request).await?)) })
    }
}

impl FromRequest for SignedIn {
    type Error = Failure;
    type Future = LocalBoxFuture<'static, Result<Self, Failure>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let request = request.clone();
        Box::pin(async move {
            let ctx = resolve(request).await?;
            if matches!(ctx.actor, Actor::Anonymous) {
                Err(ErrorCode::NotSignedIn.into())
            } else {
                Ok(Self(ctx))
            }
        })
    }
}
