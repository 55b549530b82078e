//! `motcua seed`: the demonstration office.

use std::process::ExitCode;

use super::{DONE, answer, database_url};
use crate::config::Config;

/// Add the demonstration office (agencies, staff, matters, sample dossiers), once.
///
/// Does nothing when the database already holds an agency, so it can never touch a real office.
#[derive(Debug, clap::Args)]
pub struct Args {}

pub async fn run(_args: Args, config: Config) -> ExitCode {
    let url = match database_url(&config) {
        Ok(url) => url,
        Err(code) => return code,
    };
    match demonstration(&url).await {
        Ok(()) => {
            answer(sign_ins());
            DONE
        }
        Err(code) => code,
    }
}

/// To be filled here: catalogue and demonstration data, through the acts of `app`.
pub async fn demonstration(_url: &str) -> Result<(), ExitCode> {
    Ok(())
}

/// What `motcua dev` prints: who can sign in, in both languages. To be filled with the seed.
pub const fn sign_ins() -> &'static str {
    ""
}
