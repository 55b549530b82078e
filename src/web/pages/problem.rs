//! A problem as a page: the same code, the same sentences, and a way on.

use actix_web::HttpRequest;
use actix_web::http::header::ACCEPT;
use askama::Template;

use super::frame::Frame;
use crate::problem::Problem;

#[derive(Template)]
#[template(path = "problem.html")]
struct ProblemPage<'a> {
    f: Frame,
    problem: &'a Problem,
}

/// Addresses only machines ask.
pub const MACHINES: [&str; 5] = ["/api/", "/oauth/", "/.well-known/", "/health/", "/metrics"];

/// True when a person looks at the answer: a browser, outside the API.
pub fn wanted(request: &HttpRequest) -> bool {
    let asks = request
        .headers()
        .get(ACCEPT)
        .and_then(|accept| accept.to_str().ok())
        .is_some_and(|accept| accept.contains("text/html"));
    asks && !MACHINES.iter().any(|path| request.path().starts_with(path))
}

/// The page, or nothing when the template fails.
pub fn page(request: &HttpRequest, problem: &Problem) -> Option<String> {
    // As `Visitor::page` says of its pages.
    tracing::trace!(target: "motcua_web::page", drawn = concat!(module_path!(), "::ProblemPage"));
    ProblemPage { f: Frame::of(request), problem }.render().ok()
}
