//! Numbers people wait by at a counter: drawn one after the other each day, called in the same order.

use chrono::{DateTime, NaiveDate, Utc};
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use motcua_domain::ids::UnitId;

use crate::schema::{units, waiting_numbers as w};
use crate::{Conn, Result, Tx};

/// A number that was called.
#[derive(Debug, Clone, PartialEq, Eq, Queryable)]
pub struct Called {
    pub number: i32,
    pub place: Option<String>,
    pub at: Option<DateTime<Utc>>,
}

/// Draws the next number of the day. Whoever draws at the same moment waits for this transaction.
pub async fn draw(tx: &mut Tx, unit: UnitId, day: NaiveDate, at: DateTime<Utc>) -> Result<i32> {
    hold(tx, unit).await?;
    let last: Option<i32> = w::table
        .filter(w::unit_id.eq(unit.0).and(w::day.eq(day)))
        .select(diesel::dsl::max(w::number))
        .first(tx.conn())
        .await?;
    let number = last.unwrap_or_default().saturating_add(1);
    diesel::insert_into(w::table)
        .values((w::unit_id.eq(unit.0), w::day.eq(day), w::number.eq(number), w::drawn_at.eq(at)))
        .execute(tx.conn())
        .await?;
    Ok(number)
}

/// Calls the lowest number nobody has called; none when nobody waits. Two counters never call the same.
pub async fn call(
    tx: &mut Tx,
    unit: UnitId,
    day: NaiveDate,
    place: &str,
    at: DateTime<Utc>,
) -> Result<Option<i32>> {
    hold(tx, unit).await?;
    let waiting = w::table.filter(w::unit_id.eq(unit.0).and(w::day.eq(day)).and(w::called_at.is_null()));
    let next: Option<i32> = waiting.select(diesel::dsl::min(w::number)).first(tx.conn()).await?;
    if let Some(number) = next {
        diesel::update(w::table.find((unit.0, day, number)))
            .set((w::called_at.eq(at), w::place.eq(place)))
            .execute(tx.conn())
            .await?;
    }
    Ok(next)
}

async fn hold(tx: &mut Tx, unit: UnitId) -> Result<()> {
    let held = units::table.find(unit.0).select(units::id).for_no_key_update();
    held.first::<uuid::Uuid>(tx.conn()).await?;
    Ok(())
}

/// The last numbers called, the newest first, and how many wait.
pub async fn standing(
    conn: &mut Conn,
    unit: UnitId,
    day: NaiveDate,
    limit: i64,
) -> Result<(Vec<Called>, i64)> {
    let of_day = || w::table.filter(w::unit_id.eq(unit.0).and(w::day.eq(day)));
    let called = of_day()
        .filter(w::called_at.is_not_null())
        .order((w::called_at.desc(), w::number.desc()))
        .limit(limit)
        .select((w::number, w::place, w::called_at))
        .load(conn)
        .await?;
    let waiting = of_day().filter(w::called_at.is_null()).count().get_result(conn).await?;
    Ok((called, waiting))
}
