//! The states: a small closed list shared by all procedures, with legal meaning.
//! The position on the route (`step`) is data of the definition.

use serde::{Deserialize, Serialize};

use crate::words::words;

words! {
    /// When a supplement is asked for.
    Stage {
        Intake => "intake",
        Examination => "examination",
    }
}

/// Where a dossier stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(tag = "name", rename_all = "snake_case")]
pub enum State {
    Draft,
    Submitted,
    Refused,
    /// Accepted; routed in the same transaction.
    Received,
    InProcess {
        step: String,
    },
    /// The step to come back to, when asked during examination.
    AwaitingSupplement {
        stage: Stage,
        step: Option<String>,
    },
    AwaitingPayment {
        step: String,
    },
    Withdrawn,
    Stopped,
    Decided,
    Returned,
}

words! {
    /// The name of a state, without its data.
    StateName {
        Draft => "draft",
        Submitted => "submitted",
        Refused => "refused",
        Received => "received",
        InProcess => "in_process",
        AwaitingSupplement => "awaiting_supplement",
        AwaitingPayment => "awaiting_payment",
        Withdrawn => "withdrawn",
        Stopped => "stopped",
        Decided => "decided",
        Returned => "returned",
    }
}

impl State {
    pub fn name(&self) -> StateName {
        match self {
            Self::Draft => StateName::Draft,
            Self::Submitted => StateName::Submitted,
            Self::Refused => StateName::Refused,
            Self::Received => StateName::Received,
            Self::InProcess { .. } => StateName::InProcess,
            Self::AwaitingSupplement { .. } => StateName::AwaitingSupplement,
            Self::AwaitingPayment { .. } => StateName::AwaitingPayment,
            Self::Withdrawn => StateName::Withdrawn,
            Self::Stopped => StateName::Stopped,
            Self::Decided => StateName::Decided,
            Self::Returned => StateName::Returned,
        }
    }

    pub fn step(&self) -> Option<&str> {
        match self {
            Self::InProcess { step } | Self::AwaitingPayment { step } => Some(step),
            Self::AwaitingSupplement { step, .. } => step.as_deref(),
            Self::Draft
            | Self::Submitted
            | Self::Refused
            | Self::Received
            | Self::Withdrawn
            | Self::Stopped
            | Self::Decided
            | Self::Returned => None,
        }
    }

    /// Final states accept no act.
    pub fn is_final(&self) -> bool {
        self.name().is_final()
    }

    /// True while the time limit of the agency runs.
    pub fn clock_runs(&self) -> bool {
        matches!(self, Self::Received | Self::InProcess { .. })
    }

    /// True once the counter has accepted it.
    pub fn was_received(&self) -> bool {
        matches!(
            self,
            Self::Received
                | Self::InProcess { .. }
                | Self::AwaitingPayment { .. }
                | Self::Decided
                | Self::Returned
                | Self::AwaitingSupplement { stage: Stage::Examination, .. }
        )
    }
}

impl StateName {
    pub fn is_final(self) -> bool {
        matches!(self, Self::Refused | Self::Withdrawn | Self::Stopped | Self::Returned)
    }

    /// The status code of the National Public Service Portal; none for a draft.
    /// Law: C22T a.4 (Annex I; codes are secondary, from public code).
    pub fn national_code(self) -> Option<u8> {
        Some(match self {
            Self::Draft => return None,
            Self::Submitted => 1,
            Self::Received => 2,
            Self::Refused => 3,
            Self::InProcess => 4,
            Self::AwaitingSupplement => 5,
            Self::AwaitingPayment => 6,
            Self::Withdrawn => 7,
            Self::Stopped => 8,
            Self::Decided => 9,
            Self::Returned => 10,
        })
    }
}
