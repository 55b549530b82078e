//! `motcua worker`: background work alone, without HTTP.

use std::process::ExitCode;

use super::{database_url, no};
use crate::config::Config;

/// Run background work only: mail, reminders, scans, purges.
///
/// Any number of these may share one database; a job that one of them drops is taken by another.
#[derive(Debug, clap::Args)]
pub struct Args {}

pub async fn run(_args: Args, config: Config) -> ExitCode {
    if let Err(code) = database_url(&config) {
        return code;
    }
    // To be called here: the job runner of `app`, until `server::StopSignal`.
    no("background work is not part of this build")
}
