//! `motcua fee`: the enforcement fee from the command line, without a database.

use std::process::ExitCode;

use chrono::NaiveDate;

use super::{DONE, answer, json, no, wrong_use};
use crate::catalogue;
use crate::domain::fee::{FeeTables, Fees, dong};

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
    let tables = match (catalogue::fee_scale(), catalogue::base_salaries()) {
        (Ok(scale), Ok(base_salaries)) => FeeTables { scale, base_salaries },
        (Err(problems), _) | (_, Err(problems)) => return no(problems.join("\n")),
    };
    match tables.reckon(args.on, &args.receipts) {
        Ok(fees) if args.json => json(&fees),
        Ok(fees) => {
            answer(text(&fees));
            DONE
        }
        Err(problem) => wrong_use(problem),
    }
}

fn text(fees: &Fees) -> String {
    let mut lines = vec![
        format!("Phí thi hành án: {} đồng · enforcement fee, in đồng", dong(fees.total)),
        format!(
            "Không phải nộp đến {} đồng, lương cơ sở {} đồng · no fee up to that amount",
            dong(fees.free_up_to),
            dong(fees.base_salary)
        ),
    ];
    for line in &fees.reckoning {
        lines.push(format!("  {:>20} → {:>17}   {}", dong(line.receipt), dong(line.fee), line.says.vi));
    }
    lines.push(format!("Căn cứ · legal basis: {}", fees.basis.join("; ")));
    lines.extend(fees.warnings.iter().map(|warning| format!("Lưu ý: {} · {}", warning.vi, warning.en)));
    lines.join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_official_example_of_two_receipts() {
        let tables = FeeTables {
            scale: catalogue::fee_scale().unwrap(),
            base_salaries: catalogue::base_salaries().unwrap(),
        };
        let fees = tables.reckon("2025-03-01".parse().unwrap(), &[3_000_000_000, 4_000_000_000]).unwrap();
        let printed = serde_json::to_value(&fees).unwrap();
        assert_eq!(printed["fees"], serde_json::json!([90_000_000, 100_000_000]));
        assert_eq!(printed["total"], 190_000_000);
        assert_eq!(printed["reckoning"].as_array().unwrap().len(), 2);
        assert!(text(&fees).contains("190.000.000"));
    }
}
