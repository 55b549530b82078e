//! `motcua openapi`: the public contract, generated from the code.

use std::process::ExitCode;

use super::no;

/// Print the OpenAPI 3.1 contract as YAML (kept as openapi.yaml in the source).
#[derive(Debug, clap::Args)]
pub struct Args {}

pub fn run(_args: Args) -> ExitCode {
    // To be called here: the contract of `web`, as YAML to standard output.
    no("the contract is not part of this build")
}
