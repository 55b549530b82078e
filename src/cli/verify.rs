//! `motcua verify`: says of a paper, with no office at hand, whether its digital signature holds.

use std::path::PathBuf;
use std::process::ExitCode;

use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject as _;

use super::{DONE, answer, no, wrong_use};

/// Say whether a paper is as it was sealed. Needs no office, no network, no account.
///
/// Ends with 0 when every signature holds and leads to a trusted certificate, with 1 when one does not or
/// the file was changed, with 2 when it cannot be said: no signature, or a file that cannot be read.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// The PDF file.
    file: PathBuf,
    /// Certificates to trust, as PEM: the authority's that issued the office's certificate.
    #[arg(long, value_name = "FILE")]
    keys: Option<PathBuf>,
}

pub fn run(args: &Args) -> ExitCode {
    let read = |path: &PathBuf| std::fs::read(path).map_err(|error| format!("{}: {error}", path.display()));
    let (file, trusted) = match (read(&args.file), args.keys.as_ref().map(certificates).transpose()) {
        (Ok(file), Ok(trusted)) => (file, trusted.unwrap_or_default()),
        (Err(problem), _) | (_, Err(problem)) => return wrong_use(problem),
    };
    let found = crate::seal::check(&file, &trusted);
    if found.is_empty() {
        return wrong_use("the file carries no digital signature: ask the office that made it");
    }
    for one in &found {
        let who = one.certificate.as_ref().map_or("?", |named| named.subject.as_str());
        let when = one.at.map(|at| at.to_rfc3339()).unwrap_or_default();
        answer(format!("{}: {who}, {when}", one.field));
        for fault in &one.faults {
            answer(format!("  ! {fault}"));
        }
    }
    if crate::seal::sound(&found) {
        answer("The file is as it was sealed.");
        DONE
    } else {
        no("the file is not what was sealed, or its certificate is not trusted (--keys)")
    }
}

fn certificates(path: &PathBuf) -> Result<Vec<Vec<u8>>, String> {
    let said = |error: rustls::pki_types::pem::Error| format!("{}: {error}", path.display());
    CertificateDer::pem_file_iter(path)
        .map_err(said)?
        .map(|read| read.map(|certificate| certificate.to_vec()).map_err(said))
        .collect()
}
