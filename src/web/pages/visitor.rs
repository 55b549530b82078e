//! Who looks at a page, and how a page is answered: session, language, form token, and the dossier
//! whose key this browser holds.

use actix_web::cookie::time::Duration;
use actix_web::cookie::{Cookie, SameSite};
use actix_web::dev::Payload;
use actix_web::http::StatusCode;
use actix_web::http::header::LOCATION;
use actix_web::web::Data;
use actix_web::{FromRequest, HttpRequest, HttpResponse};
use askama::Template;
use futures_util::future::LocalBoxFuture;
use motcua_app::Ctx;
use motcua_domain::actor::Actor;
use motcua_domain::error_code::ErrorCode;
use motcua_domain::ids::DossierId;
use motcua_domain::policy::Oversight;
use secrecy::{ExposeSecret, SecretString};

use super::frame::{Frame, Who};
use crate::Web;
use crate::caller::{anonymous, token};
use crate::problem::Failure;

/// Whether people come to us through TLS.
pub fn tls(web: &Web) -> bool {
    web.app.settings().public_url.starts_with("https://")
}

/// A cookie of ours: bound to the host behind TLS, unreadable to scripts.
pub fn cookie(web: &Web, name: &str, value: String) -> Cookie<'static> {
    Cookie::build(cookie_name(web, name), value)
        .path("/")
        .http_only(true)
        .same_site(SameSite::Lax)
        .secure(tls(web))
        .finish()
}

pub fn cookie_name(web: &Web, name: &str) -> String {
    if tls(web) { format!("__Host-{name}") } else { name.to_owned() }
}

/// The form token: a cookie and a hidden field that must be the same. It outlives the browser's session, so that
/// a page a phone brings back after a restart can still be sent.
pub const FORM: &str = "motcua-form";
const FORM_LASTS: Duration = Duration::days(365);
/// When the session of this browser ends, in seconds since 1970.
const ENDS: &str = "motcua-phien-den";
/// The dossiers whose tracking keys this browser holds, the last one first: `id.key~id.key`. Whoever files for
/// others, or follows two dossiers, has several open.
const HELD: &str = "motcua-ho-so";
const MOST_HELD: usize = 8;

/// Only a place on this site: nobody is sent elsewhere.
pub fn local(path: &str) -> Option<&str> {
    let here = path.starts_with('/') && !path.starts_with("//") && !path.contains(['\\', '\r', '\n']);
    here.then_some(path)
}

/// Somebody who looks at a page.
pub struct Visitor {
    pub ctx: Ctx,
    pub frame: Frame,
    web: Data<Web>,
    fresh_token: bool,
    held: Vec<(DossierId, SecretString)>,
}

impl Visitor {
    async fn meet(request: HttpRequest) -> Result<Self, Failure> {
        let web = request.app_data::<Data<Web>>().cloned().ok_or(ErrorCode::Internal)?;
        let mut frame = Frame::of(&request);
        let mut ctx = anonymous(&request, &web);
        ctx.language = frame.language;
        if let Some(token) = token(&request, &web)? {
            match motcua_app::sessions::resolve(&web.app, &token).await? {
                Some(actor) => ctx.actor = actor,
                None => frame.session_ended = true,
            }
        }
        let today = ctx.today();
        frame.receives = ctx.actor.staff().is_some_and(|staff| staff.at_counter(today).next().is_some());
        frame.leads = Oversight::of(&ctx.actor, ctx.today()).is_some();
        if ctx.actor.staff().is_some() {
            let kept = motcua_app::administration::of(&ctx).ok();
            frame.administers = kept.is_some();
            frame.reads_register = motcua_app::lists::reads_register(&ctx);
            frame.keeps_shared = kept.is_some_and(|kept| kept.keeps_shared());
        }
        frame.who = match &ctx.actor {
            Actor::Citizen(_) => Who::Citizen,
            Actor::Staff(staff) => Who::Staff(staff.name.clone()),
            Actor::Anonymous | Actor::Holder(_) | Actor::Partner(_) | Actor::System => Who::Nobody,
        };
        let known = request.cookie(&cookie_name(&web, FORM)).map(|cookie| cookie.value().to_owned());
        let known = known.filter(|token| token.len() == 32 && token.bytes().all(|b| b.is_ascii_hexdigit()));
        let fresh_token = known.is_none();
        frame.token = match known {
            Some(token) => token,
            None => hex::encode(web.app.random::<16>()?),
        };
        let ends = request.cookie(&cookie_name(&web, ENDS)).and_then(|cookie| cookie.value().parse().ok());
        frame.session_ends = ends.filter(|_| ctx.actor.staff().is_some());
        let held = request.cookie(&cookie_name(&web, HELD)).map(|cookie| held_in(cookie.value()));
        let held = held.unwrap_or_default();
        Ok(Self { ctx, frame, web, fresh_token, held })
    }

