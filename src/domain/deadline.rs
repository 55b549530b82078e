//! Due dates that explain themselves.
//!
//! A limit in working days counts working days only; a limit in calendar days counts every day
//! and rolls forward from a day off. The day of the event is never counted. Days on which the
//! clock stood still are not counted. Each result carries its reckoning, day by day.
//! Law: CC a.147 c.2-3, a.148 c.1, c.5-6.

use chrono::{DateTime, Datelike, Days, FixedOffset, NaiveDate, NaiveTime, TimeZone, Utc};
use serde::{Deserialize, Serialize};

use crate::calendar::{Calendar, DayKind, OfficeHours, local_date, vietnam};
use crate::text::Text;
use crate::words::words;

/// The longest limit reckoned, in days: two years.
pub const LONGEST_LIMIT: u16 = 730;

words! {
    /// The unit of a limit.
    LimitUnit {
        WorkingDays => "working_days",
        CalendarDays => "calendar_days",
    }
}

/// A time limit: `5wd` (working days) or `15cd` (calendar days), 1 to 730.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct Limit {
    #[cfg_attr(feature = "schema", schema(minimum = 1, maximum = 730))]
    pub days: u16,
    pub unit: LimitUnit,
}

impl Limit {
    pub const fn working(days: u16) -> Self {
        Self { days, unit: LimitUnit::WorkingDays }
    }

    pub const fn calendar(days: u16) -> Self {
        Self { days, unit: LimitUnit::CalendarDays }
    }
}

impl std::fmt::Display for Limit {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let unit = match self.unit {
            LimitUnit::WorkingDays => "wd",
            LimitUnit::CalendarDays => "cd",
        };
        write!(f, "{}{unit}", self.days)
    }
}

/// Why a text is not a limit.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("a limit is written like 5wd (working days) or 15cd (calendar days), from 1 to {LONGEST_LIMIT}")]
pub struct BadLimit;

impl std::str::FromStr for Limit {
    type Err = BadLimit;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let (number, unit) = if let Some(number) = text.strip_suffix("wd") {
            (number, LimitUnit::WorkingDays)
        } else if let Some(number) = text.strip_suffix("cd") {
            (number, LimitUnit::CalendarDays)
        } else {
            return Err(BadLimit);
        };
        if !number.bytes().all(|byte| byte.is_ascii_digit()) {
            return Err(BadLimit);
        }
        match number.parse() {
            Ok(days @ 1..=LONGEST_LIMIT) => Ok(Self { days, unit }),
            Ok(_) | Err(_) => Err(BadLimit),
        }
    }
}

/// Days on which the clock stood still, both ends included; open while `until` is absent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct Pause {
    pub from: NaiveDate,
    pub until: Option<NaiveDate>,
}

impl Pause {
    pub fn covers(&self, day: NaiveDate) -> bool {
        self.from <= day && self.until.is_none_or(|until| day <= until)
    }
}

words! {
    /// Why a day counts, or does not.
    DayRole {
        /// The day of the event itself. Law: CC a.147 c.2.
        Event => "event",
        Counted => "counted",
        /// A Saturday worked instead of a swapped weekday.
        CountedMakeUp => "counted_make_up",
        Weekend => "weekend",
        Holiday => "holiday",
        SwappedOff => "swapped_off",
        LocalClosure => "local_closure",
        Paused => "paused",
        /// A calendar limit that ended on a day off moves on. Law: CC a.148 c.5.
        RolledForward => "rolled_forward",
    }
}

/// One day of a reckoning.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct ReckonedDay {
    pub date: NaiveDate,
    pub role: DayRole,
    /// Which day of the limit it is, when it counts.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub number: Option<u16>,
    pub reason: Text,
}

/// A due date with everything that led to it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct DueDate {
    /// The last day of the limit; the limit ends with that day. Law: CC a.148 c.6.
    pub due_on: NaiveDate,
    /// The appointment: end of office hours on that day.
    pub due_at: DateTime<FixedOffset>,
    pub limit: Limit,
    pub received_at: DateTime<FixedOffset>,
    pub calendar_version: String,
    pub basis: Vec<String>,
    pub reckoning: Vec<ReckonedDay>,
    pub warnings: Vec<Text>,
}

