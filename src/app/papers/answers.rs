//! What was answered, as a paper prints it: each question with its answer in words.

use chrono::NaiveDate;
use motcua_domain::procedure::form::{Field, Page, Widget};
use motcua_domain::text::Language;
use serde_json::{Value, json};

use super::compose::{Source, amount, date};

/// The answered questions by page of the form, but for those the paper tells otherwise.
pub(super) fn pages(source: &Source<'_>, language: Language, is_told: impl Fn(&str) -> bool) -> Vec<Value> {
    let page = |page: &Page| {
        let rows = rows(source, page, language, &is_told);
        (!rows.is_empty()).then(|| json!({ "title": page.title.say(language), "rows": rows }))
    };
    source.definition.layout.pages.iter().filter_map(page).collect()
}

/// The answered questions of a page, in its order. An entry of a list has rows of its own.
fn rows(source: &Source<'_>, page: &Page, language: Language, is_told: &impl Fn(&str) -> bool) -> Vec<Value> {
    let mut rows = Vec::new();
    for field in page.fields.iter().filter(|field| !is_told(&field.pointer)) {
        let Some(given) = source.answers.pointer(&field.pointer) else { continue };
        match (field.widget, given) {
            (Widget::List, Value::Array(entries)) => {
                let known = source.word("entry", &field.pointer, language);
                let name = if known == field.pointer { field.label.say(language) } else { &known };
                for (given, number) in entries.iter().zip(1_u32..) {
                    let inner = entry(source, field, given, language, |_| false);
                    rows.push(json!({ "label": format!("{name} {number}"), "rows": inner }));
                }
            }
            _ => rows.extend(row(source, field, given, language)),
        }
    }
    rows
}

/// The rows of one entry of a list.
pub(super) fn entry(
    source: &Source<'_>,
    list: &Field,
    given: &Value,
    language: Language,
    is_told: impl Fn(&str) -> bool,
) -> Vec<Value> {
    let fields = list.fields.iter().filter(|field| !is_told(&field.pointer));
    fields.filter_map(|field| row(source, field, given.pointer(&field.pointer)?, language)).collect()
}

fn row(source: &Source<'_>, field: &Field, given: &Value, language: Language) -> Option<Value> {
    let value = said(source, field, given, language)?;
    Some(json!({ "label": field.label.say(language), "value": value }))
}

fn said(source: &Source<'_>, field: &Field, given: &Value, language: Language) -> Option<String> {
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
        (_, Value::Bool(yes)) => Some(source.word("answer", if *yes { "yes" } else { "no" }, language)),
        (_, Value::String(text)) => Some(text.clone()),
        (_, Value::Number(number)) => Some(number.to_string()),
        (_, Value::Null | Value::Array(_) | Value::Object(_)) => None,
    }
}
