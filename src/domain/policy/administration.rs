//! Who keeps the service: administrators what belongs to their agency, and those of the top agency
//! also what all agencies share. By roles of one's own alone: nobody administers as a deputy.
//!
//! Nothing here opens a dossier.

use chrono::NaiveDate;

use super::{Ground, Role, Verdict};
use crate::actor::Actor;
use crate::error_code::ErrorCode;
use crate::ids::{AccountId, AgencyId};

/// What somebody administers. Only [`Administration::of`] makes one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Administration {
    /// None for the person who runs the server.
    me: Option<AccountId>,
    agencies: Vec<AgencyId>,
    shared: bool,
}

impl Administration {
    /// `top` is the one agency above all others, when there is one.
    pub fn of(actor: &Actor, today: NaiveDate, top: Option<AgencyId>) -> Option<Self> {
        let staff = match actor {
            Actor::System => return Some(Self { me: None, agencies: Vec::new(), shared: true }),
            Actor::Staff(staff) => staff,
            Actor::Anonymous | Actor::Holder(_) | Actor::Citizen(_) | Actor::Partner(_) => return None,
        };
        let agencies: Vec<AgencyId> = staff
            .memberships
            .iter()
            .filter(|held| held.role == Role::Admin && held.holds_on(today))
            .flat_map(|held| std::iter::once(held.agency).chain(held.predecessors.iter().copied()))
            .collect();
        let shared = top.is_some_and(|top| agencies.contains(&top));
        (!agencies.is_empty()).then_some(Self { me: Some(staff.account), agencies, shared })
    }

    /// What belongs to this agency.
    pub fn keeps(&self, agency: AgencyId) -> bool {
        self.me.is_none() || self.agencies.contains(&agency)
    }

    /// Partners, calendars and the service's own work, which belong to no agency.
    pub fn keeps_shared(&self) -> bool {
        self.shared
    }

    /// May what this person proposed be published? Never by who proposed it.
    pub fn seconds(&self, proposer: AccountId) -> bool {
        self.shared && self.me != Some(proposer)
    }

    /// The agencies by name; empty for the person who runs the server, who keeps all.
    pub fn agencies(&self) -> &[AgencyId] {
        &self.agencies
    }

    /// May the account with posts in these agencies be changed? Whoever also works elsewhere is changed
    /// by the person who runs the server; nobody changes his own account here.
    pub fn change(&self, account: AccountId, posts: &[AgencyId]) -> Verdict {
        let Some(me) = self.me else {
            return Verdict::Allow(Ground { rule: "the service itself", acting_for: None });
        };
        if !posts.iter().any(|agency| self.keeps(*agency)) {
            Verdict::Hide
        } else if me == account || !posts.iter().all(|agency| self.keeps(*agency)) {
            Verdict::Forbid(ErrorCode::NotPermitted)
        } else {
            Verdict::Allow(Ground { rule: Role::Admin.as_str(), acting_for: None })
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::actor::{ActingFor, Staff};
    use crate::ids::UnitId;
    use crate::policy::Membership;

    fn id<T: From<uuid::Uuid>>(number: u128) -> T {
        T::from(uuid::Uuid::from_u128(number))
    }

    fn day() -> NaiveDate {
        "2026-11-24".parse().unwrap()
    }

    fn staff(role: Role, lent: Option<Role>) -> Actor {
        let held = |role| Membership {
            agency: id(1),
            predecessors: vec![id(2)],
            unit: id::<UnitId>(9),
            role,
            head: false,
            from: "2026-01-01".parse().unwrap(),
            until: Some("2026-12-31".parse().unwrap()),
        };
        let acting_for = lent
            .map(|role| ActingFor { account: id(8), memberships: vec![held(role)] })
            .into_iter()
            .collect();
        Actor::Staff(Staff { account: id(7), name: String::new(), memberships: vec![held(role)], acting_for })
    }

    #[test]
    fn only_administrators_keep_an_agency_and_only_while_they_are() {
        for role in Role::ALL {
            assert_eq!(
                Administration::of(&staff(*role, None), day(), None).is_some(),
                *role == Role::Admin,
                "{role:?}"
            );
        }
        let late = "2027-01-01".parse().unwrap();
        assert_eq!(Administration::of(&staff(Role::Admin, None), late, None), None);
        assert_eq!(Administration::of(&staff(Role::Clerk, Some(Role::Admin)), day(), None), None);
        assert_eq!(Administration::of(&Actor::Anonymous, day(), None), None);
    }

    #[test]
    fn what_agencies_share_is_kept_at_the_top() {
        let at = |top: Option<AgencyId>| Administration::of(&staff(Role::Admin, None), day(), top).unwrap();
        assert!(at(Some(id(1))).keeps_shared());
        assert!(!at(Some(id(3))).keeps_shared());
        assert!(!at(None).keeps_shared());
        assert!(at(None).keeps(id(2)));
        assert!(!at(None).keeps(id(3)));
        assert!(at(Some(id(1))).seconds(id(5)) && !at(Some(id(1))).seconds(id(7)));
        assert!(!at(Some(id(3))).seconds(id(5)));
        let system = Administration::of(&Actor::System, day(), None).unwrap();
        assert!(system.keeps_shared() && system.keeps(id(3)));
    }

    #[test]
    fn an_account_is_changed_where_it_works_and_never_by_itself() {
        let mine = Administration::of(&staff(Role::Admin, None), day(), None).unwrap();
        assert!(matches!(mine.change(id(5), &[id(1), id(2)]), Verdict::Allow(_)));
        assert_eq!(mine.change(id(5), &[id(1), id(3)]), Verdict::Forbid(ErrorCode::NotPermitted));
        assert_eq!(mine.change(id(7), &[id(1)]), Verdict::Forbid(ErrorCode::NotPermitted));
        assert_eq!(mine.change(id(5), &[id(3)]), Verdict::Hide);
        assert_eq!(mine.change(id(5), &[]), Verdict::Hide);
    }
}
