//! `motcua due-date`: the legal clock from the command line, without a database.

use std::process::ExitCode;

use chrono::{DateTime, FixedOffset, Utc};

use super::{DONE, answer, json, no, wrong_use};
use crate::catalogue;
use crate::domain::calendar::{Calendar, OfficeHours};
use crate::domain::deadline::{DueDate, Limit, reckon};

/// Reckon a due date from the day of receipt and the limit, day by day.
#[derive(Debug, clap::Args)]
#[command(after_help = "Example: motcua due-date --received 2025-04-24T09:30:00+07:00 --limit 5wd --json")]
pub struct Args {
    /// When the request was received (RFC 3339).
    #[arg(long, value_name = "TIME")]
    received: DateTime<FixedOffset>,
    /// 5wd is five working days, 15cd is fifteen calendar days.
    #[arg(long, value_name = "LIMIT")]
    limit: Limit,
    /// Answer as JSON.
    #[arg(long)]
    json: bool,
}

pub fn run(args: Args) -> ExitCode {
    let years = match catalogue::calendars() {
        Ok(years) => years,
        Err(problems) => return no(problems.join("\n")),
    };
    match reckon(
        &Calendar::new(years),
        &OfficeHours::default(),
        args.received.with_timezone(&Utc),
        args.limit,
        &[],
    ) {
        Ok(due) if args.json => json(&due),
        Ok(due) => {
            answer(text(&due));
            DONE
        }
        Err(problem) => wrong_use(problem),
    }
}

fn text(due: &DueDate) -> String {
    let mut lines =
        vec![format!("Hạn: {} · due at, limit {}", due.due_at.format("%H:%M %d/%m/%Y"), due.limit)];
    for day in &due.reckoning {
        let number = day.number.map(|number| number.to_string()).unwrap_or_default();
        lines.push(format!(
            "  {} {number:>4}   {} · {}",
            day.date.format("%d/%m/%Y"),
            day.reason.vi,
            day.reason.en
        ));
    }
    lines.push(format!("Lịch · calendar: {}", due.calendar_version));
    lines.push(format!("Căn cứ · legal basis: {}", due.basis.join("; ")));
    lines.extend(due.warnings.iter().map(|warning| format!("Lưu ý: {} · {}", warning.vi, warning.en)));
    lines.join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_official_example_over_the_holidays() {
        let received = "2025-04-24T09:30:00+07:00".parse::<DateTime<Utc>>().unwrap();
        let due = reckon(
            &Calendar::new(catalogue::calendars().unwrap()),
            &OfficeHours::default(),
            received,
            "5wd".parse().unwrap(),
            &[],
        )
        .unwrap();
        let printed = serde_json::to_value(&due).unwrap();
        assert_eq!(printed["due_on"], "2025-05-05");
        assert_eq!(printed["due_at"], "2025-05-05T17:00:00+07:00");
        assert_eq!(printed["reckoning"][0]["role"], "event");
        assert_eq!(printed["warnings"], serde_json::json!([]));
        assert!(text(&due).starts_with("Hạn: 17:00 05/05/2025"));
    }
}
