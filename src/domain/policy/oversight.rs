//! Who sees a whole agency in figures: its leaders, and those who inspect it.

use chrono::NaiveDate;

use super::Role;
use crate::actor::Actor;
use crate::ids::{AccountId, AgencyId};

/// The agencies somebody oversees. Only [`Oversight::of`] makes one, and figures take nothing else.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Oversight {
    me: AccountId,
    agencies: Vec<AgencyId>,
}

impl Oversight {
    /// By roles of one's own alone: a deputy does the absent leader's work, not his supervision.
    pub fn of(actor: &Actor, today: NaiveDate) -> Option<Self> {
        let staff = actor.staff()?;
        let agencies: Vec<AgencyId> = staff
            .memberships
            .iter()
            .filter(|held| matches!(held.role, Role::Leader | Role::Inspector) && held.holds_on(today))
            .flat_map(|held| std::iter::once(held.agency).chain(held.predecessors.iter().copied()))
            .collect();
        (!agencies.is_empty()).then_some(Self { me: staff.account, agencies })
    }

    /// The reader: dossiers in which he is challenged do not count.
    pub fn me(&self) -> AccountId {
        self.me
    }

    pub fn agencies(&self) -> &[AgencyId] {
        &self.agencies
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::actor::{ActingFor, Staff};
    use crate::ids::UnitId;
    use crate::policy::Membership;

    fn held(role: Role) -> Membership {
        let id = uuid::Uuid::from_u128;
        Membership {
            agency: AgencyId(id(1)),
            predecessors: vec![AgencyId(id(2))],
            unit: UnitId(id(3)),
            role,
            head: false,
            from: "2026-01-01".parse().unwrap(),
            until: Some("2026-12-31".parse().unwrap()),
        }
    }

    fn staff(memberships: Vec<Membership>, lent: Vec<Membership>) -> Actor {
        let id = uuid::Uuid::from_u128;
        let acting_for = vec![ActingFor { account: AccountId(id(8)), memberships: lent }];
        Actor::Staff(Staff { account: AccountId(id(7)), name: String::new(), memberships, acting_for })
    }

    #[test]
    fn leaders_and_inspectors_oversee_their_agency_and_its_predecessors_while_they_hold_the_role() {
        let day: NaiveDate = "2026-11-24".parse().unwrap();
        for role in Role::ALL {
            let found = Oversight::of(&staff(vec![held(*role)], Vec::new()), day);
            let oversees = matches!(role, Role::Leader | Role::Inspector);
            assert_eq!(
                found.map_or(0, |found| found.agencies().len()),
                if oversees { 2 } else { 0 },
                "{role:?}"
            );
        }
        let late: NaiveDate = "2027-01-01".parse().unwrap();
        assert_eq!(Oversight::of(&staff(vec![held(Role::Leader)], Vec::new()), late), None);
        assert_eq!(Oversight::of(&staff(Vec::new(), vec![held(Role::Leader)]), day), None);
        assert_eq!(Oversight::of(&Actor::Anonymous, day), None);
    }
}
