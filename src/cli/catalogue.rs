//! `motcua catalogue`: checks of procedure definitions.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::Subcommand;

use super::no;

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
    match args.command {
        // To be called here: load (built in or from the folder), lint, print each finding.
        Command::Check { folder: _ } => no("the catalogue check is not part of this build"),
    }
}
