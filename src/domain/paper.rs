//! The papers the window gives: which act makes which, and which form was in force on its day.
//! What a paper says and how it looks is data of the catalogue.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::dossier::Dossier;
use crate::dossier::command::CommandKind;
use crate::dossier::ruling::Ruling;
use crate::dossier::state::State;
use crate::procedure::{BasisKey, Confidence, ProcedureKey};
use crate::text::{Language, Text};
use crate::words::words;

words! {
    /// The kinds of paper.
    PaperKind {
        Receipt => "receipt",
        SupplementRequest => "supplement_request",
        Refusal => "refusal",
        Apology => "apology",
        StopNotice => "stop_notice",
        ControlSlip => "control_slip",
        DossierRegister => "dossier_register",
        EnforcementDecision => "enforcement_decision",
        ResultConfirmation => "result_confirmation",
        OfficerReplacement => "officer_replacement",
        CoercionCostRelief => "coercion_cost_relief",
        EnforcementFeeRelief => "enforcement_fee_relief",
        /// A refusal after examination: a result.
        WrittenRefusal => "written_refusal",
        TransferNotice => "transfer_notice",
        OralRequestMinutes => "oral_request_minutes",
        CoverSheet => "cover_sheet",
        ProcuracyTransmittal => "procuracy_transmittal",
        PartyNotice => "party_notice",
        /// The applicant's own copy of what was filed.
        FiledCopy => "filed_copy",
    }
}

impl PaperKind {
    /// What an act may leave as paper; none for acts that leave none. A result gets its number last, so it is
    /// made when it is numbered.
    pub fn of_act(act: CommandKind, ruling: Option<&Ruling>) -> Option<Self> {
        match act {
            // A supplement gives a new appointment.
            CommandKind::Receive | CommandKind::Supply => Some(Self::Receipt),
            CommandKind::RequestSupplement => Some(Self::SupplementRequest),
            CommandKind::Refuse => Some(Self::Refusal),
            CommandKind::Extend => Some(Self::Apology),
            CommandKind::Stop | CommandKind::Lapse | CommandKind::Withdraw => Some(Self::StopNotice),
            CommandKind::Submit => Some(Self::FiledCopy),
            CommandKind::Number => ruling.map(Self::of_result),
            CommandKind::Assign
            | CommandKind::CompleteStep
            | CommandKind::SendBack
            | CommandKind::RequestOpinion
            | CommandKind::AnswerOpinion
            | CommandKind::Draft
            | CommandKind::Propose
            | CommandKind::Sign
            | CommandKind::HandOver
            | CommandKind::Return
            | CommandKind::RequestPayment
            | CommandKind::ConfirmPayment
            | CommandKind::Repin
            | CommandKind::LinkMatter
            | CommandKind::AddNote
            | CommandKind::Undo => None,
        }
    }

    /// What it left of this dossier, which is as the act made it.
    pub fn left_by(act: CommandKind, dossier: &Dossier) -> Option<Self> {
        let left = match act {
            // Not before everything is there, nor before it was ever received.
            CommandKind::Supply => matches!(dossier.state, State::InProcess { .. }),
            CommandKind::Withdraw => dossier.received_at.is_some(),
            _ => true,
        };
        let ruling = dossier.decision.as_ref().map(|decision| &decision.ruling);
        Self::of_act(act, ruling).filter(|_| left)
    }

    /// What grants the request of a procedure.
    fn of_grant(procedure: ProcedureKey) -> Self {
        match procedure {
            ProcedureKey::EnforcementDecision => Self::EnforcementDecision,
            ProcedureKey::ResultConfirmation => Self::ResultConfirmation,
            ProcedureKey::OfficerReplacement => Self::OfficerReplacement,
            ProcedureKey::CoercionCostRelief => Self::CoercionCostRelief,
            ProcedureKey::EnforcementFeeRelief => Self::EnforcementFeeRelief,
        }
    }