/// Why no due date can be given.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NoDueDate {
    /// The clock has been standing still since the pause began.
    #[error("the clock is paused")]
    Paused,
    /// The reckoning would run past the supported dates.
    #[error("the date is out of range")]
    OutOfRange,
}

/// The general rules every reckoning rests on.
pub const BASIS: [&str; 3] = ["CC a.147 c.2", "CC a.148 c.5", "CC a.148 c.6"];

/// Reckons a due date from the instant of the event.
///
/// # Errors
/// `Paused` when a pause is still open; `OutOfRange` outside the years 2000 to 2199.
pub fn reckon(
    calendar: &Calendar,
    hours: &OfficeHours,
    received_at: DateTime<Utc>,
    limit: Limit,
    pauses: &[Pause],
) -> Result<DueDate, NoDueDate> {
    let start = local_date(received_at);
    if !(2000..2200).contains(&start.year()) {
        return Err(NoDueDate::OutOfRange);
    }
    if pauses.iter().any(|pause| pause.until.is_none()) {
        return Err(NoDueDate::Paused);
    }
    let mut days = vec![ReckonedDay {
        date: start,
        role: DayRole::Event,
        number: None,
        reason: Text::new("Ngày xảy ra sự kiện, không tính", "Day of the event, not counted"),
    }];
    let mut counted: u16 = 0;
    let mut date = start;
    while counted < limit.days {
        date = next(date)?;
        let day = judge_day(calendar, date, limit.unit, pauses, counted);
        counted = day.number.unwrap_or(counted);
        days.push(day);
    }
    // Only a calendar limit can end on a day off.
    while !calendar.day(date).works() {
        if let Some(last) = days.last_mut() {
            last.role = DayRole::RolledForward;
            last.reason = Text::new(
                format!(
                    "{}; ngày cuối rơi vào ngày nghỉ nên chuyển sang ngày làm việc kế tiếp",
                    calendar.day(date).reason().vi
                ),
                format!(
                    "{}; the last day is a day off, so it moves to the next working day",
                    calendar.day(date).reason().en
                ),
            );
        }
        date = next(date)?;
        let kind = calendar.day(date);
        days.push(ReckonedDay { date, role: role_of(&kind), number: None, reason: kind.reason() });
    }
    if let Some(last) = days.last_mut().filter(|last| last.number.is_none() && last.date != start) {
        last.role = DayRole::Counted;
        last.number = Some(limit.days);
    }
    Ok(DueDate {
        due_on: date,
        due_at: at_local(date, hours.closing()),
        limit,
        received_at: received_at.with_timezone(&vietnam()),
        calendar_version: calendar.version_for(start, date),
        basis: BASIS.iter().map(|&basis| basis.to_owned()).collect(),
        reckoning: days,
        warnings: calendar.warnings(start, date),
    })
}

fn judge_day(
    calendar: &Calendar,
    date: NaiveDate,
    unit: LimitUnit,
    pauses: &[Pause],
    counted: u16,
) -> ReckonedDay {
    if pauses.iter().any(|pause| pause.covers(date)) {
        return ReckonedDay {
            date,
            role: DayRole::Paused,
            number: None,
            reason: Text::new("Đồng hồ tạm dừng, không tính", "The clock stood still, not counted"),
        };
    }
    let kind = calendar.day(date);
    let counts = match unit {
        LimitUnit::WorkingDays => kind.works(),
        LimitUnit::CalendarDays => true,
    };
    ReckonedDay {
        date,
        role: if counts && !kind.works() { DayRole::Counted } else { role_of(&kind) },
        number: counts.then_some(counted.saturating_add(1)),
        reason: kind.reason(),
    }
}

