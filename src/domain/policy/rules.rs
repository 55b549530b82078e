//! The rules themselves: role, scope, step, separation; combined so that a denial wins.

use chrono::NaiveDate;

use super::{Ground, Membership, Permission, Role, Subject, Verdict};
use crate::actor::{Partner, Verb};
use crate::dossier::command::CommandKind as K;
use crate::error_code::ErrorCode;
use crate::ids::AccountId;
use crate::procedure::StepKind;

fn allow(rule: &'static str) -> Verdict {
    Verdict::Allow(Ground { rule, acting_for: None })
}

/// Scheduled work may remind and draft; it never acts in law.
pub(super) fn system(permission: Permission) -> Verdict {
    match permission {
        Permission::View | Permission::ViewInternal | Permission::Reckon => allow("the service itself"),
        Permission::ViewPersonal
        | Permission::ViewAudit
        | Permission::ViewLooks
        | Permission::Edit
        | Permission::Rekey
        | Permission::Send
        | Permission::Act(_) => Verdict::Forbid(ErrorCode::NotPermitted),
    }
}

/// The person who filed, by account or by key.
pub(super) fn filer(is_own: bool, permission: Permission, rule: &'static str) -> Verdict {
    if !is_own {
        return Verdict::Hide;
    }
    match permission {
        Permission::View
        | Permission::ViewPersonal
        | Permission::ViewLooks
        | Permission::Edit
        | Permission::Act(K::Submit | K::Supply | K::Withdraw) => allow(rule),
        Permission::ViewInternal
        | Permission::ViewAudit
        | Permission::Rekey
        | Permission::Send
        | Permission::Reckon
        | Permission::Act(_) => Verdict::Forbid(ErrorCode::NotPermitted),
    }
}

/// A partner sees what it filed, within its contract.
pub(super) fn partner(partner: &Partner, permission: Permission, subject: &Subject) -> Verdict {
    if subject.filer_partner != Some(partner.id) {
        return Verdict::Hide;
    }
    let has = |verb| partner.scopes.contains(&(subject.procedure, verb));
    let verb = match permission {
        Permission::View | Permission::ViewPersonal | Permission::ViewLooks => Verb::Read,
        Permission::Edit | Permission::Act(K::Submit | K::Supply) => Verb::File,
        Permission::Act(K::Withdraw) => Verb::Withdraw,
        Permission::ViewInternal
        | Permission::ViewAudit
        | Permission::Rekey
        | Permission::Send
        | Permission::Reckon
        | Permission::Act(_) => {
            return Verdict::Forbid(ErrorCode::NotPermitted);
        }
    };
    // The contract's agencies limit where it files (`app::filing`); what it filed stays its own, also
    // when a superior agency takes over.
    if has(verb) { allow("partner's contract") } else { Verdict::Forbid(ErrorCode::OutsideScope) }
}

/// The closed table: what a role may ever do.
pub(super) fn role_may(role: Role, permission: Permission) -> bool {
    match role {
        Role::OneWindowOfficer => match permission {
            Permission::View
            | Permission::ViewPersonal
            | Permission::ViewInternal
            | Permission::Edit
            | Permission::Send
            | Permission::Rekey => true,
            Permission::ViewAudit | Permission::ViewLooks | Permission::Reckon => false,
            Permission::Act(kind) => matches!(
                kind,
                K::Submit
                    | K::Receive
                    | K::RequestSupplement
                    | K::Supply
                    | K::Refuse
                    | K::CompleteStep
                    | K::Return
                    | K::Withdraw
                    | K::ConfirmPayment
                    | K::LinkMatter
                    | K::AnswerOpinion
                    | K::AddNote
                    | K::Undo
            ),
        },
        Role::ProcessingOfficer => match permission {
            Permission::View | Permission::ViewPersonal | Permission::ViewInternal | Permission::Send => true,
            Permission::Edit
            | Permission::Rekey
            | Permission::ViewAudit
            | Permission::ViewLooks
            | Permission::Reckon => false,
            Permission::Act(kind) => matches!(
                kind,
                K::RequestSupplement
                    | K::CompleteStep
                    | K::SendBack
                    | K::RequestOpinion
                    | K::AnswerOpinion
                    | K::Draft
                    | K::Propose
                    | K::RequestPayment
                    | K::ConfirmPayment
                    | K::LinkMatter
                    | K::AddNote
                    | K::Undo
            ),
        },
        Role::Leader => match permission {
            Permission::View
            | Permission::ViewPersonal
            | Permission::ViewInternal
            | Permission::Send
            | Permission::ViewAudit => true,
            Permission::Edit | Permission::Rekey | Permission::ViewLooks | Permission::Reckon => false,
            Permission::Act(kind) => matches!(
                kind,
                K::RequestSupplement
                    | K::Assign
                    | K::CompleteStep
                    | K::SendBack
                    | K::RequestOpinion
                    | K::AnswerOpinion
                    | K::Sign
                    | K::Stop
                    | K::Extend
                    | K::Lapse
                    | K::Repin
                    | K::LinkMatter
                    | K::AddNote
                    | K::Undo
            ),
        },
        Role::Clerk => match permission {
            Permission::View | Permission::ViewInternal | Permission::Send => true,
            Permission::ViewPersonal
            | Permission::Edit
            | Permission::Rekey
            | Permission::ViewAudit
            | Permission::ViewLooks
            | Permission::Reckon => false,
            Permission::Act(kind) => {
                matches!(
                    kind,
                    K::CompleteStep | K::Number | K::HandOver | K::AnswerOpinion | K::AddNote | K::Undo
                )
            }
        },
        Role::Inspector => {
            matches!(permission, Permission::View | Permission::ViewInternal | Permission::ViewAudit)
        }
        // Accounts, catalogue, calendars; no dossier content.
        Role::Admin => false,
    }
}

