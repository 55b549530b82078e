//! The catalogue's form as fields of a page, and what a browser sent back as answers.
//!
//! The schema stays the only judge of the answers: here they are only asked for and read. A value
//! that cannot be read is kept as it was typed, so that the schema refuses it and nothing is lost.

use std::collections::BTreeSet;

use chrono::NaiveDate;
use motcua_domain::answers;
use motcua_domain::error_code::FieldError;
use motcua_domain::procedure::form::{Field, Page, Widget};
use motcua_domain::procedure::{Condition, ProcedureVersion};
use serde_json::{Map, Value};

use super::frame::Frame;
use super::submitted::Submitted;

/// One choice as it is shown.
#[derive(Debug, Clone)]
pub struct ChoiceView {
    pub value: String,
    pub label: String,
    pub chosen: bool,
}

/// One field as it is shown.
#[derive(Debug, Clone)]
pub struct FieldView {
    /// Its JSON pointer: also its name in the form.
    pub name: String,
    pub label: String,
    pub hint: Option<String>,
    pub widget: Widget,
    pub value: String,
    pub choices: Vec<ChoiceView>,
    pub required: bool,
    pub mistake: Option<String>,
    /// The field it depends on and the values it is asked for, for the script to show and hide it.
    pub depends: Option<(String, String)>,
    pub shown: bool,
    pub items: Vec<Vec<FieldView>>,
}

impl FieldView {
    /// An id that HTML and CSS take.
    pub fn id(&self) -> String {
        self.name.trim_start_matches('/').replace('/', "-")
    }

    /// The language of what is typed, where a text is asked for in both, or both stand in one.
    pub fn lang(&self) -> Option<&'static str> {
        let ends = |end| self.name.ends_with(end);
        [("_en", "en"), ("_vi", "vi"), ("/template", "mul")]
            .into_iter()
            .find_map(|(end, lang)| ends(end).then_some(lang))
    }

    /// Lines a long text is given: those it has and some more.
    pub fn rows(&self) -> usize {
        self.value.lines().count().saturating_add(2).clamp(4, 24)
    }

    /// What assistive technology reads with it.
    pub fn described(&self) -> String {
        let hint = self.hint.is_some().then(|| format!("{}-hint", self.id()));
        let mistake = self.mistake.is_some().then(|| format!("{}-mistake", self.id()));
        hint.into_iter().chain(mistake).collect::<Vec<_>>().join(" ")
    }

    /// Answered in words, for reading back.
    pub fn words(&self) -> String {
        match self.widget {
            Widget::Choice | Widget::Choices | Widget::Checkbox => self
                .choices
                .iter()
                .filter(|choice| choice.chosen)
                .map(|choice| choice.label.as_str())
                .collect::<Vec<_>>()
                .join("; "),
            Widget::Text | Widget::LongText | Widget::Date | Widget::Money | Widget::Number => {
                self.value.clone()
            }
            Widget::Email | Widget::Phone | Widget::List => self.value.clone(),
        }
    }

    /// True for what people wrote themselves, in Vietnamese whatever the language of the page.
    pub fn typed(&self) -> bool {
        !matches!(self.widget, Widget::Choice | Widget::Choices | Widget::Checkbox)
    }

    pub fn answered(&self) -> bool {
        !self.words().is_empty() || !self.items.is_empty()
    }
}

/// Shows a page of the form with these answers and mistakes.
pub struct Showing<'a> {
    pub frame: &'a Frame,
    pub definition: &'a ProcedureVersion,
    pub answers: &'a Value,
    pub errors: &'a [FieldError],
}

/// One page of the form, read back.
pub struct Answered {
    pub key: String,
    pub title: String,
    pub fields: Vec<FieldView>,
}

