//! The applicant's answer to a supplement request: corrected fields, new papers, item by item.

use std::collections::BTreeMap;

use motcua_domain::answers;
use motcua_domain::dossier::Supplied;
use motcua_domain::dossier::command::{Command, CommandKind};
use motcua_domain::error_code::{ErrorCode, FieldError};
use motcua_domain::ids::{DocumentId, DossierId, ItemId};
use motcua_domain::policy::Permission;
use serde_json::Value;

use crate::act::{advance, check_version};
use crate::idempotency::Ticket;
use crate::view::{self, DossierView};
use crate::{Ctx, Error, Result, access, letters, papers};

/// One item answered: a paper for a paper, a value for a field.
#[derive(Debug, Clone)]
pub struct Answer {
    pub item: ItemId,
    pub document: Option<DocumentId>,
    pub value: Option<Value>,
}

/// Supplies items. When the last one is in, the dossier goes back and the clock counts again.
///
/// # Errors
/// Items that are not open, papers that are not there, answers that no longer fit the form.
pub async fn supply(ctx: &Ctx, id: DossierId, ticket: &Ticket, items: Vec<Answer>) -> Result<DossierView> {
    let mut tx = ctx.app.begin("supply").await?;
    if let Some(answer) = ticket.claim(ctx, &mut tx).await? {
        return access::still_viewable(ctx, &mut tx, id, answer).await;
    }
    let mut opened = access::lock(ctx, &mut tx, id).await?;
    let permit = opened.permit(ctx, Permission::Act(CommandKind::Supply))?;
    check_version(&opened, ticket.expected_version)?;
    let fields: BTreeMap<ItemId, String> =
        opened.dossier().documents_wanted().filter_map(|item| Some((item.id, item.field.clone()?))).collect();
    let mut errors = Vec::new();
    let mut given = opened.filed.answers.clone();
    let mut changed = false;
    for (at, answer) in items.iter().enumerate() {
        if let Some(document) = answer.document {
            let ready = motcua_store::document::is_ready(tx.conn(), id, document).await?;
            if !ready {
                errors.push(FieldError::plain(format!("/items/{at}/document"), ErrorCode::FieldChoice));
            }
        }
        match (fields.get(&answer.item), &answer.value) {
            (Some(_), None) => {
                errors.push(FieldError::plain(format!("/items/{at}/value"), ErrorCode::FieldRequired))
            }
            (Some(field), Some(value)) => {
                changed = true;
                if !answers::set(&mut given, field, value.clone()) {
                    errors.push(FieldError::plain(format!("/items/{at}/value"), ErrorCode::FieldInvalid));
                }
            }
            (None, _) => {}
        }
    }
    if changed && let Err(wrong) = opened.version.form.check(given.clone()) {
        errors.extend(
            wrong
                .into_iter()
                .map(|error| FieldError { pointer: format!("/answers{}", error.pointer), ..error }),
        );
    }
    if !errors.is_empty() {
        return Err(Error::fields(errors));
    }
    if changed {
        motcua_store::dossier::save_answers(&mut tx, &permit, &given).await?;
        opened.filed.answers = given;
    }
    let supplied =
        items.into_iter().map(|answer| Supplied { item: answer.item, document: answer.document }).collect();
    let command = Command::Supply { items: supplied, matter: None, matter_reference: None };
    let opened = advance(ctx, &mut tx, opened, None, command).await?;
    letters::send(ctx, &mut tx, &opened, &[CommandKind::Supply]).await?;
    papers::draw_up(ctx, &mut tx, &opened, &[CommandKind::Supply]).await?;
    let view = view::build(ctx, tx.conn(), &opened).await?;
    ticket.answer(&mut tx, &view).await?;
    tx.commit().await?;
    Ok(view)
}
