//! Rewriting a paper: its template, what changes in it, the paper as a recorded dossier would have got it, and
//! the proposal that another person publishes.

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use actix_web::web::{self, Path, Query, ServiceConfig};
use askama::Template;
use motcua_app::paper_versions::{self, PaperChange, Preview, ProposalView, Written};
use motcua_app::papers::Fetched;
use motcua_app::versions::{self, Outcome};
use motcua_app::{Error, Result};
use motcua_domain::error_code::ErrorCode;
use motcua_domain::paper::{Form, PaperKind};
use motcua_domain::procedure::form::Widget;
use serde::Deserialize;
use similar::ChangeTag;
use uuid::Uuid;

use super::letters::{Line, lines, outcome};
use super::tabs;
use crate::pages::desk::form::{DeskForm, Typed};
use crate::pages::desk::{Desk, Sent};
use crate::pages::field::{field, hinted, opens, optional};
use crate::pages::frame::Frame;
use crate::pages::printed;
use crate::pages::submitted::Submitted;
use crate::pages::visitor::Visitor;
use crate::problem::Failure;

const FORM: &str = "mau";
const HERE: &str = "/desk/quan-tri/van-ban";

pub fn mount(config: &mut ServiceConfig) {
    config
        .route(HERE, web::get().to(list))
        .route("/desk/quan-tri/van-ban/de-nghi/{id}", web::get().to(read))
        .route("/desk/quan-tri/van-ban/de-nghi/{id}/ban-in", web::get().to(printed))
        .route("/desk/quan-tri/van-ban/de-nghi/{id}/ban-hanh", web::post().to(publish))
        .route("/desk/quan-tri/van-ban/de-nghi/{id}/bac", web::post().to(reject))
        .route("/desk/quan-tri/van-ban/{kind}", web::get().to(write))
        .route("/desk/quan-tri/van-ban/{kind}/xem-truoc", web::post().to(preview))
        .route("/desk/quan-tri/van-ban/{kind}/in-thu", web::post().to(rehearse))
        .route("/desk/quan-tri/van-ban/{kind}/de-nghi", web::post().to(propose));
}

#[derive(Template)]
#[template(path = "desk/admin/papers.html")]
struct PapersPage {
    f: Frame,
    forms: Vec<Form>,
}

#[derive(Template)]
#[template(path = "desk/admin/paper.html")]
struct PaperPage {
    f: Frame,
    form: Form,
    typed: DeskForm,
    mistakes: Vec<(String, String)>,
}

#[derive(Template)]
#[template(path = "desk/admin/paper_preview.html")]
struct PaperPreviewPage {
    f: Frame,
    kind: PaperKind,
    change: PaperChange,
    preview: Preview,
    /// What was typed, to be sent again.
    kept: Vec<(String, String)>,
}

#[derive(Template)]
#[template(path = "desk/admin/paper_proposal.html")]
struct PaperProposalPage {
    f: Frame,
    proposal: ProposalView,
    preview: Preview,
    code: String,
}

fn changed(preview: &Preview) -> Vec<Line> {
    lines(&preview.before, &preview.after)
}

fn kind(word: &str) -> Result<PaperKind> {
    word.parse().map_err(|_| Error::not_found())
}

async fn list(desk: Desk) -> std::result::Result<HttpResponse, Failure> {
    let Desk(visitor) = desk;
    let forms = paper_versions::all(&visitor.ctx)?;
    visitor.page(&PapersPage { f: visitor.frame.clone(), forms })
}

impl PaperPage {
    fn of(visitor: &Visitor, kind: PaperKind) -> Result<Self> {
        let f = visitor.frame.clone();
        let Written { form, template, edition } = paper_versions::written(&visitor.ctx, kind)?;
        let mut text = hinted(
            field(Widget::LongText, "template", f.say("Nội dung mẫu (Typst)", "Template (Typst)")),
            f.say(
                "Lời trong ngoặc kép là lời in ra; get(\"…\") là chỗ điền từ hồ sơ. Các mẫu dùng chung layout.typ.",
                "What stands in quotes is printed; get(\"…\") is filled in from the dossier. All share layout.typ.",
            ),
        );
        text.value = template;
        let mut based_on = field(Widget::Text, "based_on", f.say("Viết từ bản", "Written from the edition"));
        based_on.value = edition;
        let fields = vec![
            text,
            based_on,
            hinted(
                field(Widget::Date, "effective_from", f.say("Áp dụng từ ngày", "In force from")),
                f.say(
                    "Sau hôm nay. Văn bản của việc làm trước ngày ấy vẫn theo mẫu cũ.",
                    "After today. Papers of acts before that day keep the former template.",
                ),
            ),
            hinted(
                field(Widget::LongText, "why", f.say("Lý do", "Why")),
                f.say("Người thứ hai đọc lý do này khi quyết định.", "The second person reads it when deciding."),
            ),
            hinted(
                optional(Widget::Text, "dossier", f.say("Mã hồ sơ để in thử", "Code of a dossier to print it on")),
                f.say(
                    "Để trống thì chọn hồ sơ gần đây nhất có văn bản này. Tên người và điều người ta viết được che.",
                    "When empty, the newest dossier with such a paper is taken. Names and what people wrote are left out.",
                ),
            ),
        ];
        let title = f.say("Viết lại văn bản này", "Rewrite this paper");
        let typed = DeskForm::new(FORM, format!("{HERE}/{kind}/xem-truoc"), title, fields).unfolded();
        let typed = DeskForm {
            button: f.say("Xem thay đổi và in thử", "See the change and print it").to_owned(),
            ..typed
        }
        .about(f.say(
            "Chưa có gì thay đổi cho đến khi một người khác ban hành.",
            "Nothing changes until another person publishes it.",
        ));
        Ok(Self { f, form, typed, mistakes: Vec::new() })
    }
}

