//! Who acts: a citizen, the holder of a tracking key, staff, a partner, or the service itself.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use crate::ids::{AccountId, AgencyId, DossierId, PartnerId, UnitId};
use crate::policy::{Membership, Role};
use crate::procedure::ProcedureKey;
use crate::words::words;

words! {
    /// What a partner's contract lets it do.
    Verb {
        /// File and supply.
        File => "file",
        Read => "read",
        Withdraw => "withdraw",
    }
}

/// Someone staff may act for between two dates: an absence with a named deputy.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ActingFor {
    pub account: AccountId,
    pub memberships: Vec<Membership>,
}

/// A signed-in member of staff, with the roles in force today.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Staff {
    pub account: AccountId,
    pub name: String,
    pub memberships: Vec<Membership>,
    pub acting_for: Vec<ActingFor>,
}

impl Staff {
    /// Roles at a counter today, one's own and those of absent people: who enters requests for others.
    pub fn at_counter(&self, today: NaiveDate) -> impl Iterator<Item = &Membership> {
        let lent = self.acting_for.iter().flat_map(|absent| &absent.memberships);
        self.memberships
            .iter()
            .chain(lent)
            .filter(move |held| held.role == Role::OneWindowOfficer && held.holds_on(today))
    }

    /// Holds a role in the unit today, or acts for somebody who does.
    pub fn stands_in(&self, unit: UnitId, today: NaiveDate) -> bool {
        let lent = self.acting_for.iter().flat_map(|absent| &absent.memberships);
        self.memberships.iter().chain(lent).any(|held| held.unit == unit && held.holds_on(today))
    }
}

/// A partner system, with its contract.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Partner {
    pub id: PartnerId,
    pub name: String,
    /// What it may do, per procedure.
    pub scopes: Vec<(ProcedureKey, Verb)>,
    /// Agencies of its contract; empty means every agency.
    pub agencies: Vec<AgencyId>,
    /// Which of its users acts: asserted by the partner, not a verified identity.
    pub asserted_user: Option<String>,
}

/// Whoever asks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Actor {
    Anonymous,
    /// Knows the code and the secret key of one dossier.
    Holder(DossierId),
    Citizen(AccountId),
    Staff(Staff),
    Partner(Partner),
    /// Scheduled work of the service itself.
    System,
}

/// The actor as recorded in events and audit entries.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Doer {
    Anonymous,
    Holder,
    Citizen {
        account: AccountId,
    },
    Staff {
        account: AccountId,
        /// The absent person acted for.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        acting_for: Option<AccountId>,
    },
    Partner {
        partner: PartnerId,
        /// Asserted by the partner, not verified.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        asserted_user: Option<String>,
    },
    System,
}

impl Actor {
    pub fn account(&self) -> Option<AccountId> {
        match self {
            Self::Citizen(account) => Some(*account),
            Self::Staff(staff) => Some(staff.account),
            Self::Anonymous | Self::Holder(_) | Self::Partner(_) | Self::System => None,
        }
    }

    pub fn staff(&self) -> Option<&Staff> {
        match self {
            Self::Staff(staff) => Some(staff),
            Self::Anonymous | Self::Holder(_) | Self::Citizen(_) | Self::Partner(_) | Self::System => None,
        }
    }

    /// How this actor stands in the record.
    pub fn doer(&self, acting_for: Option<AccountId>) -> Doer {
        match self {
            Self::Anonymous => Doer::Anonymous,
            Self::Holder(_) => Doer::Holder,
            Self::Citizen(account) => Doer::Citizen { account: *account },
            Self::Staff(staff) => Doer::Staff { account: staff.account, acting_for },
            Self::Partner(partner) => {
                Doer::Partner { partner: partner.id, asserted_user: partner.asserted_user.clone() }
            }
            Self::System => Doer::System,
        }
    }
}
