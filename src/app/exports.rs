//! Lists people take away as files: asked for here, written in the background, kept for some days.
//!
//! A list never shows more than its reader's own lists and dossiers do: it is written with the rights that
//! whoever asked has at that moment, and it is his alone.

mod lists;
mod make;
mod table;

use chrono::{DateTime, NaiveDate, NaiveTime, TimeDelta, Utc};
use motcua_domain::calendar::vietnam;
use motcua_domain::error_code::{ErrorCode, FieldError};
use motcua_domain::export::{ExportFormat, ExportList, ExportState};
use motcua_domain::ids::{AccountId, AgencyId, ExportId};
use motcua_domain::paper::PaperKind;
use motcua_domain::text::{Language, Text};
use motcua_store::Tx;
use motcua_store::export::{self as store, Export, Span};
use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::file::Content;
use crate::idempotency::Ticket;
use crate::jobs::Work;
use crate::lists::{Filter, register_of};
use crate::{Ctx, Error, Result, record};

pub(crate) use make::run;

/// A file is kept so long after it was written.
pub const KEPT_FOR: TimeDelta = TimeDelta::days(7);
/// Lists of one person that are not over.
const AT_ONCE: i64 = 3;
const LISTED: i64 = 50;
/// A book is kept by the year.
const LONGEST_DAYS: i64 = 366;

/// Papers of a day that are printed together.
pub const DAY_PAPERS: [PaperKind; 6] = [
    PaperKind::Receipt,
    PaperKind::SupplementRequest,
    PaperKind::Refusal,
    PaperKind::Apology,
    PaperKind::StopNotice,
    PaperKind::OralRequestMinutes,
];

/// What is asked for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Asked {
    pub list: ExportList,
    pub format: ExportFormat,
    pub language: Language,
    /// All but a view of the queue are of one agency, from a day to another.
    pub agency: Option<AgencyId>,
    pub since: Option<NaiveDate>,
    /// Last day.
    pub until: Option<NaiveDate>,
    /// Of the day's papers only these.
    pub kind: Option<PaperKind>,
    /// A view of the queue.
    pub filter: Option<Filter>,
}

/// Agency and span of a list that has them.
struct Period {
    agency: AgencyId,
    since: NaiveDate,
    until: NaiveDate,
    span: Span,
}

fn midnight(day: NaiveDate) -> Option<DateTime<Utc>> {
    Some(day.and_time(NaiveTime::MIN).and_local_timezone(vietnam()).single()?.to_utc())
}

impl Asked {
    fn period(&self) -> Result<Period> {
        let wanted = |pointer| Error::field(pointer, ErrorCode::FieldRequired);
        let agency = self.agency.ok_or_else(|| wanted("/agency"))?;
        let since = self.since.ok_or_else(|| wanted("/since"))?;
        let until = self.until.ok_or_else(|| wanted("/until"))?;
        let span = midnight(since).zip(until.succ_opt().and_then(midnight));
        let (from, to) = span.ok_or_else(|| Error::field("/until", ErrorCode::FieldInvalid))?;
        Ok(Period { agency, since, until, span: Span { from, to } })
    }

    /// All that is wrong at once.
    fn check(&self, readable: &[AgencyId]) -> Result<()> {
        let mut errors = Vec::new();
        let mut want = |pointer: &str, holds: bool, code| {
            if !holds {
                errors.push(FieldError::plain(pointer, code));
            }
        };
        want("/format", self.list.formats().contains(&self.format), ErrorCode::FieldChoice);
        if self.list == ExportList::Queue {
            want("/filter", self.filter.is_some(), ErrorCode::FieldRequired);
        } else {
            want("/agency", self.agency.is_some_and(|id| readable.contains(&id)), ErrorCode::FieldChoice);
            want("/since", self.since.is_some(), ErrorCode::FieldRequired);
            want("/until", self.until.is_some(), ErrorCode::FieldRequired);
            if let (Some(since), Some(until)) = (self.since, self.until) {
                let days = until.signed_duration_since(since).num_days();
                want("/until", days >= 0, ErrorCode::FieldTooSmall);
                want("/until", days < LONGEST_DAYS, ErrorCode::FieldTooLarge);
            }
            let kind_fits = self.kind.is_none_or(|kind| DAY_PAPERS.contains(&kind));
            want("/kind", kind_fits, ErrorCode::FieldChoice);
        }
        if errors.is_empty() { Ok(()) } else { Err(Error::fields(errors)) }
    }
}

/// A list as whoever asked for it sees it.
#[derive(Debug, Clone)]
pub struct ExportView {
    pub id: ExportId,
    pub asked: Asked,
    pub state: ExportState,
    /// Rows there are, once they were counted.
    pub total: Option<i64>,
    pub written: i64,
    pub problem: Option<Text>,
    pub created_at: DateTime<Utc>,
    pub finished_at: Option<DateTime<Utc>>,
    /// Until when the file is there.
    pub kept_until: Option<DateTime<Utc>>,
    pub size: Option<i64>,
    pub sha256: Option<String>,
}

impl ExportView {
    fn of(export: Export) -> Result<Self> {
        let state = export.state.parse().map_err(|_| Error::internal(export.state.clone()))?;
        Ok(Self {
            id: ExportId(export.id),
            asked: serde_json::from_value(export.asked)?,
            state,
            total: export.total,
            written: export.written,
            problem: export.problem.map(serde_json::from_value).transpose()?,
            created_at: export.created_at,
            finished_at: export.finished_at,
            kept_until: export.finished_at.filter(|_| state == ExportState::Done).map(|at| at + KEPT_FOR),
            size: export.size,
            sha256: export.sha256,
        })
    }

