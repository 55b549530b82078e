//! Acts inside the agency: assign, complete a step, send back, opinions, draft, propose, payment.

use chrono::{DateTime, NaiveDate, Utc};

use super::{Act, no_date, not_blank};
use crate::calendar::local_date;
use crate::dossier::command::CommandKind;
use crate::dossier::event::Event;
use crate::dossier::ruling::{Ruling, RulingInput, VOLUNTARY_DAYS};
use crate::dossier::{Opinion, Payment, undo};
use crate::error_code::{ErrorCode, FieldError, Rejection};
use crate::ids::{OpinionId, UnitId};
use crate::procedure::{ProcedureKey, ReasonUse, StepKind};
use crate::text::Text;

impl Act<'_> {
    pub(super) fn assign(&self, note: Option<String>) -> Result<Vec<Event>, Rejection> {
        let officer = self.facts.named_officer.ok_or_else(|| {
            Rejection::field(FieldError::new(
                "/officer",
                ErrorCode::FieldChoice,
                Text::new(
                    "Không có công chức xử lý đang làm việc với mã này.",
                    "No processing officer on duty has this id.",
                ),
            ))
        })?;
        if self.dossier.challenged.contains(&officer.account) {
            return Err(self.no(ErrorCode::OfficerExcluded, CommandKind::Assign));
        }
        let assigned = Event::Assigned { officer, note };
        let step = self.this_step(CommandKind::Assign)?;
        if step.kind == StepKind::Examine {
            // A change of hands at the same step: the step's due date stays.
            let routed = self.route_to(self.clock(CommandKind::Assign)?, step, Some(officer))?;
            return Ok(vec![assigned, routed]);
        }
        let outcome = self.plain_outcome(CommandKind::Assign)?;
        let (done, routed) = self.leave(CommandKind::Assign, &outcome)?;
        Ok([assigned, done].into_iter().chain(routed).collect())
    }

    pub(super) fn complete_step(
        &self,
        step: &str,
        outcome: &str,
        note: Option<String>,
    ) -> Result<Vec<Event>, Rejection> {
        if self.dossier.state.step() != Some(step) {
            return Err(self.no(ErrorCode::StepMismatch, CommandKind::CompleteStep));
        }
        let (done, routed) = self.leave(CommandKind::CompleteStep, outcome)?;
        let done = match done {
            Event::StepCompleted { step, outcome, .. } => Event::StepCompleted { step, outcome, note },
            other => other,
        };
        Ok([done].into_iter().chain(routed).collect())
    }

    pub(super) fn send_back(&self, to: &str, reason: &str) -> Result<Vec<Event>, Rejection> {
        not_blank("/reason", reason)?;
        let here = self.this_step(CommandKind::SendBack)?.key.clone();
        let Some(step) = self.steps_before().into_iter().find(|step| step.key == to) else {
            return Err(Rejection::field(FieldError::new(
                "/to",
                ErrorCode::FieldChoice,
                Text::new(
                    "Chỉ trả lại được cho một bước trước đó.",
                    "It can only be sent back to an earlier step.",
                ),
            )));
        };
        let routed = self.route_to(self.clock(CommandKind::SendBack)?, step, None)?;
        Ok(vec![Event::SentBack { from: here, to: to.to_owned(), reason: reason.to_owned() }, routed])
    }

    pub(super) fn undo(&self) -> Result<Vec<Event>, Rejection> {
        let over = || {
            Rejection::saying(
                ErrorCode::ActNotAllowed,
                Text::new(
                    "Chỉ hoàn tác được trong 10 phút, khi hồ sơ chưa có thao tác nào khác.",
                    "It can be undone for 10 minutes, while nothing else was done.",
                ),
            )
        };
        Ok(vec![undo::undone(self.dossier, self.now).ok_or_else(over)?])
    }

    pub(super) fn request_opinion(
        &self,
        id: OpinionId,
        unit: UnitId,
        question: &str,
        due_on: NaiveDate,
    ) -> Result<Vec<Event>, Rejection> {
        not_blank("/question", question)?;
        if due_on < local_date(self.now) || !self.office.calendar.day(due_on).works() {
            return Err(Rejection::field(FieldError::new(
                "/due_on",
                ErrorCode::FieldInvalid,
                Text::new(
                    "Hạn trả lời phải là một ngày làm việc, từ hôm nay trở đi.",
                    "The answer is due on a working day, today or later.",
                ),
            )));
        }
        Ok(vec![Event::OpinionRequested {
            opinion: Opinion {
                id,
                unit,
                question: question.to_owned(),
                due_on,
                asked_at: self.now,
                answer: None,
                answered_at: None,
            },
        }])
    }

    pub(super) fn answer_opinion(&self, id: OpinionId, answer: &str) -> Result<Vec<Event>, Rejection> {
        not_blank("/answer", answer)?;
        match self.dossier.opinions.iter().find(|opinion| opinion.id == id) {
            Some(opinion) if opinion.answered_at.is_none() => {
                Ok(vec![Event::OpinionAnswered { id, answer: answer.to_owned(), at: self.now }])
            }
            Some(_) => Err(self.no(ErrorCode::OpinionClosed, CommandKind::AnswerOpinion)),
            None => Err(Rejection::of(ErrorCode::NotFound)),
        }
    }

    pub(super) fn draft(&self, input: &RulingInput) -> Result<Vec<Event>, Rejection> {
        let by =
            self.facts.actor.account().ok_or_else(|| self.no(ErrorCode::NotPermitted, CommandKind::Draft))?;
        let ruling = self.compose(input)?;
        Ok(vec![Event::Drafted { ruling, by, acting_for: self.facts.acting_for, at: self.now }])
    }

    /// What the officer enters becomes a ruling: states and amounts come from the register.
    fn compose(&self, input: &RulingInput) -> Result<Ruling, Rejection> {
        let fits = |key| {
            if self.office.definition.key == key {
                Ok(())
            } else {
                Err(Rejection::field(FieldError::new(
                    "/outcome",
                    ErrorCode::FieldChoice,
                    Text::new(
                        "Kết quả này không thuộc thủ tục của hồ sơ.",
                        "This outcome does not belong to the dossier's procedure.",
                    ),
                )))
            }
        };
        let officer = || {
            self.facts.named_officer.filter(|officer| !self.dossier.challenged.contains(&officer.account)).ok_or_else(|| {
                Rejection::field(FieldError::new("/officer", ErrorCode::OfficerExcluded, Text::new("Người được chọn không phải Chấp hành viên đang làm việc hoặc không được nhận việc này.", "The chosen person is not an officer on duty, or may not take this.")))
            })
        };
        let matter = || {
            self.facts.matter.as_ref().ok_or_else(|| {
                Rejection::saying(
                    ErrorCode::GuardFailed,
                    Text::new(
                        "Chưa gắn hồ sơ với việc thi hành án trong sổ thụ lý.",
                        "The dossier is not linked to an enforcement matter of the register.",
                    ),
                )
            })
        };
        match input {
            RulingInput::EnforcementDecision { obligations, .. } => {
                fits(ProcedureKey::EnforcementDecision)?;
                not_blank("/obligations", obligations)?;
                Ok(Ruling::EnforcementDecision {
                    officer: officer()?,
                    obligations: obligations.clone(),
                    voluntary_days: VOLUNTARY_DAYS,
                })
            }
            RulingInput::ResultConfirmation => {
                fits(ProcedureKey::ResultConfirmation)?;
                Ok(Ruling::ResultConfirmation { confirmation: matter()?.confirm(local_date(self.now)) })
            }
            RulingInput::OfficerReplacement { grounds, .. } => {
                fits(ProcedureKey::OfficerReplacement)?;
                self.grounds(grounds)?;
                let former = matter()?.officer.map(|officer| officer.account).ok_or_else(|| {
                    Rejection::saying(
                        ErrorCode::GuardFailed,
                        Text::new(
                            "Việc thi hành án chưa có Chấp hành viên để thay đổi.",
                            "The matter has no officer to change.",
                        ),
                    )
                })?;
                Ok(Ruling::OfficerReplacement { former, new_officer: officer()?, grounds: grounds.clone() })
            }
            RulingInput::CoercionCostRelief { grounds, percent } => {
                fits(ProcedureKey::CoercionCostRelief)?;
                let relief = self.relief(grounds, *percent, &self.facts.cost_due())?;
                Ok(Ruling::CoercionCostRelief { relief })
            }
            RulingInput::EnforcementFeeRelief { grounds, percent } => {
                fits(ProcedureKey::EnforcementFeeRelief)?;
                let relief = self.relief(grounds, *percent, &self.facts.fee_due())?;
                Ok(Ruling::EnforcementFeeRelief { relief, reckoning: self.fee_reckoning() })
            }
            RulingInput::Refusal { reasons, explanation } => {
                not_blank("/explanation", explanation)?;
                if reasons.is_empty() {
                    return Err(Rejection::field(FieldError::plain("/reasons", ErrorCode::FieldTooFew)));
                }
                for (at, reason) in reasons.iter().enumerate() {
                    self.coded(ReasonUse::Rejection, &format!("/reasons/{at}"), reason)?;
                }
                Ok(Ruling::Refusal { reasons: reasons.clone(), explanation: explanation.clone() })
            }
        }
    }

    pub(super) fn grounds(&self, grounds: &[String]) -> Result<(), Rejection> {
        if grounds.is_empty() {
            return Err(Rejection::field(FieldError::plain("/grounds", ErrorCode::FieldTooFew)));
        }
        grounds
            .iter()
            .enumerate()
            .try_for_each(|(at, ground)| self.coded(ReasonUse::Ground, &format!("/grounds/{at}"), ground))
    }

    pub(super) fn propose(&self, checked: &[u16], warnings: Vec<Text>) -> Result<Vec<Event>, Rejection> {
        let lines = self.this_step(CommandKind::Propose)?.checklist.len();
        if let Some(at) = checked.iter().position(|line| usize::from(*line) >= lines) {
            return Err(Rejection::field(FieldError::plain(
                format!("/checked/{at}"),
                ErrorCode::FieldChoice,
            )));
        }
        let mut checked = checked.to_vec();
        checked.sort_unstable();
        checked.dedup();
        let outcome = self.plain_outcome(CommandKind::Propose)?;
        let (done, routed) = self.leave(CommandKind::Propose, &outcome)?;
        let proposed = Event::Proposed { at: self.now, warnings, checked };
        Ok([proposed, done].into_iter().chain(routed).collect())
    }

    pub(super) fn request_payment(&self, amount: u64, reason: &str) -> Result<Vec<Event>, Rejection> {
        not_blank("/reason", reason)?;
        if !(1..=crate::fee::LARGEST_RECEIPT).contains(&amount) {
            return Err(Rejection::field(FieldError::plain("/amount", ErrorCode::FieldInvalid)));
        }
        let due = self.due(self.office.definition.clocks.payment.limit)?;
        let clock = self.clock(CommandKind::RequestPayment)?.clone().paused(self.now);
        Ok(vec![Event::PaymentRequested {
            payment: Payment { amount, reason: reason.to_owned(), pay_by: due.due_on, paid_at: None },
            clock,
            due_at: due.due_at.with_timezone(&Utc),
        }])
    }

    pub(super) fn confirm_payment(&self, paid_at: DateTime<Utc>) -> Result<Vec<Event>, Rejection> {
        if paid_at > self.now {
            return Err(Rejection::field(FieldError::plain("/paid_at", ErrorCode::FieldTooLarge)));
        }
        let clock = self
            .clock(CommandKind::ConfirmPayment)?
            .clone()
            .resumed(self.office, self.now)
            .map_err(no_date)?;
        let step = self.this_step(CommandKind::ConfirmPayment)?;
        let routed = self.route_to(&clock, step, None)?;
        Ok(vec![Event::PaymentConfirmed { at: paid_at, clock }, routed])
    }
}
