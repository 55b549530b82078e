//! Seals with a time-stamp, from an authority made of `openssl ts`.

use motcua_seal::{Fault, SealError, Stamper, check, seal, sound};

use crate::office::*;
use crate::tampering::small;

#[test]
fn a_time_stamp_is_in_the_seal_and_under_the_same_root() {
    let office = Office::open();
    let signer = office.signer("binh", "RSA");
    let sealed = seal(PAPER, &signer, &about(), Some(&office.stamper())).unwrap();
    let checked = check(&sealed, &office.trusted());
    assert!(sound(&checked), "{checked:?}");
    let stamp = checked[0].stamp.as_ref().unwrap();
    assert_eq!(stamp.authority.subject, "CN=tsa,C=VN");
    assert!(stamp.right && stamp.chain && stamp.at > at());
    let faults = &check(&sealed, &[])[0].faults;
    assert_eq!(*faults, [Fault::StampUntrusted, Fault::Untrusted]);
}

#[test]
fn a_changed_digit_of_a_time_stamp_is_found() {
    let office = Office::open();
    let signer = office.signer("binh", "RSA");
    let mut sealed = seal(&small(), &signer, &about(), Some(&office.stamper())).unwrap();
    let trusted = office.trusted();
    for at in (0..sealed.len()).step_by(61) {
        let was = sealed[at];
        sealed[at] = if was == b'0' { b'1' } else { b'0' };
        assert!(!sound(&check(&sealed, &trusted)), "byte {at}");
        sealed[at] = was;
    }
}

struct Answers(Vec<u8>);

impl Stamper for Answers {
    fn stamp(&self, _: &[u8]) -> Result<Vec<u8>, SealError> {
        Ok(self.0.clone())
    }
}

#[test]
fn an_answer_that_is_no_time_stamp_of_this_seal_is_refused() {
    let office = Office::open();
    let signer = office.signer("binh", "RSA");
    let other = office.stamper().stamp(&motcua_seal::stamp_request(&[7; 32]).unwrap()).unwrap();
    let rejection = vec![0x30, 5, 0x30, 3, 2, 1, 2];
    for answer in [other, rejection, b"<html>".to_vec(), vec![]] {
        let refused = seal(PAPER, &signer, &about(), Some(&Answers(answer)));
        assert!(matches!(refused, Err(SealError::Stamp(_))), "{refused:?}");
    }
}
