//! What was typed into the form of an act: read as the body the API takes, and put back with what is
//! wrong at its field.

use chrono::NaiveDate;
use motcua_domain::calendar::vietnam;
use motcua_domain::error_code::FieldError;
use motcua_domain::procedure::form::Widget;
use serde_json::{Map, Value, json};

use super::acts::{ActForm, MOMENT};
use crate::pages::form::FieldView;
use crate::pages::frame::Frame;
use crate::pages::submitted::Submitted;

/// Before the names of the reason and the note of a place in a supplement request.
const WHY: &str = "why:";
const NOTE: &str = "note:";

impl ActForm {
    fn plain<'a>(&self, field: &'a FieldView) -> &'a str {
        field.name.rsplit('/').next().unwrap_or_default()
    }

    /// The body the API takes, as far as it could be read; what could not is refused by its type.
    pub fn said(&self, sent: &Submitted) -> Value {
        let mut said: Map<String, Value> =
            self.fixed.iter().map(|(name, value)| ((*name).to_owned(), value.clone())).collect();
        for field in &self.fields {
            let typed = sent.given(&field.name);
            let value = match field.widget {
                // Lines of a list are told by their numbers.
                Widget::Choices => {
                    let number = |text: &str| text.parse::<u64>().map_or(Value::from(text), Value::from);
                    Some(sent.all(&field.name).map(number).collect())
                }
                Widget::Money | Widget::Number => typed.or(Some(String::new())).map(|text| {
                    let digits: String =
                        text.chars().filter(|c| !matches!(c, '.' | ' ' | '\u{a0}' | 'đ' | '%')).collect();
                    digits.parse::<u64>().map_or(Value::String(text), Value::from)
                }),
                Widget::Date => typed.or(Some(String::new())).map(|text| {
                    let day = NaiveDate::parse_from_str(&text, "%d/%m/%Y");
                    Value::String(day.map_or(text, |day| day.format("%Y-%m-%d").to_string()))
                }),
                _ if self.plain(field) == "paid_at" => typed.or(Some(String::new())).map(moment),
                _ => typed
                    .or(field.required.then(String::new))
                    .map(|text| Value::String(text.replace("\r\n", "\n"))),
            };
            if let Some(value) = value {
                said.insert(self.plain(field).to_owned(), value);
            }
        }
        if !self.places.is_empty() {
            said.insert("items".to_owned(), self.items(sent));
        }
        if let Some(handed) = &self.handed {
            said.insert("handed_over".to_owned(), handed.said(sent));
        }
        Value::Object(said)
    }

    fn items(&self, sent: &Submitted) -> Value {
        let places = self.places.iter().flat_map(|group| &group.places);
        places
            .filter_map(|place| {
                let reason = sent.given(&format!("{WHY}{}", place.target))?;
                let mut item = Map::from_iter([("reason".to_owned(), Value::String(reason))]);
                let (kind, at) = place.target.split_once(':')?;
                let name = if kind == "paper" { "requirement" } else { "field" };
                item.insert(name.to_owned(), json!(at));
                if let Some(note) = sent.given(&format!("{NOTE}{}", place.target)) {
                    item.insert("note".to_owned(), Value::String(note));
                }
                Some(Value::Object(item))
            })
            .collect()
    }

    /// What was typed, put back; and what is wrong with it, at its field.
    pub fn refill(&mut self, f: &Frame, sent: &Submitted, errors: &[FieldError]) {
        for field in &mut self.fields {
            let typed: Vec<&str> = sent.all(&field.name).collect();
            for choice in &mut field.choices {
                choice.chosen = typed.contains(&choice.value.as_str());
            }
            typed.first().copied().unwrap_or_default().clone_into(&mut field.value);
            let name = field.name.rsplit('/').next().unwrap_or_default();
            field.mistake = errors
                .iter()
                .find(|error| error.pointer.split('/').nth(1) == Some(name))
                .map(|error| f.text(&error.text).to_owned());
        }
        if let Some(handed) = &mut self.handed {
            handed.refill(f, sent, errors);
        }
        for group in &mut self.places {
            for place in &mut group.places {
                let reason = sent.given(&format!("{WHY}{}", place.target));
                for choice in &mut place.reasons {
                    choice.chosen = Some(&choice.value) == reason.as_ref();
                }
                place.note = sent.given(&format!("{NOTE}{}", place.target)).unwrap_or_default();
                group.open |= reason.is_some() || !place.note.is_empty();
            }
        }
    }

    /// The field an error belongs to, for the summary on top.
    pub fn place_of(&self, error: &FieldError) -> Option<&FieldView> {
        let name = error.pointer.split('/').nth(1)?;
        self.fields.iter().find(|field| self.plain(field) == name)
    }
}

/// A moment as it is typed here, in the form the API takes.
fn moment(text: String) -> Value {
    let read = chrono::NaiveDateTime::parse_from_str(&text, MOMENT).ok();
    let at = read.and_then(|at| at.and_local_timezone(vietnam()).single());
    Value::String(at.map_or(text, |at| at.to_rfc3339()))
}
