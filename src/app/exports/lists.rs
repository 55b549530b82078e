//! What the lists say of a dossier, column by column. Names of columns are words of the catalogue.

use chrono::{DateTime, Utc};
use motcua_domain::calendar::{local_date, vietnam};
use motcua_domain::deadline::working_days_left;
use motcua_domain::dossier::event::Event;
use motcua_domain::export::ExportList;
use motcua_domain::ids::{AgencyId, UnitId};
use motcua_domain::paper::Forms;
use motcua_domain::person::mask;
use motcua_domain::text::Language;
use motcua_store::export::Entry;
use serde_json::{Value, json};

use super::table::Cell;
use crate::Ctx;
use crate::lists::{self, LineView};
use crate::papers::text;
use crate::rules::Rules;

/// A column: its word in the catalogue, and its width in characters.
type Column = (&'static str, f64);

/// In the order of form 06 of 2018 and form 07 of 2025.
const REGISTER: [Column; 15] = [
    ("serial", 7.0),
    ("code", 28.0),
    ("procedure", 34.0),
    ("sets", 7.0),
    ("applicant", 28.0),
    ("contact", 38.0),
    ("receiver", 26.0),
    ("received", 17.0),
    ("due", 17.0),
    ("handed", 17.0),
    ("result_received", 17.0),
    ("returned", 17.0),
    ("return_way", 16.0),
    ("signed", 12.0),
    ("note", 24.0),
];
const PERIOD: [Column; 13] = [
    ("serial", 7.0),
    ("code", 28.0),
    ("procedure", 34.0),
    ("applicant", 28.0),
    ("channel", 18.0),
    ("unit", 26.0),
    ("officer", 24.0),
    ("received", 17.0),
    ("due", 17.0),
    ("ended", 17.0),
    ("state", 24.0),
    ("punctuality", 18.0),
    ("days_left", 12.0),
];
const QUEUE: [Column; 12] = [
    ("code", 28.0),
    ("procedure", 34.0),
    ("applicant", 28.0),
    ("state", 24.0),
    ("step", 28.0),
    ("unit", 26.0),
    ("officer", 24.0),
    ("channel", 18.0),
    ("received", 17.0),
    ("next_due", 17.0),
    ("due", 17.0),
    ("days_left", 12.0),
];

/// Columns of a list of dossiers.
pub(super) fn columns(list: ExportList) -> &'static [Column] {
    match list {
        ExportList::Register => &REGISTER,
        ExportList::Period => &PERIOD,
        ExportList::Queue => &QUEUE,
        ExportList::DayPapers => &[],
    }
}

/// One dossier on its way into a list.
pub(super) struct Row<'a> {
    pub ctx: &'a Ctx,
    pub rules: &'a Rules,
    pub language: Language,
    pub entry: &'a Entry,
    line: LineView,
    /// Its people are shown.
    personal: bool,
}

impl<'a> Row<'a> {
    pub(super) fn of(ctx: &'a Ctx, rules: &'a Rules, language: Language, entry: &'a Entry) -> Self {
        let personal = lists::shows_people(ctx, &entry.line);
        Self { ctx, rules, language, entry, line: lists::line(ctx, entry.line.clone()), personal }
    }

    fn forms(&self) -> &Forms {
        &self.rules.forms
    }

    fn word(&self, group: &str, word: &str) -> String {
        self.forms().word(group, word, self.language)
    }

    pub(super) fn cells(&self, list: ExportList) -> Vec<Cell> {
        columns(list).iter().map(|(column, _)| self.cell(column)).collect()
    }

    /// What stands in a column.
    fn cell(&self, column: &str) -> Cell {
        let dossier = &self.entry.dossier;
        let say = |text: &motcua_domain::text::Text| Cell::from(text.say(self.language));
        match column {
            "serial" => dossier.book_serial.into(),
            "code" => Cell::from(dossier.code.as_deref().unwrap_or(&dossier.reference)),
            "procedure" => say(&self.line.procedure_name),
            "sets" => Cell::Number(dossier.handed_over.as_ref().map_or(1, |handed| handed.sets.into())),
            "applicant" => Cell::from(self.applicant()),
            "contact" => Cell::from(self.contact().into_iter().flatten().collect::<Vec<_>>().join(", ")),
            "receiver" => Cell::from(self.receiver()),
            "channel" => Cell::from(self.word("channel", dossier.channel.as_str())),
            "unit" => Cell::from(self.unit()),
            "officer" => Cell::from(self.entry.officer.as_deref().unwrap_or_default()),
            "received" => dossier.received_at.into(),
            "due" => dossier.clock.as_ref().map(|clock| clock.due_at).into(),
            "next_due" => dossier.next_due_at.filter(|_| dossier.ended_at.is_none()).into(),
            "handed" => self.handed().into(),
            "result_received" => self.last(|event| matches!(event, Event::HandedOver { .. })).into(),
            "returned" => self.last(|event| matches!(event, Event::Returned { .. })).into(),
            "ended" => dossier.ended_at.into(),
            "return_way" => Cell::from(self.word("return_way", dossier.return_way.as_str())),
            "state" | "note" => say(&self.line.label),
            "step" => Cell::from(self.step()),
            "punctuality" => self.punctuality().map_or(Cell::Empty, Cell::from),
            "days_left" => self.line.working_days_left.filter(|_| dossier.ended_at.is_none()).into(),
            _ => Cell::Empty,
        }
    }

