//! What an actor's lists and searches may ever show. The store compiles a scope into every query;
//! there is no unscoped variant.

use chrono::NaiveDate;

use super::rules::role_may;
use super::{Permission, Role};
use crate::actor::{Actor, Staff, Verb};
use crate::ids::{AccountId, AgencyId, DossierId, PartnerId, UnitId};
use crate::procedure::ProcedureKey;

/// One name's view: agency-wide roles, units of processing officers, own assignments.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Lens {
    pub agencies: Vec<AgencyId>,
    pub units: Vec<UnitId>,
    /// Agencies whose applicants are shown by name; with own assignments, all whose names are.
    pub named: Vec<AgencyId>,
    /// Assignments of this person are in view.
    pub account: Option<AccountId>,
    /// The absent person whose view it is: where he is challenged, it shows nothing.
    pub lent_by: Option<AccountId>,
}

/// A list's limits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Scope {
    Nothing,
    Filer(AccountId),
    Holder(DossierId),
    Partner {
        partner: PartnerId,
        procedures: Vec<ProcedureKey>,
    },
    /// Never a dossier in which `me` is challenged.
    Staff {
        me: AccountId,
        lenses: Vec<Lens>,
    },
}

impl Scope {
    /// Agencies seen whole.
    pub fn agencies(&self) -> Vec<AgencyId> {
        let Self::Staff { lenses, .. } = self else { return Vec::new() };
        let mut all: Vec<AgencyId> = lenses.iter().flat_map(|lens| &lens.agencies).copied().collect();
        all.sort_unstable();
        all.dedup();
        all
    }

    pub fn of(actor: &Actor, today: NaiveDate) -> Self {
        match actor {
            Actor::Anonymous | Actor::System => Self::Nothing,
            Actor::Holder(dossier) => Self::Holder(*dossier),
            Actor::Citizen(account) => Self::Filer(*account),
            Actor::Partner(partner) => Self::Partner {
                partner: partner.id,
                procedures: partner
                    .scopes
                    .iter()
                    .filter(|(_, verb)| *verb == Verb::Read)
                    .map(|(procedure, _)| *procedure)
                    .collect(),
            },
            Actor::Staff(staff) => Self::Staff { me: staff.account, lenses: lenses(staff, today) },
        }
    }
}

fn lenses(staff: &Staff, today: NaiveDate) -> Vec<Lens> {
    let own = (staff.account, &staff.memberships);
    let lent = staff.acting_for.iter().map(|absent| (absent.account, &absent.memberships));
    std::iter::once(own)
        .chain(lent)
        .map(|(account, memberships)| {
            let lent_by = Some(account).filter(|account| *account != staff.account);
            let mut lens = Lens { lent_by, ..Lens::default() };
            for held in memberships.iter().filter(|held| held.holds_on(today)) {
                match held.role {
                    Role::OneWindowOfficer | Role::Leader | Role::Clerk | Role::Inspector => {
                        let line = std::iter::once(held.agency).chain(held.predecessors.iter().copied());
                        if role_may(held.role, Permission::ViewPersonal) {
                            lens.named.extend(line.clone());
                        }
                        lens.agencies.extend(line);
                    }
                    Role::ProcessingOfficer => {
                        lens.units.push(held.unit);
                        lens.account = Some(account);
                    }
                    Role::Admin => {}
                }
            }
            lens
        })
        .filter(|lens| !lens.agencies.is_empty() || !lens.units.is_empty())
        .collect()
}
