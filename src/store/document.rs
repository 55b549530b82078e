//! Papers: their rows. The bytes are in the object store, under `object_key`.
//!
//! A removed paper keeps its row, so that the record stays whole, and is in no list.

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use motcua_domain::document::{Document, DocumentState, FileKind, Scan};
use motcua_domain::ids::{DocumentId, DossierId};
use serde_json::Value;
use uuid::Uuid;

use crate::schema::documents as d;
use crate::{Conn, Result, StoreError, Tx};

/// A paper with what only the application needs of it.
#[derive(Debug, Clone)]
pub struct Stored {
    pub document: Document,
    pub announced_sha256: Option<String>,
    pub announced_size: Option<u64>,
    /// Where its content is.
    pub object_key: Option<String>,
}

#[derive(HasQuery, serde::Deserialize)]
#[diesel(table_name = d)]
struct Row {
    id: Uuid,
    dossier_id: Uuid,
    requirement: Option<String>,
    name: String,
    announced_sha256: Option<String>,
    announced_size: Option<i64>,
    state: String,
    media_type: Option<String>,
    size: Option<i64>,
    sha256: Option<String>,
    scan: Option<String>,
    created_at: DateTime<Utc>,
    stored_at: Option<DateTime<Utc>>,
    object_key: Option<String>,
}

fn word<T: std::str::FromStr>(text: &str) -> Result<T> {
    text.parse().map_err(|_| StoreError::Bug(format!("documents hold the word {text:?}")))
}

fn unsigned(size: Option<i64>) -> Option<u64> {
    size.and_then(|size| u64::try_from(size).ok())
}

fn signed(size: u64) -> i64 {
    i64::try_from(size).unwrap_or(i64::MAX)
}

impl TryFrom<Row> for Stored {
    type Error = StoreError;

    fn try_from(row: Row) -> Result<Self> {
        Ok(Self {
            document: Document {
                id: DocumentId(row.id),
                dossier: DossierId(row.dossier_id),
                requirement: row.requirement,
                name: row.name,
                state: word(&row.state)?,
                media_type: row.media_type.as_deref().map(word).transpose()?,
                size: unsigned(row.size),
                sha256: row.sha256,
                scan: row.scan.as_deref().map(word).transpose()?,
                created_at: row.created_at,
                stored_at: row.stored_at,
            },
            announced_sha256: row.announced_sha256,
            announced_size: unsigned(row.announced_size),
            object_key: row.object_key,
        })
    }
}

/// Announces a paper.
pub async fn insert(tx: &mut Tx, new: &Stored, actor: &Value) -> Result<()> {
    let document = &new.document;
    diesel::insert_into(d::table)
        .values((
            d::id.eq(document.id.0),
            d::dossier_id.eq(document.dossier.0),
            d::requirement.eq(&document.requirement),
            d::name.eq(&document.name),
            d::announced_sha256.eq(&new.announced_sha256),
            d::announced_size.eq(new.announced_size.map(signed)),
            d::state.eq(document.state.as_str()),
            d::created_at.eq(document.created_at),
            d::actor.eq(actor),
        ))
        .execute(tx.conn())
        .await?;
    Ok(())
}

/// A paper that was not removed.
pub async fn find(conn: &mut Conn, id: DocumentId) -> Result<Option<Stored>> {
    Row::query()
        .filter(d::id.eq(id.0).and(d::removed_at.is_null()))
        .first(conn)
        .await
        .optional()?
        .map(Stored::try_from)
        .transpose()
}

/// The papers of a dossier, in the order they came.
pub async fn list(conn: &mut Conn, dossier: DossierId) -> Result<Vec<Document>> {
    let rows = Row::query()
        .filter(d::dossier_id.eq(dossier.0).and(d::removed_at.is_null()))
        .order((d::created_at, d::id))
        .load(conn)
        .await?;
    rows.into_iter().map(|row| Ok(Stored::try_from(row)?.document)).collect()
}

/// Rows as they came in one statement with others.
pub(crate) fn read(rows: Value) -> Result<Vec<Document>> {
    let rows: Vec<Row> = serde_json::from_value(rows).map_err(|error| StoreError::Bug(error.to_string()))?;
    rows.into_iter().map(|row| Ok(Stored::try_from(row)?.document)).collect()
}

/// How many papers a dossier has.
pub async fn count(conn: &mut Conn, dossier: DossierId) -> Result<i64> {
    Ok(d::table
        .filter(d::dossier_id.eq(dossier.0).and(d::removed_at.is_null()))
        .count()
        .get_result(conn)
        .await?)
}

