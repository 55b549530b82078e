//! `motcua verify`: says of a paper, with no office at hand, whether its digital signature holds, and of a
//! manifest and files whether they are what was filed.

use std::path::PathBuf;
use std::process::ExitCode;

use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject as _;
use serde_json::Value;
use sha2::{Digest, Sha256};

use super::{DONE, answer, no, wrong_use};

/// Say whether a paper is as it was sealed, and files are what was filed. Needs no office, no network, no
/// account.
///
/// Ends with 0 when every signature holds and leads to a trusted certificate, and every further file is the
/// manifest the paper carries the digest of, or listed in it; with 1 when that does not hold; with 2 when it
/// cannot be said: no signature, no certificates to trust, or a file that cannot be read.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// The PDF file.
    file: PathBuf,
    /// The manifest of what was filed, and files that were.
    others: Vec<PathBuf>,
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
    if !file.starts_with(b"%PDF-") {
        return wrong_use(format!("{} is no PDF file", args.file.display()));
    }
    let found = crate::seal::check(&file, &trusted);
    if found.is_empty() {
        return wrong_use(
            "tệp không có chữ ký số, hãy hỏi cơ quan đã lập · the file carries no digital signature: ask the office that made it",
        );
    }
    for one in &found {
        let who = one.certificate.as_ref().map_or("?", |named| named.subject.as_str());
        let when = one.at.map(|at| at.to_rfc3339()).unwrap_or_default();
        answer(format!("{}: {who}, {when}", one.field));
        if let Some(stamp) = &one.stamp {
            answer(format!(
                "  dấu thời gian · time-stamp: {}, {}",
                stamp.authority.subject,
                stamp.at.to_rfc3339()
            ));
        }
        for fault in &one.faults {
            answer(format!("  ! {fault}"));
        }
    }
    // Intact, and nobody said whom to trust: whoever alters a file can sign it again in another name.
    if args.keys.is_none() && crate::seal::untouched(&found) {
        return wrong_use(
            "tệp còn nguyên như khi ký số, nhưng chưa biết chứng thư có phải của cơ quan không: hãy cho biết chứng thư tin cậy bằng --keys · the file is as it was signed, but whether the certificate is the office's cannot be said: name certificates to trust with --keys",
        );
    }
    if !crate::seal::sound(&found) {
        return no(
            "tệp không còn như khi ký số, hoặc chứng thư không được tin cậy · the file is not what was sealed, or its certificate is not trusted (--keys)",
        );
    }
    answer("Tệp còn nguyên như khi được ký số. · The file is as it was sealed.");
    match filed(&file, &args.others) {
        Ok(true) => DONE,
        Ok(false) => no("có tệp không đúng như hồ sơ đã nộp · not all of these files are what was filed"),
        Err(problem) => wrong_use(problem),
    }
}

/// Whether all of these are what the sealed paper speaks of: its manifest, or a file listed there.
fn filed(paper: &[u8], others: &[PathBuf]) -> Result<bool, String> {
    let mut read = Vec::new();
    for path in others {
        let bytes = std::fs::read(path).map_err(|error| format!("{}: {error}", path.display()))?;
        read.push((path, hex::encode(Sha256::digest(&bytes)), bytes));
    }
    let carried = carried(paper);
    let manifest = read.iter().find(|(_, digest, _)| Some(digest) == carried.as_ref());
    let mut listed = Vec::new();
    if let Some((path, _, bytes)) = manifest {
        let manifest: Value =
            serde_json::from_slice(bytes).map_err(|error| format!("{}: {error}", path.display()))?;
        let files = manifest.get("files").and_then(Value::as_array).cloned().unwrap_or_default();
        listed.extend(files.iter().filter_map(|file| Some(file.get("sha256")?.as_str()?.to_owned())));
    }
    let mut all = true;
    for (path, digest, _) in &read {
        let said = if Some(digest) == carried.as_ref() {
            "bản kê hồ sơ đã nộp · the manifest of what was filed"
        } else if listed.contains(digest) {
            "đúng như khi nộp · as it was filed"
        } else {
            all = false;
            "! không đúng như hồ sơ đã nộp · not what was filed"
        };
        answer(format!("{}: {said}", path.display()));
    }
    Ok(all)
}

/// The digest of the manifest, which stands in the clear in the description of a paper, there twice. A second
/// one that differs would be somebody's own text: then none is believed.
fn carried(paper: &[u8]) -> Option<String> {
    let text = String::from_utf8_lossy(paper);
    let mut all = text.split("motcua-manifest:").skip(1).map(|rest| rest.get(..64).unwrap_or_default());
    let first = all.next().filter(|digest| digest.bytes().all(|byte| byte.is_ascii_hexdigit()))?;
    (first.len() == 64 && all.all(|other| other == first)).then(|| first.to_owned())
}

fn certificates(path: &PathBuf) -> Result<Vec<Vec<u8>>, String> {
    let said = |error: rustls::pki_types::pem::Error| format!("{}: {error}", path.display());
    CertificateDer::pem_file_iter(path)
        .map_err(said)?
        .map(|read| read.map(|certificate| certificate.to_vec()).map_err(said))
        .collect()
}
