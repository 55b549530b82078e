//! Around every request: rate limit, CORS, security headers, and rendering of problem documents.

use std::collections::hash_map::DefaultHasher;
use std::hash::{Hash, Hasher};

use actix_web::body::{BoxBody, MessageBody};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::header::{AUTHORIZATION, HeaderMap, HeaderName, HeaderValue, ORIGIN};
use actix_web::http::{Method, StatusCode};
use actix_web::middleware::Next;
use actix_web::web::Data;
use actix_web::{Error, HttpResponse, ResponseError};
use motcua_app::Error as AppError;
use motcua_app::wrong_keys::network;
use motcua_domain::error_code::ErrorCode;

use crate::Web;
use crate::caller::{address, cookie_name, language, request_id};
use crate::limit::Standing;
use crate::pages;
use crate::pages::frame::Frame;
use crate::problem::{Failure, Problem};
use crate::routes::DOCS;

/// Health and metrics are asked by machines that must not be turned away.
const UNLIMITED: [&str; 3] = ["/health/live", "/health/ready", "/metrics"];

/// Wraps the whole application.
pub async fn around<B: MessageBody + 'static>(
    web: Data<Web>,
    mut request: ServiceRequest,
    next: Next<B>,
) -> Result<ServiceResponse<BoxBody>, Error> {
    let origin = allowed_origin(&request, &web);
    if request.method() == Method::OPTIONS
        && origin.is_some()
        && request.headers().contains_key("Access-Control-Request-Method")
    {
        let mut response = request.into_response(preflight());
        cors(response.headers_mut(), origin);
        return Ok(response);
    }
    // A page is asked for its head as for the whole of it; what is sent of the answer is decided by the connection.
    if request.method() == Method::HEAD && !request.path().starts_with("/api/") {
        request.head_mut().method = Method::GET;
    }
    let standing = (!UNLIMITED.contains(&request.path())).then(|| take(&request, &web));
    let refused = standing.and_then(|standing| standing.retry_after);
    // No text of the database can hold a NUL, so an address with one names nothing.
    let unnameable = if request.path().contains(['\0']) || request.path().contains("%00") {
        Some(AppError::not_found())
    } else if request.query_string().contains("%00") {
        Some(AppError::of(ErrorCode::MalformedParameter))
    } else {
        None
    };
    let mut response = match refused.map(AppError::too_many).or(unnameable) {
        Some(error) => request.into_response(Failure(error).error_response()),
        // Failures of handlers and extractors are responses already. No copy of the request may be
        // held across this call: routing needs it alone.
        None => next.call(request).await?.map_into_boxed_body(),
    };
    render(&mut response);
    let policy = policy(response.request().path());
    secure(response.headers_mut(), policy, web.app.settings().public_url.starts_with("https://"));
    cors(response.headers_mut(), origin);
    if let Some(standing) = standing {
        limits(response.headers_mut(), standing);
    }
    Ok(response)
}

/// One from the bucket of the address, and one from that of the client when it shows a credential.
fn take(request: &ServiceRequest, web: &Web) -> Standing {
    let by_address = web.limiter.take(&network(&address(request.request(), web)));
    if by_address.retry_after.is_some() {
        return by_address;
    }
    let credential =
        request.headers().get(AUTHORIZATION).map(|value| value.as_bytes().to_vec()).or_else(|| {
            request
                .cookie(cookie_name(&web.app.settings().public_url))
                .map(|cookie| cookie.value().as_bytes().to_vec())
        });
    match credential {
        Some(credential) => {
            // Only to tell buckets apart: never stored, never shown.
            let mut hasher = DefaultHasher::new();
            credential.hash(&mut hasher);
            let by_client = web.limiter.take(&format!("client:{}", hasher.finish()));
            if by_client.remaining < by_address.remaining || by_client.retry_after.is_some() {
                by_client
            } else {
                by_address
            }
        }
        None => by_address,
    }
}

fn limits(headers: &mut HeaderMap, standing: Standing) {
    for (name, value) in [
        ("ratelimit-limit", standing.limit),
        ("ratelimit-remaining", standing.remaining),
        ("ratelimit-reset", standing.reset),
    ] {
        headers.insert(HeaderName::from_static(name), HeaderValue::from(value));
    }
}

