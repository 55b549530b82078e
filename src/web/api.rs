//! The REST operations, one file per resource.

pub mod absences;
pub mod accounts;
pub mod acts;
pub mod calculators;
pub mod documents;
pub mod dossiers;
pub mod matters;
pub mod messages;
pub mod papers;
pub mod procedures;
pub mod queue;
pub mod sessions;
pub mod tokens;
pub mod tracking;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// A page of a list, with where the next one starts.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct Paged<T> {
    pub items: Vec<T>,
    /// Give it back as `after`; absent on the last page.
    pub next: Option<String>,
}

impl<T> From<motcua_app::lists::PageOf<T>> for Paged<T> {
    fn from(page: motcua_app::lists::PageOf<T>) -> Self {
        Self { items: page.items, next: page.next.map(|cursor| cursor.to_string()) }
    }
}

/// Rows on a page when none are asked for, and at most.
pub const PAGE: usize = 25;
pub const LARGEST_PAGE: usize = 100;
