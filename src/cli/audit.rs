//! `motcua audit`: proofs over a database.

use std::process::ExitCode;

use clap::Subcommand;

use super::{DONE, answer, database_url, no};
use crate::app::{Error, audit};
use crate::config::Config;
use crate::store::Pool;

/// Prove things about a database, read-only.
#[derive(Debug, clap::Args)]
pub struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Check every link of every audit chain, and every seal. Exit code 1 when one does not hold.
    Verify,
    /// List open dossiers without an owner unit, a next step or a due date. Exit code 1 when there is one.
    Limbo,
}

pub async fn run(args: Args, config: Config) -> ExitCode {
    let url = match database_url(&config) {
        Ok(url) => url,
        Err(code) => return code,
    };
    let pool = match Pool::connect(&url, 2).await {
        Ok(pool) => pool,
        Err(error) => return no(error),
    };
    match args.command {
        Command::Verify => verify(&pool).await,
        Command::Limbo => limbo(&pool).await,
    }
}

async fn verify(pool: &Pool) -> ExitCode {
    let found = match audit::verify(pool, |chains| eprintln!("{chains} chains checked ...")).await {
        Ok(found) => found,
        Err(error) => return failed(&error),
    };
    for broken in &found.broken {
        answer(broken);
    }
    let all = format!("{} chains, {} entries, {} seals", found.chains, found.entries, found.seals);
    if found.broken.is_empty() {
        eprintln!("{all}: all hold.");
        DONE
    } else {
        no(format_args!("{all}: {} places do not hold", found.broken.len()))
    }
}

async fn limbo(pool: &Pool) -> ExitCode {
    let (seen, found) = match audit::limbo(pool, |seen| eprintln!("{seen} open dossiers checked ...")).await {
        Ok(found) => found,
        Err(error) => return failed(&error),
    };
    for lost in &found {
        answer(format_args!("{} {}: {}", lost.dossier, lost.reference, lost.broken.join("; ")));
    }
    if found.is_empty() {
        eprintln!("{seen} open dossiers: each has an owner, a next step and a due date.");
        DONE
    } else {
        no(format_args!("{} of {seen} open dossiers are in limbo", found.len()))
    }
}

fn failed(error: &Error) -> ExitCode {
    no(error.private().unwrap_or(&error.text.en))
}
