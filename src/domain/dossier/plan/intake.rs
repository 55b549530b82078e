//! Acts before and around the counter: submit, receive, supplement, refuse, link the matter.

use chrono::{NaiveDate, Utc};

use super::{Act, no_date, not_blank, stage};
use crate::calendar::local_date;
use crate::dossier::apply::apply;
use crate::dossier::clock::Clock;
use crate::dossier::command::{CommandKind, ItemInput};
use crate::dossier::event::Event;
use crate::dossier::facts::{Facts, Office};
use crate::dossier::handed::HandedOver;
use crate::dossier::state::{Stage, State};
use crate::dossier::{Refusal, Supplement, SupplementItem, Supplied};
use crate::error_code::{ErrorCode, FieldError, Rejection};
use crate::ids::{AccountId, MatterId};
use crate::procedure::clock::SupplementEffect;
use crate::procedure::{ProcedureKey, ReasonUse};
use crate::text::Text;

/// The recorded reason when a receipt pins a newer version than the draft had.
const RECEIVED_UNDER_NEW_RULES: &str = "received_under_new_rules";

/// For the office: the head is challenged, and nobody above is known to the system.
const NO_SUPERIOR: &str = "Thủ trưởng là người bị đề nghị thay đổi nhưng hệ thống chưa có cơ quan quản lý cấp trên: chuyển đề nghị lên cấp trên hoặc để Phó Thủ trưởng giải quyết (Nghị định 62/2015/NĐ-CP, Điều 10 khoản 2).";

