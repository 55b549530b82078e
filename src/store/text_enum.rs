//! Closed lists of words between Rust and `text` columns.
//!
//! The enums live in `domain`, which knows no database, so the conversion goes through the local
//! wrapper `Text<E>`. In a row struct write `#[diesel(deserialize_as = Text<State>)]` (and
//! `serialize_as` on insert); name each enum once in a `text_enum!` list. Filters compare with
//! `as_str()`. A word the enum does not know is an error, never a default.

use std::fmt::Display;
use std::str::FromStr;

use diesel::deserialize::{self, FromSql, FromSqlRow};
use diesel::expression::AsExpression;
use diesel::pg::{Pg, PgValue};
use diesel::serialize::{self, IsNull, Output, ToSql};
use diesel::sql_types;

#[derive(Debug, Clone, Copy, PartialEq, Eq, AsExpression, FromSqlRow)]
#[diesel(sql_type = sql_types::Text)]
pub struct Text<E>(pub E);

impl<E> From<E> for Text<E> {
    fn from(word: E) -> Self {
        Self(word)
    }
}

impl<E: Display + std::fmt::Debug> ToSql<sql_types::Text, Pg> for Text<E> {
    fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, Pg>) -> serialize::Result {
        use std::io::Write;
        write!(out, "{}", self.0)?;
        Ok(IsNull::No)
    }
}

impl<E> FromSql<sql_types::Text, Pg> for Text<E>
where
    E: FromStr,
    E::Err: std::error::Error + Send + Sync + 'static,
{
    fn from_sql(value: PgValue<'_>) -> deserialize::Result<Self> {
        Ok(Self(std::str::from_utf8(value.as_bytes())?.parse()?))
    }
}

/// `text_enum!(State, Channel)`: lets row structs hold these enums themselves.
#[macro_export]
macro_rules! text_enum {
    ($($word:ty),+ $(,)?) => {$(
        impl From<$crate::text_enum::Text<$word>> for $word {
            fn from(text: $crate::text_enum::Text<$word>) -> Self { text.0 }
        }
    )+};
}
