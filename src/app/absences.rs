//! Absences: someone is away between two dates, and a named colleague acts in their name.
//! While one runs, what the deputy does is recorded with both names.

use std::collections::BTreeMap;

use chrono::{DateTime, Days, NaiveDate, Utc};
use motcua_domain::dossier::event::Event;
use motcua_domain::error_code::{ErrorCode, FieldError};
use motcua_domain::ids::{AccountId, AgencyId, UnitId};
use motcua_domain::person::{fold, is_safe_text};
use motcua_domain::policy::absence::{arrange, led};
use motcua_domain::policy::permit::Denied;
use motcua_domain::policy::{Ground, Scope, Verdict};
use motcua_domain::text::Text;
use motcua_store::absence::{self as store, Absence};
use motcua_store::{Conn, account, post, queue};
use serde::{Deserialize, Serialize};
use serde_json::json;
use uuid::Uuid;

use crate::idempotency::Ticket;
use crate::lists::{Filter, LineView};
use crate::{Ctx, Error, Result, administration, lists, record};

/// Longer than this is no absence but a change of post.
const LONGEST_DAYS: i64 = 366;
const MOST_LISTED: i64 = 500;
/// Dossiers shown by name in a report.
const MOST_SHOWN: usize = 200;
/// Absences over longer ago are no longer listed.
const REMEMBERED_DAYS: Days = Days::new(90);

/// An absence to arrange.
#[derive(Debug, Clone)]
pub struct NewAbsence {
    /// The caller when absent.
    pub account: Option<AccountId>,
    pub deputy: AccountId,
    pub from: NaiveDate,
    /// Last day.
    pub until: NaiveDate,
    pub reason: String,
}

/// An absence as staff see it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct AbsenceView {
    pub id: Uuid,
    pub account: AccountId,
    pub account_name: String,
    pub deputy: AccountId,
    pub deputy_name: String,
    pub from: NaiveDate,
    /// Last day.
    pub until: NaiveDate,
    pub reason: String,
    pub created_by: AccountId,
    pub created_at: DateTime<Utc>,
    pub ended_at: Option<DateTime<Utc>>,
}

/// Arranges an absence with a deputy of the same agency.
///
/// # Errors
/// All wrong fields at once; not permitted for a colleague unless one leads the agency.
pub async fn arrange_absence(ctx: &Ctx, ticket: &Ticket, input: NewAbsence) -> Result<AbsenceView> {
    let me = ctx.actor.staff().ok_or_else(|| Error::of(ErrorCode::NotPermitted))?.account;
    check(ctx, &input)?;
    let person = input.account.unwrap_or(me);
    let mut tx = ctx.app.begin("arrange_absence").await?;
    if let Some(answer) = ticket.claim(ctx, &mut tx).await? {
        return Ok(answer);
    }
    // Someone the caller may not know of is no choice, like anyone made up.
    let (agency, ground) = allowed(ctx, tx.conn(), person).await.map_err(|error| {
        if error.code == ErrorCode::NotFound {
            Error::field("/account", ErrorCode::FieldChoice)
        } else {
            error
        }
    })?;
    if person == input.deputy || !store::works_in(tx.conn(), input.deputy, agency, ctx.today()).await? {
        let text = Text::new(
            "Người được ủy quyền phải là đồng nghiệp trong cùng cơ quan.",
            "The deputy must be a colleague in the same agency.",
        );
        return Err(Error::fields(vec![FieldError::new("/deputy", ErrorCode::FieldChoice, text)]));
    }
    let absence = Absence {
        id: ctx.app.new_id(),
        account_id: person.0,
        deputy_id: input.deputy.0,
        since: input.from,
        until: input.until,
        reason: input.reason.trim().to_owned(),
        created_by: me.0,
        created_at: ctx.now(),
        ended_at: None,
    };
    store::insert(&mut tx, &absence).await?;
    let body = json!({ "absence": absence.id, "deputy": absence.deputy_id, "from": absence.since, "until": absence.until });
    record::administration(
        ctx,
        &mut tx,
        &ctx.actor.doer(ground.acting_for),
        &agency.to_string(),
        "absence.arranged",
        &person.to_string(),
        &body,
    )
    .await?;
    let view = view(tx.conn(), absence).await?;
    ticket.answer(&mut tx, &view).await?;
    tx.commit().await?;
    Ok(view)
}

