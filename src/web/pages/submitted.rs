//! A form as a browser sends it: names and values in order, with the token only our pages know.

use actix_web::dev::Payload;
use actix_web::web::{Bytes, Data};
use actix_web::{FromRequest, HttpRequest};
use futures_util::future::LocalBoxFuture;
use motcua_app::Error;
use motcua_domain::error_code::ErrorCode;
use motcua_domain::text::Text;

use super::visitor::{FORM, cookie_name};
use crate::Web;
use crate::problem::Failure;

/// Name of the hidden field with the token.
pub const TOKEN: &str = "_token";
/// A long form with every text at its limit stays below this.
const LARGEST: usize = 1024 * 1024;

/// What was sent with a form.
#[derive(Debug, Clone, Default)]
pub struct Submitted {
    fields: Vec<(String, String)>,
}

impl Submitted {
    /// A form that waited for its author: its token was checked when it came.
    pub fn again(fields: Vec<(String, String)>) -> Self {
        Self { fields }
    }

    #[cfg(test)]
    pub fn of(fields: &[(&str, &str)]) -> Self {
        let owned = |(name, value): &(&str, &str)| ((*name).to_owned(), (*value).to_owned());
        Self { fields: fields.iter().map(owned).collect() }
    }

    pub fn get(&self, name: &str) -> Option<&str> {
        self.fields.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    /// The value without spaces around it; none when it is empty.
    pub fn given(&self, name: &str) -> Option<String> {
        self.get(name).map(str::trim).filter(|text| !text.is_empty()).map(str::to_owned)
    }

    pub fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        self.fields.iter().filter(move |(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    /// Every field in its order, hidden ones too.
    pub fn every(&self) -> impl Iterator<Item = (&str, &str)> {
        self.fields.iter().map(|(name, value)| (name.as_str(), value.as_str()))
    }

    /// What people typed: without the hidden fields, whose names begin with `_`.
    pub fn typed(&self) -> impl Iterator<Item = (&str, &str)> {
        self.fields
            .iter()
            .filter(|(name, _)| !name.starts_with('_'))
            .map(|(name, value)| (name.as_str(), value.as_str()))
    }
}

/// True when the hidden field says what the cookie says.
///
/// # Errors
/// 403, in words that say what to do.
pub fn check_token(request: &HttpRequest, web: &Web, given: Option<&str>) -> Result<(), Failure> {
    let known = request.cookie(&cookie_name(web, FORM));
    if given.is_some_and(|given| known.as_ref().is_some_and(|known| known.value() == given)) {
        return Ok(());
    }
    Err(Failure(Error::saying(
        ErrorCode::NotPermitted,
        Text::new(
            "Trang này đã mở quá lâu hoặc trình duyệt không lưu cookie. Hãy quay lại trang trước, tải lại rồi gửi lần nữa.",
            "This page was open too long, or the browser keeps no cookies. Go back, reload the page and send it again.",
        ),
    )))
}

impl FromRequest for Submitted {
    type Error = Failure;
    type Future = LocalBoxFuture<'static, Result<Self, Failure>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let request = request.clone();
        let bytes = actix_web::web::Payload::from_request(&request, payload);
        Box::pin(async move {
            let web = request.app_data::<Data<Web>>().cloned().ok_or(ErrorCode::Internal)?;
            let payload = bytes.await.map_err(|_| ErrorCode::MalformedBody)?;
            let body: Bytes = payload
                .to_bytes_limited(LARGEST)
                .await
                .map_err(|_| ErrorCode::BodyTooLarge)?
                .map_err(|_| ErrorCode::MalformedBody)?;
            let fields: Vec<(String, String)> =
                serde_urlencoded::from_bytes(&body).map_err(|_| ErrorCode::MalformedBody)?;
            if fields.iter().any(|(name, value)| name.contains('\0') || value.contains('\0')) {
                return Err(ErrorCode::MalformedBody.into());
            }
            let submitted = Self { fields };
            check_token(&request, &web, submitted.get(TOKEN))?;
            Ok(submitted)
        })
    }
}
