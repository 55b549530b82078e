//! Where a rule comes from, and how sure we are of it.

use serde::{Deserialize, Serialize};

use crate::text::Text;
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

impl LegalBasis {
    /// `D61 a.19 c.4`: the form used in comments and letters.
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
