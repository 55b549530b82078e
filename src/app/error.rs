//! What can go wrong, in words of the application. Public code and text on one side; private
//! context, for the log alone, on the other. `web::problem` maps kinds to statuses.

use motcua_domain::error_code::{ErrorCode, FieldError, Rejection};
use motcua_domain::policy::permit::Denied;
use motcua_domain::text::Text;
use motcua_store::StoreError;

pub type Result<T, E = Error> = std::result::Result<T, E>;

/// A failure with what the caller may know, and what only the log may.
#[derive(Debug, Clone)]
pub struct Error {
    pub code: ErrorCode,
    pub text: Text,
    pub errors: Vec<FieldError>,
    pub basis: Vec<String>,
    /// For a stale version: the version there is now.
    pub current_version: Option<i64>,
    /// For too many requests: seconds to wait.
    pub retry_after: Option<u64>,
    private: Option<String>,
}

impl Error {
    pub fn of(code: ErrorCode) -> Self {
        Self {
            code,
            text: code.text(),
            errors: Vec::new(),
            basis: Vec::new(),
            current_version: None,
            retry_after: None,
            private: None,
        }
    }

    pub fn saying(code: ErrorCode, text: Text) -> Self {
        Self { text, ..Self::of(code) }
    }

    pub fn not_found() -> Self {
        Self::of(ErrorCode::NotFound)
    }

    pub fn fields(errors: Vec<FieldError>) -> Self {
        Self { errors, ..Self::of(ErrorCode::FieldsInvalid) }
    }

    pub fn field(pointer: &str, code: ErrorCode) -> Self {
        Self::fields(vec![FieldError::plain(pointer, code)])
    }

    /// A bug: the caller reads the same text each time, the log reads why.
    pub fn internal(private: impl Into<String>) -> Self {
        Self { private: Some(private.into()), ..Self::of(ErrorCode::Internal) }
    }

    pub fn unavailable(private: impl Into<String>) -> Self {
        Self { private: Some(private.into()), retry_after: Some(2), ..Self::of(ErrorCode::Unavailable) }
    }

    pub fn stale(current_version: i64) -> Self {
        Self { current_version: Some(current_version), ..Self::of(ErrorCode::StaleVersion) }
    }

    pub fn too_many(seconds: u64) -> Self {
        Self { retry_after: Some(seconds), ..Self::of(ErrorCode::TooManyRequests) }
    }

    /// For the log alone.
    pub fn private(&self) -> Option<&str> {
        self.private.as_deref()
    }
}

impl From<StoreError> for Error {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::NotFound => Self::not_found(),
            StoreError::Unavailable(why) => Self::unavailable(why),
            StoreError::Conflict(name) => Self::internal(format!("constraint {name} was violated")),
            StoreError::Bug(why) => Self::internal(why),
        }
    }
}

impl From<Rejection> for Error {
    fn from(rejection: Rejection) -> Self {
        Self {
            text: rejection.text,
            errors: rejection.errors,
            basis: rejection.basis,
            ..Self::of(rejection.code)
        }
    }
}

impl From<Denied> for Error {
    fn from(denied: Denied) -> Self {
        match denied {
            Denied::Forbidden(code) => Self::of(code),
            Denied::Hidden => Self::not_found(),
        }
    }
}

impl From<serde_json::Error> for Error {
    fn from(error: serde_json::Error) -> Self {
        Self::internal(format!("json: {error}"))
    }
}
