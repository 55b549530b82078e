//! `motcua worker`: background work alone, without HTTP.

use std::process::ExitCode;

use super::{DONE, database_url, no};
use crate::app::Clock;
use crate::config::Config;
use crate::server::{self, StopSignal};

/// Run background work only: mail, scans, seals, purges.
///
/// Any number of these may share one database; a job that one of them drops is taken by another.
/// SIGTERM or Ctrl-C finishes the work under way or gives it back.
#[derive(Debug, clap::Args)]
pub struct Args {}

pub async fn run(_args: Args, mut config: Config) -> ExitCode {
    match database_url(&config) {
        Ok(url) => config.database.url = Some(url.into()),
        Err(code) => return code,
    }
    let concurrency = config.jobs.concurrency.max(1);
    let (app, pool) = match server::open(&config, Clock::Real).await {
        Ok(opened) => opened,
        Err(problem) => return no(problem),
    };
    let work = match server::work(&config, app, concurrency) {
        Ok(work) => work,
        Err(problem) => return no(problem),
    };
    let mut stop = match StopSignal::watch() {
        Ok(stop) => stop,
        Err(problem) => return no(problem),
    };
    eprintln!("Working, {concurrency} jobs at once");
    stop.received().await;
    work.end().await;
    pool.close();
    DONE
}
