//! `motcua partner`: systems that call the API for their users.

use std::process::ExitCode;

use chrono::TimeDelta;
use clap::Subcommand;

use super::administer;
use crate::app::contracts::{self, Credentials, NewContract};
use crate::app::{Ctx, Result, signing};
use crate::config::Config;
use crate::domain::ids::AgencyId;

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
        /// Mail address of the people who run it.
        #[arg(long)]
        contact: String,
        /// Made up when not given.
        #[arg(long)]
        client_id: Option<String>,
        /// Scope `procedure:verb` (file, read, withdraw); may be repeated.
        #[arg(long = "scope", required = true)]
        scopes: Vec<String>,
        /// Id of an agency of the contract; may be repeated; all when not given.
        #[arg(long = "agency")]
        agencies: Vec<AgencyId>,
        /// Network allowed to call, such as 203.0.113.0/24; may be repeated.
        #[arg(long = "network")]
        networks: Vec<String>,
    },
    /// Give a new secret, printed once.
    RotateSecret {
        client_id: String,
        /// How long the secrets before stay good.
        #[arg(long, value_name = "HOURS", default_value_t = 0)]
        overlap: u16,
    },
    /// Close the partner; its tokens end.
    Disable { client_id: String },
    /// Start signing access tokens with a new key; the old one stays published until its tokens end.
    RotateKeys,
    /// List partners with their scopes and networks.
    List,
}

pub async fn run(args: Args, config: Config) -> ExitCode {
    administer(config, async |ctx| act(ctx, args.command).await).await
}

async fn act(ctx: &Ctx, command: Command) -> Result<String> {
    Ok(match command {
        Command::Add { name, contact, client_id, scopes, agencies, networks } => told(
            &contracts::add(
                ctx,
                NewContract { client_id, name, contact_email: contact, scopes, agencies, networks },
            )
            .await?,
        ),
        Command::RotateSecret { client_id, overlap } => {
            told(&contracts::rotate_secret(ctx, &client_id, TimeDelta::hours(i64::from(overlap))).await?)
        }
        Command::Disable { client_id } => {
            contracts::disable(ctx, &client_id).await?;
            format!("{client_id}: closed")
        }
        Command::RotateKeys => format!("key  {}", signing::rotate_keys(ctx).await?),
        Command::List => contracts::list(ctx).await?.iter().map(line).collect::<Vec<_>>().join("\n"),
    })
}

fn told(given: &Credentials) -> String {
    format!("client id  {}\nsecret     {}", given.client_id, given.secret)
}

fn line(one: &crate::store::partner::Contract) -> String {
    let used = one.last_used_at.map_or_else(
        || "never".to_owned(),
        |at| format!("{} from {}", at.format("%F %T"), one.last_network.as_deref().unwrap_or("?")),
    );
    let closed = if one.disabled_at.is_some() { " [closed]" } else { "" };
    let networks = if one.networks.is_empty() { "any".to_owned() } else { one.networks.join(" ") };
    format!(
        "{}{closed}\n  name      {}\n  scopes    {}\n  networks  {networks}\n  last used {used}",
        one.client_id,
        one.name,
        one.scopes.join(" ")
    )
}
