//! After a change of the calendar: open dossiers reckoned anew, each in a transaction of its own, with
//! an event, an entry in its audit chain, and a letter when the appointment moved. A dossier that is
//! already right is left alone, so a part may run twice.

use chrono::NaiveDate;
use motcua_domain::actor::Doer;
use motcua_domain::dossier::apply::apply_all;
use motcua_domain::dossier::event::Event;
use motcua_domain::dossier::recalendar::due_date_moved;
use motcua_domain::ids::DossierId;
use motcua_domain::policy::Permission;

use super::Work;
use crate::{App, Ctx, Result, access, calendars, letters, record, tasks};

const AT_ONCE: i64 = 200;

pub(super) async fn run(
    app: &App,
    since: NaiveDate,
    version: String,
    again: bool,
    after: Option<DossierId>,
) -> Result<()> {
    app.refresh_rules().await?;
    let ctx = Ctx::system(app.clone(), "move_due_dates".to_owned());
    if after.is_none() {
        tasks::move_due(&ctx, since).await?;
    }
    let rows = calendars::due_since(&mut *app.conn().await?, since, after, AT_ONCE).await?;
    let rules = app.rules();
    for row in &rows {
        let found = calendars::moved(&rules, &rules.calendar, &row.dossier, &version)?;
        if found.is_some() {
            one(&ctx, row.id, &version).await?;
        }
    }
    if let Some(last) = rows.last() {
        let mut tx = app.begin("move_due_dates_on").await?;
        Work::MoveDueDates { since, version, again, after: Some(last.id) }.enqueue(app, &mut tx).await?;
        tx.commit().await?;
    }
    Ok(())
}

async fn one(ctx: &Ctx, id: DossierId, version: &str) -> Result<()> {
    let mut tx = ctx.app.begin("move_due_date").await?;
    let opened = access::lock(ctx, &mut tx, id).await?;
    let Some(event) = due_date_moved(opened.dossier(), &opened.office()?, version) else { return Ok(()) };
    let permit = opened.permit(ctx, Permission::Reckon)?;
    let head = record::hold(&mut tx, id).await?;
    let events = [event];
    let after = apply_all(opened.dossier().clone(), &events);
    let (doer, now) = (Doer::System, ctx.now());
    motcua_store::dossier::save(&mut tx, &permit, &after, &events, &serde_json::to_value(&doer)?, now)
        .await?;
    record::act(ctx, &mut tx, head, &doer, "move_due_date", id, &events).await?;
    if let [Event::DueDateMoved { former_due_on: Some(former), clock: Some(clock), .. }] = &events {
        letters::due_date_moved(ctx, &mut tx, &after, *former, clock.due_on).await?;
    }
    tx.commit().await?;
    Ok(())
}
