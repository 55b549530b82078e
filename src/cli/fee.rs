//! `motcua fee`: the enforcement fee from the command line, without a database.

use std::process::ExitCode;

use chrono::NaiveDate;

use super::no;

/// Reckon the enforcement fee on what one person receives, receipt by receipt.
#[derive(Debug, clap::Args)]
#[command(after_help = "Example: motcua fee --on 2025-03-01 --receipts 3000000000,4000000000 --json")]
pub struct Args {
    /// Day of the receipts; the base salary and the rates of that day apply.
    #[arg(long, value_name = "DATE")]
    on: NaiveDate,
    /// Sums received, in whole đồng, in order.
    #[arg(long, value_name = "SUMS", value_delimiter = ',', required = true)]
    receipts: Vec<u64>,
    /// Answer as JSON.
    #[arg(long)]
    json: bool,
}

pub fn run(args: Args) -> ExitCode {
    let Args { on: _, receipts: _, json: _ } = args;
    // To be called here: `domain::fee`.
    no("the calculator is not part of this build")
}
