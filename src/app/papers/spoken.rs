//! Minutes of a request that was spoken: who spoke, of which judgment, parties and claims, and what else was
//! answered. What stands in the sentences of the minutes is not told a second time as an answer.

use motcua_domain::dossier::Channel;
use motcua_domain::text::Language;
use serde_json::{Value, json};

use super::compose::{Source, date, text};
use super::{answers, result};

/// Answers every minutes tell of who spoke.
const PERSON: &[&str] = &[
    "/applicant/kind",
    "/applicant/full_name",
    "/applicant/identity_number",
    "/applicant/organisation_code",
    "/applicant/address",
    "/applicant/phone",
    "/applicant/representative_name",
    "/applicant/representative_title",
    "/representation/principal_name",
];
/// Of which judgment, where it was asked for.
const JUDGMENT: &[&str] = &["/judgment/kind", "/judgment/number", "/judgment/date", "/judgment/court"];

impl Source<'_> {
    pub(super) fn minutes(&self, language: Language) -> Value {
        let mut said = self.filed(language);
        let (Value::Object(more), Channel::Oral) = (&mut said, self.dossier.channel) else { return said };
        let judgment = result::judgment(self, language);
        let of_register = self.of_register(&judgment);
        let from_answers = self.matter.is_none_or(|matter| matter.parties.is_empty());
        let is_told = |pointer: &str| {
            PERSON.contains(&pointer)
                || JUDGMENT.contains(&pointer)
                || pointer == "/claims"
                || (pointer == "/parties" && from_answers)
                || of_register.contains(&pointer)
        };
        let recorded = self.dossier.handed_over.is_some();
        let of_person = |pointer: &str| pointer.starts_with("/applicant/");
        let person = answers::pages(self, language, |pointer| is_told(pointer) || !of_person(pointer));
        let rest = answers::pages(self, language, |pointer| is_told(pointer) || of_person(pointer));
        more.insert("applicant_answers".to_owned(), json!(person));
        more.insert("answers".to_owned(), json!(rest));
        more.insert("parties".to_owned(), result::parties(self, language));
        more.insert("claims".to_owned(), self.claims_told(language));
        more.insert("judgment".to_owned(), judgment);
        more.insert("matter".to_owned(), self.matter_told());
        more.insert("components".to_owned(), json!(self.components(language)));
        more.insert("nothing_handed_in".to_owned(), json!(recorded && self.components(language).is_empty()));
        said
    }

    fn matter_told(&self) -> Value {
        let told = |matter: &motcua_domain::matter::Matter| json!({ "decision_number": matter.decision_number, "decided_on": date(matter.decided_on) });
        self.matter.map(told).unwrap_or_default()
    }

    /// Answers that say what the register says, which is told of the matter. One that says otherwise stays.
    fn of_register(&self, judgment: &Value) -> Vec<&'static str> {
        let (matter, day) = (self.matter_told(), |text: String| text.parse().map_or(text, date));
        let known = [
            ("/matter/decision_number", text(&matter, "/decision_number")),
            ("/matter/decision_date", text(&matter, "/decided_on")),
            ("/matter/judgment_number", text(judgment, "/number")),
            ("/matter/judgment_date", text(judgment, "/date")),
            ("/matter/court", text(judgment, "/court")),
        ];
        let same = known
            .into_iter()
            .filter(|(pointer, known)| known.is_some() && text(self.answers, pointer).map(day) == *known);
        same.map(|(pointer, _)| pointer).collect()
    }

    /// The claims, each with what else was answered on it.
    fn claims_told(&self, language: Language) -> Value {
        let mut claims = result::claims(self);
        let given = self.answers.get("claims").and_then(Value::as_array);
        let fields = self.definition.layout.pages.iter().flat_map(|page| &page.fields);
        let field = fields.into_iter().find(|field| field.pointer == "/claims");
        if let (Some(claims), Some(given), Some(field)) = (claims.as_array_mut(), given, field) {
            for (claim, given) in claims.iter_mut().zip(given) {
                let amount =
                    if given.get("requested_amount").is_some() { "/requested_amount" } else { "/amount" };
                let told = |pointer: &str| pointer == "/description" || pointer == amount;
                let rest = answers::entry(self, field, given, language, told);
                if let Value::Object(claim) = claim {
                    claim.insert("details".to_owned(), json!(rest));
                }
            }
        }
        claims
    }
}
