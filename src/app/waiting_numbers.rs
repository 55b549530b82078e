//! The line at a counter: numbers are drawn in order and the next one is called to a place. Counter staff
//! draw and call; anybody may see who is called.

use motcua_domain::agency::Agency;
use motcua_domain::ids::{AgencyId, UnitId};
use motcua_domain::person::check_text;
use motcua_store::waiting_number as store;

use crate::{Ctx, Error, Result};

pub use motcua_store::waiting_number::Called;

/// So many numbers called last are shown.
const SHOWN: i64 = 6;
/// A place is written over a counter, not told as a story.
const LONGEST_PLACE: usize = 40;

/// How the line stands.
#[derive(Debug, Clone)]
pub struct Line {
    pub agency: Agency,
    /// The newest first.
    pub called: Vec<Called>,
    pub waiting: i64,
}

/// How the line of an agency stands today; for anybody, since it tells numbers only.
///
/// # Errors
/// Not found when there is no such agency.
pub async fn line(ctx: &Ctx, agency: AgencyId) -> Result<Line> {
    let rules = ctx.app.rules();
    let office = rules.find_office(agency).ok_or_else(Error::not_found)?;
    let mut conn = ctx.app.conn().await?;
    let unit = office.routing()?.one_window;
    let (called, waiting) = store::standing(&mut conn, unit, ctx.today(), SHOWN).await?;
    Ok(Line { agency: office.agency.clone(), called, waiting })
}

/// The lines of the agencies this person serves at the counter.
///
/// # Errors
/// When the database is away.
pub async fn own(ctx: &Ctx) -> Result<Vec<Line>> {
    let today = ctx.today();
    let held: Vec<_> = ctx.actor.staff().into_iter().flat_map(|staff| staff.at_counter(today)).collect();
    let mut agencies: Vec<AgencyId> = held.iter().map(|held| held.agency).collect();
    agencies.sort_unstable();
    agencies.dedup();
    let mut lines = Vec::new();
    for agency in agencies {
        // A post may be at an agency this office does not keep.
        if ctx.app.rules().find_office(agency).is_some() {
            lines.push(line(ctx, agency).await?);
        }
    }
    Ok(lines)
}

fn unit(ctx: &Ctx, agency: AgencyId) -> Result<UnitId> {
    let today = ctx.today();
    let serves =
        ctx.actor.staff().is_some_and(|staff| staff.at_counter(today).any(|held| held.covers(agency)));
    if !serves {
        return Err(Error::not_found());
    }
    Ok(ctx.app.rules().office(agency)?.routing()?.one_window)
}

/// Draws the next number.
///
/// # Errors
/// Not found for whoever does not serve at this counter.
pub async fn draw(ctx: &Ctx, agency: AgencyId) -> Result<i32> {
    let unit = unit(ctx, agency)?;
    let mut tx = ctx.app.begin("draw_number").await?;
    let number = store::draw(&mut tx, unit, ctx.today(), ctx.now()).await?;
    tx.commit().await?;
    Ok(number)
}

/// Calls the next number to a place, such as `Quầy 2`; none when nobody waits.
///
/// # Errors
/// As [`draw`]; a place that is missing or no place.
pub async fn call(ctx: &Ctx, agency: AgencyId, place: &str) -> Result<Option<i32>> {
    let unit = unit(ctx, agency)?;
    check_text(place, LONGEST_PLACE).map_err(|code| Error::field("/place", code))?;
    let mut tx = ctx.app.begin("call_number").await?;
    let number = store::call(&mut tx, unit, ctx.today(), place.trim(), ctx.now()).await?;
    tx.commit().await?;
    Ok(number)
}
