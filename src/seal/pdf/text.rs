//! Text strings and dates of a PDF file, written and read back.

use chrono::{DateTime, FixedOffset, NaiveDate, Utc};

/// Plain ASCII stays legible; everything else is UTF-16 with its mark.
pub(crate) fn write(text: &str) -> String {
    if text.bytes().all(|byte| (b' '..=b'~').contains(&byte)) {
        let escaped: String =
            text.chars().flat_map(|c| "()\\".contains(c).then_some('\\').into_iter().chain([c])).collect();
        return format!("({escaped})");
    }
    let units: String = text.encode_utf16().map(|unit| format!("{unit:04X}")).collect();
    format!("<FEFF{units}>")
}

pub(crate) fn read(raw: &[u8]) -> Option<String> {
    let bytes = bytes(raw)?;
    if let Some(wide) = bytes.strip_prefix(&[0xfe, 0xff]) {
        let units: Vec<u16> =
            wide.chunks_exact(2).filter_map(|pair| Some(u16::from_be_bytes(pair.try_into().ok()?))).collect();
        return String::from_utf16(&units).ok();
    }
    let plain = bytes.strip_prefix(&[0xef, 0xbb, 0xbf]).unwrap_or(&bytes);
    Some(
        String::from_utf8(plain.to_vec()).unwrap_or_else(|_| plain.iter().copied().map(char::from).collect()),
    )
}

/// The bytes a literal or a hexadecimal string stands for.
pub(crate) fn bytes(raw: &[u8]) -> Option<Vec<u8>> {
    if let Some(hex) = raw.strip_prefix(b"<").and_then(|rest| rest.strip_suffix(b">")) {
        let digits: Option<Vec<u8>> =
            hex.iter().filter(|byte| !byte.is_ascii_whitespace()).map(|byte| nibble(*byte)).collect();
        let value = |pair: &[u8]| pair.iter().chain([&0]).take(2).fold(0, |value, digit| value << 4 | digit);
        return Some(digits?.chunks(2).map(value).collect());
    }
    literal(raw.strip_prefix(b"(")?.strip_suffix(b")")?)
}

pub(crate) fn nibble(digit: u8) -> Option<u8> {
    u8::try_from(char::from(digit).to_digit(16)?).ok()
}

fn literal(inner: &[u8]) -> Option<Vec<u8>> {
    let mut out = vec![];
    let mut rest = inner.iter().copied().peekable();
    while let Some(byte) = rest.next() {
        if byte != b'\\' {
            out.push(byte);
            continue;
        }
        match rest.next()? {
            b'n' => out.push(b'\n'),
            b'r' => out.push(b'\r'),
            b't' => out.push(b'\t'),
            b'b' => out.push(8),
            b'f' => out.push(12),
            b'\n' => {}
            b'\r' => drop(rest.next_if_eq(&b'\n')),
            digit @ b'0'..=b'7' => {
                let mut value = digit - b'0';
                for _ in 0..2 {
                    let Some(next) = rest.next_if(|next| (b'0'..=b'7').contains(next)) else { break };
                    value = value.wrapping_mul(8).wrapping_add(next - b'0');
                }
                out.push(value);
            }
            other => out.push(other),
        }
    }
    Some(out)
}

pub(crate) fn write_date(at: DateTime<Utc>) -> String {
    format!("(D:{}+00'00')", at.format("%Y%m%d%H%M%S"))
}

/// `D:YYYYMMDDHHmmSS` with `Z` or an offset; a date without seconds or zone is no moment.
pub(crate) fn read_date(raw: &[u8]) -> Option<DateTime<Utc>> {
    let text = read(raw)?;
    let text = text.strip_prefix("D:")?;
    let (digits, zone) = (text.get(..14)?, text.get(14..)?);
    let minutes = match zone.chars().next()? {
        'Z' => 0,
        sign @ ('+' | '-') => {
            let zone: String = zone.chars().filter(char::is_ascii_digit).collect();
            let minutes = i32_at(&zone, 0, 2)? * 60 + i32_at(&zone, 2, 4).unwrap_or(0);
            if sign == '-' { -minutes } else { minutes }
        }
        _ => return None,
    };
    let moment = moment(digits)?;
    let offset = FixedOffset::east_opt(minutes * 60)?;
    Some(moment.and_local_timezone(offset).single()?.with_timezone(&Utc))
}

/// Fourteen digits, as in a PDF date and in an ASN.1 GeneralizedTime.
pub(crate) fn moment(digits: &str) -> Option<chrono::NaiveDateTime> {
    let part = |from, to| u32::try_from(i32_at(digits, from, to)?).ok();
    NaiveDate::from_ymd_opt(i32_at(digits, 0, 4)?, part(4, 6)?, part(6, 8)?)?.and_hms_opt(
        part(8, 10)?,
        part(10, 12)?,
        part(12, 14)?,
    )
}

fn i32_at(text: &str, from: usize, to: usize) -> Option<i32> {
    let digits = text.get(from..to)?;
    digits.bytes().all(|byte| byte.is_ascii_digit()).then_some(())?;
    digits.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_comes_back_as_it_was_written() {
        for text in ["", "Head (acting) \\ of", "Nguyễn Thị Ánh", "𝄞"] {
            assert_eq!(read(write(text).as_bytes()).as_deref(), Some(text));
        }
        assert_eq!(bytes(b"(a\\101\\(\\\r\nb)").unwrap(), b"aA(b");
        assert_eq!(bytes(b"<4 14>").unwrap(), b"A@");
        assert_eq!(bytes(b"<4G>"), None);
    }

    #[test]
    fn dates_are_moments() {
        let at = read_date(b"(D:20260102030405+00'00')").unwrap();
        assert_eq!(write_date(at), "(D:20260102030405+00'00')");
        assert_eq!(read_date(b"(D:20260102100405+07'00)"), Some(at));
        assert_eq!(read_date(b"(D:20260102030405Z)"), Some(at));
        assert_eq!(read_date(b"(D:20260102)"), None);
        assert_eq!(read_date(b"(D:20261302030405Z)"), None);
    }
}
