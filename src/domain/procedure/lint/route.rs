//! The route: nothing unreachable, no dead end, shares that add up, and somebody able to act.

use std::collections::BTreeSet;

use super::Findings;
use crate::deadline::LimitUnit;
use crate::policy::Role;
use crate::procedure::step::{UnitRole, When};
use crate::procedure::{ProcedureVersion, Step, StepKind};

pub(super) fn check(version: &ProcedureVersion, found: &mut Findings) {
    found.keys("route", version.route.iter().map(|step| step.key.as_str()));
    for kind in [StepKind::Assign, StepKind::Examine, StepKind::Sign, StepKind::Issue] {
        let count = version.route.iter().filter(|step| step.kind == kind).count();
        found.unless(count == 1, "route", format!("has {count} steps of kind {kind} instead of one"));
    }
    for step in &version.route {
        one_step(version, step, found);
    }
    reach(version, found);
    shares(version, found);
    separation(version, found);
}

fn one_step(version: &ProcedureVersion, step: &Step, found: &mut Findings) {
    let at = format!("route/{}", step.key);
    let (roles, unit): (&[Role], &[UnitRole]) = match step.kind {
        StepKind::Work => {
            (&[Role::OneWindowOfficer, Role::ProcessingOfficer], &[UnitRole::OneWindow, UnitRole::Officer])
        }
        StepKind::Assign | StepKind::Sign => (&[Role::Leader], &[UnitRole::Head]),
        StepKind::Examine => (&[Role::ProcessingOfficer], &[UnitRole::Officer]),
        StepKind::Issue => (&[Role::Clerk], &[UnitRole::Clerk]),
    };
    found.unless(
        roles.contains(&step.role),
        &at,
        format!("a step of kind {} is not for the role {}", step.kind, step.role),
    );
    found.unless(
        unit.contains(&step.unit),
        &at,
        format!("a step of kind {} is not in the unit {}", step.kind, step.unit),
    );
    found.unless(step.half_days > 0, &at, "has no share of the time limit");
    found.unless(step.kind != StepKind::Examine || !step.checklist.is_empty(), &at, "has no checklist");
    found.unless(!step.outcomes.is_empty(), &at, "has no way out");
    for outcome in &step.outcomes {
        match &outcome.to {
            Some(to) => {
                found.unless(
                    version.step(to).is_some(),
                    &at,
                    format!("{} leads to {to:?}, which is no step", outcome.key),
                );
                found.unless(*to != step.key, &at, format!("{} leads back to the step itself", outcome.key));
                found.unless(step.kind != StepKind::Issue, &at, "the route goes on after issuing");
            }
            None => {
                found.unless(step.kind == StepKind::Issue, &at, "the route ends before the result is issued")
            }
        }
        match outcome.when {
            Some(When::OfficerInChargeKnown) => {
                found.unless(version.needs_matter, &at, "asks for the officer in charge without a matter");
            }
            None => {}
        }
    }
    let keys: BTreeSet<&str> = step.outcomes.iter().map(|outcome| outcome.key.as_str()).collect();
    for key in keys {
        let plain =
            step.outcomes.iter().filter(|outcome| outcome.key == key && outcome.when.is_none()).count();
        found.unless(plain == 1, &at, format!("the outcome {key:?} has {plain} plain ways instead of one"));
        let last = step.outcomes.iter().rfind(|outcome| outcome.key == key);
        found.unless(
            last.is_some_and(|outcome| outcome.when.is_none()),
            &at,
            format!("the plain way of {key:?} must come last"),
        );
    }
}

/// Every step is reached from the first, and the end is reached from every step.
fn reach(version: &ProcedureVersion, found: &mut Findings) {
    let Some(first) = version.first_step() else { return };
    let mut onward = Vec::new();
    for step in &version.route {
        for to in step.outcomes.iter().filter_map(|outcome| outcome.to.as_deref()) {
            onward.push((step.key.as_str(), to));
        }
    }
    let backward: Vec<(&str, &str)> = onward.iter().map(|(from, to)| (*to, *from)).collect();
    let ends = version.route.iter().filter(|step| step.outcomes.iter().any(|outcome| outcome.to.is_none()));
    let reached = follow(BTreeSet::from([first.key.as_str()]), &onward);
    let ending = follow(ends.map(|step| step.key.as_str()).collect(), &backward);
    for step in &version.route {
        let at = format!("route/{}", step.key);
        found.unless(reached.contains(step.key.as_str()), &at, "is never reached");
        found.unless(ending.contains(step.key.as_str()), &at, "never leads to the end");
    }
}

/// The set with everything the edges lead to from it.
fn follow<'a>(mut set: BTreeSet<&'a str>, edges: &[(&'a str, &'a str)]) -> BTreeSet<&'a str> {
    loop {
        let before = set.len();
        for (from, to) in edges {
            if set.contains(from) {
                set.insert(to);
            }
        }
        if set.len() == before {
            return set;
        }
    }
}

fn shares(version: &ProcedureVersion, found: &mut Findings) {
    let limit = version.clocks.processing.limit;
    if limit.unit != LimitUnit::WorkingDays {
        return;
    }
    let sum: u32 = version.route.iter().map(|step| u32::from(step.half_days)).sum();
    let whole = u32::from(limit.days).saturating_mul(2);
    found.unless(
        sum == whole,
        "route",
        format!("the shares add up to {sum} half days; the limit is {whole}"),
    );
}

/// Where the drafter may not act, another role must be able to.
fn separation(version: &ProcedureVersion, found: &mut Findings) {
    let drafters: Vec<Role> =
        version.route.iter().filter(|step| step.kind == StepKind::Examine).map(|step| step.role).collect();
    for step in version.route.iter().filter(|step| step.four_eyes) {
        found.unless(
            !drafters.contains(&step.role),
            format!("route/{}", step.key),
            format!("the role {} both drafts and is kept from acting here", step.role),
        );
    }
}
