//! The command line. One file per subcommand: its arguments and `run`.
//!
//! Exit codes: 0 done; 1 the answer is no, or it could not be done; 2 wrong use (arguments, settings).
//! Answers go to standard output, everything else to standard error.

use std::fmt::Display;
use std::process::ExitCode;

use clap::{Parser, Subcommand};
use secrecy::ExposeSecret;

use crate::app::{self, Clock, Ctx};
use crate::config::Config;
use crate::postgres::Cluster;

mod agency;
mod audit;
mod catalogue;
mod dev;
mod due_date;
mod fee;
mod limitation;
mod migrate;
mod openapi;
mod partner;
mod seed;
mod serve;
mod staff;
mod verify;
mod worker;

pub const DONE: ExitCode = ExitCode::SUCCESS;

/// Prints an answer. A reader that has gone (`| head`) is no reason to stop.
pub fn answer(text: impl Display) {
    use std::io::Write as _;
    let _ = writeln!(std::io::stdout(), "{text}");
}

/// Prints an answer as JSON.
pub fn json(value: &impl serde::Serialize) -> ExitCode {
    match serde_json::to_string_pretty(value) {
        Ok(text) => {
            answer(text);
            DONE
        }
        Err(error) => no(error),
    }
}

/// The answer is no, or it could not be done.
pub fn no(reason: impl Display) -> ExitCode {
    eprintln!("motcua: {reason}");
    ExitCode::from(1)
}

/// Wrong arguments or settings.
pub fn wrong_use(reason: impl Display) -> ExitCode {
    eprintln!("motcua: {reason}");
    ExitCode::from(2)
}

/// One-window service of the civil judgment enforcement agencies: server, worker and tools.
///
/// Settings are read from the environment; .env.example lists them.
#[derive(Debug, Parser)]
#[command(
    version,
    propagate_version = true,
    after_help = "Exit codes: 0 done; 1 the answer is no, or it could not be done; 2 wrong use."
)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    Dev(dev::Args),
    Serve(serve::Args),
    Worker(worker::Args),
    Migrate(migrate::Args),
    Seed(seed::Args),
    Openapi(openapi::Args),
    Catalogue(catalogue::Args),
    Audit(audit::Args),
    Agency(agency::Args),
    Staff(staff::Args),
    Partner(partner::Args),
    DueDate(due_date::Args),
    Fee(fee::Args),
    Verify(verify::Args),
    Limitation(limitation::Args),
}

pub fn main() -> ExitCode {
    let cli = Cli::parse();
    match cli.command {
        // These need no settings and no database.
        Command::Openapi(args) => openapi::run(args),
        Command::Catalogue(args) => catalogue::run(args),
        Command::DueDate(args) => due_date::run(args),
        Command::Fee(args) => fee::run(args),
        Command::Verify(args) => verify::run(&args),
        Command::Limitation(args) => limitation::run(args),
        // One cryptography provider for the whole process, chosen here.
        command => match Config::from_env() {
            Ok(config) => with_settings(command, config),
            Err(problems) => wrong_use(problems),
        },
    }
}

fn with_settings(command: Command, config: Config) -> ExitCode {
    if rustls::crypto::ring::default_provider().install_default().is_err() {
        return no("the cryptography provider was already chosen");
    }
    if let Err(problem) = crate::log::start(&config.log) {
        return wrong_use(problem);
    }
    let runtime = match tokio::runtime::Runtime::new() {
        Ok(runtime) => runtime,
        Err(error) => return no(format_args!("cannot start: {error}")),
    };
    runtime.block_on(async {
        match command {
            Command::Dev(args) => dev::run(args, config).await,
            Command::Serve(args) => serve::run(args, config).await,
            Command::Worker(args) => worker::run(args, config).await,
            Command::Migrate(args) => migrate::run(args, config).await,
            Command::Seed(args) => seed::run(args, config).await,
            Command::Audit(args) => audit::run(args, config).await,
            Command::Agency(args) => agency::run(args, config).await,
            Command::Staff(args) => staff::run(args, config).await,
            Command::Partner(args) => partner::run(args, config).await,
            Command::Openapi(_)
            | Command::Catalogue(_)
            | Command::DueDate(_)
            | Command::Fee(_)
            | Command::Verify(_)
            | Command::Limitation(_) => DONE,
        }
    })
}

/// One act of administration on the configured database, as the system; prints what it answers.
async fn administer(mut config: Config, act: impl AsyncFnOnce(&Ctx) -> app::Result<String>) -> ExitCode {
    match database_url(&config) {
        Ok(url) => config.database.url = Some(url.into()),
        Err(code) => return code,
    }
    let (app, pool) = match crate::server::open(&config, Clock::Real).await {
        Ok(opened) => opened,
        Err(problem) => return no(problem),
    };
    let done = act(&Ctx::system(app, "command line".to_owned())).await;
    pool.close();
    match done {
        Ok(text) => {
            answer(text);
            DONE
        }
        Err(error) => no(crate::install::said(&error)),
    }
}

/// The configured database, else the private one of a `motcua dev` that runs now.
fn database_url(config: &Config) -> Result<String, ExitCode> {
    if let Some(url) = &config.database.url {
        return Ok(url.expose_secret().to_owned());
    }
    Cluster::url_if_running(&config.data_dir).ok_or_else(|| {
        wrong_use(format_args!(
            "DATABASE_URL is not set, and no `motcua dev` runs its own database in {}",
            config.data_dir.display()
        ))
    })
}
