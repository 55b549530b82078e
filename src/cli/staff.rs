//! `motcua staff`: accounts of officers, for the person who runs the server.

use std::process::ExitCode;

use chrono::NaiveDate;
use clap::Subcommand;
use secrecy::SecretString;

use super::{DONE, administer, answer, wrong_use};
use crate::app::staffing::{self, FirstSignIn, NewStaff, Post};
use crate::app::{Clock, Ctx, Result, sessions};
use crate::config::Config;
use crate::domain::ids::UnitId;
use crate::domain::policy::Role;
use crate::install;

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
        #[arg(long)]
        email: Option<String>,
        #[command(flatten)]
        post: PostArgs,
    },
    /// Give one more role.
    AddRole {
        username: String,
        #[command(flatten)]
        post: PostArgs,
    },
    /// Give a new TOTP secret, printed once; ends all sessions.
    ResetTotp { username: String },
    /// Give a new first password, printed once; ends all sessions.
    ResetPassword { username: String },
    /// Close the account; what it did stays.
    Disable { username: String },
    /// List officers with their units and roles.
    List,
    /// List units with their ids.
    Units,
    /// Print the code a generator shows now for a TOTP secret.
    Code { secret: String },
}

#[derive(Debug, clap::Args)]
struct PostArgs {
    /// Id of the unit; `motcua staff units` lists them.
    #[arg(long)]
    unit: UnitId,
    /// one_window_officer, processing_officer, leader, clerk, inspector or admin; may be repeated.
    #[arg(long = "role", required = true)]
    roles: Vec<Role>,
    /// Head of the agency; with the role leader.
    #[arg(long)]
    head: bool,
    /// First day; today when not given.
    #[arg(long, value_name = "DATE")]
    from: Option<NaiveDate>,
    /// Last day.
    #[arg(long, value_name = "DATE")]
    until: Option<NaiveDate>,
}

impl PostArgs {
    fn posts(&self) -> Vec<Post> {
        let post = |role: &Role| Post {
            unit: self.unit,
            role: *role,
            head: self.head && *role == Role::Leader,
            from: self.from,
            until: self.until,
        };
        self.roles.iter().map(post).collect()
    }
}

pub async fn run(args: Args, config: Config) -> ExitCode {
    if let Command::Code { secret } = args.command {
        return match sessions::code_at(&SecretString::from(secret), Clock::Real.now()) {
            Ok(code) => {
                answer(code);
                DONE
            }
            Err(error) => wrong_use(install::said(&error)),
        };
    }
    administer(config, async |ctx| act(ctx, args.command).await).await
}

async fn act(ctx: &Ctx, command: Command) -> Result<String> {
    Ok(match command {
        Command::Add { username, name, email, post } => {
            let new = NewStaff {
                user_name: username,
                name,
                email,
                posts: post.posts(),
                password: None,
                totp_secret: None,
            };
            told(&staffing::add(ctx, new).await?)
        }
        Command::AddRole { username, post } => {
            for post in post.posts() {
                staffing::add_role(ctx, &username, post).await?;
            }
            format!("{username}: added")
        }
        Command::ResetTotp { username } => told(&staffing::reset_totp(ctx, &username).await?),
        Command::ResetPassword { username } => told(&staffing::reset_password(ctx, &username).await?),
        Command::Disable { username } => {
            staffing::disable(ctx, &username).await?;
            format!("{username}: closed")
        }
        Command::List => {
            let line = |one: &crate::store::account::Listed| {
                format!(
                    "{:<24}{:<28}{}{}",
                    one.login,
                    one.name,
                    if one.disabled { "[closed] " } else { "" },
                    one.roles.join("; ")
                )
            };
            staffing::list(ctx).await?.iter().map(line).collect::<Vec<_>>().join("\n")
        }
        Command::Units => {
            let rules = ctx.app.rules();
            let lines = rules.offices().into_iter().flat_map(|office| {
                office
                    .units
                    .iter()
                    .map(|unit| {
                        format!(
                            "{}  {:<12}{} · {}",
                            unit.id,
                            unit.kind.as_str(),
                            unit.name.vi,
                            office.agency.name.vi
                        )
                    })
                    .collect::<Vec<_>>()
            });
            lines.collect::<Vec<_>>().join("\n")
        }
        // Answered above, without a database.
        Command::Code { .. } => String::new(),
    })
}

fn told(first: &FirstSignIn) -> String {
    let mut lines = vec![format!("user name  {}", first.user_name)];
    lines.extend(first.password.iter().map(|password| format!("password   {password}")));
    lines.extend(first.totp_secret.iter().map(|secret| format!("secret     {secret}")));
    lines.extend(first.otpauth().map(|link| format!("link       {link}")));
    lines.join("\n")
}
