//! What a result says: the ruling, the judgment and the people it is about, and how amounts came about.

use motcua_domain::dossier::command::CommandKind;
use motcua_domain::dossier::ruling::Ruling;
use motcua_domain::fee::Fees;
use motcua_domain::ids::AccountId;
use motcua_domain::matter::{Confirmation, Party};
use motcua_domain::procedure::ReasonUse;
use motcua_domain::procedure::legal_basis::in_words;
use motcua_domain::relief::Relief;
use motcua_domain::text::Language;
use serde_json::{Value, json};

use super::compose::{Source, amount, date, text};

/// Most that can be relieved, in per cent: all of it.
const WHOLE: u8 = 100;

pub(super) fn said(source: &Source<'_>, language: Language) -> Value {
    let Some(decision) = &source.dossier.decision else { return json!({}) };
    let act = source.definition.act(CommandKind::Sign);
    let mut basis = act.map(|rule| source.bases(&rule.basis, language)).unwrap_or_default();
    let refused = match &decision.ruling {
        Ruling::Refusal { reasons, .. } => reasons.as_slice(),
        _ => &[],
    };
    let coded = |key: &String| source.definition.reason(ReasonUse::Rejection, key);
    let refused: Vec<_> = refused.iter().filter_map(coded).collect();
    // Why a request is refused rests on the law of that reason, not of the decision there would have been.
    let mut of_reasons: Vec<String> =
        refused.iter().flat_map(|reason| source.bases(&reason.basis, language)).collect();
    of_reasons.dedup();
    if !of_reasons.is_empty() {
        basis = of_reasons;
    }
    let mut said = json!({
        "number": decision.number,
        "basis": basis,
        "judgment": judgment(source, language),
        "matter": source.matter.map(|matter| {
            json!({ "decision_number": matter.decision_number, "decided_on": date(matter.decided_on) })
        }),
        "parties": parties(source, language),
    });
    source.sign(&mut said, language);
    let officer = |account: AccountId| officer(source, account, language);
    let grounds = |used_for, keys: &[String]| -> Vec<String> {
        let reason = |key: &String| source.definition.reason(used_for, key);
        keys.iter().filter_map(reason).map(|reason| reason.text.say(language).to_owned()).collect()
    };
    let more = match &decision.ruling {
        Ruling::EnforcementDecision { officer: who, obligations, voluntary_days } => json!({
            "claims": claims(source),
            "obligations": obligations,
            "enforcement_officer": officer(who.account),
            "voluntary_days": voluntary_days.to_string(),
        }),
        Ruling::ResultConfirmation { confirmation } => json!({
            "result_lines": confirmed(source, confirmation, language),
        }),
        Ruling::OfficerReplacement { former, new_officer, grounds: keys } => json!({
            "former_officer": officer(*former),
            "enforcement_officer": officer(new_officer.account),
            "reasons": grounds(ReasonUse::Ground, keys),
        }),
        Ruling::CoercionCostRelief { relief } => {
            let due = json!({
                "label": source.word("reckoning", "costs", language),
                "value": amount(relief.of),
            });
            relieved(source, relief, vec![due], language)
        }
        Ruling::EnforcementFeeRelief { relief, reckoning } => {
            let mut due = reckoning.as_ref().map(|fees| fee(source, fees, language)).unwrap_or_default();
            // What the matter's file says is due, of which the rate is taken.
            due.push(json!({
                "label": source.word("reckoning", "fee", language),
                "value": amount(relief.of),
            }));
            relieved(source, relief, due, language)
        }
        Ruling::Refusal { explanation, .. } => {
            let advice: Vec<&str> = refused
                .iter()
                .filter_map(|reason| reason.advice.as_ref())
                .map(|advice| advice.say(language))
                .collect();
            json!({
                "reasons": refused.iter().map(|reason| reason.text.say(language)).collect::<Vec<_>>(),
                "explanation": explanation,
                "advice": (!advice.is_empty()).then(|| advice.join(" ")),
            })
        }
    };
    if let (Value::Object(said), Value::Object(more)) = (&mut said, more) {
        said.extend(more);
    }
    said
}

/// An enforcement officer by name and title.
pub(super) fn officer(source: &Source<'_>, account: AccountId, language: Language) -> Value {
    let name = source.named.iter().find(|(known, _)| *known == account).map(|(_, name)| name.clone());
    json!({ "name": name, "title": source.word("signer", "processing_officer", language) })
}

/// The judgment as the form or the register names it.
pub(super) fn judgment(source: &Source<'_>, language: Language) -> Value {
    let asked = |name: &str| text(source.answers, &format!("/judgment/{name}"));
    let day = |text: String| text.parse().map_or(text, date);
    if let (Some(matter), None) = (source.matter, asked("number")) {
        let judgment = &matter.judgment;
        return json!({ "number": judgment.number, "date": judgment.date.map(date), "court": judgment.court });
    }
    json!({
        "kind": asked("kind").map(|kind| source.word("judgment", &kind, language)),
        "number": asked("number"),
        "date": asked("date").map(day),
        "court": asked("court"),
    })
}

