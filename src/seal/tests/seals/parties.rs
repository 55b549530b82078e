//! Strangers try our seals: poppler's `pdfsig`, and pyHanko. Neither shares code with this crate.

use std::path::Path;
use std::process::Command;

use motcua_seal::{About, Place, check, seal};

use crate::office::*;

fn pdfsig(path: &Path) -> String {
    // Without its own HOME it would look for the user's certificates.
    let output = run(Command::new("pdfsig").arg("-nocert").arg(path).env("HOME", path.parent().unwrap()));
    String::from_utf8(output.stdout).unwrap()
}

fn pyhanko(office: &Office, path: &Path) -> Vec<String> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let done = Command::new(root.join(".ci/python")).status().unwrap();
    assert!(done.success(), "the Python tools could not be put in place; see the lines above");
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/seals/parties.py");
    let mut command = Command::new(root.join("target/py/bin/python"));
    let output = run(command.arg(script).arg(path).arg(office.path("root.pem")));
    String::from_utf8(output.stdout).unwrap().lines().map(str::to_owned).collect()
}

/// A paper with a seal, one with two, one with a time-stamp and one by an elliptic key.
fn papers(office: &Office) -> Vec<(&'static str, usize, Vec<u8>)> {
    let (first, second) = (office.signer("binh", "RSA"), office.signer("lan", "EC"));
    let place = Some(Place { page: 0, rect: [50.0, 60.0, 200.0, 120.0] });
    let one = seal(PAPER, &first, &about(), None).unwrap();
    let two = seal(&one, &second, &About { place, ..about() }, None).unwrap();
    let stamped = seal(PAPER, &first, &about(), Some(&office.stamper())).unwrap();
    vec![("one", 1, one), ("two", 2, two), ("stamped", 1, stamped)]
}

#[test]
fn pdfsig_accepts_each_seal_and_finds_a_changed_byte() {
    let office = Office::open();
    for (name, count, mut sealed) in papers(&office) {
        let path = office.path(&format!("{name}.pdf"));
        std::fs::write(&path, &sealed).unwrap();
        let said = pdfsig(&path);
        assert_eq!(said.matches("Signature is Valid.").count(), count, "{name}: {said}");
        assert_eq!(said.matches("Signature Type: ETSI.CAdES.detached").count(), count, "{name}: {said}");
        assert_eq!(said.matches("- Total document signed").count(), 1, "{name}: {said}");
        let title = sealed.windows(9).position(|window| window == b"/Metadata").unwrap();
        sealed[title + 1] ^= 1;
        std::fs::write(&path, &sealed).unwrap();
        let said = pdfsig(&path);
        assert_eq!(said.matches("Digest Mismatch").count(), count, "{name}: {said}");
        assert!(!said.contains("Signature is Valid."));
    }
}

#[test]
fn pyhanko_accepts_each_seal_and_finds_a_changed_byte() {
    let office = Office::open();
    for (name, count, mut sealed) in papers(&office) {
        let path = office.path(&format!("{name}.pdf"));
        std::fs::write(&path, &sealed).unwrap();
        let said = pyhanko(&office, &path);
        assert_eq!(said.len(), count, "{said:?}");
        let last = said.last().unwrap();
        assert!(last.contains("ENTIRE_FILE"), "{said:?}");
        for line in &said {
            assert!(line.starts_with("intact=True valid=True trusted=True sound=True"), "{name}: {line}");
        }
        assert_eq!(last.contains("stamped=True"), name == "stamped", "{last}");
        let title = sealed.windows(9).position(|window| window == b"CreateDat").unwrap();
        sealed[title] ^= 1;
        std::fs::write(&path, &sealed).unwrap();
        for line in pyhanko(&office, &path) {
            assert!(line.starts_with("intact=False") && line.contains("sound=False"), "{name}: {line}");
        }
        assert!(check(&sealed, &office.trusted()).iter().all(|one| !one.digest));
    }
}
