//! What was answered, as a paper prints it: each question with its answer in words.

use chrono::NaiveDate;
use motcua_domain::procedure::form::{Field, Page, Widget};
use motcua_domain::text::Language;
use serde_json::{Value, json};

use super::compose::{amount, date};

/// The answered questions of a page of the form, in its order.
/// `yes` is what a box that was ticked says.
pub(super) fn rows(page: &Page, answers: &Value, yes: &str, language: Language) -> Vec<Value> {
    let mut rows = Vec::new();
    for field in &page.fields {
        let Some(given) = answers.pointer(&field.pointer) else { continue };
        match (field.widget, given) {
            (Widget::List, Value::Array(entries)) => {
                for (entry, number) in entries.iter().zip(1_u32..) {
                    let parts: Vec<String> = field
                        .fields
                        .iter()
                        .filter_map(|inner| {
                            let given = entry.pointer(&inner.pointer)?;
                            Some(format!(
                                "{}: {}",
                                inner.label.say(language),
                                said(inner, given, yes, language)?
                            ))
                        })
                        .collect();
                    let label = format!("{} {number}", field.label.say(language));
                    rows.push(json!({ "label": label, "value": parts.join("; ") }));
                }
            }
            _ => {
                if let Some(value) = said(field, given, yes, language) {
                    rows.push(json!({ "label": field.label.say(language), "value": value }));
                }
            }
        }
    }
    rows
}

fn said(field: &Field, given: &Value, yes: &str, language: Language) -> Option<String> {
    let chosen = |value: &str| {
        let known = field.choices.iter().find(|choice| choice.value == value);
        known.map_or(value, |choice| choice.label.say(language)).to_owned()
    };
    match (field.widget, given) {
        (Widget::Choice, Value::String(value)) => Some(chosen(value)),
        (Widget::Choices, Value::Array(values)) => {
            Some(values.iter().filter_map(Value::as_str).map(chosen).collect::<Vec<_>>().join("; "))
        }
        (Widget::Date, Value::String(text)) => Some(text.parse::<NaiveDate>().map_or(text.clone(), date)),
        (Widget::Money, Value::Number(number)) => number.as_u64().map(amount),
        (_, Value::Bool(true)) => Some(yes.to_owned()),
        (_, Value::String(text)) => Some(text.clone()),
        (_, Value::Number(number)) => Some(number.to_string()),
        (_, Value::Bool(false) | Value::Null | Value::Array(_) | Value::Object(_)) => None,
    }
}