    pub fn of_result(ruling: &Ruling) -> Self {
        match ruling {
            Ruling::EnforcementDecision { .. } => Self::EnforcementDecision,
            Ruling::ResultConfirmation { .. } => Self::ResultConfirmation,
            Ruling::OfficerReplacement { .. } => Self::OfficerReplacement,
            Ruling::CoercionCostRelief { .. } => Self::CoercionCostRelief,
            Ruling::EnforcementFeeRelief { .. } => Self::EnforcementFeeRelief,
            Ruling::Refusal { .. } => Self::WrittenRefusal,
        }
    }

    /// For the applicant too; the rest is for the office alone.
    pub fn is_public(self) -> bool {
        !matches!(
            self,
            Self::ControlSlip | Self::DossierRegister | Self::ProcuracyTransmittal | Self::PartyNotice
        )
    }
}

/// A form: the template of one paper in one series, with its dates.
/// Law: C01V a.9 (2018 series); C03 Annex I (2025 series). Numbers shifted between the two, so a form is
/// never told by its number alone.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Form {
    pub key: PaperKind,
    /// File name of its template in the set.
    pub template: String,
    /// `A5` or `A4`.
    pub size: String,
    /// `2018` or `2025`; none for papers no circular numbers.
    pub series: Option<String>,
    /// `Mẫu số 01`.
    pub number: Option<String>,
    pub basis: Vec<BasisKey>,
    pub from: NaiveDate,
    pub until: Option<NaiveDate>,
    pub title: Text,
    pub confidence: Confidence,
    #[serde(default)]
    pub note: Option<String>,
}

/// All forms of one edition, with their templates and words.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Forms {
    pub forms: Vec<Form>,
    /// Templates by file name.
    pub templates: BTreeMap<String, String>,
    /// What the papers call the things of a dossier: `group.word` to text.
    pub words: BTreeMap<String, BTreeMap<String, Text>>,
    /// The acts the forms cite, by key.
    pub acts: BTreeMap<BasisKey, Text>,
}

impl Forms {
    /// The form of a paper on the day of its act.
    pub fn in_force(&self, key: PaperKind, day: NaiveDate) -> Option<&Form> {
        self.forms
            .iter()
            .filter(|form| form.key == key && form.from <= day)
            .filter(|form| form.until.is_none_or(|until| day <= until))
            .max_by_key(|form| form.from)
    }

    /// What a paper calls something; the word itself when nobody gave it a name.
    pub fn word(&self, group: &str, word: &str, language: Language) -> String {
        let known = self.words.get(group).and_then(|words| words.get(word));
        known.map_or(word, |text| text.say(language)).to_owned()
    }

    /// The group of words for the head of an agency and who signs for him, by how its own name begins: a
    /// "Chi cục" has a "Chi cục trưởng".
    pub fn signers(&self, agency: &Text) -> &str {
        let named = |group: &&String| {
            group.strip_prefix("signer of ").is_some_and(|start| agency.vi.starts_with(start))
        };
        self.words.keys().find(named).map_or("signer", String::as_str)
    }

    /// How a result is numbered, with `{serial}` of its procedure in its `{year}`; a refusal says of what.
    fn numbering(&self, kind: PaperKind, procedure: ProcedureKey) -> Option<&Text> {
        let signs = self.words.get("sign")?;
        signs.get(kind.as_str()).or_else(|| signs.get(&format!("{kind} of {procedure}")))
    }

    /// `12/2026/QĐ-THA`: number and sign of the result of a dossier; the serial alone when there is no sign.
    pub fn number(&self, kind: PaperKind, procedure: ProcedureKey, serial: i32, year: i32) -> String {
        let serial = format!("{serial:02}");
        match self.numbering(kind, procedure) {
            Some(sign) => sign.vi.replace("{serial}", &serial).replace("{year}", &year.to_string()),
            None => serial,
        }
    }

    /// The same with another template for a paper from that day on; what was in force ends the day before.
    /// None when nothing is in force on that day, or its own first day is no earlier.
    #[must_use]
    pub fn rewritten(&self, key: PaperKind, from: NaiveDate, template: &str) -> Option<Self> {
        let former = self.in_force(key, from).filter(|form| form.from < from)?;
        let mut forms = self.clone();
        for form in &mut forms.forms {
            if form == former {
                form.until = from.pred_opt();
            }
        }
        let name = format!("{key}-{from}.typ");
        forms.templates.insert(name.clone(), template.to_owned());
        forms.forms.push(Form { template: name, from, ..former.clone() });
        Some(forms)
    }

