//! Prints the policy as a table a lawyer can read: who may do what in which situation.
//! The table is a reviewed snapshot; a change of the policy is a change of this text.

use std::fmt::Write as _;

use chrono::NaiveDate;
use uuid::Uuid;

use super::*;
use crate::actor::{Partner, Staff, Verb};

fn id(n: u128) -> Uuid {
    Uuid::from_u128(n)
}

fn today() -> NaiveDate {
    "2026-11-23".parse().unwrap()
}

const AGENCY: u128 = 1;
const ELSEWHERE: u128 = 2;
const UNIT: u128 = 10;
const OTHER_UNIT: u128 = 11;

fn staff(account: u128, role: Role, agency: u128, unit: u128) -> Actor {
    let held = Membership {
        agency: AgencyId(id(agency)),
        predecessors: Vec::new(),
        unit: UnitId(id(unit)),
        role,
        head: false,
        from: "2026-01-01".parse().unwrap(),
        until: None,
    };
    Actor::Staff(Staff {
        account: AccountId(id(account)),
        name: String::new(),
        memberships: vec![held],
        acting_for: Vec::new(),
    })
}

fn personas() -> Vec<(&'static str, Actor)> {
    let partner = |scopes: &[(ProcedureKey, Verb)]| {
        Actor::Partner(Partner {
            id: PartnerId(id(70)),
            name: String::new(),
            scopes: scopes.to_vec(),
            agencies: Vec::new(),
            asserted_user: None,
        })
    };
    let all: Vec<_> = Verb::ALL.iter().map(|verb| (ProcedureKey::OfficerReplacement, *verb)).collect();
    let mut deputy = staff(60, Role::Clerk, AGENCY, UNIT);
    if let (Actor::Staff(deputy), Actor::Staff(head)) = (&mut deputy, staff(25, Role::Leader, AGENCY, UNIT)) {
        deputy.acting_for =
            vec![crate::actor::ActingFor { account: head.account, memberships: head.memberships }];
    }
    vec![
        ("anonymous", Actor::Anonymous),
        ("holder of the key", Actor::Holder(DossierId(id(5)))),
        ("holder of another key", Actor::Holder(DossierId(id(6)))),
        ("owner", Actor::Citizen(AccountId(id(80)))),
        ("other citizen", Actor::Citizen(AccountId(id(81)))),
        ("partner that filed it", partner(&all)),
        ("partner, reading only", partner(&[(ProcedureKey::OfficerReplacement, Verb::Read)])),
        ("one-window officer", staff(20, Role::OneWindowOfficer, AGENCY, UNIT)),
        ("one-window, other agency", staff(21, Role::OneWindowOfficer, ELSEWHERE, UNIT)),
        ("assigned officer", staff(22, Role::ProcessingOfficer, AGENCY, UNIT)),
        ("officer, same unit", staff(23, Role::ProcessingOfficer, AGENCY, UNIT)),
        ("officer, other unit", staff(24, Role::ProcessingOfficer, AGENCY, OTHER_UNIT)),
        ("challenged officer", staff(29, Role::ProcessingOfficer, AGENCY, UNIT)),
        ("challenged, also leader", staff(29, Role::Leader, AGENCY, UNIT)),
        ("leader", staff(25, Role::Leader, AGENCY, UNIT)),
        ("leader who drafted", staff(22, Role::Leader, AGENCY, UNIT)),
        ("clerk", staff(26, Role::Clerk, AGENCY, UNIT)),
        ("clerk, deputy of leader", deputy),
        ("inspector", staff(27, Role::Inspector, AGENCY, UNIT)),
        ("admin", staff(28, Role::Admin, AGENCY, UNIT)),
        ("the service itself", Actor::System),
    ]
}

fn situation(step: Option<(StepKind, Role)>, assigned: bool, drafted: bool, owner: &str) -> Subject {
    Subject {
        dossier: DossierId(id(5)),
        agency: AgencyId(id(AGENCY)),
        owner_unit: UnitId(id(UNIT)),
        assignee: assigned.then_some(AccountId(id(22))),
        filer_account: (owner == "citizen").then_some(AccountId(id(80))),
        filer_partner: Some(PartnerId(id(70))),
        filer_staff: None,
        procedure: ProcedureKey::OfficerReplacement,
        is_draft: false,
        step_kind: step.map(|(kind, _)| kind),
        step_role: step.map(|(_, role)| role),
        step_four_eyes: step.is_some_and(|(kind, _)| kind == StepKind::Sign),
        drafters: if drafted { vec![AccountId(id(22))] } else { Vec::new() },
        walled: vec![AccountId(id(29))],
        asked_units: Vec::new(),
        moved_by: None,
    }
}

