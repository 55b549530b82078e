//! `motcua limitation`: the period for requesting enforcement, without a database.

use std::process::ExitCode;
use std::str::FromStr;

use chrono::NaiveDate;

use super::no;

/// Reckon whether the period for requesting enforcement has expired. Exit code 1 when it has.
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
    #[arg(long = "exclude", value_name = "FROM..TO")]
    excluded: Vec<Period>,
    /// Answer as JSON.
    #[arg(long)]
    json: bool,
}

/// Both days belong to it.
#[derive(Debug, Clone, Copy)]
struct Period {
    from: NaiveDate,
    to: NaiveDate,
}

impl FromStr for Period {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (from, to) = text.split_once("..").ok_or("write it as FROM..TO")?;
        let day = |text: &str| text.parse().map_err(|_| format!("{text:?} is not a date such as 2025-03-11"));
        let period = Self { from: day(from)?, to: day(to)? };
        if period.from <= period.to { Ok(period) } else { Err("it ends before it begins".to_owned()) }
    }
}

pub fn run(args: Args) -> ExitCode {
    let Args { effective: _, requested: _, excluded, json: _ } = args;
    let _days: i64 = excluded.iter().map(|period| (period.to - period.from).num_days() + 1).sum();
    // To be called here: `domain::limitation`; DONE, or 1 when expired.
    no("the calculator is not part of this build")
}
