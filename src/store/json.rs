//! A value kept as `jsonb`, read straight from the bytes: no tree in between.
//! Dossiers, matters and events are read on every request, and the tree cost more than the query.

use diesel::deserialize::{self, FromSql, FromSqlRow};
use diesel::pg::{Pg, PgValue};
use diesel::sql_types::Jsonb;
use serde::de::DeserializeOwned;

/// What the database holds as `jsonb`.
#[derive(Debug, FromSqlRow)]
pub(crate) struct Json<T>(pub T);

impl<T: DeserializeOwned> FromSql<Jsonb, Pg> for Json<T> {
    fn from_sql(value: PgValue<'_>) -> deserialize::Result<Self> {
        match value.as_bytes() {
            // The binary form: a version, which is 1, before the text.
            [1, text @ ..] => Ok(Self(serde_json::from_slice(text)?)),
            _ => Err("jsonb in a form that is not known".into()),
        }
    }
}
