//! The register of enforcement matters.

use std::collections::BTreeSet;

use chrono::{DateTime, NaiveDate, Utc};
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use motcua_domain::ids::{AgencyId, DossierId, MatterId};
use motcua_domain::matter::{Judgment, Matter, Party, PartyRole};
use motcua_domain::person::fold;
use uuid::Uuid;

use crate::json::Json;
use crate::schema::{matter_events, matters};
use crate::{Conn, Result, StoreError, Tx};

#[derive(Insertable, AsChangeset)]
#[diesel(table_name = matters)]
struct MatterRow<'a> {
    id: Uuid,
    version: i64,
    agency_id: Uuid,
    decision_number: Option<&'a str>,
    decided_on: NaiveDate,
    judgment_key: String,
    officer_id: Option<Uuid>,
    state: &'a str,
    opened_by: Option<Uuid>,
    body: serde_json::Value,
    updated_at: DateTime<Utc>,
}

/// What two mentions of one judgment have in common, however they are typed.
pub fn judgment_key(judgment: &Judgment) -> String {
    let date = judgment.date.map(|date| date.to_string()).unwrap_or_default();
    let squeeze = |text: &str| fold(text).chars().filter(|c| c.is_alphanumeric()).collect::<String>();
    format!("{}|{date}|{}", squeeze(&judgment.number), squeeze(&judgment.court))
}

fn row(matter: &Matter, at: DateTime<Utc>) -> Result<MatterRow<'_>> {
    Ok(MatterRow {
        id: matter.id.0,
        version: matter.version,
        agency_id: matter.agency.0,
        decision_number: matter.decision_number.as_deref(),
        decided_on: matter.decided_on,
        judgment_key: judgment_key(&matter.judgment),
        officer_id: matter.officer.map(|officer| officer.account.0),
        state: matter.state.as_str(),
        opened_by: matter.opened_by.map(|id| id.0),
        body: serde_json::to_value(matter).map_err(|error| StoreError::Bug(error.to_string()))?,
        updated_at: at,
    })
}

pub async fn insert(tx: &mut Tx, matter: &Matter, at: DateTime<Utc>) -> Result<()> {
    diesel::insert_into(matters::table).values(row(matter, at)?).execute(tx.conn()).await?;
    Ok(())
}

/// Saves a changed matter and records which dossier's result changed it.
pub async fn save(
    tx: &mut Tx,
    matter: &Matter,
    by: Option<DossierId>,
    kind: &str,
    body: serde_json::Value,
    at: DateTime<Utc>,
) -> Result<()> {
    let changed = diesel::update(
        matters::table
            .filter(matters::id.eq(matter.id.0).and(matters::version.eq(matter.version.saturating_sub(1)))),
    )
    .set(row(matter, at)?)
    .execute(tx.conn())
    .await?;
    if changed != 1 {
        return Err(StoreError::Conflict("matters_version".to_owned()));
    }
    diesel::insert_into(matter_events::table)
        .values((
            matter_events::matter_id.eq(matter.id.0),
            matter_events::seq.eq(matter.version),
            matter_events::at.eq(at),
            matter_events::dossier_id.eq(by.map(|id| id.0)),
            matter_events::kind.eq(kind),
            matter_events::body.eq(body),
        ))
        .execute(tx.conn())
        .await?;
    Ok(())
}

/// A matter of the register.
pub async fn find(conn: &mut Conn, id: MatterId) -> Result<Option<Matter>> {
    let found: Option<Json<Matter>> =
        matters::table.filter(matters::id.eq(id.0)).select(matters::body).first(conn).await.optional()?;
    Ok(found.map(|Json(matter)| matter))
}

/// Locks a matter for change.
pub async fn lock(tx: &mut Tx, id: MatterId) -> Result<Matter> {
    let Json(matter) = matters::table
        .filter(matters::id.eq(id.0))
        .select(matters::body)
        .for_update()
        .first(tx.conn())
        .await?;
    Ok(matter)
}

/// By the number of its enforcement decision, as people type it.
pub async fn find_by_decision(
    conn: &mut Conn,
    agencies: &[AgencyId],
    number: &str,
) -> Result<Option<Matter>> {
    let agencies: Vec<Uuid> = agencies.iter().map(|id| id.0).collect();
    let found: Option<Json<Matter>> = matters::table
        .filter(
            diesel::dsl::sql::<diesel::sql_types::Bool>("lower(decision_number) = lower(")
                .bind::<diesel::sql_types::Text, _>(number.trim())
                .sql(")"),
        )
        .filter(matters::agency_id.eq_any(agencies))
        .select(matters::body)
        .first(conn)
        .await
        .optional()?;
    Ok(found.map(|Json(matter)| matter))
}

/// Number of a decision the register of these agencies has for the same judgment against one of the
/// same debtors, other than this dossier's own.
pub async fn similar_decision(
    conn: &mut Conn,
    agencies: &[AgencyId],
    judgment: &Judgment,
    parties: &[Party],
    not_by: DossierId,
) -> Result<Option<String>> {
    if judgment.number.trim().is_empty() {
        return Ok(None);
    }
    let agencies: Vec<Uuid> = agencies.iter().map(|id| id.0).collect();
    let found: Vec<Json<Matter>> = matters::table
        .filter(matters::judgment_key.eq(judgment_key(judgment)))
        .filter(matters::agency_id.eq_any(agencies))
        .filter(matters::opened_by.is_null().or(matters::opened_by.ne(not_by.0)))
        .filter(matters::decision_number.is_not_null())
        .order(matters::decided_on.desc())
        .select(matters::body)
        .load(conn)
        .await?;
    let against = debtors(parties);
    Ok(found
        .into_iter()
        .find(|Json(matter)| !debtors(&matter.parties).is_disjoint(&against))
        .and_then(|Json(matter)| matter.decision_number))
}

/// The debtors' names, however they are typed.
fn debtors(parties: &[Party]) -> BTreeSet<String> {
    parties
        .iter()
        .filter(|party| party.role == PartyRole::Debtor)
        .map(|party| fold(&party.full_name))
        .collect()
}

/// Matters of these agencies, newest first, by a part of the decision number when given.
pub async fn list(
    conn: &mut Conn,
    agencies: &[AgencyId],
    number: Option<&str>,
    limit: i64,
) -> Result<Vec<Matter>> {
    let agencies: Vec<Uuid> = agencies.iter().map(|id| id.0).collect();
    let mut query = matters::table
        .filter(matters::agency_id.eq_any(agencies))
        .select(matters::body)
        .order((matters::decided_on.desc(), matters::id))
        .limit(limit)
        .into_boxed();
    if let Some(number) = number {
        let escaped = number.replace('\\', "\\\\").replace('%', "\\%").replace('_', "\\_");
        query = query.filter(matters::decision_number.ilike(format!("%{escaped}%")));
    }
    let found: Vec<Json<Matter>> = query.load(conn).await?;
    Ok(found.into_iter().map(|Json(matter)| matter).collect())
}
