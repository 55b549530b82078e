//! Relief from coercion costs and from the enforcement fee: how much, on which ground, within
//! which cap. Caps of several grounds are never added up.
//! Law: D62 a.44 c.3; C216 a.7.

use serde::{Deserialize, Serialize};

use crate::matter::Due;
use crate::procedure::{ProcedureVersion, ReasonUse};

/// An amount relieved, in whole đồng.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct Relief {
    pub grounds: Vec<String>,
    /// Per cent of `of`, 1 to 100.
    pub percent: u8,
    /// What was due at first; the percentage is taken of it.
    pub of: u64,
    /// Relieved by earlier decisions.
    #[serde(default)]
    pub relieved_before: u64,
    /// What is relieved; fractions are dropped.
    pub amount: u64,
    /// What stays payable after relief and payments so far.
    pub remains: u64,
}

/// Reckons a relief of `percent` of what was due at first, however often it was asked for: together
/// with earlier ones never more than `cap` per cent of that amount, and never more than is unpaid.
pub fn reckon(grounds: Vec<String>, percent: u8, cap: u8, due: &Due) -> Relief {
    let part = |percent: u8| {
        let part = u128::from(due.total).saturating_mul(u128::from(percent)) / 100;
        u64::try_from(part).unwrap_or(u64::MAX)
    };
    let unpaid = due.remains();
    let amount = part(percent).min(part(cap).saturating_sub(due.relieved)).min(unpaid);
    Relief {
        grounds,
        percent,
        of: due.total,
        relieved_before: due.relieved,
        amount,
        remains: unpaid.saturating_sub(amount),
    }
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

    fn due(total: u64, relieved: u64, paid: u64) -> Due {
        Due { total, relieved, paid }
    }

    /// Amount and what remains.
    fn reckoned(percent: u8, cap: u8, due: &Due) -> (u64, u64) {
        let relief = reckon(vec!["g".into()], percent, cap, due);
        (relief.amount, relief.remains)
    }

    #[test]
    fn half_of_an_odd_amount_drops_the_fraction() {
        assert_eq!(reckoned(50, 50, &due(1_000_001, 0, 0)), (500_000, 500_001));
    }

    #[test]
    fn never_relieves_what_was_paid_already() {
        assert_eq!(reckoned(50, 50, &due(1_000_000, 0, 700_000)), (300_000, 0));
    }

    /// Law: D62 a.44 c.3 (half of the cost payable, once).
    #[test]
    fn a_second_half_of_the_costs_is_nothing() {
        assert_eq!(reckoned(50, 50, &due(24_000_000, 0, 0)), (12_000_000, 12_000_000));
        assert_eq!(reckoned(50, 50, &due(24_000_000, 12_000_000, 0)), (0, 12_000_000));
    }

    /// Law: D62 a.44 c.3 (after at least half is paid, the rest).
    #[test]
    fn the_rest_of_the_costs_is_what_is_neither_paid_nor_relieved() {
        assert_eq!(reckoned(50, 50, &due(24_000_000, 0, 14_000_000)), (10_000_000, 0));
        assert_eq!(reckoned(50, 50, &due(24_000_000, 4_000_000, 14_000_000)), (6_000_000, 0));
    }

    /// Law: C216 a.7 c.2. 9,000,000 đồng of fee: 30 % first, then up to 80 % in all, of the original.
    #[test]
    fn a_second_relief_is_capped_on_the_fee_as_it_was_at_first() {
        assert_eq!(reckoned(30, 30, &due(9_000_000, 0, 0)), (2_700_000, 6_300_000));
        assert_eq!(reckoned(80, 80, &due(9_000_000, 2_700_000, 0)), (4_500_000, 1_800_000));
        // A smaller one within the cap is taken of the original too, not of the remainder.
        assert_eq!(reckoned(20, 80, &due(9_000_000, 2_700_000, 0)), (1_800_000, 4_500_000));
        // 20 % on a ground that allows 20 %, after 30 %: that ground gives nothing more.
        assert_eq!(reckoned(20, 20, &due(9_000_000, 2_700_000, 0)), (0, 6_300_000));
        assert_eq!(reckoned(100, 100, &due(9_000_000, 2_700_000, 1_000_000)), (5_300_000, 0));
    }
}
