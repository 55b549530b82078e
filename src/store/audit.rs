//! The audit chains. The head row is locked in the acting transaction, so a chain cannot fork;
//! entries are only ever added.

use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use motcua_domain::audit::{Entry, GENESIS, Hash};

use crate::schema::{audit_entries, audit_heads};
use crate::{Conn, Result, StoreError, Tx};

/// The end of a chain, held until the transaction ends: only who holds it adds to it.
#[derive(Debug)]
pub struct Head {
    chain: String,
    last: Option<(i64, Hash)>,
}

/// What an act adds to a chain; sequence and link are filled in here.
#[derive(Debug, Clone)]
pub struct NewEntry {
    /// RFC 3339 with microseconds, UTC.
    pub at: String,
    pub actor: String,
    pub act: String,
    pub subject: String,
    pub request_id: String,
    pub body: String,
}

fn hash(bytes: Vec<u8>) -> Result<Hash> {
    bytes.try_into().map_err(|_| StoreError::Bug("a hash is not 32 bytes".to_owned()))
}

/// Locks the end of a chain.
pub async fn lock(tx: &mut Tx, chain: String) -> Result<Head> {
    let last: Option<(i64, Vec<u8>)> = audit_heads::table
        .filter(audit_heads::chain.eq(&chain))
        .select((audit_heads::seq, audit_heads::hash))
        .for_update()
        .first(tx.conn())
        .await
        .optional()?;
    let last = last.map(|(seq, last)| Ok::<_, StoreError>((seq, hash(last)?))).transpose()?;
    Ok(Head { chain, last })
}

/// Appends one entry to its chain.
pub async fn append(tx: &mut Tx, head: Head, new: NewEntry) -> Result<()> {
    let (seq, prev) = head.last.map_or((1, GENESIS), |(seq, last)| (seq.saturating_add(1), last));
    let entry = Entry {
        chain: head.chain,
        seq,
        prev,
        at: new.at,
        actor: new.actor,
        act: new.act,
        subject: new.subject,
        request_id: new.request_id,
        body: new.body,
    };
    let hashed = entry.hash();
    diesel::insert_into(audit_entries::table)
        .values((
            audit_entries::chain.eq(&entry.chain),
            audit_entries::seq.eq(entry.seq),
            audit_entries::prev.eq(entry.prev.as_slice()),
            audit_entries::hash.eq(hashed.as_slice()),
            audit_entries::at.eq(&entry.at),
            audit_entries::actor.eq(&entry.actor),
            audit_entries::act.eq(&entry.act),
            audit_entries::subject.eq(&entry.subject),
            audit_entries::request_id.eq(&entry.request_id),
            audit_entries::body.eq(&entry.body),
        ))
        .execute(tx.conn())
        .await?;
    diesel::insert_into(audit_heads::table)
        .values((
            audit_heads::chain.eq(&entry.chain),
            audit_heads::seq.eq(entry.seq),
            audit_heads::hash.eq(hashed.as_slice()),
        ))
        .on_conflict(audit_heads::chain)
        .do_update()
        .set((audit_heads::seq.eq(entry.seq), audit_heads::hash.eq(hashed.as_slice())))
        .execute(tx.conn())
        .await?;
    Ok(())
}

#[derive(HasQuery)]
#[diesel(table_name = audit_entries)]
struct EntryRow {
    chain: String,
    seq: i64,
    prev: Vec<u8>,
    hash: Vec<u8>,
    at: String,
    actor: String,
    act: String,
    subject: String,
    request_id: String,
    body: String,
}

/// A chain's entries with their stored hashes, oldest first.
pub async fn entries(conn: &mut Conn, chain: &str) -> Result<Vec<(Entry, Hash)>> {
    EntryRow::query()
        .filter(audit_entries::chain.eq(chain))
        .order(audit_entries::seq)
        .load(conn)
        .await?
        .into_iter()
        .map(|row| {
            let stored = hash(row.hash)?;
            let entry = Entry {
                chain: row.chain,
                seq: row.seq,
                prev: hash(row.prev)?,
                at: row.at,
                actor: row.actor,
                act: row.act,
                subject: row.subject,
                request_id: row.request_id,
                body: row.body,
            };
            Ok((entry, stored))
        })
        .collect()
}

pub async fn head(conn: &mut Conn, chain: &str) -> Result<Option<(i64, Hash)>> {
    let head: Option<(i64, Vec<u8>)> = audit_heads::table
        .filter(audit_heads::chain.eq(chain))
        .select((audit_heads::seq, audit_heads::hash))
        .first(conn)
        .await
        .optional()?;
    head.map(|(seq, bytes)| Ok((seq, hash(bytes)?))).transpose()
}

/// The next chains after `after`, by name: those with a head and those that only have entries.
pub async fn chains(conn: &mut Conn, after: &str, limit: i64) -> Result<Vec<String>> {
    #[derive(QueryableByName)]
    struct Chain {
        #[diesel(sql_type = diesel::sql_types::Text)]
        chain: String,
    }
    let rows: Vec<Chain> = diesel::sql_query(
        "SELECT chain FROM (SELECT chain FROM audit_heads WHERE chain > $1 UNION SELECT chain FROM audit_entries WHERE chain > $1) AS known \
         ORDER BY chain LIMIT $2",
    )
    .bind::<diesel::sql_types::Text, _>(after)
    .bind::<diesel::sql_types::Int8, _>(limit)
    .load(conn)
    .await?;
    Ok(rows.into_iter().map(|row| row.chain).collect())
}

/// Adds a view or a sign-in to the access log.
#[expect(clippy::too_many_arguments, reason = "one row, written from one place")]
pub async fn log_access(
    conn: &mut Conn,
    id: uuid::Uuid,
    at: chrono::DateTime<chrono::Utc>,
    actor: serde_json::Value,
    what: &str,
    dossier: Option<motcua_domain::ids::DossierId>,
    request_id: &str,
    body: serde_json::Value,
) -> Result<()> {
    use crate::schema::access_log as log;
    diesel::insert_into(log::table)
        .values((
            log::id.eq(id),
            log::at.eq(at),
            log::actor.eq(actor),
            log::what.eq(what),
            log::dossier_id.eq(dossier.map(|id| id.0)),
            log::request_id.eq(request_id),
            log::body.eq(body),
        ))
        .execute(conn)
        .await?;
    Ok(())
}

/// A look at a dossier, as it was recorded.
#[derive(Debug, Queryable)]
pub struct Look {
    pub at: chrono::DateTime<chrono::Utc>,
    pub actor: serde_json::Value,
    pub what: String,
    pub body: serde_json::Value,
}

/// Who looked at a dossier, newest first.
pub async fn views(conn: &mut Conn, dossier: motcua_domain::ids::DossierId, limit: i64) -> Result<Vec<Look>> {
    use crate::schema::access_log as log;
    Ok(log::table
        .filter(log::dossier_id.eq(dossier.0))
        .order(log::at.desc())
        .limit(limit)
        .select((log::at, log::actor, log::what, log::body))
        .load(conn)
        .await?)
}
