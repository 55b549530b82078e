//! `motcua staff`: accounts of officers, for the person who runs the server.

use std::process::ExitCode;

use clap::Subcommand;

use super::{database_url, no};
use crate::config::Config;

/// Manage the accounts of officers.
#[derive(Debug, clap::Args)]
pub struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Add an officer. Prints a first password and the TOTP secret once.
    Add {
        /// User name to sign in with.
        #[arg(long)]
        username: String,
        /// Full name, with diacritics.
        #[arg(long)]
        name: String,
        /// Code of the unit.
        #[arg(long)]
        unit: String,
        /// Role in that unit; may be repeated.
        #[arg(long = "role", required = true)]
        roles: Vec<String>,
    },
    /// Give a new TOTP secret, printed once; ends all sessions.
    ResetTotp { username: String },
    /// Give a new first password, printed once; ends all sessions.
    ResetPassword { username: String },
    /// Close the account; what it did stays.
    Close { username: String },
    /// List officers with their units and roles.
    List,
}

pub async fn run(args: Args, config: Config) -> ExitCode {
    let _url = match database_url(&config) {
        Ok(url) => url,
        Err(code) => return code,
    };
    match args.command {
        // To be called here: the acts of `app`, one per arm.
        Command::Add { .. }
        | Command::ResetTotp { .. }
        | Command::ResetPassword { .. }
        | Command::Close { .. }
        | Command::List => no("staff accounts are not part of this build"),
    }
}