/// Is the dossier within what this membership sees?
fn in_scope(held: &Membership, account: AccountId, name: Option<AccountId>, subject: &Subject) -> bool {
    if subject.is_draft {
        return held.role == Role::OneWindowOfficer && subject.filer_staff == Some(account);
    }
    let agency = held.covers(subject.agency);
    match held.role {
        Role::OneWindowOfficer | Role::Leader | Role::Clerk | Role::Inspector => agency,
        Role::ProcessingOfficer => {
            agency
                && (subject.assignee == Some(name.unwrap_or(account))
                    || subject.owner_unit == held.unit
                    || subject.asked_units.contains(&held.unit))
        }
        Role::Admin => false,
    }
}

/// Does the step belong to this membership? `None` when the act is not tied to a step.
fn step_fits(
    held: &Membership,
    account: AccountId,
    me: AccountId,
    kind: K,
    subject: &Subject,
) -> Result<(), ErrorCode> {
    let right = match kind {
        // Examining belongs to the assigned officer; a leader may ask for supplements and opinions too.
        K::Draft | K::Propose | K::RequestPayment => subject.assignee == Some(me),
        K::RequestOpinion => held.role == Role::Leader || subject.assignee == Some(me),
        K::RequestSupplement if subject.step_kind == Some(StepKind::Examine) => {
            held.role == Role::Leader || subject.assignee == Some(me)
        }
        K::RequestSupplement => matches!(held.role, Role::OneWindowOfficer | Role::Leader),
        K::ConfirmPayment | K::LinkMatter => {
            held.role != Role::ProcessingOfficer || subject.assignee == Some(me)
        }
        K::CompleteStep => subject.step_role == Some(held.role),
        K::SendBack => match subject.step_kind {
            Some(StepKind::Examine) => subject.assignee == Some(me),
            Some(StepKind::Assign | StepKind::Sign) => held.role == Role::Leader,
            Some(StepKind::Work | StepKind::Issue) | None => false,
        },
        K::AnswerOpinion => subject.asked_units.contains(&held.unit),
        K::Submit
        | K::Receive
        | K::Supply
        | K::Refuse
        | K::Assign
        | K::Sign
        | K::Number
        | K::HandOver
        | K::Return => true,
        K::Withdraw | K::Stop | K::Extend | K::Lapse | K::Repin | K::AddNote => true,
        // Whoever made the move takes it back, in whatever name.
        K::Undo => subject.moved_by == Some(account),
    };
    if right { Ok(()) } else { Err(ErrorCode::NotYourStep) }
}

/// Staff in one name: their own, or that of an absent person.
pub(super) fn staff(
    account: AccountId,
    memberships: &[Membership],
    acting_for: Option<AccountId>,
    permission: Permission,
    subject: &Subject,
    today: NaiveDate,
) -> Verdict {
    let name = acting_for.unwrap_or(account);
    let mut verdict = Verdict::Hide;
    for held in
        memberships.iter().filter(|held| held.holds_on(today) && in_scope(held, account, acting_for, subject))
    {
        if !role_may(held.role, Permission::View) {
            continue;
        }
        // Personal data is for the officer who works on the dossier, not for his whole unit.
        let needless = permission == Permission::ViewPersonal
            && held.role == Role::ProcessingOfficer
            && subject.assignee != Some(name);
        let this = if needless || !role_may(held.role, permission) {
            Verdict::Forbid(ErrorCode::NotPermitted)
        } else if let Permission::Act(kind) = permission {
            match step_fits(held, account, name, kind, subject) {
                Err(code) => Verdict::Forbid(code),
                // Who drafted may not sign, in whoever's name. Decree 30/2020 keeps the acts apart.
                Ok(())
                    if kind == K::Sign
                        && subject.step_four_eyes
                        && [account, name].iter().any(|one| subject.drafters.contains(one)) =>
                {
                    Verdict::Forbid(ErrorCode::FourEyes)
                }
                Ok(()) => Verdict::Allow(Ground { rule: held.role.as_str(), acting_for }),
            }
        } else {
            Verdict::Allow(Ground { rule: held.role.as_str(), acting_for })
        };
        // Separation is a denial and wins over every other role the person holds.
        if this == Verdict::Forbid(ErrorCode::FourEyes) {
            return this;
        }
        if matches!((verdict, this), (Verdict::Hide, _) | (Verdict::Forbid(_), Verdict::Allow(_))) {
            verdict = this;
        }
    }
    verdict
}