fn situations() -> Vec<(&'static str, Subject)> {
    let draft = Subject { is_draft: true, ..situation(None, false, false, "citizen") };
    vec![
        ("draft", draft),
        ("submitted", situation(None, false, false, "citizen")),
        (
            "at step forward (one-window officer)",
            situation(Some((StepKind::Work, Role::OneWindowOfficer)), false, false, "citizen"),
        ),
        (
            "at step assign (leader)",
            situation(Some((StepKind::Assign, Role::Leader)), false, false, "citizen"),
        ),
        (
            "at step examine (processing officer)",
            situation(Some((StepKind::Examine, Role::ProcessingOfficer)), true, false, "citizen"),
        ),
        (
            "the same, brought there by the leader",
            Subject {
                moved_by: Some(AccountId(id(25))),
                ..situation(Some((StepKind::Examine, Role::ProcessingOfficer)), true, false, "citizen")
            },
        ),
        (
            "at step sign (leader), drafted by the assigned officer",
            situation(Some((StepKind::Sign, Role::Leader)), true, true, "citizen"),
        ),
        ("at step issue (clerk)", situation(Some((StepKind::Issue, Role::Clerk)), true, true, "citizen")),
        ("decided", situation(None, true, true, "citizen")),
    ]
}

/// The whole policy: for each situation and persona, what is allowed, what is refused with a
/// reason, and whether the dossier is hidden.
#[test]
fn the_policy_table_is_reviewed() {
    let mut table = String::from(
        "Request to change an enforcement officer; officer 29 is challenged, officer 22 is assigned.\nWhat the state of the dossier allows comes on top of this table.\n",
    );
    for (name, subject) in situations() {
        let _ = write!(table, "\n## {name}\n");
        for (who, actor) in personas() {
            let mut may = Vec::new();
            let mut refused = 0_u32;
            for permission in Permission::all() {
                match judge(&actor, permission, &subject, today()) {
                    Verdict::Allow(_) => may.push(permission.name()),
                    Verdict::Forbid(_) => refused += 1,
                    Verdict::Hide => {}
                }
            }
            let what = match (may.is_empty(), refused) {
                (true, 0) => "HIDDEN".to_owned(),
                (true, _) => "nothing (known, but refused)".to_owned(),
                (false, _) => may.join(", "),
            };
            let _ = writeln!(table, "{who:26} {what}");
        }
    }
    insta::assert_snapshot!(table);
}

#[test]
fn a_challenged_officer_cannot_open_the_request_against_him() {
    for (who, actor) in personas().into_iter().filter(|(who, _)| who.starts_with("challenged")) {
        for (name, subject) in situations() {
            for permission in Permission::all() {
                assert_eq!(
                    judge(&actor, permission, &subject, today()),
                    Verdict::Hide,
                    "{who}, {name}, {}",
                    permission.name()
                );
            }
        }
    }
}

#[test]
fn who_acts_for_the_challenged_officer_gains_nothing_by_it() {
    let mut deputy = staff(60, Role::Admin, AGENCY, UNIT);
    if let (Actor::Staff(deputy), Actor::Staff(challenged)) =
        (&mut deputy, staff(29, Role::Leader, AGENCY, UNIT))
    {
        deputy.acting_for = vec![crate::actor::ActingFor {
            account: challenged.account,
            memberships: challenged.memberships,
        }];
    }
    for (_, subject) in situations() {
        assert_eq!(judge(&deputy, Permission::View, &subject, today()), Verdict::Hide);
    }
}

#[test]
fn acting_for_someone_is_recorded_in_the_ground() {
    let (_, deputy) = personas().into_iter().find(|(who, _)| *who == "clerk, deputy of leader").unwrap();
    let (_, subject) = situations().into_iter().find(|(name, _)| name.starts_with("at step assign")).unwrap();
    let Verdict::Allow(ground) = judge(&deputy, Permission::Act(CommandKind::Assign), &subject, today())
    else {
        panic!("not allowed")
    };
    assert_eq!(ground.acting_for, Some(AccountId(id(25))));
    // In his own role he needs nobody's name.
    let Verdict::Allow(ground) = judge(&deputy, Permission::Act(CommandKind::AddNote), &subject, today())
    else {
        panic!("not allowed")
    };
    assert_eq!(ground.acting_for, None);
}

#[test]
fn a_role_ends_with_its_last_day() {
    let mut actor = staff(25, Role::Leader, AGENCY, UNIT);
    if let Actor::Staff(staff) = &mut actor {
        staff.memberships[0].until = Some(today());
    }
    let subject = situation(Some((StepKind::Assign, Role::Leader)), false, false, "citizen");
    assert!(matches!(judge(&actor, Permission::View, &subject, today()), Verdict::Allow(_)));
    assert_eq!(judge(&actor, Permission::View, &subject, today().succ_opt().unwrap()), Verdict::Hide);
}
