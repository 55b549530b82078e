//! What the rules need to know besides the dossier: the office's data, and who asks.
//! The application loads these; the rules only read them.

use serde_json::Value;

use crate::actor::Actor;
use crate::agency::{Officer, Units};
use crate::calendar::{Calendar, OfficeHours};
use crate::fee::FeeTables;
use crate::ids::{AccountId, MatterId, ProcedureVersionId, UnitId};
use crate::matter::{Due, Matter};
use crate::procedure::ProcedureVersion;

/// The rules and days an act is judged by.
#[derive(Debug, Clone, Copy)]
pub struct Office<'a> {
    pub definition: &'a ProcedureVersion,
    pub calendar: &'a Calendar,
    pub hours: OfficeHours,
}

/// What a party owes the agency, and where the figure is from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Owed {
    pub due: Due,
    /// The register has no figure; this is the applicant's.
    pub stated: bool,
}

/// Everything known about the actor and the surroundings of an act.
#[derive(Debug, Clone)]
pub struct Facts<'a> {
    pub actor: &'a Actor,
    /// The absent person the actor acts for, as judged by the policy.
    pub acting_for: Option<AccountId>,
    pub units: Units,
    /// The matter the dossier is about; the one being named or linked, in those acts.
    pub matter: Option<Matter>,
    /// The officer named in an assignment or a replacement, when he exists and is on duty.
    pub named_officer: Option<Officer>,
    /// The unit an opinion is asked of, when the agency has it.
    pub named_unit: Option<UnitId>,
    /// Staff of the agency whose names match the challenged officer of the form.
    pub challenged_by_name: Vec<AccountId>,
    /// Heads of the agency whose officer is to be changed.
    pub heads: Vec<AccountId>,
    /// Units of the superior agency, which decides when the head is challenged.
    pub superior: Option<Units>,
    /// Id for the matter that a signed enforcement decision opens.
    pub new_matter: Option<MatterId>,
    /// The version in force, when it is not the pinned one: what a re-pin goes to, and what a
    /// receipt pins.
    pub repin_to: Option<(ProcedureVersionId, &'a ProcedureVersion)>,
    /// The answers of the form.
    pub answers: &'a Value,
    /// Number of a decision the register has for the same judgment and debtor.
    pub similar_decision: Option<String>,
    /// Courts whose judgments the agency enforces.
    pub courts: &'a [String],
    /// Fee scale and base salaries.
    pub fees: Option<&'a FeeTables>,
}

impl<'a> Facts<'a> {
    pub fn new(actor: &'a Actor, units: Units, answers: &'a Value) -> Self {
        Self {
            actor,
            acting_for: None,
            units,
            matter: None,
            named_officer: None,
            named_unit: None,
            challenged_by_name: Vec::new(),
            heads: Vec::new(),
            superior: None,
            new_matter: None,
            repin_to: None,
            answers,
            similar_decision: None,
            courts: &[],
            fees: None,
        }
    }
}

impl Facts<'_> {
    /// Coercion cost: by the register, else as the applicant states.
    pub fn cost_due(&self) -> Owed {
        let known = self.matter.as_ref().map(|matter| &matter.coercion_cost);
        self.owed(known, "/cost/total", "/cost/paid")
    }

    /// Enforcement fee: by the register, else as the applicant states.
    pub fn fee_due(&self) -> Owed {
        let known = self.matter.as_ref().map(|matter| &matter.enforcement_fee);
        self.owed(known, "/fee/amount", "/fee/paid")
    }

    fn owed(&self, known: Option<&Due>, total: &str, paid: &str) -> Owed {
        match known {
            Some(due) if due.total > 0 => Owed { due: due.clone(), stated: false },
            Some(_) | None => Owed {
                due: Due { total: self.amount(total), relieved: 0, paid: self.amount(paid) },
                stated: true,
            },
        }
    }

    fn amount(&self, pointer: &str) -> u64 {
        self.answers.pointer(pointer).and_then(Value::as_u64).unwrap_or(0)
    }

    /// The officer in charge, unless he is challenged.
    pub fn officer_in_charge(&self, challenged: &[AccountId]) -> Option<Officer> {
        self.matter
            .as_ref()
            .and_then(|matter| matter.officer)
            .filter(|officer| !challenged.contains(&officer.account))
    }
}