/// Turns a failure into a problem document in the caller's language, and logs its private half.
fn render(response: &mut ServiceResponse<BoxBody>) {
    let failure = response.response().extensions().get::<Failure>().cloned();
    let plain = response.status().is_client_error() || response.status().is_server_error();
    let failure = match failure {
        Some(failure) => failure,
        // The framework's own refusals, such as a body cut off: same shape as everything else.
        None if plain && response.headers().get("content-type").is_none() => {
            Failure(AppError::of(match response.status() {
                StatusCode::NOT_FOUND => motcua_domain::error_code::ErrorCode::NotFound,
                StatusCode::METHOD_NOT_ALLOWED => motcua_domain::error_code::ErrorCode::MethodNotAllowed,
                StatusCode::PAYLOAD_TOO_LARGE => motcua_domain::error_code::ErrorCode::BodyTooLarge,
                status if status.is_client_error() => motcua_domain::error_code::ErrorCode::MalformedBody,
                _ => motcua_domain::error_code::ErrorCode::Internal,
            }))
        }
        None => return,
    };
    let request = response.request();
    let id = request_id(request);
    if let Some(private) = failure.0.private() {
        tracing::error!(code = %failure.0.code, request_id = %id, private, "request failed");
    }
    let person = pages::problem::wanted(request);
    let language = if person { Frame::of(request).language } else { language(request) };
    let problem = Problem::of(&failure.0, language, request.path(), &id);
    let allow = response.headers().get("allow").cloned();
    let page = person.then(|| pages::problem::page(request, &problem)).flatten();
    let mut rendered = problem.response(&failure.0, page);
    if let Some(allow) = allow {
        rendered.headers_mut().insert(HeaderName::from_static("allow"), allow);
    }
    *response.response_mut() = rendered;
}

macro_rules! page_policy {
    () => {
        "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'; frame-src 'self'; "
    };
}

/// What a browser may load for an answer from this address: nothing, unless a person looks at it.
fn policy(path: &str) -> &'static str {
    if path.starts_with(DOCS) {
        // The documentation page runs its own script and styles, from this program alone.
        "default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; frame-ancestors 'none'"
    } else if path.starts_with(pages::papers::HERE) || path.contains(pages::printed::WITHIN) {
        // A dossier's page shows its papers in frames.
        concat!(page_policy!(), "frame-ancestors 'self'")
    } else if pages::problem::MACHINES.iter().any(|machine| path.starts_with(machine)) {
        "default-src 'none'; frame-ancestors 'none'"
    } else {
        concat!(page_policy!(), "frame-ancestors 'none'")
    }
}

fn secure(headers: &mut HeaderMap, policy: &'static str, tls: bool) {
    let mut set = |name: &'static str, value: &'static str| {
        let name = HeaderName::from_static(name);
        if !headers.contains_key(&name) {
            headers.insert(name, HeaderValue::from_static(value));
        }
    };
    set("x-content-type-options", "nosniff");
    // With `no-referrer` browsers send forms of our own pages with `Origin: null`.
    set("referrer-policy", "same-origin");
    // For browsers that do not know `frame-ancestors`.
    set("x-frame-options", if policy.ends_with("'self'") { "SAMEORIGIN" } else { "DENY" });
    set("cross-origin-opener-policy", "same-origin");
    set("content-security-policy", policy);
    set("cache-control", "no-store");
    if tls {
        set("strict-transport-security", "max-age=31536000; includeSubDomains");
    }
}

fn allowed_origin(request: &ServiceRequest, web: &Web) -> Option<HeaderValue> {
    let origin = request.headers().get(ORIGIN)?;
    web.settings.cors_origins.iter().any(|each| each.as_bytes() == origin.as_bytes()).then(|| origin.clone())
}

fn preflight() -> HttpResponse {
    HttpResponse::NoContent()
        .insert_header(("Access-Control-Allow-Methods", "GET, POST, PUT, DELETE"))
        .insert_header(("Access-Control-Allow-Headers", "Authorization, Content-Type, Idempotency-Key, If-Match, If-None-Match, Accept-Language, Tracking-Key, Acts-For"))
        .insert_header(("Access-Control-Max-Age", "600"))
        .finish()
}

fn cors(headers: &mut HeaderMap, origin: Option<HeaderValue>) {
    if let Some(origin) = origin {
        headers.insert(HeaderName::from_static("access-control-allow-origin"), origin);
        headers.insert(
            HeaderName::from_static("access-control-expose-headers"),
            HeaderValue::from_static(
                "ETag, Location, Retry-After, RateLimit-Limit, RateLimit-Remaining, RateLimit-Reset",
            ),
        );
    }
    headers.append(HeaderName::from_static("vary"), HeaderValue::from_static("Origin, Accept-Language"));
}
