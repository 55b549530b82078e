//! The record: audit chains for acts, the access log for sign-ins and views of personal data.
//! If it cannot be written, the act fails.

use chrono::SecondsFormat;
use motcua_domain::actor::{Actor, Doer};
use motcua_domain::dossier::event::Event;
use motcua_domain::ids::{DossierId, MatterId, UnitId};
use motcua_domain::policy::{Ground, Membership, Permission, Role};
use motcua_store::audit::{self, Head, NewEntry};
use motcua_store::{Conn, Tx};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::access::Opened;
use crate::{Ctx, Result};

/// Name of a dossier's chain.
pub fn dossier_chain(id: DossierId) -> String {
    format!("dossier:{id}")
}

/// Holds the chain of a dossier for the act that comes. Before any counter, so that what many wait
/// for is taken last: dossier, audit head, counters.
pub async fn hold(tx: &mut Tx, dossier: DossierId) -> Result<Head> {
    Ok(audit::lock(tx, dossier_chain(dossier)).await?)
}

/// One act on a dossier whose chain is held.
pub async fn act(
    ctx: &Ctx,
    tx: &mut Tx,
    head: Head,
    doer: &Doer,
    act: &str,
    dossier: DossierId,
    events: &[Event],
) -> Result<()> {
    let new = entry(ctx, doer, act, &dossier.to_string(), serde_json::to_string(events)?)?;
    Ok(audit::append(tx, head, new).await?)
}

/// What happened to the papers of a dossier, which no act or event tells.
pub async fn paper(
    ctx: &Ctx,
    tx: &mut Tx,
    doer: &Doer,
    act: &str,
    dossier: DossierId,
    body: &Value,
) -> Result<()> {
    add(ctx, tx, dossier_chain(dossier), doer, act, &dossier.to_string(), body.to_string()).await
}

/// One entry on a matter of the register.
pub async fn matter(
    ctx: &Ctx,
    tx: &mut Tx,
    doer: &Doer,
    act: &str,
    matter: MatterId,
    body: &Value,
) -> Result<()> {
    add(ctx, tx, format!("matter:{matter}"), doer, act, &matter.to_string(), body.to_string()).await
}

/// One act of administration in an agency, or of the whole service.
pub async fn administration(
    ctx: &Ctx,
    tx: &mut Tx,
    doer: &Doer,
    chain: &str,
    act: &str,
    subject: &str,
    body: &Value,
) -> Result<()> {
    add(ctx, tx, format!("administration:{chain}"), doer, act, subject, body.to_string()).await
}

async fn add(
    ctx: &Ctx,
    tx: &mut Tx,
    chain: String,
    doer: &Doer,
    act: &str,
    subject: &str,
    body: String,
) -> Result<()> {
    let head = audit::lock(tx, chain).await?;
    let new = entry(ctx, doer, act, subject, body)?;
    Ok(audit::append(tx, head, new).await?)
}

fn entry(ctx: &Ctx, doer: &Doer, act: &str, subject: &str, body: String) -> Result<NewEntry> {
    Ok(NewEntry {
        at: ctx.now().to_rfc3339_opts(SecondsFormat::Micros, true),
        actor: serde_json::to_string(doer)?,
        act: act.to_owned(),
        subject: subject.to_owned(),
        request_id: ctx.request_id.clone(),
        body,
    })
}

/// Where whoever looked sat when he looked: roles and units change, the record does not.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Seat {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub role: Option<Role>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unit: Option<UnitId>,
    #[serde(flatten)]
    body: Value,
}

impl Seat {
    /// The role the view rests on, and the unit it is held in; in the absent person's when acting for him.
    fn of(ctx: &Ctx, opened: &Opened, ground: Ground, body: Value) -> Self {
        let role = ground.rule.parse().ok();
        let unit = opened.actor.staff().and_then(|staff| {
            let held = match ground.acting_for {
                None => &staff.memberships,
                Some(name) => &staff.acting_for.iter().find(|absent| absent.account == name)?.memberships,
            };
            let fits = |held: &&Membership| {
                Some(held.role) == role && held.holds_on(ctx.today()) && held.covers(opened.dossier().agency)
            };
            Some(held.iter().find(fits)?.unit)
        });
        Self { role, unit, body }
    }
}

/// A look at a dossier from outside its applicant's own circle: by staff, in whose name too, or by a
/// partner. The applicant may ask who opened the file.
pub async fn view(ctx: &Ctx, conn: &mut Conn, opened: &Opened, what: &str, body: Value) -> Result<()> {
    if !matches!(opened.actor, Actor::Staff(_) | Actor::Partner(_)) {
        return Ok(());
    }
    let ground = opened.permit(ctx, Permission::View)?.ground();
    let seat = Seat::of(ctx, opened, ground, body);
    let doer = opened.actor.doer(ground.acting_for);
    access(ctx, conn, &doer, what, Some(opened.dossier().id), serde_json::to_value(seat)?).await
}

/// What a person the dossier is hidden from by the wall tried to open: nothing was shown.
pub const LOOK_REFUSED: &str = "dossier.look_refused";

/// Somebody the request is against tried to reach it.
///
/// # Errors
/// When it cannot be recorded.
pub async fn refused_look(ctx: &Ctx, conn: &mut Conn, dossier: DossierId) -> Result<()> {
    let seat = Seat { role: None, unit: None, body: serde_json::json!({}) };
    access(ctx, conn, &ctx.actor.doer(None), LOOK_REFUSED, Some(dossier), serde_json::to_value(seat)?).await
}

/// A dossier that was read for its dates and reasons by who keeps the rules; of its people nothing was shown.
///
/// # Errors
/// When it cannot be recorded.
pub async fn rehearsal(ctx: &Ctx, conn: &mut Conn, opened: &Opened, body: Value) -> Result<()> {
    let keeps = |held: &&Membership| held.role == Role::Admin && held.holds_on(ctx.today());
    let held = ctx.actor.staff().and_then(|staff| staff.memberships.iter().find(keeps));
    let seat = Seat { role: Some(Role::Admin), unit: held.map(|held| held.unit), body };
    let (doer, id) = (ctx.actor.doer(None), opened.dossier().id);
    access(ctx, conn, &doer, "letter.rehearsed", Some(id), serde_json::to_value(seat)?).await
}

/// One view or sign-in.
pub async fn access(
    ctx: &Ctx,
    conn: &mut Conn,
    doer: &Doer,
    what: &str,
    dossier: Option<DossierId>,
    body: Value,
) -> Result<()> {
    motcua_store::audit::log_access(
        conn,
        ctx.app.new_id(),
        ctx.now(),
        serde_json::to_value(doer)?,
        what,
        dossier,
        &ctx.request_id,
        body,
    )
    .await?;
    Ok(())
}
