//! What is handed over on paper, as whoever receives it records it: the receipt lists each paper, whether it
//! is the original or a copy, and how many of it there are.

use serde::{Deserialize, Serialize};

use crate::error_code::{ErrorCode, FieldError};
use crate::procedure::Requirement;
use crate::procedure::requirement::PaperForm;

/// Copies of one paper, and sets: a figure on the form has two digits.
const MOST: u8 = 99;

/// One paper that was handed over.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct HandedPaper {
    /// Key of the procedure's paper it is.
    pub requirement: String,
    /// What was given, which need not be what is wanted.
    pub form: PaperForm,
    /// How many of it.
    #[cfg_attr(feature = "schema", schema(minimum = 1, maximum = 99))]
    pub quantity: u8,
}

/// What was handed over on paper with a request.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct HandedOver {
    /// Sets of the whole file; one when not said.
    #[serde(default = "one")]
    #[cfg_attr(feature = "schema", schema(minimum = 1, maximum = 99))]
    pub sets: u8,
    pub papers: Vec<HandedPaper>,
}

fn one() -> u8 {
    1
}

impl HandedOver {
    /// Keys of the papers that were handed over.
    pub fn keys(&self) -> impl Iterator<Item = &str> {
        self.papers.iter().map(|paper| paper.requirement.as_str())
    }

    /// All that is wrong with it, each at its place. The original and copies of one paper are two lines;
    /// the same line twice is a slip.
    pub fn check(&self, requirements: &[Requirement]) -> Vec<FieldError> {
        let mut errors = Vec::new();
        let mut wrong = |place: String, code| errors.push(FieldError::plain(place, code));
        if let Some(code) = out_of_range(self.sets) {
            wrong("/sets".to_owned(), code);
        }
        for (at, paper) in self.papers.iter().enumerate() {
            let place = |name: &str| format!("/papers/{at}/{name}");
            if !requirements.iter().any(|known| known.key == paper.requirement) {
                wrong(place("requirement"), ErrorCode::FieldChoice);
            }
            if let Some(code) = out_of_range(paper.quantity) {
                wrong(place("quantity"), code);
            }
            let same =
                |other: &&HandedPaper| (&other.requirement, other.form) == (&paper.requirement, paper.form);
            if self.papers.iter().take(at).any(|other| same(&other)) {
                wrong(place("requirement"), ErrorCode::FieldDuplicate);
            }
        }
        errors
    }
}

fn out_of_range(figure: u8) -> Option<ErrorCode> {
    match figure {
        0 => Some(ErrorCode::FieldTooSmall),
        1..=MOST => None,
        _ => Some(ErrorCode::FieldTooLarge),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::procedure::Condition;
    use crate::text::Text;

    fn wanted() -> Vec<Requirement> {
        ["request", "judgment"]
            .map(|key| Requirement {
                key: key.to_owned(),
                name: Text::new(key, key),
                hint: None,
                form: PaperForm::CertifiedCopy,
                quantity: 1,
                required: Condition::Always,
                basis: Vec::new(),
            })
            .to_vec()
    }

    fn paper(requirement: &str, form: PaperForm, quantity: u8) -> HandedPaper {
        HandedPaper { requirement: requirement.to_owned(), form, quantity }
    }

    fn wrong(sets: u8, papers: Vec<HandedPaper>) -> Vec<(String, ErrorCode)> {
        let errors = HandedOver { sets, papers }.check(&wanted());
        errors.into_iter().map(|error| (error.pointer, error.code)).collect()
    }

    #[test]
    fn original_and_copies_of_a_paper_are_two_lines() {
        let papers = vec![
            paper("request", PaperForm::Original, 1),
            paper("judgment", PaperForm::Original, 1),
            paper("judgment", PaperForm::PlainCopy, 99),
        ];
        assert_eq!(wrong(99, papers), []);
        assert_eq!(wrong(1, Vec::new()), []);
    }

    #[test]
    fn all_that_is_wrong_is_named_at_its_place() {
        let papers = vec![
            paper("letter", PaperForm::Original, 1),
            paper("judgment", PaperForm::PlainCopy, 0),
            paper("judgment", PaperForm::PlainCopy, 100),
        ];
        let expected = [
            ("/sets", ErrorCode::FieldTooSmall),
            ("/papers/0/requirement", ErrorCode::FieldChoice),
            ("/papers/1/quantity", ErrorCode::FieldTooSmall),
            ("/papers/2/quantity", ErrorCode::FieldTooLarge),
            ("/papers/2/requirement", ErrorCode::FieldDuplicate),
        ];
        assert_eq!(wrong(0, papers), expected.map(|(at, code)| (at.to_owned(), code)));
    }

    #[test]
    fn sets_need_not_be_said() {
        let read: HandedOver = serde_json::from_str(r#"{"papers":[]}"#).unwrap();
        assert_eq!(read, HandedOver { sets: 1, papers: Vec::new() });
        assert!(serde_json::from_str::<HandedOver>(r#"{"papers":[],"pages":3}"#).is_err());
    }
}
