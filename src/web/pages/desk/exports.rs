//! Lists to take away: asked for here or from a view of the queue, followed while they are written, fetched.

use actix_web::HttpResponse;
use actix_web::body::SizedStream;
use actix_web::http::StatusCode;
use actix_web::http::header::{CONTENT_TYPE, DispositionType, ETAG};
use actix_web::web::{self, Path, ServiceConfig};
use askama::Template;
use futures_util::TryStreamExt;
use motcua_app::exports::{self, Asked, DAY_PAPERS, ExportView};
use motcua_app::{Error, Result};
use motcua_domain::export::{ExportFormat, ExportList, ExportState};
use motcua_domain::ids::{AgencyId, ExportId};
use motcua_domain::procedure::form::Widget;

use super::form::{DeskForm, Typed, together};
use super::queue::sent_from;
use super::{Desk, Sent};
use crate::pages::begin::once;
use crate::pages::field::{choice, field, hinted, holding, opens, option};
use crate::pages::form::{ChoiceView, FieldView};
use crate::pages::frame::Frame;
use crate::pages::printed::named;
use crate::pages::submitted::Submitted;
use crate::pages::visitor::Visitor;
use crate::problem::Failure;

const HERE: &str = "/desk/ket-xuat";
const PAPERS: &str = "/desk/ket-xuat/giay-to";
const BOOK_FORM: &str = "so";
const PAPERS_FORM: &str = "giay";

pub fn mount(config: &mut ServiceConfig) {
    config
        .route(HERE, web::get().to(list))
        .route(HERE, web::post().to(ask_book))
        .route(PAPERS, web::post().to(ask_papers))
        .route("/desk/ket-xuat/danh-sach", web::post().to(ask_view))
        .route("/desk/ket-xuat/{id}", web::get().to(read))
        .route("/desk/ket-xuat/{id}/huy", web::post().to(cancel))
        .route("/desk/ket-xuat/{id}/tep", web::get().to(fetch));
}

#[derive(Template)]
#[template(path = "desk/exports.html")]
struct ExportsPage {
    f: Frame,
    forms: [DeskForm; 2],
    exports: Vec<ExportView>,
    mistakes: Vec<(String, String)>,
}

#[derive(Template)]
#[template(path = "desk/export.html")]
struct ExportPage {
    f: Frame,
    export: ExportView,
    agency: Option<String>,
}

fn list_name(f: &Frame, list: &ExportList) -> &'static str {
    match list {
        ExportList::Register => f.say("Sổ theo dõi hồ sơ", "Register of dossiers"),
        ExportList::Period => f.say("Hồ sơ giải quyết trong kỳ", "Dossiers of a period"),
        ExportList::Queue => f.say("Danh sách hồ sơ", "List of dossiers"),
        ExportList::DayPapers => f.say("Giấy tờ trong ngày để in", "Papers of a day to print"),
    }
}

fn format_name(f: &Frame, format: &ExportFormat) -> &'static str {
    match format {
        ExportFormat::Xlsx => "Excel (XLSX)",
        ExportFormat::Csv => f.say("CSV, cho phần mềm khác", "CSV, for other programs"),
        ExportFormat::Pdf => f.say("PDF để in", "PDF to print"),
    }
}

fn state(f: &Frame, state: &ExportState) -> &'static str {
    match state {
        ExportState::Waiting => f.say("Đang chờ", "Waiting"),
        ExportState::Running => f.say("Đang lập", "Being written"),
        ExportState::Done => f.say("Đã xong", "Done"),
        ExportState::Failed => f.say("Không lập được", "Failed"),
        ExportState::Cancelled => f.say("Đã hủy", "Cancelled"),
    }
}

/// `12 KB`, `3,4 MB`.
fn size(bytes: &i64) -> String {
    let kilobytes = bytes.max(&0).unsigned_abs().div_ceil(1024);
    if kilobytes < 1024 {
        return format!("{kilobytes} KB");
    }
    format!("{},{} MB", kilobytes / 1024, (kilobytes % 1024) * 10 / 1024)
}

/// What it covers, in words.
fn span(f: &Frame, export: &ExportView) -> String {
    match (export.asked.since, export.asked.until) {
        (Some(since), Some(until)) if since == until => f.date(&since),
        (Some(since), Some(until)) => format!("{} – {}", f.date(&since), f.date(&until)),
        _ => String::new(),
    }
}

/// The agency to choose, when there is more than one to choose from.
fn agencies(visitor: &Visitor) -> Result<Vec<ChoiceView>> {
    let rules = visitor.ctx.app.rules();
    let mut all: Vec<ChoiceView> = exports::agencies(&visitor.ctx)?
        .into_iter()
        .filter_map(|id| Some(option(id, visitor.frame.text(&rules.find_office(id)?.agency.name))))
        .collect();
    all.sort_by(|one, other| one.value.cmp(&other.value));
    all.dedup_by(|one, other| one.value == other.value);
    if let Some(first) = all.first_mut() {
        first.chosen = true;
    }
    Ok(all)
}

