//! Scheduled work: each piece becomes a job when its hour has come, put there by whichever process
//! asks first. Rules installed meanwhile are taken up here too, in every process.

use chrono::{DateTime, DurationRound, NaiveDate, NaiveTime, TimeDelta, TimeZone, Utc};
use motcua_domain::calendar::{Calendar, local_date, vietnam};
use motcua_domain::dossier::extension::working_day_after;
use motcua_store::upkeep::take_turn;

use super::Work;
use crate::{App, Result};

/// What is done every hour, on the hour.
const HOURLY: [Work; 2] = [Work::SealAudit {}, Work::Purge {}];
/// When staff are told what is due, in Việt Nam, on working days.
const MORNING: u32 = 8;
/// When the audit record is proven, in Việt Nam, every day.
const NIGHT: u32 = 2;

pub(super) async fn round(app: &App) -> Result<()> {
    app.refresh_rules().await?;
    let mut tx = app.begin("schedule").await?;
    let now = app.now();
    for work in HOURLY {
        if take_turn(&mut tx, work.kind(), now, next_hour(now)).await? {
            work.enqueue(app, &mut tx).await?;
        }
    }
    let today = local_date(now);
    let rules = app.rules();
    // An office that opens outside the working morning, or on a day off, waits for the next one.
    if take_turn(&mut tx, "remind_due", now, next_morning(&rules.calendar, now)).await?
        && rules.calendar.day(today).works()
        && now >= at(today, MORNING)
    {
        Work::RemindDue { on: today, after: None }.enqueue(app, &mut tx).await?;
    }
    if take_turn(&mut tx, "verify_audit", now, next_night(now)).await? {
        Work::VerifyAudit { on: today, after: String::new() }.enqueue(app, &mut tx).await?;
    }
    tx.commit().await?;
    Ok(())
}

fn next_hour(now: DateTime<Utc>) -> DateTime<Utc> {
    let hour = TimeDelta::hours(1);
    now.duration_trunc(hour).unwrap_or(now).checked_add_signed(hour).unwrap_or(now)
}

fn at(day: NaiveDate, hour: u32) -> DateTime<Utc> {
    let time = NaiveTime::from_hms_opt(hour, 0, 0).unwrap_or_default();
    vietnam()
        .from_local_datetime(&day.and_time(time))
        .single()
        .map_or(DateTime::<Utc>::MAX_UTC, |at| at.with_timezone(&Utc))
}

/// The next morning of a working day that has not begun yet.
fn next_morning(calendar: &Calendar, now: DateTime<Utc>) -> DateTime<Utc> {
    let today = local_date(now);
    if calendar.day(today).works() && now < at(today, MORNING) {
        return at(today, MORNING);
    }
    at(working_day_after(calendar, today, 1).unwrap_or(today), MORNING)
}

fn next_night(now: DateTime<Utc>) -> DateTime<Utc> {
    let today = local_date(now);
    let tonight = at(today, NIGHT);
    if now < tonight { tonight } else { at(today.succ_opt().unwrap_or(today), NIGHT) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_morning_is_that_of_the_next_working_day() {
        let calendar = Calendar::new([]);
        let next = |now: &str| next_morning(&calendar, now.parse().unwrap()).to_rfc3339();
        // Friday at seven, Friday at eight, Saturday, in Việt Nam.
        assert_eq!(next("2026-11-27T00:00:00Z"), "2026-11-27T01:00:00+00:00");
        assert_eq!(next("2026-11-27T01:00:00Z"), "2026-11-30T01:00:00+00:00");
        assert_eq!(next("2026-11-28T00:00:00Z"), "2026-11-30T01:00:00+00:00");
    }

    #[test]
    fn the_night_is_the_next_one() {
        let next = |now: &str| next_night(now.parse().unwrap()).to_rfc3339();
        assert_eq!(next("2026-11-26T18:00:00Z"), "2026-11-26T19:00:00+00:00");
        assert_eq!(next("2026-11-26T19:00:00Z"), "2026-11-27T19:00:00+00:00");
    }
}
