//! Guards: the closed list of legal conditions a definition may attach to an act.
//!
//! A definition names a guard and its basis; what it means is here, in one place. A warning is
//! shown before the act and recorded with it; only a block refuses.

use crate::words::words;

words! {
    /// The closed list of guards.
    Guard {
        /// Warns when the limitation period looks expired on the date of request.
        /// Never refuses by itself. Law: L08 a.30; L25 a.34 c.2.
        LimitationWarning => "limitation_warning",
        /// Warns when the judgment's court is not one this agency serves. Law: L08 a.35; L25 a.32.
        CompetenceWarning => "competence_warning",
        /// Warns when the register has a decision for the same judgment. Law: L25 a.34 c.4 p.đ.
        AlreadyDecidedWarning => "already_decided_warning",
        /// Blocks when no enforcement matter of the register is linked. Law: L08 a.53.
        MatterLinked => "matter_linked",
        /// Blocks when the requester is not an individual. Law: D62 a.44 c.1; L08 a.73 c.5.
        ApplicantIsIndividual => "applicant_is_individual",
        /// Blocks relief above the cap of its grounds; caps are never added up. Law: C216 a.7.
        ReliefWithinCap => "relief_within_cap",
        /// Blocks an exemption of the rest before the first part was paid. Law: D62 a.44 c.3.
        PaidFirst => "paid_first",
        /// Blocks when the new officer is the challenged one, or none is named. Law: D62 a.10.
        OfficerReplaced => "officer_replaced",
    }
}

use chrono::{DateTime, NaiveDate, Utc};

use super::Dossier;
use super::command::CommandKind;
use super::facts::{Facts, Office};
use super::ruling::Ruling;
use crate::calendar::local_date;
use crate::error_code::{ErrorCode, Rejection};
use crate::fee::dong;
use crate::limitation::{self, Excluded};
use crate::matter::Due;
use crate::person::fold;
use crate::relief;
use crate::text::Text;

/// Runs the guards a definition attaches to an act.
///
/// # Errors
/// The first guard that blocks, with its basis. Otherwise the warnings to show and record.
pub fn check(
    dossier: &Dossier,
    office: &Office<'_>,
    facts: &Facts<'_>,
    kind: CommandKind,
    now: DateTime<Utc>,
) -> Result<Vec<Text>, Rejection> {
    let mut warnings = Vec::new();
    // A written refusal says why the request cannot be granted, so conditions of granting do not bind it.
    if kind == CommandKind::Propose
        && matches!(dossier.decision.as_ref().map(|decision| &decision.ruling), Some(Ruling::Refusal { .. }))
    {
        return Ok(warnings);
    }
    for used in office.definition.guards_on(kind) {
        match judge(used.guard, dossier, office, facts, now) {
            Finding::Fine => {}
            Finding::Warn(text) => warnings.push(text),
            Finding::Block(text) => {
                let basis = office
                    .definition
                    .bases(&used.basis)
                    .iter()
                    .map(crate::procedure::LegalBasis::cite)
                    .collect();
                return Err(Rejection::saying(ErrorCode::GuardFailed, text).citing(basis));
            }
        }
    }
    Ok(warnings)
}

enum Finding {
    Fine,
    Warn(Text),
    Block(Text),
}

fn judge(
    guard: Guard,
    dossier: &Dossier,
    office: &Office<'_>,
    facts: &Facts<'_>,
    now: DateTime<Utc>,
) -> Finding {
    match guard {
        Guard::LimitationWarning => limitation(dossier, office, facts, now),
        Guard::CompetenceWarning => competence(facts),
        Guard::AlreadyDecidedWarning => match &facts.similar_decision {
            Some(number) => Finding::Warn(Text::new(
                format!(
                    "Sổ thụ lý đã có quyết định thi hành án số {number} cho cùng bản án, quyết định này và cùng người phải thi hành án."
                ),
                format!(
                    "The register already has enforcement decision {number} for the same judgment and debtor."
                ),
            )),
            None => Finding::Fine,
        },
        Guard::MatterLinked => match &facts.matter {
            Some(_) => Finding::Fine,
            None => Finding::Block(Text::new(
                "Chưa gắn hồ sơ với việc thi hành án trong sổ thụ lý.",
                "The dossier is not linked to an enforcement matter of the register.",
            )),
        },
        Guard::ApplicantIsIndividual => {
            if facts.answers.pointer("/applicant/kind").and_then(|kind| kind.as_str()) == Some("organisation")
            {
                Finding::Block(Text::new(
                    "Chỉ xét miễn, giảm chi phí cưỡng chế cho đương sự là cá nhân.",
                    "Relief from coercion costs is only for parties who are individuals.",
                ))
            } else {
                Finding::Fine
            }
        }
        Guard::ReliefWithinCap => within_cap(dossier, office),
        Guard::PaidFirst => paid_first(dossier, office, facts),
        Guard::OfficerReplaced => match dossier.decision.as_ref().map(|decision| &decision.ruling) {
            Some(Ruling::OfficerReplacement { former, new_officer, .. })
                if *former == new_officer.account || dossier.challenged.contains(&new_officer.account) =>
            {
                Finding::Block(Text::new(
                    "Người thay thế không được là người bị đề nghị thay đổi.",
                    "The new officer may not be the challenged one.",
                ))
            }
            Some(_) | None => Finding::Fine,
        },
    }
}

