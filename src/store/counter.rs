//! Serial numbers without gaps: a counter row is locked in the transaction that uses the number,
//! so a number is taken exactly when the act commits.

use chrono::NaiveDate;
use diesel::prelude::*;
use diesel::sql_types::{Date, Int4, Text, Uuid as SqlUuid};
use diesel_async::RunQueryDsl;
use motcua_domain::ids::{AgencyId, UnitId};

use crate::{Result, Tx};

#[derive(QueryableByName)]
struct Last {
    #[diesel(sql_type = Int4)]
    last: i32,
}

/// Next serial of the unit's dossier codes on that day, from 1. Law: C01V a.19.
pub async fn next_code(tx: &mut Tx, unit: UnitId, day: NaiveDate) -> Result<i32> {
    let row: Last = diesel::sql_query(
        "INSERT INTO code_counters (unit_id, day, last) VALUES ($1, $2, 1) \
         ON CONFLICT (unit_id, day) DO UPDATE SET last = code_counters.last + 1 RETURNING last",
    )
    .bind::<SqlUuid, _>(unit.0)
    .bind::<Date, _>(day)
    .get_result(tx.conn())
    .await?;
    Ok(row.last)
}

/// Next serial in the unit's book of that year, from 1. Law: C01V a.10.
pub async fn next_book_serial(tx: &mut Tx, unit: UnitId, year: i32) -> Result<i32> {
    let row: Last = diesel::sql_query(
        "INSERT INTO book_counters (unit_id, year, last) VALUES ($1, $2, 1) \
         ON CONFLICT (unit_id, year) DO UPDATE SET last = book_counters.last + 1 RETURNING last",
    )
    .bind::<SqlUuid, _>(unit.0)
    .bind::<Int4, _>(year)
    .get_result(tx.conn())
    .await?;
    Ok(row.last)
}

/// Next number of the agency's decisions in one procedure and year, from 1.
pub async fn next_decision(tx: &mut Tx, agency: AgencyId, procedure: &str, year: i32) -> Result<i32> {
    let row: Last = diesel::sql_query(
        "INSERT INTO decision_counters (agency_id, procedure, year, last) VALUES ($1, $2, $3, 1) \
         ON CONFLICT (agency_id, procedure, year) DO UPDATE SET last = decision_counters.last + 1 RETURNING last",
    )
    .bind::<SqlUuid, _>(agency.0)
    .bind::<Text, _>(procedure)
    .bind::<Int4, _>(year)
    .get_result(tx.conn())
    .await?;
    Ok(row.last)
}
