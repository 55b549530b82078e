//! Posts: the roles people hold in the units of an agency, and for how long.

use chrono::{DateTime, NaiveDate, Utc};
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use motcua_domain::ids::{AccountId, AgencyId};
use motcua_domain::policy::Membership;
use uuid::Uuid;

use crate::schema::{accounts, memberships};
use crate::{Conn, Result, Tx};

pub async fn insert(tx: &mut Tx, id: Uuid, account: AccountId, held: &Membership) -> Result<()> {
    diesel::insert_into(memberships::table)
        .values((
            memberships::id.eq(id),
            memberships::account_id.eq(account.0),
            memberships::agency_id.eq(held.agency.0),
            memberships::unit_id.eq(held.unit.0),
            memberships::role.eq(held.role.as_str()),
            memberships::is_head.eq(held.head),
            memberships::since.eq(held.from),
            memberships::until.eq(held.until),
        ))
        .execute(tx.conn())
        .await?;
    Ok(())
}

/// Ends a post with that day. One that has not begun by then never was.
pub async fn end(tx: &mut Tx, id: Uuid, until: NaiveDate) -> Result<()> {
    let post = memberships::table.filter(memberships::id.eq(id));
    diesel::delete(post.filter(memberships::since.gt(until))).execute(tx.conn()).await?;
    diesel::update(post).set(memberships::until.eq(until)).execute(tx.conn()).await?;
    Ok(())
}

/// A post of somebody, as administrators and colleagues see it.
#[derive(Debug, Clone, Queryable)]
pub struct Placed {
    pub id: Uuid,
    pub account: Uuid,
    pub login: String,
    pub name: String,
    pub disabled_at: Option<DateTime<Utc>>,
    pub agency: Uuid,
    pub unit: Uuid,
    pub role: String,
    pub head: bool,
    pub since: NaiveDate,
    pub until: Option<NaiveDate>,
}

impl Placed {
    /// Holds the post on that day, or will.
    pub fn lasts(&self, day: NaiveDate) -> bool {
        self.until.is_none_or(|until| day <= until)
    }
}

/// Every post in these agencies, past ones too, by user name; those of one person when `login` is given.
pub async fn list(
    conn: &mut Conn,
    agencies: Option<&[AgencyId]>,
    login: Option<&str>,
) -> Result<Vec<Placed>> {
    let mut query = memberships::table
        .inner_join(accounts::table.on(accounts::id.eq(memberships::account_id)))
        .filter(accounts::kind.eq("staff"))
        .into_boxed();
    if let Some(agencies) = agencies {
        let agencies: Vec<Uuid> = agencies.iter().map(|id| id.0).collect();
        query = query.filter(memberships::agency_id.eq_any(agencies));
    }
    if let Some(login) = login {
        query = query.filter(accounts::login.eq(login.to_owned()));
    }
    Ok(query
        .order((accounts::login, memberships::since, memberships::id))
        .select((
            memberships::id,
            accounts::id,
            accounts::login,
            accounts::name,
            accounts::disabled_at,
            memberships::agency_id,
            memberships::unit_id,
            memberships::role,
            memberships::is_head,
            memberships::since,
            memberships::until,
        ))
        .load(conn)
        .await?)
}

/// Who heads that agency on a day.
pub async fn heads(conn: &mut Conn, agency: AgencyId, on: NaiveDate) -> Result<Vec<AccountId>> {
    let ids: Vec<Uuid> = memberships::table
        .filter(memberships::agency_id.eq(agency.0).and(memberships::is_head).and(memberships::since.le(on)))
        .filter(memberships::until.is_null().or(memberships::until.ge(on)))
        .select(memberships::account_id)
        .load(conn)
        .await?;
    Ok(ids.into_iter().map(AccountId).collect())
}
