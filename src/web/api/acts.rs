//! The acts on a dossier. Each is a noun that produces a paper or an entry; each is atomic.

pub mod finish;
pub mod intake;
pub mod process;

use actix_web::HttpResponse;
use motcua_app::Ctx;
use motcua_domain::dossier::command::Command;
use motcua_domain::ids::DossierId;
use serde::Deserialize;
use utoipa::ToSchema;

use crate::precondition::{Conditions, dossier};
use crate::problem::Failure;

/// An act that needs nothing said.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Nothing {}

/// Performs an act and answers with the dossier as it stands after it.
async fn act(
    ctx: &Ctx,
    id: DossierId,
    conditions: &Conditions,
    body: &[u8],
    command: Command,
) -> Result<HttpResponse, Failure> {
    let ticket = conditions.change(ctx, body)?;
    let view = motcua_app::act::perform(ctx, id, &ticket, command).await?;
    Ok(dossier(&view))
}
