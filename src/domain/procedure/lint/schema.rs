//! The form: a closed set of schema keywords, bounds on everything, and a layout that asks for
//! every field exactly once with the very choices the schema allows.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value};

use super::Findings;
use crate::procedure::form::{Field, Widget};
use crate::procedure::{Condition, Form, ProcedureVersion, ReasonUse};

/// The part of JSON Schema forms may use: what `Form::check` has a sentence for.
const KEYWORDS: [&str; 20] = [
    "type",
    "properties",
    "required",
    "additionalProperties",
    "enum",
    "const",
    "format",
    "pattern",
    "minLength",
    "maxLength",
    "minItems",
    "maxItems",
    "uniqueItems",
    "minimum",
    "maximum",
    "items",
    "$ref",
    "$defs",
    "if",
    "then",
];
const FORMATS: [&str; 3] = ["date", "email", "safe-text"];
/// Schemas nest and refer no deeper than this.
const DEEPEST: u8 = 12;

/// Fields by pointer; an entry of a list is written `*`.
type Fields<'a> = BTreeMap<String, &'a Map<String, Value>>;

pub(super) fn check(version: &ProcedureVersion, found: &mut Findings) {
    if let Err(error) = Form::compile(&version.schema) {
        found.add("schema", error);
    }
    let Some(root) = version.schema.as_object() else {
        return found.add("schema", "is not an object");
    };
    keywords(root, "schema", 0, found);
    let mut fields = Fields::new();
    let forms = Schema { defs: root.get("$defs").and_then(Value::as_object) };
    forms.fields(root, String::new(), 0, &mut fields, found);
    layout(version, &fields, found);
    conditions(version, &fields, found);
    lists_agree(version, &fields, found);
}

/// Only known keywords; `if` and `then` only at the top or in a rule of `$defs`.
fn keywords(schema: &Map<String, Value>, at: &str, depth: u8, found: &mut Findings) {
    if depth > DEEPEST {
        return found.add(at, "is nested too deeply");
    }
    for (key, value) in schema {
        let here = format!("{at}/{key}");
        let known = KEYWORDS.contains(&key.as_str()) || (key == "$schema" && depth == 0);
        found.unless(known, &here, "is not a keyword forms may use");
        match key.as_str() {
            "properties" | "$defs" => {
                for (name, part) in value.as_object().into_iter().flatten() {
                    part_of(part, &format!("{here}/{name}"), depth, found);
                }
            }
            "items" => part_of(value, &here, depth, found),
            "if" | "then" => {
                let rule = at == "schema"
                    || at.strip_prefix("schema/$defs/").is_some_and(|name| !name.contains('/'));
                found.unless(rule, &here, "stands below the top of the form");
                part_of(value, &here, depth, found);
            }
            "$ref" => {
                let local = value.as_str().is_some_and(|to| to.starts_with("#/$defs/"));
                found.unless(local, &here, "refers outside $defs");
            }
            "format" => {
                let known = value.as_str().is_some_and(|format| FORMATS.contains(&format));
                found.unless(known, &here, "is not a format forms may use");
            }
            _ => {}
        }
    }
}

fn part_of(value: &Value, at: &str, depth: u8, found: &mut Findings) {
    match value.as_object() {
        Some(part) => keywords(part, at, depth.saturating_add(1), found),
        None => found.add(at, "is not a schema"),
    }
}

struct Schema<'a> {
    defs: Option<&'a Map<String, Value>>,
}