impl ExportsPage {
    async fn of(visitor: &Visitor) -> Result<Self> {
        let (f, ctx) = (&visitor.frame, &visitor.ctx);
        let agency = || -> Result<Option<FieldView>> {
            let all = agencies(visitor)?;
            Ok((all.len() > 1).then(|| choice("agency", f.say("Cơ quan", "Agency"), all)))
        };
        let first = |mut all: Vec<ChoiceView>| {
            if let Some(first) = all.first_mut() {
                first.chosen = true;
            }
            all
        };
        let today = f.date(&ctx.today());
        let mut book = vec![choice(
            "list",
            f.say("Lập gì", "Which list"),
            first(
                [ExportList::Register, ExportList::Period]
                    .map(|list| option(list, list_name(f, &list)))
                    .to_vec(),
            ),
        )];
        book.extend(agency()?);
        let start = ctx.today().format("01/%m/%Y").to_string();
        book.extend([
            holding(field(Widget::Date, "since", f.say("Từ ngày", "First day")), start),
            holding(field(Widget::Date, "until", f.say("Đến hết ngày", "Last day")), today.clone()),
            hinted(
                choice(
                    "format",
                    f.say("Dạng tệp", "Kind of file"),
                    first(ExportFormat::ALL.iter().map(|each| option(each, format_name(f, each))).collect()),
                ),
                f.say(
                    "PDF chỉ dùng để in sổ theo dõi hồ sơ đúng mẫu, nhiều nhất 2.000 hồ sơ một lần.",
                    "PDF is for the register only, as its form has it, at most 2,000 dossiers at a time.",
                ),
            ),
        ]);
        let book = DeskForm::new(BOOK_FORM, HERE, f.say("Lập sổ hoặc danh sách", "Write a register or list"), book)
            .about(f.say(
                "Sổ theo dõi gồm hồ sơ tiếp nhận trong những ngày này, đúng thứ tự cột của mẫu. Hồ sơ trong kỳ gồm mọi hồ sơ còn mở vào một ngày nào đó trong kỳ, và so với hạn trả.",
                "The register has what was received in these days, its columns in the order of the form. Dossiers of a period are all that were open on one of its days, against their due dates.",
            ))
            .once(ctx)
            .unfolded();
        let mut papers: Vec<FieldView> = agency()?.into_iter().collect();
        let rules = ctx.app.rules();
        let mut kinds = vec![option("", f.say("Tất cả phiếu và giấy tiếp nhận", "All receipts and slips"))];
        kinds.extend(
            DAY_PAPERS.iter().filter_map(|kind| {
                Some(option(kind, f.text(&rules.forms.in_force(*kind, ctx.today())?.title)))
            }),
        );
        papers.extend([
            holding(field(Widget::Date, "day", f.say("Ngày", "Day")), today),
            FieldView {
                required: false,
                ..choice("kind", f.say("Loại giấy tờ", "Which papers"), first(kinds))
            },
        ]);
        let papers = DeskForm::new(
            PAPERS_FORM,
            PAPERS,
            f.say("In giấy tờ trong ngày", "Print the papers of a day"),
            papers,
        )
        .about(f.say(
            "Giấy tiếp nhận và các phiếu lập trong ngày, lần lượt trong một tệp PDF để in một lần; nhiều nhất 500.",
            "The receipts and slips made on that day, one after the other in one PDF to print at once; at most 500.",
        ))
        .once(ctx)
        .unfolded();
        Ok(Self {
            f: f.clone(),
            forms: [book, papers],
            exports: exports::list(ctx).await?,
            mistakes: Vec::new(),
        })
    }
}

async fn list(desk: Desk) -> std::result::Result<HttpResponse, Failure> {
    let Desk(visitor) = desk;
    visitor.page(&ExportsPage::of(&visitor).await?)
}

/// The agency chosen, or the only one there is.
fn agency(visitor: &Visitor, typed: &Typed<'_>) -> Result<AgencyId> {
    match exports::agencies(&visitor.ctx)?.as_slice() {
        [only] => Ok(*only),
        _ => typed.read("agency"),
    }
}

fn book(visitor: &Visitor, sent: &Submitted) -> Result<Asked> {
    let typed = Typed { form: BOOK_FORM, sent };
    let what = together(typed.read::<ExportList>("list"), typed.read::<ExportFormat>("format"));
    let days = together(typed.the_day("since"), typed.the_day("until"));
    let (((list, format), (since, until)), agency) = together(together(what, days), agency(visitor, &typed))?;
    Ok(Asked {
        list,
        format,
        language: visitor.frame.language,
        agency: Some(agency),
        since: Some(since),
        until: Some(until),
        kind: None,
        filter: None,
    })
}

