//! The official dossier code and the public reference.
//! Law: C01V a.19; D61 a.26 (unit identifier, day of receipt, serial within the day).

use chrono::NaiveDate;

/// The highest serial of one unit on one day.
pub const LAST_SERIAL: i32 = 9999;

/// `000.04.15.G15-250805-0007`: unit identifier, day of receipt, serial from 1 to 9999.
/// None when the day's serials are used up; codes are never reused or stretched.
pub fn dossier_code(unit_identifier: &str, received_on: NaiveDate, serial: i32) -> Option<String> {
    (1..=LAST_SERIAL)
        .contains(&serial)
        .then(|| format!("{unit_identifier}-{}-{serial:04}", received_on.format("%y%m%d")))
}

/// Letters without those that are mistaken for one another.
const ALPHABET: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";

/// Spells random bytes, five bits a letter, in groups of four: `7K3P-9QWX-…`.
pub fn spell(bytes: &[u8]) -> String {
    let letters = bytes.iter().filter_map(|byte| ALPHABET.get(usize::from(byte & 31)));
    grouped(&letters.map(|letter| char::from(*letter)).collect::<String>())
}

/// Letters in groups of four, as they are printed.
pub fn grouped(letters: &str) -> String {
    let mut groups = String::new();
    for (at, letter) in letters.chars().enumerate() {
        if at > 0 && at % 4 == 0 {
            groups.push('-');
        }
        groups.push(letter);
    }
    groups
}

/// What people type becomes what was spelled: case, spaces, dashes and look-alikes are forgiven.
pub fn normalise_key(typed: &str) -> String {
    typed
        .chars()
        .filter(|c| c.is_ascii_alphanumeric())
        .map(|c| match c.to_ascii_uppercase() {
            'O' => '0',
            'I' | 'L' => '1',
            'U' => 'V',
            other => other,
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_code_of_the_seventh_dossier_of_a_day() {
        let day = "2025-08-05".parse().unwrap();
        assert_eq!(dossier_code("000.04.15.G15", day, 7).as_deref(), Some("000.04.15.G15-250805-0007"));
        assert_eq!(dossier_code("000.04.15.G15", day, 10_000), None);
        assert_eq!(dossier_code("000.04.15.G15", day, 0), None);
    }

    #[test]
    fn a_key_survives_being_typed_by_hand() {
        let key = spell(&[0, 1, 2, 31, 30, 17, 9, 8, 3, 4, 5, 6]);
        assert_eq!(normalise_key(&key.to_lowercase()), normalise_key(&key));
        assert_eq!(grouped(&normalise_key(&key.to_lowercase().replace('-', "\u{200b}"))), key);
        assert_eq!(normalise_key("o1-i l"), "0111");
    }
}
