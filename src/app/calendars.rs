//! Calendars: which edition of each year is in force, and changing one. What a change does to open
//! dossiers is shown first; confirmed, a new edition is installed and a job reckons them anew.

use chrono::{DateTime, Datelike, NaiveDate, NaiveTime, TimeDelta, TimeZone, Utc, Weekday};
use motcua_domain::calendar::{Calendar, CalendarYear, DayChange, EntryKind, vietnam};
use motcua_domain::dossier::Dossier;
use motcua_domain::dossier::event::Event;
use motcua_domain::dossier::facts::Office;
use motcua_domain::dossier::recalendar::due_date_moved;
use motcua_domain::error_code::{ErrorCode, FieldError};
use motcua_domain::ids::DossierId;
use motcua_domain::person::is_safe_text;
use motcua_domain::text::Text;
use motcua_store::upkeep::{self, OpenRow};
use motcua_store::{Conn, StoreError, catalogue};
use serde_json::json;

use crate::jobs::Work;
use crate::rules::Rules;
use crate::{Ctx, Error, Result, administration, record};

const LONGEST: usize = 500;
const AT_ONCE: i64 = 5000;
/// A preview looks at no more dossiers than this; the change itself has no limit.
const MOST_PREVIEWED: usize = 20_000;
/// Named in a preview; the rest are counted.
const MOST_NAMED: usize = 100;

/// Days that are to change within one year, and where that is said.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Proposal {
    /// The edition in force when the change was written.
    pub based_on: String,
    /// A day, and the one worked for it when there is one.
    pub changes: Vec<DayChange>,
    pub source: String,
}

/// A dossier whose dates move. Its code and its dates: an administrator reads no dossier.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Move {
    pub code: String,
    /// The appointment, before and after, when it moves.
    pub due_on: Option<(NaiveDate, NaiveDate)>,
    /// What is next to be done, before and after.
    pub next: (Option<DateTime<Utc>>, DateTime<Utc>),
}

/// What a change would do.
#[derive(Debug, Clone)]
pub struct Preview {
    pub year: CalendarYear,
    /// The first of them.
    pub moves: Vec<Move>,
    pub count: usize,
    /// There are more dossiers than were looked at.
    pub cut: bool,
}

/// The edition of each year in force.
///
/// # Errors
/// Not found for whoever administers nothing.
pub fn years(ctx: &Ctx) -> Result<Vec<CalendarYear>> {
    administration::of(ctx)?;
    Ok(ctx.app.rules().calendar.years().cloned().collect())
}

/// What the change would move. Nothing is kept.
///
/// # Errors
/// Not found for whoever does not keep the calendar; all wrong fields at once.
pub async fn preview(ctx: &Ctx, proposal: &Proposal) -> Result<Preview> {
    let (year, since) = draft(ctx, proposal).await?;
    let rules = ctx.app.rules();
    let calendar = rules.calendar.with(year.clone());
    let mut found = Preview { year, moves: Vec::new(), count: 0, cut: false };
    let (mut after, mut seen) = (None, 0_usize);
    let mut conn = ctx.app.conn().await?;
    loop {
        let rows = due_since(&mut conn, since, after, AT_ONCE).await?;
        let Some(last) = rows.last() else { break };
        after = Some(last.id);
        seen = seen.saturating_add(rows.len());
        for row in &rows {
            let Some(this) = moved(&rules, &calendar, &row.dossier, &found.year.version)? else { continue };
            found.count = found.count.saturating_add(1);
            if found.moves.len() < MOST_NAMED {
                found.moves.extend(told(&row.dossier, &this));
            }
        }
        if i64::try_from(rows.len()).is_ok_and(|count| count < AT_ONCE) {
            break;
        }
        if seen >= MOST_PREVIEWED {
            found.cut = true;
            break;
        }
    }
    Ok(found)
}

/// Installs the changed year and has open dossiers reckoned anew. Its edition.
///
/// # Errors
/// As [`preview`]; wrong at the date when the year was changed meanwhile.
pub async fn change(ctx: &Ctx, proposal: &Proposal) -> Result<String> {
    let (year, since) = draft(ctx, proposal).await?;
    let content = serde_json::to_string(&year)?;
    let version = year.version;
    let mut tx = ctx.app.begin("change_calendar").await?;
    let (id, now) = (ctx.app.new_id(), ctx.now());
    match catalogue::install_calendar(&mut tx, id, year.year, &version, &content, now).await {
        Ok(true) => {}
        Ok(false) | Err(StoreError::Conflict(_)) => return Err(meanwhile()),
        Err(error) => return Err(error.into()),
    }
    let body = json!({ "year": year.year, "based_on": proposal.based_on, "changes": proposal.changes, "source": proposal.source });
    let doer = ctx.actor.doer(None);
    record::administration(ctx, &mut tx, &doer, "service", "calendar.changed", &version, &body).await?;
    // Other processes take the new edition up within ten seconds; what they reckoned by the former one
    // until then is found by the second look.
    let work = |again| Work::MoveDueDates { since, version: version.clone(), again, after: None };
    work(false).enqueue(&ctx.app, &mut tx).await?;
    work(true).enqueue_for(&ctx.app, &mut tx, ctx.app.after(TimeDelta::minutes(1))).await?;
    tx.commit().await?;
    ctx.app.refresh_rules().await?;
    Ok(version)
}

