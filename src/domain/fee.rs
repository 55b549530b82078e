//! The enforcement fee: a scale on the cumulative amount really received.
//!
//! Whole đồng, fractions dropped. Each receipt's fee is the fee on everything received so far
//! less the fees already due, so instalments add up to the fee on the whole.
//! Law: C216 a.4, a.5 c.2-3, a.6 c.4.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use crate::procedure::Confidence;
use crate::text::Text;

/// The most one receipt may be, in đồng.
pub const LARGEST_RECEIPT: u64 = 1_000_000_000_000_000;
/// The most receipts one reckoning takes.
pub const MOST_RECEIPTS: usize = 1000;

const MILLION: u128 = 1_000_000;

/// The base salary from one day on, in đồng.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BaseSalary {
    pub from: NaiveDate,
    pub amount: u64,
    pub confidence: Confidence,
    pub source: String,
}

/// One bracket: on amounts over `over`, `fee` plus the rate on the part above.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Bracket {
    pub over: u64,
    pub fee: u64,
    /// Đồng per million đồng: 30000 is 3 %.
    pub rate_per_million: u64,
}

/// The scale in force.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FeeScale {
    pub from: NaiveDate,
    pub basis: Vec<String>,
    /// No fee up to this many base salaries.
    pub free_multiple_of_base_salary: u64,
    /// In rising order.
    pub brackets: Vec<Bracket>,
}

/// Everything the reckoning reads.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FeeTables {
    pub scale: FeeScale,
    /// In rising order of `from`.
    pub base_salaries: Vec<BaseSalary>,
}

/// One receipt's fee and how it came about.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct ReceiptFee {
    pub receipt: u64,
    pub cumulative: u64,
    /// Fee on the cumulative amount.
    pub fee_on_cumulative: u64,
    pub fee: u64,
    pub says: Text,
}

/// The fees of a series of receipts, in đồng.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct Fees {
    pub fees: Vec<u64>,
    pub total: u64,
    pub base_salary: u64,
    /// Up to this amount there is no fee.
    pub free_up_to: u64,
    pub basis: Vec<String>,
    pub reckoning: Vec<ReceiptFee>,
    pub warnings: Vec<Text>,
}

/// Why no fee can be reckoned.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NoFee {
    #[error("the scale of {0} is not known; the known one begins later")]
    BeforeScale(NaiveDate),
    #[error("give 1 to {MOST_RECEIPTS} receipts")]
    ReceiptCount,
    #[error("a receipt is more than {LARGEST_RECEIPT} đồng")]
    ReceiptTooLarge,
}

impl FeeTables {
    /// Fees of receipts collected under the base salary of `on`, in the order received.
    ///
    /// # Errors
    /// When the day lies before the scale, or the receipts are none, too many or too large.
    pub fn reckon(&self, on: NaiveDate, receipts: &[u64]) -> Result<Fees, NoFee> {
        if on < self.scale.from {
            return Err(NoFee::BeforeScale(on));
        }
        let salary =
            self.base_salaries.iter().rev().find(|salary| salary.from <= on).ok_or(NoFee::BeforeScale(on))?;
        if receipts.is_empty() || receipts.len() > MOST_RECEIPTS {
            return Err(NoFee::ReceiptCount);
        }
        if receipts.iter().any(|receipt| *receipt > LARGEST_RECEIPT) {
            return Err(NoFee::ReceiptTooLarge);
        }
        let free_up_to = salary.amount.saturating_mul(self.scale.free_multiple_of_base_salary);
        let mut cumulative: u64 = 0;
        let mut due: u64 = 0;
        let mut reckoning = Vec::with_capacity(receipts.len());
        for &receipt in receipts {
            cumulative = cumulative.saturating_add(receipt);
            let (fee_on_cumulative, says) = self.on_cumulative(cumulative, free_up_to);
            let fee = fee_on_cumulative.saturating_sub(due);
            due = fee_on_cumulative;
            reckoning.push(ReceiptFee { receipt, cumulative, fee_on_cumulative, fee, says });
        }
        let mut warnings = Vec::new();
        if salary.confidence == Confidence::Unverified {
            warnings.push(Text::new(
                format!("Mức lương cơ sở {} đ chưa được kiểm chứng tại nguồn.", dong(salary.amount)),
                format!(
                    "The base salary of {} đồng has not been verified at the source.",
                    dong(salary.amount)
                ),
            ));
        }
        // Law: L25 a.53; whether C216 stays in force is open.
        if NaiveDate::from_ymd_opt(2026, 7, 1).is_some_and(|day| on >= day) {
            warnings.push(Text::new(
                "Từ 01/07/2026 chưa xác minh được Thông tư 216/2016/TT-BTC còn áp dụng.",
                "From 01/07/2026 it is not verified that Circular 216/2016/TT-BTC still applies.",
            ));
        }
        Ok(Fees {
            fees: reckoning.iter().map(|line| line.fee).collect(),
            total: due,
            base_salary: salary.amount,
            free_up_to,
            basis: self.scale.basis.clone(),
            reckoning,
            warnings,
        })
    }

