//! What a result says: the ruling, the judgment and the people it is about, and how amounts came about.

use motcua_domain::dossier::ruling::Ruling;
use motcua_domain::fee::Fees;
use motcua_domain::ids::AccountId;
use motcua_domain::matter::{Confirmation, Party};
use motcua_domain::procedure::ReasonUse;
use motcua_domain::relief::Relief;
use motcua_domain::text::Language;
use serde_json::{Value, json};

use super::compose::{Source, amount, date, text};

/// Most that can be relieved, in per cent: all of it.
const WHOLE: u8 = 100;

pub(super) fn said(source: &Source<'_>, language: Language) -> Value {
    let Some(decision) = &source.dossier.decision else { return json!({}) };
    let basis = source.definition.act(motcua_domain::dossier::command::CommandKind::Sign);
    let mut said = json!({
        "number": decision.number,
        "basis": basis.map(|rule| source.bases(&rule.basis, language)),
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
            relieved(relief, grounds(ReasonUse::Ground, &relief.grounds))
        }
        Ruling::EnforcementFeeRelief { relief, reckoning } => {
            let mut said = relieved(relief, grounds(ReasonUse::Ground, &relief.grounds));
            if let (Value::Object(said), Some(fees)) = (&mut said, reckoning) {
                said.insert("reckoning".to_owned(), annex(source, fees, relief, language));
            }
            said
        }
        Ruling::Refusal { reasons, explanation } => json!({
            "reasons": grounds(ReasonUse::Rejection, reasons),
            "explanation": explanation,
        }),
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

fn relieved(relief: &Relief, reasons: Vec<String>) -> Value {
    let kind = if relief.percent == WHOLE { "exemption" } else { "reduction" };
    json!({
        "relief": {
            "kind": kind,
            "percent": relief.percent.to_string(),
            "amount_before": amount(relief.of.saturating_sub(relief.relieved_before)),
            "amount_relieved": amount(relief.amount),
            "amount_after": amount(relief.remains),
        },
        "reasons": reasons,
    })
}

fn annex(source: &Source<'_>, fees: &Fees, relief: &Relief, language: Language) -> Value {
    let word = |word| source.word("reckoning", word, language);
    let receipts = fees.reckoning.iter().map(|receipt| {
        json!({
            "label": format!("{} {}", word("receipt"), amount(receipt.receipt)),
            "value": amount(receipt.fee),
            "basis": receipt.says.say(language),
        })
    });
    let total =
        json!({ "label": word("total"), "value": amount(fees.total), "basis": fees.basis.join("; ") });
    let after = json!({ "label": word("fee"), "value": amount(relief.remains) });
    receipts.chain([total, after]).collect()
}
