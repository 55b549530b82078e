//! Bodies and parameters: every failure names what is wrong, and none is plain text.

use actix_web::dev::Payload;
use actix_web::http::header::CONTENT_TYPE;
use actix_web::web::{Bytes, BytesMut};
use actix_web::{FromRequest, HttpRequest};
use futures_util::StreamExt;
use futures_util::future::LocalBoxFuture;
use motcua_app::Error;
use motcua_domain::error_code::{ErrorCode, FieldError};
use motcua_domain::text::Text;
use serde::de::DeserializeOwned;

use crate::problem::Failure;

/// The largest JSON body, in bytes.
pub const LARGEST_BODY: usize = 1024 * 1024;

/// How JSON writes the character that no text may hold.
const NUL: &[u8] = b"\\u0000";

/// A JSON body, with its exact bytes for the idempotency print.
pub struct Body<T> {
    pub value: T,
    pub raw: Bytes,
}

impl<T: DeserializeOwned + 'static> FromRequest for Body<T> {
    type Error = Failure;
    type Future = LocalBoxFuture<'static, Result<Self, Failure>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let kind =
            request.headers().get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
        let json = kind.split(';').next().unwrap_or_default().trim().eq_ignore_ascii_case("application/json");
        let payload = payload.take();
        Box::pin(async move {
            if !json {
                return Err(ErrorCode::WrongMediaType.into());
            }
            let raw = collect(payload).await?;
            let value = read(&raw)?;
            Ok(Self { value, raw })
        })
    }
}

/// Collects a body up to the limit.
///
/// # Errors
/// Too large, or cut off.
pub async fn collect(mut payload: Payload) -> Result<Bytes, Failure> {
    let mut bytes = BytesMut::new();
    while let Some(chunk) = payload.next().await {
        let chunk = chunk.map_err(|_| Failure::from(ErrorCode::MalformedBody))?;
        if bytes.len().saturating_add(chunk.len()) > LARGEST_BODY {
            return Err(ErrorCode::BodyTooLarge.into());
        }
        bytes.extend_from_slice(&chunk);
    }
    Ok(bytes.freeze())
}

fn read<T: DeserializeOwned>(raw: &[u8]) -> Result<T, Failure> {
    // The database keeps no text with a NUL; said here, it is a clear problem instead of a failure there.
    if raw.windows(NUL.len()).any(|part| part == NUL) {
        return Err(malformed(String::new(), "a text holds the character U+0000"));
    }
    let mut json = serde_json::Deserializer::from_slice(raw);
    let value = serde_path_to_error::deserialize(&mut json).map_err(|error| {
        let pointer = pointer(error.path());
        let why = error.inner().to_string();
        malformed(pointer, &why)
    })?;
    json.end().map_err(|error| malformed(String::new(), &error.to_string()))?;
    Ok(value)
}

/// The same from a value a page put together: what cannot be read is a wrong field of its form.
///
/// # Errors
/// The place that cannot be read.
pub fn of_value<T: DeserializeOwned>(value: serde_json::Value) -> Result<T, Failure> {
    serde_path_to_error::deserialize(value).map_err(|error| {
        let pointer = pointer(error.path());
        Failure(Error::fields(vec![FieldError::plain(pointer, ErrorCode::FieldInvalid)]))
    })
}

fn malformed(pointer: String, why: &str) -> Failure {
    let text = Text::new(
        format!("Nội dung không đọc được ở chỗ này. Chi tiết kỹ thuật: {why}"),
        format!("The body cannot be read here: {why}"),
    );
    let mut error = Error::of(ErrorCode::MalformedBody);
    error.errors = vec![FieldError::new(pointer, ErrorCode::MalformedBody, text)];
    Failure(error)
}

fn pointer(path: &serde_path_to_error::Path) -> String {
    use serde_path_to_error::Segment;
    path.iter()
        .map(|segment| match segment {
            Segment::Seq { index } => format!("/{index}"),
            Segment::Map { key } => format!("/{}", key.replace('~', "~0").replace('/', "~1")),
            Segment::Enum { variant } => format!("/{variant}"),
            Segment::Unknown => String::new(),
        })
        .collect()
}

/// Query parameters.
pub struct Params<T>(pub T);

impl<T: DeserializeOwned + 'static> FromRequest for Params<T> {
    type Error = Failure;
    type Future = std::future::Ready<Result<Self, Failure>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        std::future::ready(serde_urlencoded::from_str(request.query_string()).map(Self).map_err(|error| {
            let text = Text::new(
                format!("Tham số trong địa chỉ không hợp lệ. Chi tiết kỹ thuật: {error}"),
                format!("A parameter is not valid: {error}"),
            );
            Failure(Error::saying(ErrorCode::MalformedParameter, text))
        }))
    }
}

/// A text of the path, parsed. What is no id at all names nothing, so it is not found.
pub struct Id<T>(pub T);

impl<T: std::str::FromStr + 'static> FromRequest for Id<T> {
    type Error = Failure;
    type Future = std::future::Ready<Result<Self, Failure>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        std::future::ready(
            request
                .match_info()
                .get("id")
                .and_then(|text| text.parse().ok())
                .map(Self)
                .ok_or_else(|| ErrorCode::NotFound.into()),
        )
    }
}
