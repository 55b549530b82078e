//! The papers a procedure asks for, and when.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::BasisKey;
use crate::text::Text;
use crate::words::words;

words! {
    /// In which form the paper is accepted.
    PaperForm {
        Original => "original",
        CertifiedCopy => "certified_copy",
        PlainCopy => "plain_copy",
    }
}

/// When a paper is wanted. A comparison with one answer, never an expression.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Condition {
    Always,
    /// Advisable, never demanded.
    Never,
    /// The answer at the JSON pointer is one of these texts; for a list, any member is.
    AnswerIn {
        pointer: String,
        values: Vec<String>,
    },
}

impl Condition {
    pub fn holds(&self, answers: &Value) -> bool {
        match self {
            Self::Always => true,
            Self::Never => false,
            Self::AnswerIn { pointer, values } => match answers.pointer(pointer) {
                Some(Value::String(text)) => values.contains(text),
                Some(Value::Bool(flag)) => values.iter().any(|value| *value == flag.to_string()),
                Some(Value::Array(list)) => list
                    .iter()
                    .any(|item| item.as_str().is_some_and(|text| values.iter().any(|value| value == text))),
                Some(Value::Null | Value::Number(_) | Value::Object(_)) | None => false,
            },
        }
    }
}

/// A paper the definition asks for.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct Requirement {
    pub key: String,
    pub name: Text,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hint: Option<Text>,
    pub form: PaperForm,
    /// How many sheets or copies of it.
    pub quantity: u8,
    pub required: Condition,
    pub basis: Vec<BasisKey>,
}

/// Papers that are wanted for these answers and not there. Told completely and once.
/// Law: D61 a.15 (missing items are told once, completely and exactly).
pub fn missing<'a>(
    requirements: &'a [Requirement],
    answers: &Value,
    present: &[String],
) -> Vec<&'a Requirement> {
    requirements
        .iter()
        .filter(|requirement| requirement.required.holds(answers) && !present.contains(&requirement.key))
        .collect()
}
