//! The limitation period for requesting enforcement: five years, less excluded periods.
//!
//! A warning for the counter, never an automatic refusal.
//! Law: L08 a.30; L25 a.34 c.2; CC a.148 c.3-5.

use chrono::{Datelike, Days, Months, NaiveDate};
use serde::{Deserialize, Serialize};

use crate::calendar::Calendar;
use crate::text::Text;

const FIVE_YEARS: Months = Months::new(60);

/// A period that does not count, both ends included. Law: L08 a.30 c.2-3.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct Excluded {
    pub from: NaiveDate,
    pub to: NaiveDate,
}

/// One line of the reckoning.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct LimitationStep {
    pub date: NaiveDate,
    pub says: Text,
}

/// When the period ends, and whether a request came after it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct Limitation {
    pub expires_on: NaiveDate,
    pub expired: bool,
    pub excluded_days: u32,
    pub basis: Vec<String>,
    pub reckoning: Vec<LimitationStep>,
    pub warnings: Vec<Text>,
}

/// Why a limitation cannot be reckoned.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BadLimitation {
    #[error("an excluded period ends before it begins")]
    PeriodReversed,
    #[error("a date is outside the years 1900 to 2199")]
    OutOfRange,
}

/// Reckons the end of the period. `effective` is the day the judgment took effect, or the day the
/// obligation fell due when the judgment fixes one. Overlapping excluded periods count once;
/// only days inside the running period extend it.
///
/// # Errors
/// On reversed periods and dates out of range.
pub fn reckon(
    calendar: &Calendar,
    effective: NaiveDate,
    requested: NaiveDate,
    excluded: &[Excluded],
) -> Result<Limitation, BadLimitation> {
    let in_range = |date: &NaiveDate| (1900..2200).contains(&date.year());
    let dates = [effective, requested];
    if !dates.iter().chain(excluded.iter().flat_map(|period| [&period.from, &period.to])).all(in_range) {
        return Err(BadLimitation::OutOfRange);
    }
    if excluded.iter().any(|period| period.to < period.from) {
        return Err(BadLimitation::PeriodReversed);
    }
    let plain = effective.checked_add_months(FIVE_YEARS).ok_or(BadLimitation::OutOfRange)?;
    let mut steps = vec![
        LimitationStep {
            date: effective,
            says: Text::new(
                "Bản án, quyết định có hiệu lực hoặc nghĩa vụ đến hạn; ngày này không tính",
                "The judgment took effect or the obligation fell due; this day is not counted",
            ),
        },
        LimitationStep { date: plain, says: Text::new("Đủ 05 năm", "Five years completed") },
    ];
    let mut expires = plain;
    let mut days_out: u32 = 0;
    let mut counted_to = effective;
    let mut periods: Vec<Excluded> = excluded.to_vec();
    periods.sort_by_key(|period| (period.from, period.to));
    for period in periods {
        let first =
            period.from.max(counted_to.checked_add_days(Days::new(1)).ok_or(BadLimitation::OutOfRange)?);
        if first > period.to || first > expires {
            continue;
        }
        let days = u32::try_from(period.to.signed_duration_since(first).num_days().saturating_add(1))
            .map_err(|_| BadLimitation::OutOfRange)?;
        counted_to = period.to;
        days_out = days_out.saturating_add(days);
        expires = expires.checked_add_days(Days::new(u64::from(days))).ok_or(BadLimitation::OutOfRange)?;
        steps.push(LimitationStep {
            date: expires,
            says: Text::new(
                format!(
                    "Không tính {days} ngày, từ {} đến {}",
                    first.format("%d/%m/%Y"),
                    period.to.format("%d/%m/%Y")
                ),
                format!(
                    "{days} days not counted, from {} to {}",
                    first.format("%d/%m/%Y"),
                    period.to.format("%d/%m/%Y")
                ),
            ),
        });
    }
    while !calendar.day(expires).works() {
        let why = calendar.day(expires).reason();
        expires = expires.checked_add_days(Days::new(1)).ok_or(BadLimitation::OutOfRange)?;
        steps.push(LimitationStep {
            date: expires,
            says: Text::new(
                format!("{}: chuyển sang ngày kế tiếp", why.vi),
                format!("{}: moves to the next day", why.en),
            ),
        });
    }
    Ok(Limitation {
        expires_on: expires,
        expired: requested > expires,
        excluded_days: days_out,
        basis: ["L08 a.30", "L25 a.34 c.2", "CC a.148 c.3", "CC a.148 c.5"].map(str::to_owned).to_vec(),
        reckoning: steps,
        // Years long before the first calendar are only used for weekends; that is not worth a warning.
        warnings: calendar.warnings(expires, expires),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    #[test]
    fn five_years_from_the_effective_date() {
        let found = reckon(&Calendar::default(), day("2020-03-10"), day("2025-03-11"), &[]).unwrap();
        assert_eq!(found.expires_on, day("2025-03-10"));
        assert!(found.expired);
        assert!(!reckon(&Calendar::default(), day("2020-03-10"), day("2025-03-10"), &[]).unwrap().expired);
    }

    #[test]
    fn excluded_periods_extend_it_and_overlaps_count_once() {
        let periods = [
            Excluded { from: day("2021-01-01"), to: day("2021-01-31") },
            Excluded { from: day("2021-01-15"), to: day("2021-02-10") },
        ];
        let found = reckon(&Calendar::default(), day("2020-03-10"), day("2025-03-11"), &periods).unwrap();
        assert_eq!(found.excluded_days, 41);
        // 10/03/2025 + 41 days = 20/04/2025, a Sunday: Monday 21/04/2025.
        assert_eq!(found.expires_on, day("2025-04-21"));
        assert!(!found.expired);
    }

    #[test]
    fn the_last_day_of_february_ends_on_the_last_day() {
        let found = reckon(&Calendar::default(), day("2020-02-29"), day("2025-02-28"), &[]).unwrap();
        assert_eq!(found.expires_on, day("2025-02-28"));
    }

    #[test]
    fn a_reversed_period_is_refused() {
        let reversed = [Excluded { from: day("2021-02-01"), to: day("2021-01-01") }];
        assert_eq!(
            reckon(&Calendar::default(), day("2020-03-10"), day("2025-03-11"), &reversed),
            Err(BadLimitation::PeriodReversed)
        );
    }
}
