//! The table of what is handed over on paper: one row for each paper of the procedure, with kind and number
//! as the definition wants them until somebody says otherwise. Read as the body the API takes.

use motcua_app::rules::Rules;
use motcua_domain::document::Document;
use motcua_domain::dossier::handed::HandedOver;
use motcua_domain::error_code::FieldError;
use motcua_domain::procedure::ProcedureVersion;
use motcua_domain::procedure::requirement::PaperForm;
use serde_json::{Value, json};

use crate::pages::form::ChoiceView;
use crate::pages::frame::Frame;
use crate::pages::submitted::Submitted;

/// Names of its fields. They begin as hidden ones do: a tick is nothing to read back to who typed it.
const TAKEN: &str = "_handed:";
const FORM: &str = "_handed-form:";
const QUANTITY: &str = "_handed-quantity:";
const SETS: &str = "_handed-sets";

/// One paper of the procedure.
pub struct Row {
    pub key: String,
    pub name: String,
    pub needed: bool,
    /// A file of it is there.
    pub scanned: bool,
    pub taken: bool,
    pub forms: Vec<ChoiceView>,
    pub quantity: String,
    pub mistake: Option<String>,
}

/// The table, and how many sets there are.
pub struct Handed {
    pub rows: Vec<Row>,
    pub sets: String,
    pub sets_mistake: Option<String>,
}

impl Handed {
    /// What the procedure asks for, the needed ones first. What was scanned at the counter was brought;
    /// a file sent in says nothing of paper.
    pub fn of(
        f: &Frame,
        rules: &Rules,
        definition: &ProcedureVersion,
        answers: &Value,
        files: &[Document],
        by_staff: bool,
    ) -> Self {
        let mut rows: Vec<Row> = definition
            .requirements
            .iter()
            .map(|wanted| {
                let scanned = files.iter().any(|file| file.counts_as() == Some(&wanted.key));
                let choice = |form: &PaperForm| ChoiceView {
                    value: form.to_string(),
                    label: rules.forms.word("copy", form.as_str(), f.language),
                    chosen: *form == wanted.form,
                };
                Row {
                    name: f.text(&wanted.name).to_owned(),
                    needed: wanted.required.holds(answers),
                    scanned,
                    taken: scanned && by_staff,
                    forms: PaperForm::ALL.iter().map(choice).collect(),
                    quantity: wanted.quantity.to_string(),
                    mistake: None,
                    key: wanted.key.clone(),
                }
            })
            .collect();
        rows.sort_by_key(|row| !row.needed);
        Self { rows, sets: "1".to_owned(), sets_mistake: None }
    }

    /// What was said of papers. What is no figure counts as none, so that all that is wrong is said at once.
    pub fn said(&self, sent: &Submitted) -> Value {
        let figure = |name: &str, usual: &str| {
            sent.get(name).unwrap_or(usual).trim().parse::<u8>().unwrap_or_default()
        };
        let taken = self.rows.iter().filter(|row| sent.get(&row.name_of(TAKEN)).is_some());
        let papers = taken.map(|row| {
            let usual = row.forms.iter().find(|form| form.chosen).map(|form| form.value.as_str());
            json!({
                "requirement": row.key,
                "form": sent.get(&row.name_of(FORM)).or(usual),
                "quantity": figure(&row.name_of(QUANTITY), &row.quantity),
            })
        });
        json!({ "sets": figure(SETS, &self.sets), "papers": papers.collect::<Value>() })
    }

    /// What was said, put back; and what is wrong with it, at its row.
    pub fn refill(&mut self, f: &Frame, sent: &Submitted, errors: &[FieldError]) {
        if let Some(sets) = sent.get(SETS) {
            sets.clone_into(&mut self.sets);
        }
        for row in &mut self.rows {
            row.taken = sent.get(&row.name_of(TAKEN)).is_some();
            if let Some(chosen) = sent.get(&row.name_of(FORM)) {
                for form in &mut row.forms {
                    form.chosen = form.value == chosen;
                }
            }
            if let Some(typed) = sent.get(&row.name_of(QUANTITY)) {
                typed.clone_into(&mut row.quantity);
            }
        }
        let figure = f.say("Ghi một số từ 1 đến 99.", "Write a number from 1 to 99.");
        for error in errors {
            match place(error) {
                Some(("sets", _)) => self.sets_mistake = Some(figure.to_owned()),
                Some((at, name)) => {
                    let said = if name == "quantity" { figure } else { f.text(&error.text) };
                    if let Some(row) = at.parse().ok().and_then(|at| self.taken_mut(at)) {
                        row.mistake = Some(said.to_owned());
                    }
                }
                None => {}
            }
        }
    }

    fn taken_mut(&mut self, at: usize) -> Option<&mut Row> {
        self.rows.iter_mut().filter(|row| row.taken).nth(at)
    }

    /// Where each mistake is, and what it is, for the summary on top.
    pub fn mistakes(&self, f: &Frame) -> Vec<(String, String)> {
        let sets = self.sets_mistake.iter().map(|said| {
            (Self::SETS_ID.to_owned(), format!("{}: {said}", f.say("Số bộ hồ sơ", "Sets of the file")))
        });
        let rows = self
            .rows
            .iter()
            .filter_map(|row| Some((row.id("quantity"), format!("{}: {}", row.name, row.mistake.as_ref()?))));
        rows.chain(sets).collect()
    }

    pub const SETS_ID: &str = "handed-sets";

    pub fn sets_name(&self) -> &'static str {
        SETS
    }
}

impl Row {
    fn name_of(&self, kind: &str) -> String {
        format!("{kind}{}", self.key)
    }

    pub fn taken_name(&self) -> String {
        self.name_of(TAKEN)
    }

    pub fn form_name(&self) -> String {
        self.name_of(FORM)
    }

    pub fn quantity_name(&self) -> String {
        self.name_of(QUANTITY)
    }

    /// An id of one of its fields.
    pub fn id(&self, field: &str) -> String {
        format!("handed-{field}-{}", self.key)
    }
}

/// Row and field, or `sets`, of an error that is about papers.
fn place(error: &FieldError) -> Option<(&str, &str)> {
    let rest = error.pointer.strip_prefix("/handed_over/")?;
    match rest.strip_prefix("papers/") {
        Some(row) => row.split_once('/').or(Some((row, ""))),
        None => Some((rest, "")),
    }
}

/// What is recorded as handed over, one line for each paper.
pub fn lines(f: &Frame, rules: &Rules, definition: &ProcedureVersion, handed: &HandedOver) -> Vec<String> {
    let name = |key: &str| {
        let known = definition.requirements.iter().find(|each| each.key == key);
        known.map_or(key, |known| f.text(&known.name)).to_owned()
    };
    handed
        .papers
        .iter()
        .map(|paper| {
            let form = rules.forms.word("copy", paper.form.as_str(), f.language);
            format!(
                "{}: {form}, {}: {}",
                name(&paper.requirement),
                f.say("số lượng", "number"),
                paper.quantity
            )
        })
        .collect()
}