fn check(ctx: &Ctx, input: &NewAbsence) -> Result<()> {
    let mut errors = Vec::new();
    let mut want = |pointer: &str, holds: bool, code| {
        if !holds {
            errors.push(FieldError::plain(pointer, code));
        }
    };
    want("/until", input.until >= ctx.today(), ErrorCode::FieldTooSmall);
    want("/until", input.from <= input.until, ErrorCode::FieldTooSmall);
    want(
        "/until",
        input.until.signed_duration_since(input.from).num_days() < LONGEST_DAYS,
        ErrorCode::FieldTooLarge,
    );
    want("/reason", input.reason.chars().count() <= 500, ErrorCode::FieldTooLong);
    want("/reason", is_safe_text(&input.reason), ErrorCode::FieldFormat);
    if errors.is_empty() { Ok(()) } else { Err(Error::fields(errors)) }
}

/// The agency of the person the caller may arrange absences in, and on what ground.
async fn allowed(ctx: &Ctx, conn: &mut Conn, person: AccountId) -> Result<(AgencyId, Ground)> {
    let today = ctx.today();
    let person = account::staff(conn, person, String::new(), today).await?;
    let mut denied = Denied::Hidden;
    for held in &person.memberships {
        match arrange(&ctx.actor, person.account, held.agency, today) {
            Verdict::Allow(ground) => return Ok((held.agency, ground)),
            Verdict::Forbid(code) => denied = Denied::Forbidden(code),
            Verdict::Hide => {}
        }
    }
    Err(denied.into())
}

/// Absences that run or will: one's own, those one is deputy for, and of agencies one leads all.
///
/// # Errors
/// Not permitted for anyone but staff.
pub async fn list_absences(ctx: &Ctx) -> Result<Vec<AbsenceView>> {
    let me = ctx.actor.staff().ok_or_else(|| Error::of(ErrorCode::NotPermitted))?.account;
    let mut conn = ctx.app.conn().await?;
    let agencies = led(&ctx.actor, ctx.today());
    let absences = store::list(&mut conn, &[me], &agencies, ctx.today(), MOST_LISTED).await?;
    named(&mut conn, absences).await
}

/// Absences of the last [`REMEMBERED_DAYS`], newest first: those that run or will, and those that are over.
///
/// # Errors
/// Not permitted for anyone but staff.
pub async fn lately(ctx: &Ctx) -> Result<(Vec<AbsenceView>, Vec<AbsenceView>)> {
    let me = ctx.actor.staff().ok_or_else(|| Error::of(ErrorCode::NotPermitted))?.account;
    let mut conn = ctx.app.conn().await?;
    let (agencies, today) = (led(&ctx.actor, ctx.today()), ctx.today());
    let since = today.checked_sub_days(REMEMBERED_DAYS).unwrap_or(today);
    let absences = store::since(&mut conn, &[me], &agencies, since, MOST_LISTED).await?;
    let all = named(&mut conn, absences).await?;
    Ok(all.into_iter().partition(|one| one.until >= today && one.ended_at.is_none()))
}

async fn named(conn: &mut Conn, absences: Vec<Absence>) -> Result<Vec<AbsenceView>> {
    let people: Vec<AccountId> =
        absences.iter().flat_map(|one| [AccountId(one.account_id), AccountId(one.deputy_id)]).collect();
    let names = account::names_of(conn, &people).await?;
    Ok(absences.into_iter().map(|one| show(one, &names)).collect())
}

/// What an absence moved: the dossiers that stand in the absent person's name, and what the deputy did.
#[derive(Debug, Clone)]
pub struct Report {
    pub absence: AbsenceView,
    /// Open now in the absent person's name, most urgent first, as far as the caller sees them.
    pub held: Vec<LineView>,
    /// There are more.
    pub more: bool,
    /// Acts of the deputy in that name on dossiers the caller sees, newest first.
    pub done: Vec<Done>,
}

/// One act of a deputy.
#[derive(Debug, Clone)]
pub struct Done {
    pub at: DateTime<Utc>,
    pub event: Event,
    pub dossier: LineView,
}

/// What an absence moved, for the absent, the deputy, and who leads their agency.
///
/// # Errors
/// Not found for an absence the caller may not see.
pub async fn report(ctx: &Ctx, id: Uuid) -> Result<Report> {
    let (current, past) = lately(ctx).await?;
    let absence = current.into_iter().chain(past).find(|one| one.id == id).ok_or_else(Error::not_found)?;
    let scope = Scope::of(&ctx.actor, ctx.today());
    let mut conn = ctx.app.conn().await?;
    let filter = Filter { assignee: Some(absence.account), ..Filter::default() };
    let held = queue::open(&mut conn, &scope, &filter, None, MOST_SHOWN).await?;
    let since = absence.created_at;
    let done = store::deputised(&mut conn, absence.deputy, absence.account, since, MOST_LISTED).await?;
    let seen: Vec<Uuid> = done.iter().map(|one| one.dossier).collect();
    let lines: BTreeMap<Uuid, LineView> = queue::among(&mut conn, &scope, &seen)
        .await?
        .into_iter()
        .map(|line| (line.id, lists::line(ctx, line)))
        .collect();
    let done = done.into_iter().filter_map(|one| {
        let event = serde_json::from_value(one.event).ok()?;
        Some(Done { at: one.at, event, dossier: lines.get(&one.dossier)?.clone() })
    });
    Ok(Report {
        done: done.collect(),
        more: held.next.is_some(),
        held: held.items.into_iter().map(|line| lists::line(ctx, line)).collect(),
        absence,
    })
}

