//! The calculators: when a result is due, how much the fee is, whether there is still time. Each has a page
//! and stands on the pages of the procedures it matters to. Plain forms that ask by address, so that a
//! result can be kept and sent on; each shows how it came about. The reckoning is that of the API.

use std::collections::HashMap;

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use actix_web::web::{self, Query, ServiceConfig};
use askama::Template;
use chrono::{NaiveDate, NaiveTime, TimeZone, Utc};
use motcua_app::Error;
use motcua_domain::calendar::{OfficeHours, vietnam};
use motcua_domain::deadline::{DueDate, Limit, LimitUnit};
use motcua_domain::error_code::ErrorCode;
use motcua_domain::fee::Fees;
use motcua_domain::limitation::{Excluded, Limitation};
use motcua_domain::procedure::form::Widget;

use super::form::{ChoiceView, FieldView, amount, day};
use super::frame::Frame;
use super::visitor::Visitor;
use crate::api::calculators;
use crate::problem::Failure;

pub type Asked = Query<HashMap<String, String>>;

pub fn mount(config: &mut ServiceConfig) {
    config
        .route("/cong-cu/han", web::get().to(due_date_page))
        .route("/cong-cu/phi", web::get().to(fee_page))
        .route("/cong-cu/thoi-hieu", web::get().to(limitation_page));
}

async fn due_date_page(visitor: Visitor, asked: Asked) -> Result<HttpResponse, Failure> {
    page(&visitor, due_date(&visitor, &asked, FIVE_WORKING_DAYS)?)
}

async fn fee_page(visitor: Visitor, asked: Asked) -> Result<HttpResponse, Failure> {
    page(&visitor, fee(&visitor, &asked)?)
}

async fn limitation_page(visitor: Visitor, asked: Asked) -> Result<HttpResponse, Failure> {
    page(&visitor, limitation(&visitor, &asked)?)
}

fn page(visitor: &Visitor, tool: Tool) -> Result<HttpResponse, Failure> {
    visitor.page_as(tool.status(), &ToolPage { f: visitor.frame.clone(), tool })
}

/// What most procedures have.
const FIVE_WORKING_DAYS: Limit = Limit::working(5);

/// What was reckoned.
pub enum Found {
    Due(DueDate),
    Fees(Fees),
    Limitation(Limitation),
}

#[derive(Template)]
#[template(path = "tool.html")]
struct ToolPage {
    f: Frame,
    tool: Tool,
}

impl ToolPage {
    fn action(&self) -> String {
        format!("/cong-cu/{}", self.tool.key)
    }
}

/// A calculator, with what was asked of it.
pub struct Tool {
    /// Its name in addresses.
    pub key: &'static str,
    pub title: &'static str,
    pub lead: &'static str,
    pub fields: Vec<FieldView>,
    pub mistakes: Vec<(String, String)>,
    pub found: Option<Found>,
}

impl Tool {
    fn of(key: &'static str, title: &'static str, lead: &'static str) -> Self {
        Self { key, title, lead, fields: Vec::new(), mistakes: Vec::new(), found: None }
    }

    /// It was asked something.
    pub fn used(&self) -> bool {
        self.found.is_some() || !self.mistakes.is_empty()
    }

    pub fn status(&self) -> StatusCode {
        if self.mistakes.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY }
    }

    fn field(mut self, name: &str, widget: Widget, label: &str, hint: &str, value: String) -> Self {
        self.fields.push(FieldView {
            name: name.to_owned(),
            label: label.to_owned(),
            hint: (!hint.is_empty()).then(|| hint.to_owned()),
            widget,
            value,
            choices: Vec::new(),
            required: true,
            mistake: None,
            depends: None,
            shown: true,
            items: Vec::new(),
        });
        self
    }

    fn optional(mut self) -> Self {
        if let Some(last) = self.fields.last_mut() {
            last.required = false;
        }
        self
    }

    /// Choices of the field before; the first when nothing was chosen.
    fn choices(mut self, choices: &[(&str, &str)]) -> Self {
        if let Some(last) = self.fields.last_mut() {
            let known = choices.iter().any(|(value, _)| *value == last.value);
            last.choices = choices
                .iter()
                .enumerate()
                .map(|(at, (value, label))| ChoiceView {
                    value: (*value).to_owned(),
                    label: (*label).to_owned(),
                    chosen: if known { *value == last.value } else { at == 0 },
                })
                .collect();
        }
        self
    }

    /// With what came out, or with what was wrong at its field.
    fn answer(mut self, f: &Frame, found: Option<Result<Found, Error>>) -> Result<Self, Failure> {
        match found {
            None => {}
            Some(Ok(found)) => self.found = Some(found),
            Some(Err(error)) if error.errors.is_empty() => return Err(error.into()),
            Some(Err(error)) => {
                for wrong in &error.errors {
                    let name = wrong.pointer.trim_start_matches('/');
                    let text = f.text(&wrong.text).to_owned();
                    self.mistakes.push((name.to_owned(), text.clone()));
                    if let Some(field) = self.fields.iter_mut().find(|field| field.name == name) {
                        field.mistake = Some(text);
                    }
                }
            }
        }
        Ok(self)
    }
}

