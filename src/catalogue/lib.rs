//! The five procedures, the calendars and the tables of the calculators, as data.
//!
//! The data is embedded in the program; `load` reads the same layout from a folder, for checking
//! a changed copy before it is built in. Reading only demands that the files fit together; `check`
//! runs the linter, the examples and the calendars, in the tests below, at install and as
//! `motcua catalogue check`.

mod assemble;
mod canonical;
mod check;
mod files;

use std::collections::BTreeMap;
use std::path::Path;

use motcua_domain::calendar::CalendarYear;
use motcua_domain::error_code::ErrorCode;
use motcua_domain::fee::{BaseSalary, FeeScale, FeeTables};
use motcua_domain::paper::{Form, Forms};
use motcua_domain::procedure::{LegalBasis, ProcedureVersion};
use serde::Deserialize;
use serde_json::Value;

use assemble::Shared;
pub use check::check;
use files::Files;

/// One version, ready to be installed.
#[derive(Debug, Clone)]
pub struct Definition {
    pub version: ProcedureVersion,
    /// The whole version as JSON with sorted keys; what the hash is taken of.
    pub content: String,
    /// SHA-256 of `content`, in hexadecimal.
    pub hash: String,
    /// Answers that pass the form, by name.
    pub valid_examples: Vec<(String, Value)>,
    pub invalid_examples: Vec<InvalidExample>,
}

/// Answers that do not pass, with all the errors they must give, in order.
#[derive(Debug, Clone)]
pub struct InvalidExample {
    pub name: String,
    pub answers: Value,
    pub errors: Vec<ExpectedError>,
}

/// One error an example must give.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ExpectedError {
    pub pointer: String,
    pub code: ErrorCode,
}

/// Everything a catalogue holds.
#[derive(Debug, Clone)]
pub struct Catalogue {
    pub procedures: Vec<Definition>,
    pub calendars: Vec<CalendarYear>,
    pub fee_tables: FeeTables,
    pub forms: Forms,
}

/// The procedures the program was built with.
///
/// # Errors
/// Every problem found, each naming its file.
pub fn procedures() -> Result<Vec<Definition>, Vec<String>> {
    read_procedures(&Files::embedded())
}

/// The calendars the program was built with.
///
/// # Errors
/// Every problem found, each naming its file.
pub fn calendars() -> Result<Vec<CalendarYear>, Vec<String>> {
    read_calendars(&Files::embedded())
}

/// The base salaries the program was built with, in rising order.
///
/// # Errors
/// When the file cannot be read.
pub fn base_salaries() -> Result<Vec<BaseSalary>, Vec<String>> {
    read_base_salaries(&Files::embedded())
}

/// The fee scale the program was built with.
///
/// # Errors
/// When the file cannot be read.
pub fn fee_scale() -> Result<FeeScale, Vec<String>> {
    Files::embedded().json("fee_scale.json").map_err(|problem| vec![problem])
}

/// A catalogue from a folder laid out as the source of this crate.
///
/// # Errors
/// Every problem found, each naming its file.
pub fn load(folder: &Path) -> Result<Catalogue, Vec<String>> {
    read(&Files::read(folder)?)
}

/// The whole catalogue the program was built with.
///
/// # Errors
/// Every problem found, each naming its file.
pub fn embedded() -> Result<Catalogue, Vec<String>> {
    read(&Files::embedded())
}

fn read(files: &Files) -> Result<Catalogue, Vec<String>> {
    let mut problems = Vec::new();
    let procedures = keep(read_procedures(files), &mut problems);
    let calendars = keep(read_calendars(files), &mut problems);
    let base_salaries = keep(read_base_salaries(files), &mut problems);
    let scale = keep(files.json("fee_scale.json").map_err(|problem| vec![problem]), &mut problems);
    let forms = keep(read_forms(files), &mut problems);
    match (procedures, calendars, base_salaries, scale, forms) {
        (Some(procedures), Some(calendars), Some(base_salaries), Some(scale), Some(forms)) => {
            Ok(Catalogue { procedures, calendars, fee_tables: FeeTables { scale, base_salaries }, forms })
        }
        _ => Err(problems),
    }
}

fn keep<T>(found: Result<T, Vec<String>>, problems: &mut Vec<String>) -> Option<T> {
    found.map_err(|more| problems.extend(more)).ok()
}