fn meanwhile() -> Error {
    let text = Text::new(
        "Lịch năm này vừa được người khác thay đổi. Hãy xem lại rồi gửi lần nữa.",
        "Somebody else has just changed this year. Look again and send it once more.",
    );
    Error::fields(vec![FieldError::new("/date", ErrorCode::FieldInvalid, text)])
}

/// The year as it would be, and the first day that changes.
async fn draft(ctx: &Ctx, proposal: &Proposal) -> Result<(CalendarYear, NaiveDate)> {
    administration::shared(ctx)?;
    ctx.app.refresh_rules().await?;
    let rules = ctx.app.rules();
    let first = proposal.changes.first().ok_or_else(|| Error::field("/date", ErrorCode::FieldRequired))?;
    let Some(year) = rules.calendar.year(first.date.year()) else {
        return Err(Error::field("/date", ErrorCode::FieldChoice));
    };
    if year.version != proposal.based_on {
        return Err(meanwhile());
    }
    let mut errors = Vec::new();
    let mut want = |pointer: &str, holds: bool, code| {
        if !holds {
            errors.push(FieldError::plain(pointer, code));
        }
    };
    for (at, change) in proposal.changes.iter().enumerate() {
        let pointer = if at == 0 { "/date" } else { "/makeup" };
        let weekend = matches!(change.date.weekday(), Weekday::Sat | Weekday::Sun);
        want(pointer, change.date >= ctx.today(), ErrorCode::FieldTooSmall);
        want(pointer, change.date.year() == year.year, ErrorCode::FieldChoice);
        want(pointer, change.kind != Some(EntryKind::SwapWork) || weekend, ErrorCode::FieldInvalid);
        want(pointer, change.kind != Some(EntryKind::SwapOff) || !weekend, ErrorCode::FieldInvalid);
        // An office that closes alone is no matter of the national calendar.
        want(pointer, change.kind != Some(EntryKind::LocalClosure), ErrorCode::FieldInvalid);
        if at == 0 {
            want("/name", change.kind.is_none() || !change.name.vi.is_empty(), ErrorCode::FieldRequired);
        }
        let said = format!("{}{}", change.name.vi, change.name.en);
        want("/name", said.chars().count() <= LONGEST, ErrorCode::FieldTooLong);
        want("/name", is_safe_text(&said), ErrorCode::FieldFormat);
    }
    want("/source", !proposal.source.trim().is_empty(), ErrorCode::FieldRequired);
    want("/source", proposal.source.chars().count() <= LONGEST, ErrorCode::FieldTooLong);
    want("/source", is_safe_text(&proposal.source), ErrorCode::FieldFormat);
    if !errors.is_empty() {
        return Err(Error::fields(errors));
    }
    let since = proposal.changes.iter().map(|change| change.date).min().unwrap_or(first.date);
    Ok((year.changed(&proposal.changes, proposal.source.trim()), since))
}

/// Open dossiers with anything due on that day or later: no other is touched by a change on it.
pub(crate) async fn due_since(
    conn: &mut Conn,
    day: NaiveDate,
    after: Option<DossierId>,
    limit: i64,
) -> Result<Vec<OpenRow>> {
    let midnight = vietnam().from_local_datetime(&day.and_time(NaiveTime::MIN)).single();
    let midnight = midnight.map_or(DateTime::<Utc>::MIN_UTC, |at| at.with_timezone(&Utc));
    Ok(upkeep::due_from(conn, day, midnight, after, limit).await?)
}

/// What happens to a dossier under that calendar.
pub(crate) fn moved(
    rules: &Rules,
    calendar: &Calendar,
    dossier: &Dossier,
    version: &str,
) -> Result<Option<Event>> {
    let definition = &rules.version(dossier.procedure_version)?.definition;
    let hours = rules.office(dossier.agency)?.agency.hours;
    Ok(due_date_moved(dossier, &Office { definition, calendar, hours }, version))
}

fn told(dossier: &Dossier, event: &Event) -> Option<Move> {
    let Event::DueDateMoved { clock, former_due_on, due_at, .. } = event else { return None };
    let due_on = former_due_on.zip(clock.as_ref().map(|clock| clock.due_on));
    Some(Move { code: dossier.known_as().to_owned(), due_on, next: (dossier.next_due_at, *due_at) })
}
