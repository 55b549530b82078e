//! The timeline as officers read it: who did what and when, and what was said with it.

use chrono::{DateTime, Utc};
use motcua_app::desk::Whole;
use motcua_app::lists::EventView;
use motcua_app::rules::Rules;
use motcua_domain::actor::Doer;
use motcua_domain::dossier::allowed::effect_of;
use motcua_domain::dossier::event::Event;
use motcua_domain::ids::{AccountId, UnitId};
use motcua_domain::procedure::{ProcedureVersion, ReasonUse, StepKind};

use crate::pages::frame::Frame;
use crate::pages::words;

/// One line of it.
pub struct Line {
    pub at: DateTime<Utc>,
    pub what: &'static str,
    pub who: String,
    pub detail: Option<String>,
    /// What it did to the clock.
    pub effect: Option<&'static str>,
}

/// Tells events in words.
pub struct Teller<'a> {
    pub f: &'a Frame,
    pub definition: &'a ProcedureVersion,
    pub whole: &'a Whole,
    pub rules: &'a Rules,
}

impl Teller<'_> {
    pub fn line(&self, line: &EventView) -> Line {
        Line {
            at: line.at,
            what: words::event(self.f, &line.event),
            who: line.actor.as_ref().map(|doer| self.doer(doer)).unwrap_or_default(),
            effect: words::clock_effect(self.f, effect_of(&line.event)),
            detail: self.detail(&line.event).filter(|detail| !detail.trim().is_empty()),
        }
    }

    /// Who did what while somebody else was looking.
    pub fn meanwhile(&self) -> String {
        let Some(last) = self.whole.events.last() else { return String::new() };
        let Line { at, what, who, .. } = self.line(last);
        let at = self.f.instant(&at);
        match self.f.lang() {
            "en" => format!(
                "Meanwhile the dossier has changed: {what}, by {who}, {at}. What you typed is kept: look again and send it once more."
            ),
            _ => format!(
                "Trong lúc ông/bà đang xem, hồ sơ đã thay đổi: {what}, {who}, lúc {at}. Nội dung đã nhập còn nguyên: xem lại rồi gửi lần nữa."
            ),
        }
    }

    fn name(&self, account: AccountId) -> String {
        self.whole.people.get(&account).cloned().unwrap_or_default()
    }

    pub fn unit(&self, unit: UnitId) -> String {
        let office = self.rules.find_office(self.whole.view.agency.id);
        let unit = office.and_then(|office| office.unit(unit));
        unit.map(|unit| self.f.text(&unit.name).to_owned()).unwrap_or_default()
    }

    fn doer(&self, doer: &Doer) -> String {
        let f = self.f;
        match doer {
            Doer::Staff { account, acting_for: None } => self.name(*account),
            Doer::Staff { account, acting_for: Some(absent) } => {
                format!("{} ({} {})", self.name(*account), f.say("thay", "for"), self.name(*absent))
            }
            Doer::Anonymous | Doer::Holder | Doer::Citizen { .. } => {
                f.say("người nộp", "the applicant").to_owned()
            }
            Doer::Partner { .. } => f.say("hệ thống đối tác", "a partner system").to_owned(),
            Doer::System => f.say("hệ thống", "the service").to_owned(),
        }
    }

    /// What was ticked off of the checklist of the step at which results are proposed.
    fn ticked(&self, checked: &[u16]) -> Option<String> {
        let step = self.definition.route.iter().find(|step| step.kind == StepKind::Examine)?;
        let lines = checked.iter().filter_map(|line| step.checklist.get(usize::from(*line)));
        let lines: Vec<&str> = lines.map(|line| self.f.text(line)).collect();
        (!lines.is_empty()).then(|| format!("{}: {}", self.f.say("Đã kiểm tra", "Checked"), lines.join("; ")))
    }

    fn step(&self, key: &str) -> String {
        self.definition.step(key).map_or(key, |step| self.f.text(&step.name)).to_owned()
    }

    fn reason(&self, used_for: ReasonUse, key: &str) -> String {
        self.definition.reason(used_for, key).map_or(key, |reason| self.f.text(&reason.text)).to_owned()
    }

    fn detail(&self, event: &Event) -> Option<String> {
        let f = self.f;
        let with = |text: String, note: &Option<String>| match note {
            Some(note) => format!("{text}. {note}"),
            None => text,
        };
        Some(match event {
            Event::Received { code, .. } => code.clone(),
            Event::Routed { step, owner_unit, .. } => {
                format!("{}: {}", self.step(step), self.unit(*owner_unit))
            }
            Event::SupplementRequested { supplement, .. } => format!(
                "{} {}. {}",
                supplement.items.len(),
                f.say("mục", "items"),
                supplement.round_reason.as_deref().unwrap_or_default()
            ),
            Event::Refused { refusal, .. } => {
                with(self.reason(ReasonUse::Refusal, &refusal.reason), &refusal.note)
            }
            Event::Assigned { officer, note } => with(self.name(officer.account), note),
            Event::StepCompleted { step, outcome, note } => {
                let named = self.definition.step(step).and_then(|step| step.outcome(outcome));
                let outcome = named.map_or(outcome.as_str(), |outcome| f.text(&outcome.name));
                with(format!("{}: {outcome}", self.step(step)), note)
            }
            Event::SentBack { to, reason, .. } => format!("{}. {reason}", self.step(to)),
            Event::OpinionRequested { opinion } => {
                format!("{}: {}", self.unit(opinion.unit), opinion.question)
            }
            Event::OpinionAnswered { answer, .. } => answer.clone(),
            Event::Proposed { checked, .. } => self.ticked(checked)?,
            Event::Drafted { ruling, .. } => words::ruling(f, self.definition, ruling),
            Event::Numbered { number, .. } => number.clone(),
            Event::Returned { to, .. } => to.clone(),
            Event::Withdrawn { reason, .. } => reason.clone()?,
            Event::Stopped { reason, note, .. } => with(self.reason(ReasonUse::Stop, reason), note),
            Event::Extended { extension, .. } => format!(
                "{} → {}. {}",
                f.date(&extension.former_due_on),
                f.date(&extension.new_due_on),
                self.reason(ReasonUse::Extension, &extension.reason)
            ),
            Event::PaymentRequested { payment, .. } => {
                format!("{}: {}", f.money(&payment.amount), payment.reason)
            }
            Event::Lapsed { reason, .. } => self.reason(ReasonUse::Stop, reason),
            Event::Repinned { version, reason, .. } => format!("{version}. {reason}"),
            Event::NoteAdded { text } => text.clone(),
            Event::Undone { to, .. } => self.step(&to.step),
            Event::DueDateMoved { calendar, clock, former_due_on, .. } => match (former_due_on, clock) {
                (Some(former), Some(clock)) => {
                    format!("{} → {} ({calendar})", f.date(former), f.date(&clock.due_on))
                }
                _ => calendar.clone(),
            },
            Event::Submitted { .. }
            | Event::Escalated { .. }
            | Event::Supplied { .. }
            | Event::Resubmitted { .. }
            | Event::ClockRestarted { .. }
            | Event::Signed { .. }
            | Event::HandedOver { .. }
            | Event::PaymentConfirmed { .. }
            | Event::MatterLinked { .. }
            | Event::Renamed { .. } => return None,
        })
    }
}
