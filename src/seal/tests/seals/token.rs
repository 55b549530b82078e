//! A key in a PKCS#11 token: SoftHSM 2, which behaves as a card does.

use std::path::{Path, PathBuf};
use std::process::Command;

use cryptoki::context::{CInitializeArgs, CInitializeFlags};
use cryptoki::object::{Attribute, CertificateType, ObjectClass};
use cryptoki::session::UserType;
use der::{Decode, Encode};
use motcua_seal::{Pkcs11, SealError, check, seal, sound};

use crate::office::*;

const FOLDER: &str = "SEAL_TEST_TOKEN";

fn module() -> PathBuf {
    let known = ["/usr/lib/softhsm/libsofthsm2.so", "/usr/lib/x86_64-linux-gnu/softhsm/libsofthsm2.so"];
    let found = known.iter().map(PathBuf::from).find(|path| path.exists());
    found.unwrap_or_else(|| {
        panic!("SoftHSM 2 is needed for this test: install softhsm2 ({known:?} are absent)")
    })
}

/// SoftHSM finds its folder through the environment of the process, so the test runs itself in one
/// of its own.
#[test]
fn a_token_seals_with_both_kinds_of_key_and_keeps_its_pin() {
    #[expect(clippy::disallowed_methods, reason = "how the test tells its second process from its first")]
    match std::env::var_os(FOLDER) {
        Some(_) => inside(),
        None => {
            module();
            let folder = tempfile::tempdir().unwrap();
            let settings = folder.path().join("softhsm2.conf");
            let tokens = folder.path().join("tokens");
            std::fs::create_dir(&tokens).unwrap();
            std::fs::write(&settings, format!("directories.tokendir = {}\n", tokens.display())).unwrap();
            let name = "token::a_token_seals_with_both_kinds_of_key_and_keeps_its_pin";
            let mut command = Command::new(std::env::current_exe().unwrap());
            command.args([name, "--exact", "--nocapture"]);
            let output = run(command.env(FOLDER, folder.path()).env("SOFTHSM2_CONF", settings));
            assert!(String::from_utf8_lossy(&output.stdout).contains("1 passed"));
        }
    }
}

fn inside() {
    let office = Office::open();
    run(Command::new("softhsm2-util").args([
        "--init-token",
        "--free",
        "--label",
        "office",
        "--so-pin",
        "so-9876",
        "--pin",
        "1234",
    ]));
    for (name, algorithm, id) in [("binh", "RSA", 1), ("lan", "EC", 2)] {
        office.person(name, algorithm, |_| {});
        put(&office, name, id);
    }
    let open = |key: &str, pin: &str| Pkcs11::open(&module(), "office", key, pin.into());
    let signer = open("binh", "1234").unwrap();
    let sealed = seal(PAPER, &signer, &about(), None).unwrap();
    assert!(sealed == seal(PAPER, &open("binh", "1234").unwrap(), &about(), None).unwrap(), "the same bytes");
    let sealed = seal(&sealed, &open("lan", "1234").unwrap(), &about(), None).unwrap();
    let checked = check(&sealed, &office.trusted());
    assert!(sound(&checked) && checked.len() == 2, "{checked:?}");
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| seal(PAPER, &signer, &about(), None).unwrap());
        }
    });
    for (key, pin) in [("binh", "4321"), ("nobody", "1234")] {
        assert!(matches!(open(key, pin), Err(SealError::Pkcs11(_))), "{key} {pin}");
    }
    let absent = Pkcs11::open(&module(), "another", "binh", "1234".into());
    assert!(matches!(absent, Err(SealError::Pkcs11(_))));
    let absent = Pkcs11::open(Path::new("/nowhere.so"), "office", "binh", "1234".into());
    assert!(matches!(absent, Err(SealError::Pkcs11(_))));
}

/// Puts a person's key and certificate into the token under the same id.
fn put(office: &Office, name: &str, id: u8) {
    let mut command = Command::new("softhsm2-util");
    command.arg("--import").arg(office.path(&format!("{name}.key")));
    command.args(["--token", "office", "--label", name, "--id", &format!("{id:02x}"), "--pin", "1234"]);
    run(&mut command);
    let der = std::fs::read(office.path(&format!("{name}.der"))).unwrap();
    let subject = x509_cert::Certificate::from_der(&der).unwrap().tbs_certificate.subject;
    let library = cryptoki::context::Pkcs11::new(module()).unwrap();
    // The first of them starts it for the whole process.
    let _ = library.initialize(CInitializeArgs::new(CInitializeFlags::OS_LOCKING_OK));
    let slot = library.get_slots_with_initialized_token().unwrap()[0];
    let session = library.open_rw_session(slot).unwrap();
    session.login(UserType::User, Some(&"1234".into())).unwrap();
    let object = [
        Attribute::Class(ObjectClass::CERTIFICATE),
        Attribute::CertificateType(CertificateType::X_509),
        Attribute::Token(true),
        Attribute::Private(false),
        Attribute::Id(vec![id]),
        Attribute::Subject(subject.to_der().unwrap()),
        Attribute::Value(der),
    ];
    session.create_object(&object).unwrap();
}
