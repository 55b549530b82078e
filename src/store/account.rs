//! People who can sign in, and what they may do today.
//!
//! An agency and those it succeeded are one office in time: a member of the successor counts as
//! a member of its predecessors, so questions about an agency cover its whole line.

use chrono::{DateTime, NaiveDate, Utc};
use diesel::prelude::*;
use diesel::sql_types::{
    Array, Bool, Bytea, Date, Int8, Jsonb, Nullable, Text, Timestamptz, Uuid as SqlUuid,
};
use diesel_async::RunQueryDsl;
use motcua_domain::actor::{ActingFor, Actor, Staff};
use motcua_domain::agency::Officer;
use motcua_domain::ids::{AccountId, AgencyId, UnitId};
use motcua_domain::person::is_named;
use motcua_domain::policy::{Membership, Role};
use serde::Deserialize;
use uuid::Uuid;

use crate::schema::{accounts, memberships};
use crate::{Conn, Result, StoreError, Tx};

/// The agency `$1`, its successors and its predecessors, as `line (id)`.
const LINE: &str = "WITH RECURSIVE later AS (SELECT id, successor_id FROM agencies WHERE id = $1 \
     UNION SELECT a.id, a.successor_id FROM agencies a JOIN later ON a.id = later.successor_id), \
 earlier AS (SELECT id FROM agencies WHERE id = $1 UNION SELECT a.id FROM agencies a JOIN earlier ON a.successor_id = earlier.id), \
 line AS (SELECT id FROM later UNION SELECT id FROM earlier) ";

/// An account as it is kept.
#[derive(Debug, Clone, HasQuery, Insertable)]
#[diesel(table_name = accounts)]
pub struct Account {
    pub id: Uuid,
    /// `citizen` or `staff`.
    pub kind: String,
    pub login: String,
    pub name: String,
    pub email: Option<String>,
    pub language: String,
    pub password_hash: String,
    pub totp_secret: Option<String>,
    pub totp_last_step: Option<i64>,
    pub verified_at: Option<DateTime<Utc>>,
    pub disabled_at: Option<DateTime<Utc>>,
    pub created_at: DateTime<Utc>,
}

/// Adds an account. False when the login is taken.
pub async fn insert(tx: &mut Tx, account: &Account) -> Result<bool> {
    let inserted = diesel::insert_into(accounts::table)
        .values(account)
        .on_conflict((accounts::kind, accounts::login))
        .do_nothing()
        .execute(tx.conn())
        .await?;
    Ok(inserted == 1)
}

/// By login, in lower case.
pub async fn find(conn: &mut Conn, kind: &str, login: &str) -> Result<Option<Account>> {
    Ok(Account::query()
        .filter(accounts::kind.eq(kind).and(accounts::login.eq(login)))
        .first(conn)
        .await
        .optional()?)
}

pub async fn load(conn: &mut Conn, id: AccountId) -> Result<Account> {
    Ok(Account::query().filter(accounts::id.eq(id.0)).first(conn).await?)
}

/// Names of these people.
pub async fn names_of(conn: &mut Conn, people: &[AccountId]) -> Result<Vec<(AccountId, String)>> {
    let ids: Vec<Uuid> = people.iter().map(|id| id.0).collect();
    let rows: Vec<(Uuid, String)> = accounts::table
        .filter(accounts::id.eq_any(ids))
        .select((accounts::id, accounts::name))
        .load(conn)
        .await?;
    Ok(rows.into_iter().map(|(id, name)| (AccountId(id), name)).collect())
}

pub async fn set_password(tx: &mut Tx, id: AccountId, hash: &str) -> Result<()> {
    diesel::update(accounts::table.find(id.0))
        .set(accounts::password_hash.eq(hash))
        .execute(tx.conn())
        .await?;
    Ok(())
}

/// A new shared secret; codes of the old one end.
pub async fn set_totp(tx: &mut Tx, id: AccountId, secret: &str) -> Result<()> {
    diesel::update(accounts::table.find(id.0))
        .set((accounts::totp_secret.eq(secret), accounts::totp_last_step.eq(None::<i64>)))
        .execute(tx.conn())
        .await?;
    Ok(())
}

