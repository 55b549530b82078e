//! What goes out beside a result: the decision to the procuracy, notice of it to each party, and word to the
//! applicant that the dossier was passed on.

use motcua_domain::dossier::ruling::Ruling;
use motcua_domain::paper::{Form, PaperKind};
use motcua_domain::text::Language;
use serde_json::{Value, json};

use super::compose::{Source, date};
use super::result;
use motcua_domain::calendar::local_date;
use motcua_domain::dossier::command::CommandKind;

/// Whom a paper is sent to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Addressee {
    pub name: String,
    pub address: Option<String>,
}

impl Source<'_> {
    /// The decision as it is called in other papers: `Quyết định thi hành án số 215/QĐ-THA ngày 29/04/2026`.
    fn decision(&self, language: Language) -> String {
        let decision = self.dossier.decision.as_ref();
        let kind = PaperKind::of_act(CommandKind::Number, decision.map(|decision| &decision.ruling));
        let form = kind.and_then(|kind| self.forms.in_force(kind, local_date(self.at)));
        let title = form.map(|form| form.title.say(language)).unwrap_or_default();
        let number = decision.and_then(|decision| decision.number.as_deref()).unwrap_or("…");
        let word = |word| self.word("decision", word, language);
        format!("{title} {} {number} {} {}", word("number"), word("dated"), date(local_date(self.at)))
    }

    fn enclosed(&self, language: Language) -> Value {
        json!([{ "name": self.decision(language), "copies": "01" }])
    }

    fn recipient(&self) -> Value {
        let to = self.addressee.as_ref();
        json!(to.map(|to| json!({ "name": to.name, "address": to.address })))
    }

    /// What the law says that the paper rests on.
    fn grounds(&self, form: &Form, language: Language) -> Vec<String> {
        form.basis
            .iter()
            .filter_map(|key| self.forms.acts.get(key))
            .map(|act| act.say(language).to_owned())
            .collect()
    }

    pub(super) fn transmittal(&self, form: &Form, language: Language) -> Value {
        let mut said = json!({
            "recipient": self.recipient(),
            "basis": self.grounds(form, language),
            "transmitted": self.enclosed(language),
            "parties": result::parties(self, language),
        });
        self.sign(&mut said, language);
        said
    }

    /// The parties by name alone: a notice goes to somebody who need not know more of the others.
    fn names(&self, language: Language) -> Value {
        let mut parties = result::parties(self, language);
        for party in parties.as_array_mut().into_iter().flatten().filter_map(Value::as_object_mut) {
            party.retain(|key, _| key == "role" || key == "name");
        }
        parties
    }

    pub(super) fn notice(&self, language: Language) -> Value {
        let word = |word| self.word("notice", word, language);
        let issued = format!(
            "{} {} {}.",
            self.office.agency.name.say(language),
            word("issued"),
            self.decision(language)
        );
        let mut said = json!({
            "recipient": self.recipient(),
            "judgment": result::judgment(self, language),
            "parties": self.names(language),
            "explanation": issued,
            "transmitted": self.enclosed(language),
        });
        if let (Some(decision), Value::Object(said)) = (&self.dossier.decision, &mut said) {
            if let Ruling::EnforcementDecision { officer, obligations, voluntary_days } = &decision.ruling {
                said.insert("obligations".to_owned(), json!(obligations));
                said.insert("claims".to_owned(), result::claims(self));
                said.insert(
                    "enforcement_officer".to_owned(),
                    result::officer(self, officer.account, language),
                );
                let days =
                    format!("{issued} {} {voluntary_days} {}.", word("voluntary"), word("voluntary_days"));
                said.insert("explanation".to_owned(), json!(days));
            }
            if let Ruling::OfficerReplacement { new_officer, .. } = &decision.ruling {
                let officer = result::officer(self, new_officer.account, language);
                said.insert("enforcement_officer".to_owned(), officer);
            }
        }
        self.sign(&mut said, language);
        said
    }

    /// The head of the agency himself is challenged, so the superior one decides. Law: D62 a.10 c.2.
    pub(super) fn transferred(&self, language: Language) -> Value {
        let transmitted: Vec<Value> = self
            .components(language)
            .iter()
            .map(|each| json!({ "name": each.get("name"), "copies": each.get("quantity") }))
            .collect();
        let mut said = json!({
            "recipient": self.recipient(),
            "reasons": [self.word("transfer", "head_challenged", language)],
            "transmitted": transmitted,
            "judgment": result::judgment(self, language),
        });
        // Not in his own matter.
        self.sign_as(&mut said, None, false, language);
        said
    }
}
