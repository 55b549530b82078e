//! What somebody wants to say about these pages, in one box.

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use actix_web::web::{self, Query, ServiceConfig};
use askama::Template;
use motcua_app::feedback;
use serde::Deserialize;

use super::frame::Frame;
use super::submitted::Submitted;
use super::visitor::Visitor;
use crate::problem::Failure;

const HERE: &str = "/gop-y";

pub fn mount(config: &mut ServiceConfig) {
    config.route(HERE, web::get().to(ask)).route(HERE, web::post().to(say));
}

#[derive(Template)]
#[template(path = "feedback.html")]
struct FeedbackPage {
    f: Frame,
    about: String,
    says: String,
    mistake: Option<String>,
    done: bool,
}

#[derive(Deserialize)]
struct Asked {
    /// The page it is about.
    ve: Option<String>,
    xong: Option<String>,
}

async fn ask(visitor: Visitor, asked: Query<Asked>) -> Result<HttpResponse, Failure> {
    let Asked { ve, xong } = asked.into_inner();
    let f = visitor.frame.clone();
    let (about, done) = (ve.unwrap_or_default(), xong.is_some());
    visitor.page(&FeedbackPage { f, about, says: String::new(), mistake: None, done })
}

async fn say(visitor: Visitor, sent: Submitted) -> Result<HttpResponse, Failure> {
    let about = sent.given("about").unwrap_or_default();
    let says = sent.get("says").unwrap_or_default();
    match feedback::say(&visitor.ctx, &about, says).await {
        Ok(()) => Ok(visitor.go(format!("{HERE}?xong=1"))),
        Err(error) if !error.errors.is_empty() => {
            let f = visitor.frame.clone();
            let mistake = error.errors.first().map(|wrong| f.text(&wrong.text).to_owned());
            let page = FeedbackPage { f, about, says: says.to_owned(), mistake, done: false };
            visitor.page_as(StatusCode::UNPROCESSABLE_ENTITY, &page)
        }
        Err(error) => Err(error.into()),
    }
}