fn role_of(kind: &DayKind) -> DayRole {
    match kind {
        DayKind::Working => DayRole::Counted,
        DayKind::MakeUp(_) => DayRole::CountedMakeUp,
        DayKind::Weekend => DayRole::Weekend,
        DayKind::Holiday(_) => DayRole::Holiday,
        DayKind::SwappedOff(_) => DayRole::SwappedOff,
        DayKind::LocalClosure(_) => DayRole::LocalClosure,
    }
}

/// When a step should be done: the end of its cumulative share, in half working days from receipt.
/// An odd share ends at noon of the next working day. Pauses push it like the whole limit.
///
/// # Errors
/// As [`reckon`].
pub fn step_due(
    calendar: &Calendar,
    hours: &OfficeHours,
    received_at: DateTime<Utc>,
    cumulative_half_days: u16,
    pauses: &[Pause],
) -> Result<DateTime<FixedOffset>, NoDueDate> {
    let days = cumulative_half_days.div_ceil(2).max(1);
    let due = reckon(calendar, hours, received_at, Limit::working(days), pauses)?;
    let time = if cumulative_half_days % 2 == 1 { hours.noon() } else { hours.closing() };
    Ok(at_local(due.due_on, time))
}

/// When a received dossier must have been forwarded: the end of the same working day, or the
/// opening of the next working day when it came after the cut-off or on a day off.
/// Law: D61 a.18 c.2.
///
/// # Errors
/// `OutOfRange` as [`reckon`].
pub fn forward_due(
    calendar: &Calendar,
    hours: &OfficeHours,
    received_at: DateTime<Utc>,
    cutoff_minutes: u16,
) -> Result<DateTime<FixedOffset>, NoDueDate> {
    let local = received_at.with_timezone(&vietnam());
    let date = local.date_naive();
    let cutoff =
        NaiveTime::from_num_seconds_from_midnight_opt(u32::from(cutoff_minutes).saturating_mul(60), 0)
            .unwrap_or(NaiveTime::MIN);
    if calendar.day(date).works() && local.time() <= cutoff {
        return Ok(at_local(date, hours.closing()));
    }
    let next_day = reckon(calendar, hours, received_at, Limit::working(1), &[])?;
    Ok(at_local(next_day.due_on, hours.opening()))
}

/// What of a deadline is marked for those who work on it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Urgency {
    Approaching,
    Breached,
}

/// Working days before a deadline from when it is approaching; a rule of this service.
const APPROACHING: i32 = 2;

/// How urgent it is with so many working days left; `late` when its hour has passed today.
pub fn urgency(days_left: i32, late: bool) -> Option<Urgency> {
    match days_left {
        _ if late => Some(Urgency::Breached),
        ..0 => Some(Urgency::Breached),
        0..=APPROACHING => Some(Urgency::Approaching),
        _ => None,
    }
}

/// Working days from `today` to `due`: 0 on the day itself, negative when it has passed.
pub fn working_days_left(calendar: &Calendar, today: NaiveDate, due: NaiveDate) -> i32 {
    let (from, to, sign) = if today <= due { (today, due, 1) } else { (due, today, -1) };
    let mut count: i32 = 0;
    let mut date = from;
    while date < to {
        let Ok(following) = next(date) else { break };
        date = following;
        if calendar.day(date).works() {
            count = count.saturating_add(1);
        }
    }
    count.saturating_mul(sign)
}

fn next(date: NaiveDate) -> Result<NaiveDate, NoDueDate> {
    let following = date.checked_add_days(Days::new(1)).ok_or(NoDueDate::OutOfRange)?;
    if following.year() < 2200 { Ok(following) } else { Err(NoDueDate::OutOfRange) }
}

/// End of office hours on a day.
pub fn closing_of(hours: &OfficeHours, date: NaiveDate) -> DateTime<FixedOffset> {
    at_local(date, hours.closing())
}

fn at_local(date: NaiveDate, time: NaiveTime) -> DateTime<FixedOffset> {
    vietnam()
        .from_local_datetime(&date.and_time(time))
        .single()
        .unwrap_or_else(|| DateTime::<Utc>::MIN_UTC.with_timezone(&vietnam()))
}

#[cfg(test)]
#[path = "deadline_tests.rs"]
mod tests;
