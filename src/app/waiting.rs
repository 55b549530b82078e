//! What anybody may know of how an agency keeps its hours: how many dossiers nobody has taken in
//! time, since when the oldest waits, and how often applicants are asked to supplement. Counts and days only.

use chrono::{Months, NaiveDate};
use motcua_domain::agency::Agency;
use motcua_domain::calendar::local_date;
use motcua_store::waiting;

use crate::{Ctx, Result};

/// So many dossiers, the oldest overdue since that day.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Overdue {
    pub count: i64,
    pub since: Option<NaiveDate>,
}

/// One agency in service.
#[derive(Debug, Clone)]
pub struct Waiting {
    pub agency: Agency,
    /// Filed, and not looked at in time.
    pub unseen: Overdue,
    /// Received, and taken by nobody in time.
    pub untaken: Overdue,
    /// Requests to supplement of the last [`MONTHS`]: the first at a stage, and further ones.
    pub asked: (i64, i64),
}

/// So far back requests to supplement are counted.
pub const MONTHS: u32 = 3;

/// Every agency in service, those without any overdue dossier too.
///
/// # Errors
/// When the database is away.
pub async fn waiting(ctx: &Ctx) -> Result<Vec<Waiting>> {
    let mut conn = ctx.app.conn().await?;
    let found = waiting::waiting(&mut conn, ctx.now()).await?;
    let since = ctx.now().checked_sub_months(Months::new(MONTHS)).unwrap_or_default();
    let rounds = waiting::rounds(&mut conn, since).await?;
    let rules = ctx.app.rules();
    let agencies = rules.offices().into_iter().map(|office| office.agency.clone());
    Ok(agencies
        .filter(|agency| agency.until.is_none())
        .map(|agency| {
            let row = found.iter().find(|row| row.agency_id == agency.id.0);
            let overdue = |count: Option<i64>, since: Option<chrono::DateTime<chrono::Utc>>| Overdue {
                count: count.unwrap_or_default(),
                since: since.map(local_date),
            };
            let asked = rounds.iter().find(|row| row.agency_id == agency.id.0);
            Waiting {
                asked: asked.map(|row| (row.first, row.further)).unwrap_or_default(),
                unseen: overdue(row.map(|row| row.unseen), row.and_then(|row| row.unseen_since)),
                untaken: overdue(row.map(|row| row.untaken), row.and_then(|row| row.untaken_since)),
                agency,
            }
        })
        .collect())
}
