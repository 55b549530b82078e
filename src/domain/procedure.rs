//! What a procedure version says: the dated rules of one of the five procedures, as data.
//!
//! A version is frozen once installed. Every rule names its legal basis by key, and every
//! fact that was not read in a source carries `Confidence::Unverified`. Nothing here acts;
//! `dossier::plan` reads it.

pub mod clock;
pub mod form;
pub mod legal_basis;
pub mod lint;
pub mod place;
pub mod requirement;
pub mod step;

use std::collections::BTreeMap;

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

pub use clock::Clocks;
pub use form::{Form, Layout};
pub use legal_basis::{BasisKey, Confidence, LegalBasis};
pub use requirement::{Condition, Requirement};
pub use step::{Outcome, Step, StepKind};

use crate::dossier::SupplementItem;
use crate::dossier::command::CommandKind;
use crate::dossier::guard::Guard;
use crate::text::Text;
use crate::words::words;

words! {
    /// The five procedures.
    ProcedureKey {
        /// P1: enforcement decision upon request.
        EnforcementDecision => "enforcement_decision",
        /// P2: confirmation of enforcement results.
        ResultConfirmation => "result_confirmation",
        /// P3: change of enforcement officer.
        OfficerReplacement => "officer_replacement",
        /// P4: relief from coercion costs.
        CoercionCostRelief => "coercion_cost_relief",
        /// P5: relief from the enforcement fee.
        EnforcementFeeRelief => "enforcement_fee_relief",
    }
}

words! {
    /// What a coded reason may be used for.
    ReasonUse {
        Refusal => "refusal",
        /// A written refusal after examination, which is a decision.
        Rejection => "rejection",
        Supplement => "supplement",
        Stop => "stop",
        Extension => "extension",
        /// A ground on which the applicant relies (change of officer, relief).
        Ground => "ground",
    }
}

/// A coded reason; acts carry its key, letters print its text.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct Reason {
    pub key: String,
    #[serde(rename = "use")]
    pub used_for: ReasonUse,
    pub text: Text,
    /// What right looks like, shown with a supplement item.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub example: Option<Text>,
    /// Which body the applicant should turn to, shown with a refusal.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub advice: Option<Text>,
    pub basis: Vec<BasisKey>,
    /// For grounds of relief: the most that may be granted, in per cent of what is due.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cap_percent: Option<u8>,
    /// For grounds of relief from coercion costs: this share, in per cent, must be paid first.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub paid_first_percent: Option<u8>,
}

/// A letter the procedure produces. Templates use `{{name}}` placeholders only.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct Letter {
    pub key: String,
    pub name: Text,
    /// Official form number, with the act it belongs to, when one is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub form_number: Option<String>,
    pub signer: Signer,
    pub basis: Vec<BasisKey>,
    pub body: Text,
}

words! {
    /// Who signs a letter.
    Signer {
        OneWindowOfficer => "one_window_officer",
        Leader => "leader",
        System => "system",
    }
}

/// A guard attached to an act.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct GuardUse {
    pub guard: Guard,
    pub on: CommandKind,
    pub basis: Vec<BasisKey>,
}

/// What the law says of one act in this procedure.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct ActRule {
    pub name: Text,
    pub basis: Vec<BasisKey>,
    /// The letter that goes out with it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub letter: Option<String>,
}

/// Who may file.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct Applicants {
    /// Values allowed in `/applicant/role` of the form.
    pub roles: Vec<String>,
    /// Law: D62 a.44 c.1 (relief from coercion costs is for individuals).
    #[serde(default)]
    pub individuals_only: bool,
    pub basis: Vec<BasisKey>,
    pub note: Text,
}

/// How open dossiers pass to this version on its first day.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct Transition {
    /// True when dossiers still open under the former version may be re-pinned to this one.
    pub repin_open: bool,
    pub rule: Text,
    pub basis: Vec<BasisKey>,
}

/// The dated rules of one procedure.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct ProcedureVersion {
    pub key: ProcedureKey,
    /// Names the version inside the procedure, by its first day: `2025-07-01`.
    pub version: String,
    /// National procedure code; none is confirmed yet.
    #[serde(default)]
    pub national_code: Option<String>,
    pub name: Text,
    pub summary: Text,
    pub effective_from: NaiveDate,
    /// Last day in force; none while it is the newest.
    #[serde(default)]
    pub effective_to: Option<NaiveDate>,
    pub confidence: Confidence,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<Text>,
    pub transition: Transition,
    pub applicants: Applicants,
    /// What the applicant gets in the end.
    pub result: Text,
    /// Filing fee in đồng; all five are free.
    pub filing_fee: u64,
    /// True when the request names an enforcement matter (P2 to P5).
    pub needs_matter: bool,
    pub legal_basis: BTreeMap<BasisKey, LegalBasis>,
    pub requirements: Vec<Requirement>,
    pub clocks: Clocks,
    pub route: Vec<Step>,
    pub acts: BTreeMap<CommandKind, ActRule>,
    pub guards: Vec<GuardUse>,
    pub reasons: Vec<Reason>,
    pub letters: Vec<Letter>,
    pub layout: Layout,
    /// JSON Schema 2020-12 of the answers.
    #[cfg_attr(feature = "schema", schema(value_type = Object))]
    pub schema: serde_json::Value,
}

impl ProcedureVersion {
    pub fn in_force_on(&self, day: NaiveDate) -> bool {
        self.effective_from <= day && self.effective_to.is_none_or(|last| day <= last)
    }

    pub fn step(&self, key: &str) -> Option<&Step> {
        self.route.iter().find(|step| step.key == key)
    }

    /// The step a received dossier enters.
    pub fn first_step(&self) -> Option<&Step> {
        self.route.first()
    }

    /// What a right answer to an item of a supplement request looks like: as its own paper or field tells, else
    /// as the reason shows for any.
    pub fn right_for(&self, item: &SupplementItem) -> Option<&Text> {
        let named = |each: &&Requirement| Some(each.key.as_str()) == item.requirement.as_deref();
        let paper = self.requirements.iter().find(named).and_then(|each| each.hint.as_ref());
        let field = || item.field.as_deref().and_then(|pointer| self.layout.find(pointer)?.hint.as_ref());
        let coded = || self.reason(ReasonUse::Supplement, &item.reason)?.example.as_ref();
        paper.or_else(field).or_else(coded)
    }

    pub fn reason(&self, used_for: ReasonUse, key: &str) -> Option<&Reason> {
        self.reasons.iter().find(|reason| reason.used_for == used_for && reason.key == key)
    }

    pub fn letter(&self, key: &str) -> Option<&Letter> {
        self.letters.iter().find(|letter| letter.key == key)
    }

    pub fn act(&self, kind: CommandKind) -> Option<&ActRule> {
        self.acts.get(&kind)
    }

    /// Resolves basis keys; the linter guarantees that each exists.
    pub fn bases(&self, keys: &[BasisKey]) -> Vec<LegalBasis> {
        keys.iter().filter_map(|key| self.legal_basis.get(key).cloned()).collect()
    }

    pub fn guards_on(&self, kind: CommandKind) -> impl Iterator<Item = &GuardUse> {
        self.guards.iter().filter(move |used| used.on == kind)
    }
}
