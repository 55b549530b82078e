//! The linter of procedure versions: everything a version must satisfy before it is installed.
//!
//! It runs in tests, at install and as `motcua catalogue check`. A finding names the place and
//! says in one sentence what is wrong; no finding means the version may be installed. The linter
//! judges form, not law: whether a rule is right stays with the lawyers, so it only demands that
//! every rule cites a basis and that what was not verified says so.

mod cites;
mod route;
mod schema;
mod wording;

use std::collections::{BTreeMap, BTreeSet};

use chrono::{Days, NaiveDate};

use super::{ProcedureKey, ProcedureVersion, ReasonUse};
use crate::dossier::command::CommandKind;
use crate::dossier::guard::Guard;

/// The names a letter may use between double braces.
pub const PLACEHOLDERS: [&str; 26] = [
    "agency",
    "unit",
    "address",
    "phone",
    "reference",
    "applicant",
    "procedure",
    "submitted_at",
    "received_at",
    "due_at",
    "due_on",
    "original_due_on",
    "new_due_on",
    "items",
    "missing_papers",
    "reason",
    "advice",
    "result",
    "number",
    "signed_on",
    "amount",
    "supply_by",
    "pay_by",
    "return_way",
    "track_url",
    "date",
];

/// One thing that is wrong, and where.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Finding {
    pub at: String,
    pub text: String,
}

impl std::fmt::Display for Finding {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}: {}", self.at, self.text)
    }
}

/// Collects findings in the order of the checks.
#[derive(Debug, Default)]
struct Findings(Vec<Finding>);

impl Findings {
    fn add(&mut self, at: impl Into<String>, text: impl Into<String>) {
        self.0.push(Finding { at: at.into(), text: text.into() });
    }

    fn unless(&mut self, holds: bool, at: impl Into<String>, text: impl Into<String>) {
        if !holds {
            self.add(at, text);
        }
    }

    /// Keys that must be unique and written in plain lower case.
    fn keys<'a>(&mut self, at: &str, keys: impl Iterator<Item = &'a str>) {
        let mut seen = BTreeSet::new();
        for key in keys {
            let plain = key.starts_with(|c: char| c.is_ascii_lowercase())
                && key.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_');
            self.unless(plain, at, format!("the key {key:?} is not written in a-z, 0-9 and _"));
            self.unless(seen.insert(key), at, format!("the key {key:?} appears twice"));
        }
    }
}

/// Everything wrong with one version.
pub fn lint(version: &ProcedureVersion) -> Vec<Finding> {
    let mut found = Findings::default();
    validity(version, &mut found);
    cites::check(version, &mut found);
    route::check(version, &mut found);
    acts(version, &mut found);
    guards(version, &mut found);
    reasons(version, &mut found);
    schema::check(version, &mut found);
    wording::check(version, &mut found);
    found.0
}

/// Everything wrong with a set of versions: each by itself, then their validity together.
pub fn lint_all(versions: &[&ProcedureVersion]) -> Vec<Finding> {
    let mut found = Findings::default();
    let mut by_key: BTreeMap<ProcedureKey, Vec<&ProcedureVersion>> = BTreeMap::new();
    for version in versions {
        let name = format!("{}/{}", version.key, version.version);
        for finding in lint(version) {
            found.add(format!("{name} {}", finding.at), finding.text);
        }
        by_key.entry(version.key).or_default().push(version);
    }
    for (key, mut versions) in by_key {
        versions.sort_by_key(|version| version.effective_from);
        for (earlier, later) in versions.iter().zip(versions.iter().skip(1)) {
            let at = format!("{key}/{}", later.version);
            match earlier.effective_to {
                // The later one ends it: an installed version is never changed to say so itself.
                None => {}
                Some(last) if last >= later.effective_from => {
                    found.add(at, format!("overlaps version {}, in force until {last}", earlier.version));
                }
                Some(last) if next_day(last) != Some(later.effective_from) => {
                    found.add(
                        at,
                        format!("no version is in force between {last} and {}", later.effective_from),
                    );
                }
                Some(_) => {}
            }
        }
        if let Some(newest) = versions.last() {
            found.unless(
                newest.effective_to.is_none(),
                format!("{key}/{}", newest.version),
                "the newest version has a last day and no successor",
            );
        }
    }
    found.0
}

fn next_day(day: NaiveDate) -> Option<NaiveDate> {
    day.checked_add_days(Days::new(1))
}

