//! One act for many dossiers: chosen in the queue, shown beforehand for each, done in the background, and
//! read afterwards with what became of each.

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use actix_web::web::{self, Path, ServiceConfig};
use askama::Template;
use motcua_app::bulk::{self, ItemView, Preview, RunView, Said};
use motcua_app::{Ctx, Error};
use motcua_domain::dossier::command::CommandKind;
use motcua_domain::error_code::ErrorCode;
use motcua_domain::ids::{BulkRunId, DossierId};
use motcua_domain::procedure::ProcedureKey;
use motcua_domain::procedure::form::Widget;
use uuid::Uuid;

use super::acts::{ActForm, long, officers, within};
use super::queue::sent_from;
use super::{Desk, Sent};
use crate::body::of_value;
use crate::pages::begin::once;
use crate::pages::form::FieldView;
use crate::pages::frame::Frame;
use crate::pages::submitted::Submitted;
use crate::pages::visitor::Visitor;
use crate::pages::words;
use crate::problem::Failure;

const HERE: &str = "/desk/hang-loat";

pub fn mount(config: &mut ServiceConfig) {
    config
        .route(HERE, web::get().to(list))
        .route(HERE, web::post().to(preview))
        .route("/desk/hang-loat/chay", web::post().to(begin))
        .route("/desk/hang-loat/{id}", web::get().to(read))
        .route("/desk/hang-loat/{id}/tam-dung", web::post().to(pause))
        .route("/desk/hang-loat/{id}/lam-tiep", web::post().to(resume));
}

#[derive(Template)]
#[template(path = "desk/bulk/preview.html")]
struct PreviewPage {
    f: Frame,
    form: ActForm,
    preview: Preview,
    letter: bool,
    effect: Option<&'static str>,
    mistakes: Vec<(String, String)>,
    key: Uuid,
    /// The view of the queue it was chosen in.
    address: String,
}

impl PreviewPage {
    fn open(&self) -> usize {
        self.preview.items.iter().filter(|item| item.verdict.is_ok()).count()
    }

    fn closed(&self) -> usize {
        self.preview.items.len().saturating_sub(self.open())
    }
}

#[derive(Template)]
#[template(path = "desk/bulk/list.html")]
struct ListPage {
    f: Frame,
    runs: Vec<(RunView, String)>,
}

#[derive(Template)]
#[template(path = "desk/bulk/run.html")]
struct RunPage {
    f: Frame,
    act: String,
    run: RunView,
    items: Vec<ItemView>,
    /// What it moved that can still be undone.
    undoable: Vec<(DossierId, i64)>,
}

impl RunPage {
    fn answered(&self) -> i64 {
        self.run.count.done.saturating_add(self.run.count.refused)
    }
}

/// What a run is at, in words.
fn state<'a>(f: &Frame, run: &RunView) -> &'a str {
    match run.state.as_str() {
        "running" => f.say("Đang làm", "Under way"),
        "paused" => f.say("Đang tạm dừng", "Paused"),
        _ => f.say("Đã xong", "Done"),
    }
}

/// What the procedures in force call an act.
pub fn act_name(f: &Frame, ctx: &Ctx, kind: CommandKind) -> String {
    let rules = ctx.app.rules();
    let named = ProcedureKey::ALL.iter().find_map(|key| {
        let rule = rules.in_force(*key, ctx.today())?.definition.act(kind)?;
        Some(f.text(&rule.name).to_owned())
    });
    named.unwrap_or_else(|| kind.as_str().to_owned())
}

fn kind_of(sent: &Submitted) -> Result<CommandKind, Failure> {
    let kind = sent.get("viec").and_then(|kind| kind.parse().ok());
    kind.ok_or_else(|| ErrorCode::MalformedBody.into())
}

/// `id:version` of each row that was ticked.
fn ticked(sent: &Submitted) -> Result<Vec<(DossierId, i64)>, Failure> {
    let read = |row: &str| {
        let (id, version) = row.split_once(':')?;
        Some((id.parse().ok()?, version.parse().ok()?))
    };
    let rows = sent.all("chon").map(|row| read(row).ok_or_else(|| ErrorCode::MalformedBody.into()));
    rows.collect()
}

/// What the act asks once for all.
fn fields(f: &Frame, kind: CommandKind, preview: &Preview) -> Vec<FieldView> {
    let note = || long("note", f.say("Ghi chú", "Note"), false);
    match kind {
        CommandKind::Assign => vec![officers(f, "officer", &preview.officers), note()],
        CommandKind::CompleteStep => vec![note()],
        CommandKind::AddNote => vec![long("text", f.say("Ghi chú nội bộ", "Internal note"), true)],
        _ => Vec::new(),
    }
}