fn papers(visitor: &Visitor, sent: &Submitted) -> Result<Asked> {
    let typed = Typed { form: PAPERS_FORM, sent };
    let kind = typed.given("kind").map(|_| typed.read("kind")).transpose();
    let ((day, kind), agency) = together(together(typed.the_day("day"), kind), agency(visitor, &typed))?;
    Ok(Asked {
        list: ExportList::DayPapers,
        format: ExportFormat::Pdf,
        language: visitor.frame.language,
        agency: Some(agency),
        since: Some(day),
        until: Some(day),
        kind,
        filter: None,
    })
}

/// Asks, and leads to where it is followed; what is wrong comes back at its field with all that was typed.
async fn ask(
    sent: Sent,
    read: fn(&Visitor, &Submitted) -> Result<Asked>,
) -> std::result::Result<HttpResponse, Failure> {
    let Sent { visitor, form: sent } = sent;
    let ticket = once(&visitor, &sent)?;
    let asked = async { exports::ask(&visitor.ctx, &ticket, &read(&visitor, &sent)?).await };
    match asked.await {
        Ok(id) => Ok(visitor.go(format!("{HERE}/{id}"))),
        Err(error) if error.private().is_none() && !error.errors.is_empty() => {
            back(&visitor, &sent, &error).await
        }
        Err(error) => Err(error.into()),
    }
}

async fn back(
    visitor: &Visitor,
    sent: &Submitted,
    error: &Error,
) -> std::result::Result<HttpResponse, Failure> {
    let mut page = ExportsPage::of(visitor).await?;
    for form in &mut page.forms {
        let prefix = format!("/{}/", form.id);
        if sent.typed().any(|(name, _)| name.starts_with(&prefix)) {
            form.refill(&visitor.frame, sent, error);
            page.mistakes = form.mistakes(&visitor.frame, error);
        }
    }
    visitor.page_as(StatusCode::UNPROCESSABLE_ENTITY, &page)
}

async fn ask_book(sent: Sent) -> std::result::Result<HttpResponse, Failure> {
    ask(sent, book).await
}

async fn ask_papers(sent: Sent) -> std::result::Result<HttpResponse, Failure> {
    ask(sent, papers).await
}

/// The view of the queue somebody looks at, as it stands.
async fn ask_view(sent: Sent) -> std::result::Result<HttpResponse, Failure> {
    let filter = sent_from(&sent).filter(&sent.visitor.ctx);
    let format = sent.form.get("dang").and_then(|format| format.parse().ok()).unwrap_or(ExportFormat::Xlsx);
    let ticket = once(&sent.visitor, &sent.form)?;
    let asked = Asked {
        list: ExportList::Queue,
        format,
        language: sent.visitor.frame.language,
        agency: None,
        since: None,
        until: None,
        kind: None,
        filter: Some(filter),
    };
    let id = exports::ask(&sent.visitor.ctx, &ticket, &asked).await?;
    Ok(sent.visitor.go(format!("{HERE}/{id}")))
}

async fn read(desk: Desk, path: Path<ExportId>) -> std::result::Result<HttpResponse, Failure> {
    let Desk(visitor) = desk;
    let export = exports::read(&visitor.ctx, path.into_inner()).await?;
    let rules = visitor.ctx.app.rules();
    let office = export.asked.agency.and_then(|id| rules.find_office(id));
    let agency = office.map(|office| visitor.frame.text(&office.agency.name).to_owned());
    visitor.page(&ExportPage { f: visitor.frame.clone(), export, agency })
}

async fn cancel(sent: Sent, path: Path<ExportId>) -> std::result::Result<HttpResponse, Failure> {
    let id = path.into_inner();
    exports::cancel(&sent.visitor.ctx, id).await?;
    Ok(sent.visitor.go(format!("{HERE}/{id}")))
}

async fn fetch(desk: Desk, path: Path<ExportId>) -> std::result::Result<HttpResponse, Failure> {
    let Desk(visitor) = desk;
    let (export, length, content) = exports::fetch(&visitor.ctx, path.into_inner()).await?;
    // What is printed is seen first; a table is saved.
    let how = match export.asked.format {
        ExportFormat::Pdf => DispositionType::Inline,
        ExportFormat::Xlsx | ExportFormat::Csv => DispositionType::Attachment,
    };
    let mut response = HttpResponse::Ok();
    if let Some(sha256) = &export.sha256 {
        response.insert_header((ETAG, format!("\"{sha256}\"")));
    }
    response
        .insert_header((CONTENT_TYPE, export.asked.format.media_type()))
        .insert_header(named(export.file_name(), how));
    let content = content.map_err(|error| std::io::Error::other(error.code.as_str()));
    Ok(response.body(SizedStream::new(length, content)))
}