/// Absences that run or will in the agencies the caller administers: who acts for whom there. Why
/// somebody is away is not for administrators.
///
/// # Errors
/// Not found for whoever administers nothing.
pub async fn delegations(ctx: &Ctx) -> Result<Vec<AbsenceView>> {
    let kept = administration::of(ctx)?;
    let mut conn = ctx.app.conn().await?;
    let absences = store::list(&mut conn, &[], kept.agencies(), ctx.today(), MOST_LISTED).await?;
    let all = named(&mut conn, absences).await?;
    Ok(all.into_iter().map(|one| AbsenceView { reason: String::new(), ..one }).collect())
}

/// Somebody who works in an agency of the caller today.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Colleague {
    pub account: AccountId,
    pub name: String,
    pub unit: UnitId,
    /// The caller may arrange and end absences of this person.
    pub arranged: bool,
}

/// Who could act for whom: everybody who works where the caller works today, by name.
///
/// # Errors
/// Not permitted for anyone but staff.
pub async fn colleagues(ctx: &Ctx) -> Result<Vec<Colleague>> {
    let staff = ctx.actor.staff().ok_or_else(|| Error::of(ErrorCode::NotPermitted))?;
    let today = ctx.today();
    let held = staff.memberships.iter().filter(|held| held.holds_on(today)).map(|held| held.agency);
    let agencies: Vec<AgencyId> = held.chain(led(&ctx.actor, today)).collect();
    let posts = post::list(&mut *ctx.app.conn().await?, Some(&agencies), None).await?;
    let mut known: BTreeMap<Uuid, Colleague> = BTreeMap::new();
    for post in posts
        .into_iter()
        .filter(|post| post.disabled_at.is_none() && post.since <= today && post.lasts(today))
    {
        let person = AccountId(post.account);
        let verdict = arrange(&ctx.actor, person, AgencyId(post.agency), today);
        let arranged = matches!(verdict, Verdict::Allow(_));
        let one = known.entry(post.account).or_insert_with(|| Colleague {
            account: person,
            name: post.name,
            unit: UnitId(post.unit),
            arranged,
        });
        one.arranged |= arranged;
    }
    let mut all: Vec<Colleague> = known.into_values().collect();
    all.sort_by_key(|one| fold(&one.name));
    Ok(all)
}

/// Ends an absence now.
///
/// # Errors
/// Not found for one the caller may not see; already ended.
pub async fn end_absence(ctx: &Ctx, id: Uuid) -> Result<AbsenceView> {
    let mut tx = ctx.app.begin("end_absence").await?;
    let mut absence = store::lock(&mut tx, id).await?;
    let (agency, ground) = allowed(ctx, tx.conn(), AccountId(absence.account_id)).await?;
    if absence.ended_at.is_some() {
        return Err(Error::of(ErrorCode::AlreadyDone));
    }
    let now = ctx.now();
    store::end(&mut tx, id, now).await?;
    absence.ended_at = Some(now);
    let person = AccountId(absence.account_id);
    record::administration(
        ctx,
        &mut tx,
        &ctx.actor.doer(ground.acting_for),
        &agency.to_string(),
        "absence.ended",
        &person.to_string(),
        &json!({ "absence": id }),
    )
    .await?;
    let view = view(tx.conn(), absence).await?;
    tx.commit().await?;
    Ok(view)
}

async fn view(conn: &mut Conn, absence: Absence) -> Result<AbsenceView> {
    let names =
        account::names_of(conn, &[AccountId(absence.account_id), AccountId(absence.deputy_id)]).await?;
    Ok(show(absence, &names))
}

fn show(absence: Absence, names: &[(AccountId, String)]) -> AbsenceView {
    let name = |id: Uuid| {
        names.iter().find(|(known, _)| known.0 == id).map(|(_, name)| name.clone()).unwrap_or_default()
    };
    AbsenceView {
        id: absence.id,
        account: AccountId(absence.account_id),
        account_name: name(absence.account_id),
        deputy: AccountId(absence.deputy_id),
        deputy_name: name(absence.deputy_id),
        from: absence.since,
        until: absence.until,
        reason: absence.reason,
        created_by: AccountId(absence.created_by),
        created_at: absence.created_at,
        ended_at: absence.ended_at,
    }
}
