//! A sentence people read, in Vietnamese and in English.
//!
//! Both are always present: a text without its second language does not load.

use serde::{Deserialize, Serialize};

/// The language a caller reads. Vietnamese unless they ask otherwise.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Language {
    #[default]
    Vi,
    En,
}

impl Language {
    /// Reads an `Accept-Language` header or a stored code; anything but English is Vietnamese.
    pub fn read(text: &str) -> Self {
        let first = text.split([',', ';']).next().unwrap_or_default().trim();
        if first.get(..2).is_some_and(|code| code.eq_ignore_ascii_case("en")) { Self::En } else { Self::Vi }
    }

    pub fn as_str(self) -> &'static str {
        match self {
            Self::Vi => "vi",
            Self::En => "en",
        }
    }
}

/// One meaning, two languages.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct Text {
    pub vi: String,
    pub en: String,
}

impl Text {
    pub fn new(vi: impl Into<String>, en: impl Into<String>) -> Self {
        Self { vi: vi.into(), en: en.into() }
    }

    pub fn say(&self, language: Language) -> &str {
        match language {
            Language::Vi => &self.vi,
            Language::En => &self.en,
        }
    }
}
