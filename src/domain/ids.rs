//! Typed identifiers: one newtype per thing, so that a unit can never be passed for an account.
//!
//! All are UUIDv7 made by the application (`app::context`); nothing here makes one.

macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident),+ $(,)?) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
        #[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
        #[cfg_attr(feature = "schema", schema(value_type = uuid::Uuid))]
        #[serde(transparent)]
        pub struct $name(pub uuid::Uuid);

        impl From<uuid::Uuid> for $name {
            fn from(id: uuid::Uuid) -> Self { Self(id) }
        }
        impl From<$name> for uuid::Uuid {
            fn from(id: $name) -> Self { id.0 }
        }
        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result { self.0.fmt(f) }
        }
        impl std::str::FromStr for $name {
            type Err = uuid::Error;
            fn from_str(text: &str) -> Result<Self, Self::Err> { text.parse().map(Self) }
        }
    )+};
}

ids! {
    /// A person who can sign in: citizen or staff.
    AccountId,
    /// An enforcement agency.
    AgencyId,
    /// A unit inside an agency: one-window unit, regional office, head's office.
    UnitId,
    DossierId,
    /// An uploaded or scanned paper.
    DocumentId,
    /// An enforcement matter.
    MatterId,
    PartnerId,
    ProcedureVersionId,
    CalendarId,
    SessionId,
    JobId,
    /// One act on many dossiers.
    BulkRunId,
    /// A list to take away.
    ExportId,
    MessageId,
    /// A paper the office made.
    PaperId,
    OpinionId,
    ItemId,
}