fn limitation(dossier: &Dossier, office: &Office<'_>, facts: &Facts<'_>, now: DateTime<Utc>) -> Finding {
    let date = |pointer: &str| {
        facts
            .answers
            .pointer(pointer)
            .and_then(|value| value.as_str())
            .and_then(|text| text.parse::<NaiveDate>().ok())
    };
    let Some(effective) = date("/judgment/effective_date").or_else(|| date("/judgment/date")) else {
        return Finding::Fine;
    };
    // Where the judgment fixes a day of performance, the period runs from that day, claim by claim;
    // the first to run out decides the warning. Law: L08 a.30 c.1; L25 a.34 c.2.
    let claims = facts.answers.get("claims").and_then(|claims| claims.as_array()).into_iter().flatten();
    let begins = claims
        .map(|claim| {
            claim
                .get("due_on")
                .and_then(|day| day.as_str())
                .and_then(|day| day.parse().ok())
                .unwrap_or(effective)
        })
        .min()
        .unwrap_or(effective);
    let requested = dossier.requested_on.unwrap_or_else(|| local_date(now));
    let excluded: Vec<Excluded> = facts
        .answers
        .pointer("/late_request/excluded_periods")
        .and_then(|periods| periods.as_array())
        .into_iter()
        .flatten()
        .filter_map(|period| {
            let day = |key: &str| {
                period.get(key).and_then(|value| value.as_str()).and_then(|text| text.parse().ok())
            };
            Some(Excluded { from: day("from")?, to: day("to")? })
        })
        .filter(|period| period.from <= period.to)
        .collect();
    match limitation::reckon(office.calendar, begins, requested, &excluded) {
        Ok(found) if found.expired => Finding::Warn(Text::new(
            format!(
                "Thời hiệu yêu cầu thi hành án có thể đã hết ngày {}; cần xem xét căn cứ không tính thời hiệu trước khi quyết định.",
                found.expires_on.format("%d/%m/%Y")
            ),
            format!(
                "The limitation period may have expired on {}; consider grounds for excluded time before deciding.",
                found.expires_on.format("%d/%m/%Y")
            ),
        )),
        Ok(_) | Err(_) => Finding::Fine,
    }
}

fn competence(facts: &Facts<'_>) -> Finding {
    let Some(court) = facts.answers.pointer("/judgment/court").and_then(|court| court.as_str()) else {
        return Finding::Fine;
    };
    let folded = fold(court);
    if facts.courts.is_empty() || facts.courts.iter().any(|served| folded.contains(&fold(served))) {
        Finding::Fine
    } else {
        Finding::Warn(Text::new(
            format!(
                "“{court}” không thuộc danh sách tòa án, cơ quan mà đơn vị này thi hành bản án, quyết định; kiểm tra thẩm quyền."
            ),
            format!(
                "“{court}” is not among the courts whose judgments this agency enforces; check competence."
            ),
        ))
    }
}

fn within_cap(dossier: &Dossier, office: &Office<'_>) -> Finding {
    let Some(
        Ruling::CoercionCostRelief { relief: given } | Ruling::EnforcementFeeRelief { relief: given, .. },
    ) = dossier.decision.as_ref().map(|decision| &decision.ruling)
    else {
        return Finding::Fine;
    };
    match relief::cap(office.definition, &given.grounds) {
        Some(cap) if given.percent <= cap => Finding::Fine,
        Some(cap) => Finding::Block(Text::new(
            format!("Mức miễn, giảm tối đa theo căn cứ đã chọn là {cap} %; không cộng dồn các căn cứ."),
            format!("The chosen grounds allow at most {cap} %; grounds are not added up."),
        )),
        None => Finding::Block(Text::new(
            "Căn cứ miễn, giảm không có trong thủ tục.",
            "A ground of relief is not in the procedure.",
        )),
    }
}

fn paid_first(dossier: &Dossier, office: &Office<'_>, facts: &Facts<'_>) -> Finding {
    let Some(Ruling::CoercionCostRelief { relief: given }) =
        dossier.decision.as_ref().map(|decision| &decision.ruling)
    else {
        return Finding::Fine;
    };
    let share = relief::paid_first(office.definition, &given.grounds);
    // Of what was due at first, whatever was relieved since.
    let Due { total, paid, .. } = facts.cost_due().due;
    let wanted =
        u64::try_from(u128::from(total).saturating_mul(u128::from(share)).div_ceil(100)).unwrap_or(u64::MAX);
    if paid >= wanted {
        Finding::Fine
    } else {
        Finding::Block(Text::new(
            format!(
                "Phải nộp trước ít nhất {} đ ({share} %) mới được xét miễn phần còn lại; hiện đã nộp {} đ.",
                dong(wanted),
                dong(paid)
            ),
            format!(
                "At least {} đồng ({share} %) must be paid before the rest can be exempted; {} đồng are paid.",
                dong(wanted),
                dong(paid)
            ),
        ))
    }
}
