//! Who opened a dossier, as its applicant may know it: when, from which unit, in what role and what
//! for. No names, and nothing of what is done inside the agency.
//!
//! Looks of the applicant are his own and are not recorded, so none are here.

use chrono::{DateTime, Utc};
use motcua_domain::actor::Doer;
use motcua_domain::ids::{DossierId, UnitId};
use motcua_domain::policy::{Permission, Role};
use motcua_domain::text::Text;
use serde::{Deserialize, Serialize};

use crate::record::{self, Seat};
use crate::rules::Rules;
use crate::{Ctx, Result, lists, words};

/// Looks shown at most, the newest.
pub const MOST: i64 = 100;

/// One look by someone other than the applicant.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct LookView {
    pub at: DateTime<Utc>,
    /// What was opened, such as `document.opened`.
    pub what: String,
    /// The agency and the unit he works in; absent for a partner system.
    pub agency: Option<Text>,
    pub unit: Option<Text>,
    /// Absent for a partner system.
    pub role: Option<Role>,
    /// The role in plain words.
    pub who: Text,
    /// Why somebody in this role opens a dossier.
    pub purpose: Text,
}

/// Who opened the dossier, newest first; for who filed it.
///
/// # Errors
/// Not found when it is hidden; not permitted for staff, who have the whole record.
pub async fn looks(ctx: &Ctx, id: DossierId) -> Result<Vec<LookView>> {
    let mut conn = ctx.app.conn().await?;
    let opened = lists::viewable(ctx, &mut conn, id).await?;
    opened.permit(ctx, Permission::ViewLooks)?;
    motcua_store::audit::views(&mut conn, id, MOST)
        .await?
        .into_iter()
        // Nothing was opened.
        .filter(|look| look.what != record::LOOK_REFUSED)
        .map(|look| {
            let seat: Seat = serde_json::from_value(look.body)?;
            let partner = matches!(serde_json::from_value(look.actor)?, Doer::Partner { .. });
            let named = seat.unit.and_then(|unit| names(&opened.rules, unit));
            let (agency, unit) = named.unzip();
            let (who, purpose) = words::looked(seat.role, partner);
            Ok(LookView { at: look.at, what: look.what, agency, unit, role: seat.role, who, purpose })
        })
        .collect()
}

/// An agency and its unit by name.
fn names(rules: &Rules, unit: UnitId) -> Option<(Text, Text)> {
    let office = rules.offices().into_iter().find(|office| office.unit(unit).is_some())?;
    Some((office.agency.name.clone(), office.unit(unit)?.name.clone()))
}
