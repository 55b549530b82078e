//! The route: steps inside `InProcess`, who acts, and how much of the time limit each may use.

use serde::{Deserialize, Serialize};

use super::BasisKey;
use crate::policy::Role;
use crate::text::Text;
use crate::words::words;

words! {
    /// What kind of work a step is; decides which acts belong to it.
    StepKind {
        /// Passing on or checking; ends by completing the step.
        Work => "work",
        /// A leader names the officer.
        Assign => "assign",
        /// The assigned officer examines, drafts and proposes.
        Examine => "examine",
        /// A leader signs.
        Sign => "sign",
        /// The clerk numbers and seals, and hands over to the one-window unit.
        Issue => "issue",
    }
}

words! {
    /// Which unit owns the dossier while it is at the step.
    UnitRole {
        OneWindow => "one_window",
        Head => "head",
        /// The unit of the assigned officer.
        Officer => "officer",
        Clerk => "clerk",
    }
}

words! {
    /// When an outcome is taken instead of the plain one.
    When {
        /// The matter's officer in charge is known to the register.
        OfficerInChargeKnown => "officer_in_charge_known",
    }
}

words! {
    /// By when the step should be done.
    StepDue {
        /// By its share of the time limit.
        Share => "share",
        /// The same working day, or the start of the next one when received after the cut-off.
        /// Law: D61 a.18 c.2.
        SameDay => "same_day",
    }
}

/// A way out of a step.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct Outcome {
    pub key: String,
    pub name: Text,
    /// The next step; none when the route ends (handed over to the one-window unit).
    pub to: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub when: Option<When>,
}

/// One step of the route.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct Step {
    pub key: String,
    pub name: Text,
    pub kind: StepKind,
    pub role: Role,
    pub unit: UnitRole,
    pub due: StepDue,
    /// Share of the time limit, in half working days.
    pub half_days: u8,
    /// Who drafted may not act here.
    #[serde(default)]
    pub four_eyes: bool,
    /// Things the officer ticks off while examining.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub checklist: Vec<Text>,
    pub outcomes: Vec<Outcome>,
    pub basis: Vec<BasisKey>,
}

impl Step {
    pub fn outcome(&self, key: &str) -> Option<&Outcome> {
        self.outcomes.iter().find(|outcome| outcome.key == key)
    }
}
