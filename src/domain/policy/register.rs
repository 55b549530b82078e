//! Who enters what happened on a matter: its officer, and the leaders of its agency.

use chrono::NaiveDate;

use super::{Ground, Membership, Role, Verdict};
use crate::actor::Actor;
use crate::error_code::ErrorCode;
use crate::ids::AccountId;
use crate::matter::Matter;

/// May the actor enter performance, costs and fees of this matter? Staff of the agency know that it is
/// there; to everybody else there is none. A deputy acts in the name of the absent.
pub fn keep(actor: &Actor, matter: &Matter, today: NaiveDate) -> Verdict {
    let Some(staff) = actor.staff() else { return Verdict::Hide };
    let own = (staff.account, None, &staff.memberships);
    let lent =
        staff.acting_for.iter().map(|absent| (absent.account, Some(absent.account), &absent.memberships));
    let mut verdict = Verdict::Hide;
    for (name, acting_for, memberships) in std::iter::once(own).chain(lent) {
        for held in memberships.iter().filter(|held| held.holds_on(today) && held.covers(matter.agency)) {
            if let Some(rule) = rule(held, name, matter) {
                return Verdict::Allow(Ground { rule, acting_for });
            }
            if held.role != Role::Admin {
                verdict = Verdict::Forbid(ErrorCode::NotPermitted);
            }
        }
    }
    verdict
}

fn rule(held: &Membership, name: AccountId, matter: &Matter) -> Option<&'static str> {
    match held.role {
        Role::Leader => Some(Role::Leader.as_str()),
        Role::ProcessingOfficer if matter.officer.is_some_and(|officer| officer.account == name) => {
            Some("officer of the matter")
        }
        Role::ProcessingOfficer | Role::OneWindowOfficer | Role::Clerk | Role::Inspector | Role::Admin => {
            None
        }
    }
}

#[cfg(test)]
mod tests {
    use std::fmt::Write as _;

    use super::*;
    use crate::actor::{ActingFor, Staff};
    use crate::agency::Officer;
    use crate::ids::{AgencyId, UnitId};
    use crate::matter::{Due, Judgment, MatterState};

    fn id<T: From<uuid::Uuid>>(number: u128) -> T {
        T::from(uuid::Uuid::from_u128(number))
    }

    fn staff(account: u128, role: Role, agency: u128) -> Staff {
        let held = Membership {
            agency: id(agency),
            predecessors: if agency == 3 { vec![id(1)] } else { Vec::new() },
            unit: id(10),
            role,
            head: false,
            from: "2026-01-01".parse().unwrap(),
            until: None,
        };
        Staff { account: id(account), name: String::new(), memberships: vec![held], acting_for: Vec::new() }
    }

    fn matter() -> Matter {
        Matter {
            id: id(90),
            version: 1,
            agency: id::<AgencyId>(1),
            decision_number: None,
            decided_on: "2026-01-10".parse().unwrap(),
            judgment: Judgment::default(),
            officer: Some(Officer { account: id(22), unit: id::<UnitId>(10) }),
            state: MatterState::Enforcing,
            parties: Vec::new(),
            claims: Vec::new(),
            coercion_cost: Due::default(),
            enforcement_fee: Due::default(),
            receipts: Vec::new(),
            opened_by: None,
        }
    }

    #[test]
    fn the_table_of_the_register_is_reviewed() {
        let mut deputy = staff(26, Role::Clerk, 1);
        deputy.acting_for = vec![ActingFor {
            account: id(22),
            memberships: staff(22, Role::ProcessingOfficer, 1).memberships,
        }];
        let personas = [
            ("anonymous", Actor::Anonymous),
            ("citizen", Actor::Citizen(id(80))),
            ("officer of the matter", Actor::Staff(staff(22, Role::ProcessingOfficer, 1))),
            ("the same, now elsewhere", Actor::Staff(staff(22, Role::ProcessingOfficer, 2))),
            ("the same, in the successor", Actor::Staff(staff(22, Role::ProcessingOfficer, 3))),
            ("another officer", Actor::Staff(staff(23, Role::ProcessingOfficer, 1))),
            ("deputy of the officer", Actor::Staff(deputy)),
            ("leader", Actor::Staff(staff(25, Role::Leader, 1))),
            ("leader elsewhere", Actor::Staff(staff(25, Role::Leader, 2))),
            ("leader of the successor", Actor::Staff(staff(25, Role::Leader, 3))),
            ("one-window officer", Actor::Staff(staff(20, Role::OneWindowOfficer, 1))),
            ("clerk", Actor::Staff(staff(26, Role::Clerk, 1))),
            ("inspector", Actor::Staff(staff(27, Role::Inspector, 1))),
            ("admin", Actor::Staff(staff(28, Role::Admin, 1))),
            ("the service itself", Actor::System),
        ];
        let mut table =
            String::from("Enter performance, costs and fees of a matter of agency 1, officer 22.\n\n");
        for (who, actor) in personas {
            let what = match keep(&actor, &matter(), "2026-11-23".parse().unwrap()) {
                Verdict::Allow(Ground { rule, acting_for: None }) => format!("yes, as {rule}"),
                Verdict::Allow(Ground { rule, acting_for: Some(_) }) => format!("yes, for the absent {rule}"),
                Verdict::Forbid(code) => format!("no: {code}"),
                Verdict::Hide => "HIDDEN".to_owned(),
            };
            let _ = writeln!(table, "{who:28} {what}");
        }
        insta::assert_snapshot!(table);
    }
}
