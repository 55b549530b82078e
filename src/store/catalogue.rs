//! Installed rules: procedure versions, calendars, parameters. Installed once, never changed;
//! a second installation of the same content does nothing, of other content under the same name fails.

use chrono::{DateTime, NaiveDate, Utc};
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use motcua_domain::ids::ProcedureVersionId;
use motcua_domain::procedure::ProcedureKey;
use uuid::Uuid;

use crate::schema::{calendar_years, parameters, procedure_versions};
use crate::{Conn, Result, StoreError, Tx};

/// An installed version: its id and its exact content.
#[derive(Debug, Clone)]
pub struct Installed {
    pub id: ProcedureVersionId,
    pub key: ProcedureKey,
    pub version: String,
    pub effective_from: NaiveDate,
    pub content: String,
    pub content_hash: String,
}

#[derive(HasQuery)]
#[diesel(table_name = procedure_versions)]
struct VersionRow {
    id: Uuid,
    key: String,
    version: String,
    effective_from: NaiveDate,
    content: String,
    content_hash: String,
}

/// A version to install.
#[derive(Debug, Insertable)]
#[diesel(table_name = procedure_versions)]
pub struct NewVersion<'a> {
    pub id: Uuid,
    pub key: &'a str,
    pub version: &'a str,
    pub effective_from: NaiveDate,
    pub effective_to: Option<NaiveDate>,
    pub content: &'a str,
    pub content_hash: &'a str,
    pub installed_at: DateTime<Utc>,
}

/// Installs a version. True when it is new.
///
/// # Errors
/// `Conflict` when another content is installed under the same key and version.
pub async fn install_version(tx: &mut Tx, new: &NewVersion<'_>) -> Result<bool> {
    let inserted = diesel::insert_into(procedure_versions::table)
        .values(new)
        .on_conflict_do_nothing()
        .execute(tx.conn())
        .await?;
    if inserted == 1 {
        return Ok(true);
    }
    let hash: String = procedure_versions::table
        .filter(procedure_versions::key.eq(new.key).and(procedure_versions::version.eq(new.version)))
        .select(procedure_versions::content_hash)
        .first(tx.conn())
        .await?;
    if hash == new.content_hash {
        Ok(false)
    } else {
        Err(StoreError::Conflict("procedure_versions_unique".to_owned()))
    }
}

/// The newest version of a procedure by its first day; until the transaction ends no other is installed.
pub async fn hold_newest(tx: &mut Tx, key: ProcedureKey) -> Result<String> {
    use procedure_versions as v;
    diesel::sql_query("LOCK TABLE procedure_versions IN SHARE ROW EXCLUSIVE MODE").execute(tx.conn()).await?;
    let newest = v::table.filter(v::key.eq(key.as_str())).order(v::effective_from.desc());
    Ok(newest.select(v::version).first(tx.conn()).await?)
}

pub async fn install_calendar(
    tx: &mut Tx,
    id: Uuid,
    year: i32,
    version: &str,
    content: &str,
    at: DateTime<Utc>,
) -> Result<bool> {
    use calendar_years as c;
    let inserted = diesel::insert_into(c::table)
        .values((
            c::id.eq(id),
            c::year.eq(year),
            c::version.eq(version),
            c::content.eq(content),
            c::installed_at.eq(at),
        ))
        .on_conflict_do_nothing()
        .execute(tx.conn())
        .await?;
    if inserted == 1 {
        return Ok(true);
    }
    let there: String = c::table
        .filter(c::year.eq(year).and(c::version.eq(version)))
        .select(c::content)
        .first(tx.conn())
        .await?;
    if there == content { Ok(false) } else { Err(StoreError::Conflict("calendar_years_unique".to_owned())) }
}

pub async fn install_parameter(
    tx: &mut Tx,
    name: &str,
    content_hash: &str,
    content: &str,
    at: DateTime<Utc>,
) -> Result<bool> {
    use parameters as p;
    let inserted = diesel::insert_into(p::table)
        .values((
            p::name.eq(name),
            p::content_hash.eq(content_hash),
            p::content.eq(content),
            p::installed_at.eq(at),
        ))
        .on_conflict_do_nothing()
        .execute(tx.conn())
        .await?;
    Ok(inserted == 1)
}

pub async fn versions(conn: &mut Conn) -> Result<Vec<Installed>> {
    VersionRow::query()
        .order((procedure_versions::key, procedure_versions::effective_from))
        .load(conn)
        .await?
        .into_iter()
        .map(|row| {
            Ok(Installed {
                id: ProcedureVersionId(row.id),
                key: row.key.parse().map_err(|_| StoreError::Bug(format!("procedure {}", row.key)))?,
                version: row.version,
                effective_from: row.effective_from,
                content: row.content,
                content_hash: row.content_hash,
            })
        })
        .collect()
}

/// Content of the newest edition of each year.
pub async fn calendars(conn: &mut Conn) -> Result<Vec<String>> {
    use calendar_years as c;
    Ok(c::table
        .distinct_on(c::year)
        .order((c::year, c::position.desc()))
        .select(c::content)
        .load(conn)
        .await?)
}

/// The newest content of a parameter.
pub async fn parameter(conn: &mut Conn, name: &str) -> Result<String> {
    find_parameter(conn, name).await?.ok_or(StoreError::NotFound)
}

/// The newest content of a parameter that need not be there.
pub async fn find_parameter(conn: &mut Conn, name: &str) -> Result<Option<String>> {
    use parameters as p;
    let newest = p::table.filter(p::name.eq(name)).order(p::position.desc()).select(p::content);
    Ok(newest.first(conn).await.optional()?)
}

/// The newest content of a parameter, and its hash.
pub async fn newest_parameter(conn: &mut Conn, name: &str) -> Result<(String, String)> {
    use parameters as p;
    let newest = p::table.filter(p::name.eq(name)).order(p::position.desc());
    Ok(newest.select((p::content_hash, p::content)).first(conn).await?)
}

/// Hash of the newest content of a parameter, to which none is added until the transaction ends.
pub async fn hold_parameter(tx: &mut Tx, name: &str) -> Result<String> {
    diesel::sql_query("LOCK TABLE parameters IN SHARE ROW EXCLUSIVE MODE").execute(tx.conn()).await?;
    Ok(newest_parameter(tx.conn(), name).await?.0)
}

/// One edition of a parameter.
pub async fn edition(conn: &mut Conn, name: &str, content_hash: &str) -> Result<String> {
    use parameters as p;
    Ok(p::table.find((name, content_hash)).select(p::content).first(conn).await?)
}

/// Changes whenever a version, calendar or parameter is added, or anything of an agency or unit changes.
/// Those two are few and small enough to be read whole.
pub async fn stamp(conn: &mut Conn) -> Result<String> {
    #[derive(QueryableByName)]
    struct Stamp {
        #[diesel(sql_type = diesel::sql_types::Text)]
        stamp: String,
    }
    let row: Stamp = diesel::sql_query(
        "SELECT concat_ws('.', (SELECT count(*) FROM procedure_versions), (SELECT coalesce(max(position), 0) FROM calendar_years), \
         (SELECT coalesce(max(position), 0) FROM parameters), \
         (SELECT md5(string_agg(a::text, '|' ORDER BY a.id)) FROM agencies a), (SELECT md5(string_agg(u::text, '|' ORDER BY u.id)) FROM units u)) AS stamp",
    )
    .get_result(conn)
    .await?;
    Ok(row.stamp)
}