impl Act<'_> {
    pub(super) fn submit(
        &self,
        requested_on: Option<NaiveDate>,
        matter: Option<MatterId>,
        matter_reference: Option<String>,
    ) -> Result<Vec<Event>, Rejection> {
        let today = local_date(self.now);
        if requested_on.is_some_and(|day| day > today) {
            return Err(Rejection::field(FieldError::new(
                "/requested_on",
                ErrorCode::FieldTooLarge,
                Text::new(
                    "Ngày yêu cầu không thể ở tương lai.",
                    "The day of the request cannot lie in the future.",
                ),
            )));
        }
        let challenged = self.challenged();
        let events = vec![Event::Submitted {
            at: self.now,
            requested_on: requested_on.unwrap_or(today),
            matter,
            matter_reference,
            challenged,
            intake_due_at: self.due(self.office.definition.clocks.intake.limit)?.due_at.with_timezone(&Utc),
        }];
        self.escalated(events)
    }

    /// Who must see nothing of a request to change an officer. Law: D62 a.10; (design) conflict rule.
    fn challenged(&self) -> Vec<AccountId> {
        if self.office.definition.key != ProcedureKey::OfficerReplacement {
            return Vec::new();
        }
        // The register's officer and the one the applicant names: both, and nobody once walled gets back in.
        let in_charge =
            self.facts.matter.as_ref().and_then(|matter| matter.officer).map(|officer| officer.account);
        let mut all = self.dossier.challenged.clone();
        for account in in_charge.into_iter().chain(self.facts.challenged_by_name.iter().copied()) {
            if !all.contains(&account) {
                all.push(account);
            }
        }
        all
    }

    /// When the head is challenged the superior agency decides: at its counter before receipt, from
    /// its first step after. Law: D62 a.10 c.2.
    fn escalated(&self, mut events: Vec<Event>) -> Result<Vec<Event>, Rejection> {
        let after = events.iter().fold(self.dossier.clone(), apply);
        let head = self.facts.heads.iter().any(|head| after.challenged.contains(head));
        if !head || after.escalated_from.is_some() {
            return Ok(events);
        }
        let Some(superior) = self.facts.superior else {
            events.push(Event::NoteAdded { text: NO_SUPERIOR.to_owned() });
            return Ok(events);
        };
        events.push(Event::Escalated { agency: superior.agency, owner_unit: superior.one_window });
        if let (State::InProcess { .. }, Some(clock), Some(first)) =
            (&after.state, &after.clock, self.office.definition.first_step())
        {
            let facts = Facts { units: superior, ..self.facts.clone() };
            events.push(Act { facts: &facts, dossier: &after, ..*self }.route_to(clock, first, None)?);
        }
        Ok(events)
    }

    pub(super) fn receive(
        &self,
        code: &str,
        book_serial: i32,
        handed_over: Option<HandedOver>,
        warnings: Vec<Text>,
    ) -> Result<Vec<Event>, Rejection> {
        // The rules of the day of receipt hold, whatever was in force when the draft was begun.
        let definition = self.facts.repin_to.map_or(self.office.definition, |(_, definition)| definition);
        let errors: Vec<FieldError> = handed_over
            .iter()
            .flat_map(|handed| handed.check(&definition.requirements))
            .map(|error| FieldError { pointer: format!("/handed_over{}", error.pointer), ..error })
            .collect();
        if !errors.is_empty() {
            return Err(Rejection { errors, ..Rejection::of(ErrorCode::FieldsInvalid) });
        }
        let office = Office { definition, ..*self.office };
        let act = Act { office: &office, ..*self };
        let repinned = self.facts.repin_to.map(|(to, definition)| Event::Repinned {
            to,
            version: definition.version.clone(),
            reason: RECEIVED_UNDER_NEW_RULES.to_owned(),
            clock: None,
        });
        let clock = Clock::start(&office, definition.clocks.processing.limit, self.now).map_err(no_date)?;
        let Some(first) = definition.first_step() else {
            return Err(self.no(ErrorCode::StepMismatch, CommandKind::Receive));
        };
        let routed = act.route_to(&clock, first, None)?;
        let received = Event::Received {
            at: self.now,
            code: code.to_owned(),
            book_serial,
            clock,
            warnings,
            handed_over,
        };
        Ok(repinned.into_iter().chain([received, routed]).collect())
    }

    /// At intake once; at examination once and within the notice limit; more only by a leader with a reason.
    /// Law: D61 a.15, a.19 c.4.
    pub(super) fn supplement_in_time(&self) -> Result<(), Rejection> {
        if self.is_leader() {
            return Ok(());
        }
        let stage = stage(&self.dossier.state);
        if self.dossier.rounds_at(stage) > 0 {
            return Err(self.no(ErrorCode::SecondSupplement, CommandKind::RequestSupplement));
        }
        if stage == Stage::Examination {
            let clock = self.clock(CommandKind::RequestSupplement)?;
            let limit = self.office.definition.clocks.supplement_notice.limit;
            let last = crate::deadline::reckon(
                self.office.calendar,
                &self.office.hours,
                clock.started_at,
                limit,
                &clock.pauses,
            )
            .map_err(no_date)?;
            if local_date(self.now) > last.due_on {
                return Err(self.no(ErrorCode::SupplementTooLate, CommandKind::RequestSupplement));
            }
        }
        Ok(())
    }

    pub(super) fn request_supplement(
        &self,
        items: &[ItemInput],
        round_reason: Option<&str>,
    ) -> Result<Vec<Event>, Rejection> {
        let stage = stage(&self.dossier.state);
        let round = self.dossier.rounds_at(stage).saturating_add(1);
        let reason = round_reason.filter(|reason| !reason.trim().is_empty());
        if round > 1 && reason.is_none() {
            return Err(Rejection::field(FieldError::new(
                "/round_reason",
                ErrorCode::FieldRequired,
                ErrorCode::SecondSupplement.text(),
            )));
        }
        self.check_items(items)?;
        let supply = self.due(self.office.definition.clocks.supply.limit)?;
        let supplement = Supplement {
            stage,
            round,
            requested_at: self.now,
            supply_by: supply.due_on,
            items: items
                .iter()
                .map(|item| SupplementItem {
                    id: item.id,
                    field: item.field.clone(),
                    requirement: item.requirement.clone(),
                    reason: item.reason.clone(),
                    note: item.note.clone(),
                    supplied_at: None,
                })
                .collect(),
            round_reason: reason.map(str::to_owned),
            closed_at: None,
        };
        Ok(vec![Event::SupplementRequested {
            supplement,
            owner_unit: self.dossier.owner_unit,
            due_at: supply.due_at.with_timezone(&Utc),
        }])
    }

    pub(super) fn supply(
        &self,
        items: &[Supplied],
        matter: Option<MatterId>,
        matter_reference: Option<String>,
    ) -> Result<Vec<Event>, Rejection> {
        let wanted: Vec<&SupplementItem> = self.dossier.documents_wanted().collect();
        let mut errors = Vec::new();
        if items.is_empty() {
            errors.push(FieldError::plain("/items", ErrorCode::FieldTooFew));
        }
        for (at, supplied) in items.iter().enumerate() {
            match wanted.iter().find(|item| item.id == supplied.item) {
                None => errors.push(FieldError::new(
                    format!("/items/{at}/item"),
                    ErrorCode::FieldChoice,
                    Text::new(
                        "Mục này không nằm trong yêu cầu bổ sung đang mở.",
                        "This item is not in the open supplement request.",
                    ),
                )),
                Some(item) if item.requirement.is_some() && supplied.document.is_none() => {
                    errors.push(FieldError::plain(format!("/items/{at}/document"), ErrorCode::FieldRequired))
                }
                Some(_) => {}
            }
        }
        if !errors.is_empty() {
            return Err(Rejection { errors, ..Rejection::of(ErrorCode::FieldsInvalid) });
        }
        let complete = wanted.iter().all(|item| items.iter().any(|supplied| supplied.item == item.id));
        let mut events = vec![Event::Supplied { at: self.now, items: items.to_vec(), complete }];
        let challenged = self.challenged();
        if matter_reference != self.dossier.matter_reference || challenged != self.dossier.challenged {
            // What an officer linked stays while the applicant names the same matter.
            let same = matter_reference == self.dossier.matter_reference;
            let matter = if same { self.dossier.matter } else { matter };
            events.push(Event::Renamed { matter, matter_reference, challenged });
        }
        if complete {
            events.extend(self.come_back()?);
        }
        self.escalated(events)
    }

    /// After the last item: back to the counter, or back to the step with the clock counted again.
    fn come_back(&self) -> Result<Vec<Event>, Rejection> {
        let State::AwaitingSupplement { step: Some(step), .. } = &self.dossier.state else {
            let due = self.due(self.office.definition.clocks.intake.limit)?;
            return Ok(vec![Event::Resubmitted { intake_due_at: due.due_at.with_timezone(&Utc) }]);
        };
        let clock = self.clock(CommandKind::Supply)?.clone();
        let clock = match self.office.definition.clocks.on_supplement {
            SupplementEffect::Restart => clock.restarted(self.office, self.now),
            SupplementEffect::Resume => clock.resumed_after_stop(self.office, self.now),
        }
        .map_err(no_date)?;
        let step = self
            .office
            .definition
            .step(step)
            .ok_or_else(|| self.no(ErrorCode::StepMismatch, CommandKind::Supply))?;
        let routed = self.route_to(&clock, step, None)?;
        Ok(vec![Event::ClockRestarted { clock }, routed])
    }

    pub(super) fn refuse(
        &self,
        reason: &str,
        note: Option<String>,
        advice: Option<String>,
    ) -> Result<Vec<Event>, Rejection> {
        self.coded(ReasonUse::Refusal, "/reason", reason)?;
        if let Some(advice) = &advice {
            not_blank("/advice", advice)?;
        }
        Ok(vec![Event::Refused {
            at: self.now,
            refusal: Refusal { reason: reason.to_owned(), note, advice },
        }])
    }

    pub(super) fn link_matter(&self, matter: MatterId) -> Result<Vec<Event>, Rejection> {
        let challenged = self.challenged();
        self.escalated(vec![Event::MatterLinked { matter, challenged }])
    }
}
