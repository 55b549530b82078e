//! The enforcement matter: one enforcement decision is one matter, the hub of the five procedures.
//! P1 opens one, P2 confirms its state, P3 changes its officer, P4 and P5 lower costs and fee.
//! Law: L08 a.3 c.9; L25 a.3 c.8.

pub mod keeping;

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use crate::agency::Officer;
use crate::dossier::ruling::Ruling;
use crate::ids::{AgencyId, DossierId, MatterId};
use crate::relief::Relief;
use crate::words::words;

words! {
    /// Where a matter stands.
    MatterState {
        /// Decision issued, voluntary period.
        Open => "open",
        /// Đang thi hành.
        Enforcing => "enforcing",
        /// Chưa có điều kiện thi hành.
        NoConditions => "no_conditions",
        Postponed => "postponed",
        Suspended => "suspended",
        /// Thi hành xong.
        Finished => "finished",
        /// Đình chỉ.
        Discontinued => "discontinued",
    }
}

words! {
    /// A person's side in the judgment.
    PartyRole {
        Creditor => "creditor",
        Debtor => "debtor",
        Related => "related",
    }
}

/// A party to the matter.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct Party {
    pub role: PartyRole,
    pub full_name: String,
    #[serde(default)]
    pub address: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub identity_number: Option<String>,
}

/// One obligation. Money in whole đồng.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct Claim {
    pub description: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub amount: Option<u64>,
    #[serde(default)]
    pub performed_amount: u64,
    /// For an obligation without amount: it has been performed.
    #[serde(default)]
    pub performed: bool,
}

impl Claim {
    pub fn is_done(&self) -> bool {
        match self.amount {
            Some(amount) => self.performed_amount >= amount,
            None => self.performed,
        }
    }
}

/// Money performed on a claim, in whole đồng.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct Receipt {
    /// Which claim, from 0.
    pub claim: u16,
    pub amount: u64,
    pub on: NaiveDate,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
}

/// What is owed to the agency, in whole đồng.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct Due {
    pub total: u64,
    pub relieved: u64,
    pub paid: u64,
}

impl Due {
    fn lower(&mut self, relief: &Relief) {
        self.relieved = self.relieved.saturating_add(relief.amount).min(self.total);
    }

    pub fn remains(&self) -> u64 {
        self.total.saturating_sub(self.relieved).saturating_sub(self.paid)
    }
}

/// The judgment being enforced.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct Judgment {
    pub number: String,
    pub date: Option<NaiveDate>,
    pub court: String,
}

/// One enforcement matter.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct Matter {
    pub id: MatterId,
    pub version: i64,
    pub agency: AgencyId,
    /// Number of the enforcement decision; given when the decision is numbered.
    pub decision_number: Option<String>,
    pub decided_on: NaiveDate,
    pub judgment: Judgment,
    pub officer: Option<Officer>,
    pub state: MatterState,
    pub parties: Vec<Party>,
    pub claims: Vec<Claim>,
    pub coercion_cost: Due,
    pub enforcement_fee: Due,
    /// What was performed in money since the matter is kept here, in the order it was entered.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub receipts: Vec<Receipt>,
    /// The dossier whose decision opened it; none for matters entered from paper.
    pub opened_by: Option<DossierId>,
}

words! {
    /// How far the obligations are performed. Law: D62 a.37 c.2.
    Performance {
        Full => "full",
        Partial => "partial",
        None => "none",
    }
}

/// The state of a matter as confirmed to a party. Law: L08 a.53; D62 a.37.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct Confirmation {
    pub on: NaiveDate,
    pub state: MatterState,
    pub performance: Performance,
    pub claims: Vec<Claim>,
}

impl Matter {
    /// Composes what a confirmation of results says on a day.
    pub fn confirm(&self, on: NaiveDate) -> Confirmation {
        let done = self.claims.iter().filter(|claim| claim.is_done()).count();
        let begun = self.claims.iter().any(|claim| claim.performed_amount > 0 || claim.performed);
        let performance = if done == self.claims.len() && done > 0 {
            Performance::Full
        } else if begun {
            Performance::Partial
        } else {
            Performance::None
        };
        Confirmation { on, state: self.state, performance, claims: self.claims.clone() }
    }

    /// Amounts received, oldest first, and the day whose base salary the fee goes by: that of the last one.
    /// What was performed before receipts were kept here counts as one, before the others.
    pub fn receipts_by_day(&self) -> (NaiveDate, Vec<u64>) {
        let performed = self
            .claims
            .iter()
            .filter(|claim| claim.amount.is_some())
            .fold(0_u64, |sum, claim| sum.saturating_add(claim.performed_amount));
        let kept = self.receipts.iter().fold(0_u64, |sum, receipt| sum.saturating_add(receipt.amount));
        let mut sorted: Vec<&Receipt> = self.receipts.iter().collect();
        sorted.sort_by_key(|receipt| receipt.on);
        let on = sorted.last().map_or(self.decided_on, |last| last.on);
        let before = Some(performed.saturating_sub(kept)).filter(|before| *before > 0);
        (on, before.into_iter().chain(sorted.iter().map(|receipt| receipt.amount)).collect())
    }

    /// What a signed result does to the matter. True when anything changed.
    /// Law: L08 a.52 c.1 (a confirmation of full performance ends the matter).
    pub fn feel(&mut self, ruling: &Ruling) -> bool {
        match ruling {
            Ruling::ResultConfirmation { confirmation } => {
                let ends =
                    confirmation.performance == Performance::Full && self.state != MatterState::Finished;
                if ends {
                    self.state = MatterState::Finished;
                }
                ends
            }
            Ruling::OfficerReplacement { new_officer, .. } => {
                self.officer = Some(*new_officer);
                true
            }
            Ruling::CoercionCostRelief { relief, .. } => {
                self.coercion_cost.lower(relief);
                true
            }
            Ruling::EnforcementFeeRelief { relief, .. } => {
                self.enforcement_fee.lower(relief);
                true
            }
            // Opens a matter of its own; a refusal changes none.
            Ruling::EnforcementDecision { .. } | Ruling::Refusal { .. } => false,
        }
    }
}
