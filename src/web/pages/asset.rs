//! The stylesheet, the script and the icon: part of the program, named by their content.

use std::sync::LazyLock;

use actix_web::http::header::{CACHE_CONTROL, CONTENT_TYPE};
use actix_web::web::{self, ServiceConfig};
use actix_web::{HttpRequest, HttpResponse};
use motcua_domain::error_code::ErrorCode;
use sha2::{Digest, Sha256};

use crate::problem::Failure;

const CSS: &str = include_str!("../assets/motcua.css");
const JS: &str = include_str!("../assets/motcua.js");
const ICON: &str = include_str!("../assets/icon.svg");

fn named(name: &str, content: &str, kind: &str) -> String {
    let print = hex::encode(Sha256::digest(content));
    format!("/static/{name}-{}.{kind}", print.get(..12).unwrap_or_default())
}

static CSS_PATH: LazyLock<String> = LazyLock::new(|| named("motcua", CSS, "css"));
static JS_PATH: LazyLock<String> = LazyLock::new(|| named("motcua", JS, "js"));

pub fn css() -> &'static str {
    &CSS_PATH
}

pub fn js() -> &'static str {
    &JS_PATH
}

pub fn mount(config: &mut ServiceConfig) {
    config.route("/static/{name}", web::get().to(asset));
}

async fn asset(request: HttpRequest) -> Result<HttpResponse, Failure> {
    let (content, kind) = match request.path() {
        path if path == css() => (CSS, "text/css; charset=utf-8"),
        path if path == js() => (JS, "text/javascript; charset=utf-8"),
        "/static/icon.svg" => (ICON, "image/svg+xml"),
        _ => return Err(ErrorCode::NotFound.into()),
    };
    Ok(HttpResponse::Ok()
        .insert_header((CONTENT_TYPE, kind))
        .insert_header((CACHE_CONTROL, "public, max-age=31536000, immutable"))
        .body(content))
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_script_stays_small() {
        assert!(super::JS.len() < 15 * 1024, "{} bytes", super::JS.len());
    }
}
