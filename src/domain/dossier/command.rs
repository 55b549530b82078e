//! The acts, as commands: everything that can be asked of a dossier.

use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};

use super::ReturnWay;
use super::handed::HandedOver;
use crate::ids::{AccountId, ItemId, MatterId, OpinionId, UnitId};
use crate::words::words;

words! {
    /// The kinds of acts. `allowed` lists these; policy gives each its permission.
    CommandKind {
        Submit => "submit",
        Receive => "receive",
        RequestSupplement => "request_supplement",
        Supply => "supply",
        Refuse => "refuse",
        Assign => "assign",
        CompleteStep => "complete_step",
        SendBack => "send_back",
        RequestOpinion => "request_opinion",
        AnswerOpinion => "answer_opinion",
        Draft => "draft",
        Propose => "propose",
        Sign => "sign",
        Number => "number",
        HandOver => "hand_over",
        Return => "return",
        Withdraw => "withdraw",
        Stop => "stop",
        Extend => "extend",
        RequestPayment => "request_payment",
        ConfirmPayment => "confirm_payment",
        Lapse => "lapse",
        Repin => "repin",
        LinkMatter => "link_matter",
        AddNote => "add_note",
        /// Takes the last move inside the agency back.
        Undo => "undo",
    }
}

/// One thing to put right, as the officer enters it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ItemInput {
    pub id: ItemId,
    pub field: Option<String>,
    pub requirement: Option<String>,
    pub reason: String,
    pub note: Option<String>,
}

/// Everything that can be asked of a dossier.
#[derive(Debug, Clone, PartialEq)]
pub enum Command {
    Submit {
        /// Postmark or minutes date; today when absent. Law: L08 a.31 c.1.
        requested_on: Option<NaiveDate>,
        matter: Option<MatterId>,
        matter_reference: Option<String>,
    },
    /// The code comes from the unit's counter, in the same transaction.
    Receive {
        code: String,
        book_serial: i32,
        /// What came on paper, where somebody recorded it.
        handed_over: Option<HandedOver>,
    },
    RequestSupplement {
        items: Vec<ItemInput>,
        round_reason: Option<String>,
    },
    Supply {
        items: Vec<super::Supplied>,
        /// The matter the answers name now, and as they write it.
        matter: Option<MatterId>,
        matter_reference: Option<String>,
    },
    Refuse {
        reason: String,
        note: Option<String>,
        advice: Option<String>,
    },
    Assign {
        officer: AccountId,
        note: Option<String>,
    },
    CompleteStep {
        step: String,
        outcome: String,
        note: Option<String>,
    },
    SendBack {
        to: String,
        reason: String,
    },
    RequestOpinion {
        id: OpinionId,
        unit: UnitId,
        question: String,
        due_on: NaiveDate,
    },
    AnswerOpinion {
        id: OpinionId,
        answer: String,
    },
    Draft {
        ruling: super::ruling::RulingInput,
    },
    Propose {
        /// Lines of the step's checklist that were ticked off, from 0.
        checked: Vec<u16>,
    },
    Sign,
    /// The number comes from the agency's register, in the same transaction.
    Number {
        number: String,
    },
    HandOver,
    Return {
        way: ReturnWay,
        to: String,
    },
    Withdraw {
        reason: Option<String>,
    },
    Stop {
        reason: String,
        note: Option<String>,
    },
    Extend {
        new_due_on: NaiveDate,
        reason: String,
        apology: String,
    },
    RequestPayment {
        amount: u64,
        reason: String,
    },
    ConfirmPayment {
        paid_at: DateTime<Utc>,
    },
    Lapse,
    /// To the version now in force.
    Repin {
        reason: String,
    },
    LinkMatter {
        matter: MatterId,
    },
    AddNote {
        text: String,
    },
    Undo,
}

impl Command {
    /// A receipt whose code and serial are still to come from the unit's counters.
    pub fn receive(handed_over: Option<HandedOver>) -> Self {
        Self::Receive { code: String::new(), book_serial: 0, handed_over }
    }

    pub fn kind(&self) -> CommandKind {
        match self {
            Self::Submit { .. } => CommandKind::Submit,
            Self::Receive { .. } => CommandKind::Receive,
            Self::RequestSupplement { .. } => CommandKind::RequestSupplement,
            Self::Supply { .. } => CommandKind::Supply,
            Self::Refuse { .. } => CommandKind::Refuse,
            Self::Assign { .. } => CommandKind::Assign,
            Self::CompleteStep { .. } => CommandKind::CompleteStep,
            Self::SendBack { .. } => CommandKind::SendBack,
            Self::RequestOpinion { .. } => CommandKind::RequestOpinion,
            Self::AnswerOpinion { .. } => CommandKind::AnswerOpinion,
            Self::Draft { .. } => CommandKind::Draft,
            Self::Propose { .. } => CommandKind::Propose,
            Self::Sign => CommandKind::Sign,
            Self::Number { .. } => CommandKind::Number,
            Self::HandOver => CommandKind::HandOver,
            Self::Return { .. } => CommandKind::Return,
            Self::Withdraw { .. } => CommandKind::Withdraw,
            Self::Stop { .. } => CommandKind::Stop,
            Self::Extend { .. } => CommandKind::Extend,
            Self::RequestPayment { .. } => CommandKind::RequestPayment,
            Self::ConfirmPayment { .. } => CommandKind::ConfirmPayment,
            Self::Lapse => CommandKind::Lapse,
            Self::Repin { .. } => CommandKind::Repin,
            Self::LinkMatter { .. } => CommandKind::LinkMatter,
            Self::AddNote { .. } => CommandKind::AddNote,
            Self::Undo => CommandKind::Undo,
        }
    }
}
