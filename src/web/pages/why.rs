//! How a day that is not the promised one came about: until when a new request is looked at, and
//! until when something is to be supplied or paid. Reckoned from what the dossier says, and shown
//! only when it ends on the very hour the dossier keeps.

use chrono::{DateTime, Utc};
use motcua_app::Ctx;
use motcua_app::lists::EventView;
use motcua_app::view::DossierView;
use motcua_domain::deadline::{self, DueDate, Limit};
use motcua_domain::dossier::event::Event;
use motcua_domain::dossier::state::StateName;

use super::frame::Frame;
use crate::problem::Failure;

/// A day with what it rests on.
pub struct Why {
    pub limit: Limit,
    /// From when it counts.
    pub since: DateTime<Utc>,
    pub basis: String,
    /// Day by day; none when it cannot be followed any more, as after a change of the calendar.
    pub due: Option<DueDate>,
}

/// What the day rests on by which something must happen next.
///
/// # Errors
/// When the procedure version or the agency is not known, which is a bug.
pub fn why(f: &Frame, ctx: &Ctx, view: &DossierView, events: &[EventView]) -> Result<Option<Why>, Failure> {
    let rules = ctx.app.rules();
    let version = rules.version(view.procedure.version_id)?;
    let clocks = &version.definition.clocks;
    let last = view.supplements.last();
    let (since, rule) = match view.state.name {
        StateName::Submitted => {
            (last.and_then(|supplement| supplement.closed_at).or(view.submitted_at), &clocks.intake)
        }
        StateName::AwaitingSupplement => (last.map(|supplement| supplement.requested_at), &clocks.supply),
        StateName::AwaitingPayment => {
            let asked = events.iter().rev().find(|line| matches!(line.event, Event::PaymentRequested { .. }));
            (asked.map(|line| line.at), &clocks.payment)
        }
        StateName::Draft
        | StateName::Refused
        | StateName::Received
        | StateName::InProcess
        | StateName::Withdrawn
        | StateName::Stopped
        | StateName::Decided
        | StateName::Returned => return Ok(None),
    };
    let Some(since) = since else { return Ok(None) };
    let office = rules.office_of(version, view.agency.id)?;
    let due = deadline::reckon(office.calendar, &office.hours, since, rule.limit, &[]).ok();
    let due = due.filter(|due| Some(due.due_at.with_timezone(&Utc)) == view.state.next_due_at);
    let mut basis: Vec<String> =
        version.definition.bases(&rule.basis).iter().map(|basis| f.cite(basis)).collect();
    basis.dedup();
    Ok(Some(Why { limit: rule.limit, since, basis: basis.join("; "), due }))
}

/// Since when the agency owes its next word; none while it is in time, or while it waits itself.
pub fn late_since(ctx: &Ctx, view: &DossierView) -> Option<DateTime<Utc>> {
    let owed = match view.state.name {
        StateName::Submitted => view.state.next_due_at,
        StateName::Received | StateName::InProcess => {
            view.clock.as_ref().filter(|clock| clock.runs).map(|clock| clock.due_at)
        }
        StateName::Draft
        | StateName::Refused
        | StateName::AwaitingSupplement
        | StateName::AwaitingPayment
        | StateName::Withdrawn
        | StateName::Stopped
        | StateName::Decided
        | StateName::Returned => None,
    };
    owed.filter(|due| *due < ctx.now())
}