    /// Everything that does not fit together.
    pub fn lint(&self) -> Vec<String> {
        let mut wrong = Vec::new();
        for (at, form) in self.forms.iter().enumerate() {
            let name = format!("{} from {}", form.key, form.from);
            if !self.templates.contains_key(&form.template) {
                wrong.push(format!("{name}: there is no template {}", form.template));
            }
            if form.until.is_some_and(|until| until < form.from) {
                wrong.push(format!("{name}: ends before it begins"));
            }
            if form.basis.is_empty() && form.confidence != Confidence::HouseRule {
                wrong.push(format!("{name}: cites nothing"));
            }
            wrong.extend(
                form.basis
                    .iter()
                    .filter(|key| !self.acts.contains_key(*key))
                    .map(|key| format!("{name}: there is no legal basis {key}")),
            );
            let meets = |other: &Form| {
                other.key == form.key
                    && other.from <= form.until.unwrap_or(NaiveDate::MAX)
                    && form.from <= other.until.unwrap_or(NaiveDate::MAX)
            };
            if self.forms.iter().skip(at.saturating_add(1)).any(meets) {
                wrong.push(format!("{name}: another form of the paper is in force on the same day"));
            }
        }
        for kind in PaperKind::ALL {
            if !self.forms.iter().any(|form| form.key == *kind && form.until.is_none()) {
                wrong.push(format!("{kind}: no form is in force for good"));
            }
        }
        for procedure in ProcedureKey::ALL {
            for kind in [PaperKind::of_grant(*procedure), PaperKind::WrittenRefusal] {
                let sign = self.numbering(kind, *procedure);
                if !sign.is_some_and(|sign| sign.vi.contains("{serial}") && sign.vi == sign.en) {
                    wrong.push(format!("{kind} of {procedure}: cannot be numbered"));
                }
            }
        }
        wrong
    }
}

/// What a paper says, in both languages: fixed when its act was done.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Said {
    pub vi: Value,
    pub en: Value,
    /// What was filed, as text, for papers that carry its digest.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub manifest: Option<String>,
}

/// What a paper says without telling of anybody: of the office, of dates and of limits.
const IMPERSONAL: &[&str] = &[
    "language",
    "form",
    "agency",
    "code",
    "reference",
    "serial",
    "date",
    "procedure",
    "channel",
    "check",
    "submitted",
    "received",
    "supplied",
    "requested_on",
    "sets",
    "fee",
    "time_limit",
    "time_limit_basis",
    "due",
    "return_way",
    "basis",
    "stage",
    "round",
    "supply_by",
    "former_due",
    "new_due",
    "missing_papers",
];

impl Said {
    /// The same with […] for people and what they wrote, for who may read forms and no dossier.
    #[must_use]
    pub fn masked(&self) -> Self {
        let part = |value: &Value| {
            let Value::Object(all) = value else { return value.clone() };
            let kept = all.iter().map(|(key, value)| {
                let plain = IMPERSONAL.contains(&key.as_str());
                (key.clone(), if plain { value.clone() } else { hidden(value) })
            });
            Value::Object(kept.collect())
        };
        Self { vi: part(&self.vi), en: part(&self.en), manifest: None }
    }

    pub fn say(&self, language: Language) -> &Value {
        match language {
            Language::Vi => &self.vi,
            Language::En => &self.en,
        }
    }
}

fn hidden(value: &Value) -> Value {
    match value {
        Value::String(text) if !text.is_empty() => Value::String("[…]".to_owned()),
        Value::Array(all) => Value::Array(all.iter().map(hidden).collect()),
        Value::Object(all) => all.iter().map(|(key, value)| (key.clone(), hidden(value))).collect(),
        other => other.clone(),
    }
}