    /// Who asks, as the papers name him: not who is written to about it.
    fn applicant(&self) -> String {
        match text(&self.entry.answers, "/applicant/full_name") {
            Some(name) if self.personal => name,
            Some(name) => mask(&name),
            None => self.line.applicant.clone(),
        }
    }

    /// Where the applicant is reached: address and telephone; nothing for who sees personal data masked.
    fn contact(&self) -> [Option<String>; 2] {
        let (answers, contact) = (&self.entry.answers, &self.entry.dossier.contact);
        if !self.personal {
            return [None, None];
        }
        let phone = text(answers, "/applicant/phone").or_else(|| contact.phone.clone());
        [text(answers, "/applicant/address"), phone]
    }

    fn unit_named(&self, unit: UnitId) -> Option<String> {
        let office = self.rules.find_office(AgencyId(self.entry.line.agency_id))?;
        Some(office.unit(unit)?.name.say(self.language).to_owned())
    }

    fn unit(&self) -> String {
        self.unit_named(self.entry.dossier.owner_unit).unwrap_or_default()
    }

    fn one_window(&self) -> Option<UnitId> {
        Some(self.rules.office(self.entry.dossier.agency).ok()?.routing().ok()?.one_window)
    }

    fn receiver(&self) -> String {
        self.one_window().and_then(|unit| self.unit_named(unit)).unwrap_or_default()
    }

    fn step(&self) -> String {
        let key = self.entry.line.step.as_deref();
        let version = self.rules.version(self.entry.dossier.procedure_version).ok();
        let step = version.as_ref().zip(key).and_then(|(version, key)| version.definition.step(key));
        step.map(|step| step.name.say(self.language).to_owned()).unwrap_or_default()
    }

    /// When it left the one-window unit for who decides; a move that was taken back was none.
    fn handed(&self) -> Option<DateTime<Utc>> {
        let window = self.one_window()?;
        let mut handed = None;
        for (at, event) in &self.entry.events {
            match event {
                Event::Routed { owner_unit, .. } if *owner_unit != window => {
                    handed = handed.or(Some(*at));
                }
                Event::Undone { to, .. } if to.owner_unit == window => handed = None,
                _ => {}
            }
        }
        handed
    }

    fn last(&self, what: impl Fn(&Event) -> bool) -> Option<DateTime<Utc>> {
        self.entry.events.iter().rev().find(|(_, event)| what(event)).map(|(at, _)| *at)
    }

    /// Against the day promised to the applicant: early, on time or late; in time or late by now. A result is
    /// given when it lies at the counter: that nobody has come for it is no delay of the office.
    fn punctuality(&self) -> Option<String> {
        let dossier = &self.entry.dossier;
        let due = dossier.clock.as_ref()?.due_on;
        let given = self.last(|event| matches!(event, Event::HandedOver { .. })).or(dossier.ended_at);
        let word = match given.map(local_date) {
            Some(given) if given < due => "early",
            Some(given) if given == due => "on_time",
            Some(_) => "late",
            None if working_days_left(&self.rules.calendar, self.ctx.today(), due) < 0 => "open_late",
            None => "open",
        };
        Some(self.word("punctuality", word))
    }

    /// As the printed register has it.
    pub(super) fn printed(&self) -> Value {
        let mut row = serde_json::Map::new();
        for (column, _) in REGISTER {
            let value = match self.cell(column) {
                Cell::Empty => continue,
                Cell::Text(text) => json!(text),
                Cell::Number(number) => json!(number.to_string()),
                Cell::Day(day) => json!(day.format("%d/%m/%Y").to_string()),
                Cell::Moment(at) => {
                    let at = at.with_timezone(&vietnam());
                    json!({ "time": at.format("%H:%M").to_string(), "date": at.format("%d/%m/%Y").to_string() })
                }
            };
            row.insert(column.to_owned(), value);
        }
        let [address, phone] = self.contact();
        row.extend([("address".to_owned(), json!(address)), ("phone".to_owned(), json!(phone))]);
        row.retain(|_, value| !value.is_null());
        Value::Object(row)
    }
}
