//! `motcua openapi`: the public contract, generated from the code.

use std::process::ExitCode;

use super::{DONE, answer, no};

/// Print the OpenAPI 3.1 contract as YAML (kept as openapi.yaml in the source).
#[derive(Debug, clap::Args)]
pub struct Args {}

pub fn run(_args: Args) -> ExitCode {
    match crate::web::openapi::yaml() {
        Ok(text) => {
            answer(text.trim_end());
            DONE
        }
        Err(problem) => no(problem),
    }
}
