//! `plan`: what an act would do, as events, or why it may not be done.
//!
//! `possible` holds every condition that does not depend on what is typed; `plan` calls it first
//! and `allowed` shows it, so buttons, API and enforcement cannot disagree. Total function;
//! every state is named for every act.

mod asked;
mod finish;
mod intake;
mod process;
mod register;

use chrono::{DateTime, Utc};

use super::Dossier;
use super::command::{Command, CommandKind};
use super::event::Event;
use super::facts::{Facts, Office};
use super::guard;
use super::state::{Stage, State};
use crate::calendar::local_date;
use crate::deadline::{self, NoDueDate, Pause};
use crate::error_code::{ErrorCode, FieldError, Rejection};
use crate::ids::UnitId;
use crate::policy::Role;
use crate::procedure::step::{UnitRole, When};
use crate::procedure::{Outcome, ReasonUse, Step, StepKind};
use crate::text::Text;

/// Plans one act. A rejected act changes nothing; an accepted one yields at least one event.
///
/// # Errors
/// The rule that forbids it, with its basis, or the fields of the command that are wrong.
pub fn plan(
    dossier: &Dossier,
    office: &Office<'_>,
    facts: &Facts<'_>,
    command: &Command,
    now: DateTime<Utc>,
) -> Result<Vec<Event>, Rejection> {
    let warnings = possible(dossier, office, facts, command.kind(), now)?;
    let act = Act { dossier, office, facts, now };
    match command {
        Command::Submit { requested_on, matter, matter_reference } => {
            act.submit(*requested_on, *matter, matter_reference.clone())
        }
        Command::Receive { code, book_serial, handed_over } => {
            act.receive(code, *book_serial, handed_over.clone(), warnings)
        }
        Command::RequestSupplement { items, round_reason } => {
            act.request_supplement(items, round_reason.as_deref())
        }
        Command::Supply { items, matter, matter_reference } => {
            act.supply(items, *matter, matter_reference.clone())
        }
        Command::Refuse { reason, note, advice } => act.refuse(reason, note.clone(), advice.clone()),
        Command::Withdraw { reason } => act.withdraw(reason.as_deref()),
        Command::LinkMatter { matter } => act.link_matter(*matter),
        Command::Assign { note, .. } => act.assign(note.clone()),
        Command::CompleteStep { step, outcome, note } => act.complete_step(step, outcome, note.clone()),
        Command::SendBack { to, reason } => act.send_back(to, reason),
        Command::RequestOpinion { id, unit, question, due_on } => {
            act.another_unit(*unit)?;
            act.request_opinion(*id, *unit, question, *due_on)
        }
        Command::AnswerOpinion { id, answer } => act.answer_opinion(*id, answer),
        Command::Draft { ruling } => act.draft(ruling),
        Command::Propose { checked } => act.propose(checked, warnings),
        Command::RequestPayment { amount, reason } => act.request_payment(*amount, reason),
        Command::ConfirmPayment { paid_at } => act.confirm_payment(*paid_at),
        Command::Sign => act.sign(),
        Command::Number { number } => Ok(vec![Event::Numbered { number: number.clone(), at: now }]),
        Command::HandOver => act.hand_over(),
        Command::Return { way, to } => act.give_back(*way, to),
        Command::Stop { reason, note } => act.stop(reason, note.clone()),
        Command::Extend { new_due_on, reason, apology } => act.extend(*new_due_on, reason, apology),
        Command::Lapse => act.lapse(),
        Command::Repin { reason } => act.repin(reason),
        Command::AddNote { text } => {
            not_blank("/text", text)?;
            Ok(vec![Event::NoteAdded { text: text.clone() }])
        }
        Command::Undo => act.undo(),
    }
}

