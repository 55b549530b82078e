//! The clocks of a procedure: limits, what starts them, and what supplement and payment do.

use serde::{Deserialize, Serialize};

use super::BasisKey;
use crate::deadline::Limit;
use crate::words::words;

words! {
    /// What completing a supplement does to the time limit.
    SupplementEffect {
        /// Counted again from the beginning. Law: D61 a.19 c.4.
        Restart => "restart",
        /// The remaining days go on.
        Resume => "resume",
    }
}

/// A limit and its basis.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct LimitRule {
    pub limit: Limit,
    pub basis: Vec<BasisKey>,
}

/// All clocks of one procedure version.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct Clocks {
    /// The statutory time limit, from receipt.
    pub processing: LimitRule,
    /// How soon an online submission is looked at by the one-window unit.
    pub intake: LimitRule,
    /// How long after receipt a supplement may still be asked for. Law: D61 a.19 c.4 (3 working days).
    pub supplement_notice: LimitRule,
    /// How long the applicant has to supply before the dossier may be stopped.
    pub supply: LimitRule,
    /// How long the applicant has to pay, when a payment is due.
    pub payment: LimitRule,
    pub on_supplement: SupplementEffect,
    /// Minutes after midnight; a dossier received later is forwarded on the next working day.
    /// Law: D61 a.18 c.2 (15:00 = 900).
    pub forward_cutoff_minutes: u16,
    /// How many times the due date may be put off. Law: D61 a.19 c.9 (once).
    pub extensions: u8,
    pub extension_basis: Vec<BasisKey>,
}
