//! Everything that can be wrong with a catalogue: the linter on each version, the examples
//! against their forms, and the calendars.

use std::collections::BTreeSet;

use chrono::{Datelike, Weekday};
use motcua_domain::calendar::{CalendarYear, EntryKind};
use motcua_domain::procedure::Form;
use motcua_domain::procedure::lint::{Finding, lint_all};

use crate::{Catalogue, Definition, ExpectedError};

/// Worked examples each version must have, and wrong ones the newest must have.
const LEAST_VALID: usize = 3;
const LEAST_INVALID: usize = 10;

/// All findings; none means the catalogue may be installed.
pub fn check(catalogue: &Catalogue) -> Vec<Finding> {
    let versions: Vec<_> = catalogue.procedures.iter().map(|definition| &definition.version).collect();
    let mut found = lint_all(&versions);
    for definition in &catalogue.procedures {
        examples(definition, &mut found);
    }
    for year in &catalogue.calendars {
        days(year, &mut found);
    }
    let salaries = &catalogue.fee_tables.base_salaries;
    if salaries.is_empty() || catalogue.fee_tables.scale.brackets.is_empty() {
        found.push(finding("fee_scale", "the fee tables are empty"));
    }
    found
}

fn finding(at: impl Into<String>, text: impl Into<String>) -> Finding {
    Finding { at: at.into(), text: text.into() }
}

fn examples(definition: &Definition, found: &mut Vec<Finding>) {
    let name = format!("{}/{}", definition.version.key, definition.version.version);
    // A schema that does not compile is a finding of the linter already.
    let Ok(form) = Form::compile(&definition.version.schema) else { return };
    if definition.valid_examples.len() < LEAST_VALID {
        found.push(finding(&name, format!("has fewer than {LEAST_VALID} valid examples")));
    }
    let newest = definition.version.effective_to.is_none();
    if newest && definition.invalid_examples.len() < LEAST_INVALID {
        found.push(finding(&name, format!("has fewer than {LEAST_INVALID} invalid examples")));
    }
    for (example, answers) in &definition.valid_examples {
        for error in form.check(answers.clone()).err().unwrap_or_default() {
            let text = format!("{} {}: {}", error.pointer, error.code, error.text.en);
            found.push(finding(format!("{name} examples/{example}"), text));
        }
    }
    for example in &definition.invalid_examples {
        let at = format!("{name} examples/{}", example.name);
        if example.errors.is_empty() {
            found.push(finding(&at, "expects no error"));
        }
        let errors = form.check(example.answers.clone()).err().unwrap_or_default();
        let given: Vec<ExpectedError> = errors
            .into_iter()
            .map(|error| ExpectedError { pointer: error.pointer, code: error.code })
            .collect();
        if given != example.errors {
            found.push(finding(at, format!("gives {}; expects {}", list(&given), list(&example.errors))));
        }
    }
}

fn list(errors: &[ExpectedError]) -> String {
    let written: Vec<String> =
        errors.iter().map(|error| format!("{} {}", error.pointer, error.code)).collect();
    if written.is_empty() { "no error".into() } else { written.join(", ") }
}

fn days(year: &CalendarYear, found: &mut Vec<Finding>) {
    let at = format!("calendars/{}", year.year);
    let mut seen = BTreeSet::new();
    for entry in &year.days {
        if entry.date.year() != year.year {
            found.push(finding(&at, format!("{} lies in another year", entry.date)));
        }
        if !seen.insert(entry.date) {
            found.push(finding(&at, format!("{} stands twice", entry.date)));
        }
        let weekend = matches!(entry.date.weekday(), Weekday::Sat | Weekday::Sun);
        if weekend != (entry.kind == EntryKind::SwapWork) {
            found.push(finding(
                &at,
                format!("{} is a {} and cannot be {}", entry.date, entry.date.weekday(), entry.kind),
            ));
        }
    }
    let count = |kind: EntryKind| year.days.iter().filter(|entry| entry.kind == kind).count();
    if count(EntryKind::SwapOff) != count(EntryKind::SwapWork) {
        found.push(finding(&at, "days given off and days worked instead differ in number"));
    }
    if year.source.trim().is_empty() {
        found.push(finding(at, "names no source"));
    }
}
