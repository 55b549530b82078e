//! What a leader or an inspector sees of the whole agency.

use std::collections::HashMap;

use motcua_domain::dossier::extension::working_day_after;
use motcua_domain::error_code::ErrorCode;
use motcua_domain::ids::UnitId;
use motcua_domain::policy::{Oversight, Scope};
use motcua_domain::text::Text;
use motcua_store::{desk, overview as store};
use uuid::Uuid;

use crate::desk::end_of;
use crate::{Ctx, Error, Result, tasks};

pub use motcua_store::overview::{Figures, Oldest};

/// What one officer has in hand.
#[derive(Debug, Clone, Default)]
pub struct Load {
    /// None for what nobody has yet.
    pub officer: Option<Uuid>,
    pub name: Option<String>,
    pub figures: Figures,
}

/// The whole agency in figures.
#[derive(Debug, Clone)]
pub struct Overview {
    pub figures: Figures,
    /// What waits longest to be received.
    pub oldest: Option<Oldest>,
    /// The fullest hands first; those that are free too.
    pub loads: Vec<Load>,
    /// Units by name, the fullest first.
    pub units: Vec<(Text, Figures)>,
    /// Papers that should have been sent after a decision and were not.
    pub late_tasks: i64,
}

/// Load, ageing and what is late in the agencies this person leads or inspects.
///
/// # Errors
/// Not permitted for anybody else.
pub async fn overview(ctx: &Ctx) -> Result<Overview> {
    let (now, today, rules) = (ctx.now(), ctx.today(), ctx.app.rules());
    let over = Oversight::of(&ctx.actor, today).ok_or_else(|| Error::of(ErrorCode::NotPermitted))?;
    let third = working_day_after(&rules.calendar, today, 3).unwrap_or(today);
    let (tonight, soon) = (end_of(today).unwrap_or(now), end_of(third).unwrap_or(now));
    let mut conn = ctx.app.conn().await?;
    let hands = store::hands(&mut conn, &over, now, tonight, soon).await?;
    let oldest = store::oldest(&mut conn, &over).await?;
    // Whose hands are free is seen too.
    let staff = desk::officers(&mut conn, over.agencies()).await?;
    let late_tasks = tasks::count_late(ctx, &mut conn, &Scope::of(&ctx.actor, today)).await?;
    drop(conn);
    let mut figures = Figures::default();
    let mut loads: HashMap<Option<Uuid>, Load> = HashMap::new();
    for (account, name) in staff {
        let officer = Some(account.0);
        loads.insert(officer, Load { officer, name: Some(name), ..Load::default() });
    }
    let mut units: HashMap<UnitId, Figures> = HashMap::new();
    for hand in hands {
        let load = Load { officer: hand.officer, name: hand.name, ..Load::default() };
        loads.entry(hand.officer).or_insert(load).figures += &hand.figures;
        *units.entry(UnitId(hand.unit)).or_default() += &hand.figures;
        figures += &hand.figures;
    }
    let mut loads: Vec<Load> = loads.into_values().collect();
    loads.sort_by(|a, b| b.figures.open.cmp(&a.figures.open).then_with(|| a.name.cmp(&b.name)));
    let offices = rules.offices();
    let name = |id| offices.iter().find_map(|office| office.unit(id)).map(|unit| unit.name.clone());
    let mut units: Vec<(Text, Figures)> =
        units.into_iter().map(|(id, figures)| (name(id).unwrap_or_default(), figures)).collect();
    units.sort_by(|(a, x), (b, y)| y.open.cmp(&x.open).then_with(|| a.vi.cmp(&b.vi)));
    Ok(Overview { figures, oldest, loads, units, late_tasks })
}
