//! What a change of the calendar does to a dossier: its due dates are reckoned anew.
//!
//! Only what the agency owes moves: the appointment, the step in hand, the look at a new request.
//! A day the applicant was given in a letter, to supply or to pay, stays as he was told.

use chrono::{DateTime, Utc};

use super::Dossier;
use super::event::Event;
use super::facts::Office;
use super::state::State;
use crate::deadline;

/// The event, when any date is another one under the office's calendar.
pub fn due_date_moved(dossier: &Dossier, office: &Office<'_>, calendar: &str) -> Option<Event> {
    let clock = dossier.clock.as_ref().filter(|clock| clock.runs());
    let reckoned = clock.and_then(|clock| clock.clone().under(office).ok());
    let moved = reckoned.filter(|new| clock.is_some_and(|old| old.due_on != new.due_on));
    let next: Option<DateTime<Utc>> = match &dossier.state {
        State::Submitted => {
            let again = dossier.supplements.last().and_then(|supplement| supplement.closed_at);
            let since = again.or(dossier.submitted_at)?;
            let limit = office.definition.clocks.intake.limit;
            let due = deadline::reckon(office.calendar, &office.hours, since, limit, &[]).ok()?;
            Some(due.due_at.with_timezone(&Utc))
        }
        State::InProcess { step } => {
            let clock = moved.as_ref().or(clock)?;
            let due = clock.step_due(office, office.definition.step(step)?).ok()?;
            Some(due.with_timezone(&Utc))
        }
        State::Draft
        | State::Received
        | State::AwaitingSupplement { .. }
        | State::AwaitingPayment { .. }
        | State::Decided
        | State::Returned
        | State::Refused
        | State::Withdrawn
        | State::Stopped => None,
    };
    let due_at = next.or(dossier.next_due_at)?;
    if moved.is_none() && Some(due_at) == dossier.next_due_at {
        return None;
    }
    let former_due_on = moved.as_ref().and(clock).map(|old| old.due_on);
    Some(Event::DueDateMoved { calendar: calendar.to_owned(), clock: moved, former_due_on, due_at })
}
