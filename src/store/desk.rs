//! What a desk keeps for its officer: who has taken what for the moment, the filters they like, and
//! the codes that replace a lost code generator.

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel::sql_types::{Array, Nullable, Text, Timestamptz, Uuid as SqlUuid};
use diesel::upsert::excluded;
use diesel_async::RunQueryDsl;
use motcua_domain::ids::{AccountId, AgencyId, DossierId};
use uuid::Uuid;

use crate::dossier::TimelineEvent;
use crate::message::Message;
use crate::paper::Paper;
use crate::schema::{desk_claims, desk_filters, recovery_codes};
use crate::task::Task;
use crate::{Conn, Result, StoreError, Tx};
use motcua_domain::document::Document;

/// Takes a dossier until that instant, unless somebody else has it now. True when it is taken.
pub async fn claim(
    tx: &mut Tx,
    dossier: DossierId,
    account: AccountId,
    now: DateTime<Utc>,
    until: DateTime<Utc>,
) -> Result<bool> {
    let insert = diesel::insert_into(desk_claims::table)
        .values((
            desk_claims::dossier_id.eq(dossier.0),
            desk_claims::account_id.eq(account.0),
            desk_claims::until.eq(until),
        ))
        .on_conflict(desk_claims::dossier_id)
        .do_update()
        .set((
            desk_claims::account_id.eq(excluded(desk_claims::account_id)),
            desk_claims::until.eq(excluded(desk_claims::until)),
        ));
    let free = desk_claims::until.le(now).or(desk_claims::account_id.eq(account.0));
    let taken = diesel::query_dsl::methods::FilterDsl::filter(insert, free).execute(tx.conn()).await?;
    Ok(taken == 1)
}

/// Who has a dossier in hand: its officer, and who has taken it for the moment.
#[derive(Debug, Clone, QueryableByName)]
pub struct Hands {
    #[diesel(sql_type = SqlUuid)]
    pub dossier: Uuid,
    #[diesel(sql_type = Nullable<Text>)]
    pub officer: Option<String>,
    #[diesel(sql_type = Nullable<SqlUuid>)]
    pub taken_by: Option<Uuid>,
    #[diesel(sql_type = Nullable<Text>)]
    pub taken_name: Option<String>,
}

/// In whose hands these dossiers are.
pub async fn hands(conn: &mut Conn, dossiers: &[Uuid], now: DateTime<Utc>) -> Result<Vec<Hands>> {
    Ok(diesel::sql_query(
        "SELECT d.id AS dossier, o.name AS officer, t.id AS taken_by, t.name AS taken_name FROM dossiers d \
         LEFT JOIN accounts o ON o.id = d.assignee_id \
         LEFT JOIN desk_claims c ON c.dossier_id = d.id AND c.until > $2 LEFT JOIN accounts t ON t.id = c.account_id \
         WHERE d.id = ANY($1)",
    )
    .bind::<Array<SqlUuid>, _>(dossiers)
    .bind::<Timestamptz, _>(now)
    .load(conn)
    .await?)
}

#[derive(QueryableByName)]
struct Named {
    #[diesel(sql_type = SqlUuid)]
    id: Uuid,
    #[diesel(sql_type = Text)]
    name: String,
}

/// Who handles dossiers in these agencies now, by name.
pub async fn officers(conn: &mut Conn, agencies: &[AgencyId]) -> Result<Vec<(AccountId, String)>> {
    let agencies: Vec<Uuid> = agencies.iter().map(|id| id.0).collect();
    let found: Vec<Named> = diesel::sql_query(
        "SELECT DISTINCT a.id, a.name FROM memberships m JOIN accounts a ON a.id = m.account_id \
         WHERE m.agency_id = ANY($1) AND m.role = 'processing_officer' AND m.until IS NULL AND a.disabled_at IS NULL ORDER BY a.name, a.id LIMIT 500",
    )
    .bind::<Array<SqlUuid>, _>(agencies)
    .load(conn)
    .await?;
    Ok(found.into_iter().map(|row| (AccountId(row.id), row.name)).collect())
}

/// The filters this person keeps, as a query string.
pub async fn filters(conn: &mut Conn, account: AccountId) -> Result<Option<String>> {
    Ok(desk_filters::table.find(account.0).select(desk_filters::query).first(conn).await.optional()?)
}

