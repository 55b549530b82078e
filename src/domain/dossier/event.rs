//! What happened: past tense, complete enough to replay. Events are the timeline, the partner
//! feed and the body of the audit entry.

use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};

use super::clock::{Clock, Extension};
use super::command::CommandKind;
use super::handed::HandedOver;
use super::ruling::Ruling;
use super::undo::Place;
use super::{Opinion, Payment, Refusal, ReturnWay, Supplement, Supplied};
use crate::agency::Officer;
use crate::ids::{AccountId, AgencyId, MatterId, OpinionId, ProcedureVersionId, UnitId};
use crate::text::Text;

/// One thing that happened to a dossier.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum Event {
    Submitted {
        at: DateTime<Utc>,
        requested_on: NaiveDate,
        matter: Option<MatterId>,
        matter_reference: Option<String>,
        challenged: Vec<AccountId>,
        intake_due_at: DateTime<Utc>,
    },
    /// The head is challenged, so the superior agency decides. Law: D62 a.10 c.2.
    Escalated {
        agency: AgencyId,
        owner_unit: UnitId,
    },
    Received {
        at: DateTime<Utc>,
        code: String,
        book_serial: i32,
        clock: Clock,
        warnings: Vec<Text>,
        /// What came on paper, where it was recorded.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        handed_over: Option<HandedOver>,
    },
    /// The dossier came to a step, with its owner and its due date.
    Routed {
        step: String,
        owner_unit: UnitId,
        due_at: DateTime<Utc>,
        assignee: Option<Officer>,
    },
    SupplementRequested {
        supplement: Supplement,
        owner_unit: UnitId,
        due_at: DateTime<Utc>,
    },
    Supplied {
        at: DateTime<Utc>,
        items: Vec<Supplied>,
        complete: bool,
    },
    /// After a supplement at intake: looked at again by then.
    Resubmitted {
        intake_due_at: DateTime<Utc>,
    },
    ClockRestarted {
        clock: Clock,
    },
    Refused {
        at: DateTime<Utc>,
        refusal: Refusal,
    },
    Assigned {
        officer: Officer,
        note: Option<String>,
    },
    StepCompleted {
        step: String,
        outcome: String,
        note: Option<String>,
    },
    SentBack {
        from: String,
        to: String,
        reason: String,
    },
    OpinionRequested {
        opinion: Opinion,
    },
    OpinionAnswered {
        id: OpinionId,
        answer: String,
        at: DateTime<Utc>,
    },
    Drafted {
        ruling: Ruling,
        by: AccountId,
        /// The absent officer acted for.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        acting_for: Option<AccountId>,
        at: DateTime<Utc>,
    },
    Proposed {
        at: DateTime<Utc>,
        warnings: Vec<Text>,
        /// Lines of the step's checklist that were ticked off, from 0.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        checked: Vec<u16>,
    },
    Signed {
        by: AccountId,
        at: DateTime<Utc>,
    },
    Numbered {
        number: String,
        at: DateTime<Utc>,
    },
    HandedOver {
        at: DateTime<Utc>,
        owner_unit: UnitId,
        collect_by: DateTime<Utc>,
    },
    Returned {
        at: DateTime<Utc>,
        way: ReturnWay,
        to: String,
    },
    Withdrawn {
        at: DateTime<Utc>,
        reason: Option<String>,
    },
    Stopped {
        at: DateTime<Utc>,
        reason: String,
        note: Option<String>,
    },
    Extended {
        extension: Extension,
        clock: Clock,
    },
    PaymentRequested {
        payment: Payment,
        clock: Clock,
        due_at: DateTime<Utc>,
    },
    PaymentConfirmed {
        at: DateTime<Utc>,
        clock: Clock,
    },
    Lapsed {
        at: DateTime<Utc>,
        reason: String,
    },
    Repinned {
        to: ProcedureVersionId,
        version: String,
        reason: String,
        clock: Option<Clock>,
    },
    MatterLinked {
        matter: MatterId,
        challenged: Vec<AccountId>,
    },
    /// A supplement named another matter or another officer; a draft made before is void.
    Renamed {
        matter: Option<MatterId>,
        matter_reference: Option<String>,
        challenged: Vec<AccountId>,
    },
    NoteAdded {
        text: String,
    },
    /// The last move was taken back: the dossier is where it was.
    Undone {
        act: CommandKind,
        to: Place,
    },
    /// The calendar changed after the fact, and with it when this is due.
    DueDateMoved {
        /// The edition that came into force, such as `2026.1-1`.
        calendar: String,
        /// The clock as reckoned anew; absent when only a step of the work moved.
        clock: Option<Clock>,
        former_due_on: Option<NaiveDate>,
        due_at: DateTime<Utc>,
    },
}

