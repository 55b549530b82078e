//! Papers the office made: their rows. The bytes are in the object store, under `object_key`.

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use motcua_domain::ids::{DossierId, PaperId};
use uuid::Uuid;

use crate::schema::papers as p;
use crate::{Conn, Result, Tx};

/// A paper as it is kept.
#[derive(Debug, Clone, HasQuery, Insertable, serde::Deserialize)]
#[diesel(table_name = p)]
pub struct Paper {
    pub id: Uuid,
    pub dossier_id: Uuid,
    pub kind: String,
    pub dossier_version: i64,
    pub forms_hash: String,
    pub said: String,
    pub check_code: String,
    pub made_at: DateTime<Utc>,
    pub sha256: Option<String>,
    pub size: Option<i64>,
    pub pages: Option<i32>,
    pub object_key: Option<String>,
    pub stored_at: Option<DateTime<Utc>>,
    pub sealed_by: Option<String>,
    /// From 0 among those of its kind that one act leaves, each to somebody else.
    pub part: i16,
}

/// A file that was made.
#[derive(Debug, Clone, AsChangeset)]
#[diesel(table_name = p)]
pub struct Stored {
    pub sha256: String,
    pub size: i64,
    pub pages: i32,
    pub object_key: String,
    pub stored_at: DateTime<Utc>,
    pub sealed_by: Option<String>,
}

pub async fn insert(tx: &mut Tx, papers: &[Paper]) -> Result<()> {
    diesel::insert_into(p::table).values(papers).execute(tx.conn()).await?;
    Ok(())
}

pub async fn find(conn: &mut Conn, id: PaperId) -> Result<Option<Paper>> {
    Ok(Paper::query().filter(p::id.eq(id.0)).first(conn).await.optional()?)
}

pub async fn find_by_code(conn: &mut Conn, code: &str) -> Result<Option<Paper>> {
    Ok(Paper::query().filter(p::check_code.eq(code)).first(conn).await.optional()?)
}

pub async fn find_by_hash(conn: &mut Conn, sha256: &str) -> Result<Option<Paper>> {
    Ok(Paper::query().filter(p::sha256.eq(sha256)).first(conn).await.optional()?)
}

/// Papers of a dossier, in the order of their acts.
pub async fn list(conn: &mut Conn, dossier: DossierId) -> Result<Vec<Paper>> {
    let all = Paper::query().filter(p::dossier_id.eq(dossier.0));
    Ok(all.order((p::dossier_version, p::kind, p::part)).load(conn).await?)
}

/// Notes the file that was made; false when one was noted before, which then stays.
pub async fn store(tx: &mut Tx, id: PaperId, stored: &Stored) -> Result<bool> {
    let waiting = p::table.filter(p::id.eq(id.0).and(p::stored_at.is_null()));
    Ok(diesel::update(waiting).set(stored).execute(tx.conn()).await? == 1)
}
