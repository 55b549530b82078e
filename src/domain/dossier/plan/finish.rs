//! Acts that bring a dossier to its end: sign, hand over, return, stop, extend, lapse, re-pin.

use chrono::{Days, NaiveDate};

use super::{Act, no_date, not_blank};
use crate::calendar::local_date;
use crate::dossier::ReturnWay;
use crate::dossier::clock::Extension;
use crate::dossier::command::CommandKind;
use crate::dossier::event::Event;
use crate::dossier::ruling::Ruling;
use crate::dossier::state::State;
use crate::error_code::{ErrorCode, FieldError, Rejection};
use crate::procedure::ReasonUse;
use crate::text::Text;

/// The reason code of a dossier that ends because the applicant did not supply.
const NOT_SUPPLIED: &str = "supplement_not_supplied";
/// The reason code of a dossier that ends because the applicant did not pay.
const NOT_PAID: &str = "payment_not_made";

impl Act<'_> {
    pub(super) fn sign(&self) -> Result<Vec<Event>, Rejection> {
        let by =
            self.facts.actor.account().ok_or_else(|| self.no(ErrorCode::NotPermitted, CommandKind::Sign))?;
        let outcome = self.plain_outcome(CommandKind::Sign)?;
        let (done, routed) = self.leave(CommandKind::Sign, &outcome)?;
        let opens = matches!(
            self.dossier.decision.as_ref().map(|decision| &decision.ruling),
            Some(Ruling::EnforcementDecision { .. })
        );
        let matter = self
            .facts
            .new_matter
            .filter(|_| opens)
            .map(|matter| Event::MatterLinked { matter, challenged: Vec::new() });
        Ok([Event::Signed { by, at: self.now }]
            .into_iter()
            .chain(matter)
            .chain([done])
            .chain(routed)
            .collect())
    }

    pub(super) fn hand_over(&self) -> Result<Vec<Event>, Rejection> {
        let outcome = self.plain_outcome(CommandKind::HandOver)?;
        let (done, _) = self.leave(CommandKind::HandOver, &outcome)?;
        let collect_by = self.clock(CommandKind::HandOver)?.due_at;
        Ok(vec![
            done,
            Event::HandedOver { at: self.now, owner_unit: self.facts.units.one_window, collect_by },
        ])
    }

    pub(super) fn give_back(&self, way: ReturnWay, to: &str) -> Result<Vec<Event>, Rejection> {
        not_blank("/to", to)?;
        Ok(vec![Event::Returned { at: self.now, way, to: to.to_owned() }])
    }

    pub(super) fn stop(&self, reason: &str, note: Option<String>) -> Result<Vec<Event>, Rejection> {
        self.coded(ReasonUse::Stop, "/reason", reason)?;
        Ok(vec![Event::Stopped { at: self.now, reason: reason.to_owned(), note }])
    }

    /// Once, and at least one day before the time limit ends. Law: D61 a.19 c.9.
    pub(super) fn may_extend(&self) -> Result<(), Rejection> {
        let clock = self.clock(CommandKind::Extend)?;
        if clock.extension.is_some() || self.office.definition.clocks.extensions == 0 {
            return Err(self.no(ErrorCode::AlreadyExtended, CommandKind::Extend));
        }
        let in_time =
            clock.due_on.checked_sub_days(Days::new(1)).is_some_and(|last| local_date(self.now) <= last);
        if in_time { Ok(()) } else { Err(self.no(ErrorCode::ExtensionTooLate, CommandKind::Extend)) }
    }

    pub(super) fn extend(
        &self,
        new_due_on: NaiveDate,
        reason: &str,
        apology: &str,
    ) -> Result<Vec<Event>, Rejection> {
        self.coded(ReasonUse::Extension, "/reason", reason)?;
        not_blank("/apology", apology)?;
        let clock = self.clock(CommandKind::Extend)?;
        let within = clock
            .due_on
            .checked_add_days(Days::new(u64::from(crate::deadline::LONGEST_LIMIT)))
            .is_some_and(|last| new_due_on <= last);
        if new_due_on <= clock.due_on || !within || !self.office.calendar.day(new_due_on).works() {
            return Err(Rejection::field(FieldError::new(
                "/new_due_on",
                ErrorCode::FieldInvalid,
                Text::new(
                    "Ngày hẹn mới phải là một ngày làm việc sau ngày hẹn cũ.",
                    "The new date is a working day after the former due date.",
                ),
            )));
        }
        let extension = Extension {
            reason: reason.to_owned(),
            apology: apology.to_owned(),
            former_due_on: clock.due_on,
            new_due_on,
            extended_at: self.now,
        };
        let clock = clock.clone().extended(self.office, extension.clone());
        Ok(vec![Event::Extended { extension, clock }])
    }

    /// The applicant's time must have run out.
    pub(super) fn may_lapse(&self) -> Result<(), Rejection> {
        let last = match &self.dossier.state {
            State::AwaitingSupplement { .. } => {
                self.dossier.open_supplement().map(|supplement| supplement.supply_by)
            }
            State::AwaitingPayment { .. } => self.dossier.payment.as_ref().map(|payment| payment.pay_by),
            State::Draft
            | State::Submitted
            | State::Refused
            | State::Received
            | State::InProcess { .. }
            | State::Withdrawn
            | State::Stopped
            | State::Decided
            | State::Returned => None,
        };
        if last.is_some_and(|last| local_date(self.now) > last) {
            Ok(())
        } else {
            Err(self.no(ErrorCode::NotLapsed, CommandKind::Lapse))
        }
    }

    pub(super) fn lapse(&self) -> Result<Vec<Event>, Rejection> {
        let reason =
            if matches!(self.dossier.state, State::AwaitingPayment { .. }) { NOT_PAID } else { NOT_SUPPLIED };
        Ok(vec![Event::Lapsed { at: self.now, reason: reason.to_owned() }])
    }

    /// Moves an open dossier to another version. Law: L25 a.116 (open matters follow the new law).
    pub(super) fn repin(&self, reason: &str) -> Result<Vec<Event>, Rejection> {
        not_blank("/reason", reason)?;
        let Some((to, definition)) = self.facts.repin_to else {
            return Err(self.no(ErrorCode::ActNotAllowed, CommandKind::Repin));
        };
        if to == self.dossier.procedure_version
            || definition.key != self.office.definition.key
            || !definition.transition.repin_open
        {
            return Err(Rejection::field(FieldError::new(
                "/procedure_version",
                ErrorCode::FieldChoice,
                Text::new(
                    "Không thể chuyển hồ sơ sang phiên bản này.",
                    "The dossier cannot be moved to this version.",
                ),
            )));
        }
        let office = crate::dossier::facts::Office { definition, ..*self.office };
        let act = Act { office: &office, ..*self };
        let clock = self
            .dossier
            .clock
            .clone()
            .filter(super::super::clock::Clock::runs)
            .map(|clock| clock.relimited(&office, definition.clocks.processing.limit))
            .transpose()
            .map_err(no_date)?;
        let routed = match (&self.dossier.state, &clock) {
            (State::InProcess { step }, Some(clock)) => {
                let step = definition
                    .step(step)
                    .ok_or_else(|| self.no(ErrorCode::StepMismatch, CommandKind::Repin))?;
                let owner = self.dossier.owner_unit;
                let due = clock.step_due(&office, step).map_err(no_date)?.with_timezone(&chrono::Utc);
                Some(Event::Routed {
                    step: step.key.clone(),
                    owner_unit: act.unit_of(step, Some(owner)),
                    due_at: due,
                    assignee: None,
                })
            }
            _ => None,
        };
        Ok([Event::Repinned { to, version: definition.version.clone(), reason: reason.to_owned(), clock }]
            .into_iter()
            .chain(routed)
            .collect())
    }
}
