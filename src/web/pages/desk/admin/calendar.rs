//! The calendar: editions in force, a year as a table, and a change that shows which open dossiers
//! move before it is confirmed.

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use actix_web::web::{self, Query, ServiceConfig};
use askama::Template;
use chrono::{Datelike, NaiveDate};
use motcua_app::calendars::{self, Preview, Proposal};
use motcua_app::{Error, Result};
use motcua_domain::calendar::{CalendarYear, DayChange, EntryKind};
use motcua_domain::error_code::ErrorCode;
use motcua_domain::procedure::Confidence;
use motcua_domain::procedure::form::Widget;
use motcua_domain::text::Text;
use serde::Deserialize;

use super::{confidence, tabs};
use crate::pages::desk::form::{DeskForm, Typed, together};
use crate::pages::desk::{Desk, Sent};
use crate::pages::field::{choice, field, hinted, opens, option, optional};
use crate::pages::frame::Frame;
use crate::pages::submitted::Submitted;
use crate::pages::visitor::Visitor;
use crate::problem::Failure;

const HERE: &str = "/desk/quan-tri/lich";
const FORM: &str = "doi";
/// A day that is what its weekday is.
const PLAIN: &str = "plain";

pub fn mount(config: &mut ServiceConfig) {
    config
        .route(HERE, web::get().to(show))
        .route("/desk/quan-tri/lich/xem-truoc", web::post().to(preview))
        .route("/desk/quan-tri/lich/xac-nhan", web::post().to(confirm));
}

#[derive(Deserialize)]
struct Asked {
    nam: Option<i32>,
    /// The edition that was just installed.
    moi: Option<String>,
}

#[derive(Template)]
#[template(path = "desk/admin/calendar.html")]
struct CalendarPage {
    f: Frame,
    years: Vec<CalendarYear>,
    shown: Option<CalendarYear>,
    installed: Option<String>,
    form: Option<DeskForm>,
    mistakes: Vec<(String, String)>,
}

#[derive(Template)]
#[template(path = "desk/admin/calendar_preview.html")]
struct PreviewPage {
    f: Frame,
    preview: Preview,
    proposal: Proposal,
    /// What was typed, to be sent again.
    kept: Vec<(String, String)>,
}

fn kind(f: &Frame, of: &EntryKind) -> &'static str {
    match of {
        EntryKind::Holiday => f.say("Nghỉ lễ", "Public holiday"),
        EntryKind::SwapOff => f.say("Nghỉ hoán đổi", "Day off by swap"),
        EntryKind::SwapWork => f.say("Làm bù", "Make-up working day"),
        EntryKind::LocalClosure => f.say("Trụ sở đóng cửa", "Office closed"),
    }
}

impl CalendarPage {
    fn of(visitor: &Visitor, year: Option<i32>) -> Result<Self> {
        let ctx = &visitor.ctx;
        let f = visitor.frame.clone();
        let years = calendars::years(ctx)?;
        let wanted = year.unwrap_or_else(|| ctx.today().year());
        let shown = years.iter().find(|known| known.year == wanted).or(years.last()).cloned();
        let form = f.keeps_shared.then(|| {
            let changeable = [EntryKind::Holiday, EntryKind::SwapOff, EntryKind::SwapWork];
            let mut kinds: Vec<_> = changeable.iter().map(|each| option(each, kind(&f, each))).collect();
            kinds.push(option(
                PLAIN,
                f.say("Trở lại ngày thường theo thứ trong tuần", "A plain day of the week again"),
            ));
            let fields = vec![
                field(Widget::Date, "date", f.say("Ngày", "Day")),
                choice("kind", f.say("Trở thành", "Becomes"), kinds),
                hinted(
                    optional(Widget::Date, "makeup", f.say("Ngày làm bù", "Day worked for it")),
                    f.say(
                        "Chỉ khi nghỉ hoán đổi; cùng năm.",
                        "Only with a day off by swap; in the same year.",
                    ),
                ),
                hinted(
                    optional(Widget::Text, "name", f.say("Tên ngày", "What the day is called")),
                    f.say("Ví dụ: Tết Nguyên đán.", "Such as: Lunar New Year."),
                ),
                hinted(
                    optional(Widget::Text, "name_en", f.say("Tên tiếng Anh", "The same in English")),
                    f.say(
                        "Hiện trên các trang tiếng Anh; để trống thì ở đó cũng hiện tên tiếng Việt.",
                        "For the English pages; they show the Vietnamese name when it is empty.",
                    ),
                ),
                hinted(
                    field(Widget::LongText, "source", f.say("Căn cứ", "Source")),
                    f.say("Số, ngày và cơ quan ban hành thông báo.", "Number, day and issuer of the notice."),
                ),
            ];
            let form = DeskForm::new(
                FORM,
                "/desk/quan-tri/lich/xem-truoc",
                f.say("Đề nghị thay đổi một ngày", "Propose a change"),
                fields,
            );
            DeskForm {
                button: f.say("Xem hồ sơ nào đổi hạn", "See which dossiers move").to_owned(), ..form
            }
            .about(f.say(
                "Chưa có gì thay đổi cho đến khi ông/bà xác nhận ở trang sau.",
                "Nothing changes until you confirm on the next page.",
            ))
        });
        Ok(Self { f, years, shown, installed: None, form, mistakes: Vec::new() })
    }

