//! Staff sign in with user name, password and the code of the moment, and out. What was typed into a
//! form when the session had ended travels along, and is sent on only when its author says so.

use actix_web::http::StatusCode;
use actix_web::web::{self, Data, Query, ServiceConfig};
use actix_web::{HttpRequest, HttpResponse};
use askama::Template;
use motcua_app::sessions::{self, Session};
use motcua_domain::error_code::ErrorCode;
use serde::Deserialize;

use crate::Web;
use crate::caller::token;
use crate::pages::frame::{Frame, Who};
use crate::pages::interrupted::{given_back, keep, kept, waits};
use crate::pages::submitted::Submitted;
use crate::pages::visitor::{Visitor, local};
use crate::problem::Failure;

/// Where the desk begins.
const HOME: &str = "/desk";

pub fn mount(config: &mut ServiceConfig) {
    config
        .route("/desk/dang-nhap", web::get().to(ask))
        .route("/desk/dang-nhap", web::post().to(enter))
        .route("/desk/phien", web::get().to(ends))
        .route("/desk/dang-xuat", web::post().to(leave));
}

/// The address of the sign-in page that goes on to another one.
pub fn address(to: &str) -> String {
    format!("/desk/dang-nhap?{}", serde_urlencoded::to_string([("ve", to)]).unwrap_or_default())
}

#[derive(Template)]
#[template(path = "desk/sign_in.html")]
struct SignInPage {
    f: Frame,
    /// Where to go afterwards.
    to: String,
    user_name: String,
    mistake: Option<String>,
    /// A form waits to be sent there.
    waits: bool,
    kept: Vec<(String, String)>,
}

#[derive(Deserialize)]
struct Asked {
    ve: Option<String>,
    /// Signs in anew although the session still runs.
    lai: Option<String>,
}

async fn ask(visitor: Visitor, asked: Query<Asked>) -> Result<HttpResponse, Failure> {
    let to = asked.ve.as_deref().and_then(local).unwrap_or(HOME).to_owned();
    if visitor.staff() && asked.lai.is_none() {
        return Ok(visitor.go(to));
    }
    let (user_name, kept) = (String::new(), Vec::new());
    visitor.page(&SignInPage { f: visitor.frame.clone(), to, user_name, mistake: None, waits: false, kept })
}

/// A form came without a session: it waits, whole, while its author signs in.
///
/// # Errors
/// When a template fails, which is a bug.
pub fn interrupted(visitor: &Visitor, to: &str, form: &Submitted) -> Result<HttpResponse, Failure> {
    let kept = keep(form);
    let mut f = visitor.frame.clone();
    // The page says it in its own words.
    f.session_ended = false;
    let (to, user_name) = (to.to_owned(), String::new());
    visitor.page(&SignInPage { f, to, user_name, mistake: None, waits: true, kept })
}

#[derive(Template)]
#[template(path = "desk/resume.html")]
struct ResumePage {
    f: Frame,
    to: String,
    kept: Vec<(String, String)>,
}

/// Keeps when the session ends, so that pages can warn before. Nothing secret.
fn until(visitor: &Visitor, session: &Session, mut response: HttpResponse) -> Result<HttpResponse, Failure> {
    let ends = visitor.ending(session.expires_at.timestamp());
    response.add_cookie(&ends).map_err(|_| ErrorCode::Internal)?;
    Ok(response)
}

/// When the session ends now: a page that was open while its reader signed in anew asks again.
async fn ends(visitor: Visitor) -> HttpResponse {
    let ends = visitor.frame.session_ends.unwrap_or_default();
    HttpResponse::Ok().content_type("text/plain; charset=utf-8").body(ends.to_string())
}

async fn enter(visitor: Visitor, sent: Submitted) -> Result<HttpResponse, Failure> {
    let to = sent.get("_ve").and_then(local).unwrap_or(HOME).to_owned();
    let user_name = sent.given("user_name").unwrap_or_default();
    let password = sent.get("password").unwrap_or_default().to_owned().into();
    let waits = waits(&sent);
    let code = sent.get("code").unwrap_or_default();
    match sessions::sign_in_staff(&visitor.ctx, &user_name, &password, code).await {
        Ok(session) if waits => {
            let mut f = visitor.frame.clone();
            (f.who, f.session_ended) = (Who::Staff(session.account.name.clone()), false);
            let kept = given_back(&sent);
            until(&visitor, &session, visitor.page_signed(&ResumePage { f, to, kept }, &session.token)?)
        }
        Ok(session) => until(&visitor, &session, visitor.go_signed(to, &session.token)),
        Err(error) if matches!(error.code, ErrorCode::SignInFailed | ErrorCode::TooManyRequests) => {
            let mistake = Some(visitor.frame.text(&error.text).to_owned());
            let f = visitor.frame.clone();
            let page = SignInPage { f, to, user_name, mistake, waits, kept: kept(&sent) };
            visitor.page_as(StatusCode::UNPROCESSABLE_ENTITY, &page)
        }
        Err(error) => Err(error.into()),
    }
}

async fn leave(
    request: HttpRequest,
    web: Data<Web>,
    visitor: Visitor,
    _sent: Submitted,
) -> Result<HttpResponse, Failure> {
    if let Some(token) = token(&request, &web)? {
        sessions::sign_out(&visitor.ctx, &token).await?;
    }
    Ok(visitor.go_signed_out("/desk/dang-nhap"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nobody_is_sent_to_another_site() {
        for elsewhere in ["//evil.example", "https://evil.example", "/\\evil.example", "desk", "/a\r\nb"] {
            assert_eq!(local(elsewhere), None, "{elsewhere}");
        }
        assert_eq!(local("/desk?xem=tat-ca"), Some("/desk?xem=tat-ca"));
        assert_eq!(address("/desk?a=b&c=đ"), "/desk/dang-nhap?ve=%2Fdesk%3Fa%3Db%26c%3D%C4%91");
    }
}