impl Showing<'_> {
    /// All that was asked, page by page.
    pub fn read_back(&self) -> Vec<Answered> {
        let asked = self.definition.layout.pages.iter().filter(|page| asks(page, self.answers));
        asked
            .map(|page| Answered {
                key: page.key.clone(),
                title: self.frame.text(&page.title).to_owned(),
                fields: self.fields(page).into_iter().filter(|field| field.shown).collect(),
            })
            .collect()
    }

    pub fn fields(&self, page: &Page) -> Vec<FieldView> {
        page.fields.iter().map(|field| self.field(page, field, "")).collect()
    }

    /// One field by its pointer, wherever in the layout it is.
    pub fn find(&self, pointer: &str) -> Option<FieldView> {
        let (page, field) = layout_field(self.definition, pointer)?;
        Some(self.field(page, field, pointer.strip_suffix(&field.pointer)?))
    }

    fn field(&self, page: &Page, field: &Field, within: &str) -> FieldView {
        let name = format!("{within}{}", field.pointer);
        let given = self.answers.pointer(&name);
        let checked = |value: &str| match given {
            Some(Value::Array(list)) => list.iter().any(|each| each == value),
            Some(Value::Bool(flag)) => *flag,
            Some(given) => given == value,
            None => false,
        };
        let label = self.frame.text(&field.label).to_owned();
        let choices = match field.widget {
            Widget::Checkbox => {
                vec![ChoiceView { value: "true".to_owned(), label: label.clone(), chosen: checked("true") }]
            }
            _ => field
                .choices
                .iter()
                .map(|choice| ChoiceView {
                    value: choice.value.clone(),
                    label: self.frame.text(&choice.label).to_owned(),
                    chosen: checked(&choice.value),
                })
                .collect(),
        };
        let entries = given.and_then(Value::as_array).map_or(0, Vec::len);
        let items = if field.widget == Widget::List {
            (0..entries)
                .map(|at| {
                    field
                        .fields
                        .iter()
                        .map(|inner| self.field(page, inner, &format!("{name}/{at}")))
                        .collect()
                })
                .collect()
        } else {
            Vec::new()
        };
        FieldView {
            label,
            hint: field.hint.as_ref().map(|hint| self.frame.text(hint).to_owned()),
            widget: field.widget,
            value: shown(field.widget, given),
            choices,
            required: required(&self.definition.schema, &name),
            mistake: self
                .errors
                .iter()
                .find(|error| error.pointer == name)
                .map(|error| self.frame.text(&error.text).to_owned()),
            depends: match &field.show {
                Some(Condition::AnswerIn { pointer, values }) => Some((pointer.clone(), values.join("|"))),
                Some(Condition::Always | Condition::Never) | None => None,
            },
            shown: asked(page, field, self.answers),
            items,
            name,
        }
    }

    /// The mistakes of this page with the field each belongs to, for the summary on top.
    pub fn mistakes(&self, page: &Page) -> Vec<(String, String)> {
        self.errors
            .iter()
            .filter(|error| on_page(page, &error.pointer))
            .map(|error| {
                let field = self.find(&error.pointer);
                let id = field.as_ref().map_or_else(|| page.key.clone(), FieldView::id);
                let label = field.map(|field| format!("{}: ", field.label)).unwrap_or_default();
                (id, format!("{label}{}", self.frame.text(&error.text)))
            })
            .collect()
    }
}

/// What the layout says of the field at a pointer, and its page; one inside a list is named with
/// its place there.
pub fn layout_field<'a>(definition: &'a ProcedureVersion, pointer: &str) -> Option<(&'a Page, &'a Field)> {
    let fits = |field: &'a Field| {
        if field.pointer == pointer {
            return Some(field);
        }
        let (_, inner) = pointer.strip_prefix(&format!("{}/", field.pointer))?.split_once('/')?;
        field.fields.iter().find(|each| each.pointer.strip_prefix('/') == Some(inner))
    };
    definition.layout.pages.iter().find_map(|page| Some((page, page.fields.iter().find_map(fits)?)))
}

/// True when a page asks something of these answers.
pub fn asks(page: &Page, answers: &Value) -> bool {
    page.fields.iter().any(|field| asked(page, field, answers))
}

/// True when an error at this pointer belongs to a field of the page, or to what leads to one.
pub fn on_page(page: &Page, pointer: &str) -> bool {
    page.fields.iter().any(|field| {
        let under = |outer: &str, inner: &str| {
            inner == outer || inner.strip_prefix(outer).is_some_and(|rest| rest.starts_with('/'))
        };
        under(&field.pointer, pointer) || (!pointer.is_empty() && under(pointer, &field.pointer))
    })
}

/// Asked when the answer it depends on says so, or while that is still being asked beside it.
fn asked(page: &Page, field: &Field, answers: &Value) -> bool {
    match &field.show {
        Some(Condition::AnswerIn { pointer, .. }) if answers.pointer(pointer).is_none() => page
            .fields
            .iter()
            .find(|other| other.pointer == *pointer)
            .is_some_and(|other| asked(page, other, answers)),
        Some(condition) => condition.holds(answers),
        None => true,
    }
}

