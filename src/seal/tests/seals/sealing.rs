//! What a seal says and what it keeps.

use std::process::Command;

use chrono::Duration;
use motcua_seal::{About, Fault, Pkcs12, Place, SealError, check, seal, sound};

use crate::office::*;

#[test]
fn a_sealed_paper_is_sound_and_says_who_when_and_why() {
    let office = Office::open();
    let signer = office.signer("binh", "RSA");
    let sealed = seal(PAPER, &signer, &about(), None).unwrap();
    assert!(sealed.starts_with(PAPER), "what stood in the file stays");
    let checked = check(&sealed, &office.trusted());
    assert!(sound(&checked), "{checked:?}");
    let [one] = checked.as_slice() else { panic!("{checked:?}") };
    assert!(one.digest && one.signature && one.chain && one.whole);
    assert_eq!((one.field.as_str(), one.covered, one.at), ("Signature1", sealed.len(), Some(at())));
    assert_eq!(one.name.as_deref(), Some("Trần Văn Bình"));
    assert_eq!(one.reason.as_deref(), Some("Ký số (phiếu)"));
    assert_eq!((one.location.as_deref(), one.contact.as_deref()), (Some("Hà Nội"), None));
    let certificate = one.certificate.as_ref().unwrap();
    assert_eq!((certificate.subject.as_str(), certificate.issuer.as_str()), ("CN=binh,C=VN", "CN=Root,C=VN"));
}

#[test]
fn the_same_seal_gives_the_same_bytes() {
    let office = Office::open();
    let signer = office.signer("binh", "RSA");
    let again = Pkcs12::open(&office.file("binh"), &PASSWORD.into()).unwrap();
    let one = seal(PAPER, &signer, &about(), None).unwrap();
    assert!(one == seal(PAPER, &again, &about(), None).unwrap());
    let later = About { at: at() + Duration::seconds(1), ..about() };
    assert!(one != seal(PAPER, &signer, &later, None).unwrap());
}

#[test]
fn an_elliptic_key_seals_too() {
    let office = Office::open();
    let sealed = seal(PAPER, &office.signer("binh", "EC"), &about(), None).unwrap();
    assert!(sound(&check(&sealed, &office.trusted())));
}

#[test]
fn a_second_seal_keeps_the_first() {
    let office = Office::open();
    let (first, second) = (office.signer("binh", "RSA"), office.signer("lan", "RSA"));
    let one = seal(PAPER, &first, &about(), None).unwrap();
    let place = Some(Place { page: 0, rect: [50.0, 60.5, 200.0, 120.0] });
    let two = seal(&one, &second, &About { name: "Lan".into(), place, ..about() }, None).unwrap();
    assert!(two.starts_with(&one));
    let checked = check(&two, &office.trusted());
    assert!(sound(&checked), "{checked:?}");
    let said: Vec<_> = checked.iter().map(|one| (one.field.as_str(), one.whole, one.covered)).collect();
    assert_eq!(said, [("Signature1", false, one.len()), ("Signature2", true, two.len())]);
    let path = office.path("two.pdf");
    std::fs::write(&path, &two).unwrap();
    run(Command::new("qpdf").arg("--check").arg(path));
}

#[test]
fn what_pdf_a_asks_of_a_field_is_there() {
    let office = Office::open();
    let place = Some(Place { page: 0, rect: [50.0, 60.5, 200.0, 120.0] });
    let sealed = seal(PAPER, &office.signer("binh", "RSA"), &About { place, ..about() }, None).unwrap();
    let path = office.path("one.pdf");
    std::fs::write(&path, &sealed).unwrap();
    let checked = run(Command::new("qpdf").arg("--check").arg(&path));
    assert!(String::from_utf8_lossy(&checked.stdout).contains("No syntax or stream encoding errors"));
    let shown = run(Command::new("qpdf").args(["--qdf", "--object-streams=disable"]).arg(&path).arg("-"));
    let shown = String::from_utf8_lossy(&shown.stdout).into_owned();
    for part in ["/SigFlags 3", "/F 132", "/FT /Sig", "/SubFilter /ETSI.CAdES.detached", "/ExtensionLevel 1"]
    {
        assert!(shown.contains(part), "{part}");
    }
    assert!(!shown.contains("/NeedAppearances"));
    let rect = shown.split("/Rect [").nth(1).unwrap().split(']').next().unwrap();
    assert_eq!(rect.split_whitespace().collect::<Vec<_>>(), ["50", "60.5", "200", "120"]);
}

#[test]
fn what_cannot_be_sealed_is_refused_with_its_reason() {
    let office = Office::open();
    let signer = office.signer("binh", "RSA");
    let early = About { at: at() - Duration::days(4000), ..about() };
    assert!(matches!(seal(PAPER, &signer, &early, None), Err(SealError::NotValid)));
    let place = |page, rect| About { place: Some(Place { page, rect }), ..about() };
    let far = place(9, [0.0, 0.0, 1.0, 1.0]);
    assert!(matches!(seal(PAPER, &signer, &far, None), Err(SealError::NoPage(9))));
    for rect in [[5.0, 0.0, 1.0, 1.0], [0.0, f32::NAN, 1.0, 1.0]] {
        assert!(matches!(seal(PAPER, &signer, &place(0, rect), None), Err(SealError::Place)));
    }
    for file in [&b""[..], b"%PDF-1.7\n", &PAPER[..PAPER.len() - 40]] {
        assert!(matches!(seal(file, &signer, &about(), None), Err(SealError::Pdf(_))));
    }
    assert!(matches!(Pkcs12::open(&office.file("binh"), &"wrong".into()), Err(SealError::Pkcs12(_))));
    office.person("clerk", "RSA", |params| params.key_usages = vec![rcgen::KeyUsagePurpose::KeyEncipherment]);
    let clerk = Pkcs12::open(&office.file("clerk"), &PASSWORD.into()).unwrap();
    assert!(matches!(seal(PAPER, &clerk, &about(), None), Err(SealError::Certificate(_))));
}

#[test]
fn a_stranger_s_root_is_not_trusted_and_a_past_certificate_is_not_either() {
    let office = Office::open();
    let sealed = seal(PAPER, &office.signer("binh", "RSA"), &about(), None).unwrap();
    for trusted in [vec![], Office::open().trusted()] {
        let checked = check(&sealed, &trusted);
        assert_eq!(checked[0].faults, [Fault::Untrusted]);
        assert!(checked[0].digest && checked[0].signature && !checked[0].chain && !sound(&checked));
    }
    assert!(check(PAPER, &office.trusted()).is_empty() && !sound(&[]));
}
