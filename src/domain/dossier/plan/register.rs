//! What a ruling takes from the register: amounts relieved, the fee reckoning, the officer, the state
//! confirmed. Composed at the draft, and looked at again before the proposal and the signature.

use super::Act;
use crate::dossier::command::CommandKind;
use crate::dossier::facts::Owed;
use crate::dossier::ruling::Ruling;
use crate::error_code::{ErrorCode, FieldError, Rejection};
use crate::fee::Fees;
use crate::relief::{self, Relief};
use crate::text::Text;

impl Act<'_> {
    pub(super) fn relief(&self, grounds: &[String], percent: u8, owed: &Owed) -> Result<Relief, Rejection> {
        self.grounds(grounds)?;
        if !(1..=100).contains(&percent) {
            return Err(Rejection::field(FieldError::new(
                "/percent",
                ErrorCode::FieldInvalid,
                Text::new("Mức miễn, giảm từ 1 đến 100 %.", "The relief is from 1 to 100 %."),
            )));
        }
        let relief = self.reckoned(grounds, percent, owed);
        if relief.amount == 0 {
            return Err(Rejection::saying(
                ErrorCode::GuardFailed,
                Text::new(
                    "Không còn khoản nào được miễn, giảm theo căn cứ này: mức tối đa tính trên số phải nộp ban đầu đã được miễn, giảm hết, đã nộp đủ, hoặc chưa có số phải nộp.",
                    "Nothing is left to relieve on these grounds: the most they allow of the original amount was relieved already, all is paid, or no amount is known.",
                ),
            ));
        }
        Ok(relief)
    }

    fn reckoned(&self, grounds: &[String], percent: u8, owed: &Owed) -> Relief {
        // Above the cap, or without one, a guard refuses the proposal.
        let cap = relief::cap(self.office.definition, grounds).unwrap_or(percent);
        relief::reckon(grounds.to_vec(), percent, cap, &owed.due)
    }

    /// The fee on what was received so far, for the annex of the decision. Law: C216 a.4, a.5.
    pub(super) fn fee_reckoning(&self) -> Option<Fees> {
        let (on, receipts) = self.facts.matter.as_ref()?.receipts_by_day();
        self.facts.fees?.reckon(on, &receipts).ok()
    }

    /// The register is still as it was when the draft was composed from it.
    pub(super) fn draft_still_fits(&self) -> bool {
        let matter = self.facts.matter.as_ref();
        match self.dossier.decision.as_ref().map(|decision| &decision.ruling) {
            Some(Ruling::ResultConfirmation { confirmation }) => {
                matter.is_some_and(|matter| matter.confirm(confirmation.on) == *confirmation)
            }
            Some(Ruling::OfficerReplacement { former, .. }) => {
                matter.and_then(|matter| matter.officer).is_some_and(|officer| officer.account == *former)
            }
            Some(Ruling::CoercionCostRelief { relief }) => {
                self.reckoned(&relief.grounds, relief.percent, &self.facts.cost_due()) == *relief
            }
            Some(Ruling::EnforcementFeeRelief { relief, reckoning }) => {
                self.reckoned(&relief.grounds, relief.percent, &self.facts.fee_due()) == *relief
                    && self.fee_reckoning() == *reckoning
            }
            Some(Ruling::EnforcementDecision { .. } | Ruling::Refusal { .. }) | None => true,
        }
    }

    /// Tells who proposes and who signs that an amount is only the applicant's word.
    pub(super) fn stated_figures(&self, kind: CommandKind) -> Option<Text> {
        if !matches!(kind, CommandKind::Propose | CommandKind::Sign) {
            return None;
        }
        let (vi, en, owed) = match self.dossier.decision.as_ref().map(|decision| &decision.ruling) {
            Some(Ruling::CoercionCostRelief { .. }) => {
                ("chi phí cưỡng chế", "coercion cost", self.facts.cost_due())
            }
            Some(Ruling::EnforcementFeeRelief { .. }) => {
                ("phí thi hành án", "enforcement fee", self.facts.fee_due())
            }
            Some(
                Ruling::EnforcementDecision { .. }
                | Ruling::ResultConfirmation { .. }
                | Ruling::OfficerReplacement { .. }
                | Ruling::Refusal { .. },
            )
            | None => return None,
        };
        owed.stated.then(|| {
            Text::new(
                format!("Số {vi} do người nộp khai, sổ thụ lý chưa có: kiểm tra và ghi vào sổ trước khi ký, nếu không việc miễn, giảm không được trừ vào sổ."),
                format!("The {en} is as the applicant states it; the register has none: check it and enter it before signing, or the relief is not taken off in the register."),
            )
        })
    }
}