    fn confidence(&self, of: &Confidence) -> (&'static str, &'static str) {
        confidence(&self.f, *of)
    }

    fn kind(&self, of: &EntryKind) -> &'static str {
        kind(&self.f, of)
    }
}

/// Where a year's days come from: the note that was delivered with them, in English, and what each
/// change since named, which stand behind it and are as many as the edition counts.
fn sources(year: &CalendarYear) -> (&str, Vec<&str>) {
    let changes = year.version.rsplit_once('-').and_then(|(_, count)| count.parse::<usize>().ok());
    let mut parts: Vec<&str> =
        year.source.rsplitn(changes.unwrap_or_default().saturating_add(1), "; ").collect();
    let delivered = parts.pop().unwrap_or_default();
    parts.reverse();
    (delivered, parts)
}

async fn show(query: Query<Asked>, desk: Desk) -> Result<HttpResponse, Failure> {
    let Desk(visitor) = desk;
    let mut page = CalendarPage::of(&visitor, query.nam)?;
    page.installed = query.moi.clone().filter(|new| page.years.iter().any(|year| year.version == *new));
    visitor.page(&page)
}

/// The proposal as typed. The edition it is based on comes with the confirmation, and is the one in
/// force when it is only looked at.
fn proposal(visitor: &Visitor, sent: &Submitted) -> Result<Proposal> {
    let typed = Typed { form: FORM, sent };
    let word = typed.text("kind");
    let kind = match word.as_str() {
        PLAIN => Ok(None),
        _ => typed.read("kind").map(Some),
    };
    let days = together(typed.the_day("date"), typed.day("makeup"));
    let ((date, makeup), kind) = together(days, kind)?;
    let name_vi = typed.text("name");
    let name = Text::new(name_vi.clone(), typed.given("name_en").unwrap_or(name_vi));
    let mut changes = vec![DayChange { date, kind, name: name.clone() }];
    if let Some(date) = makeup {
        if kind != Some(EntryKind::SwapOff) {
            return Err(Error::field("/makeup", ErrorCode::FieldInvalid));
        }
        changes.push(DayChange { date, kind: Some(EntryKind::SwapWork), name });
    }
    let rules = visitor.ctx.app.rules();
    let current = || rules.calendar.year(date.year()).map(|year| year.version.clone());
    let based_on = sent.given("_based_on").or_else(current).unwrap_or_default();
    Ok(Proposal { based_on, changes, source: typed.text("source") })
}

fn back(visitor: &Visitor, sent: &Submitted, error: &Error) -> Result<HttpResponse, Failure> {
    let mut page = CalendarPage::of(visitor, None)?;
    if let Some(form) = &mut page.form {
        form.refill(&visitor.frame, sent, error);
        page.mistakes = form.mistakes(&visitor.frame, error);
    }
    visitor.page_as(StatusCode::UNPROCESSABLE_ENTITY, &page)
}

async fn preview(sent: Sent) -> Result<HttpResponse, Failure> {
    let Sent { visitor, form: sent } = sent;
    motcua_app::administration::shared(&visitor.ctx)?;
    let done = async {
        let proposal = proposal(&visitor, &sent)?;
        Ok::<_, Error>((calendars::preview(&visitor.ctx, &proposal).await?, proposal))
    };
    match done.await {
        Ok((preview, proposal)) => {
            let kept = sent.typed().map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
            visitor.page(&PreviewPage { f: visitor.frame.clone(), preview, proposal, kept })
        }
        Err(error) if !error.errors.is_empty() => back(&visitor, &sent, &error),
        Err(error) => Err(error.into()),
    }
}

async fn confirm(sent: Sent) -> Result<HttpResponse, Failure> {
    let Sent { visitor, form: sent } = sent;
    motcua_app::administration::shared(&visitor.ctx)?;
    let done = async {
        let proposal = proposal(&visitor, &sent)?;
        let year = proposal.changes.first().map(|change: &DayChange| year_of(change.date));
        Ok::<_, Error>((calendars::change(&visitor.ctx, &proposal).await?, year.unwrap_or_default()))
    };
    match done.await {
        Ok((version, year)) => Ok(visitor.go(format!("{HERE}?nam={year}&moi={version}"))),
        Err(error) if !error.errors.is_empty() => back(&visitor, &sent, &error),
        Err(error) => Err(error.into()),
    }
}

fn year_of(day: NaiveDate) -> i32 {
    day.year()
}
