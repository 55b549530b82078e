//! A form that came after the session had ended: whole, it travels along as hidden fields while its
//! author signs in, at the desk as on the citizen's side.

use actix_web::dev::Payload;
use actix_web::error::InternalError;
use actix_web::{FromRequest, HttpRequest, HttpResponse};
use futures_util::future::LocalBoxFuture;
use motcua_domain::actor::Actor;
use motcua_domain::error_code::ErrorCode;
use motcua_domain::ids::DossierId;

use super::account;
use super::submitted::{Submitted, TOKEN};
use super::visitor::Visitor;
use crate::problem::Failure;

/// Stands before the names of fields that travel along.
const KEPT: char = '~';
/// Field of a sign-in that says a form waits.
const WAITS: &str = "_gui";

/// What was typed, under the names it travels by.
pub fn keep(form: &Submitted) -> Vec<(String, String)> {
    let typed = form.every().filter(|(name, _)| *name != TOKEN);
    typed.map(|(name, value)| (format!("{KEPT}{name}"), value.to_owned())).collect()
}

/// Fields that travel along with a sign-in, as they came.
pub fn kept(sign_in: &Submitted) -> Vec<(String, String)> {
    let along = sign_in.every().filter(|(name, _)| name.starts_with(KEPT));
    along.map(|(name, value)| (name.to_owned(), value.to_owned())).collect()
}

/// True when a form waits for this sign-in.
pub fn waits(sign_in: &Submitted) -> bool {
    sign_in.get(WAITS).is_some()
}

/// What was typed, under its own names again.
pub fn given_back(sign_in: &Submitted) -> Vec<(String, String)> {
    let own = |(name, value): (String, String)| (name.trim_start_matches(KEPT).to_owned(), value);
    kept(sign_in).into_iter().map(own).collect()
}

/// The address that was asked, with its query.
pub fn asked(request: &HttpRequest) -> String {
    request.uri().path_and_query().map_or_else(|| request.path().to_owned(), ToString::to_string)
}

/// Answers with another page than the one that was asked.
pub fn instead(response: HttpResponse) -> actix_web::Error {
    InternalError::from_response("sign in first", response).into()
}

/// A form about a dossier, from somebody who may be known: signed in, or with its key in this browser.
pub struct Sent {
    pub visitor: Visitor,
    pub id: DossierId,
    pub form: Submitted,
}

impl FromRequest for Sent {
    type Error = actix_web::Error;
    type Future = LocalBoxFuture<'static, Result<Self, actix_web::Error>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let request = request.clone();
        let form = Submitted::from_request(&request, payload);
        Box::pin(async move {
            let form = form.await?;
            let visitor = Visitor::extract(&request).await?;
            let id = request.match_info().get("id").and_then(|id| id.parse().ok());
            let id: DossierId = id.ok_or(Failure::from(ErrorCode::NotFound))?;
            let unknown = visitor.ctx.actor == Actor::Anonymous && visitor.key_of(id).is_none();
            if !unknown {
                return Ok(Self { visitor: visitor.at(id), id, form });
            }
            // The script saves by itself: it says that it could not, and the page stays as it is.
            if request.headers().contains_key("Autosave") {
                return Err(Failure::from(ErrorCode::NotSignedIn).into());
            }
            Err(instead(account::interrupted(&visitor, &asked(&request), &form)?))
        })
    }
}
