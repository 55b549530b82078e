//! The acts on a dossier. Each is a noun that produces a paper or an entry; each is atomic.
//! What is said with one becomes a command here, for the API and for the pages of the desk.

pub mod finish;
pub mod intake;
pub mod process;

use actix_web::HttpResponse;
use motcua_app::Ctx;
use motcua_domain::dossier::command::{Command, CommandKind};
use motcua_domain::dossier::ruling::RulingInput;
use motcua_domain::error_code::ErrorCode;
use motcua_domain::ids::DossierId;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::Value;
use utoipa::ToSchema;

use crate::body::{self, Body};
use crate::precondition::{Conditions, dossier};
use crate::problem::Failure;

/// An act that needs nothing said.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Nothing {}

/// What is said with an act.
pub trait Says {
    fn command(self, ctx: &Ctx) -> Command;
}

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

/// The same for an act with something said.
async fn say(
    ctx: &Ctx,
    id: DossierId,
    conditions: &Conditions,
    body: Body<impl Says>,
) -> Result<HttpResponse, Failure> {
    act(ctx, id, conditions, &body.raw, body.value.command(ctx)).await
}

/// The command of an act from what was said with it. `about` names the step that is completed, or
/// the opinion that is answered.
///
/// # Errors
/// What cannot be read, with its place; not found for an act that is done elsewhere.
pub fn command(ctx: &Ctx, kind: CommandKind, about: &str, said: Value) -> Result<Command, Failure> {
    fn of<B: Says + DeserializeOwned>(ctx: &Ctx, said: Value) -> Result<Command, Failure> {
        Ok(body::of_value::<B>(said)?.command(ctx))
    }
    match kind {
        CommandKind::Receive => of::<intake::ReceiptBody>(ctx, said),
        CommandKind::RequestSupplement => of::<intake::SupplementRequestBody>(ctx, said),
        CommandKind::Refuse => of::<intake::RefusalBody>(ctx, said),
        CommandKind::Withdraw => of::<intake::WithdrawalBody>(ctx, said),
        CommandKind::LinkMatter => of::<intake::MatterBody>(ctx, said),
        CommandKind::AddNote => of::<intake::NoteBody>(ctx, said),
        CommandKind::Assign => of::<process::AssignmentBody>(ctx, said),
        CommandKind::CompleteStep => {
            Ok(body::of_value::<process::CompletionBody>(said)?.command(about.to_owned()))
        }
        CommandKind::SendBack => of::<process::SendBackBody>(ctx, said),
        CommandKind::RequestOpinion => of::<process::OpinionRequestBody>(ctx, said),
        CommandKind::AnswerOpinion => {
            let id = about.parse().map_err(|_| ErrorCode::NotFound)?;
            Ok(body::of_value::<process::OpinionAnswerBody>(said)?.command(id))
        }
        CommandKind::Draft => of::<RulingInput>(ctx, said),
        CommandKind::RequestPayment => of::<process::PaymentRequestBody>(ctx, said),
        CommandKind::ConfirmPayment => of::<process::PaymentBody>(ctx, said),
        CommandKind::Return => of::<finish::ReturnBody>(ctx, said),
        CommandKind::Stop => of::<finish::StopBody>(ctx, said),
        CommandKind::Extend => of::<finish::ExtensionBody>(ctx, said),
        CommandKind::Repin => of::<finish::RepinBody>(ctx, said),
        CommandKind::Propose => of::<process::ProposalBody>(ctx, said),
        CommandKind::Sign => Ok(Command::Sign),
        CommandKind::Number => Ok(finish::NUMBER),
        CommandKind::HandOver => Ok(Command::HandOver),
        CommandKind::Lapse => Ok(Command::Lapse),
        CommandKind::Undo => Ok(Command::Undo),
        // Filing and supplying carry answers and papers of their own.
        CommandKind::Submit | CommandKind::Supply => Err(ErrorCode::NotFound.into()),
    }
}
