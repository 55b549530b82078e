//! `motcua catalogue`: checks of procedure definitions.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::Subcommand;

use super::{DONE, answer, no};
use crate::catalogue;

/// Work with procedure definitions.
#[derive(Debug, clap::Args)]
pub struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Lint definitions: routes, time shares, forms, examples, legal bases. Exit code 1 when any is wrong.
    Check {
        /// A folder laid out as src/catalogue; the built-in catalogue when not given.
        folder: Option<PathBuf>,
    },
}

pub fn run(args: Args) -> ExitCode {
    let Command::Check { folder } = args.command;
    let loaded = match &folder {
        Some(folder) => catalogue::load(folder),
        None => catalogue::embedded(),
    };
    let loaded = match loaded {
        Ok(loaded) => loaded,
        Err(problems) => return findings(&problems),
    };
    let found: Vec<String> = catalogue::check(&loaded).iter().map(ToString::to_string).collect();
    if !found.is_empty() {
        return findings(&found);
    }
    let examples: usize =
        loaded.procedures.iter().map(|one| one.valid_examples.len() + one.invalid_examples.len()).sum();
    answer(format_args!(
        "{} procedure versions, {examples} examples, {} calendar years: nothing found",
        loaded.procedures.len(),
        loaded.calendars.len()
    ));
    DONE
}

fn findings(found: &[String]) -> ExitCode {
    found.iter().for_each(answer);
    no(format_args!("{} findings", found.len()))
}
