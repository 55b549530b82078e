//! The built-in catalogue is clean, its examples do what they say, and its days are right.

use motcua_domain::calendar::{Calendar, DayKind, OfficeHours};
use motcua_domain::deadline::{Limit, forward_due, reckon};
use motcua_domain::procedure::lint::{lint, lint_all};
use motcua_domain::procedure::{Confidence, ProcedureKey, ReasonUse};
use motcua_domain::text::{Language, Text};

use super::*;

fn built_in() -> Catalogue {
    embedded().unwrap_or_else(|problems| panic!("{}", problems.join("\n")))
}

#[test]
fn every_procedure_has_its_three_versions() {
    let found: Vec<(ProcedureKey, String)> = built_in()
        .procedures
        .into_iter()
        .map(|definition| (definition.version.key, definition.version.version))
        .collect();
    assert_eq!(found.len(), 15);
    for key in ProcedureKey::ALL {
        for version in ["2018-06-21", "2025-07-01", "2026-07-01"] {
            assert!(found.contains(&(*key, version.to_owned())), "{key} {version}");
        }
    }
}

#[test]
fn the_check_finds_nothing() {
    let found = check(&built_in());
    assert!(found.is_empty(), "{}", found.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n"));
}

#[test]
fn examples_that_break_their_promise_are_found() {
    let mut catalogue = built_in();
    let newest = catalogue.procedures.iter_mut().find(|definition| definition.version.effective_to.is_none());
    let newest = newest.unwrap();
    newest.valid_examples[0].1["commitment"] = false.into();
    let expected = newest.invalid_examples[0].errors[0].clone();
    newest.invalid_examples[0].errors.push(expected);
    newest.invalid_examples.truncate(9);
    let doubled = catalogue.calendars[1].days[0].clone();
    catalogue.calendars[1].days.push(doubled);
    let found: Vec<String> = check(&catalogue).iter().map(ToString::to_string).collect();
    for expected in
        ["/commitment field_choice", "; expects", "fewer than 10 invalid", "2025-01-01 stands twice"]
    {
        assert!(found.iter().any(|finding| finding.contains(expected)), "{expected}: {found:#?}");
    }
    assert_eq!(found.len(), 4, "{found:#?}");
}

#[test]
fn the_content_is_the_version_and_the_hash_is_of_the_content() {
    for definition in built_in().procedures {
        let back: ProcedureVersion = serde_json::from_str(&definition.content).unwrap();
        assert_eq!(back, definition.version);
        assert_eq!(definition.hash, canonical::hash(&definition.content));
        assert_eq!(definition.hash.len(), 64);
    }
    assert_eq!(canonical::hash(""), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
}

#[test]
fn the_folder_and_the_program_hold_the_same() {
    let folder = load(Path::new(env!("CARGO_MANIFEST_DIR")))
        .unwrap_or_else(|problems| panic!("{}", problems.join("\n")));
    let hashes = |catalogue: &Catalogue| -> Vec<String> {
        catalogue.procedures.iter().map(|definition| definition.hash.clone()).collect()
    };
    assert_eq!(hashes(&folder), hashes(&built_in()));
}

#[test]
fn a_folder_that_is_not_there_is_told() {
    let problems = load(Path::new("/nowhere/at/all")).unwrap_err();
    assert!(problems[0].contains("/nowhere/at/all"), "{problems:?}");
}

/// What the linter is for: each of these must be found.
#[test]
fn the_linter_finds_what_is_wrong() {
    let good = built_in().procedures.into_iter().map(|definition| definition.version);
    let good = good.into_iter().find(|version| version.key == ProcedureKey::CoercionCostRelief).unwrap();
    type Spoil = fn(&mut ProcedureVersion);
    let cases: [(&str, Spoil); 16] = [
        ("shares add up", |v| v.route[2].half_days += 1),
        ("is never reached", |v| v.route[0].outcomes.retain(|outcome| outcome.when.is_some())),
        ("never leads to the end", |v| v.route[4].outcomes[0].to = Some("sign".into())),
        ("which is no step", |v| v.route[1].outcomes[0].to = Some("nowhere".into())),
        ("nothing is said of the act", |v| {
            v.acts.pop_first();
        }),
        ("cites no legal basis", |v| v.requirements[0].basis.clear()),
        ("there is no legal basis", |v| v.guards[0].basis = vec!["L08-a999".into()]),
        ("no rule cites it", |v| {
            let basis = v.legal_basis.values().next().unwrap().clone();
            v.legal_basis.insert("spare".into(), basis);
        }),
        ("has no note saying", |v| v.note = None),
        ("is not a known name", |v| v.letters[0].body = Text::new("{{password}}", "{{password}}")),
        ("says nothing", |v| v.name.en = " ".into()),
        ("is never asked", |v| {
            v.layout.pages.pop();
        }),
        ("is not a keyword", |v| v.schema["oneOf"] = serde_json::json!([])),
        ("has no maxLength", |v| {
            v.schema["properties"]["circumstances"] =
                serde_json::json!({ "type": "string", "format": "safe-text" })
        }),
        ("there is no such reason", |v| v.reasons.retain(|reason| reason.used_for != ReasonUse::Stop)),
        ("both drafts and is kept", |v| v.route[2].role = v.route[3].role),
    ];
    for (expected, spoil) in cases {
        let mut bad = good.clone();
        spoil(&mut bad);
        let found = lint(&bad);
        assert!(found.iter().any(|finding| finding.text.contains(expected)), "{expected}: {found:?}");
    }
    let mut gap = good.clone();
    gap.effective_to = Some("2025-06-01".parse().unwrap());
    let mut next = good.clone();
    (next.version, next.effective_from) = ("2025-07-01".into(), "2025-07-01".parse().unwrap());
    next.effective_to = None;
    assert!(lint_all(&[&gap, &next]).iter().any(|finding| finding.text.contains("no version is in force")));
    gap.effective_to = next.effective_from.into();
    assert!(lint_all(&[&next, &gap]).iter().any(|finding| finding.text.contains("overlaps")));
}

#[test]
fn only_past_years_and_this_one_are_confirmed_and_none_is_settled() {
    let years = built_in().calendars;
    assert_eq!(years.iter().map(|year| year.year).collect::<Vec<_>>(), [2024, 2025, 2026, 2027]);
    for year in &years {
        assert_ne!(year.confidence, Confidence::Read);
        assert_eq!(year.confirmed, year.year < 2027);
    }
}

#[test]
fn days_of_the_calendar_are_what_the_notices_say() {
    let calendar = Calendar::new(built_in().calendars);
    let works = |day: &str| calendar.day(day.parse().unwrap()).works();
    for off in [
        "2025-01-27",
        "2025-05-02",
        "2026-01-02",
        "2026-02-16",
        "2026-04-27",
        "2026-08-31",
        "2026-11-24",
        "2027-05-03",
    ] {
        assert!(!works(off), "{off}");
    }
    for on in ["2025-04-26", "2026-01-10", "2026-08-22", "2026-11-23", "2026-09-03"] {
        assert!(works(on), "{on}");
    }
    assert!(matches!(calendar.day("2026-01-10".parse().unwrap()), DayKind::MakeUp(_)));
    assert!(calendar.warnings("2026-12-30".parse().unwrap(), "2027-01-05".parse().unwrap()).len() == 1);
}

/// Received Thursday 24/04/2025, 5 working days: over a worked Saturday and three days off.
#[test]
fn the_example_of_april_2025() {
    let calendar = Calendar::new(built_in().calendars);
    let hours = OfficeHours::default();
    let received = "2025-04-24T09:30:00+07:00".parse().unwrap();
    let due = reckon(&calendar, &hours, received, Limit::working(5), &[]).unwrap();
    assert_eq!(due.due_on.to_string(), "2025-05-05");
    // 30 calendar days end on Saturday 24/05/2025 and roll to Monday.
    let due = reckon(&calendar, &hours, received, Limit::calendar(30), &[]).unwrap();
    assert_eq!(due.due_on.to_string(), "2025-05-26");
    // After 15:00 on Wednesday 29/04 the next working day is Monday 05/05.
    let late = "2025-04-29T15:30:00+07:00".parse().unwrap();
    let forward = forward_due(&calendar, &hours, late, 900).unwrap();
    assert_eq!(forward.date_naive().to_string(), "2025-05-05");
}

#[test]
fn the_fee_tables_give_the_official_example() {
    let tables = built_in().fee_tables;
    let receipts = [3_000_000_000, 4_000_000_000, 4_500_000_000, 4_000_000_000, 1_500_000_000, 1_000_000_000];
    let fees = tables.reckon("2018-01-01".parse().unwrap(), &receipts).unwrap();
    assert_eq!(fees.fees, [90_000_000, 100_000_000, 37_500_000, 17_550_000, 150_000, 100_000]);
    assert_eq!(tables.reckon("2026-08-01".parse().unwrap(), &[5_060_000]).unwrap().total, 0);
    assert_eq!(tables.reckon("2026-08-01".parse().unwrap(), &[5_060_001]).unwrap().total, 151_800);
}

/// Installed versions are frozen, so a new one must fit without a change of the one before it.
#[test]
fn a_successor_needs_no_change_of_the_version_before_it() {
    let mut catalogue = built_in();
    let mut next = catalogue.procedures.last().unwrap().clone();
    next.version.version = "2027-01-01".to_owned();
    next.version.effective_from = "2027-01-01".parse().unwrap();
    catalogue.procedures.push(next);
    assert_eq!(check(&catalogue), []);
}

#[test]
fn every_basis_can_be_said_in_words() {
    for definition in built_in().procedures {
        for basis in definition.version.legal_basis.values() {
            for language in [Language::Vi, Language::En] {
                assert_ne!(basis.in_words(language), basis.cite(), "{} has no name", basis.act);
            }
        }
    }
}
