//! Rewriting a letter: the text, what changes in it, how a recorded dossier would have got it, and the
//! proposal that another person publishes.

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use actix_web::web::{self, Path, Query, ServiceConfig};
use askama::Template;
use motcua_app::versions::{self, LetterChange, Outcome, Preview, ProposalView};
use motcua_app::{Error, Result};
use motcua_domain::error_code::ErrorCode;
use motcua_domain::procedure::form::Widget;
use motcua_domain::procedure::{Letter, ProcedureKey};
use motcua_domain::text::Text;
use serde::Deserialize;
use similar::{ChangeTag, TextDiff};
use uuid::Uuid;

use super::tabs;
use crate::pages::desk::form::{DeskForm, Typed, together};
use crate::pages::desk::{Desk, Sent};
use crate::pages::field::{field, hinted, opens, optional};
use crate::pages::frame::Frame;
use crate::pages::submitted::Submitted;
use crate::pages::visitor::Visitor;
use crate::problem::Failure;

const FORM: &str = "thu";

pub fn mount(config: &mut ServiceConfig) {
    const LETTER: &str = "/desk/quan-tri/quy-trinh/{procedure}/{version}/thu/{letter}";
    config
        .route(LETTER, web::get().to(write))
        .route(&format!("{LETTER}/xem-truoc"), web::post().to(preview))
        .route(&format!("{LETTER}/de-nghi"), web::post().to(propose))
        .route("/desk/quan-tri/de-nghi/{id}", web::get().to(read))
        .route("/desk/quan-tri/de-nghi/{id}/ban-hanh", web::post().to(publish))
        .route("/desk/quan-tri/de-nghi/{id}/bac", web::post().to(reject));
}

/// The letter an address names.
#[derive(Deserialize)]
struct Named {
    procedure: String,
    version: String,
    letter: String,
}

impl Named {
    fn key(&self) -> Result<ProcedureKey> {
        self.procedure.parse().map_err(|_| Error::not_found())
    }

    fn address(&self) -> String {
        format!("/desk/quan-tri/quy-trinh/{}/{}/thu/{}", self.procedure, self.version, self.letter)
    }
}

#[derive(Template)]
#[template(path = "desk/admin/letter.html")]
struct LetterPage {
    f: Frame,
    letter: Letter,
    /// Of its version.
    version: String,
    form: DeskForm,
    names: Vec<String>,
    mistakes: Vec<(String, String)>,
}

#[derive(Template)]
#[template(path = "desk/admin/letter_preview.html")]
struct LetterPreviewPage {
    f: Frame,
    preview: Preview,
    change: LetterChange,
    action: String,
    /// What was typed, to be sent again.
    kept: Vec<(String, String)>,
}

#[derive(Template)]
#[template(path = "desk/admin/proposal.html")]
struct ProposalPage {
    f: Frame,
    proposal: ProposalView,
    preview: Preview,
    /// Code of the dossier it is read on.
    code: String,
}

/// What became of a proposal: the class of its tag, and the word in it.
pub(super) fn outcome(f: &Frame, of: &Outcome) -> (&'static str, &'static str) {
    match of {
        Outcome::Waiting => ("warn", f.say("! chờ người thứ hai", "! waits for a second person")),
        Outcome::Published => ("ok", f.say("✓ đã ban hành", "✓ published")),
        Outcome::Rejected => ("", f.say("không ban hành", "not published")),
    }
}

/// A line of a text that was changed.
pub(super) struct Line {
    pub tag: ChangeTag,
    pub text: String,
}

/// The lines of both, in order, each with what became of it.
pub(super) fn lines(before: &str, after: &str) -> Vec<Line> {
    let diff = TextDiff::from_lines(before, after);
    let all = diff.iter_all_changes();
    all.map(|change| Line { tag: change.tag(), text: change.value().trim_end().to_owned() }).collect()
}

