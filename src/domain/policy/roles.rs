//! Roles: a closed list, held per agency and unit between two dates.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use crate::ids::{AgencyId, UnitId};
use crate::words::words;

words! {
    /// The closed list of staff roles. Citizens and partners are kinds of actor, not roles.
    Role {
        /// Công chức Bộ phận Một cửa.
        OneWindowOfficer => "one_window_officer",
        /// Chấp hành viên, thẩm tra viên, thư ký được giao.
        ProcessingOfficer => "processing_officer",
        /// Thủ trưởng, Phó Thủ trưởng.
        Leader => "leader",
        /// Văn thư.
        Clerk => "clerk",
        /// Kiểm tra, thanh tra, giám sát.
        Inspector => "inspector",
        /// Quản trị hệ thống; no dossier content.
        Admin => "admin",
    }
}

/// A role held in a unit, between two dates.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct Membership {
    pub agency: AgencyId,
    /// Agencies this one succeeded; their open dossiers are its own.
    #[serde(default)]
    pub predecessors: Vec<AgencyId>,
    pub unit: UnitId,
    pub role: Role,
    /// True for the head of the agency.
    #[serde(default)]
    pub head: bool,
    pub from: NaiveDate,
    pub until: Option<NaiveDate>,
}

impl Membership {
    /// True for the agency itself and for those it succeeded.
    pub fn covers(&self, agency: AgencyId) -> bool {
        self.agency == agency || self.predecessors.contains(&agency)
    }

    pub fn holds_on(&self, day: NaiveDate) -> bool {
        self.from <= day && self.until.is_none_or(|until| day <= until)
    }
}