fn given(asked: &Asked, name: &str, otherwise: &str) -> String {
    asked.get(name).map_or(otherwise, |text| text.trim()).to_owned()
}

fn read_day(asked: &Asked, name: &str) -> Result<NaiveDate, Error> {
    let text = given(asked, name, "");
    let wrong = if text.is_empty() { ErrorCode::FieldRequired } else { ErrorCode::FieldFormat };
    day(&text).ok_or_else(|| Error::field(&format!("/{name}"), wrong))
}

fn unit(limit: Limit) -> &'static str {
    match limit.unit {
        LimitUnit::WorkingDays => "wd",
        LimitUnit::CalendarDays => "cd",
    }
}

/// Lines that say something.
fn lines(text: &str) -> impl Iterator<Item = &str> {
    text.lines().map(str::trim).filter(|line| !line.is_empty())
}

/// When a result is due, with a time limit that is usual there.
///
/// # Errors
/// When the calendar cannot be read, which is a bug; mistakes stand at their fields.
pub fn due_date(visitor: &Visitor, asked: &Asked, usual: Limit) -> Result<Tool, Failure> {
    let f = &visitor.frame;
    let app = &visitor.ctx.app;
    let now = app.now().with_timezone(&vietnam());
    let tool = Tool::of(
        "han",
        f.say("Tính ngày hẹn trả kết quả", "When is the result due?"),
        f.say(
            "Ngày tiếp nhận không tính; ngày nghỉ được trừ ra.",
            "The day of receipt is not counted, nor are days off.",
        ),
    )
    .field(
        "received_at",
        Widget::Date,
        f.say("Ngày tiếp nhận", "Day of receipt"),
        "",
        given(asked, "received_at", &f.date(&now.date_naive())),
    )
    .field(
        "time",
        Widget::Text,
        f.say("Giờ tiếp nhận", "Hour of receipt"),
        f.say("Ví dụ 09:30.", "For example 09:30."),
        given(asked, "time", &now.format("%H:%M").to_string()),
    )
    .field(
        "limit",
        Widget::Number,
        f.say("Thời hạn", "Time limit"),
        "",
        given(asked, "limit", &usual.days.to_string()),
    )
    .field("unit", Widget::Choice, f.say("Tính theo", "Counted in"), "", given(asked, "unit", unit(usual)))
    .choices(&[
        ("wd", f.say("ngày làm việc", "working days")),
        ("cd", f.say("ngày (kể cả ngày nghỉ)", "days, days off included")),
    ]);
    let reckon = || {
        let on = read_day(asked, "received_at")?;
        let time = NaiveTime::parse_from_str(&given(asked, "time", "08:00"), "%H:%M")
            .map_err(|_| Error::field("/time", ErrorCode::FieldFormat))?;
        let limit: Limit = format!("{}{}", given(asked, "limit", ""), given(asked, "unit", unit(usual)))
            .parse()
            .map_err(|_| Error::field("/limit", ErrorCode::FieldFormat))?;
        let from = vietnam().from_local_datetime(&on.and_time(time)).single();
        let from = from.ok_or_else(|| Error::field("/received_at", ErrorCode::FieldInvalid))?;
        calculators::due(&app.rules(), &OfficeHours::default(), from.with_timezone(&Utc), limit)
            .map(Found::Due)
    };
    let found = asked.contains_key("received_at").then(reckon);
    tool.answer(f, found)
}

