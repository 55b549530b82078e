//! A new secret key for an applicant who lost his: told on one page, once.

use actix_web::HttpResponse;
use actix_web::web::{self, Path, ServiceConfig};
use askama::Template;
use motcua_app::idempotency::Ticket;
use motcua_app::{lists, rekey};
use motcua_domain::ids::DossierId;

use super::Sent;
use crate::pages::frame::Frame;
use crate::problem::Failure;

pub fn mount(config: &mut ServiceConfig) {
    config.route("/desk/ho-so/{id}/ma-bi-mat", web::post().to(give));
}

#[derive(Template)]
#[template(path = "desk/new_key.html")]
struct NewKeyPage {
    f: Frame,
    id: DossierId,
    code: String,
    key: String,
}

async fn give(sent: Sent, path: Path<DossierId>) -> Result<HttpResponse, Failure> {
    let Sent { visitor, form: sent } = sent;
    let id = path.into_inner();
    let seen = sent.get("_version").and_then(|version| version.parse().ok());
    let ticket = Ticket { expected_version: Some(seen.unwrap_or_default()), key: None };
    let reason = sent.get("reason").unwrap_or_default();
    match rekey::reissue_key(&visitor.ctx, id, &ticket, reason).await {
        Ok(key) => {
            let view = lists::read(&visitor.ctx, id).await?;
            let code = view.code.unwrap_or(view.reference);
            visitor.page(&NewKeyPage { f: visitor.frame.clone(), id, code, key: key.tracking_key })
        }
        Err(error) => super::dossier::said_no(&visitor, id, &error).await,
    }
}