/// Every condition of an act that does not depend on what is typed. Gives the warnings to show.
///
/// # Errors
/// The rule that forbids it now.
pub fn possible(
    dossier: &Dossier,
    office: &Office<'_>,
    facts: &Facts<'_>,
    kind: CommandKind,
    now: DateTime<Utc>,
) -> Result<Vec<Text>, Rejection> {
    let act = Act { dossier, office, facts, now };
    act.fits_state(kind)?;
    act.fits_record(kind)?;
    let mut warnings = guard::check(dossier, office, facts, kind, now)?;
    warnings.extend(act.stated_figures(kind));
    Ok(warnings)
}

/// One act in the making: the dossier, and what it is judged by.
struct Act<'a> {
    dossier: &'a Dossier,
    office: &'a Office<'a>,
    facts: &'a Facts<'a>,
    now: DateTime<Utc>,
}

impl Act<'_> {
    /// The printed table: which act fits which state.
    fn fits_state(&self, kind: CommandKind) -> Result<(), Rejection> {
        use CommandKind as K;
        let at = |kinds: &[StepKind]| self.step().is_some_and(|step| kinds.contains(&step.kind));
        let fits = match &self.dossier.state {
            State::Draft => kind == K::Submit,
            State::Submitted => matches!(
                kind,
                K::Receive
                    | K::RequestSupplement
                    | K::Refuse
                    | K::Withdraw
                    | K::LinkMatter
                    | K::AddNote
                    | K::Repin
            ),
            // Left in the transaction that enters it; an act on it would find a half-done receipt.
            State::Received => false,
            State::InProcess { .. } => match kind {
                K::Assign => at(&[StepKind::Assign, StepKind::Examine]),
                K::CompleteStep => at(&[StepKind::Work]),
                K::SendBack => at(&[StepKind::Assign, StepKind::Examine, StepKind::Sign]),
                K::RequestSupplement | K::Draft | K::Propose | K::RequestPayment => at(&[StepKind::Examine]),
                K::RequestOpinion => at(&[StepKind::Examine, StepKind::Sign]),
                K::Sign => at(&[StepKind::Sign]),
                K::Number | K::HandOver => at(&[StepKind::Issue]),
                K::AnswerOpinion
                | K::Withdraw
                | K::Stop
                | K::Extend
                | K::LinkMatter
                | K::AddNote
                | K::Undo
                | K::Repin => true,
                K::Submit | K::Receive | K::Supply | K::Refuse | K::Return | K::ConfirmPayment | K::Lapse => {
                    false
                }
            },
            State::AwaitingSupplement { .. } => matches!(
                kind,
                K::Supply | K::Lapse | K::Withdraw | K::Stop | K::LinkMatter | K::AddNote | K::AnswerOpinion
            ),
            State::AwaitingPayment { .. } => matches!(
                kind,
                K::ConfirmPayment | K::Lapse | K::Withdraw | K::Stop | K::AddNote | K::AnswerOpinion
            ),
            State::Decided => matches!(kind, K::Return | K::AddNote),
            State::Refused | State::Withdrawn | State::Stopped | State::Returned => false,
        };
        if fits { Ok(()) } else { Err(self.no(ErrorCode::ActNotAllowed, kind)) }
    }

    /// Conditions on what is recorded so far.
    fn fits_record(&self, kind: CommandKind) -> Result<(), Rejection> {
        let signed = self.dossier.decision.as_ref().is_some_and(|decision| decision.signed_at.is_some());
        let numbered = self.dossier.decision.as_ref().is_some_and(|decision| decision.number.is_some());
        match kind {
            CommandKind::RequestSupplement => self.supplement_in_time(),
            // What is drafted was composed from the linked matter; that cannot change under it.
            CommandKind::LinkMatter if self.dossier.decision.is_some() => {
                Err(self.no(ErrorCode::ActNotAllowed, kind))
            }
            CommandKind::Propose if self.dossier.decision.is_none() => {
                Err(self.no(ErrorCode::NothingDrafted, kind))
            }
            CommandKind::Propose | CommandKind::Sign
                if self.dossier.opinions.iter().any(|opinion| opinion.answered_at.is_none()) =>
            {
                Err(self.no(ErrorCode::OpinionsOpen, kind))
            }
            CommandKind::Propose | CommandKind::Sign if !self.draft_still_fits() => {
                Err(self.no(ErrorCode::DraftOutdated, kind))
            }
            CommandKind::AnswerOpinion
                if self.dossier.opinions.iter().all(|opinion| opinion.answered_at.is_some()) =>
            {
                Err(self.no(ErrorCode::OpinionClosed, kind))
            }
            CommandKind::Number if numbered => Err(self.no(ErrorCode::AlreadyDone, kind)),
            CommandKind::HandOver if !numbered => Err(self.no(ErrorCode::ActNotAllowed, kind)),
            // A signed decision stands; it can no longer be withdrawn from, stopped or moved.
            CommandKind::Withdraw | CommandKind::Stop | CommandKind::Repin if signed => {
                Err(self.no(ErrorCode::ActNotAllowed, kind))
            }
            CommandKind::RequestPayment
                if self.dossier.payment.as_ref().is_some_and(|payment| payment.paid_at.is_some()) =>
            {
                Err(self.no(ErrorCode::AlreadyDone, kind))
            }
            CommandKind::SendBack if self.steps_before().is_empty() => {
                Err(self.no(ErrorCode::ActNotAllowed, kind))
            }
            CommandKind::Repin if self.facts.repin_to.is_none() => {
                Err(self.no(ErrorCode::ActNotAllowed, kind))
            }
            CommandKind::Extend => self.may_extend(),
            CommandKind::Lapse => self.may_lapse(),
            CommandKind::Undo => self.undo().map(|_| ()),
            CommandKind::Submit
            | CommandKind::Receive
            | CommandKind::Supply
            | CommandKind::Refuse
            | CommandKind::Assign
            | CommandKind::CompleteStep
            | CommandKind::SendBack => Ok(()),
            CommandKind::RequestOpinion
            | CommandKind::AnswerOpinion
            | CommandKind::Draft
            | CommandKind::Propose
            | CommandKind::Sign
            | CommandKind::Number
            | CommandKind::HandOver => Ok(()),
            CommandKind::Return
            | CommandKind::Withdraw
            | CommandKind::Stop
            | CommandKind::RequestPayment
            | CommandKind::ConfirmPayment
            | CommandKind::Repin
            | CommandKind::LinkMatter
            | CommandKind::AddNote => Ok(()),
        }
    }

    fn step(&self) -> Option<&Step> {
        self.dossier.state.step().and_then(|key| self.office.definition.step(key))
    }

    /// The step of an `InProcess` dossier.
    fn this_step(&self, kind: CommandKind) -> Result<&Step, Rejection> {
        self.step().ok_or_else(|| self.no(ErrorCode::StepMismatch, kind))
    }

    fn steps_before(&self) -> Vec<&Step> {
        let here = self.dossier.state.step();
        self.office.definition.route.iter().take_while(|step| Some(step.key.as_str()) != here).collect()
    }

    fn unit_of(&self, step: &Step, officer_unit: Option<UnitId>) -> UnitId {
        match step.unit {
            UnitRole::OneWindow => self.facts.units.one_window,
            UnitRole::Head => self.facts.units.head,
            UnitRole::Clerk => self.facts.units.clerk,
            UnitRole::Officer => officer_unit
                .or(self.dossier.assignee.map(|officer| officer.unit))
                .unwrap_or(self.dossier.owner_unit),
        }
    }

    /// Comes to a step: the owner, the assignee if he is new, the due date.
    fn route_to(
        &self,
        clock: &super::clock::Clock,
        step: &Step,
        officer: Option<crate::agency::Officer>,
    ) -> Result<Event, Rejection> {
        let due_at = clock.step_due(self.office, step).map_err(no_date)?.with_timezone(&Utc);
        Ok(Event::Routed {
            step: step.key.clone(),
            owner_unit: self.unit_of(step, officer.map(|officer| officer.unit)),
            due_at,
            assignee: officer,
        })
    }

    /// Leaves this step by an outcome and comes to the next. None when the route ends here.
    fn leave(&self, kind: CommandKind, outcome: &str) -> Result<(Event, Option<Event>), Rejection> {
        let step = self.this_step(kind)?;
        let chosen = step
            .outcomes
            .iter()
            .find(|each| each.key == outcome && self.applies(each))
            .ok_or_else(|| Rejection::field(FieldError::plain("/outcome", ErrorCode::FieldChoice)))?;
        let done = Event::StepCompleted { step: step.key.clone(), outcome: outcome.to_owned(), note: None };
        let Some(next) = chosen.to.as_deref().and_then(|key| self.office.definition.step(key)) else {
            return Ok((done, None));
        };
        let officer = if next.kind == StepKind::Examine {
            self.facts
                .named_officer
                .or_else(|| chosen.when.and_then(|_| self.facts.officer_in_charge(&self.dossier.challenged)))
        } else {
            None
        };
        Ok((done, Some(self.route_to(self.clock(kind)?, next, officer)?)))
    }

    /// The first outcome that applies here.
    fn plain_outcome(&self, kind: CommandKind) -> Result<String, Rejection> {
        let step = self.this_step(kind)?;
        step.outcomes
            .iter()
            .find(|outcome| self.applies(outcome))
            .map(|outcome| outcome.key.clone())
            .ok_or_else(|| self.no(ErrorCode::StepMismatch, kind))
    }

    fn applies(&self, outcome: &Outcome) -> bool {
        match outcome.when {
            None => true,
            Some(When::OfficerInChargeKnown) => {
                self.facts.officer_in_charge(&self.dossier.challenged).is_some()
            }
        }
    }

    fn clock(&self, kind: CommandKind) -> Result<&super::clock::Clock, Rejection> {
        self.dossier.clock.as_ref().ok_or_else(|| self.no(ErrorCode::ActNotAllowed, kind))
    }

    fn is_leader(&self) -> bool {
        let today = local_date(self.now);
        self.facts.actor.staff().is_some_and(|staff| {
            let lent = staff
                .acting_for
                .iter()
                .filter(|other| Some(other.account) == self.facts.acting_for)
                .flat_map(|other| &other.memberships);
            staff.memberships.iter().chain(lent).any(|held| held.role == Role::Leader && held.holds_on(today))
        })
    }

    /// A rejection that cites the basis of the act.
    fn no(&self, code: ErrorCode, kind: CommandKind) -> Rejection {
        let basis = self
            .office
            .definition
            .act(kind)
            .map(|rule| self.office.definition.bases(&rule.basis))
            .unwrap_or_default();
        Rejection::of(code).citing(basis.iter().map(crate::procedure::LegalBasis::cite).collect())
    }

    fn coded(&self, used_for: ReasonUse, pointer: &str, key: &str) -> Result<(), Rejection> {
        match self.office.definition.reason(used_for, key) {
            Some(_) => Ok(()),
            None => Err(Rejection::field(FieldError::plain(pointer, ErrorCode::UnknownReason))),
        }
    }

    /// End of office hours on the last day of a limit that starts now.
    fn due(&self, limit: deadline::Limit) -> Result<deadline::DueDate, Rejection> {
        const NO_PAUSES: &[Pause] = &[];
        deadline::reckon(self.office.calendar, &self.office.hours, self.now, limit, NO_PAUSES)
            .map_err(no_date)
    }
}

fn not_blank(pointer: &str, text: &str) -> Result<(), Rejection> {
    if text.trim().is_empty() {
        Err(Rejection::field(FieldError::plain(pointer, ErrorCode::FieldRequired)))
    } else {
        Ok(())
    }
}

fn no_date(why: NoDueDate) -> Rejection {
    match why {
        NoDueDate::Paused => Rejection::of(ErrorCode::ActNotAllowed),
        NoDueDate::OutOfRange => Rejection::field(FieldError::plain("", ErrorCode::FieldInvalid)),
    }
}

/// The stage a supplement would be asked at.
fn stage(state: &State) -> Stage {
    if matches!(state, State::Submitted) { Stage::Intake } else { Stage::Examination }
}
