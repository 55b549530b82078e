//! `motcua agency`: agencies and their units, for the person who runs the server.

use std::process::ExitCode;

use chrono::{NaiveDate, NaiveTime, Timelike};
use clap::Subcommand;

use super::administer;
use crate::app::offices::{self, Change, NewAgency};
use crate::app::{Ctx, Result};
use crate::config::Config;
use crate::domain::calendar::OfficeHours;

/// Open, change and close agencies and their units.
#[derive(Debug, clap::Args)]
pub struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Open an agency with its counter, head's office and clerk's office.
    Add {
        /// Short name in addresses and commands, such as thads-lam-dong.
        key: String,
        /// Electronic identifier of the one-window unit; begins every dossier code.
        #[arg(long)]
        identifier: String,
        /// First day; today when not given.
        #[arg(long, value_name = "DATE")]
        from: Option<NaiveDate>,
        #[command(flatten)]
        parts: Parts,
    },
    /// Add a regional office or a professional section. Prints its id.
    UnitAdd {
        /// Key of the agency.
        agency: String,
        #[arg(long)]
        name: String,
        #[arg(long)]
        name_en: Option<String>,
    },
    /// Change what is given; the rest stays.
    Change {
        key: String,
        #[command(flatten)]
        parts: Parts,
    },
    /// Close an agency after its last day. Its open dossiers are its successor's; roles in it end.
    Close {
        key: String,
        /// Key of the agency that goes on with its work.
        #[arg(long)]
        successor: String,
        /// Last day; today when not given.
        #[arg(long, value_name = "DATE")]
        on: Option<NaiveDate>,
    },
    /// List agencies with their units.
    List,
}

#[derive(Debug, clap::Args)]
struct Parts {
    /// Full name, with diacritics.
    #[arg(long)]
    name: Option<String>,
    #[arg(long)]
    name_en: Option<String>,
    #[arg(long)]
    address: Option<String>,
    #[arg(long)]
    phone: Option<String>,
    /// Office hours, such as 07:30-11:30,13:00-17:00.
    #[arg(long, value_parser = hours)]
    hours: Option<OfficeHours>,
    /// A court whose judgments it enforces, as named on judgments; may be repeated.
    #[arg(long = "court", value_name = "COURT")]
    courts: Vec<String>,
    /// Key of the superior agency, which decides when the head is challenged.
    #[arg(long, value_name = "KEY")]
    superior: Option<String>,
}

impl From<Parts> for Change {
    fn from(parts: Parts) -> Self {
        let Parts { name, name_en, address, phone, hours, courts, superior } = parts;
        let courts = Some(courts).filter(|courts| !courts.is_empty());
        Self { name, name_en, address, phone, hours, courts, superior }
    }
}

fn hours(text: &str) -> Result<OfficeHours, String> {
    let wrong = || "hours are written like 07:30-11:30,13:00-17:00".to_owned();
    let minutes = |text: &str| {
        let time = NaiveTime::parse_from_str(text.trim(), "%H:%M").map_err(|_| wrong())?;
        u16::try_from(time.num_seconds_from_midnight() / 60).map_err(|_| wrong())
    };
    let (morning, afternoon) = text.split_once(',').ok_or_else(wrong)?;
    let (opens, noon) = morning.split_once('-').ok_or_else(wrong)?;
    let (again, closes) = afternoon.split_once('-').ok_or_else(wrong)?;
    Ok(OfficeHours {
        opens: minutes(opens)?,
        noon: minutes(noon)?,
        afternoon: minutes(again)?,
        closes: minutes(closes)?,
    })
}

pub async fn run(args: Args, config: Config) -> ExitCode {
    administer(config, async |ctx| act(ctx, args.command).await).await
}

async fn act(ctx: &Ctx, command: Command) -> Result<String> {
    Ok(match command {
        Command::Add { key, identifier, from, parts } => {
            let new = NewAgency { key, from, identifier, parts: parts.into() };
            offices::add_agency(ctx, new).await?.to_string()
        }
        Command::UnitAdd { agency, name, name_en } => {
            offices::add_unit(ctx, &agency, &name, name_en.as_deref()).await?.to_string()
        }
        Command::Change { key, parts } => {
            offices::change_agency(ctx, &key, parts.into()).await?;
            format!("{key}: changed")
        }
        Command::Close { key, successor, on } => {
            let ended = offices::close_agency(ctx, &key, &successor, on).await?;
            format!("{key}: closed; {ended} roles end with it")
        }
        Command::List => {
            let mut lines = Vec::new();
            for office in offices::list(ctx).await? {
                let agency = &office.agency;
                let until = agency.until.map(|until| format!(" until {until}")).unwrap_or_default();
                lines.push(format!("{}  {} from {}{until}", agency.key, agency.name.vi, agency.from));
                lines.extend(office.units.iter().map(|unit| {
                    let identifier = unit.identifier.as_deref().unwrap_or_default();
                    format!("  {}  {:<12}{} {identifier}", unit.id, unit.kind.as_str(), unit.name.vi)
                }));
            }
            lines.join("\n")
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hours_are_read_as_people_write_them() {
        assert_eq!(hours("07:30-11:30, 13:00-17:00"), Ok(OfficeHours::default()));
        for wrong in ["", "7-11", "07:30-11:30", "07:30-11:30,25:00-17:00"] {
            assert!(hours(wrong).is_err(), "{wrong}");
        }
    }
}
