//! Every rule cites a basis, every basis is cited, and what was not verified says so.

use std::collections::BTreeSet;

use super::Findings;
use crate::procedure::{BasisKey, Confidence, ProcedureVersion};

pub(super) fn check(version: &ProcedureVersion, found: &mut Findings) {
    let mut cited = BTreeSet::new();
    for (at, keys) in rules(version) {
        found.unless(!keys.is_empty(), &at, "cites no legal basis");
        for key in keys {
            cited.insert(key.as_str());
            found.unless(
                version.legal_basis.contains_key(key),
                &at,
                format!("there is no legal basis {key:?}"),
            );
        }
    }
    for (key, basis) in &version.legal_basis {
        let at = format!("legal_basis/{key}");
        found.unless(cited.contains(key.as_str()), &at, "no rule cites it");
        found.unless(!basis.act.trim().is_empty(), &at, "names no act");
        let house = basis.act == "motcua";
        found.unless(
            house == (basis.confidence == Confidence::HouseRule),
            &at,
            "house rules, and only they, belong to the act motcua",
        );
        found.unless(
            basis.confidence != Confidence::Unverified || is_said(basis.note.as_deref()),
            &at,
            "is unverified and has no note saying why",
        );
    }
    let unverified = version.legal_basis.values().any(|basis| basis.confidence == Confidence::Unverified);
    found.unless(
        !unverified || version.note.is_some(),
        "note",
        "the version rests on unverified bases and has no note saying so",
    );
    found.unless(
        version.confidence != Confidence::Unverified || version.note.is_some(),
        "note",
        "the version is unverified and has no note saying why",
    );
}

fn is_said(note: Option<&str>) -> bool {
    note.is_some_and(|note| !note.trim().is_empty())
}

/// Each rule of the version with the keys it cites.
fn rules(version: &ProcedureVersion) -> Vec<(String, &[BasisKey])> {
    let clocks = &version.clocks;
    let mut rules: Vec<(String, &[BasisKey])> = vec![
        ("transition".into(), &version.transition.basis),
        ("applicants".into(), &version.applicants.basis),
        ("clocks/processing".into(), &clocks.processing.basis),
        ("clocks/intake".into(), &clocks.intake.basis),
        ("clocks/supplement_notice".into(), &clocks.supplement_notice.basis),
        ("clocks/supply".into(), &clocks.supply.basis),
        ("clocks/payment".into(), &clocks.payment.basis),
        ("clocks/extensions".into(), &clocks.extension_basis),
    ];
    for paper in &version.requirements {
        rules.push((format!("requirements/{}", paper.key), &paper.basis));
    }
    for step in &version.route {
        rules.push((format!("route/{}", step.key), &step.basis));
    }
    for (kind, act) in &version.acts {
        rules.push((format!("acts/{kind}"), &act.basis));
    }
    for used in &version.guards {
        rules.push((format!("guards/{}", used.guard), &used.basis));
    }
    for reason in &version.reasons {
        rules.push((format!("reasons/{}/{}", reason.used_for, reason.key), &reason.basis));
    }
    for letter in &version.letters {
        rules.push((format!("letters/{}", letter.key), &letter.basis));
    }
    rules
}
