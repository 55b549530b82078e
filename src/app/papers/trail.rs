//! The control slip: who handed the dossier to whom, when, and whether each was in time. It is an extract of
//! the timeline; what was taken back stays and says so. Law: C01V a.9 form 05; C03 form 06.

use chrono::{DateTime, Utc};
use motcua_domain::actor::Doer;
use motcua_domain::calendar::local_date;
use motcua_domain::dossier::event::Event;
use motcua_domain::ids::{AccountId, UnitId};
use motcua_domain::text::Language;
use motcua_store::dossier::TimelineEvent;
use serde_json::{Value, json};

use super::compose::{Source, moment};

/// The dossier in somebody's hands.
struct Leg {
    step: String,
    giver: String,
    receiver: String,
    given_at: Option<DateTime<Utc>>,
    due_at: Option<DateTime<Utc>>,
    done_at: Option<DateTime<Utc>>,
    note: Option<String>,
}

/// Staff a timeline names: who acted, and who was given it.
pub(super) fn people(events: &[TimelineEvent]) -> Vec<AccountId> {
    let mut people = Vec::new();
    for entry in events {
        if let Ok(Doer::Staff { account, .. }) = serde_json::from_value(entry.actor.clone()) {
            people.push(account);
        }
        let officer = match &entry.event {
            Event::Routed { assignee, .. } => assignee.as_ref(),
            Event::Assigned { officer, .. } => Some(officer),
            Event::Undone { to, .. } => to.assignee.as_ref(),
            _ => None,
        };
        people.extend(officer.map(|officer| officer.account));
    }
    people.sort_unstable();
    people.dedup();
    people
}

impl Source<'_> {
    pub(super) fn slip(&self, language: Language) -> Value {
        let legs = self.legs(language);
        let said = |leg: &Leg| {
            json!({
                "step": leg.step,
                "giver": leg.giver,
                "receiver": leg.receiver,
                "given_at": leg.given_at.map(moment),
                "due_at": leg.due_at.map(moment),
                "result": leg.done_at.zip(leg.due_at).map(|(done, due)| self.kept(done, due, language)),
                "note": leg.note,
            })
        };
        json!({
            "steps": legs.iter().map(said).collect::<Vec<_>>(),
            "due": self.dossier.clock.as_ref().map(|clock| moment(clock.due_at)),
            // It is no paper of an act: nobody can check it by a code.
            "check": null,
        })
    }

    /// Early is on a day before, on time is until the hour of the day.
    fn kept(&self, done: DateTime<Utc>, due: DateTime<Utc>, language: Language) -> String {
        let word = match (local_date(done) < local_date(due), done <= due) {
            (true, _) => "early",
            (false, true) => "on_time",
            (false, false) => "late",
        };
        self.word("punctuality", word, language)
    }

    fn named(&self, account: AccountId) -> String {
        let name = self.named.iter().find(|(known, _)| *known == account).map(|(_, name)| name.clone());
        name.unwrap_or_default()
    }

    fn unit_named(&self, unit: UnitId, language: Language) -> String {
        self.office.unit(unit).map(|unit| unit.name.say(language).to_owned()).unwrap_or_default()
    }

    /// Who did it: staff by name, the service by its word, the applicant by his.
    fn actor(&self, entry: &TimelineEvent, language: Language) -> String {
        match serde_json::from_value(entry.actor.clone()) {
            Ok(Doer::Staff { account, .. }) => self.named(account),
            Ok(Doer::System) => self.word("trail", "system", language),
            _ => self.applicant_name(),
        }
    }

    fn legs(&self, language: Language) -> Vec<Leg> {
        let mut legs: Vec<Leg> = Vec::new();
        let word = |word| self.word("trail", word, language);
        let step_named = |key: &str| {
            let step = self.definition.step(key);
            step.map_or_else(|| key.to_owned(), |step| step.name.say(language).to_owned())
        };
        for entry in self.events {
            let routed_with_it = self
                .events
                .iter()
                .any(|other| other.version == entry.version && matches!(other.event, Event::Routed { .. }));
            let giver = self.actor(entry, language);
            let given_at = Some(entry.at);
            let next = match &entry.event {
                Event::Received { .. } => Leg {
                    step: word("receive"),
                    giver: self.applicant_name(),
                    receiver: giver,
                    given_at: self.dossier.submitted_at.or(given_at),
                    due_at: None,
                    done_at: None,
                    note: None,
                },
                Event::Routed { step, owner_unit, due_at, assignee } => {
                    let receiver = assignee.as_ref().map(|officer| self.named(officer.account));
                    Leg {
                        step: step_named(step),
                        giver,
                        receiver: receiver.unwrap_or_else(|| self.unit_named(*owner_unit, language)),
                        given_at,
                        due_at: Some(*due_at),
                        done_at: None,
                        note: None,
                    }
                }
                Event::Assigned { officer, note } if !routed_with_it => Leg {
                    step: legs.last().map(|leg| leg.step.clone()).unwrap_or_default(),
                    giver,
                    receiver: self.named(officer.account),
                    given_at,
                    due_at: legs.last().and_then(|leg| leg.due_at),
                    done_at: None,
                    note: note.clone(),
                },
                Event::HandedOver { owner_unit, .. } => Leg {
                    step: word("hand_over"),
                    giver,
                    receiver: self.unit_named(*owner_unit, language),
                    given_at,
                    due_at: None,
                    done_at: None,
                    note: None,
                },
                Event::Returned { to, .. } => Leg {
                    step: word("return"),
                    giver,
                    receiver: to.clone(),
                    given_at,
                    due_at: None,
                    done_at: None,
                    note: None,
                },
                Event::Undone { to, .. } => {
                    if let Some(last) = legs.last_mut() {
                        last.note = Some(word("undone"));
                    }
                    let receiver = to.assignee.as_ref().map(|officer| self.named(officer.account));
                    Leg {
                        step: step_named(&to.step),
                        giver,
                        receiver: receiver.unwrap_or_else(|| self.unit_named(to.owner_unit, language)),
                        given_at,
                        due_at: Some(to.due_at),
                        done_at: None,
                        note: None,
                    }
                }
                Event::Refused { .. }
                | Event::Stopped { .. }
                | Event::Withdrawn { .. }
                | Event::Lapsed { .. }
                | Event::SupplementRequested { .. } => {
                    if let Some(last) = legs.last_mut() {
                        last.done_at = last.done_at.or(given_at);
                    }
                    continue;
                }
                _ => continue,
            };
            if let Some(last) = legs.last_mut() {
                last.done_at = last.done_at.or(given_at);
            }
            legs.push(next);
        }
        legs
    }
}
