//! What can go wrong in the store, in four words.
//!
//! Constraint names are the store's vocabulary for conflicts; the modules that write map them to
//! meaning. The text of `Unavailable` and `Bug` is for the log, never for a caller: it can quote data.

use diesel::result::{DatabaseErrorKind, Error as DieselError};
use diesel_async::pooled_connection::deadpool::PoolError;

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum StoreError {
    #[error("not found")]
    NotFound,
    /// A constraint said no; its name.
    #[error("constraint {0} was violated")]
    Conflict(String),
    /// The database is away or too busy. Trying again later is right.
    #[error("the database is unavailable: {0}")]
    Unavailable(String),
    #[error("unexpected database error: {0}")]
    Bug(String),
}

pub type Result<T, E = StoreError> = std::result::Result<T, E>;

/// Database errors that diesel does not classify and that pass by themselves.
/// The message is all that reaches us; with another message language they count as bugs.
const PASSING: [&str; 6] = [
    "deadlock detected",
    "canceling statement due to",
    "terminating connection due to",
    "the database system is",
    "too many clients already",
    "remaining connection slots",
];

impl From<DieselError> for StoreError {
    fn from(error: DieselError) -> Self {
        use DatabaseErrorKind as Kind;
        match error {
            DieselError::NotFound => Self::NotFound,
            DieselError::DatabaseError(
                Kind::UniqueViolation
                | Kind::ForeignKeyViolation
                | Kind::RestrictViolation
                | Kind::NotNullViolation
                | Kind::CheckViolation
                | Kind::ExclusionViolation,
                info,
            ) => match info.constraint_name() {
                Some(name) => Self::Conflict(name.to_owned()),
                None => Self::Bug(info.message().to_owned()),
            },
            DieselError::DatabaseError(
                Kind::SerializationFailure
                | Kind::ClosedConnection
                | Kind::UnableToSendCommand
                | Kind::ReadOnlyTransaction,
                info,
            ) => Self::Unavailable(info.message().to_owned()),
            DieselError::DatabaseError(_, info)
                if PASSING.iter().any(|text| info.message().contains(text)) =>
            {
                Self::Unavailable(info.message().to_owned())
            }
            other => Self::Bug(other.to_string()),
        }
    }
}

impl From<PoolError> for StoreError {
    fn from(error: PoolError) -> Self {
        Self::Unavailable(error.to_string())
    }
}

impl StoreError {
    /// True when the named constraint said no.
    pub fn violates(&self, constraint: &str) -> bool {
        matches!(self, Self::Conflict(name) if name == constraint)
    }
}
