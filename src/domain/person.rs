//! People's data: what a name may contain, and how personal data is masked.

use serde::{Deserialize, Serialize};

use crate::error_code::ErrorCode;

/// How to reach the applicant.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct Contact {
    pub name: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub email: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub phone: Option<String>,
}

/// True when the text has no control characters (line breaks and tabs aside) and none of the
/// invisible characters that reorder or hide text.
pub fn is_safe_text(text: &str) -> bool {
    !text.chars().any(|c| {
        (c.is_control() && !matches!(c, '\n' | '\r' | '\t'))
            || matches!(c, '\u{200B}'..='\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2060}'..='\u{2069}' | '\u{FEFF}' | '\u{FFF9}'..='\u{FFFB}')
    })
}

/// What is wrong with a short text somebody has to give, of at most `longest` characters.
///
/// # Errors
/// Missing, too long, or with characters that hide or reorder text.
pub fn check_text(text: &str, longest: usize) -> Result<(), ErrorCode> {
    match text.trim().chars().count() {
        0 => Err(ErrorCode::FieldRequired),
        count if count > longest => Err(ErrorCode::FieldTooLong),
        _ if !is_safe_text(text) => Err(ErrorCode::FieldFormat),
        _ => Ok(()),
    }
}

/// Lower case, tones and `đ` folded away: what searching and name matching compare.
pub fn fold(text: &str) -> String {
    let mut folded = String::with_capacity(text.len());
    for c in text.chars().flat_map(char::to_lowercase) {
        match base_letter(c) {
            Some(base) => folded.push(base),
            None if ('\u{0300}'..='\u{036F}').contains(&c) => {}
            None if c.is_whitespace() => {
                if !folded.ends_with(' ') && !folded.is_empty() {
                    folded.push(' ');
                }
            }
            None => folded.push(c),
        }
    }
    folded.trim_end().to_owned()
}

/// True when one text contains the other, word by word, without tones or case.
pub fn is_named(text: &str, full_name: &str) -> bool {
    let words = |text: &str| {
        let folded: String = fold(text).chars().map(|c| if c.is_alphanumeric() { c } else { ' ' }).collect();
        folded.split_whitespace().map(|word| format!(" {word}")).collect::<String>() + " "
    };
    let (text, full_name) = (words(text), words(full_name));
    let is_name = |words: &str| words.split_whitespace().count() >= 2;
    is_name(&text) && is_name(&full_name) && (text.contains(&full_name) || full_name.contains(&text))
}

fn base_letter(c: char) -> Option<char> {
    Some(match c {
        'à' | 'á' | 'ả' | 'ã' | 'ạ' | 'ă' | 'ằ' | 'ắ' | 'ẳ' | 'ẵ' | 'ặ' | 'â' | 'ầ' | 'ấ' | 'ẩ' | 'ẫ'
        | 'ậ' => 'a',
        'è' | 'é' | 'ẻ' | 'ẽ' | 'ẹ' | 'ê' | 'ề' | 'ế' | 'ể' | 'ễ' | 'ệ' => 'e',
        'ì' | 'í' | 'ỉ' | 'ĩ' | 'ị' => 'i',
        'ò' | 'ó' | 'ỏ' | 'õ' | 'ọ' | 'ô' | 'ồ' | 'ố' | 'ổ' | 'ỗ' | 'ộ' | 'ơ' | 'ờ' | 'ớ' | 'ở' | 'ỡ'
        | 'ợ' => 'o',
        'ù' | 'ú' | 'ủ' | 'ũ' | 'ụ' | 'ư' | 'ừ' | 'ứ' | 'ử' | 'ữ' | 'ự' => 'u',
        'ỳ' | 'ý' | 'ỷ' | 'ỹ' | 'ỵ' => 'y',
        'đ' => 'd',
        _ => return None,
    })
}

/// `079301001234` → `••••••••1234`: enough to recognise one's own, useless to others.
pub fn mask(value: &str) -> String {
    let count = value.chars().count();
    let kept = if count > 6 { 4 } else { 1 };
    value.chars().enumerate().map(|(at, c)| if at.saturating_add(kept) >= count { c } else { '•' }).collect()
}

/// Fields whose values are masked for readers who do not need them.
const PERSONAL: [&str; 10] = [
    "full_name",
    "representative_name",
    "principal_name",
    "identity_number",
    "date_of_birth",
    "phone",
    "email",
    "account_number",
    "account_holder",
    "address",
];

/// Masks personal fields anywhere in the answers.
pub fn mask_answers(answers: &mut serde_json::Value) {
    match answers {
        serde_json::Value::Object(map) => {
            for (key, value) in map {
                match value {
                    serde_json::Value::String(text) if PERSONAL.contains(&key.as_str()) => *text = mask(text),
                    other => mask_answers(other),
                }
            }
        }
        serde_json::Value::Array(list) => list.iter_mut().for_each(mask_answers),
        serde_json::Value::Null
        | serde_json::Value::Bool(_)
        | serde_json::Value::Number(_)
        | serde_json::Value::String(_) => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn search_ignores_tones_and_dyet() {
        assert_eq!(fold("  Nguyễn  Văn ĐỨC "), "nguyen van duc");
        assert_eq!(fold("Đỗ Thị Hoà"), fold("do thi hòa"));
        // Decomposed input folds the same.
        assert_eq!(fold("e\u{0302}\u{0301}"), "e");
    }

    #[test]
    fn a_name_is_found_in_a_sentence_and_without_tones() {
        assert!(is_named("Nguyễn Văn Đức", "Nguyễn Văn Đức"));
        assert!(is_named("chấp hành viên NGUYEN VAN DUC, phòng khu vực 1", "Nguyễn Văn Đức"));
        assert!(is_named("Văn Đức", "Nguyễn Văn Đức"));
    }

    #[test]
    fn a_part_of_a_word_or_one_word_names_nobody() {
        assert!(!is_named("Nguyễn", "Nguyễn Văn Đức"));
        assert!(!is_named("", "Nguyễn Văn Đức"));
        assert!(!is_named("Văn Đứ", "Nguyễn Văn Đức"));
        assert!(!is_named("Trần Thị Lan", "Nguyễn Văn Đức"));
    }

    #[test]
    fn masks_all_but_the_tail() {
        assert_eq!(mask("079301001234"), "••••••••1234");
        assert_eq!(mask("abc"), "••c");
    }

    #[test]
    fn text_that_reorders_itself_is_not_safe() {
        assert!(is_safe_text("Nguyễn Văn A\nsố 1"));
        assert!(!is_safe_text("invoice\u{202E}fdp.exe"));
        assert!(!is_safe_text("a\u{0000}b"));
    }
}
