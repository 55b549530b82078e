//! Who could take a dossier: load, absence, conflict.

use motcua_domain::dossier::Dossier;
use motcua_domain::dossier::command::CommandKind;
use motcua_domain::ids::{AccountId, AgencyId, DossierId, UnitId};
use motcua_domain::matter::Matter;
use motcua_domain::policy::Permission;
use motcua_domain::text::Text;
use motcua_store::Conn;
use serde::{Deserialize, Serialize};

use crate::{Ctx, Result, lists};

/// One officer, as a choice for assignment.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct Suggestion {
    pub account: AccountId,
    pub name: String,
    pub unit: UnitId,
    /// Open dossiers in hand.
    pub load: i64,
    /// Last day of an absence that covers today.
    pub absent_until: Option<chrono::NaiveDate>,
    /// May not take this dossier.
    pub excluded: bool,
    pub why: Option<Text>,
    /// The first choice: on duty, not excluded, in charge of the matter or with the least load.
    pub suggested: bool,
}

/// The agency's officers, the suggested one first, then by load; excluded ones last.
///
/// # Errors
/// Not found when hidden; forbidden for who may not assign.
pub async fn suggest(ctx: &Ctx, id: DossierId) -> Result<Vec<Suggestion>> {
    let mut conn = ctx.app.conn().await?;
    let opened = lists::viewable(ctx, &mut conn, id).await?;
    opened.permit(ctx, Permission::Act(CommandKind::Assign)).or_else(|error| {
        // The step may not be there yet; who may assign may look ahead.
        if error.code == motcua_domain::error_code::ErrorCode::NotYourStep {
            opened.permit(ctx, Permission::View)
        } else {
            Err(error)
        }
    })?;
    let matter = crate::access::matter_of(&mut conn, opened.dossier().matter).await?;
    choices(ctx, &mut conn, opened.dossier(), opened.dossier().agency, matter.as_ref()).await
}

/// The officers of an agency as choices for this dossier.
pub(crate) async fn choices(
    ctx: &Ctx,
    conn: &mut Conn,
    dossier: &Dossier,
    agency: AgencyId,
    matter: Option<&Matter>,
) -> Result<Vec<Suggestion>> {
    let in_charge = matter.and_then(|matter| matter.officer).map(|officer| officer.account);
    officers(ctx, conn, agency, &dossier.challenged, in_charge).await
}

/// The officers of an agency, those who are challenged marked, the one in charge of the matter first.
pub(crate) async fn officers(
    ctx: &Ctx,
    conn: &mut Conn,
    agency: AgencyId,
    challenged: &[AccountId],
    in_charge: Option<AccountId>,
) -> Result<Vec<Suggestion>> {
    let officers = motcua_store::account::suggestions(conn, agency, ctx.today()).await?;
    let mut choices: Vec<Suggestion> = officers
        .into_iter()
        .map(|officer| {
            let account = AccountId(officer.account);
            let excluded = challenged.contains(&account);
            Suggestion {
                account,
                name: officer.name,
                unit: UnitId(officer.unit),
                load: officer.load,
                absent_until: officer.absent_until,
                excluded,
                why: excluded.then(|| {
                    Text::new(
                        "Là người bị đề nghị thay đổi; không được xử lý hồ sơ này.",
                        "Is the challenged officer; may not handle this dossier.",
                    )
                }),
                suggested: false,
            }
        })
        .collect();
    choices.sort_by_key(|choice| {
        (
            choice.excluded,
            choice.absent_until.is_some(),
            Some(choice.account) != in_charge,
            choice.load,
            choice.name.clone(),
        )
    });
    if let Some(first) = choices.first_mut().filter(|first| !first.excluded && first.absent_until.is_none()) {
        first.suggested = true;
    }
    Ok(choices)
}
