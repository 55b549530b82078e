//! What has to be sent after a decision on enforcement, and by when.

use chrono::NaiveDate;

use crate::calendar::Calendar;
use crate::dossier::extension::working_day_after;
use crate::dossier::ruling::Ruling;
use crate::paper::PaperKind;
use crate::words::words;

/// Working days from the day of the decision. Law: L08 a.38, a.39; L25 a.35.
pub const WORKING_DAYS: u16 = 3;

words! {
    /// What is to be sent.
    TaskKind {
        /// The decision, to the procuracy of the same level. Law: L08 a.38; L25 a.35 c.2.
        ProcuracyTransmittal => "procuracy_transmittal",
        /// Notice of the decision, to a party. Law: L08 a.39; L25 a.35.
        PartyNotice => "party_notice",
    }
}

words! {
    /// How it was sent.
    SendingWay {
        Direct => "direct",
        Post => "post",
        Electronic => "electronic",
        /// Posted up in public, where nobody was found.
        PublicPosting => "public_posting",
    }
}

impl TaskKind {
    /// The paper that is sent.
    pub fn paper(self) -> PaperKind {
        match self {
            Self::ProcuracyTransmittal => PaperKind::ProcuracyTransmittal,
            Self::PartyNotice => PaperKind::PartyNotice,
        }
    }
}

/// True for results that are decisions on enforcement: a confirmation and a refusal are none.
pub fn follow(ruling: &Ruling) -> bool {
    match ruling {
        Ruling::EnforcementDecision { .. }
        | Ruling::OfficerReplacement { .. }
        | Ruling::CoercionCostRelief { .. }
        | Ruling::EnforcementFeeRelief { .. } => true,
        Ruling::ResultConfirmation { .. } | Ruling::Refusal { .. } => false,
    }
}

/// The last day for it; the day of the decision itself where the calendar knows no further one.
pub fn due_on(calendar: &Calendar, decided_on: NaiveDate) -> NaiveDate {
    working_day_after(calendar, decided_on, WORKING_DAYS).unwrap_or(decided_on)
}