/// Keeps filters, or none.
pub async fn keep_filters(tx: &mut Tx, account: AccountId, query: &str) -> Result<()> {
    if query.is_empty() {
        diesel::delete(desk_filters::table.find(account.0)).execute(tx.conn()).await?;
        return Ok(());
    }
    diesel::insert_into(desk_filters::table)
        .values((desk_filters::account_id.eq(account.0), desk_filters::query.eq(query)))
        .on_conflict(desk_filters::account_id)
        .do_update()
        .set(desk_filters::query.eq(excluded(desk_filters::query)))
        .execute(tx.conn())
        .await?;
    Ok(())
}

/// New recovery codes in place of all there were.
pub async fn replace_recovery_codes(
    tx: &mut Tx,
    account: AccountId,
    hashes: &[Vec<u8>],
    now: DateTime<Utc>,
) -> Result<()> {
    diesel::delete(recovery_codes::table.filter(recovery_codes::account_id.eq(account.0)))
        .execute(tx.conn())
        .await?;
    let rows: Vec<_> = hashes
        .iter()
        .map(|hash| {
            (
                recovery_codes::account_id.eq(account.0),
                recovery_codes::code_hash.eq(hash),
                recovery_codes::created_at.eq(now),
            )
        })
        .collect();
    diesel::insert_into(recovery_codes::table).values(rows).execute(tx.conn()).await?;
    Ok(())
}

/// Uses a recovery code up. False when there is none like it.
pub async fn take_recovery_code(tx: &mut Tx, account: AccountId, hash: &[u8]) -> Result<bool> {
    let taken = diesel::delete(recovery_codes::table.find((account.0, hash))).execute(tx.conn()).await?;
    Ok(taken == 1)
}

/// How many recovery codes are left.
pub async fn recovery_codes_left(conn: &mut Conn, account: AccountId) -> Result<i64> {
    Ok(recovery_codes::table
        .filter(recovery_codes::account_id.eq(account.0))
        .count()
        .get_result(conn)
        .await?)
}

/// What stands beside a dossier on its page.
#[derive(Debug)]
pub struct Beside {
    pub events: Vec<TimelineEvent>,
    /// Newest first.
    pub letters: Vec<Message>,
    /// Oldest first.
    pub papers: Vec<Paper>,
    /// What the applicant sent in, in the order it came.
    pub documents: Vec<Document>,
    /// What has to be sent, the most urgent first.
    pub tasks: Vec<Task>,
}

/// Timeline, letters, papers, documents and tasks of a dossier, in one statement.
pub async fn beside(conn: &mut Conn, dossier: DossierId) -> Result<Beside> {
    #[derive(QueryableByName)]
    struct Row {
        #[diesel(sql_type = diesel::sql_types::Jsonb)]
        events: serde_json::Value,
        #[diesel(sql_type = diesel::sql_types::Jsonb)]
        letters: serde_json::Value,
        #[diesel(sql_type = diesel::sql_types::Jsonb)]
        papers: serde_json::Value,
        #[diesel(sql_type = diesel::sql_types::Jsonb)]
        documents: serde_json::Value,
        #[diesel(sql_type = diesel::sql_types::Jsonb)]
        tasks: serde_json::Value,
    }
    let row: Row = diesel::sql_query(
        "SELECT coalesce((SELECT jsonb_agg(jsonb_build_object('seq', seq, 'version', version, 'at', at, 'actor', actor, 'event', body) ORDER BY seq) FROM dossier_events WHERE dossier_id = $1), '[]') AS events, \
         coalesce((SELECT jsonb_agg(to_jsonb(m) ORDER BY m.created_at DESC, m.id) FROM messages m WHERE m.dossier_id = $1), '[]') AS letters, \
         coalesce((SELECT jsonb_agg(to_jsonb(p) - 'said' || jsonb_build_object('said', '') ORDER BY p.dossier_version, p.kind, p.part) FROM papers p WHERE p.dossier_id = $1), '[]') AS papers, \
         coalesce((SELECT jsonb_agg(to_jsonb(d) ORDER BY d.created_at, d.id) FROM documents d WHERE d.dossier_id = $1 AND d.removed_at IS NULL), '[]') AS documents, \
         coalesce((SELECT jsonb_agg(to_jsonb(t) ORDER BY t.due_on, t.id) FROM tasks t WHERE t.dossier_id = $1), '[]') AS tasks",
    )
    .bind::<SqlUuid, _>(dossier.0)
    .get_result(conn)
    .await?;
    fn read<T: serde::de::DeserializeOwned>(value: serde_json::Value) -> Result<T> {
        serde_json::from_value(value).map_err(|error| StoreError::Bug(error.to_string()))
    }
    Ok(Beside {
        events: read(row.events)?,
        letters: read(row.letters)?,
        papers: read(row.papers)?,
        documents: crate::document::read(row.documents)?,
        tasks: read(row.tasks)?,
    })
}