/// Takes a time step for good. False when it, or a later one, was taken before.
pub async fn take_step(tx: &mut Tx, id: AccountId, step: i64) -> Result<bool> {
    let free = accounts::totp_last_step.is_null().or(accounts::totp_last_step.lt(step));
    let changed = diesel::update(accounts::table.filter(accounts::id.eq(id.0)).filter(free))
        .set(accounts::totp_last_step.eq(step))
        .execute(tx.conn())
        .await?;
    Ok(changed == 1)
}

/// The address is proven; the first time stands.
pub async fn verify(tx: &mut Tx, id: AccountId, now: DateTime<Utc>) -> Result<()> {
    diesel::update(accounts::table.filter(accounts::id.eq(id.0).and(accounts::verified_at.is_null())))
        .set(accounts::verified_at.eq(now))
        .execute(tx.conn())
        .await?;
    Ok(())
}

/// Ends an account; what it did stays.
pub async fn disable(tx: &mut Tx, id: AccountId, now: DateTime<Utc>) -> Result<()> {
    diesel::update(accounts::table.filter(accounts::id.eq(id.0).and(accounts::disabled_at.is_null())))
        .set(accounts::disabled_at.eq(now))
        .execute(tx.conn())
        .await?;
    Ok(())
}

/// The next staff after `after` who can be told by mail and hold one of these roles today.
pub async fn reachable(
    conn: &mut Conn,
    roles: &[Role],
    today: NaiveDate,
    after: Option<AccountId>,
    limit: i64,
) -> Result<Vec<Account>> {
    let roles: Vec<&str> = roles.iter().map(|role| role.as_str()).collect();
    let holds = diesel::dsl::exists(
        memberships::table.filter(
            memberships::account_id
                .eq(accounts::id)
                .and(memberships::role.eq_any(roles))
                .and(memberships::since.le(today))
                .and(memberships::until.is_null().or(memberships::until.ge(today))),
        ),
    );
    Ok(Account::query()
        .filter(accounts::kind.eq("staff").and(accounts::disabled_at.is_null()))
        .filter(accounts::email.is_not_null().and(accounts::email.ne("")))
        .filter(accounts::id.gt(after.map_or(Uuid::nil(), |id| id.0)))
        .filter(holds)
        .order(accounts::id)
        .limit(limit)
        .load(conn)
        .await?)
}

#[derive(QueryableByName, Deserialize)]
struct HeldRow {
    #[diesel(sql_type = SqlUuid)]
    account_id: Uuid,
    #[diesel(sql_type = SqlUuid)]
    agency_id: Uuid,
    #[diesel(sql_type = Array<SqlUuid>)]
    predecessors: Vec<Uuid>,
    #[diesel(sql_type = SqlUuid)]
    unit_id: Uuid,
    #[diesel(sql_type = Text)]
    role: String,
    #[diesel(sql_type = Bool)]
    is_head: bool,
    #[diesel(sql_type = Date)]
    since: NaiveDate,
    #[diesel(sql_type = Nullable<Date>)]
    until: Option<NaiveDate>,
}

impl TryFrom<HeldRow> for Membership {
    type Error = StoreError;

    fn try_from(row: HeldRow) -> Result<Self> {
        Ok(Self {
            agency: AgencyId(row.agency_id),
            predecessors: row.predecessors.into_iter().map(AgencyId).collect(),
            unit: UnitId(row.unit_id),
            role: row.role.parse::<Role>().map_err(|_| StoreError::Bug(format!("role {}", row.role)))?,
            head: row.is_head,
            from: row.since,
            until: row.until,
        })
    }
}

/// Posts in force on day `$2` of whoever `who` names, and of the absent people whose deputy that is.
fn held(who: &str) -> String {
    format!(
        "SELECT m.account_id, m.agency_id, \
            ARRAY(WITH RECURSIVE earlier AS (SELECT id FROM agencies WHERE successor_id = m.agency_id \
                UNION SELECT a.id FROM agencies a JOIN earlier ON a.successor_id = earlier.id) SELECT id FROM earlier) AS predecessors, \
            m.unit_id, m.role, m.is_head, m.since, m.until \
         FROM memberships m \
         WHERE m.since <= $2 AND (m.until IS NULL OR m.until >= $2) AND (m.account_id = {who} OR m.account_id IN ( \
            SELECT absences.account_id FROM absences JOIN accounts ON accounts.id = absences.account_id \
            WHERE deputy_id = {who} AND absences.since <= $2 AND absences.until >= $2 AND ended_at IS NULL AND disabled_at IS NULL)) \
         ORDER BY m.account_id, m.id"
    )
}

