//! The officers' desk. For staff only: whoever is not signed in signs in first and goes on to where
//! he was going, and a form that was sent after the session had ended keeps all that was typed.

mod absence;
mod account;
mod acts;
pub mod admin;
mod attach;
mod bulk;
pub mod dossier;
mod exports;
pub mod form;
pub mod handed;
pub mod intake;
mod matter;
mod new_key;
pub mod overview;
pub mod queue;
pub mod sign_in;
pub mod tasks;
mod telling;
mod typed;

use actix_web::dev::Payload;
use actix_web::web::ServiceConfig;
use actix_web::{FromRequest, HttpRequest};
use futures_util::future::LocalBoxFuture;

use super::interrupted::{asked, instead};
use super::submitted::Submitted;
use super::visitor::Visitor;

pub fn mount(config: &mut ServiceConfig) {
    config
        .configure(sign_in::mount)
        .configure(overview::mount)
        .configure(queue::mount)
        .configure(bulk::mount)
        .configure(exports::mount)
        .configure(new_key::mount)
        .configure(attach::mount)
        .configure(dossier::mount)
        .configure(intake::mount)
        .configure(matter::mount)
        .configure(tasks::mount)
        .configure(absence::mount)
        .configure(account::mount)
        .configure(admin::mount);
}

/// A member of staff who looks at a page of the desk.
pub struct Desk(pub Visitor);

/// A form a member of staff sent.
pub struct Sent {
    pub visitor: Visitor,
    pub form: Submitted,
}

impl FromRequest for Desk {
    type Error = actix_web::Error;
    type Future = LocalBoxFuture<'static, Result<Self, actix_web::Error>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let request = request.clone();
        Box::pin(async move {
            let visitor = Visitor::extract(&request).await?;
            if visitor.staff() {
                return Ok(Self(visitor));
            }
            Err(instead(visitor.go(sign_in::address(&asked(&request)))))
        })
    }
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
            if visitor.staff() {
                return Ok(Self { visitor, form });
            }
            Err(instead(sign_in::interrupted(&visitor, &asked(&request), &form)?))
        })
    }
}
