//! Who arranges an absence: the person away, or a leader of their agency.

use chrono::NaiveDate;

use super::{Ground, Membership, Role, Verdict};
use crate::actor::{Actor, Staff};
use crate::error_code::ErrorCode;
use crate::ids::{AccountId, AgencyId};

/// May the actor arrange, or end, an absence of `person` in `agency`? To others there is none.
pub fn arrange(actor: &Actor, person: AccountId, agency: AgencyId, today: NaiveDate) -> Verdict {
    let Some(staff) = actor.staff() else { return Verdict::Hide };
    if staff.account == person {
        return Verdict::Allow(Ground { rule: "own absence", acting_for: None });
    }
    if let Some(acting_for) = leading(staff, agency, today) {
        return Verdict::Allow(Ground { rule: Role::Leader.as_str(), acting_for });
    }
    let works_there = staff.memberships.iter().any(|held| held.agency == agency && held.holds_on(today));
    if works_there { Verdict::Forbid(ErrorCode::NotPermitted) } else { Verdict::Hide }
}

/// In whose name the person leads the agency: `Some(None)` in their own.
#[expect(clippy::option_option, reason = "whether, and then in whose name")]
fn leading(staff: &Staff, agency: AgencyId, today: NaiveDate) -> Option<Option<AccountId>> {
    let leads = |memberships: &[Membership]| {
        memberships
            .iter()
            .any(|held| held.role == Role::Leader && held.agency == agency && held.holds_on(today))
    };
    if leads(&staff.memberships) {
        return Some(None);
    }
    staff.acting_for.iter().find(|absent| leads(&absent.memberships)).map(|absent| Some(absent.account))
}

/// Agencies whose absences the actor sees whole: those led, in their own name or an absent leader's.
pub fn led(actor: &Actor, today: NaiveDate) -> Vec<AgencyId> {
    let Some(staff) = actor.staff() else { return Vec::new() };
    let all = staff.memberships.iter().chain(staff.acting_for.iter().flat_map(|absent| &absent.memberships));
    all.filter(|held| held.role == Role::Leader && held.holds_on(today)).map(|held| held.agency).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::actor::ActingFor;
    use crate::ids::UnitId;

    fn id<T: From<uuid::Uuid>>(number: u128) -> T {
        T::from(uuid::Uuid::from_u128(number))
    }

    fn day() -> NaiveDate {
        "2026-07-01".parse().unwrap()
    }

    fn held(role: Role, agency: u128) -> Membership {
        Membership {
            agency: id(agency),
            predecessors: Vec::new(),
            unit: id::<UnitId>(9),
            role,
            head: false,
            from: day(),
            until: None,
        }
    }

    fn staff(memberships: Vec<Membership>, acting_for: Vec<ActingFor>) -> Actor {
        Actor::Staff(Staff { account: id(1), name: "A".into(), memberships, acting_for })
    }

    #[test]
    fn people_arrange_their_own_absence_and_leaders_that_of_their_agency() {
        let officer = staff(vec![held(Role::ProcessingOfficer, 5)], Vec::new());
        assert!(matches!(arrange(&officer, id(1), id(5), day()), Verdict::Allow(_)));
        assert_eq!(arrange(&officer, id(2), id(5), day()), Verdict::Forbid(ErrorCode::NotPermitted));
        assert_eq!(arrange(&officer, id(2), id(6), day()), Verdict::Hide);
        assert_eq!(arrange(&Actor::Citizen(id(1)), id(1), id(5), day()), Verdict::Hide);
        let leader = staff(vec![held(Role::Leader, 5)], Vec::new());
        assert!(matches!(
            arrange(&leader, id(2), id(5), day()),
            Verdict::Allow(Ground { acting_for: None, .. })
        ));
        assert_eq!(arrange(&leader, id(2), id(6), day()), Verdict::Hide);
        assert_eq!(led(&leader, day()), vec![id(5)]);
    }

    #[test]
    fn a_deputy_of_a_leader_arranges_in_his_name() {
        let absent = ActingFor { account: id(7), memberships: vec![held(Role::Leader, 5)] };
        let deputy = staff(vec![held(Role::ProcessingOfficer, 5)], vec![absent]);
        assert!(
            matches!(arrange(&deputy, id(2), id(5), day()), Verdict::Allow(Ground { acting_for: Some(name), .. }) if name == id(7))
        );
    }
}