/// How much the enforcement fee is.
///
/// # Errors
/// As [`due_date`].
pub fn fee(visitor: &Visitor, asked: &Asked) -> Result<Tool, Failure> {
    let f = &visitor.frame;
    let app = &visitor.ctx.app;
    let tool = Tool::of(
        "phi",
        f.say("Tính phí thi hành án", "How much is the enforcement fee?"),
        f.say(
            "Người được thi hành án nộp phí trên số tiền thực nhận; nhận nhiều lần thì tính trên tổng số đã nhận.",
            "The creditor pays it on what was really received; several receipts count together.",
        ),
    )
    .field(
        "on",
        Widget::Date,
        f.say("Ngày thu phí", "Day of the fee"),
        f.say("Mức lương cơ sở của ngày này được áp dụng.", "The base salary of this day applies."),
        given(asked, "on", &f.date(&app.today())),
    )
    .field(
        "receipts",
        Widget::LongText,
        f.say("Số tiền thực nhận (đồng)", "Money received (đồng)"),
        f.say(
            "Mỗi lần nhận một dòng, theo thứ tự. Ví dụ: 150.000.000",
            "One receipt a line, in order. For example: 150.000.000",
        ),
        given(asked, "receipts", ""),
    );
    let reckon = || {
        let on = read_day(asked, "on")?;
        let text = given(asked, "receipts", "");
        if text.is_empty() {
            return Err(Error::field("/receipts", ErrorCode::FieldRequired));
        }
        let read = |line| amount(line).ok_or_else(|| Error::field("/receipts", ErrorCode::FieldFormat));
        let receipts = lines(&text).map(read).collect::<Result<Vec<u64>, _>>()?;
        calculators::fees(&app.rules(), on, &receipts).map(Found::Fees)
    };
    let found = asked.contains_key("receipts").then(reckon);
    tool.answer(f, found)
}

/// `01/01/2021 - 31/01/2021`.
fn period(line: &str) -> Option<Excluded> {
    let (from, to) = line.split_once(['-', '–'])?;
    Some(Excluded { from: day(from.trim())?, to: day(to.trim())? })
}

/// Whether there is still time to request enforcement.
///
/// # Errors
/// As [`due_date`].
pub fn limitation(visitor: &Visitor, asked: &Asked) -> Result<Tool, Failure> {
    let f = &visitor.frame;
    let app = &visitor.ctx.app;
    let tool = Tool::of(
        "thoi-hieu",
        f.say("Còn thời hiệu yêu cầu thi hành án không?", "Is there still time to request enforcement?"),
        f.say(
            "Thời hiệu là 05 năm, trừ thời gian có trở ngại được chứng minh.",
            "The period is five years, less times of proven obstacles.",
        ),
    )
    .field(
        "effective",
        Widget::Date,
        f.say(
            "Ngày bản án, quyết định có hiệu lực, hoặc ngày nghĩa vụ đến hạn",
            "Day the judgment took effect, or the obligation fell due",
        ),
        "",
        given(asked, "effective", ""),
    )
    .field(
        "requested",
        Widget::Date,
        f.say("Ngày yêu cầu thi hành án", "Day of the request"),
        "",
        given(asked, "requested", &f.date(&app.today())),
    )
    .field(
        "exclude",
        Widget::LongText,
        f.say("Thời gian không tính", "Times that do not count"),
        f.say(
            "Mỗi khoảng một dòng. Ví dụ: 01/01/2021 - 31/01/2021",
            "One period a line. For example: 01/01/2021 - 31/01/2021",
        ),
        given(asked, "exclude", ""),
    )
    .optional();
    let reckon = || {
        let effective = read_day(asked, "effective")?;
        let requested = read_day(asked, "requested")?;
        let text = given(asked, "exclude", "");
        let read = |line| period(line).ok_or_else(|| Error::field("/exclude", ErrorCode::FieldFormat));
        let excluded = lines(&text).map(read).collect::<Result<Vec<_>, _>>()?;
        calculators::period_of_limitation(&app.rules(), effective, requested, &excluded)
            .map(Found::Limitation)
    };
    let found = asked.contains_key("effective").then(reckon);
    tool.answer(f, found)
}
