//! How each agency keeps its hours, for anybody: counts and days, nothing of any one dossier.

use actix_web::HttpResponse;
use actix_web::web::{self, ServiceConfig};
use askama::Template;
use chrono::{DateTime, Utc};
use motcua_app::waiting::{self, Overdue, Waiting};

use super::frame::Frame;
use super::visitor::Visitor;
use crate::problem::Failure;

pub fn mount(config: &mut ServiceConfig) {
    config.route("/tinh-trang", web::get().to(status));
}

#[derive(Template)]
#[template(path = "status.html")]
struct StatusPage {
    f: Frame,
    agencies: Vec<Waiting>,
    now: DateTime<Utc>,
}

impl StatusPage {
    /// `3, lâu nhất từ 20/11/2026`.
    fn overdue(&self, overdue: &Overdue) -> String {
        match (overdue.count, overdue.since) {
            (0, _) | (_, None) => self.f.say("không có", "none").to_owned(),
            (count, Some(since)) => {
                format!("{count}, {} {}", self.f.say("lâu nhất từ", "the oldest since"), self.f.date(&since))
            }
        }
    }
}

async fn status(visitor: Visitor) -> Result<HttpResponse, Failure> {
    let agencies = waiting::waiting(&visitor.ctx).await?;
    visitor.page(&StatusPage { f: visitor.frame.clone(), agencies, now: visitor.ctx.now() })
}
