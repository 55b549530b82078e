//! `apply`: an event becomes part of the dossier. Trivial, cannot fail; used for the row and
//! for replay. Nothing is decided here.

use super::event::Event;
use super::state::{Stage, State};
use super::{Decision, Dossier};

/// Applies all events of one act; the version grows by one.
#[must_use]
pub fn apply_all(dossier: Dossier, events: &[Event]) -> Dossier {
    let mut dossier = events.iter().fold(dossier, apply);
    dossier.last_move = None;
    dossier.version = dossier.version.saturating_add(1);
    dossier
}

fn end(
    mut dossier: Dossier,
    state: State,
    at: chrono::DateTime<chrono::Utc>,
    because: Option<String>,
) -> Dossier {
    dossier.state = state;
    dossier.ended_at = Some(at);
    dossier.ended_because = because;
    dossier.next_due_at = None;
    dossier.clock =
        dossier.clock.map(|clock| if clock.stopped_at.is_some() { clock } else { clock.stopped(at) });
    if let Some(open) = dossier.supplements.last_mut().filter(|supplement| supplement.closed_at.is_none()) {
        open.closed_at = Some(at);
    }
    dossier
}

/// Applies one event.
#[must_use]
pub fn apply(mut dossier: Dossier, event: &Event) -> Dossier {
    match event {
        Event::Submitted { at, requested_on, matter, matter_reference, challenged, intake_due_at } => {
            dossier.state = State::Submitted;
            dossier.submitted_at = Some(*at);
            dossier.requested_on = Some(*requested_on);
            dossier.matter = *matter;
            dossier.matter_reference.clone_from(matter_reference);
            dossier.challenged.clone_from(challenged);
            dossier.next_due_at = Some(*intake_due_at);
        }
        Event::Escalated { agency, owner_unit } => {
            dossier.escalated_from = Some(dossier.home());
            dossier.agency = *agency;
            dossier.owner_unit = *owner_unit;
            // Nobody of the agency below handles it any more, and no draft of theirs is signed.
            dossier.assignee = None;
            dossier.decision = None;
        }
        Event::Received { at, code, book_serial, clock, handed_over, .. } => {
            dossier.state = State::Received;
            dossier.received_at = Some(*at);
            dossier.code = Some(code.clone());
            dossier.book_serial = Some(*book_serial);
            dossier.handed_over.clone_from(handed_over);
            dossier.next_due_at = Some(clock.due_at);
            dossier.clock = Some(clock.clone());
        }
        Event::Routed { step, owner_unit, due_at, assignee } => {
            dossier.state = State::InProcess { step: step.clone() };
            dossier.owner_unit = *owner_unit;
            dossier.next_due_at = Some(*due_at);
            if assignee.is_some() {
                dossier.assignee = *assignee;
            }
        }
        Event::SupplementRequested { supplement, owner_unit, due_at } => {
            let step = dossier.state.step().map(str::to_owned);
            if supplement.stage == Stage::Examination {
                dossier.clock = dossier.clock.map(|clock| clock.stopped(supplement.requested_at));
            }
            dossier.state = State::AwaitingSupplement { stage: supplement.stage, step };
            dossier.supplements.push(supplement.clone());
            dossier.owner_unit = *owner_unit;
            dossier.next_due_at = Some(*due_at);
        }
        Event::Supplied { at, items, complete } => {
            if let Some(open) = dossier.supplements.last_mut() {
                for item in
                    open.items.iter_mut().filter(|item| items.iter().any(|supplied| supplied.item == item.id))
                {
                    item.supplied_at = Some(*at);
                }
                if *complete {
                    open.closed_at = Some(*at);
                }
            }
        }
        Event::Resubmitted { intake_due_at } => {
            dossier.state = State::Submitted;
            dossier.next_due_at = Some(*intake_due_at);
        }
        Event::ClockRestarted { clock } => dossier.clock = Some(clock.clone()),
        Event::Refused { at, refusal } => {
            dossier.refusal = Some(refusal.clone());
            dossier = end(dossier, State::Refused, *at, Some(refusal.reason.clone()));
        }
        Event::Assigned { officer, .. } => {
            dossier.assignee = Some(*officer);
            dossier.owner_unit = officer.unit;
        }
        Event::OpinionRequested { opinion } => dossier.opinions.push(opinion.clone()),
        Event::OpinionAnswered { id, answer, at } => {
            if let Some(opinion) = dossier.opinions.iter_mut().find(|opinion| opinion.id == *id) {
                opinion.answer = Some(answer.clone());
                opinion.answered_at = Some(*at);
            }
        }
        Event::Drafted { ruling, by, acting_for, at } => {
            dossier.decision = Some(Decision {
                ruling: ruling.clone(),
                drafted_by: *by,
                drafted_for: *acting_for,
                drafted_at: *at,
                proposed_at: None,
                signed_by: None,
                signed_at: None,
                number: None,
                numbered_at: None,
            });
        }
        Event::SentBack { .. } => {
            if let Some(decision) = &mut dossier.decision {
                decision.proposed_at = None;
            }
        }
        Event::Proposed { at, .. } => {
            if let Some(decision) = &mut dossier.decision {
                decision.proposed_at = Some(*at);
            }
        }
        Event::Signed { by, at } => {
            if let Some(decision) = &mut dossier.decision {
                decision.signed_by = Some(*by);
                decision.signed_at = Some(*at);
            }
        }
        Event::Numbered { number, at } => {
            if let Some(decision) = &mut dossier.decision {
                decision.number = Some(number.clone());
                decision.numbered_at = Some(*at);
            }
        }
        Event::HandedOver { at, owner_unit, collect_by } => {
            dossier.state = State::Decided;
            dossier.owner_unit = *owner_unit;
            dossier.next_due_at = Some(*collect_by);
            dossier.clock = dossier.clock.map(|clock| clock.stopped(*at));
        }
        Event::Returned { at, .. } => dossier = end(dossier, State::Returned, *at, None),
        Event::Withdrawn { at, reason } => dossier = end(dossier, State::Withdrawn, *at, reason.clone()),
        Event::Stopped { at, reason, .. } | Event::Lapsed { at, reason } => {
            dossier = end(dossier, State::Stopped, *at, Some(reason.clone()))
        }
        Event::Extended { clock, .. } => {
            dossier.next_due_at = Some(clock.due_at);
            dossier.clock = Some(clock.clone());
        }
        Event::PaymentRequested { payment, clock, due_at } => {
            if let State::InProcess { step } = &dossier.state {
                dossier.state = State::AwaitingPayment { step: step.clone() };
            }
            dossier.payment = Some(payment.clone());
            dossier.clock = Some(clock.clone());
            dossier.next_due_at = Some(*due_at);
        }
        Event::PaymentConfirmed { at, clock } => {
            if let Some(payment) = &mut dossier.payment {
                payment.paid_at = Some(*at);
            }
            dossier.clock = Some(clock.clone());
        }
        Event::Repinned { to, clock, .. } => {
            dossier.procedure_version = *to;
            if let Some(clock) = clock {
                dossier.clock = Some(clock.clone());
            }
        }
        Event::MatterLinked { matter, challenged } => {
            dossier.matter = Some(*matter);
            dossier.challenged.clone_from(challenged);
        }
        Event::Renamed { matter, matter_reference, challenged } => {
            dossier.matter = *matter;
            dossier.matter_reference.clone_from(matter_reference);
            dossier.challenged.clone_from(challenged);
            dossier.decision = None;
        }
        Event::DueDateMoved { clock, due_at, .. } => {
            if let Some(clock) = clock {
                dossier.clock = Some(clock.clone());
            }
            dossier.next_due_at = Some(*due_at);
        }
        Event::Undone { to, .. } => {
            dossier.state = State::InProcess { step: to.step.clone() };
            dossier.owner_unit = to.owner_unit;
            dossier.assignee = to.assignee;
            dossier.next_due_at = Some(to.due_at);
            if let Some(decision) = &mut dossier.decision {
                decision.proposed_at = to.proposed_at;
            }
        }
        Event::StepCompleted { .. } | Event::NoteAdded { .. } => {}
    }
    dossier
}

/// The aggregate that a list of acts leads to.
#[must_use]
pub fn replay(draft: Dossier, acts: &[Vec<Event>]) -> Dossier {
    acts.iter().fold(draft, |dossier, events| apply_all(dossier, events))
}
