//! What officers enter on a matter: performance, coercion cost, enforcement fee. Whole đồng; nothing
//! is performed, paid or relieved beyond what is owed.

use chrono::NaiveDate;

use super::{Due, Matter, MatterState, Receipt};
use crate::error_code::{ErrorCode, FieldError, Rejection};
use crate::fee::LARGEST_RECEIPT;
use crate::person::is_safe_text;
use crate::text::Text;

/// The longest note, in characters.
pub const LONGEST_NOTE: usize = 1000;

/// Performance on one claim.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Performed {
    /// Which claim, from 0.
    pub claim: u16,
    /// For a claim in money, what was received; absent for others, which are then performed.
    pub amount: Option<u64>,
    pub on: NaiveDate,
    pub note: Option<String>,
}

impl Matter {
    /// Enters performance on a claim.
    ///
    /// # Errors
    /// A matter that has ended; all wrong fields at once.
    pub fn perform(&mut self, performed: Performed, today: NaiveDate) -> Result<(), Rejection> {
        if matches!(self.state, MatterState::Finished | MatterState::Discontinued) {
            return Err(Rejection::saying(
                ErrorCode::ActNotAllowed,
                Text::new(
                    "Việc thi hành án đã kết thúc, không ghi nhận thêm kết quả thi hành.",
                    "The matter has ended; no further performance is entered.",
                ),
            ));
        }
        let Performed { claim: number, amount, on, note } = performed;
        let mut errors = Vec::new();
        if on > today {
            errors.push(FieldError::plain("/on", ErrorCode::FieldTooLarge));
        }
        check_note(note.as_deref(), &mut errors);
        match (self.claims.get_mut(usize::from(number)), amount) {
            (None, _) => errors.push(FieldError::plain("/claim", ErrorCode::FieldChoice)),
            (Some(claim), Some(received)) => match claim.amount {
                None => errors.push(FieldError::new(
                    "/amount",
                    ErrorCode::FieldInvalid,
                    Text::new(
                        "Nghĩa vụ này không phải trả tiền: chỉ ghi là đã thi hành.",
                        "This claim is not in money: it is only entered as performed.",
                    ),
                )),
                Some(_) if received == 0 => {
                    errors.push(FieldError::plain("/amount", ErrorCode::FieldTooSmall));
                }
                Some(owed) if received > owed.saturating_sub(claim.performed_amount) => {
                    errors.push(FieldError::new(
                        "/amount",
                        ErrorCode::FieldTooLarge,
                        Text::new(
                            "Số tiền vượt quá phần nghĩa vụ còn lại.",
                            "The amount is more than what remains of the claim.",
                        ),
                    ));
                }
                Some(_) if errors.is_empty() => {
                    claim.performed_amount = claim.performed_amount.saturating_add(received);
                    self.receipts.push(Receipt { claim: number, amount: received, on, note });
                }
                Some(_) => {}
            },
            (Some(claim), None) if claim.amount.is_some() => {
                errors.push(FieldError::plain("/amount", ErrorCode::FieldRequired));
            }
            (Some(claim), None) if claim.performed => return Err(Rejection::of(ErrorCode::AlreadyDone)),
            (Some(claim), None) => claim.performed = errors.is_empty(),
        }
        finish(errors)
    }

    /// Sets total and paid of the coercion cost. What was relieved stays.
    ///
    /// # Errors
    /// All wrong fields at once.
    pub fn set_cost(&mut self, total: u64, paid: u64, note: Option<&str>) -> Result<(), Rejection> {
        set(&mut self.coercion_cost, total, paid, note)
    }

    /// Sets total and paid of the enforcement fee. What was relieved stays.
    ///
    /// # Errors
    /// All wrong fields at once.
    pub fn set_fee(&mut self, total: u64, paid: u64, note: Option<&str>) -> Result<(), Rejection> {
        set(&mut self.enforcement_fee, total, paid, note)
    }
}