impl<'a> Schema<'a> {
    fn resolve(&self, schema: &'a Map<String, Value>) -> &'a Map<String, Value> {
        let named = schema.get("$ref").and_then(Value::as_str).and_then(|to| to.strip_prefix("#/$defs/"));
        named.and_then(|name| self.defs?.get(name)?.as_object()).unwrap_or(schema)
    }

    /// Collects the fields and demands bounds on each.
    fn fields(
        &self,
        schema: &'a Map<String, Value>,
        at: String,
        depth: u8,
        into: &mut Fields<'a>,
        found: &mut Findings,
    ) {
        // The top may refer to a rule; its own properties still count.
        let schema = if schema.contains_key("properties") { schema } else { self.resolve(schema) };
        let place = format!("schema{at}");
        if depth > DEEPEST {
            return found.add(place, "is nested too deeply");
        }
        match schema.get("type").and_then(Value::as_str) {
            Some("object") => {
                let closed = schema.get("additionalProperties") == Some(&Value::Bool(false));
                found.unless(closed, &place, "takes unknown fields");
                let properties = schema.get("properties").and_then(Value::as_object);
                found.unless(properties.is_some_and(|fields| !fields.is_empty()), &place, "has no fields");
                for name in schema.get("required").and_then(Value::as_array).into_iter().flatten() {
                    let known = name
                        .as_str()
                        .is_some_and(|name| properties.is_some_and(|fields| fields.contains_key(name)));
                    found.unless(known, &place, format!("requires {name}, which is no field"));
                }
                for (name, part) in properties.into_iter().flatten() {
                    if let Some(part) = part.as_object() {
                        self.fields(part, format!("{at}/{name}"), depth.saturating_add(1), into, found);
                    }
                }
            }
            Some("array") => {
                found.unless(schema.contains_key("maxItems"), &place, "has no maxItems");
                let items = schema.get("items").and_then(Value::as_object).map(|items| self.resolve(items));
                let Some(items) = items else { return found.add(place, "does not say what its entries are") };
                if items.get("type").and_then(Value::as_str) == Some("object") {
                    self.fields(items, format!("{at}/*"), depth.saturating_add(1), into, found);
                } else {
                    bounded(items, &place, found);
                }
                into.insert(at, schema);
            }
            _ => {
                bounded(schema, &place, found);
                into.insert(at, schema);
            }
        }
    }

    /// The closed choices of a field: its own, or those of its entries.
    fn choices(&self, field: &'a Map<String, Value>) -> Option<Vec<&'a str>> {
        let field = match field.get("items").and_then(Value::as_object) {
            Some(items) => self.resolve(items),
            None => field,
        };
        let values = field.get("enum")?.as_array()?;
        Some(values.iter().filter_map(Value::as_str).collect())
    }
}

fn bounded(field: &Map<String, Value>, at: &str, found: &mut Findings) {
    if field.contains_key("enum") || field.contains_key("const") {
        return;
    }
    match field.get("type").and_then(Value::as_str) {
        Some("string") => {
            found.unless(field.contains_key("maxLength"), at, "has no maxLength");
            let shaped = field.contains_key("format") || field.contains_key("pattern");
            found.unless(shaped, at, "takes any text; give it the format safe-text");
        }
        Some("integer" | "number") => {
            let both = field.contains_key("minimum") && field.contains_key("maximum");
            found.unless(both, at, "has no minimum or no maximum");
        }
        Some("boolean") => {}
        Some(_) | None => found.add(at, "has no type forms may use"),
    }
}

/// Every field of the schema stands exactly once in the layout, with the same choices.
fn layout(version: &ProcedureVersion, fields: &Fields<'_>, found: &mut Findings) {
    found.keys("layout", version.layout.pages.iter().map(|page| page.key.as_str()));
    let schema = Schema { defs: version.schema.get("$defs").and_then(Value::as_object) };
    let mut asked = BTreeSet::new();
    for page in &version.layout.pages {
        found.unless(!page.fields.is_empty(), format!("layout/{}", page.key), "asks nothing");
        for field in &page.fields {
            one_field(field, "", &schema, fields, &mut asked, found);
        }
    }
    for pointer in fields.keys() {
        found.unless(asked.contains(pointer), format!("layout{pointer}"), "is never asked");
    }
}

fn one_field<'a>(
    field: &Field,
    above: &str,
    schema: &Schema<'a>,
    fields: &Fields<'a>,
    asked: &mut BTreeSet<String>,
    found: &mut Findings,
) {
    let pointer = format!("{above}{}", field.pointer);
    let at = format!("layout{pointer}");
    found.unless(asked.insert(pointer.clone()), &at, "is asked twice");
    let Some(known) = fields.get(&pointer) else { return found.add(at, "is no field of the schema") };
    let offered: Vec<&str> = field.choices.iter().map(|choice| choice.value.as_str()).collect();
    let allowed = schema.choices(known).unwrap_or_default();
    found.unless(offered == allowed, &at, format!("offers {offered:?}; the schema allows {allowed:?}"));
    let chosen = matches!(field.widget, Widget::Choice | Widget::Choices);
    found.unless(
        chosen != offered.is_empty(),
        &at,
        format!("the widget {} does not fit its choices", field.widget),
    );
    let list = known.get("type").and_then(Value::as_str) == Some("array");
    let listed = matches!(field.widget, Widget::List | Widget::Choices);
    found.unless(list == listed, &at, format!("the widget {} does not fit a list", field.widget));
    for inner in &field.fields {
        one_field(inner, &format!("{pointer}/*"), schema, fields, asked, found);
    }
}

/// Conditions compare an existing field with values it can have.
fn conditions(version: &ProcedureVersion, fields: &Fields<'_>, found: &mut Findings) {
    let schema = Schema { defs: version.schema.get("$defs").and_then(Value::as_object) };
    let mut all: Vec<(String, &Condition)> = Vec::new();
    for paper in &version.requirements {
        all.push((format!("requirements/{}", paper.key), &paper.required));
    }
    for field in version.layout.pages.iter().flat_map(|page| &page.fields) {
        if let Some(show) = &field.show {
            all.push((format!("layout{}", field.pointer), show));
        }
        found.unless(
            field.fields.iter().all(|inner| inner.show.is_none()),
            format!("layout{}", field.pointer),
            "a field of a list depends on an answer",
        );
    }
    for (at, condition) in all {
        let Condition::AnswerIn { pointer, values } = condition else { continue };
        let Some(field) = fields.get(pointer) else {
            found.add(at, format!("depends on {pointer}, which is no field"));
            continue;
        };
        found.unless(!values.is_empty(), &at, "depends on no value");
        let flag = field.get("type").and_then(Value::as_str) == Some("boolean");
        let choices = if flag { vec!["true", "false"] } else { schema.choices(field).unwrap_or_default() };
        for value in values {
            found.unless(choices.contains(&value.as_str()), &at, format!("{pointer} is never {value:?}"));
        }
    }
}

/// The form offers the roles and grounds the version names.
fn lists_agree(version: &ProcedureVersion, fields: &Fields<'_>, found: &mut Findings) {
    let schema = Schema { defs: version.schema.get("$defs").and_then(Value::as_object) };
    let choices =
        |pointer: &str| fields.get(pointer).and_then(|field| schema.choices(field)).unwrap_or_default();
    let roles: Vec<&str> = version.applicants.roles.iter().map(String::as_str).collect();
    found.unless(choices("/applicant/role") == roles, "applicants", "the form offers other roles");
    let grounds: Vec<&str> = version
        .reasons
        .iter()
        .filter(|reason| reason.used_for == ReasonUse::Ground)
        .map(|reason| reason.key.as_str())
        .collect();
    found.unless(choices("/grounds") == grounds, "reasons/ground", "the form offers other grounds");
}