impl Event {
    /// The dotted name: `dossier.received`.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Submitted { .. } => "dossier.submitted",
            Self::Escalated { .. } => "dossier.escalated",
            Self::Received { .. } => "dossier.received",
            Self::Routed { .. } => "dossier.routed",
            Self::SupplementRequested { .. } => "dossier.supplement_requested",
            Self::Supplied { .. } => "dossier.supplied",
            Self::Resubmitted { .. } => "dossier.resubmitted",
            Self::ClockRestarted { .. } => "dossier.clock_restarted",
            Self::Refused { .. } => "dossier.refused",
            Self::Assigned { .. } => "dossier.assigned",
            Self::StepCompleted { .. } => "dossier.step_completed",
            Self::SentBack { .. } => "dossier.sent_back",
            Self::OpinionRequested { .. } => "dossier.opinion_requested",
            Self::OpinionAnswered { .. } => "dossier.opinion_answered",
            Self::Drafted { .. } => "dossier.drafted",
            Self::Proposed { .. } => "dossier.proposed",
            Self::Signed { .. } => "dossier.signed",
            Self::Numbered { .. } => "dossier.numbered",
            Self::HandedOver { .. } => "dossier.handed_over",
            Self::Returned { .. } => "dossier.returned",
            Self::Withdrawn { .. } => "dossier.withdrawn",
            Self::Stopped { .. } => "dossier.stopped",
            Self::Extended { .. } => "dossier.extended",
            Self::PaymentRequested { .. } => "dossier.payment_requested",
            Self::PaymentConfirmed { .. } => "dossier.payment_confirmed",
            Self::Lapsed { .. } => "dossier.lapsed",
            Self::Repinned { .. } => "dossier.repinned",
            Self::MatterLinked { .. } => "dossier.matter_linked",
            Self::Renamed { .. } => "dossier.renamed",
            Self::NoteAdded { .. } => "dossier.note_added",
            Self::Undone { .. } => "dossier.undone",
            Self::DueDateMoved { .. } => "dossier.due_date_moved",
        }
    }

    /// What the applicant reads of it: no officers, no internal warnings.
    #[must_use]
    pub fn for_applicant(mut self) -> Self {
        if let Self::Submitted { challenged, .. } = &mut self {
            challenged.clear();
        } else if let Self::Received { warnings, .. } = &mut self {
            warnings.clear();
        } else if let Self::Routed { assignee, .. } = &mut self {
            *assignee = None;
        } else if let Self::Undone { to, .. } = &mut self {
            to.assignee = None;
            to.proposed_at = None;
        }
        self
    }

    /// True when the applicant may read it; notes, drafts and opinions stay inside.
    pub fn is_public(&self) -> bool {
        match self {
            Self::Submitted { .. }
            | Self::Received { .. }
            | Self::SupplementRequested { .. }
            | Self::Supplied { .. }
            | Self::Resubmitted { .. }
            | Self::ClockRestarted { .. }
            | Self::Refused { .. } => true,
            Self::Routed { .. }
            | Self::Escalated { .. }
            | Self::HandedOver { .. }
            | Self::Returned { .. }
            | Self::Withdrawn { .. }
            | Self::Stopped { .. }
            | Self::Extended { .. } => true,
            Self::PaymentRequested { .. }
            | Self::PaymentConfirmed { .. }
            | Self::Lapsed { .. }
            | Self::Repinned { .. }
            | Self::Undone { .. } => true,
            // The applicant was told a day; the steps on the way are the agency's own.
            Self::DueDateMoved { clock, .. } => clock.is_some(),
            Self::Assigned { .. }
            | Self::StepCompleted { .. }
            | Self::SentBack { .. }
            | Self::OpinionRequested { .. }
            | Self::OpinionAnswered { .. } => false,
            Self::Drafted { .. }
            | Self::Proposed { .. }
            | Self::Signed { .. }
            | Self::Numbered { .. }
            | Self::MatterLinked { .. }
            | Self::Renamed { .. }
            | Self::NoteAdded { .. } => false,
        }
    }
}