fn set(due: &mut Due, total: u64, paid: u64, note: Option<&str>) -> Result<(), Rejection> {
    let mut errors = Vec::new();
    if total > LARGEST_RECEIPT {
        errors.push(FieldError::plain("/total", ErrorCode::FieldTooLarge));
    }
    if total < due.relieved {
        errors.push(FieldError::new(
            "/total",
            ErrorCode::FieldTooSmall,
            Text::new(
                "Tổng số nhỏ hơn số đã được miễn, giảm.",
                "The total is less than was relieved already.",
            ),
        ));
    } else if paid > total.saturating_sub(due.relieved) {
        errors.push(FieldError::new(
            "/paid",
            ErrorCode::FieldTooLarge,
            Text::new(
                "Số đã nộp nhiều hơn số phải nộp sau khi miễn, giảm.",
                "More is paid than is owed after relief.",
            ),
        ));
    }
    check_note(note, &mut errors);
    if errors.is_empty() {
        *due = Due { total, paid, relieved: due.relieved };
    }
    finish(errors)
}

fn check_note(note: Option<&str>, errors: &mut Vec<FieldError>) {
    if let Some(note) = note {
        if note.chars().count() > LONGEST_NOTE {
            errors.push(FieldError::plain("/note", ErrorCode::FieldTooLong));
        } else if !is_safe_text(note) {
            errors.push(FieldError::plain("/note", ErrorCode::FieldFormat));
        }
    }
}

fn finish(errors: Vec<FieldError>) -> Result<(), Rejection> {
    if errors.is_empty() {
        Ok(())
    } else {
        Err(Rejection { errors, ..Rejection::of(ErrorCode::FieldsInvalid) })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ids::{AgencyId, MatterId};
    use crate::matter::{Claim, Judgment};

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    fn matter() -> Matter {
        let claim = |amount, performed_amount| Claim {
            description: String::new(),
            amount,
            performed_amount,
            performed: false,
        };
        Matter {
            id: MatterId(uuid::Uuid::nil()),
            version: 1,
            agency: AgencyId(uuid::Uuid::nil()),
            decision_number: None,
            decided_on: day("2026-01-10"),
            judgment: Judgment::default(),
            officer: None,
            state: MatterState::Enforcing,
            parties: Vec::new(),
            claims: vec![claim(Some(10_000_000), 4_000_000), claim(None, 0)],
            coercion_cost: Due { total: 8_000_000, relieved: 4_000_000, paid: 0 },
            enforcement_fee: Due::default(),
            receipts: Vec::new(),
            opened_by: None,
        }
    }

    fn performed(claim: u16, amount: Option<u64>, on: &str) -> Performed {
        Performed { claim, amount, on: day(on), note: None }
    }

    #[test]
    fn receipts_are_told_oldest_first_after_what_was_performed_before_them() {
        let (mut matter, today) = (matter(), day("2026-11-23"));
        matter.perform(performed(0, Some(1_000_000), "2026-11-20"), today).unwrap();
        matter.perform(performed(0, Some(2_000_000), "2026-06-01"), today).unwrap();
        assert_eq!(matter.receipts_by_day(), (day("2026-11-20"), vec![4_000_000, 2_000_000, 1_000_000]));
        let too_much = matter.perform(performed(0, Some(3_000_001), "2026-11-20"), today).unwrap_err();
        assert_eq!(too_much.errors[0].code, ErrorCode::FieldTooLarge);
        matter.perform(performed(0, Some(3_000_000), "2026-11-20"), today).unwrap();
        assert!(matter.claims[0].is_done());
    }

    #[test]
    fn a_claim_without_amount_is_performed_once() {
        let (mut matter, today) = (matter(), day("2026-11-23"));
        let in_money = matter.perform(performed(1, Some(1), "2026-11-20"), today).unwrap_err();
        assert_eq!(in_money.errors[0].pointer, "/amount");
        matter.perform(performed(1, None, "2026-11-20"), today).unwrap();
        let again = matter.perform(performed(1, None, "2026-11-20"), today).unwrap_err();
        assert_eq!(again.code, ErrorCode::AlreadyDone);
        matter.state = MatterState::Finished;
        let ended = matter.perform(performed(0, Some(1), "2026-11-20"), today).unwrap_err();
        assert_eq!(ended.code, ErrorCode::ActNotAllowed);
    }

    #[test]
    fn nothing_is_paid_beyond_what_relief_left() {
        let mut matter = matter();
        assert_eq!(matter.set_cost(8_000_000, 4_000_001, None).unwrap_err().errors[0].pointer, "/paid");
        assert_eq!(matter.set_cost(3_000_000, 0, None).unwrap_err().errors[0].pointer, "/total");
        matter.set_cost(9_000_000, 5_000_000, None).unwrap();
        assert_eq!(matter.coercion_cost, Due { total: 9_000_000, relieved: 4_000_000, paid: 5_000_000 });
    }
}
