//! Relief from coercion costs and from the enforcement fee: how much, on which ground, within
//! which cap. Caps of several grounds are never added up.
//! Law: D62 a.44 c.3; C216 a.7.

use serde::{Deserialize, Serialize};

use crate::procedure::{ProcedureVersion, ReasonUse};

/// An amount relieved, in whole đồng.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct Relief {
    pub grounds: Vec<String>,
    /// Per cent of `of`, 1 to 100.
    pub percent: u8,
    /// The amount the percentage is taken of.
    pub of: u64,
    /// What is relieved; fractions are dropped.
    pub amount: u64,
    /// What stays payable after relief and payments so far.
    pub remains: u64,
}

/// Reckons a relief of `percent` of `total`, with `paid` already paid. Never more than is unpaid.
pub fn reckon(grounds: Vec<String>, percent: u8, total: u64, paid: u64) -> Relief {
    let part = u128::from(total).saturating_mul(u128::from(percent)) / 100;
    let unpaid = total.saturating_sub(paid);
    let amount = u64::try_from(part).unwrap_or(u64::MAX).min(unpaid);
    Relief { grounds, percent, of: total, amount, remains: unpaid.saturating_sub(amount) }
}

/// The largest cap among the grounds, in per cent; none when a ground is unknown or has no cap.
pub fn cap(definition: &ProcedureVersion, grounds: &[String]) -> Option<u8> {
    let caps: Option<Vec<u8>> = grounds
        .iter()
        .map(|ground| definition.reason(ReasonUse::Ground, ground).and_then(|reason| reason.cap_percent))
        .collect();
    caps?.into_iter().max()
}

/// How much, in per cent, must be paid before relief on these grounds; the mildest ground decides.
pub fn paid_first(definition: &ProcedureVersion, grounds: &[String]) -> u8 {
    grounds
        .iter()
        .filter_map(|ground| definition.reason(ReasonUse::Ground, ground))
        .map(|reason| reason.paid_first_percent.unwrap_or(0))
        .min()
        .unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn half_of_an_odd_amount_drops_the_fraction() {
        let relief = reckon(vec!["g".into()], 50, 1_000_001, 0);
        assert_eq!((relief.amount, relief.remains), (500_000, 500_001));
    }

    #[test]
    fn never_relieves_what_was_paid_already() {
        let relief = reckon(vec!["g".into()], 50, 1_000_000, 700_000);
        assert_eq!((relief.amount, relief.remains), (300_000, 0));
    }
}
