//! ETag, If-Match, If-None-Match and Idempotency-Key.

use actix_web::dev::Payload;
use actix_web::http::header::{ETAG, HeaderMap, IF_MATCH, IF_NONE_MATCH, LOCATION};
use actix_web::{FromRequest, HttpRequest, HttpResponse};
use motcua_app::Ctx;
use motcua_app::idempotency::{Key, Ticket};
use motcua_app::view::DossierView;
use motcua_domain::error_code::ErrorCode;
use motcua_domain::matter::Matter;
use serde::Serialize;

use crate::problem::Failure;

const LONGEST_KEY: usize = 200;

/// The preconditions a write came with.
pub struct Conditions {
    if_match: Option<String>,
    key: Option<String>,
    method: String,
    path: String,
}

fn header(
    headers: &HeaderMap,
    name: impl actix_web::http::header::AsHeaderName,
) -> Result<Option<String>, Failure> {
    headers
        .get(name)
        .map(|value| value.to_str().map(str::to_owned).map_err(|_| ErrorCode::MalformedHeader.into()))
        .transpose()
}

impl FromRequest for Conditions {
    type Error = Failure;
    type Future = std::future::Ready<Result<Self, Failure>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let read = || {
            let key = header(request.headers(), "Idempotency-Key")?;
            let shaped = |key: &String| {
                (1..=LONGEST_KEY).contains(&key.len()) && key.bytes().all(|byte| byte.is_ascii_graphic())
            };
            if !key.as_ref().is_none_or(shaped) {
                return Err(ErrorCode::MalformedHeader.into());
            }
            Ok(Self {
                if_match: header(request.headers(), IF_MATCH)?,
                key,
                method: request.method().to_string(),
                path: request.path().to_owned(),
            })
        };
        std::future::ready(read())
    }
}

impl Conditions {
    fn key(&self, ctx: &Ctx, body: &[u8]) -> Result<Option<Key>, Failure> {
        let asked = [self.method.as_bytes(), self.path.as_bytes(), body];
        Ok(self.key.as_ref().map(|key| Key::new(ctx, key, &asked)).transpose()?)
    }

    /// For changes: If-Match is required.
    ///
    /// # Errors
    /// 428 without it; 400 when it is no version, or the key is none.
    pub fn change(&self, ctx: &Ctx, body: &[u8]) -> Result<Ticket, Failure> {
        let text = self.if_match.as_deref().ok_or(ErrorCode::IfMatchRequired)?;
        let version =
            text.trim().trim_matches('"').parse().map_err(|_| Failure::from(ErrorCode::MalformedHeader))?;
        Ok(Ticket { expected_version: Some(version), key: self.key(ctx, body)? })
    }

    /// For creations: Idempotency-Key is required.
    ///
    /// # Errors
    /// 428 without it; 400 for one too short.
    pub fn create(&self, ctx: &Ctx, body: &[u8]) -> Result<Ticket, Failure> {
        let key = self.key(ctx, body)?.ok_or(ErrorCode::IdempotencyKeyRequired)?;
        Ok(Ticket { expected_version: None, key: Some(key) })
    }
}

/// Answers with a dossier and its ETag.
pub fn dossier(view: &DossierView) -> HttpResponse {
    HttpResponse::Ok().insert_header((ETAG, format!("\"{}\"", view.version))).json(view)
}

/// Answers with a matter and its ETag.
pub fn matter(matter: &Matter) -> HttpResponse {
    HttpResponse::Ok().insert_header((ETAG, format!("\"{}\"", matter.version))).json(matter)
}

/// Answers with a new dossier: 201, its address and its ETag.
pub fn created(view: &DossierView) -> HttpResponse {
    HttpResponse::Created()
        .insert_header((ETAG, format!("\"{}\"", view.version)))
        .insert_header((LOCATION, format!("/api/v1/dossiers/{}", view.id)))
        .json(view)
}

/// True when the caller has what this quoted tag names.
pub fn knows(request: &HttpRequest, tag: &str) -> bool {
    request
        .headers()
        .get(IF_NONE_MATCH)
        .and_then(|value| value.to_str().ok())
        .is_some_and(|given| given.split(',').any(|each| each.trim().trim_start_matches("W/") == tag))
}

/// Answers a conditional read: 304 when the caller has this already.
pub fn tagged<T: Serialize>(request: &HttpRequest, tag: &str, body: &T) -> HttpResponse {
    let tag = format!("\"{tag}\"");
    if knows(request, &tag) {
        HttpResponse::NotModified().insert_header((ETAG, tag)).finish()
    } else {
        HttpResponse::Ok().insert_header((ETAG, tag)).json(body)
    }
}