fn validity(version: &ProcedureVersion, found: &mut Findings) {
    found.unless(
        version.version == version.effective_from.to_string(),
        "version",
        format!("is named {:?} but its first day is {}", version.version, version.effective_from),
    );
    if let Some(last) = version.effective_to {
        found.unless(version.effective_from <= last, "effective_to", "lies before effective_from");
    }
    let applicants = &version.applicants;
    found.unless(!applicants.roles.is_empty(), "applicants", "nobody may file");
    found.keys("applicants", applicants.roles.iter().map(String::as_str));
    found.keys("requirements", version.requirements.iter().map(|paper| paper.key.as_str()));
    found.keys("letters", version.letters.iter().map(|letter| letter.key.as_str()));
    for paper in &version.requirements {
        found.unless(paper.quantity > 0, format!("requirements/{}", paper.key), "asks for no copy at all");
    }
    let clocks = &version.clocks;
    found.unless(
        clocks.forward_cutoff_minutes < 24 * 60,
        "clocks",
        "the forwarding cut-off is not a time of day",
    );
    let limits = [
        ("processing", &clocks.processing),
        ("intake", &clocks.intake),
        ("supplement_notice", &clocks.supplement_notice),
        ("supply", &clocks.supply),
        ("payment", &clocks.payment),
    ];
    for (name, rule) in limits {
        let days = rule.limit.days;
        found.unless(
            (1..=crate::deadline::LONGEST_LIMIT).contains(&days),
            format!("clocks/{name}"),
            format!("{days} days is not a limit"),
        );
    }
}

/// Every act is described, and letters and acts fit.
fn acts(version: &ProcedureVersion, found: &mut Findings) {
    for kind in CommandKind::ALL {
        found.unless(version.acts.contains_key(kind), "acts", format!("nothing is said of the act {kind}"));
    }
    let mut sent = BTreeSet::new();
    for (kind, act) in &version.acts {
        let Some(letter) = &act.letter else { continue };
        found.unless(
            version.letter(letter).is_some(),
            format!("acts/{kind}"),
            format!("there is no letter {letter:?}"),
        );
        sent.insert(letter.as_str());
    }
    for letter in &version.letters {
        found.unless(
            sent.contains(letter.key.as_str()),
            format!("letters/{}", letter.key),
            "no act sends this letter",
        );
    }
}

fn guards(version: &ProcedureVersion, found: &mut Findings) {
    let grounds = || version.reasons.iter().filter(|reason| reason.used_for == ReasonUse::Ground);
    let mut seen = BTreeSet::new();
    for used in &version.guards {
        let at = format!("guards/{}", used.guard);
        found.unless(seen.insert((used.guard, used.on)), &at, format!("stands twice on {}", used.on));
        match used.guard {
            Guard::LimitationWarning | Guard::CompetenceWarning | Guard::AlreadyDecidedWarning => {}
            Guard::MatterLinked | Guard::OfficerReplaced => {
                found.unless(version.needs_matter, &at, "needs a procedure about an enforcement matter");
            }
            Guard::ApplicantIsIndividual => {
                found.unless(
                    version.applicants.individuals_only,
                    &at,
                    "but applicants are not limited to individuals",
                );
            }
            Guard::ReliefWithinCap => {
                let capped = grounds().count() > 0 && grounds().all(|reason| reason.cap_percent.is_some());
                found.unless(capped, &at, "a ground has no cap_percent");
            }
            Guard::PaidFirst => {
                let paid = grounds().any(|reason| reason.paid_first_percent.is_some());
                found.unless(paid, &at, "no ground has paid_first_percent");
            }
        }
    }
    let individuals = version.guards.iter().any(|used| used.guard == Guard::ApplicantIsIndividual);
    found.unless(
        individuals || !version.applicants.individuals_only,
        "applicants",
        "only individuals may file, but no guard says so",
    );
}

fn reasons(version: &ProcedureVersion, found: &mut Findings) {
    for used_for in ReasonUse::ALL {
        let of_use: Vec<_> = version.reasons.iter().filter(|reason| reason.used_for == *used_for).collect();
        let at = format!("reasons/{used_for}");
        found.keys(&at, of_use.iter().map(|reason| reason.key.as_str()));
        found.unless(!of_use.is_empty() || *used_for == ReasonUse::Ground, &at, "there is no such reason");
        for reason in of_use {
            let at = format!("{at}/{}", reason.key);
            let percents = [reason.cap_percent, reason.paid_first_percent];
            for percent in percents.into_iter().flatten() {
                found.unless((1..=100).contains(&percent), &at, format!("{percent} is not a percentage"));
                found.unless(*used_for == ReasonUse::Ground, &at, "only grounds carry percentages");
            }
            match used_for {
                ReasonUse::Supplement => {
                    found.unless(reason.example.is_some(), &at, "shows no example of what is right")
                }
                ReasonUse::Refusal => {
                    found.unless(reason.advice.is_some(), &at, "gives the applicant no advice")
                }
                ReasonUse::Rejection | ReasonUse::Stop | ReasonUse::Extension | ReasonUse::Ground => {}
            }
        }
    }
}