    fn on_cumulative(&self, amount: u64, free_up_to: u64) -> (u64, Text) {
        if amount <= free_up_to {
            return (
                0,
                Text::new(
                    format!("Không quá {} đ: không thu phí", dong(free_up_to)),
                    format!("Not over {} đồng: no fee", dong(free_up_to)),
                ),
            );
        }
        let Some(bracket) = self.scale.brackets.iter().rev().find(|bracket| amount > bracket.over) else {
            return (0, Text::new("Không thu phí", "No fee"));
        };
        let above = amount.saturating_sub(bracket.over);
        let part = u128::from(above).saturating_mul(u128::from(bracket.rate_per_million)) / MILLION;
        let fee = bracket.fee.saturating_add(u64::try_from(part).unwrap_or(u64::MAX));
        let rate = percent(bracket.rate_per_million);
        let says = if bracket.over == 0 {
            Text::new(format!("{rate}% của {} đ", dong(amount)), format!("{rate}% of {} đồng", dong(amount)))
        } else {
            Text::new(
                format!("{} đ + {rate}% của phần vượt {} đ", dong(bracket.fee), dong(bracket.over)),
                format!("{} đồng + {rate}% of the part above {} đồng", dong(bracket.fee), dong(bracket.over)),
            )
        };
        (fee, says)
    }
}

/// `1234567` → `1.234.567`.
pub fn dong(amount: u64) -> String {
    let digits = amount.to_string();
    let mut grouped = String::with_capacity(digits.len().saturating_add(digits.len() / 3));
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && digits.len().saturating_sub(at).is_multiple_of(3) {
            grouped.push('.');
        }
        grouped.push(digit);
    }
    grouped
}

fn percent(rate_per_million: u64) -> String {
    let whole = rate_per_million / 10_000;
    let rest = format!("{:04}", rate_per_million % 10_000);
    let rest = rest.trim_end_matches('0');
    if rest.is_empty() { whole.to_string() } else { format!("{whole},{rest}") }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn tables() -> FeeTables {
        FeeTables {
            scale: scale(),
            base_salaries: vec![
                salary("2017-07-01", 1_300_000),
                salary("2024-07-01", 2_340_000),
                salary("2026-07-01", 2_530_000),
            ],
        }
    }

    fn salary(from: &str, amount: u64) -> BaseSalary {
        BaseSalary {
            from: from.parse().unwrap(),
            amount,
            confidence: Confidence::Unverified,
            source: String::new(),
        }
    }

    fn scale() -> FeeScale {
        let bracket = |over, fee, rate_per_million| Bracket { over, fee, rate_per_million };
        const BN: u64 = 1_000_000_000;
        FeeScale {
            from: "2017-01-01".parse().unwrap(),
            basis: vec!["C216 a.4".into()],
            free_multiple_of_base_salary: 2,
            brackets: vec![
                bracket(0, 0, 30_000),
                bracket(5 * BN, 150_000_000, 20_000),
                bracket(7 * BN, 190_000_000, 10_000),
                bracket(10 * BN, 220_000_000, 5_000),
                bracket(15 * BN, 245_000_000, 100),
            ],
        }
    }

    /// The official example of C216 a.5 c.2: 18 billion in six receipts.
    #[test]
    fn six_receipts_of_eighteen_billion() {
        let fees = tables()
            .reckon(
                "2018-01-01".parse().unwrap(),
                &[3_000_000_000, 4_000_000_000, 4_500_000_000, 4_000_000_000, 1_500_000_000, 1_000_000_000],
            )
            .unwrap();
        assert_eq!(fees.fees, [90_000_000, 100_000_000, 37_500_000, 17_550_000, 150_000, 100_000]);
        assert_eq!(fees.total, 245_300_000);
    }

    /// The official example of C216 a.5 c.3: small receipts.
    #[test]
    fn small_receipts_pay_nothing_until_the_sum_passes_two_base_salaries() {
        let fees = tables()
            .reckon("2018-01-01".parse().unwrap(), &[1_000_000, 1_000_000, 1_000_000, 2_000_000])
            .unwrap();
        assert_eq!(fees.fees, [0, 0, 90_000, 60_000]);
    }

    /// The official example of C216 a.4 c.2: each pays on what he really receives.
    #[test]
    fn each_pays_on_his_net_share() {
        let on = "2018-01-01".parse().unwrap();
        assert_eq!(tables().reckon(on, &[300_000_000]).unwrap().total, 9_000_000);
        assert_eq!(tables().reckon(on, &[200_000_000]).unwrap().total, 6_000_000);
    }

    proptest! {
        #[test]
        fn instalments_add_up_to_the_fee_on_the_whole(receipts in prop::collection::vec(0u64..9_000_000_000, 1..12)) {
            let on = "2025-03-01".parse().unwrap();
            let split = tables().reckon(on, &receipts).unwrap();
            let whole = tables().reckon(on, &[receipts.iter().sum()]).unwrap();
            prop_assert_eq!(split.total, whole.total);
            prop_assert_eq!(split.fees.iter().sum::<u64>(), split.total);
        }
    }

    #[test]
    fn money_is_grouped_by_points() {
        assert_eq!(dong(1_234_567), "1.234.567");
        assert_eq!(dong(12), "12");
        assert_eq!(percent(30_000), "3");
        assert_eq!(percent(100), "0,01");
    }
}