/// The roles in force today: the person's own, and those of the absent people whose deputy they are.
pub async fn staff(conn: &mut Conn, account: AccountId, name: String, today: NaiveDate) -> Result<Staff> {
    let rows: Vec<HeldRow> =
        diesel::sql_query(held("$1")).bind::<SqlUuid, _>(account.0).bind::<Date, _>(today).load(conn).await?;
    staff_of(account, name, rows)
}

fn staff_of(account: AccountId, name: String, rows: Vec<HeldRow>) -> Result<Staff> {
    let mut staff = Staff { account, name, memberships: Vec::new(), acting_for: Vec::new() };
    for row in rows {
        let person = AccountId(row.account_id);
        let held = Membership::try_from(row)?;
        if person == account {
            staff.memberships.push(held);
        } else if let Some(absent) = staff.acting_for.last_mut().filter(|last| last.account == person) {
            absent.memberships.push(held);
        } else {
            staff.acting_for.push(ActingFor { account: person, memberships: vec![held] });
        }
    }
    Ok(staff)
}

#[derive(QueryableByName)]
struct SignedIn {
    #[diesel(sql_type = SqlUuid)]
    id: Uuid,
    #[diesel(sql_type = Text)]
    name: String,
    /// Posts of staff; none for a citizen.
    #[diesel(sql_type = Nullable<Jsonb>)]
    held: Option<serde_json::Value>,
}

/// Who holds the session with this token, with their roles today, in one statement.
pub async fn signed_in(
    conn: &mut Conn,
    token_hash: &[u8],
    now: DateTime<Utc>,
    today: NaiveDate,
) -> Result<Option<Actor>> {
    let found: Option<SignedIn> = diesel::sql_query(format!(
        "SELECT a.id, a.name, CASE WHEN a.kind = 'staff' THEN (SELECT coalesce(jsonb_agg(h), '[]') FROM ({}) h) END AS held \
         FROM sessions s JOIN accounts a ON a.id = s.account_id \
         WHERE s.token_hash = $1 AND s.expires_at > $3 AND a.disabled_at IS NULL",
        held("a.id")
    ))
    .bind::<Bytea, _>(token_hash)
    .bind::<Date, _>(today)
    .bind::<Timestamptz, _>(now)
    .get_result(conn)
    .await
    .optional()?;
    let Some(SignedIn { id, name, held }) = found else { return Ok(None) };
    let id = AccountId(id);
    let Some(held) = held else { return Ok(Some(Actor::Citizen(id))) };
    let rows = serde_json::from_value(held).map_err(|error| StoreError::Bug(error.to_string()))?;
    Ok(Some(Actor::Staff(staff_of(id, name, rows)?)))
}

/// A processing officer of the agency's line on that day. One who is absent still is one.
pub async fn officer(
    conn: &mut Conn,
    agency: AgencyId,
    account: AccountId,
    today: NaiveDate,
) -> Result<Option<Officer>> {
    #[derive(QueryableByName)]
    struct Row {
        #[diesel(sql_type = SqlUuid)]
        unit_id: Uuid,
    }
    let found: Option<Row> = diesel::sql_query(format!(
        "{LINE} SELECT m.unit_id FROM memberships m JOIN accounts a ON a.id = m.account_id \
         WHERE m.account_id = $2 AND m.agency_id IN (SELECT id FROM line) AND m.role = 'processing_officer' \
            AND m.since <= $3 AND (m.until IS NULL OR m.until >= $3) AND a.disabled_at IS NULL \
         ORDER BY m.agency_id = $1 DESC, m.since DESC, m.id LIMIT 1"
    ))
    .bind::<SqlUuid, _>(agency.0)
    .bind::<SqlUuid, _>(account.0)
    .bind::<Date, _>(today)
    .get_result(conn)
    .await
    .optional()?;
    Ok(found.map(|row| Officer { account, unit: UnitId(row.unit_id) }))
}

