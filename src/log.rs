//! Structured logs on standard error, as text or as JSON lines. Never personal data.

use std::io::IsTerminal as _;

use tracing_subscriber::EnvFilter;

use crate::config::Log;

/// Errors: the filter cannot be read.
pub fn start(log: &Log) -> Result<(), String> {
    let filter =
        EnvFilter::try_new(&log.filter).map_err(|error| format!("MOTCUA_LOG cannot be read: {error}"))?;
    let logs = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_ansi(std::io::stderr().is_terminal())
        .with_writer(std::io::stderr);
    let set = if log.json { logs.json().flatten_event(true).try_init() } else { logs.try_init() };
    set.map_err(|error| error.to_string())
}