    /// The caller of an act on this dossier: with its key, when this browser holds it.
    #[must_use]
    pub fn at(mut self, id: DossierId) -> Self {
        self.ctx.tracking_key = self.key_of(id).map(|key| SecretString::from(key.to_owned()));
        self
    }

    /// The tracking key of this dossier, when this browser holds it.
    pub fn key_of(&self, id: DossierId) -> Option<&str> {
        self.held.iter().find(|(held, _)| *held == id).map(|(_, key)| key.expose_secret())
    }

    /// The same, when nothing but it opens the dossier to this visitor.
    pub fn key_alone(&self, id: DossierId) -> Option<String> {
        self.key_of(id).filter(|_| self.frame.who == Who::Nobody).map(str::to_owned)
    }

    pub fn staff(&self) -> bool {
        self.ctx.actor.staff().is_some()
    }

    /// Answers with a page.
    ///
    /// # Errors
    /// When a template fails, which is a bug.
    pub fn page(&self, page: &impl Template) -> Result<HttpResponse, Failure> {
        self.page_as(StatusCode::OK, page)
    }

    /// The same with another status: 422 for a form that comes back.
    ///
    /// # Errors
    /// When a template fails, which is a bug.
    pub fn page_as(&self, status: StatusCode, page: &impl Template) -> Result<HttpResponse, Failure> {
        // What the tests in a browser gather: a page struct they never saw drawn fails them.
        tracing::trace!(target: "motcua_web::page", drawn = std::any::type_name_of_val(page));
        let body = page.render().map_err(|error| motcua_app::Error::internal(error.to_string()))?;
        let mut response = HttpResponse::build(status);
        if self.fresh_token {
            let mut token = cookie(&self.web, FORM, self.frame.token.clone());
            token.set_max_age(FORM_LASTS);
            response.cookie(token);
        }
        if self.frame.session_ended {
            response.cookie(gone(&self.web, crate::caller::cookie_name(&self.web.app.settings().public_url)));
        }
        Ok(response.content_type("text/html; charset=utf-8").body(body))
    }

    /// Goes on to another page: what a form that was accepted answers.
    pub fn go(&self, path: impl Into<String>) -> HttpResponse {
        HttpResponse::SeeOther().insert_header((LOCATION, path.into())).finish()
    }

    /// As [`Self::go`], and this browser keeps a note of its own: letters and digits only.
    pub fn go_noting(&self, path: impl Into<String>, name: &str, value: String) -> HttpResponse {
        let noted = cookie(&self.web, name, value);
        HttpResponse::SeeOther().insert_header((LOCATION, path.into())).cookie(noted).finish()
    }

    /// What this browser noted.
    pub fn noted(&self, request: &HttpRequest, name: &str) -> Option<String> {
        request.cookie(&cookie_name(&self.web, name)).map(|cookie| cookie.value().to_owned())
    }

