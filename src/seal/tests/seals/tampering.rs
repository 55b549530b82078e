//! No byte of a sealed file can be another one.

use motcua_seal::{check, seal, sound};

use crate::office::*;

/// The smallest paper, so that every byte of it and its seal can be tried.
pub fn small() -> Vec<u8> {
    let objects = [
        "<</Type/Catalog/Pages 2 0 R>>",
        "<</Type/Pages/Count 1/Kids[3 0 R]>>",
        "<</Type/Page/Parent 2 0 R/MediaBox[0 0 300 300]>>",
    ];
    let mut file = String::from("%PDF-1.7\n");
    let mut table = String::from("xref\n0 4\n0000000000 65535 f\r\n");
    for (object, number) in objects.iter().zip(1..) {
        table += &format!("{:010} 00000 n\r\n", file.len());
        file += &format!("{number} 0 obj\n{object}\nendobj\n");
    }
    let at = file.len();
    file += &format!("{table}trailer\n<</Size 4/Root 1 0 R>>\nstartxref\n{at}\n%%EOF");
    file.into_bytes()
}

#[test]
fn a_changed_byte_of_a_sealed_file_is_found_wherever_it_is() {
    let office = Office::open();
    let mut sealed = seal(&small(), &office.signer("binh", "RSA"), &about(), None).unwrap();
    let trusted = office.trusted();
    assert!(sound(&check(&sealed, &trusted)));
    // Every seventh place: the numbers of objects, of bytes and of the signature are all met many times.
    for at in (0..sealed.len()).step_by(7) {
        let was = sealed[at];
        // A digit of the signature also becomes other digits, which change what is read.
        let digits = [b'1', b'8', b'd'].into_iter().filter(|_| was.is_ascii_hexdigit());
        for byte in [was ^ 1, was ^ 0x20].into_iter().chain(digits).filter(|byte| *byte != was) {
            sealed[at] = byte;
            assert!(!sound(&check(&sealed, &trusted)), "byte {at}: {was} to {byte}");
        }
        sealed[at] = was;
    }
    assert!(sound(&check(&sealed, &trusted)));
}

#[test]
fn changed_added_and_missing_bytes_of_a_real_paper_are_found() {
    let office = Office::open();
    let (first, second) = (office.signer("binh", "RSA"), office.signer("lan", "RSA"));
    let one = seal(PAPER, &first, &about(), None).unwrap();
    let mut two = seal(&one, &second, &about(), None).unwrap();
    let trusted = office.trusted();
    for at in (0..two.len()).step_by(397) {
        two[at] ^= 1;
        assert!(!sound(&check(&two, &trusted)), "byte {at}");
        two[at] ^= 1;
    }
    assert!(sound(&check(&two, &trusted)));
    assert!(!sound(&check(&two[..two.len() - 1], &trusted)));
    two.push(b'\n');
    let checked = check(&two, &trusted);
    assert!(checked.iter().all(|one| one.holds() && !one.whole) && !sound(&checked));
}
