//! A matter of the register at the desk, and entering what happened on it: performance, coercion cost,
//! enforcement fee. One entry is one transaction: the matter, its event, and the entry in the matter's audit chain.

use motcua_domain::error_code::Rejection;
use motcua_domain::ids::MatterId;
use motcua_domain::matter::Matter;
pub use motcua_domain::matter::keeping::Performed;
use motcua_domain::policy::{Scope, Verdict, register};
use motcua_store::Conn;
pub(crate) use motcua_store::queue::Kin;
use serde_json::{Value, json};

use crate::idempotency::Ticket;
use crate::lists::LineView;
use crate::{Ctx, Error, Result, lists, record};

/// Dossiers shown beside a matter or another dossier.
const MOST_KIN: i64 = 20;

/// A matter with what belongs to it.
#[derive(Debug, Clone)]
pub struct Whole {
    pub matter: Matter,
    pub officer: Option<String>,
    /// Dossiers about it that the caller may see, newest first.
    pub dossiers: Vec<LineView>,
    /// The caller may enter what happened on it.
    pub keeps: bool,
}

/// One matter, for staff of its agencies.
///
/// # Errors
/// Not found outside the caller's agencies, not permitted for who is no staff.
pub async fn open(ctx: &Ctx, id: MatterId) -> Result<Whole> {
    let matter = lists::matter(ctx, id).await?;
    let mut conn = ctx.app.conn().await?;
    let named: Vec<_> = matter.officer.iter().map(|officer| officer.account).collect();
    let names = motcua_store::account::names_of(&mut conn, &named).await?;
    let about = Kin { matter: Some(id), ..Kin::default() };
    Ok(Whole {
        officer: names.into_iter().next().map(|(_, name)| name),
        dossiers: kin(ctx, &mut conn, &about).await?,
        keeps: matches!(register::keep(&ctx.actor, &matter, ctx.today()), Verdict::Allow(_)),
        matter,
    })
}

/// Dossiers that belong together, as far as the caller may see them, newest first.
///
/// # Errors
/// When the database is away.
pub(crate) async fn kin(ctx: &Ctx, conn: &mut Conn, kin: &Kin) -> Result<Vec<LineView>> {
    let scope = Scope::of(&ctx.actor, ctx.today());
    let found = motcua_store::queue::kin(conn, &scope, kin, MOST_KIN).await?;
    Ok(found.into_iter().map(|line| lists::line(ctx, line)).collect())
}

/// Total and paid of a cost or a fee, in whole đồng.
#[derive(Debug, Clone)]
pub struct Amounts {
    pub total: u64,
    pub paid: u64,
    pub note: Option<String>,
}

/// Records what was performed on a claim.
///
/// # Errors
/// Not found outside the caller's agencies, forbidden, stale version, wrong fields.
pub async fn record_performance(
    ctx: &Ctx,
    id: MatterId,
    ticket: &Ticket,
    performed: Performed,
) -> Result<Matter> {
    let Performed { claim, amount, on, note } = performed.clone();
    let body = json!({ "claim": claim, "amount": amount, "on": on, "note": note });
    let today = ctx.today();
    enter(ctx, id, ticket, "matter.performed", body, |matter| matter.perform(performed, today)).await
}

/// Sets total and paid of the coercion cost.
///
/// # Errors
/// As [`record_performance`].
pub async fn set_costs(ctx: &Ctx, id: MatterId, ticket: &Ticket, amounts: Amounts) -> Result<Matter> {
    let Amounts { total, paid, note } = amounts;
    let body = json!({ "total": total, "paid": paid, "note": note });
    enter(ctx, id, ticket, "matter.cost_set", body, |matter| matter.set_cost(total, paid, note.as_deref()))
        .await
}

/// Sets total and paid of the enforcement fee.
///
/// # Errors
/// As [`record_performance`].
pub async fn set_fees(ctx: &Ctx, id: MatterId, ticket: &Ticket, amounts: Amounts) -> Result<Matter> {
    let Amounts { total, paid, note } = amounts;
    let body = json!({ "total": total, "paid": paid, "note": note });
    enter(ctx, id, ticket, "matter.fee_set", body, |matter| matter.set_fee(total, paid, note.as_deref()))
        .await
}

async fn enter(
    ctx: &Ctx,
    id: MatterId,
    ticket: &Ticket,
    kind: &'static str,
    body: Value,
    change: impl FnOnce(&mut Matter) -> Result<(), Rejection>,
) -> Result<Matter> {
    let agencies = lists::register_of(ctx)?;
    let mut tx = ctx.app.begin(kind).await?;
    let answered: Option<Matter> = ticket.claim(ctx, &mut tx).await?;
    let mut matter = motcua_store::matter::lock(&mut tx, id).await?;
    if !agencies.contains(&matter.agency) {
        return Err(Error::not_found());
    }
    if let Some(answer) = answered {
        return Ok(answer);
    }
    let ground = match register::keep(&ctx.actor, &matter, ctx.today()) {
        Verdict::Allow(ground) => ground,
        Verdict::Forbid(code) => return Err(Error::of(code)),
        Verdict::Hide => return Err(Error::not_found()),
    };
    if ticket.expected_version.is_some_and(|expected| expected != matter.version) {
        return Err(Error::stale(matter.version));
    }
    change(&mut matter)?;
    matter.version = matter.version.saturating_add(1);
    motcua_store::matter::save(&mut tx, &matter, None, kind, body.clone(), ctx.now()).await?;
    record::matter(ctx, &mut tx, &ctx.actor.doer(ground.acting_for), kind, id, &body).await?;
    ticket.answer(&mut tx, &matter).await?;
    tx.commit().await?;
    Ok(matter)
}
