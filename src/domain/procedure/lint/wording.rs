//! What people read: present in both languages, free of hidden characters, and letters that only
//! use names the letter writer knows.

use std::collections::BTreeSet;

use super::{Findings, PLACEHOLDERS};
use crate::person::is_safe_text;
use crate::procedure::form::Field;
use crate::procedure::{Letter, ProcedureVersion};
use crate::text::{Language, Text};

pub(super) fn check(version: &ProcedureVersion, found: &mut Findings) {
    for (at, text) in texts(version) {
        for language in [Language::Vi, Language::En] {
            let said = text.say(language);
            let at = format!("{at}/{}", language.as_str());
            found.unless(!said.trim().is_empty(), &at, "says nothing");
            found.unless(is_safe_text(said), &at, "has hidden or control characters");
        }
    }
    for letter in &version.letters {
        one_letter(letter, found);
    }
}

fn one_letter(letter: &Letter, found: &mut Findings) {
    let at = format!("letters/{}", letter.key);
    let mut used = Vec::new();
    for language in [Language::Vi, Language::En] {
        match names(letter.body.say(language)) {
            Ok(names) => {
                for name in &names {
                    let known = PLACEHOLDERS.contains(&name.as_str());
                    found.unless(
                        known,
                        format!("{at}/{}", language.as_str()),
                        format!("{{{{{name}}}}} is not a known name"),
                    );
                }
                used.push(names);
            }
            Err(()) => found.add(format!("{at}/{}", language.as_str()), "has an unfinished {{name}}"),
        }
    }
    if let [vi, en] = used.as_slice() {
        found.unless(vi == en, &at, "the two languages tell different things");
    }
    let mail_subject = |text: &str| !text.contains(['\n', '\r']) && !text.contains("{{");
    found.unless(
        mail_subject(&letter.name.vi) && mail_subject(&letter.name.en),
        &at,
        "the name is the subject of the mail: one line, nothing to fill in",
    );
}

/// The names between double braces.
fn names(body: &str) -> Result<BTreeSet<String>, ()> {
    let mut names = BTreeSet::new();
    let mut rest = body;
    while let Some((before, opened)) = rest.split_once("{{") {
        if before.contains("}}") {
            return Err(());
        }
        let (name, after) = opened.split_once("}}").ok_or(())?;
        names.insert(name.to_owned());
        rest = after;
    }
    if rest.contains("}}") { Err(()) } else { Ok(names) }
}

/// Every text of the version with its place.
fn texts(version: &ProcedureVersion) -> Vec<(String, &Text)> {
    let mut texts: Vec<(String, &Text)> = vec![
        ("name".into(), &version.name),
        ("summary".into(), &version.summary),
        ("transition".into(), &version.transition.rule),
        ("applicants/note".into(), &version.applicants.note),
        ("result".into(), &version.result),
    ];
    texts.extend(version.note.iter().map(|note| ("note".into(), note)));
    for (key, basis) in &version.legal_basis {
        texts.push((format!("legal_basis/{key}/title"), &basis.title));
        texts.push((format!("legal_basis/{key}/says"), &basis.says));
    }
    for paper in &version.requirements {
        texts.push((format!("requirements/{}", paper.key), &paper.name));
        texts.extend(paper.hint.iter().map(|hint| (format!("requirements/{}/hint", paper.key), hint)));
    }
    for step in &version.route {
        texts.push((format!("route/{}", step.key), &step.name));
        texts.extend(step.checklist.iter().map(|line| (format!("route/{}/checklist", step.key), line)));
        for outcome in &step.outcomes {
            texts.push((format!("route/{}/{}", step.key, outcome.key), &outcome.name));
        }
    }
    for (kind, act) in &version.acts {
        texts.push((format!("acts/{kind}"), &act.name));
    }
    for reason in &version.reasons {
        let at = format!("reasons/{}/{}", reason.used_for, reason.key);
        texts.extend(reason.example.iter().map(|text| (format!("{at}/example"), text)));
        texts.extend(reason.advice.iter().map(|text| (format!("{at}/advice"), text)));
        texts.push((at, &reason.text));
    }
    for letter in &version.letters {
        texts.push((format!("letters/{}/name", letter.key), &letter.name));
        texts.push((format!("letters/{}/body", letter.key), &letter.body));
    }
    for page in &version.layout.pages {
        texts.push((format!("layout/{}", page.key), &page.title));
        texts.extend(page.hint.iter().map(|hint| (format!("layout/{}/hint", page.key), hint)));
        for field in &page.fields {
            field_texts(field, "", &mut texts);
        }
    }
    texts
}

fn field_texts<'a>(field: &'a Field, above: &str, texts: &mut Vec<(String, &'a Text)>) {
    let at = format!("layout{above}{}", field.pointer);
    texts.push((at.clone(), &field.label));
    texts.extend(field.hint.iter().map(|hint| (format!("{at}/hint"), hint)));
    for choice in &field.choices {
        texts.push((format!("{at}/{}", choice.value), &choice.label));
    }
    for inner in &field.fields {
        field_texts(inner, &format!("{above}{}/*", field.pointer), texts);
    }
}