    /// What to save it under.
    pub fn file_name(&self) -> String {
        let list = match self.asked.list {
            ExportList::Register => "so-theo-doi-ho-so",
            ExportList::Period => "ho-so-trong-ky",
            ExportList::Queue => "danh-sach-ho-so",
            ExportList::DayPapers => "giay-to-trong-ngay",
        };
        let days = match (self.asked.since, self.asked.until) {
            (Some(since), Some(until)) if since == until => since.to_string(),
            (Some(since), Some(until)) => format!("{since}_{until}"),
            _ => self.created_at.with_timezone(&vietnam()).format("%Y-%m-%d_%H%M").to_string(),
        };
        format!("{list}_{days}.{}", self.asked.format)
    }
}

fn me(ctx: &Ctx) -> Result<AccountId> {
    let me = ctx.actor.account().filter(|_| ctx.actor.staff().is_some());
    me.ok_or_else(|| Error::of(ErrorCode::NotPermitted))
}

/// Agencies whose lists this person can take away.
///
/// # Errors
/// Not permitted for whoever reads no register.
pub fn agencies(ctx: &Ctx) -> Result<Vec<AgencyId>> {
    register_of(ctx)
}

/// Asks for a list. It is written in the background.
///
/// # Errors
/// All wrong fields at once; not permitted for whoever reads no register; too many at once.
pub async fn ask(ctx: &Ctx, ticket: &Ticket, asked: &Asked) -> Result<ExportId> {
    let me = me(ctx)?;
    asked.check(&register_of(ctx)?)?;
    let mut tx = ctx.app.begin("ask_export").await?;
    if let Some(id) = ticket.claim(ctx, &mut tx).await? {
        return Ok(id);
    }
    if store::count_open(&mut tx, me).await? >= AT_ONCE {
        return Err(Error::saying(
            ErrorCode::TooManyRequests,
            Text::new(
                "Đang lập ba danh sách của ông/bà; hãy chờ một danh sách xong hoặc hủy bớt.",
                "Three lists of yours are being written; wait for one, or cancel one.",
            ),
        ));
    }
    let id: ExportId = ctx.app.new_id();
    let export = Export {
        id: id.0,
        account_id: me.0,
        list: asked.list.as_str().to_owned(),
        format: asked.format.as_str().to_owned(),
        asked: serde_json::to_value(asked)?,
        state: ExportState::Waiting.as_str().to_owned(),
        total: None,
        written: 0,
        problem: None,
        created_at: ctx.now(),
        finished_at: None,
        sha256: None,
        size: None,
        object_key: None,
    };
    store::insert(&mut tx, &export).await?;
    told(ctx, &mut tx, "export.asked", &export).await?;
    Work::MakeExport { export: id }.enqueue(&ctx.app, &mut tx).await?;
    ticket.answer(&mut tx, &id).await?;
    tx.commit().await?;
    Ok(id)
}

/// Lists leave the house: who asked for which, and who fetched it, stands in the record of the agency.
async fn told(ctx: &Ctx, tx: &mut Tx, what: &str, export: &Export) -> Result<()> {
    let asked: Asked = serde_json::from_value(export.asked.clone())?;
    let held = ctx.actor.staff().and_then(|staff| staff.memberships.first()).map(|held| held.agency);
    let agency = asked.agency.or(held).map(|id| id.to_string()).unwrap_or_default();
    let body = json!({ "asked": export.asked, "sha256": export.sha256 });
    record::administration(ctx, tx, &ctx.actor.doer(None), &agency, what, &export.id.to_string(), &body).await
}

/// One's own lists, newest first.
///
/// # Errors
/// Not permitted for whoever is no staff.
pub async fn list(ctx: &Ctx) -> Result<Vec<ExportView>> {
    let found = store::list(&mut *ctx.app.conn().await?, me(ctx)?, LISTED).await?;
    found.into_iter().map(ExportView::of).collect()
}

/// One of them.
///
/// # Errors
/// Not found for anybody but whoever asked.
pub async fn read(ctx: &Ctx, id: ExportId) -> Result<ExportView> {
    ExportView::of(store::find(&mut *ctx.app.conn().await?, id, me(ctx)?).await?)
}

/// Cancels a list. One that is over stays as it is.
///
/// # Errors
/// As [`read`].
pub async fn cancel(ctx: &Ctx, id: ExportId) -> Result<()> {
    let mut tx = ctx.app.begin("cancel_export").await?;
    store::find(tx.conn(), id, me(ctx)?).await?;
    store::give_up(&mut tx, id, None, ctx.now()).await?;
    tx.commit().await?;
    Ok(())
}

/// The file, with its length.
///
/// # Errors
/// As [`read`]; not found while there is no file, or no more.
pub async fn fetch(ctx: &Ctx, id: ExportId) -> Result<(ExportView, u64, Content)> {
    let mut tx = ctx.app.begin("fetch_export").await?;
    let export = store::find(tx.conn(), id, me(ctx)?).await?;
    let key = export.object_key.clone().ok_or_else(Error::not_found)?;
    told(ctx, &mut tx, "export.fetched", &export).await?;
    tx.commit().await?;
    let (length, content) = ctx.app.files().get(&key).await?.ok_or_else(Error::not_found)?;
    Ok((ExportView::of(export)?, length, content))
}
