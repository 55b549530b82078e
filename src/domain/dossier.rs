//! The dossier: one application file, its state, its clock, and everything recorded on it.
//!
//! The aggregate changes only through `apply(event)`, and events come only from `plan`.

pub mod allowed;
pub mod apply;
pub mod clock;
pub mod code;
pub mod command;
pub mod event;
pub mod extension;
pub mod facts;
pub mod guard;
pub mod handed;
pub mod plan;
pub mod recalendar;
pub mod ruling;
pub mod state;
pub mod undo;

use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};

use crate::agency::Officer;
use crate::ids::{
    AccountId, AgencyId, DocumentId, DossierId, ItemId, MatterId, OpinionId, PartnerId, ProcedureVersionId,
    UnitId,
};
use crate::person::Contact;
use crate::procedure::ProcedureKey;
use crate::text::Language;
use crate::words::words;
use clock::Clock;
use handed::HandedOver;
use ruling::Ruling;
use state::{Stage, State};

words! {
    /// How the request reached the agency. Law: L08 a.31 c.1; L25 a.34 c.1.
    Channel {
        Online => "online",
        Partner => "partner",
        /// In person.
        Counter => "counter",
        /// Spoken; the agency wrote minutes.
        Oral => "oral",
        /// By post, with the postmark date kept apart from the receipt date.
        Postal => "postal",
    }
}

impl Channel {
    /// True when staff enter the request for the applicant.
    pub fn by_staff(self) -> bool {
        match self {
            Self::Counter | Self::Oral | Self::Postal => true,
            Self::Online | Self::Partner => false,
        }
    }
}

words! {
    /// How the applicant wants the result.
    ReturnWay {
        Counter => "counter",
        Post => "post",
        Online => "online",
    }
}

words! {
    /// On whose behalf the filer acts.
    FilerMode {
        Own => "own",
        Representative => "representative",
        /// Someone helps the applicant to fill the form in; recorded, no legal effect.
        Helper => "helper",
    }
}

/// Who brought the dossier.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct Filer {
    pub account: Option<AccountId>,
    pub partner: Option<PartnerId>,
    /// Asserted by the partner, not verified.
    pub partner_user: Option<String>,
    pub staff: Option<AccountId>,
    pub mode: FilerMode,
    /// The representative or helper, as typed; not verified.
    #[serde(default)]
    pub filled_in_by: Option<String>,
}

/// One thing to put right, tied to a field or a paper. Law: D61 a.15 (once, completely, exactly).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct SupplementItem {
    pub id: ItemId,
    /// JSON pointer into the answers; either this or `requirement` is present.
    pub field: Option<String>,
    /// Key of the paper.
    pub requirement: Option<String>,
    pub reason: String,
    pub note: Option<String>,
    pub supplied_at: Option<DateTime<Utc>>,
}

/// A request to supplement, at intake or at examination.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct Supplement {
    pub stage: Stage,
    /// From 1 at each stage.
    pub round: u16,
    pub requested_at: DateTime<Utc>,
    pub supply_by: NaiveDate,
    pub items: Vec<SupplementItem>,
    /// Why a further round was needed; a leader's words.
    pub round_reason: Option<String>,
    /// When everything was supplied, or the dossier ended without it.
    pub closed_at: Option<DateTime<Utc>>,
}

/// An opinion asked of another unit. Law: D61 a.19 c.5.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct Opinion {
    pub id: OpinionId,
    pub unit: UnitId,
    pub question: String,
    pub due_on: NaiveDate,
    pub asked_at: DateTime<Utc>,
    pub answer: Option<String>,
    pub answered_at: Option<DateTime<Utc>>,
}

/// A payment the applicant must make before work goes on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct Payment {
    /// Whole đồng.
    pub amount: u64,
    pub reason: String,
    pub pay_by: NaiveDate,
    pub paid_at: Option<DateTime<Utc>>,
}

/// The result on its way from draft to number.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct Decision {
    pub ruling: Ruling,
    pub drafted_by: AccountId,
    /// The absent officer in whose name it was drafted; he too has drafted it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub drafted_for: Option<AccountId>,
    pub drafted_at: DateTime<Utc>,
    pub proposed_at: Option<DateTime<Utc>>,
    pub signed_by: Option<AccountId>,
    pub signed_at: Option<DateTime<Utc>>,
    pub number: Option<String>,
    pub numbered_at: Option<DateTime<Utc>>,
}

/// A refusal at intake, with reason and advice. Law: D61 a.17 c.1.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct Refusal {
    pub reason: String,
    pub note: Option<String>,
    /// Which body is competent.
    pub advice: Option<String>,
}