/// Subject and body, before and after, in both languages.
fn changes(preview: &Preview) -> [(&'static str, Vec<Line>); 2] {
    let (before, after) = (&preview.before, &preview.after);
    let whole = |name: &str, body: &str| format!("{name}\n\n{body}");
    let both = |old: &dyn Fn(&Text) -> String| {
        lines(&whole(&old(&before.name), &old(&before.body)), &whole(&old(&after.name), &old(&after.body)))
    };
    [("vi", both(&|text: &Text| text.vi.clone())), ("en", both(&|text: &Text| text.en.clone()))]
}

impl LetterPage {
    fn of(visitor: &Visitor, named: &Named) -> Result<Self> {
        let (f, ctx) = (visitor.frame.clone(), &visitor.ctx);
        let letter = versions::letter(ctx, named.key()?, &named.version, &named.letter)?;
        let filled = |mut view: crate::pages::form::FieldView, value: &str| {
            value.clone_into(&mut view.value);
            view
        };
        let fields = vec![
            filled(field(Widget::Text, "name_vi", f.say("Tiêu đề", "Subject in Vietnamese")), &letter.name.vi),
            filled(field(Widget::LongText, "body_vi", f.say("Lời thư", "Text in Vietnamese")), &letter.body.vi),
            filled(field(Widget::Text, "name_en", f.say("Tiêu đề tiếng Anh", "Subject in English")), &letter.name.en),
            filled(field(Widget::LongText, "body_en", f.say("Lời thư tiếng Anh", "Text in English")), &letter.body.en),
            hinted(
                field(Widget::Date, "effective_from", f.say("Áp dụng từ ngày", "In force from")),
                f.say(
                    "Sau hôm nay. Hồ sơ nộp trước ngày ấy vẫn nhận thư theo lời cũ.",
                    "After today. Dossiers filed before that day keep the former text.",
                ),
            ),
            hinted(
                field(Widget::LongText, "why", f.say("Lý do", "Why")),
                f.say("Người thứ hai đọc lý do này khi quyết định.", "The second person reads it when deciding."),
            ),
            hinted(
                optional(Widget::Text, "dossier", f.say("Mã hồ sơ để đọc thử", "Code of a dossier to read it on")),
                f.say(
                    "Để trống thì chọn hồ sơ gần đây nhất đã nhận thư này. Tên người và điều người ta viết được che.",
                    "When empty, the newest dossier that got this letter is taken. Names and what people wrote are left out.",
                ),
            ),
        ];
        let title = f.say("Viết lại thư này", "Rewrite this letter");
        let form = DeskForm::new(FORM, format!("{}/xem-truoc", named.address()), title, fields).unfolded();
        let form = DeskForm {
            button: f.say("Xem thay đổi và đọc thử", "See the change and read it").to_owned(),
            ..form
        }
        .about(f.say(
            "Chưa có gì thay đổi cho đến khi một người khác ban hành.",
            "Nothing changes until another person publishes it.",
        ));
        let version = named.version.clone();
        Ok(Self { f, letter, version, form, names: versions::names(), mistakes: Vec::new() })
    }
}

async fn write(desk: Desk, named: Path<Named>) -> Result<HttpResponse, Failure> {
    let Desk(visitor) = desk;
    visitor.page(&LetterPage::of(&visitor, &named)?)
}

fn change(named: &Named, sent: &Submitted) -> Result<LetterChange> {
    let typed = Typed { form: FORM, sent };
    let (procedure, effective_from) = together(named.key(), typed.the_day("effective_from"))?;
    let text = |name: &str| {
        let plain = typed.text(name).replace("\r\n", "\n");
        // A form sends no empty line at the end; a letter ends with its last line.
        let ended = if name.starts_with("body") { format!("{}\n", plain.trim_end()) } else { plain };
        ended.trim_start().to_owned()
    };
    Ok(LetterChange {
        procedure,
        based_on: named.version.clone(),
        letter: named.letter.clone(),
        name: Text::new(text("name_vi"), text("name_en")),
        body: Text::new(text("body_vi"), text("body_en")),
        effective_from,
        why: typed.text("why"),
    })
}

fn back(visitor: &Visitor, named: &Named, sent: &Submitted, error: Error) -> Result<HttpResponse, Failure> {
    if error.errors.is_empty() {
        return Err(error.into());
    }
    let mut page = LetterPage::of(visitor, named)?;
    page.form.refill(&visitor.frame, sent, &error);
    page.mistakes = page.form.mistakes(&visitor.frame, &error);
    visitor.page_as(StatusCode::UNPROCESSABLE_ENTITY, &page)
}

async fn preview(sent: Sent, named: Path<Named>) -> Result<HttpResponse, Failure> {
    let Sent { visitor, form: sent } = sent;
    let code = Typed { form: FORM, sent: &sent }.given("dossier");
    let done = async {
        let change = change(&named, &sent)?;
        Ok::<_, Error>((versions::preview(&visitor.ctx, &change, code.as_deref()).await?, change))
    };
    match done.await {
        Ok((preview, change)) => {
            let kept = sent.typed().map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
            let action = format!("{}/de-nghi", named.address());
            visitor.page(&LetterPreviewPage { f: visitor.frame.clone(), preview, change, action, kept })
        }
        Err(error) => back(&visitor, &named, &sent, error),
    }
}

async fn propose(sent: Sent, named: Path<Named>) -> Result<HttpResponse, Failure> {
    let Sent { visitor, form: sent } = sent;
    let done = async { versions::propose(&visitor.ctx, &change(&named, &sent)?).await };
    match done.await {
        Ok(id) => Ok(visitor.go(format!("/desk/quan-tri/de-nghi/{id}"))),
        Err(error) => back(&visitor, &named, &sent, error),
    }
}

#[derive(Deserialize)]
struct Asked {
    /// Code of the dossier to read it on.
    #[serde(rename = "ho-so")]
    dossier: Option<String>,
}

async fn read(desk: Desk, id: Path<Uuid>, asked: Query<Asked>) -> Result<HttpResponse, Failure> {
    let Desk(visitor) = desk;
    let code = asked.into_inner().dossier.map(|code| code.trim().to_owned()).filter(|code| !code.is_empty());
    let read = versions::read(&visitor.ctx, *id, code.as_deref()).await;
    let (proposal, preview) = match read {
        // No dossier has this code: the page says so by showing none.
        Err(error) if !error.errors.is_empty() => {
            let (proposal, preview) = versions::read(&visitor.ctx, *id, None).await?;
            (proposal, Preview { rehearsal: None, ..preview })
        }
        read => read?,
    };
    let code = code.unwrap_or_default();
    visitor.page(&ProposalPage { f: visitor.frame.clone(), proposal, preview, code })
}

async fn publish(sent: Sent, id: Path<Uuid>) -> Result<HttpResponse, Failure> {
    match versions::publish(&sent.visitor.ctx, *id).await {
        Ok(()) => Ok(sent.visitor.go(format!("/desk/quan-tri/de-nghi/{id}"))),
        // Its day has come, or the version it was written from has a successor.
        Err(error) if !error.errors.is_empty() => {
            let said = error.errors.into_iter().next().map(|wrong| wrong.text).unwrap_or_default();
            Err(Error::saying(ErrorCode::ActNotAllowed, said).into())
        }
        Err(error) => Err(error.into()),
    }
}

async fn reject(sent: Sent, id: Path<Uuid>) -> Result<HttpResponse, Failure> {
    versions::reject(&sent.visitor.ctx, *id).await?;
    Ok(sent.visitor.go(format!("/desk/quan-tri/de-nghi/{id}")))
}