fn shown(widget: Widget, given: Option<&Value>) -> String {
    match given {
        Some(Value::String(text)) if widget == Widget::Date => {
            text.parse::<NaiveDate>().map_or_else(|_| text.clone(), |day| day.format("%d/%m/%Y").to_string())
        }
        Some(Value::String(text)) => text.clone(),
        Some(Value::Number(number)) => match number.as_u64() {
            Some(amount) if widget == Widget::Money => Frame::default().money(&amount).replace("\u{a0}đ", ""),
            Some(_) | None => number.to_string(),
        },
        Some(Value::Bool(_) | Value::Null | Value::Array(_) | Value::Object(_)) | None => String::new(),
    }
}

/// What the schema says of the place a pointer leads to.
fn schema_at<'a>(schema: &'a Value, pointer: &str) -> Option<&'a Value> {
    pointer.split('/').skip(1).try_fold(schema, |here, name| match name.parse::<usize>() {
        Ok(_) => here.get("items"),
        Err(_) => here.get("properties")?.get(name),
    })
}

/// True for a part of the form that holds fields, rather than a field.
pub fn is_part(schema: &Value, pointer: &str) -> bool {
    schema_at(schema, pointer).and_then(|found| found.get("type")).is_some_and(|kind| kind == "object")
}

/// True when the schema demands a property of the object it stands in.
fn required(schema: &Value, pointer: &str) -> bool {
    let Some((parent, last)) = pointer.rsplit_once('/') else { return false };
    let wanted = schema_at(schema, parent).and_then(|found| found.get("required")?.as_array());
    wanted.is_some_and(|all| all.iter().any(|each| each == last))
}

/// Reads what was typed on a page into the answers.
pub fn read(page: &Page, submitted: &Submitted, answers: &mut Value) {
    for field in &page.fields {
        match field.widget {
            Widget::List => read_list(field, submitted, answers),
            _ => put(answers, &field.pointer, value(field, &field.pointer, submitted)),
        }
    }
    // What is no longer asked is no longer answered.
    for field in &page.fields {
        if let Some(condition @ Condition::AnswerIn { pointer, .. }) = &field.show
            && answers.pointer(pointer).is_some()
            && !condition.holds(answers)
        {
            answers::remove(answers, &field.pointer);
        }
    }
}

fn put(all: &mut Value, pointer: &str, value: Option<Value>) {
    match value {
        Some(value) => {
            answers::set(all, pointer, value);
        }
        None => answers::remove(all, pointer),
    }
}

/// Whole đồng as people write them: `1.234.567 đ`.
pub fn amount(text: &str) -> Option<u64> {
    let digits: String = text.chars().filter(|c| !matches!(c, '.' | ' ' | '\u{a0}' | 'đ')).collect();
    digits.parse().ok()
}

/// A day as people write it: `05/12/2026`.
pub fn day(text: &str) -> Option<NaiveDate> {
    NaiveDate::parse_from_str(text, "%d/%m/%Y").ok()
}

/// The value of one field, at this place in the form.
pub fn value(field: &Field, name: &str, submitted: &Submitted) -> Option<Value> {
    match field.widget {
        Widget::Choices => {
            let chosen: Vec<Value> =
                submitted.all(name).map(|value| Value::String(value.to_owned())).collect();
            (!chosen.is_empty()).then_some(Value::Array(chosen))
        }
        Widget::Checkbox => submitted.given(name).map(|_| Value::Bool(true)),
        Widget::Money | Widget::Number => {
            submitted.given(name).map(|text| amount(&text).map_or(Value::String(text), Value::from))
        }
        Widget::Date => submitted
            .given(name)
            .map(|text| Value::String(day(&text).map_or(text, |day| day.format("%Y-%m-%d").to_string()))),
        Widget::Phone => submitted
            .given(name)
            .map(|text| Value::String(text.chars().filter(|c| !matches!(c, ' ' | '.' | '-')).collect())),
        Widget::Text | Widget::LongText | Widget::Choice | Widget::Email | Widget::List => {
            submitted.given(name).map(|text| Value::String(text.replace("\r\n", "\n")))
        }
    }
}

