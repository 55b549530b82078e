//! `motcua due-date`: the legal clock from the command line, without a database.

use std::process::ExitCode;

use chrono::{DateTime, FixedOffset};

use super::no;

/// Reckon a due date from the day of receipt and the limit, day by day.
#[derive(Debug, clap::Args)]
#[command(after_help = "Example: motcua due-date --received 2025-04-24T09:30:00+07:00 --limit 5wd --json")]
pub struct Args {
    /// When the request was received (RFC 3339).
    #[arg(long, value_name = "TIME")]
    received: DateTime<FixedOffset>,
    /// 5wd is five working days, 15cd is fifteen calendar days.
    #[arg(long, value_name = "LIMIT")]
    limit: String,
    /// Answer as JSON.
    #[arg(long)]
    json: bool,
}

pub fn run(args: Args) -> ExitCode {
    let Args { received: _, limit: _, json: _ } = args;
    // To be called here: `domain::deadline` over the built-in calendars.
    no("the calculator is not part of this build")
}
