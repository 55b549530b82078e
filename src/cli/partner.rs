//! `motcua partner`: systems that call the API for their users.

use std::process::ExitCode;

use clap::Subcommand;

use super::{database_url, no};
use crate::config::Config;

/// Manage partner systems.
#[derive(Debug, clap::Args)]
pub struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Add a partner. Prints its client id and secret once.
    Add {
        #[arg(long)]
        name: String,
        /// Scope `procedure:verb`; may be repeated.
        #[arg(long = "scope", required = true)]
        scopes: Vec<String>,
        /// Network allowed to call, such as 203.0.113.0/24; may be repeated.
        #[arg(long = "network")]
        networks: Vec<String>,
    },
    /// Give a new secret, printed once; the old one ends at once.
    Rotate { client_id: String },
    /// Close the partner; its tokens end.
    Close { client_id: String },
    /// Start signing access tokens with a new key; the old one stays published until its tokens end.
    RotateKeys,
    /// List partners with their scopes and networks.
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
        | Command::Rotate { .. }
        | Command::Close { .. }
        | Command::RotateKeys
        | Command::List => no("partners are not part of this build"),
    }
}