/// Entries in their order; one that holds nothing is left out, one that was removed too.
fn read_list(field: &Field, submitted: &Submitted, answers: &mut Value) {
    let start = format!("{}/", field.pointer);
    let places: BTreeSet<usize> = submitted
        .typed()
        .filter_map(|(name, _)| name.strip_prefix(&start)?.split('/').next()?.parse().ok())
        .collect();
    let removed = submitted.get("_remove");
    let mut entries = Vec::new();
    for at in places {
        let within = format!("{start}{at}");
        if removed == Some(within.as_str()) {
            continue;
        }
        let mut entry = Value::Object(Map::new());
        for inner in &field.fields {
            put(&mut entry, &inner.pointer, value(inner, &format!("{within}{}", inner.pointer), submitted));
        }
        if entry.as_object().is_some_and(|map| !map.is_empty()) {
            entries.push(entry);
        }
    }
    if submitted.get("_add") == Some(field.pointer.as_str()) {
        entries.push(Value::Object(Map::new()));
    }
    put(answers, &field.pointer, (!entries.is_empty()).then_some(Value::Array(entries)));
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn page(fields: Value) -> Page {
        serde_json::from_value(json!({ "key": "p", "title": { "vi": "", "en": "" }, "fields": fields }))
            .unwrap()
    }

    fn field(pointer: &str, widget: &str) -> Value {
        json!({ "pointer": pointer, "widget": widget, "label": { "vi": "", "en": "" } })
    }

    #[test]
    fn what_people_type_becomes_answers() {
        let page = page(json!([
            field("/judgment/date", "date"),
            field("/cost/total", "money"),
            field("/phone", "phone"),
            field("/commitment", "checkbox"),
            field("/grounds", "choices"),
            field("/note", "long_text"),
        ]));
        let sent = Submitted::of(&[
            ("/judgment/date", "05/12/2026"),
            ("/cost/total", " 1.234.567 đ "),
            ("/phone", "0903 123.456"),
            ("/commitment", "true"),
            ("/grounds", "delay"),
            ("/grounds", "interest"),
            ("/note", "một\r\nhai"),
        ]);
        let mut answers = json!({});
        read(&page, &sent, &mut answers);
        assert_eq!(
            answers,
            json!({
                "judgment": { "date": "2026-12-05" }, "cost": { "total": 1_234_567 }, "phone": "0903123456",
                "commitment": true, "grounds": ["delay", "interest"], "note": "một\nhai",
            })
        );
    }

    #[test]
    fn what_cannot_be_read_is_kept_for_the_schema_to_refuse() {
        let page = page(json!([field("/judgment/date", "date"), field("/cost/total", "money")]));
        let mut answers = json!({});
        let sent = Submitted::of(&[("/judgment/date", "31/02/2026"), ("/cost/total", "nhiều")]);
        read(&page, &sent, &mut answers);
        assert_eq!(answers, json!({ "judgment": { "date": "31/02/2026" }, "cost": { "total": "nhiều" } }));
        // Emptied fields leave nothing behind, not even the part they stood in.
        read(&page, &Submitted::of(&[("/judgment/date", ""), ("/cost/total", " ")]), &mut answers);
        assert_eq!(answers, json!({}));
    }

    #[test]
    fn lists_grow_and_shrink_without_script() {
        let mut list = field("/claims", "list");
        list["fields"] = json!([field("/description", "text"), field("/amount", "money")]);
        let page = page(json!([list]));
        let mut answers = json!({});
        let typed = [
            ("/claims/0/description", "tiền vay"),
            ("/claims/1/description", "lãi"),
            ("/claims/1/amount", "5.000"),
        ];
        read(&page, &Submitted::of(&[&typed[..], &[("_add", "/claims")]].concat()), &mut answers);
        assert_eq!(
            answers["claims"],
            json!([
                { "description": "tiền vay" }, { "description": "lãi", "amount": 5000 }, {},
            ])
        );
        read(&page, &Submitted::of(&[&typed[..], &[("_remove", "/claims/0")]].concat()), &mut answers);
        assert_eq!(answers["claims"], json!([{ "description": "lãi", "amount": 5000 }]));
        read(&page, &Submitted::of(&[]), &mut answers);
        assert_eq!(answers, json!({}));
    }

    #[test]
    fn what_is_no_longer_asked_is_no_longer_answered() {
        let mut dependent = field("/applicant/birth", "date");
        dependent["show"] =
            json!({ "answer_in": { "pointer": "/applicant/kind", "values": ["individual"] } });
        let page = page(json!([field("/applicant/kind", "choice"), dependent]));
        let mut answers = json!({});
        let both = [("/applicant/kind", "organisation"), ("/applicant/birth", "01/02/1980")];
        read(&page, &Submitted::of(&both), &mut answers);
        assert_eq!(answers, json!({ "applicant": { "kind": "organisation" } }));
        // Not decided yet: nothing typed is thrown away.
        let mut answers = json!({});
        read(&page, &Submitted::of(&both[1..]), &mut answers);
        assert_eq!(answers, json!({ "applicant": { "birth": "1980-02-01" } }));
    }
}