/// The parties as the register names them, or as the form does.
pub(super) fn parties(source: &Source<'_>, language: Language) -> Value {
    let said = |party: &Party| {
        json!({
            "role": source.word("role", party.role.as_str(), language),
            "name": party.full_name,
            "identity": party.identity_number,
            "address": party.address,
        })
    };
    match source.matter {
        Some(matter) if !matter.parties.is_empty() => matter.parties.iter().map(said).collect(),
        _ => crate::act::parties(source.answers).iter().map(said).collect(),
    }
}

/// The claims of a request.
pub(super) fn claims(source: &Source<'_>) -> Value {
    crate::act::claims(source.answers)
        .iter()
        .map(|claim| json!({ "description": claim.description, "amount": claim.amount.map(amount) }))
        .collect()
}

fn confirmed(source: &Source<'_>, confirmation: &Confirmation, language: Language) -> Value {
    let word = |word| source.word("result", word, language);
    let claims = confirmation.claims.iter().map(|claim| {
        let state = match claim.amount {
            Some(owed) => format!(
                "{} {} {} {}",
                word("performed"),
                amount(claim.performed_amount),
                word("of"),
                amount(owed)
            ),
            None if claim.performed => word("performed"),
            None => word("not_performed"),
        };
        json!({ "label": word("claim"), "value": format!("{}: {state}", claim.description) })
    });
    let conclusion = source.word("performance", confirmation.performance.as_str(), language);
    claims.chain([json!({ "label": word("conclusion"), "value": conclusion })]).collect()
}

/// Whose burden is relieved: the party for whom a representative asked, as the register knows him, else the
/// applicant himself.
fn beneficiary(source: &Source<'_>) -> Value {
    let Some(principal) = text(source.answers, "/representation/principal_name") else {
        return source.applicant();
    };
    let alike = |name: &str| name.trim().to_lowercase() == principal.trim().to_lowercase();
    let party = source.matter.and_then(|matter| matter.parties.iter().find(|party| alike(&party.full_name)));
    json!({
        "name": principal,
        "identity": party.and_then(|party| party.identity_number.as_ref()),
        "address": party.map(|party| &party.address),
    })
}

/// A relief with its reckoning: what was due, and what of it is relieved, paid and left.
fn relieved(source: &Source<'_>, relief: &Relief, due: Vec<Value>, language: Language) -> Value {
    let kind = if relief.percent == WHOLE { "exemption" } else { "reduction" };
    let word = |word| source.word("reckoning", word, language);
    let sum = |label, value: u64| json!({ "label": word(label), "value": amount(value) });
    let known = |key: &String| source.definition.reason(ReasonUse::Ground, key);
    let grounds: Vec<_> = relief.grounds.iter().filter_map(known).collect();
    let mut bases: Vec<String> =
        grounds.iter().flat_map(|ground| source.bases(&ground.basis, language)).collect();
    bases.dedup();
    let rate = json!({
        "label": word("rate"),
        "value": format!("{}%", relief.percent),
        "basis": bases.join("; "),
    });
    let before = relief.of.saturating_sub(relief.relieved_before);
    let paid = before.saturating_sub(relief.amount).saturating_sub(relief.remains);
    let earlier = (relief.relieved_before > 0).then(|| sum("relieved_before", relief.relieved_before));
    let paid = (paid > 0).then(|| sum("paid", paid));
    let after = [sum("relieved", relief.amount), sum("payable", relief.remains)];
    let reckoning: Vec<Value> =
        due.into_iter().chain(earlier).chain(paid).chain([rate]).chain(after).collect();
    json!({
        "relief": {
            "kind": kind,
            "percent": relief.percent.to_string(),
            "amount_before": amount(before),
            "amount_relieved": amount(relief.amount),
            "amount_after": amount(relief.remains),
        },
        "reasons": grounds.iter().map(|ground| ground.text.say(language)).collect::<Vec<_>>(),
        "reckoning": reckoning,
        "beneficiary": beneficiary(source),
    })
}

/// How the fee came about: of each receipt, and in all.
fn fee(source: &Source<'_>, fees: &Fees, language: Language) -> Vec<Value> {
    let word = |word| source.word("reckoning", word, language);
    let cited: Vec<String> = fees.basis.iter().map(|cited| in_words(cited, language)).collect();
    let receipts = fees.reckoning.iter().map(|receipt| {
        json!({
            "label": format!("{} {}", word("receipt"), amount(receipt.receipt)),
            "value": amount(receipt.fee),
            "basis": receipt.says.say(language),
        })
    });
    let total = json!({ "label": word("total"), "value": amount(fees.total), "basis": cited.join("; ") });
    receipts.chain([total]).collect()
}
