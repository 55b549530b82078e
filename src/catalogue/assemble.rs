//! Puts a procedure version together from its files and the shared ones.
//!
//! `procedure.json` names reasons, letters and bases by key; the whole text of each is taken from
//! the shared files, so that an installed version stands by itself.

use std::collections::{BTreeMap, BTreeSet};

use motcua_domain::procedure::clock::Clocks;
use motcua_domain::procedure::{
    ActRule, Applicants, BasisKey, GuardUse, Layout, LegalBasis, Letter, ProcedureVersion, Reason,
    Requirement, Signer, Step, Transition,
};
use motcua_domain::text::Text;
use serde::Deserialize;
use serde_json::{Map, Value};

use crate::files::Files;

/// The texts every version draws from.
pub(crate) struct Shared {
    pub(crate) bases: BTreeMap<BasisKey, LegalBasis>,
    pub(crate) reasons: Vec<Reason>,
}

/// What `procedure.json` adds to, or says shorter than, a procedure version.
#[derive(Deserialize)]
struct Short {
    /// `2018` or `2025`: whose forms the letters follow.
    letter_series: String,
    /// Bases of shared reasons and letters that another one replaces in this version.
    #[serde(default)]
    basis_replaced: BTreeMap<BasisKey, BasisKey>,
    /// Written `use:key`.
    reasons: Vec<String>,
    transition: Transition,
    applicants: Applicants,
    requirements: Vec<Requirement>,
    clocks: Clocks,
    route: Vec<Step>,
    acts: BTreeMap<String, ActRule>,
    guards: Vec<GuardUse>,
}

/// A letter without its body.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct LetterHead {
    key: String,
    name: Text,
    form_number: Option<String>,
    signer: Signer,
    basis: Vec<BasisKey>,
}

/// The version in `folder`, such as `procedures/officer_replacement/2026-07-01`.
pub(crate) fn version(files: &Files, shared: &Shared, folder: &str) -> Result<ProcedureVersion, Vec<String>> {
    let path = format!("{folder}/procedure.json");
    let one = |problem: String| vec![problem];
    let short: Short = files.json(&path).map_err(one)?;
    let mut whole: Map<String, Value> = files.json(&path).map_err(one)?;
    let layout: Layout = files.json(&format!("{folder}/layout.json")).map_err(one)?;
    let schema: Value = files.json(&format!("{folder}/form.schema.json")).map_err(one)?;

    let mut problems = Vec::new();
    let replace = |basis: &mut Vec<BasisKey>| {
        let mut kept = Vec::new();
        for key in basis.drain(..) {
            let key = short.basis_replaced.get(&key).cloned().unwrap_or(key);
            if !kept.contains(&key) {
                kept.push(key);
            }
        }
        *basis = kept;
    };

    let mut reasons = Vec::new();
    for named in &short.reasons {
        let found =
            shared.reasons.iter().find(|reason| format!("{}:{}", reason.used_for, reason.key) == *named);
        match found.cloned() {
            Some(mut reason) => {
                replace(&mut reason.basis);
                reasons.push(reason);
            }
            None => problems.push(format!("{path}: there is no reason {named:?}")),
        }
    }

    let mut letters = Vec::new();
    let keys: BTreeSet<&String> = short.acts.values().filter_map(|act| act.letter.as_ref()).collect();
    for key in keys {
        match letter(files, &short.letter_series, key) {
            Ok(mut letter) => {
                replace(&mut letter.basis);
                letters.push(letter);
            }
            Err(problem) => problems.push(problem),
        }
    }

    let mut legal_basis = BTreeMap::new();
    for key in short
        .cited()
        .chain(reasons.iter().flat_map(|reason| &reason.basis))
        .chain(letters.iter().flat_map(|letter| &letter.basis))
    {
        match shared.bases.get(key) {
            Some(basis) => {
                legal_basis.insert(key.clone(), basis.clone());
            }
            None => problems.push(format!("{path}: there is no legal basis {key:?}")),
        }
    }
    if !problems.is_empty() {
        return Err(problems);
    }

    whole.remove("letter_series");
    whole.remove("basis_replaced");
    let mut put = |key: &str, value: serde_json::Result<Value>| {
        let value = value.map_err(|error| vec![format!("{path}: {error}")])?;
        whole.insert(key.to_owned(), value);
        Ok::<(), Vec<String>>(())
    };
    put("reasons", serde_json::to_value(&reasons))?;
    put("letters", serde_json::to_value(&letters))?;
    put("legal_basis", serde_json::to_value(&legal_basis))?;
    put("layout", serde_json::to_value(&layout))?;
    put("schema", Ok(schema))?;
    let version: ProcedureVersion =
        serde_json::from_value(Value::Object(whole)).map_err(|error| vec![format!("{path}: {error}")])?;
    let named = format!("procedures/{}/{}", version.key, version.version);
    if named == folder { Ok(version) } else { Err(vec![format!("{path}: belongs in the folder {named}")]) }
}

impl Short {
    fn cited(&self) -> impl Iterator<Item = &BasisKey> {
        let clocks = &self.clocks;
        let limits =
            [&clocks.processing, &clocks.intake, &clocks.supplement_notice, &clocks.supply, &clocks.payment];
        self.transition
            .basis
            .iter()
            .chain(&self.applicants.basis)
            .chain(self.requirements.iter().flat_map(|paper| &paper.basis))
            .chain(limits.into_iter().flat_map(|rule| &rule.basis))
            .chain(&clocks.extension_basis)
            .chain(self.route.iter().flat_map(|step| &step.basis))
            .chain(self.acts.values().flat_map(|act| &act.basis))
            .chain(self.guards.iter().flat_map(|used| &used.basis))
    }
}

/// The letter of the series, or the one all series share.
fn letter(files: &Files, series: &str, key: &str) -> Result<Letter, String> {
    let own = format!("letters/{series}/{key}");
    let stem = if files.text(&format!("{own}.json")).is_some() { own } else { format!("letters/{key}") };
    let head: LetterHead = files.json(&format!("{stem}.json"))?;
    if head.key != key {
        return Err(format!("{stem}.json: is named {:?}", head.key));
    }
    let body = |language: &str| {
        let path = format!("{stem}.{language}.txt");
        files.text(&path).map(str::to_owned).ok_or_else(|| format!("{path}: there is no such file"))
    };
    Ok(Letter {
        key: head.key,
        name: head.name,
        form_number: head.form_number,
        signer: head.signer,
        basis: head.basis,
        body: Text::new(body("vi")?, body("en")?),
    })
}
