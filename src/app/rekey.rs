//! A new tracking key for an applicant who lost his: given at the counter, to a person whose papers were
//! looked at. The former key ends at once; the record says who gave it and why.

use motcua_domain::dossier::code::spell;
use motcua_domain::error_code::{ErrorCode, FieldError};
use motcua_domain::ids::DossierId;
use motcua_domain::person::is_safe_text;
use motcua_domain::policy::Permission;
use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::act::check_version;
use crate::idempotency::Ticket;
use crate::{Ctx, Error, Result, access, record, track};

const LONGEST_REASON: usize = 500;

/// The key, told once.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct NewKey {
    pub tracking_key: String,
}

/// Gives a new key. `reason` says how the applicant was known: which paper was shown.
///
/// # Errors
/// Not found, forbidden, stale version; a reason that is missing or too long.
pub async fn reissue_key(ctx: &Ctx, id: DossierId, ticket: &Ticket, reason: &str) -> Result<NewKey> {
    let reason = reason.trim();
    let wrong = match reason.chars().count() {
        0 => Some(ErrorCode::FieldRequired),
        1..=LONGEST_REASON if is_safe_text(reason) => None,
        1..=LONGEST_REASON => Some(ErrorCode::FieldFormat),
        _ => Some(ErrorCode::FieldTooLong),
    };
    let mut tx = ctx.app.begin("reissue_key").await?;
    if let Some(answer) = ticket.claim(ctx, &mut tx).await? {
        return access::still_viewable(ctx, &mut tx, id, answer).await;
    }
    let opened = access::lock(ctx, &mut tx, id).await?;
    let permit = opened.permit(ctx, Permission::Rekey)?;
    check_version(&opened, ticket.expected_version)?;
    if let Some(code) = wrong {
        return Err(Error::fields(vec![FieldError::plain("/reason", code)]));
    }
    let key = NewKey { tracking_key: spell(&ctx.app.random::<12>()?) };
    motcua_store::dossier::rekey(&mut tx, &permit, &track::key_hash(&key.tracking_key)).await?;
    let doer = opened.actor.doer(permit.ground().acting_for);
    record::paper(ctx, &mut tx, &doer, "reissue_key", id, &json!({ "reason": reason })).await?;
    ticket.answer(&mut tx, &key).await?;
    tx.commit().await?;
    Ok(key)
}
