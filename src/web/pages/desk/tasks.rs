//! What has to be sent after decisions: the open ones, most urgent first, and each with its paper and the
//! form that says it was sent.

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use actix_web::web::{self, Path, Query, ServiceConfig};
use askama::Template;
use motcua_app::tasks::{self, After, Sending, TaskView};
use motcua_app::{Ctx, Error, Result};
use motcua_domain::error_code::ErrorCode;
use motcua_domain::procedure::form::Widget;
use motcua_domain::task::{SendingWay, TaskKind};
use serde::Deserialize;
use uuid::Uuid;

use super::form::{DeskForm, Typed, together};
use super::{Desk, Sent};
use crate::pages::field::{choice, field, holding, opens, option, optional};
use crate::pages::frame::Frame;
use crate::pages::submitted::Submitted;
use crate::pages::visitor::Visitor;
use crate::pages::words;
use crate::problem::{Failure, status};

const HERE: &str = "/desk/sau-quyet-dinh";
const FORM: &str = "gui";

pub fn mount(config: &mut ServiceConfig) {
    config
        .route(HERE, web::get().to(list))
        .route("/desk/sau-quyet-dinh/{id}", web::get().to(show))
        .route("/desk/sau-quyet-dinh/{id}", web::post().to(complete));
}

#[derive(Template)]
#[template(path = "desk/tasks.html")]
struct TasksPage {
    f: Frame,
    tasks: Vec<TaskView>,
    next: Option<String>,
    /// One was done just now.
    done: bool,
}

#[derive(Template)]
#[template(path = "desk/task.html")]
struct TaskPage {
    f: Frame,
    task: TaskView,
    form: Option<DeskForm>,
    mistakes: Vec<(String, String)>,
    /// Why it was not recorded, where no field is wrong.
    said: Option<String>,
}

/// What is to be sent, and to whom.
pub fn what(f: &Frame, task: &TaskView) -> String {
    match task.kind {
        TaskKind::ProcuracyTransmittal => {
            f.say("Gửi quyết định cho Viện kiểm sát", "Send the decision to the procuracy").to_owned()
        }
        TaskKind::PartyNotice => format!("{} {}", f.say("Thông báo cho", "Notice to"), task.addressee),
    }
}

/// When and how it was sent.
pub fn sent(f: &Frame, sent: &tasks::Sent) -> String {
    let note = sent.note.as_ref().map(|note| format!("; {note}")).unwrap_or_default();
    format!("{} {}, {}{note}", f.say("đã gửi ngày", "sent on"), f.date(&sent.on), way_name(f, sent.way))
}

fn way_name(f: &Frame, way: SendingWay) -> &'static str {
    match way {
        SendingWay::Direct => f.say("giao trực tiếp", "handed over"),
        SendingWay::Post => f.say("qua bưu chính", "by post"),
        SendingWay::Electronic => f.say("qua mạng", "electronically"),
        SendingWay::PublicPosting => f.say("niêm yết công khai", "posted up in public"),
    }
}

#[derive(Deserialize)]
struct Asked {
    /// `day_id` of the last one of the page before.
    sau: Option<String>,
    xong: Option<String>,
}

fn after(asked: &Asked) -> Result<Option<After>> {
    let Some(text) = &asked.sau else { return Ok(None) };
    let read = text.split_once('_').and_then(|(day, id)| Some((day.parse().ok()?, id.parse().ok()?)));
    read.map(Some).ok_or_else(|| Error::of(ErrorCode::MalformedParameter))
}

async fn list(desk: Desk, asked: Query<Asked>) -> std::result::Result<HttpResponse, Failure> {
    let Desk(visitor) = desk;
    let (tasks, next) = tasks::open(&visitor.ctx, after(&asked)?).await?;
    let next = next.map(|(day, id)| format!("{HERE}?sau={day}_{id}"));
    let done = asked.xong.is_some();
    visitor.page(&TasksPage { f: visitor.frame.clone(), tasks, next, done })
}

fn form(f: &Frame, ctx: &Ctx, task: &TaskView) -> DeskForm {
    let ways = SendingWay::ALL.iter().map(|way| option(way, way_name(f, *way))).collect();
    let fields = vec![
        holding(field(Widget::Date, "on", f.say("Ngày gửi", "Day it was sent")), f.date(&ctx.today())),
        choice("way", f.say("Cách gửi", "How it was sent"), ways),
        optional(
            Widget::Text,
            "note",
            f.say("Ghi chú (số bưu gửi, người nhận)", "Note: post number, who took it"),
        ),
    ];
    DeskForm::new(FORM, format!("{HERE}/{}", task.id), f.say("Ghi đã gửi", "Say it was sent"), fields)
        .unfolded()
}

impl TaskPage {
    async fn of(visitor: &Visitor, id: Uuid) -> Result<Self> {
        let (task, sends) = tasks::read(&visitor.ctx, id).await?;
        let f = visitor.frame.clone();
        let form = (sends && task.sent.is_none()).then(|| form(&f, &visitor.ctx, &task));
        Ok(Self { f, task, form, mistakes: Vec::new(), said: None })
    }
}

async fn show(desk: Desk, path: Path<Uuid>) -> std::result::Result<HttpResponse, Failure> {
    let Desk(visitor) = desk;
    visitor.page(&TaskPage::of(&visitor, path.into_inner()).await?)
}

fn typed(sent: &Submitted) -> Result<Sending> {
    let typed = Typed { form: FORM, sent };
    let (on, way) = together(typed.the_day("on"), typed.read("way"))?;
    Ok(Sending { on, way, note: typed.text("note") })
}

async fn complete(sent: Sent, path: Path<Uuid>) -> std::result::Result<HttpResponse, Failure> {
    let Sent { visitor, form: sent } = sent;
    let id = path.into_inner();
    let done = async { tasks::complete(&visitor.ctx, id, &typed(&sent)?).await };
    let error = match done.await {
        Ok(_) => return Ok(visitor.go(format!("{HERE}?xong=1"))),
        Err(error) if error.private().is_some() || status(error.code) == StatusCode::NOT_FOUND => {
            return Err(error.into());
        }
        Err(error) => error,
    };
    let mut page = TaskPage::of(&visitor, id).await?;
    page.said = error.errors.is_empty().then(|| visitor.frame.text(&error.text).to_owned());
    if let Some(form) = &mut page.form {
        form.refill(&visitor.frame, &sent, &error);
        page.mistakes = form.mistakes(&visitor.frame, &error);
    }
    visitor.page_as(status(error.code), &page)
}