fn read_procedures(files: &Files) -> Result<Vec<Definition>, Vec<String>> {
    let mut problems = Vec::new();
    let bases = keep(files.json("legal_basis.json").map_err(|problem| vec![problem]), &mut problems);
    let reasons = keep(files.json("reasons.json").map_err(|problem| vec![problem]), &mut problems);
    let (Some(bases), Some(reasons)) = (bases, reasons) else { return Err(problems) };
    let shared = Shared { bases, reasons };
    let mut definitions = Vec::new();
    for folder in files.under("procedures/").filter_map(|path| path.strip_suffix("/procedure.json")) {
        definitions.extend(keep(definition(files, &shared, folder), &mut problems));
    }
    if definitions.is_empty() && problems.is_empty() {
        problems.push("procedures: there is no procedure.json".into());
    }
    if problems.is_empty() { Ok(definitions) } else { Err(problems) }
}

fn definition(files: &Files, shared: &Shared, folder: &str) -> Result<Definition, Vec<String>> {
    let version = assemble::version(files, shared, folder)?;
    let value = serde_json::to_value(&version).map_err(|error| vec![format!("{folder}: {error}")])?;
    let content = canonical::text(&value);
    let hash = canonical::hash(&content);
    let mut definition =
        Definition { version, content, hash, valid_examples: Vec::new(), invalid_examples: Vec::new() };
    let examples = format!("{folder}/examples/");
    let mut problems = Vec::new();
    for path in files.under(&examples) {
        let name = path.strip_prefix(&examples).and_then(|name| name.strip_suffix(".json")).unwrap_or(path);
        let read = |problem: String| vec![problem];
        if name.starts_with("valid-") {
            let answers = keep(files.json(path).map_err(read), &mut problems);
            definition.valid_examples.extend(answers.map(|answers| (name.to_owned(), answers)));
        } else if name.starts_with("invalid-") {
            let wrong: Option<Wrong> = keep(files.json(path).map_err(read), &mut problems);
            definition.invalid_examples.extend(wrong.map(|Wrong { answers, errors }| InvalidExample {
                name: name.to_owned(),
                answers,
                errors,
            }));
        } else {
            problems.push(format!("{path}: the name begins with neither valid- nor invalid-"));
        }
    }
    if problems.is_empty() { Ok(definition) } else { Err(problems) }
}

/// The file of an invalid example.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Wrong {
    answers: Value,
    errors: Vec<ExpectedError>,
}

fn read_calendars(files: &Files) -> Result<Vec<CalendarYear>, Vec<String>> {
    let mut problems = Vec::new();
    let mut years: Vec<CalendarYear> = Vec::new();
    for path in files.under("calendars/") {
        years.extend(keep(files.json(path).map_err(|problem| vec![problem]), &mut problems));
    }
    years.sort_by_key(|year| year.year);
    if problems.is_empty() { Ok(years) } else { Err(problems) }
}

/// The forms of papers with their templates, which say what `letters/papers` holds.
fn read_forms(files: &Files) -> Result<Forms, Vec<String>> {
    const FOLDER: &str = "letters/papers/";
    let mut problems = Vec::new();
    let one = |problem: String| vec![problem];
    let forms: Option<Vec<Form>> = keep(files.json("letters/papers/papers.json").map_err(one), &mut problems);
    let words = keep(files.json("letters/papers/words.json").map_err(one), &mut problems);
    let bases: Option<BTreeMap<String, LegalBasis>> =
        keep(files.json("legal_basis.json").map_err(one), &mut problems);
    let (Some(forms), Some(words), Some(bases)) = (forms, words, bases) else { return Err(problems) };
    let templates = files
        .under(FOLDER)
        .filter(|path| path.ends_with(".typ"))
        .filter_map(|path| Some((path.strip_prefix(FOLDER)?.to_owned(), files.text(path)?.to_owned())))
        .collect();
    let cited = forms.iter().flat_map(|form| &form.basis);
    let acts = cited.filter_map(|key| Some((key.clone(), bases.get(key)?.title.clone()))).collect();
    let forms = Forms { forms, templates, words, acts };
    let wrong = forms.lint();
    if wrong.is_empty() { Ok(forms) } else { Err(wrong) }
}

fn read_base_salaries(files: &Files) -> Result<Vec<BaseSalary>, Vec<String>> {
    let mut salaries: Vec<BaseSalary> = files.json("base_salaries.json").map_err(|problem| vec![problem])?;
    salaries.sort_by_key(|salary| salary.from);
    Ok(salaries)
}

#[cfg(test)]
mod drawn;
#[cfg(test)]
mod papers_tests;
#[cfg(test)]
mod tests;