    /// As [`Self::go`], and this browser holds the key of a dossier from now on; a desk no other beside it, for
    /// its keys are its applicants'.
    pub fn go_holding(&self, path: impl Into<String>, id: DossierId, key: &str) -> HttpResponse {
        let mut response = self.go(path);
        self.hold(&mut response, id, key);
        response
    }

    /// As [`Self::page`], and this browser holds the key of a dossier from now on.
    ///
    /// # Errors
    /// When a template fails, which is a bug.
    pub fn page_holding(
        &self,
        page: &impl Template,
        id: DossierId,
        key: &str,
    ) -> Result<HttpResponse, Failure> {
        let mut response = self.page(page)?;
        self.hold(&mut response, id, key);
        Ok(response)
    }

    fn hold(&self, response: &mut HttpResponse, id: DossierId, key: &str) {
        // Told once: asked again, it is what this browser holds already.
        if key.is_empty() {
            return;
        }
        let others = self.held.iter().filter(|(held, _)| *held != id && !self.staff());
        let others = others.map(|(held, key)| format!("{held}.{}", key.expose_secret()));
        let all: Vec<String> = std::iter::once(format!("{id}.{key}")).chain(others).take(MOST_HELD).collect();
        if response.add_cookie(&cookie(&self.web, HELD, all.join("~"))).is_err() {
            tracing::error!("the cookie of the held keys could not be set");
        }
    }

    fn session_cookie(&self, token: &str) -> Cookie<'static> {
        let mut cookie = cookie(&self.web, "", token.to_owned());
        cookie.set_name(crate::caller::cookie_name(&self.web.app.settings().public_url));
        cookie
    }

    /// The cookie that keeps when the session ends.
    pub fn ending(&self, at: i64) -> Cookie<'static> {
        cookie(&self.web, ENDS, at.to_string())
    }

    /// As [`Self::page`], and this browser holds a session from now on.
    ///
    /// # Errors
    /// When a template fails, which is a bug.
    pub fn page_signed(&self, page: &impl Template, session: &str) -> Result<HttpResponse, Failure> {
        let mut response = self.page(page)?;
        response
            .add_cookie(&self.session_cookie(session))
            .map_err(|error| motcua_app::Error::internal(error.to_string()))?;
        Ok(response)
    }

    /// As [`Self::go`], and this browser holds a session from now on.
    pub fn go_signed(&self, path: impl Into<String>, session: &str) -> HttpResponse {
        let cookie = self.session_cookie(session);
        HttpResponse::SeeOther().insert_header((LOCATION, path.into())).cookie(cookie).finish()
    }

    /// As [`Self::go`], and nothing of whoever signed out stays in this browser: no session, no keys of
    /// dossiers, and no token that somebody who comes after could be sent forms with.
    pub fn go_signed_out(&self, path: impl Into<String>) -> HttpResponse {
        let mut response = HttpResponse::SeeOther();
        response.insert_header((LOCATION, path.into()));
        response.cookie(gone(&self.web, crate::caller::cookie_name(&self.web.app.settings().public_url)));
        for name in [FORM, HELD] {
            let mut cookie = cookie(&self.web, name, String::new());
            cookie.make_removal();
            response.cookie(cookie);
        }
        response.finish()
    }
}

fn held_in(value: &str) -> Vec<(DossierId, SecretString)> {
    let read = |each: &str| {
        let (id, key) = each.split_once('.')?;
        Some((id.parse().ok()?, SecretString::from(key.to_owned())))
    };
    value.split('~').take(MOST_HELD).filter_map(read).collect()
}

fn gone(web: &Web, name: &'static str) -> Cookie<'static> {
    let mut cookie = cookie(web, "", String::new());
    cookie.set_name(name);
    cookie.make_removal();
    cookie
}

impl FromRequest for Visitor {
    type Error = Failure;
    type Future = LocalBoxFuture<'static, Result<Self, Failure>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        Box::pin(Self::meet(request.clone()))
    }
}
