//! The line at a counter: a screen for the hall that anybody may look at, and the counter's own buttons.

use actix_web::HttpResponse;
use actix_web::web::{self, Path, ServiceConfig};
use askama::Template;
use motcua_app::waiting_numbers::{self, Line};
use motcua_domain::error_code::ErrorCode;
use motcua_domain::ids::AgencyId;

use super::desk::Sent;
use super::desk::intake;
use super::frame::Frame;
use super::visitor::Visitor;
use crate::problem::Failure;

pub fn mount(config: &mut ServiceConfig) {
    config
        .route("/goi-so/{agency}", web::get().to(screen))
        .route("/desk/tiep-nhan/phat-so", web::post().to(draw))
        .route("/desk/tiep-nhan/goi-so", web::post().to(call));
}

#[derive(Template)]
#[template(path = "waiting_line.html")]
struct ScreenPage {
    f: Frame,
    line: Line,
}

async fn screen(visitor: Visitor, path: Path<AgencyId>) -> Result<HttpResponse, Failure> {
    let line = waiting_numbers::line(&visitor.ctx, path.into_inner()).await?;
    visitor.page(&ScreenPage { f: visitor.frame.clone(), line })
}

fn agency(sent: &Sent) -> Result<AgencyId, Failure> {
    sent.form.get("agency").and_then(|id| id.parse().ok()).ok_or_else(|| ErrorCode::NotFound.into())
}

async fn draw(sent: Sent) -> Result<HttpResponse, Failure> {
    let number = waiting_numbers::draw(&sent.visitor.ctx, agency(&sent)?).await?;
    Ok(sent.visitor.go(format!("/desk/tiep-nhan?phat={number}")))
}

async fn call(sent: Sent) -> Result<HttpResponse, Failure> {
    let (visitor, place) = (&sent.visitor, sent.form.given("place").unwrap_or_default());
    match waiting_numbers::call(&visitor.ctx, agency(&sent)?, &place).await {
        Ok(number) => Ok(intake::after_call(visitor, number, &place)),
        Err(error) if !error.errors.is_empty() => intake::place_wanted(visitor, &error).await,
        Err(error) => Err(error.into()),
    }
}
