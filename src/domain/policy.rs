//! Who may do what. Small rules each allow, forbid, hide or abstain; any forbid or hide wins
//! over any allow, and no rule allows by default.
//!
//! `judge` answers; only an allowing answer makes a [`Permit`], and only a permit opens the store.

pub mod absence;
pub mod administration;
pub mod oversight;
pub mod permit;
pub mod register;
pub mod roles;
mod rules;
pub mod scope;
#[cfg(test)]
mod table;

use chrono::NaiveDate;

use crate::actor::Actor;
use crate::dossier::Dossier;
use crate::dossier::command::CommandKind;
use crate::error_code::ErrorCode;
use crate::ids::{AccountId, AgencyId, DossierId, PartnerId, UnitId};
use crate::procedure::{ProcedureKey, ProcedureVersion, StepKind};

pub use administration::Administration;
pub use oversight::Oversight;
pub use permit::Permit;
pub use roles::{Membership, Role};
pub use scope::Scope;

/// What can be asked of a dossier.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Permission {
    /// See the dossier with masked personal data.
    View,
    /// See personal data unmasked: the filer, and those who work on it.
    ViewPersonal,
    /// See internal events, notes, drafts.
    ViewInternal,
    /// See the audit chain and the access log.
    ViewAudit,
    /// See which units opened it, and in what role: the filer's own part of the access log.
    ViewLooks,
    /// Change the answers of a draft, attach papers.
    Edit,
    /// Give the applicant a new tracking key, at the counter; the former one ends.
    Rekey,
    /// Read what goes out because of its decision, and say that it was sent.
    Send,
    /// Reckon its due dates anew when the calendar has changed: the service's own work, no act.
    Reckon,
    Act(CommandKind),
}

impl Permission {
    pub fn all() -> impl Iterator<Item = Self> {
        let plain = [Self::View, Self::ViewPersonal, Self::ViewInternal, Self::ViewAudit, Self::ViewLooks];
        let acts = CommandKind::ALL.iter().copied().map(Self::Act);
        plain.into_iter().chain([Self::Edit, Self::Rekey, Self::Send, Self::Reckon]).chain(acts)
    }

    pub fn name(self) -> &'static str {
        match self {
            Self::View => "view",
            Self::ViewPersonal => "view_personal",
            Self::ViewInternal => "view_internal",
            Self::ViewAudit => "view_audit",
            Self::ViewLooks => "view_looks",
            Self::Edit => "edit",
            Self::Rekey => "rekey",
            Self::Send => "send",
            Self::Reckon => "reckon",
            Self::Act(kind) => kind.as_str(),
        }
    }
}

/// What a permission rests on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Ground {
    /// The rule that allowed it, for the trace and the printed table.
    pub rule: &'static str,
    /// The absent person acted for.
    pub acting_for: Option<AccountId>,
}

/// The answer of the policy.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    Allow(Ground),
    /// The actor may know the dossier exists, but not do this.
    Forbid(ErrorCode),
    /// To this actor there is no such dossier.
    Hide,
}

/// What the rules read of a dossier.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Subject {
    pub dossier: DossierId,
    pub agency: AgencyId,
    pub owner_unit: UnitId,
    pub assignee: Option<AccountId>,
    pub filer_account: Option<AccountId>,
    pub filer_partner: Option<PartnerId>,
    /// Staff who entered it at the counter, while it is a draft.
    pub filer_staff: Option<AccountId>,
    pub procedure: ProcedureKey,
    pub is_draft: bool,
    pub step_kind: Option<StepKind>,
    pub step_role: Option<Role>,
    pub step_four_eyes: bool,
    /// Who drafted, and in whose name.
    pub drafters: Vec<AccountId>,
    /// Officers the request is against.
    pub walled: Vec<AccountId>,
    /// Units an opinion is asked of and not yet given.
    pub asked_units: Vec<UnitId>,
    /// Who made the last move, which can be undone for a little while.
    pub moved_by: Option<AccountId>,
}

impl Subject {
    pub fn of(dossier: &Dossier, definition: &ProcedureVersion) -> Self {
        let step = dossier.state.step().and_then(|key| definition.step(key));
        Self {
            dossier: dossier.id,
            agency: dossier.agency,
            owner_unit: dossier.owner_unit,
            assignee: dossier.assignee.map(|officer| officer.account),
            filer_account: dossier.filer.account,
            filer_partner: dossier.filer.partner,
            filer_staff: dossier.filer.staff,
            procedure: dossier.procedure,
            is_draft: dossier.state == crate::dossier::state::State::Draft,
            step_kind: step.map(|step| step.kind),
            step_role: step.map(|step| step.role),
            step_four_eyes: step.is_some_and(|step| step.four_eyes),
            drafters: dossier
                .decision
                .iter()
                .flat_map(|decision| std::iter::once(decision.drafted_by).chain(decision.drafted_for))
                .collect(),
            walled: dossier.challenged.clone(),
            asked_units: dossier
                .opinions
                .iter()
                .filter(|opinion| opinion.answered_at.is_none())
                .map(|opinion| opinion.unit)
                .collect(),
            moved_by: dossier.last_move.as_ref().map(|last| last.by),
        }
    }
}

/// May staff do this to any dossier at all today, by a role of theirs or of somebody they act for? What is
/// offered for many dossiers at once; each of them is judged.
pub fn ever(actor: &Actor, permission: Permission, today: NaiveDate) -> bool {
    let Some(staff) = actor.staff() else { return false };
    let lent = staff.acting_for.iter().flat_map(|absent| &absent.memberships);
    let mut held = staff.memberships.iter().chain(lent).filter(|held| held.holds_on(today));
    held.any(|held| rules::role_may(held.role, permission))
}

/// May this actor do this to this dossier today? Staff are judged in their own name first, then
/// in the name of each absent person they act for; the wall hides in every name.
pub fn judge(actor: &Actor, permission: Permission, subject: &Subject, today: NaiveDate) -> Verdict {
    match actor {
        Actor::Anonymous => Verdict::Hide,
        Actor::System => rules::system(permission),
        Actor::Holder(dossier) => {
            rules::filer(*dossier == subject.dossier, permission, "holder of the tracking key")
        }
        Actor::Citizen(account) => {
            rules::filer(subject.filer_account == Some(*account), permission, "own dossier")
        }
        Actor::Partner(partner) => rules::partner(partner, permission, subject),
        Actor::Staff(staff) => {
            if subject.walled.contains(&staff.account) {
                return Verdict::Hide;
            }
            let mut best = rules::staff(staff.account, &staff.memberships, None, permission, subject, today);
            for absent in &staff.acting_for {
                if matches!(best, Verdict::Allow(_)) {
                    break;
                }
                if subject.walled.contains(&absent.account) {
                    continue;
                }
                let lent = rules::staff(
                    staff.account,
                    &absent.memberships,
                    Some(absent.account),
                    permission,
                    subject,
                    today,
                );
                if matches!((best, lent), (_, Verdict::Allow(_)) | (Verdict::Hide, Verdict::Forbid(_))) {
                    best = lent;
                }
            }
            best
        }
    }
}
