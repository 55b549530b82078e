//! How many dossiers nobody has taken although their hour has passed, and how often applicants were asked
//! to supplement, agency by agency: figures that anybody may read, so neither a scope nor a permit, and nothing that tells one dossier from another.

use chrono::{DateTime, Utc};
use diesel::QueryableByName;
use diesel::sql_types::{BigInt, Nullable, Timestamptz, Uuid as SqlUuid};
use diesel_async::RunQueryDsl;
use uuid::Uuid;

use crate::{Conn, Result};

/// So many of the most overdue are counted; a page has no use for more.
pub const MOST: i64 = 20_000;

/// What waits at one agency.
#[derive(Debug, Clone, QueryableByName)]
pub struct Waiting {
    #[diesel(sql_type = SqlUuid)]
    pub agency_id: Uuid,
    /// Filed, and not looked at by the hour it should have been.
    #[diesel(sql_type = BigInt)]
    pub unseen: i64,
    #[diesel(sql_type = Nullable<Timestamptz>)]
    pub unseen_since: Option<DateTime<Utc>>,
    /// Received, and in nobody's hands by the hour its step should have been done.
    #[diesel(sql_type = BigInt)]
    pub untaken: i64,
    #[diesel(sql_type = Nullable<Timestamptz>)]
    pub untaken_since: Option<DateTime<Utc>>,
}

/// Agencies without any are absent.
pub async fn waiting(conn: &mut Conn, now: DateTime<Utc>) -> Result<Vec<Waiting>> {
    Ok(diesel::sql_query(
        "WITH late AS MATERIALIZED (SELECT agency_id, state, next_due_at FROM dossiers \
            WHERE ended_at IS NULL AND state <> 'draft' AND next_due_at < $1 \
              AND (state = 'submitted' OR (state IN ('received', 'in_process') AND assignee_id IS NULL)) \
            ORDER BY next_due_at LIMIT $2) \
         SELECT agency_id, \
            count(*) FILTER (WHERE state = 'submitted') AS unseen, \
            min(next_due_at) FILTER (WHERE state = 'submitted') AS unseen_since, \
            count(*) FILTER (WHERE state <> 'submitted') AS untaken, \
            min(next_due_at) FILTER (WHERE state <> 'submitted') AS untaken_since \
         FROM late GROUP BY agency_id",
    )
    .bind::<Timestamptz, _>(now)
    .bind::<BigInt, _>(MOST)
    .load(conn)
    .await?)
}

/// How often applicants of one agency were asked to supplement.
#[derive(Debug, Clone, QueryableByName)]
pub struct Rounds {
    #[diesel(sql_type = SqlUuid)]
    pub agency_id: Uuid,
    /// A first time at a stage.
    #[diesel(sql_type = BigInt)]
    pub first: i64,
    /// Once more.
    #[diesel(sql_type = BigInt)]
    pub further: i64,
}

/// Agencies that asked nobody since then are absent.
pub async fn rounds(conn: &mut Conn, since: DateTime<Utc>) -> Result<Vec<Rounds>> {
    Ok(diesel::sql_query(
        "SELECT agency_id, count(*) FILTER (WHERE round <= 1) AS first, count(*) FILTER (WHERE round > 1) AS further \
         FROM (SELECT d.agency_id, (e.body #>> '{supplement,round}')::int AS round \
            FROM dossier_events e JOIN dossiers d ON d.id = e.dossier_id \
            WHERE e.kind = 'dossier.supplement_requested' AND e.at >= $1) AS asked GROUP BY agency_id",
    )
    .bind::<Timestamptz, _>(since)
    .load(conn)
    .await?)
}
