//! The hourly seals, and the leaves each covers: chain entries and access log rows of a period.

use chrono::{DateTime, SecondsFormat, Utc};
use diesel::prelude::*;
use diesel::sql_types::{Bytea, Int8, Nullable, Text, Timestamptz};
use diesel_async::RunQueryDsl;
use motcua_domain::audit::{Hash, Seal, log_leaf};

use crate::schema::audit_seals as s;
use crate::{Conn, Result, StoreError, Tx};

/// One seal is made at a time; others wait, then see it.
const SEAL_LOCK: i64 = 0x6d63_7365_616c;

fn hash(bytes: Vec<u8>) -> Result<Hash> {
    bytes.try_into().map_err(|_| StoreError::Bug("a hash is not 32 bytes".to_owned()))
}

/// Holds other sealers off until the transaction ends.
pub async fn lock(tx: &mut Tx) -> Result<()> {
    diesel::sql_query("SELECT pg_advisory_xact_lock($1)")
        .bind::<Int8, _>(SEAL_LOCK)
        .execute(tx.conn())
        .await?;
    Ok(())
}

type Row = (i64, Vec<u8>, Vec<u8>, DateTime<Utc>, DateTime<Utc>, i64, Vec<u8>);

fn seal((seq, prev, stored, sealed_at, covers_until, leaves, root): Row) -> Result<(Seal, Hash)> {
    let seal = Seal {
        seq,
        prev: hash(prev)?,
        sealed_at: sealed_at.timestamp_micros(),
        covers_until: covers_until.timestamp_micros(),
        leaves,
        root: hash(root)?,
    };
    Ok((seal, hash(stored)?))
}

/// All seals with their stored hashes, oldest first.
pub async fn list(conn: &mut Conn) -> Result<Vec<(Seal, Hash)>> {
    let rows: Vec<Row> = s::table.order(s::seq).load(conn).await?;
    rows.into_iter().map(seal).collect()
}

pub async fn last(conn: &mut Conn) -> Result<Option<(Seal, Hash)>> {
    let row: Option<Row> = s::table.order(s::seq.desc()).first(conn).await.optional()?;
    row.map(seal).transpose()
}

pub async fn insert(tx: &mut Tx, seal: &Seal) -> Result<()> {
    let at = |micros| {
        DateTime::from_timestamp_micros(micros)
            .ok_or_else(|| StoreError::Bug("a seal's time is out of range".to_owned()))
    };
    diesel::insert_into(s::table)
        .values((
            s::seq.eq(seal.seq),
            s::prev.eq(seal.prev.as_slice()),
            s::hash.eq(seal.hash().as_slice()),
            s::sealed_at.eq(at(seal.sealed_at)?),
            s::covers_until.eq(at(seal.covers_until)?),
            s::leaves.eq(seal.leaves),
            s::root.eq(seal.root.as_slice()),
        ))
        .execute(tx.conn())
        .await?;
    Ok(())
}

#[derive(QueryableByName)]
struct EntryHash {
    #[diesel(sql_type = Bytea)]
    hash: Vec<u8>,
}

#[derive(QueryableByName)]
struct LogRow {
    #[diesel(sql_type = Text)]
    id: String,
    #[diesel(sql_type = Timestamptz)]
    at: DateTime<Utc>,
    #[diesel(sql_type = Text)]
    actor: String,
    #[diesel(sql_type = Text)]
    what: String,
    #[diesel(sql_type = Nullable<Text>)]
    dossier: Option<String>,
    #[diesel(sql_type = Text)]
    request_id: String,
    #[diesel(sql_type = Text)]
    body: String,
}

/// The leaves of a period, `after` excluded and `until` included, always in the same order.
pub async fn leaves(conn: &mut Conn, after: DateTime<Utc>, until: DateTime<Utc>) -> Result<Vec<Hash>> {
    // Entries keep their time as the text that was hashed; of one width, it sorts as time does.
    let text = |at: DateTime<Utc>| at.to_rfc3339_opts(SecondsFormat::Micros, true);
    let entries: Vec<EntryHash> = diesel::sql_query(
        "SELECT hash FROM audit_entries WHERE at > $1 AND at <= $2 ORDER BY chain COLLATE \"C\", seq",
    )
    .bind::<Text, _>(text(after))
    .bind::<Text, _>(text(until))
    .load(conn)
    .await?;
    let log: Vec<LogRow> = diesel::sql_query(
        "SELECT id::text, at, actor::text, what, dossier_id::text AS dossier, request_id, body::text FROM access_log \
         WHERE at > $1 AND at <= $2 ORDER BY id",
    )
    .bind::<Timestamptz, _>(after)
    .bind::<Timestamptz, _>(until)
    .load(conn)
    .await?;
    let mut leaves: Vec<Hash> = entries.into_iter().map(|entry| hash(entry.hash)).collect::<Result<_>>()?;
    leaves.extend(log.iter().map(|row| {
        let at = row.at.timestamp_micros().to_string();
        let fields = [
            &row.id,
            &at,
            &row.actor,
            &row.what,
            row.dossier.as_deref().unwrap_or_default(),
            &row.request_id,
            &row.body,
        ];
        log_leaf(&fields.map(str::as_bytes))
    }));
    Ok(leaves)
}
