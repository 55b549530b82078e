//! What a decision says: one shape per procedure, and the written refusal all share.

use serde::{Deserialize, Serialize};

use crate::agency::Officer;
use crate::fee::Fees;
use crate::ids::AccountId;
use crate::matter::Confirmation;
use crate::relief::Relief;

/// The outcome and content of a decision, as drafted and signed.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(tag = "outcome", rename_all = "snake_case")]
pub enum Ruling {
    /// P1. Law: L08 a.36 c.3, a.45 (voluntary period of 10 days).
    EnforcementDecision {
        /// Who organises the enforcement.
        officer: Officer,
        obligations: String,
        voluntary_days: u16,
    },
    /// P2. Law: D62 a.37 c.2.
    ResultConfirmation { confirmation: Confirmation },
    /// P3. Law: D62 a.10 c.3.
    OfficerReplacement { former: AccountId, new_officer: Officer, grounds: Vec<String> },
    /// P4. Law: D62 a.44 c.3.
    CoercionCostRelief { relief: Relief },
    /// P5. Law: C216 a.7.
    EnforcementFeeRelief {
        relief: Relief,
        /// How the fee came about, receipt by receipt; the annex. Law: C216 a.4, a.5.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        reckoning: Option<Fees>,
    },
    /// A written refusal after examination: a decision, not a refusal at intake.
    /// Law: D61 a.19 c.8; L08 a.31 c.5.
    Refusal { reasons: Vec<String>, explanation: String },
}

/// What the officer enters; amounts and states are composed by the rules.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(tag = "outcome", rename_all = "snake_case", deny_unknown_fields)]
pub enum RulingInput {
    EnforcementDecision {
        officer: AccountId,
        obligations: String,
    },
    ResultConfirmation,
    OfficerReplacement {
        new_officer: AccountId,
        grounds: Vec<String>,
    },
    CoercionCostRelief {
        grounds: Vec<String>,
        #[cfg_attr(feature = "schema", schema(minimum = 1, maximum = 100))]
        percent: u8,
    },
    EnforcementFeeRelief {
        grounds: Vec<String>,
        #[cfg_attr(feature = "schema", schema(minimum = 1, maximum = 100))]
        percent: u8,
    },
    Refusal {
        reasons: Vec<String>,
        explanation: String,
    },
}

impl RulingInput {
    /// The officer named in it, if any.
    pub fn named_officer(&self) -> Option<AccountId> {
        match self {
            Self::EnforcementDecision { officer, .. } => Some(*officer),
            Self::OfficerReplacement { new_officer, .. } => Some(*new_officer),
            Self::ResultConfirmation
            | Self::CoercionCostRelief { .. }
            | Self::EnforcementFeeRelief { .. }
            | Self::Refusal { .. } => None,
        }
    }
}

/// The voluntary period of an enforcement decision, in days. Law: L08 a.45; L25 a.36.
pub const VOLUNTARY_DAYS: u16 = 10;
