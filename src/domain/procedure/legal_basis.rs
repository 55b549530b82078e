//! Where a rule comes from, and how sure we are of it.

use serde::{Deserialize, Serialize};

use crate::text::{Language, Text};
use crate::words::words;

/// Short name of a legal basis inside the catalogue, such as `D61-a19-c4`.
pub type BasisKey = String;

words! {
    /// How sure a fact is.
    Confidence {
        /// Read in a copy of the source.
        Read => "read",
        /// Recalled, secondary or open; never shown to a citizen as settled law.
        Unverified => "unverified",
        /// A choice of this service, not a legal fact.
        HouseRule => "house_rule",
    }
}

/// One place in one act.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct LegalBasis {
    /// Short name of the act, such as `D61`; `motcua` for a house rule.
    pub act: String,
    /// Full name of the act, with its number.
    pub title: Text,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub article: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub clause: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub point: Option<String>,
    /// What it says, paraphrased.
    pub says: Text,
    pub confidence: Confidence,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
}

/// What people call an act; the catalogue has its full title.
const CALLED: [(&str, &str, &str); 18] = [
    ("L08", "Luật Thi hành án dân sự 2008", "Law on Civil Judgment Enforcement 2008"),
    ("L25", "Luật Thi hành án dân sự 2025", "Law on Civil Judgment Enforcement 2025"),
    ("CC", "Bộ luật Dân sự 2015", "Civil Code 2015"),
    ("C01V", "Thông tư 01/2018/TT-VPCP", "Circular 01/2018/TT-VPCP"),
    ("C03", "Thông tư 03/2025/TT-VPCP", "Circular 03/2025/TT-VPCP"),
    ("C04", "Thông tư 04/2023/TT-BTP", "Circular 04/2023/TT-BTP"),
    ("C13", "Thông tư 13/2021/TT-BTP", "Circular 13/2021/TT-BTP"),
    ("C216", "Thông tư 216/2016/TT-BTC", "Circular 216/2016/TT-BTC"),
    ("C22T", "Thông tư 22/2019/TT-BTTTT", "Circular 22/2019/TT-BTTTT"),
    ("D118", "Nghị định 118/2025/NĐ-CP", "Decree 118/2025/NĐ-CP"),
    ("D152", "Nghị định 152/2026/NĐ-CP", "Decree 152/2026/NĐ-CP"),
    ("D30", "Nghị định 30/2020/NĐ-CP", "Decree 30/2020/NĐ-CP"),
    ("D61", "Nghị định 61/2018/NĐ-CP", "Decree 61/2018/NĐ-CP"),
    ("D62", "Nghị định 62/2015/NĐ-CP", "Decree 62/2015/NĐ-CP"),
    ("JC11", "Thông tư liên tịch 11/2016", "Joint Circular 11/2016"),
    ("QD630", "Quyết định 630/QĐ-BTP ngày 25/02/2026", "Decision 630/QĐ-BTP of 25 February 2026"),
    (
        "THADS",
        "các bước đăng trên trang hỗ trợ trực tuyến thi hành án dân sự",
        "the steps shown by the national online-support site",
    ),
    (
        "motcua",
        "quy ước của dịch vụ này, không phải quy định pháp luật",
        "a rule of this service, not of law",
    ),
];

/// A compact citation as people read it: `L25 a.34 c.1 p.a` is
/// `điểm a khoản 1 Điều 34 Luật Thi hành án dân sự 2025`. What is not known stays as it is.
pub fn in_words(cited: &str, language: Language) -> String {
    let mut parts = cited.split_whitespace();
    let act = parts.next().unwrap_or_default();
    let Some((_, vi, en)) = CALLED.iter().find(|(known, ..)| *known == act) else {
        return cited.to_owned();
    };
    let mut said = match language {
        Language::Vi => (*vi).to_owned(),
        Language::En => (*en).to_owned(),
    };
    for part in parts {
        let (mark, place) = part.split_once('.').unwrap_or(("", part));
        let name = match (mark, language) {
            ("a", Language::Vi) => "Điều ",
            ("a", Language::En) => "article ",
            ("c", Language::Vi) => "khoản ",
            ("c", Language::En) => "clause ",
            ("p", Language::Vi) => "điểm ",
            ("p", Language::En) => "point ",
            _ => "",
        };
        let between = if language == Language::En { "," } else { "" };
        said = format!("{name}{place}{between} {said}");
    }
    said
}

impl LegalBasis {
    /// In words, with what people call the act.
    pub fn in_words(&self, language: Language) -> String {
        in_words(&self.cite(), language)
    }

    /// `D61 a.19 c.4`: the form used in comments, letters and the API.
    pub fn cite(&self) -> String {
        let mut cited = self.act.clone();
        for (mark, part) in [("a.", &self.article), ("c.", &self.clause), ("p.", &self.point)] {
            if let Some(part) = part {
                cited.push_str(&format!(" {mark}{part}"));
            }
        }
        cited
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_citation_is_read_out_in_the_order_of_its_language() {
        for (cited, vi, en) in [
            (
                "L25 a.34 c.4 p.đ",
                "điểm đ khoản 4 Điều 34 Luật Thi hành án dân sự 2025",
                "point đ, clause 4, article 34, Law on Civil Judgment Enforcement 2025",
            ),
            ("D152", "Nghị định 152/2026/NĐ-CP", "Decree 152/2026/NĐ-CP"),
            (
                "CC a.148 c.6",
                "khoản 6 Điều 148 Bộ luật Dân sự 2015",
                "clause 6, article 148, Civil Code 2015",
            ),
            ("X9 a.1", "X9 a.1", "X9 a.1"),
        ] {
            assert_eq!(in_words(cited, Language::Vi), vi);
            assert_eq!(in_words(cited, Language::En), en);
        }
    }
}
