//! Absences: someone away between two dates, with a named deputy.

use chrono::{DateTime, NaiveDate, Utc};
use diesel::dsl::AsSelect;
use diesel::pg::Pg;
use diesel::prelude::*;
use diesel::sql_types::{Bool, Date, Uuid as SqlUuid};
use diesel_async::RunQueryDsl;
use motcua_domain::ids::{AccountId, AgencyId};
use uuid::Uuid;

use crate::schema::absences;
use crate::{Conn, Result, Tx};

/// One absence as it is kept.
#[derive(Debug, Clone, HasQuery, Insertable)]
#[diesel(table_name = absences)]
pub struct Absence {
    pub id: Uuid,
    pub account_id: Uuid,
    pub deputy_id: Uuid,
    pub since: NaiveDate,
    pub until: NaiveDate,
    pub reason: String,
    pub created_by: Uuid,
    pub created_at: DateTime<Utc>,
    pub ended_at: Option<DateTime<Utc>>,
}

pub async fn insert(tx: &mut Tx, absence: &Absence) -> Result<()> {
    diesel::insert_into(absences::table).values(absence).execute(tx.conn()).await?;
    Ok(())
}

/// Holds the row.
pub async fn lock(tx: &mut Tx, id: Uuid) -> Result<Absence> {
    Ok(Absence::query().filter(absences::id.eq(id)).for_update().first(tx.conn()).await?)
}

pub async fn end(tx: &mut Tx, id: Uuid, now: DateTime<Utc>) -> Result<()> {
    diesel::update(absences::table.find(id)).set(absences::ended_at.eq(now)).execute(tx.conn()).await?;
    Ok(())
}

type Wanted<'a> = diesel::helper_types::IntoBoxed<
    'a,
    diesel::helper_types::Select<absences::table, AsSelect<Absence, Pg>>,
    Pg,
>;

/// Absences of these people, those they are deputies in, and those of the staff of these agencies.
fn of<'a>(people: &[AccountId], agencies: &[AgencyId]) -> Wanted<'a> {
    use crate::schema::memberships as m;
    let people: Vec<Uuid> = people.iter().map(|id| id.0).collect();
    let agencies: Vec<Uuid> = agencies.iter().map(|id| id.0).collect();
    let colleagues = m::table.filter(m::agency_id.eq_any(agencies)).select(m::account_id);
    absences::table.select(Absence::as_select()).into_boxed().filter(
        absences::account_id
            .eq_any(people.clone())
            .or(absences::deputy_id.eq_any(people))
            .or(absences::account_id.eq_any(colleagues)),
    )
}

/// Absences not over by `today` of these people and of the staff of these agencies, soonest first.
pub async fn list(
    conn: &mut Conn,
    people: &[AccountId],
    agencies: &[AgencyId],
    today: NaiveDate,
    limit: i64,
) -> Result<Vec<Absence>> {
    Ok(of(people, agencies)
        .filter(absences::until.ge(today).and(absences::ended_at.is_null()))
        .order((absences::since, absences::id))
        .limit(limit)
        .load(conn)
        .await?)
}

/// One act a deputy did in the name of the absent.
#[derive(Debug, Clone, QueryableByName)]
pub struct Deputised {
    #[diesel(sql_type = SqlUuid)]
    pub dossier: Uuid,
    #[diesel(sql_type = diesel::sql_types::Timestamptz)]
    pub at: DateTime<Utc>,
    #[diesel(sql_type = diesel::sql_types::Jsonb)]
    pub event: serde_json::Value,
}

/// What a deputy did in the name of the absent since a moment, newest first.
pub async fn deputised(
    conn: &mut Conn,
    deputy: AccountId,
    absent: AccountId,
    since: DateTime<Utc>,
    limit: i64,
) -> Result<Vec<Deputised>> {
    Ok(diesel::sql_query(
        "SELECT dossier_id AS dossier, at, body AS event FROM dossier_events \
         WHERE actor ->> 'kind' = 'staff' AND actor ->> 'account' = $1 AND actor ->> 'acting_for' = $2 AND at >= $3 \
         ORDER BY at DESC, dossier_id LIMIT $4",
    )
    .bind::<diesel::sql_types::Text, _>(deputy.0.to_string())
    .bind::<diesel::sql_types::Text, _>(absent.0.to_string())
    .bind::<diesel::sql_types::Timestamptz, _>(since)
    .bind::<diesel::sql_types::BigInt, _>(limit)
    .load(conn)
    .await?)
}

/// Absences not over by a day, ended ones too, of these people and of the staff of these agencies, newest
/// first.
pub async fn since(
    conn: &mut Conn,
    people: &[AccountId],
    agencies: &[AgencyId],
    since: NaiveDate,
    limit: i64,
) -> Result<Vec<Absence>> {
    let all = of(people, agencies).filter(absences::until.ge(since));
    Ok(all.order((absences::since.desc(), absences::id)).limit(limit).load(conn).await?)
}

/// True when the account holds a role in the agency on that day and can sign in.
pub async fn works_in(conn: &mut Conn, account: AccountId, agency: AgencyId, day: NaiveDate) -> Result<bool> {
    #[derive(QueryableByName)]
    struct Row {
        #[diesel(sql_type = Bool)]
        works: bool,
    }
    let row: Row = diesel::sql_query(
        "SELECT EXISTS (SELECT FROM memberships m JOIN accounts a ON a.id = m.account_id \
            WHERE m.account_id = $1 AND m.agency_id = $2 AND m.since <= $3 AND (m.until IS NULL OR m.until >= $3) AND a.disabled_at IS NULL) AS works",
    )
    .bind::<SqlUuid, _>(account.0)
    .bind::<SqlUuid, _>(agency.0)
    .bind::<Date, _>(day)
    .get_result(conn)
    .await?;
    Ok(row.works)
}
