//! `allowed`: which acts are open to this actor now, with legal basis and effect on the clock.
//! The same policy and the same conditions as `plan`; feeds API, pages and the panel shown
//! before an act.

use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};

use super::command::CommandKind;
use super::event::Event;
use super::extension::{self, SuggestedExtension};
use super::facts::{Facts, Office};
use super::plan::possible;
use super::{Dossier, Stage};
use crate::calendar::local_date;
use crate::deadline;
use crate::policy::{Permission, Subject, Verdict, judge};
use crate::procedure::LegalBasis;
use crate::text::Text;
use crate::words::words;

words! {
    /// What an act does to the agency's clock.
    ClockEffect {
        None => "none",
        Starts => "starts",
        /// Stops; counted again from the beginning once everything is supplied.
        Stops => "stops",
        Restarts => "restarts",
        Pauses => "pauses",
        Resumes => "resumes",
        MovesDueDate => "moves_due_date",
        Ends => "ends",
    }
}

/// One act that is open now.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct Allowed {
    pub act: CommandKind,
    pub name: Text,
    pub basis: Vec<LegalBasis>,
    pub clock_effect: ClockEffect,
    /// The due date after the act, when it can be told beforehand; with `extend` the suggested one.
    pub new_due_on: Option<NaiveDate>,
    /// With `extend`: a new date and an apology to confirm or change. Law: D61 a.19 c.9.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub suggestion: Option<SuggestedExtension>,
    /// The letter that goes out.
    pub letter: Option<String>,
    /// What the rules found worth saying first.
    pub warnings: Vec<Text>,
}

/// Lists the acts open to the actor. `facts.actor` is judged anew for each act.
pub fn allowed(
    dossier: &Dossier,
    office: &Office<'_>,
    facts: &Facts<'_>,
    now: DateTime<Utc>,
) -> Vec<Allowed> {
    let subject = Subject::of(dossier, office.definition);
    let today = local_date(now);
    CommandKind::ALL
        .iter()
        .filter_map(|&kind| {
            let Verdict::Allow(ground) = judge(facts.actor, Permission::Act(kind), &subject, today) else {
                return None;
            };
            let facts = Facts { acting_for: ground.acting_for, ..facts.clone() };
            let warnings = possible(dossier, office, &facts, kind, now).ok()?;
            let rule = office.definition.act(kind)?;
            let clock_effect = effect(kind, dossier);
            let suggestion =
                if kind == CommandKind::Extend { extension::suggest(dossier, office) } else { None };
            let new_due_on = suggestion.as_ref().map(|suggested| suggested.new_due_on);
            Some(Allowed {
                act: kind,
                name: rule.name.clone(),
                basis: office.definition.bases(&rule.basis),
                clock_effect,
                new_due_on: new_due_on.or_else(|| preview(clock_effect, office, now)),
                suggestion,
                letter: rule.letter.clone(),
                warnings,
            })
        })
        .collect()
}

/// What an act does to the clock of this dossier.
pub fn effect(kind: CommandKind, dossier: &Dossier) -> ClockEffect {
    match kind {
        CommandKind::Receive => ClockEffect::Starts,
        CommandKind::RequestSupplement if dossier.clock.is_some() => ClockEffect::Stops,
        CommandKind::Supply if dossier.clock.is_some() => ClockEffect::Restarts,
        CommandKind::RequestPayment => ClockEffect::Pauses,
        CommandKind::ConfirmPayment => ClockEffect::Resumes,
        CommandKind::Extend => ClockEffect::MovesDueDate,
        CommandKind::HandOver
        | CommandKind::Refuse
        | CommandKind::Withdraw
        | CommandKind::Stop
        | CommandKind::Lapse => ClockEffect::Ends,
        CommandKind::Submit
        | CommandKind::RequestSupplement
        | CommandKind::Supply
        | CommandKind::Assign
        | CommandKind::CompleteStep
        | CommandKind::SendBack
        | CommandKind::RequestOpinion => ClockEffect::None,
        CommandKind::AnswerOpinion
        | CommandKind::Draft
        | CommandKind::Propose
        | CommandKind::Sign
        | CommandKind::Number
        | CommandKind::Return
        | CommandKind::Repin
        | CommandKind::LinkMatter
        | CommandKind::AddNote
        | CommandKind::Undo => ClockEffect::None,
    }
}

/// What an event did to the clock.
pub fn effect_of(event: &Event) -> ClockEffect {
    match event {
        Event::Received { .. } => ClockEffect::Starts,
        Event::SupplementRequested { supplement, .. } if supplement.stage == Stage::Examination => {
            ClockEffect::Stops
        }
        Event::ClockRestarted { .. } => ClockEffect::Restarts,
        Event::PaymentRequested { .. } => ClockEffect::Pauses,
        Event::PaymentConfirmed { .. } => ClockEffect::Resumes,
        Event::Extended { .. } => ClockEffect::MovesDueDate,
        Event::HandedOver { .. }
        | Event::Refused { .. }
        | Event::Withdrawn { .. }
        | Event::Stopped { .. }
        | Event::Lapsed { .. } => ClockEffect::Ends,
        _ => ClockEffect::None,
    }
}

fn preview(effect: ClockEffect, office: &Office<'_>, now: DateTime<Utc>) -> Option<NaiveDate> {
    match effect {
        ClockEffect::Starts | ClockEffect::Restarts => deadline::reckon(
            office.calendar,
            &office.hours,
            now,
            office.definition.clocks.processing.limit,
            &[],
        )
        .ok()
        .map(|due| due.due_on),
        ClockEffect::None
        | ClockEffect::Stops
        | ClockEffect::Pauses
        | ClockEffect::Resumes
        | ClockEffect::MovesDueDate
        | ClockEffect::Ends => None,
    }
}
