//! What is asked of others: the items of a supplement, the unit of an opinion, the words of a withdrawal.

use std::collections::BTreeSet;

use super::Act;
use crate::dossier::command::ItemInput;
use crate::dossier::event::Event;
use crate::error_code::{ErrorCode, FieldError, Rejection};
use crate::ids::UnitId;
use crate::procedure::{ReasonUse, place};
use crate::text::Text;

impl Act<'_> {
    pub(super) fn check_items(&self, items: &[ItemInput]) -> Result<(), Rejection> {
        if items.is_empty() {
            return Err(Rejection::field(FieldError::plain("/items", ErrorCode::FieldTooFew)));
        }
        let definition = self.office.definition;
        let mut errors = Vec::new();
        let mut seen = BTreeSet::new();
        for (at, item) in items.iter().enumerate() {
            match (&item.field, &item.requirement) {
                (Some(field), None) => {
                    if !place::exists(&definition.schema, self.facts.answers, field) {
                        errors.push(FieldError::new(
                            format!("/items/{at}/field"),
                            ErrorCode::FieldChoice,
                            Text::new("Biểu mẫu không có mục này.", "The form has no such field."),
                        ));
                    }
                }
                (None, Some(key)) if definition.requirements.iter().any(|known| known.key == *key) => {}
                _ => errors.push(FieldError::new(
                    format!("/items/{at}"),
                    ErrorCode::FieldInvalid,
                    Text::new(
                        "Mỗi mục phải gắn với đúng một trường của biểu mẫu hoặc một giấy tờ của thủ tục.",
                        "Each item names exactly one field of the form or one paper of the procedure.",
                    ),
                )),
            }
            if definition.reason(ReasonUse::Supplement, &item.reason).is_none() {
                errors.push(FieldError::plain(format!("/items/{at}/reason"), ErrorCode::UnknownReason));
            }
            if !seen.insert((&item.field, &item.requirement)) {
                errors.push(FieldError::plain(format!("/items/{at}"), ErrorCode::FieldDuplicate));
            }
        }
        if errors.is_empty() {
            Ok(())
        } else {
            Err(Rejection { errors, ..Rejection::of(ErrorCode::FieldsInvalid) })
        }
    }

    /// An opinion is another unit's, of the same agency.
    pub(super) fn another_unit(&self, unit: UnitId) -> Result<(), Rejection> {
        if self.facts.named_unit == Some(unit) && unit != self.dossier.owner_unit {
            return Ok(());
        }
        Err(Rejection::field(FieldError::new(
            "/unit",
            ErrorCode::FieldChoice,
            Text::new("Hãy chọn một đơn vị khác của cơ quan.", "Choose another unit of the agency."),
        )))
    }

    /// What the counter enters in the applicant's name stands on his words or his paper.
    pub(super) fn withdraw(&self, reason: Option<&str>) -> Result<Vec<Event>, Rejection> {
        let reason = reason.filter(|reason| !reason.trim().is_empty());
        if reason.is_none() && self.facts.actor.staff().is_some() {
            return Err(Rejection::field(FieldError::new(
                "/reason",
                ErrorCode::FieldRequired,
                Text::new(
                    "Ghi lời của người nộp hoặc giấy đề nghị rút hồ sơ.",
                    "Write down the applicant's words, or name the paper by which he withdraws.",
                ),
            )));
        }
        Ok(vec![Event::Withdrawn { at: self.now, reason: reason.map(str::to_owned) }])
    }
}
