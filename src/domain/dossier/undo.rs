//! Taking back a move: for a few minutes whoever assigned, completed a step, sent back or proposed may undo
//! it, as long as nothing else was done. Acts the applicant is told of, and signatures, stay done.
//!
//! It is a new act that leads back; the timeline keeps both.

use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};

use super::Dossier;
use super::command::CommandKind;
use super::event::Event;
use crate::agency::Officer;
use crate::ids::{AccountId, UnitId};

/// How long a move can be undone. A rule of this service, not of law.
pub const WINDOW: TimeDelta = TimeDelta::minutes(10);

/// The last move inside the agency, and where the dossier was before it. Forgotten at the next act.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct LastMove {
    pub act: CommandKind,
    pub by: AccountId,
    pub at: DateTime<Utc>,
    pub from: Place,
}

/// Where a dossier stands inside the agency.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct Place {
    pub step: String,
    pub owner_unit: UnitId,
    pub assignee: Option<Officer>,
    pub due_at: DateTime<Utc>,
    pub proposed_at: Option<DateTime<Utc>>,
}

impl Place {
    fn of(dossier: &Dossier) -> Option<Self> {
        Some(Self {
            step: dossier.state.step()?.to_owned(),
            owner_unit: dossier.owner_unit,
            assignee: dossier.assignee,
            due_at: dossier.next_due_at?,
            proposed_at: dossier.decision.as_ref().and_then(|decision| decision.proposed_at),
        })
    }
}

impl LastMove {
    /// Until when it can be undone.
    pub fn until(&self) -> DateTime<Utc> {
        self.at + WINDOW
    }
}

/// True for acts that only move the dossier among those who handle it.
pub fn is_move(act: CommandKind) -> bool {
    matches!(
        act,
        CommandKind::Assign | CommandKind::CompleteStep | CommandKind::SendBack | CommandKind::Propose
    )
}

/// The dossier after an act, which knows from where it was moved and by whom.
#[must_use]
pub fn remember(
    before: &Dossier,
    mut after: Dossier,
    act: CommandKind,
    by: Option<AccountId>,
    at: DateTime<Utc>,
) -> Dossier {
    after.last_move =
        by.filter(|_| is_move(act)).and_then(|by| Some(LastMove { act, by, at, from: Place::of(before)? }));
    after
}

/// The event that leads back, while it can be had.
pub fn undone(dossier: &Dossier, now: DateTime<Utc>) -> Option<Event> {
    let last = dossier.last_move.as_ref().filter(|last| now < last.until())?;
    Some(Event::Undone { act: last.act, to: last.from.clone() })
}