impl PreviewPage {
    fn of(visitor: &Visitor, kind: CommandKind, preview: Preview, address: String) -> Self {
        let (f, ctx) = (&visitor.frame, &visitor.ctx);
        let opens = || preview.items.iter().filter_map(|item| item.verdict.as_ref().ok());
        let letter = opens().any(|opens| opens.letter);
        let effect = opens().next().and_then(|first| words::clock_effect(f, first.clock_effect));
        let id = kind.as_str();
        let form = ActForm {
            kind,
            id: id.to_owned(),
            title: act_name(f, ctx, kind),
            fields: fields(f, kind, &preview).into_iter().map(|field| within(id, field)).collect(),
            fixed: Vec::new(),
            about: String::new(),
            places: Vec::new(),
            remarks: Vec::new(),
            // Nobody says of many at once what came with each.
            handed: None,
        };
        Self {
            f: f.clone(),
            form,
            letter,
            effect,
            mistakes: Vec::new(),
            key: ctx.app.new_id(),
            address,
            preview,
        }
    }
}

async fn preview(sent: Sent) -> Result<HttpResponse, Failure> {
    let (visitor, view) = (&sent.visitor, sent_from(&sent));
    let kind = kind_of(&sent.form)?;
    let chosen = if sent.form.get("tat-ca").is_some() {
        bulk::fitting(&visitor.ctx, &view.filter(&visitor.ctx)).await?
    } else {
        ticked(&sent.form)?
    };
    let preview = bulk::preview(&visitor.ctx, kind, &chosen).await?;
    visitor.page(&PreviewPage::of(visitor, kind, preview, view.address()))
}

async fn begin(sent: Sent) -> Result<HttpResponse, Failure> {
    let (visitor, address) = (&sent.visitor, sent_from(&sent).address());
    let (kind, chosen) = (kind_of(&sent.form)?, ticked(&sent.form)?);
    let ticket = once(visitor, &sent.form)?;
    let nothing = Preview { items: Vec::new(), officers: Vec::new(), letter: None };
    let form = PreviewPage::of(visitor, kind, nothing, String::new()).form;
    let begun = match of_value::<Said>(form.said(&sent.form)) {
        Ok(said) => bulk::begin(&visitor.ctx, &ticket, kind, &said, &chosen).await,
        Err(Failure(error)) => Err(error),
    };
    match begun {
        Ok(id) => Ok(visitor.go(format!("{HERE}/{id}"))),
        Err(error) if error.errors.is_empty() => Err(error.into()),
        Err(error) => {
            let preview = bulk::preview(&visitor.ctx, kind, &chosen).await?;
            let mut page = PreviewPage::of(visitor, kind, preview, address);
            page.refill(&sent.form, &error);
            visitor.page_as(StatusCode::UNPROCESSABLE_ENTITY, &page)
        }
    }
}

impl PreviewPage {
    fn refill(&mut self, sent: &Submitted, error: &Error) {
        self.form.refill(&self.f, sent, &error.errors);
        self.mistakes = error
            .errors
            .iter()
            .map(|wrong| match self.form.place_of(wrong) {
                Some(field) => (field.id(), format!("{}: {}", field.label, self.f.text(&wrong.text))),
                None => ("viec".to_owned(), self.f.text(&wrong.text).to_owned()),
            })
            .collect();
    }
}

async fn list(desk: Desk) -> Result<HttpResponse, Failure> {
    let Desk(visitor) = desk;
    let f = &visitor.frame;
    let runs = bulk::list(&visitor.ctx).await?;
    let runs = runs.into_iter().map(|run| {
        let name = act_name(f, &visitor.ctx, run.act);
        (run, name)
    });
    visitor.page(&ListPage { f: f.clone(), runs: runs.collect() })
}

async fn read(desk: Desk, path: Path<BulkRunId>) -> Result<HttpResponse, Failure> {
    let Desk(visitor) = desk;
    let (run, items) = bulk::read(&visitor.ctx, path.into_inner()).await?;
    let act = act_name(&visitor.frame, &visitor.ctx, run.act);
    let undoable = bulk::undoable(&visitor.ctx, &run, &items);
    visitor.page(&RunPage { f: visitor.frame.clone(), act, run, items, undoable })
}

async fn pause(sent: Sent, path: Path<BulkRunId>) -> Result<HttpResponse, Failure> {
    let id = path.into_inner();
    bulk::pause(&sent.visitor.ctx, id).await?;
    Ok(sent.visitor.go(format!("{HERE}/{id}")))
}

async fn resume(sent: Sent, path: Path<BulkRunId>) -> Result<HttpResponse, Failure> {
    let id = path.into_inner();
    bulk::resume(&sent.visitor.ctx, id).await?;
    Ok(sent.visitor.go(format!("{HERE}/{id}")))
}
