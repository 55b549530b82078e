//! What a leader sees of the whole agency: load, ageing, what is late or soon will be. Only dossiers
//! the reader is not walled from; every one of them, so that the figures are those of the lists.

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel::sql_types::{Array, BigInt, Nullable, Text, Timestamptz, Uuid as SqlUuid};
use diesel_async::RunQueryDsl;
use motcua_domain::ids::AgencyId;
use motcua_domain::policy::Oversight;
use uuid::Uuid;

use crate::{Conn, Result};

/// Open dossiers of these agencies: $1 agencies, $2 the reader.
const OPEN: &str = "WITH open AS MATERIALIZED (SELECT id, reference, owner_unit_id, assignee_id, state, next_due_at, due_on, submitted_at, received_at FROM dossiers \
     WHERE agency_id = ANY($1) AND ended_at IS NULL AND state <> 'draft' AND NOT challenged && ARRAY[$2])";

/// What one officer, or one unit, has in hand.
#[derive(Debug, Clone, QueryableByName)]
pub struct Load {
    /// The officer's account, or the unit; none for what nobody has yet.
    #[diesel(sql_type = Nullable<SqlUuid>)]
    pub of: Option<Uuid>,
    /// The officer's name.
    #[diesel(sql_type = Nullable<Text>)]
    pub name: Option<String>,
    #[diesel(sql_type = BigInt)]
    pub open: i64,
    #[diesel(sql_type = BigInt)]
    pub late: i64,
    #[diesel(sql_type = BigInt)]
    pub soon: i64,
}

/// The agency in figures.
#[derive(Debug, Clone, QueryableByName)]
pub struct Figures {
    #[diesel(sql_type = BigInt)]
    pub open: i64,
    #[diesel(sql_type = BigInt)]
    pub late: i64,
    /// Late by the time limit promised to the applicant.
    #[diesel(sql_type = BigInt)]
    pub overdue: i64,
    #[diesel(sql_type = BigInt)]
    pub today: i64,
    #[diesel(sql_type = BigInt)]
    pub soon: i64,
    #[diesel(sql_type = BigInt)]
    pub supplements: i64,
    /// Days since receipt: up to 5, up to 10, up to 30, more.
    #[diesel(sql_type = Array<BigInt>)]
    pub ages: Vec<i64>,
    /// The one that waits longest to be received.
    #[diesel(sql_type = Nullable<SqlUuid>)]
    pub oldest: Option<Uuid>,
    #[diesel(sql_type = Nullable<Text>)]
    pub oldest_reference: Option<String>,
    #[diesel(sql_type = Nullable<Timestamptz>)]
    pub oldest_since: Option<DateTime<Utc>>,
}

fn ids(agencies: &[AgencyId]) -> Vec<Uuid> {
    agencies.iter().map(|id| id.0).collect()
}

/// Whose load is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LoadOf {
    Officers,
    Units,
}

/// Load per officer or per unit, the fullest first.
pub async fn loads(
    conn: &mut Conn,
    over: &Oversight,
    of: LoadOf,
    now: DateTime<Utc>,
    soon: DateTime<Utc>,
) -> Result<Vec<Load>> {
    let (whose, name, names) = match of {
        LoadOf::Officers => ("assignee_id", "a.name", "LEFT JOIN accounts a ON a.id = assignee_id"),
        LoadOf::Units => ("owner_unit_id", "NULL::text", ""),
    };
    Ok(diesel::sql_query(format!(
        "{OPEN} SELECT {whose} AS of, {name} AS name, count(*) AS open, count(*) FILTER (WHERE next_due_at < $3) AS late, \
            count(*) FILTER (WHERE next_due_at >= $3 AND next_due_at < $4) AS soon \
         FROM open {names} GROUP BY 1, 2 ORDER BY 3 DESC, 2, 1 LIMIT 200"
    ))
    .bind::<Array<SqlUuid>, _>(ids(over.agencies()))
    .bind::<SqlUuid, _>(over.me().0)
    .bind::<Timestamptz, _>(now)
    .bind::<Timestamptz, _>(soon)
    .load(conn)
    .await?)
}

/// The agency in figures. `tonight` ends the day, `soon` three working days.
pub async fn figures(
    conn: &mut Conn,
    over: &Oversight,
    now: DateTime<Utc>,
    tonight: DateTime<Utc>,
    soon: DateTime<Utc>,
) -> Result<Figures> {
    Ok(diesel::sql_query(format!(
        "{OPEN}, aged AS (SELECT $3 - received_at AS age FROM open WHERE received_at IS NOT NULL), \
         oldest AS (SELECT id, reference, submitted_at FROM open WHERE state = 'submitted' ORDER BY submitted_at, id LIMIT 1) \
         SELECT count(*) AS open, count(*) FILTER (WHERE next_due_at < $3) AS late, \
            count(*) FILTER (WHERE due_on < ($3 AT TIME ZONE 'Asia/Ho_Chi_Minh')::date AND state NOT IN ('awaiting_supplement', 'awaiting_payment', 'decided')) AS overdue, \
            count(*) FILTER (WHERE next_due_at >= $3 AND next_due_at < $4) AS today, \
            count(*) FILTER (WHERE next_due_at >= $3 AND next_due_at < $5) AS soon, \
            count(*) FILTER (WHERE state = 'awaiting_supplement') AS supplements, \
            (SELECT ARRAY[count(*) FILTER (WHERE age <= interval '5 days'), count(*) FILTER (WHERE age > interval '5 days' AND age <= interval '10 days'), \
                count(*) FILTER (WHERE age > interval '10 days' AND age <= interval '30 days'), count(*) FILTER (WHERE age > interval '30 days')] FROM aged) AS ages, \
            (SELECT id FROM oldest) AS oldest, (SELECT reference FROM oldest) AS oldest_reference, (SELECT submitted_at FROM oldest) AS oldest_since \
         FROM open"
    ))
    .bind::<Array<SqlUuid>, _>(ids(over.agencies()))
    .bind::<SqlUuid, _>(over.me().0)
    .bind::<Timestamptz, _>(now)
    .bind::<Timestamptz, _>(tonight)
    .bind::<Timestamptz, _>(soon)
    .get_result(conn)
    .await?)
}