/// One application file.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct Dossier {
    pub id: DossierId,
    /// Grows by one with every accepted act.
    pub version: i64,
    /// Public reference from the first moment, before the official code.
    pub reference: String,
    /// Official dossier code, on acceptance. Law: D61 a.17 c.3.
    pub code: Option<String>,
    /// Serial in the unit's book of that year.
    pub book_serial: Option<i32>,
    pub procedure: ProcedureKey,
    pub procedure_version: ProcedureVersionId,
    pub agency: AgencyId,
    pub owner_unit: UnitId,
    pub channel: Channel,
    pub language: Language,
    pub filer: Filer,
    pub contact: Contact,
    pub return_way: ReturnWay,
    pub state: State,
    pub created_at: DateTime<Utc>,
    /// Day of the request for limitation: handing in, speaking, or postmark. Law: L08 a.31 c.1.
    pub requested_on: Option<NaiveDate>,
    pub submitted_at: Option<DateTime<Utc>>,
    pub received_at: Option<DateTime<Utc>>,
    /// What came on paper, as recorded on receipt; absent when nobody recorded it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub handed_over: Option<HandedOver>,
    /// By when whoever is next should have acted.
    pub next_due_at: Option<DateTime<Utc>>,
    pub clock: Option<Clock>,
    /// Who handles it, and in which unit.
    pub assignee: Option<Officer>,
    /// Officers a change is asked of: they see nothing of this. Law: D62 a.10.
    pub challenged: Vec<AccountId>,
    /// The agency whose matter and officer it is about, when the superior one decides instead.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub escalated_from: Option<AgencyId>,
    pub matter: Option<MatterId>,
    /// The matter as the applicant wrote it, until an officer links it.
    pub matter_reference: Option<String>,
    pub supplements: Vec<Supplement>,
    pub opinions: Vec<Opinion>,
    pub payment: Option<Payment>,
    pub decision: Option<Decision>,
    pub refusal: Option<Refusal>,
    /// Reason code of a stop, or the applicant's words on withdrawal.
    pub ended_because: Option<String>,
    pub ended_at: Option<DateTime<Utc>>,
    /// What can be undone for a little while.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_move: Option<undo::LastMove>,
}

impl Dossier {
    /// What must happen next, in one word; none when nothing must.
    pub fn next_step(&self) -> Option<&str> {
        match &self.state {
            State::Draft | State::Refused | State::Withdrawn | State::Stopped | State::Returned => None,
            State::Submitted => Some("receive"),
            State::Received => Some("route"),
            State::InProcess { step } => Some(step),
            State::AwaitingSupplement { .. } => Some("supply"),
            State::AwaitingPayment { .. } => Some("pay"),
            State::Decided => Some("return"),
        }
    }

    /// The request to supplement that waits for an answer.
    pub fn open_supplement(&self) -> Option<&Supplement> {
        self.supplements.last().filter(|supplement| supplement.closed_at.is_none())
    }

    pub fn rounds_at(&self, stage: Stage) -> u16 {
        u16::try_from(self.supplements.iter().filter(|supplement| supplement.stage == stage).count())
            .unwrap_or(u16::MAX)
    }

    pub fn documents_wanted(&self) -> impl Iterator<Item = &SupplementItem> {
        self.open_supplement()
            .into_iter()
            .flat_map(|supplement| supplement.items.iter())
            .filter(|item| item.supplied_at.is_none())
    }

    /// Keys of the papers that were handed over: they are there, whether they are scanned or not.
    pub fn handed(&self) -> impl Iterator<Item = &str> {
        self.handed_over.iter().flat_map(HandedOver::keys)
    }

    /// The agency whose register holds the matter and whose officers it concerns.
    pub fn home(&self) -> AgencyId {
        self.escalated_from.unwrap_or(self.agency)
    }

    /// The official code, or the reference before there is one.
    pub fn known_as(&self) -> &str {
        self.code.as_deref().unwrap_or(&self.reference)
    }

    /// Broken invariants, in words; empty when all hold. Used by tests and by `motcua audit limbo`.
    pub fn broken_invariants(&self) -> Vec<&'static str> {
        let mut broken = Vec::new();
        let mut want = |holds: bool, what| {
            if !holds {
                broken.push(what);
            }
        };
        want(self.next_step().is_none() || self.next_due_at.is_some(), "an open dossier has no due date");
        want(!self.state.was_received() || self.code.is_some(), "a received dossier has no code");
        want(
            self.state.clock_runs() == self.clock.as_ref().is_some_and(Clock::runs),
            "the clock does not fit the state",
        );
        want(
            matches!(self.state, State::AwaitingSupplement { .. }) == self.open_supplement().is_some(),
            "the open supplement does not fit the state",
        );
        want(self.state.is_final() == self.ended_at.is_some(), "the end does not fit the state");
        want(
            !matches!(self.state, State::Decided | State::Returned)
                || self.decision.as_ref().is_some_and(|decision| decision.number.is_some()),
            "a decided dossier has no numbered decision",
        );
        broken
    }
}

/// What `Supply` brings.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct Supplied {
    pub item: ItemId,
    /// The paper, for an item about a paper.
    pub document: Option<DocumentId>,
}

#[cfg(test)]
mod machine_tests;
