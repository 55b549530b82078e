//! Letters sent about a dossier, and how far each has come.

use actix_web::{HttpResponse, get};
use motcua_app::letters::{self, MessageView};
use motcua_domain::ids::DossierId;
use utoipa_actix_web::service_config::ServiceConfig;

use crate::body::Id;
use crate::caller::Caller;
use crate::problem::Failure;

pub fn mount(config: &mut ServiceConfig<'_>) {
    config.service(messages);
}

/// The letters about a dossier, newest first, with their delivery state.
#[utoipa::path(tag = "dossiers", operation_id = "messages", params(("id" = DossierId, Path)), responses((status = 200, body = Vec<MessageView>)))]
#[get("/dossiers/{id}/messages")]
pub async fn messages(caller: Caller, id: Id<DossierId>) -> Result<HttpResponse, Failure> {
    Ok(HttpResponse::Ok().json(letters::messages(&caller.0, id.0).await?))
}
