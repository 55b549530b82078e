//! `motcua migrate`: schema and catalogue of a database.

use std::process::ExitCode;

use super::{DONE, answer, database_url, no};
use crate::config::Config;
use crate::{install, store};

/// Bring the database to this version: schema, then the procedures and calendars of the catalogue.
///
/// Safe to run twice and from two places at once. Installed procedure versions are never changed.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Only tell what would be applied; exit code 1 when anything would.
    #[arg(long)]
    check: bool,
}

pub async fn run(args: Args, config: Config) -> ExitCode {
    let url = match database_url(&config) {
        Ok(url) => url,
        Err(code) => return code,
    };
    let versions = if args.check { store::migrate::pending(&url).await } else { store::migrate(&url).await };
    let versions = match versions {
        Ok(versions) => versions,
        Err(error) => return no(error),
    };
    for version in &versions {
        answer(version);
    }
    if args.check {
        return if versions.is_empty() {
            DONE
        } else {
            no(format_args!("{} changes to apply", versions.len()))
        };
    }
    match install::catalogue(&url).await {
        Ok(new) => eprintln!(
            "{} changes applied, {} procedure versions and {} calendar years installed; the database is up to date.",
            versions.len(),
            new.versions,
            new.calendars
        ),
        Err(problem) => return no(problem),
    }
    DONE
}