async fn write(desk: Desk, word: Path<String>) -> std::result::Result<HttpResponse, Failure> {
    let Desk(visitor) = desk;
    visitor.page(&PaperPage::of(&visitor, kind(&word)?)?)
}

fn change(kind: PaperKind, sent: &Submitted) -> Result<PaperChange> {
    let typed = Typed { form: FORM, sent };
    let template = typed.text("template").replace("\r\n", "\n");
    Ok(PaperChange {
        kind,
        based_on: typed.text("based_on"),
        // A form sends no empty line at the end; a file ends with its last line.
        template: format!("{}\n", template.trim_end()),
        effective_from: typed.the_day("effective_from")?,
        why: typed.text("why"),
    })
}

fn back(
    visitor: &Visitor,
    kind: PaperKind,
    sent: &Submitted,
    error: Error,
) -> std::result::Result<HttpResponse, Failure> {
    if error.errors.is_empty() {
        return Err(error.into());
    }
    let mut page = PaperPage::of(visitor, kind)?;
    page.typed.refill(&visitor.frame, sent, &error);
    page.mistakes = page.typed.mistakes(&visitor.frame, &error);
    visitor.page_as(StatusCode::UNPROCESSABLE_ENTITY, &page)
}

async fn tried(visitor: &Visitor, kind: PaperKind, sent: &Submitted) -> Result<(PaperChange, Preview)> {
    let code = Typed { form: FORM, sent }.given("dossier");
    let change = change(kind, sent)?;
    let preview = paper_versions::preview(&visitor.ctx, &change, code.as_deref()).await?;
    Ok((change, preview))
}

async fn preview(sent: Sent, word: Path<String>) -> std::result::Result<HttpResponse, Failure> {
    let Sent { visitor, form: sent } = sent;
    let kind = kind(&word)?;
    match tried(&visitor, kind, &sent).await {
        Ok((change, preview)) => {
            let kept = sent.typed().map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
            visitor.page(&PaperPreviewPage { f: visitor.frame.clone(), kind, change, preview, kept })
        }
        Err(error) => back(&visitor, kind, &sent, error),
    }
}

async fn rehearse(sent: Sent, word: Path<String>) -> std::result::Result<HttpResponse, Failure> {
    let Sent { visitor, form: sent } = sent;
    let kind = kind(&word)?;
    match tried(&visitor, kind, &sent).await {
        Ok((_, preview)) => sheet(preview),
        Err(error) => back(&visitor, kind, &sent, error),
    }
}

fn sheet(preview: Preview) -> std::result::Result<HttpResponse, Failure> {
    let (_, bytes) = preview.read_on.ok_or(ErrorCode::NotFound)?;
    Ok(printed::sent(Fetched::preview(bytes)))
}

async fn propose(sent: Sent, word: Path<String>) -> std::result::Result<HttpResponse, Failure> {
    let Sent { visitor, form: sent } = sent;
    let kind = kind(&word)?;
    let done = async { paper_versions::propose(&visitor.ctx, &change(kind, &sent)?).await };
    match done.await {
        Ok(id) => Ok(visitor.go(format!("{HERE}/de-nghi/{id}"))),
        Err(error) => back(&visitor, kind, &sent, error),
    }
}

#[derive(Deserialize)]
struct Asked {
    /// Code of the dossier to print it on.
    #[serde(rename = "ho-so")]
    dossier: Option<String>,
}

async fn found(visitor: &Visitor, id: Uuid, asked: Asked) -> Result<(ProposalView, Preview, String)> {
    let code = asked.dossier.map(|code| code.trim().to_owned()).filter(|code| !code.is_empty());
    let (proposal, preview) = match paper_versions::read(&visitor.ctx, id, code.as_deref()).await {
        // No dossier has this code: the page says so by showing none.
        Err(error) if !error.errors.is_empty() && code.is_some() => {
            let (proposal, preview) = paper_versions::read(&visitor.ctx, id, None).await?;
            (proposal, Preview { read_on: None, ..preview })
        }
        read => read?,
    };
    Ok((proposal, preview, code.unwrap_or_default()))
}

async fn read(desk: Desk, id: Path<Uuid>, asked: Query<Asked>) -> std::result::Result<HttpResponse, Failure> {
    let Desk(visitor) = desk;
    let (proposal, preview, code) = found(&visitor, *id, asked.into_inner()).await?;
    visitor.page(&PaperProposalPage { f: visitor.frame.clone(), proposal, preview, code })
}

async fn printed(
    desk: Desk,
    id: Path<Uuid>,
    asked: Query<Asked>,
) -> std::result::Result<HttpResponse, Failure> {
    let Desk(visitor) = desk;
    let (_, preview, _) = found(&visitor, *id, asked.into_inner()).await?;
    sheet(preview)
}

async fn publish(sent: Sent, id: Path<Uuid>) -> std::result::Result<HttpResponse, Failure> {
    match paper_versions::publish(&sent.visitor.ctx, *id).await {
        Ok(()) => Ok(sent.visitor.go(format!("{HERE}/de-nghi/{id}"))),
        // Its day has come, or the forms have a newer edition.
        Err(error) if !error.errors.is_empty() => {
            let said = error.errors.into_iter().next().map(|wrong| wrong.text).unwrap_or_default();
            Err(Error::saying(ErrorCode::ActNotAllowed, said).into())
        }
        Err(error) => Err(error.into()),
    }
}

async fn reject(sent: Sent, id: Path<Uuid>) -> std::result::Result<HttpResponse, Failure> {
    versions::reject(&sent.visitor.ctx, *id).await?;
    Ok(sent.visitor.go(format!("{HERE}/de-nghi/{id}")))
}
