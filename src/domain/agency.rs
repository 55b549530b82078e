//! Agencies and units. An agency has dated successors; a unit is routing, not competence.
//! Law: L25 a.32 c.2 (the region is assigned by the head of the provincial agency).

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use crate::ids::{AccountId, AgencyId, UnitId};
use crate::text::Text;
use crate::words::words;

words! {
    /// What a unit does.
    UnitKind {
        OneWindow => "one_window",
        Head => "head",
        Clerk => "clerk",
        /// A regional office or a professional section, with enforcement officers.
        Office => "office",
    }
}

/// An agency as the public sees it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct Agency {
    pub id: AgencyId,
    pub key: String,
    pub name: Text,
    pub address: String,
    pub phone: String,
    pub from: NaiveDate,
    pub until: Option<NaiveDate>,
    pub successor: Option<AgencyId>,
    /// The directly superior agency, which decides when the head is challenged.
    /// Law: D62 a.10 c.2.
    pub superior: Option<AgencyId>,
    pub hours: crate::calendar::OfficeHours,
    /// Courts whose judgments it enforces, as named on judgments.
    pub courts: Vec<String>,
}

/// The units of one agency that routing needs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Units {
    pub agency: AgencyId,
    pub one_window: UnitId,
    pub head: UnitId,
    pub clerk: UnitId,
}

/// An enforcement officer and where he works.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct Officer {
    pub account: AccountId,
    pub unit: UnitId,
}
