//! Problem documents (RFC 9457). The only place that knows status codes.
//!
//! A handler's failure travels as an extension of its response; `guard` renders it, because the
//! language and the request id belong to the request.

use actix_web::http::StatusCode;
use actix_web::{HttpResponse, ResponseError};
use motcua_app::Error;
use motcua_domain::error_code::{ErrorCode, FieldError, Kind};
use motcua_domain::text::Language;
use serde::{Deserialize, Serialize};

/// A failure on its way out.
#[derive(Debug, Clone)]
pub struct Failure(pub Error);

impl std::fmt::Display for Failure {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.code.fmt(f)
    }
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        Self(error)
    }
}

impl From<ErrorCode> for Failure {
    fn from(code: ErrorCode) -> Self {
        Self(Error::of(code))
    }
}

impl ResponseError for Failure {
    fn status_code(&self) -> StatusCode {
        status(self.0.code)
    }

    fn error_response(&self) -> HttpResponse {
        let mut response = HttpResponse::new(self.status_code());
        response.extensions_mut().insert(self.clone());
        response
    }
}

/// The one mapping from kinds of failure to statuses.
pub fn status(code: ErrorCode) -> StatusCode {
    match code.kind() {
        Kind::Malformed => StatusCode::BAD_REQUEST,
        Kind::Unauthenticated => StatusCode::UNAUTHORIZED,
        Kind::Forbidden => StatusCode::FORBIDDEN,
        Kind::NotFound => StatusCode::NOT_FOUND,
        Kind::MethodNotAllowed => StatusCode::METHOD_NOT_ALLOWED,
        Kind::WrongState => StatusCode::CONFLICT,
        Kind::StaleVersion => StatusCode::PRECONDITION_FAILED,
        Kind::TooLarge => StatusCode::PAYLOAD_TOO_LARGE,
        Kind::WrongType => StatusCode::UNSUPPORTED_MEDIA_TYPE,
        Kind::Invalid => StatusCode::UNPROCESSABLE_ENTITY,
        Kind::MissingPrecondition => StatusCode::PRECONDITION_REQUIRED,
        Kind::TooMany => StatusCode::TOO_MANY_REQUESTS,
        Kind::Internal => StatusCode::INTERNAL_SERVER_ERROR,
        Kind::Unavailable => StatusCode::SERVICE_UNAVAILABLE,
    }
}

/// What is wrong with one field.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct FieldProblem {
    /// JSON pointer into the body.
    pub pointer: String,
    pub code: ErrorCode,
    /// In the caller's language.
    pub detail: String,
    pub detail_vi: String,
    pub detail_en: String,
}

/// A problem document.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Problem {
    /// `/problems/<code>`: a page that explains the code.
    #[serde(rename = "type")]
    pub kind: String,
    /// The code's general sentence, in the caller's language.
    pub title: String,
    pub status: u16,
    /// What is known of this case, in the caller's language.
    pub detail: String,
    /// The address that was asked.
    pub instance: String,
    pub code: ErrorCode,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub errors: Vec<FieldProblem>,
    /// Legal basis, as cited.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub legal_basis: Vec<String>,
    pub request_id: String,
    /// With `stale_version`: the version there is now.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub current_version: Option<i64>,
}

impl Problem {
    pub fn of(error: &Error, language: Language, instance: &str, request_id: &str) -> Self {
        Self {
            kind: format!("/problems/{}", error.code),
            title: error.code.text().say(language).to_owned(),
            status: status(error.code).as_u16(),
            detail: error.text.say(language).to_owned(),
            instance: instance.to_owned(),
            code: error.code,
            errors: error.errors.iter().map(|field| field_problem(field, language)).collect(),
            legal_basis: error.basis.clone(),
            request_id: request_id.to_owned(),
            current_version: error.current_version,
        }
    }

    /// As a document for machines, or as the page people see.
    pub fn response(&self, error: &Error, page: Option<String>) -> HttpResponse {
        let mut response = HttpResponse::build(status(error.code));
        if let Some(seconds) = error.retry_after {
            response.insert_header(("Retry-After", seconds.to_string()));
        }
        if status(error.code) == StatusCode::UNAUTHORIZED {
            response.insert_header(("WWW-Authenticate", "Bearer"));
        }
        match page {
            Some(page) => response.content_type("text/html; charset=utf-8").body(page),
            None => response
                .content_type("application/problem+json")
                .body(serde_json::to_string(self).unwrap_or_default()),
        }
    }
}

fn field_problem(field: &FieldError, language: Language) -> FieldProblem {
    FieldProblem {
        pointer: field.pointer.clone(),
        code: field.code,
        detail: field.text.say(language).to_owned(),
        detail_vi: field.text.vi.clone(),
        detail_en: field.text.en.clone(),
    }
}
