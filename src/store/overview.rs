//! What a leader sees of the whole agency: load, ageing, what is late or soon will be. Only dossiers
//! the reader is not walled from; every one of them, so that the figures are those of the lists.

use std::ops::AddAssign;

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel::sql_types::{Array, BigInt, Nullable, Text, Timestamptz, Uuid as SqlUuid};
use diesel_async::RunQueryDsl;
use motcua_domain::ids::AgencyId;
use motcua_domain::policy::Oversight;
use uuid::Uuid;

use crate::{Conn, Result};

/// Open dossiers in figures.
#[derive(Debug, Clone, Default, PartialEq, Eq, QueryableByName)]
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
}

impl AddAssign<&Self> for Figures {
    fn add_assign(&mut self, other: &Self) {
        let add = |to: &mut i64, more: i64| *to = to.saturating_add(more);
        add(&mut self.open, other.open);
        add(&mut self.late, other.late);
        add(&mut self.overdue, other.overdue);
        add(&mut self.today, other.today);
        add(&mut self.soon, other.soon);
        add(&mut self.supplements, other.supplements);
        self.ages.resize(other.ages.len().max(self.ages.len()), 0);
        self.ages.iter_mut().zip(&other.ages).for_each(|(to, more)| add(to, *more));
    }
}

/// What one officer has in hand in one unit.
#[derive(Debug, Clone, QueryableByName)]
pub struct Hand {
    /// None for what nobody has yet.
    #[diesel(sql_type = Nullable<SqlUuid>)]
    pub officer: Option<Uuid>,
    #[diesel(sql_type = Nullable<Text>)]
    pub name: Option<String>,
    #[diesel(sql_type = SqlUuid)]
    pub unit: Uuid,
    #[diesel(embed)]
    pub figures: Figures,
}

/// The dossier that waits longest to be received.
#[derive(Debug, Clone, QueryableByName)]
pub struct Oldest {
    #[diesel(sql_type = SqlUuid)]
    pub id: Uuid,
    #[diesel(sql_type = Text)]
    pub reference: String,
    #[diesel(sql_type = Timestamptz)]
    pub submitted_at: DateTime<Utc>,
}

fn ids(agencies: &[AgencyId]) -> Vec<Uuid> {
    agencies.iter().map(|id| id.0).collect()
}

/// All that is open, read once. `tonight` ends the day, `soon` three working days.
pub async fn hands(
    conn: &mut Conn,
    over: &Oversight,
    now: DateTime<Utc>,
    tonight: DateTime<Utc>,
    soon: DateTime<Utc>,
) -> Result<Vec<Hand>> {
    Ok(diesel::sql_query(
        "SELECT h.*, a.name FROM (SELECT assignee_id AS officer, owner_unit_id AS unit, \
            count(*) AS open, count(*) FILTER (WHERE next_due_at < $3) AS late, \
            count(*) FILTER (WHERE due_on < ($3 AT TIME ZONE 'Asia/Ho_Chi_Minh')::date AND state NOT IN ('awaiting_supplement', 'awaiting_payment', 'decided')) AS overdue, \
            count(*) FILTER (WHERE next_due_at >= $3 AND next_due_at < $4) AS today, \
            count(*) FILTER (WHERE next_due_at >= $3 AND next_due_at < $5) AS soon, \
            count(*) FILTER (WHERE state = 'awaiting_supplement') AS supplements, \
            ARRAY[count(*) FILTER (WHERE received_at >= $3 - interval '5 days'), \
                count(*) FILTER (WHERE received_at < $3 - interval '5 days' AND received_at >= $3 - interval '10 days'), \
                count(*) FILTER (WHERE received_at < $3 - interval '10 days' AND received_at >= $3 - interval '30 days'), \
                count(*) FILTER (WHERE received_at < $3 - interval '30 days')] AS ages \
         FROM dossiers WHERE agency_id = ANY($1) AND ended_at IS NULL AND state <> 'draft' AND NOT challenged && ARRAY[$2] \
         GROUP BY 1, 2) h LEFT JOIN accounts a ON a.id = h.officer",
    )
    .bind::<Array<SqlUuid>, _>(ids(over.agencies()))
    .bind::<SqlUuid, _>(over.me().0)
    .bind::<Timestamptz, _>(now)
    .bind::<Timestamptz, _>(tonight)
    .bind::<Timestamptz, _>(soon)
    .load(conn)
    .await?)
}

/// What has waited longest to be received.
pub async fn oldest(conn: &mut Conn, over: &Oversight) -> Result<Option<Oldest>> {
    Ok(diesel::sql_query(
        "SELECT id, reference, submitted_at FROM dossiers \
         WHERE agency_id = ANY($1) AND state = 'submitted' AND ended_at IS NULL AND NOT challenged && ARRAY[$2] \
         ORDER BY submitted_at, id LIMIT 1",
    )
    .bind::<Array<SqlUuid>, _>(ids(over.agencies()))
    .bind::<SqlUuid, _>(over.me().0)
    .get_result(conn)
    .await
    .optional()?)
}
