//! `/problems/<code>`: a real page that says what an error code means, in both languages.

use actix_web::{HttpRequest, HttpResponse, get};
use motcua_domain::error_code::ErrorCode;

use crate::problem::{Failure, status};

/// What an error code means.
#[utoipa::path(tag = "public", operation_id = "explain", params(("code" = ErrorCode, Path)), responses((status = 200, description = "A page in Vietnamese and English", body = String, content_type = "text/html")))]
#[get("/problems/{code}")]
pub async fn explain(request: HttpRequest) -> Result<HttpResponse, Failure> {
    let asked = request.match_info().get("code").unwrap_or_default();
    let code =
        ErrorCode::ALL.iter().find(|code| code.as_str() == asked).copied().ok_or(ErrorCode::NotFound)?;
    let text = code.text();
    let page = format!(
        "<!doctype html><html lang=\"vi\"><head><meta charset=\"utf-8\"><meta name=\"viewport\" content=\"width=device-width\"><title>{code} – motcua</title></head>\
         <body><main><h1>{vi}</h1><p lang=\"en\">{en}</p><p>Mã lỗi: <code>{code}</code> · HTTP {status}</p></main></body></html>",
        vi = text.vi,
        en = text.en,
        status = status(code).as_u16(),
    );
    Ok(HttpResponse::Ok().content_type("text/html; charset=utf-8").body(page))
}