/// Keys of the required papers that are there. One still being scanned counts: it was brought.
#[diesel::dsl::auto_type]
pub(crate) fn requirements(dossier: DossierId) -> _ {
    let there: [&'static str; 2] = [DocumentState::Ready.as_str(), DocumentState::Scanning.as_str()];
    let dossier: Uuid = dossier.0;
    d::table
        .filter(d::dossier_id.eq(dossier).and(d::removed_at.is_null()).and(d::state.eq_any(there)))
        .filter(d::requirement.is_not_null())
        .select(d::requirement.assume_not_null())
        .distinct()
}

/// True when the paper belongs to the dossier and can be opened.
pub async fn is_ready(conn: &mut Conn, dossier: DossierId, id: DocumentId) -> Result<bool> {
    Ok(diesel::select(diesel::dsl::exists(
        d::table.filter(
            d::id
                .eq(id.0)
                .and(d::dossier_id.eq(dossier.0))
                .and(d::removed_at.is_null())
                .and(d::state.eq(DocumentState::Ready.as_str())),
        ),
    ))
    .get_result(conn)
    .await?)
}

/// What came: kind, size, print, and where it is kept.
#[derive(Debug, Clone)]
pub struct Received {
    pub kind: FileKind,
    pub size: u64,
    pub sha256: String,
    pub object_key: String,
}

/// The content of an announced paper has come. False when it has content or is removed already.
pub async fn store(
    tx: &mut Tx,
    id: DocumentId,
    came: &Received,
    state: DocumentState,
    scan: Option<Scan>,
    at: DateTime<Utc>,
) -> Result<bool> {
    let changed = diesel::update(d::table.filter(
        d::id.eq(id.0).and(d::state.eq(DocumentState::Announced.as_str())).and(d::removed_at.is_null()),
    ))
    .set((
        d::media_type.eq(came.kind.as_str()),
        d::size.eq(signed(came.size)),
        d::sha256.eq(&came.sha256),
        d::object_key.eq(&came.object_key),
        d::state.eq(state.as_str()),
        d::scan.eq(scan.map(Scan::as_str)),
        d::stored_at.eq(at),
    ))
    .execute(tx.conn())
    .await?;
    Ok(changed == 1)
}

/// The scanner found nothing.
pub async fn mark_clean(tx: &mut Tx, id: DocumentId) -> Result<()> {
    diesel::update(d::table.filter(d::id.eq(id.0).and(d::state.eq(DocumentState::Scanning.as_str()))))
        .set((d::state.eq(DocumentState::Ready.as_str()), d::scan.eq(Scan::Clean.as_str())))
        .execute(tx.conn())
        .await?;
    Ok(())
}

/// The scanner found something, or does not take it; the content is given up.
pub async fn mark_refused(tx: &mut Tx, id: DocumentId, state: DocumentState, scan: Scan) -> Result<()> {
    diesel::update(d::table.filter(d::id.eq(id.0).and(d::state.eq(DocumentState::Scanning.as_str()))))
        .set((d::state.eq(state.as_str()), d::scan.eq(scan.as_str()), d::object_key.eq(None::<String>)))
        .execute(tx.conn())
        .await?;
    Ok(())
}

/// Takes a paper out of its dossier. False when it was removed before.
pub async fn remove(tx: &mut Tx, id: DocumentId, at: DateTime<Utc>) -> Result<bool> {
    let changed = diesel::update(d::table.filter(d::id.eq(id.0).and(d::removed_at.is_null())))
        .set(d::removed_at.eq(at))
        .execute(tx.conn())
        .await?;
    Ok(changed == 1)
}

/// Where the contents of a dossier's papers are, removed ones included.
pub async fn object_keys(conn: &mut Conn, dossier: DossierId) -> Result<Vec<String>> {
    Ok(d::table
        .filter(d::dossier_id.eq(dossier.0).and(d::object_key.is_not_null()))
        .select(d::object_key.assume_not_null())
        .load(conn)
        .await?)
}

/// True while a paper that was not removed has its content there.
pub async fn is_kept(conn: &mut Conn, object_key: &str) -> Result<bool> {
    Ok(diesel::select(diesel::dsl::exists(
        d::table.filter(d::object_key.eq(object_key).and(d::removed_at.is_null())),
    ))
    .get_result(conn)
    .await?)
}
