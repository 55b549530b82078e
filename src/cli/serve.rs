//! `motcua serve`: the server of an office.

use std::process::ExitCode;

use super::{DONE, database_url, no};
use crate::config::Config;
use crate::server::{Server, StopSignal, listen};
use crate::store;

/// Serve HTTP, and run background work unless MOTCUA_WORKER_CONCURRENCY is 0.
///
/// The schema must be up to date (`motcua migrate`). Any number of these may share one database.
/// SIGTERM or Ctrl-C finishes the requests under way and gives leased work back.
#[derive(Debug, clap::Args)]
pub struct Args {}

pub async fn run(_args: Args, mut config: Config) -> ExitCode {
    let listener = match listen(config.http.addr) {
        Ok(listener) => listener,
        Err(problem) => return no(problem),
    };
    let url = match database_url(&config) {
        Ok(url) => url,
        Err(code) => return code,
    };
    match store::migrate::pending(&url).await {
        Ok(missing) if missing.is_empty() => {}
        Ok(missing) => {
            return no(format_args!("the schema is {} changes behind; run `motcua migrate`", missing.len()));
        }
        Err(error) => return no(error),
    }
    config.database.url = Some(url.into());
    let server = match Server::start_on(listener, config).await {
        Ok(server) => server,
        Err(problem) => return no(problem),
    };
    let mut stop = match StopSignal::watch() {
        Ok(stop) => stop,
        Err(problem) => return no(problem),
    };
    eprintln!("Serving http://{}", server.addr());
    stop.received().await;
    server.stop().await;
    DONE
}
