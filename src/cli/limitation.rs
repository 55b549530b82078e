//! `motcua limitation`: the period for requesting enforcement, without a database.

use std::process::ExitCode;

use chrono::NaiveDate;

use super::{DONE, answer, json, no, wrong_use};
use crate::catalogue;
use crate::domain::calendar::Calendar;
use crate::domain::limitation::{Excluded, Limitation, reckon};

/// Reckon whether the period for requesting enforcement has expired.
#[derive(Debug, clap::Args)]
#[command(after_help = "Example: motcua limitation --effective 2020-03-10 --requested 2025-03-11 --json")]
pub struct Args {
    /// Day the judgment took effect.
    #[arg(long, value_name = "DATE")]
    effective: NaiveDate,
    /// Day of the request.
    #[arg(long, value_name = "DATE")]
    requested: NaiveDate,
    /// Period that does not count (force majeure, objective obstacle, postponement); may be repeated.
    #[arg(long = "exclude", value_name = "FROM..TO", value_parser = period)]
    excluded: Vec<Excluded>,
    /// Answer as JSON.
    #[arg(long)]
    json: bool,
}

/// Both days belong to it.
fn period(text: &str) -> Result<Excluded, String> {
    let (from, to) = text.split_once("..").ok_or("write it as FROM..TO")?;
    let day = |text: &str| text.parse().map_err(|_| format!("{text:?} is not a date such as 2025-03-11"));
    let period = Excluded { from: day(from)?, to: day(to)? };
    if period.from <= period.to { Ok(period) } else { Err("it ends before it begins".to_owned()) }
}

pub fn run(args: Args) -> ExitCode {
    let years = match catalogue::calendars() {
        Ok(years) => years,
        Err(problems) => return no(problems.join("\n")),
    };
    let limitation = match reckon(&Calendar::new(years), args.effective, args.requested, &args.excluded) {
        Ok(limitation) => limitation,
        Err(problem) => return wrong_use(problem),
    };
    // An expired period is an answer, not a no: it warns the counter and refuses nothing by itself.
    if args.json {
        return json(&limitation);
    }
    answer(text(&limitation));
    DONE
}

fn text(limitation: &Limitation) -> String {
    let expires = limitation.expires_on.format("%d/%m/%Y");
    let verdict = if limitation.expired {
        "đã hết thời hiệu · expired"
    } else {
        "còn thời hiệu · not expired"
    };
    let mut lines = vec![format!("Thời hiệu đến hết ngày {expires}: {verdict}")];
    for step in &limitation.reckoning {
        lines.push(format!("  {}   {} · {}", step.date.format("%d/%m/%Y"), step.says.vi, step.says.en));
    }
    lines.push(format!("Căn cứ · legal basis: {}", limitation.basis.join("; ")));
    lines.extend(limitation.warnings.iter().map(|warning| format!("Lưu ý: {} · {}", warning.vi, warning.en)));
    lines.join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn printed(effective: &str, requested: &str, excluded: &[&str]) -> serde_json::Value {
        let excluded: Vec<Excluded> = excluded.iter().map(|text| period(text).unwrap()).collect();
        let calendar = Calendar::new(catalogue::calendars().unwrap());
        serde_json::to_value(
            reckon(&calendar, effective.parse().unwrap(), requested.parse().unwrap(), &excluded).unwrap(),
        )
        .unwrap()
    }

    #[test]
    fn five_years_and_the_day_after() {
        let last = printed("2020-03-10", "2025-03-10", &[]);
        assert_eq!((&last["expires_on"], &last["expired"]), (&"2025-03-10".into(), &false.into()));
        assert_eq!(printed("2020-03-10", "2025-03-11", &[])["expired"], true);
    }

    #[test]
    fn an_obstacle_moves_the_end() {
        let moved = printed("2020-03-10", "2025-03-11", &["2021-07-01..2021-07-10"]);
        assert_eq!((&moved["expires_on"], &moved["expired"]), (&"2025-03-20".into(), &false.into()));
    }

    #[test]
    fn a_reversed_period_is_wrong_use() {
        assert!(period("2021-07-10..2021-07-01").is_err());
        assert!(period("2021-07-10").is_err());
    }
}