#[derive(QueryableByName)]
struct NamedRow {
    #[diesel(sql_type = SqlUuid)]
    id: Uuid,
    #[diesel(sql_type = Text)]
    name: String,
}

/// Staff of the agency's line, past or present, whom a text names, however it is typed.
/// A text of one word names nobody: a family name alone would fit half the office.
pub async fn staff_named(conn: &mut Conn, agency: AgencyId, name: &str) -> Result<Vec<AccountId>> {
    let people: Vec<NamedRow> = diesel::sql_query(format!(
        "{LINE} SELECT DISTINCT a.id, a.name FROM accounts a JOIN memberships m ON m.account_id = a.id WHERE m.agency_id IN (SELECT id FROM line) ORDER BY a.id"
    ))
    .bind::<SqlUuid, _>(agency.0)
    .load(conn)
    .await?;
    Ok(people
        .into_iter()
        .filter(|person| is_named(name, &person.name))
        .map(|person| AccountId(person.id))
        .collect())
}

/// An officer work could be given to.
#[derive(Debug, Clone, PartialEq, Eq, QueryableByName)]
pub struct Suggestion {
    #[diesel(sql_type = SqlUuid)]
    pub account: Uuid,
    #[diesel(sql_type = Text)]
    pub name: String,
    #[diesel(sql_type = SqlUuid)]
    pub unit: Uuid,
    /// Open dossiers assigned.
    #[diesel(sql_type = Int8)]
    pub load: i64,
    /// Absent today, and until when.
    #[diesel(sql_type = Nullable<Date>)]
    pub absent_until: Option<NaiveDate>,
}

/// Processing officers of the agency's line, by how much they have in hand.
pub async fn suggestions(conn: &mut Conn, agency: AgencyId, today: NaiveDate) -> Result<Vec<Suggestion>> {
    Ok(diesel::sql_query(format!(
        "{LINE} SELECT a.id AS account, a.name, o.unit, \
            (SELECT count(*) FROM dossiers d WHERE d.assignee_id = a.id AND d.ended_at IS NULL AND d.state <> 'draft') AS load, \
            (SELECT max(until) FROM absences b WHERE b.account_id = a.id AND b.since <= $2 AND b.until >= $2 AND b.ended_at IS NULL) AS absent_until \
         FROM accounts a JOIN (SELECT DISTINCT ON (account_id) account_id, unit_id AS unit FROM memberships \
            WHERE agency_id IN (SELECT id FROM line) AND role = 'processing_officer' AND since <= $2 AND (until IS NULL OR until >= $2) \
            ORDER BY account_id, agency_id = $1 DESC, since DESC, id) o ON o.account_id = a.id \
         WHERE a.disabled_at IS NULL ORDER BY load, a.name, a.id"
    ))
    .bind::<SqlUuid, _>(agency.0)
    .bind::<Date, _>(today)
    .load(conn)
    .await?)
}

/// A member of staff with one of their roles, as the command line lists them.
#[derive(Debug, Clone, QueryableByName)]
pub struct Listed {
    #[diesel(sql_type = Text)]
    pub login: String,
    #[diesel(sql_type = Text)]
    pub name: String,
    #[diesel(sql_type = Bool)]
    pub disabled: bool,
    /// `role unit-name (agency-key)`, one per role in force.
    #[diesel(sql_type = Array<Text>)]
    pub roles: Vec<String>,
}

pub async fn list_staff(conn: &mut Conn, today: NaiveDate) -> Result<Vec<Listed>> {
    Ok(diesel::sql_query(
        "SELECT a.login, a.name, a.disabled_at IS NOT NULL AS disabled, \
            ARRAY(SELECT m.role || ' · ' || u.name_vi || ' (' || g.key || ')' FROM memberships m \
                JOIN units u ON u.id = m.unit_id JOIN agencies g ON g.id = m.agency_id \
                WHERE m.account_id = a.id AND m.since <= $1 AND (m.until IS NULL OR m.until >= $1) ORDER BY m.id) AS roles \
         FROM accounts a WHERE a.kind = 'staff' ORDER BY a.login",
    )
    .bind::<Date, _>(today)
    .load(conn)
    .await?)
}
