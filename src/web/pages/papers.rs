//! The papers of a draft, and those a supplement asks for: several files, one after the other, each
//! kept as it came with its checksum.

use actix_multipart::{Field, Multipart};
use actix_web::http::StatusCode;
use actix_web::http::header::DispositionType;
use actix_web::web::{self, Data, Path, ServiceConfig};
use actix_web::{HttpRequest, HttpResponse};
use askama::Template;
use futures_util::TryStreamExt;
use motcua_app::documents::{self, Announcement};
use motcua_app::idempotency::Ticket;
use motcua_app::view::DossierView;
use motcua_app::{Ctx, Error};
use motcua_domain::document::{Document, DocumentState, FileKind};
use motcua_domain::error_code::ErrorCode;
use motcua_domain::ids::{DocumentId, DossierId};
use motcua_domain::procedure::Requirement;
use motcua_domain::text::Text;
use serde::Deserialize;

use super::apply::{draft, steps};
use super::frame::Frame;
use super::submitted::{Submitted, TOKEN, check_token};
use super::visitor::Visitor;
use crate::Web;
use crate::problem::Failure;

/// A text beside the files of a form is no longer than this.
const LONGEST_TEXT: usize = 200;

/// Where papers themselves are served, `/giay-to/{id}`.
pub const HERE: &str = "/giay-to/";

pub fn mount(config: &mut ServiceConfig) {
    config
        .route("/ho-so/{id}/giay-to", web::get().to(papers))
        .route("/ho-so/{id}/giay-to", web::post().to(upload))
        .route("/giay-to/{id}/bo", web::post().to(remove))
        .route("/giay-to/{id}", web::get().to(open));
}

/// A paper the procedure asks for, with what was given for it.
struct Wanted {
    requirement: Requirement,
    mandatory: bool,
    given: Vec<Document>,
}

#[derive(Template)]
#[template(path = "apply/papers.html")]
struct PapersPage {
    f: Frame,
    view: DossierView,
    wanted: Vec<Wanted>,
    /// What need not be given, and was not.
    optional: Vec<Wanted>,
    others: Vec<Document>,
    steps: usize,
    mistake: Option<String>,
    largest_mb: u64,
}

impl PapersPage {
    async fn of(visitor: &Visitor, view: DossierView, mistake: Option<String>) -> Result<Self, Failure> {
        let rules = visitor.ctx.app.rules();
        let definition = &rules.version(view.procedure.version_id)?.definition;
        let given = documents::list(&visitor.ctx, view.id).await?;
        let of = |key: Option<&str>| {
            let fits = |paper: &&Document| paper.requirement.as_deref() == key;
            given.iter().filter(fits).cloned().collect::<Vec<_>>()
        };
        let (wanted, optional) = definition
            .requirements
            .iter()
            .map(|requirement| Wanted {
                mandatory: requirement.required.holds(&view.answers),
                given: of(Some(&requirement.key)),
                requirement: requirement.clone(),
            })
            .partition(|each: &Wanted| each.mandatory || !each.given.is_empty());
        Ok(Self {
            f: visitor.frame.clone(),
            wanted,
            optional,
            others: of(None),
            steps: steps(definition, &view.answers),
            mistake,
            largest_mb: visitor.ctx.app.settings().upload_max_bytes / (1024 * 1024),
            view,
        })
    }
}

/// `1,2 MB`.
pub fn size(document: &Document) -> String {
    let kilobytes = document.size.unwrap_or(0).div_ceil(1024);
    if kilobytes < 1024 {
        format!("{kilobytes} KB")
    } else {
        format!("{},{} MB", kilobytes / 1024, (kilobytes % 1024) * 10 / 1024)
    }
}

async fn papers(visitor: Visitor, path: Path<DossierId>) -> Result<HttpResponse, Failure> {
    let id = path.into_inner();
    let visitor = visitor.at(id);
    let Some(view) = draft(&visitor, id).await? else { return Ok(visitor.go(format!("/ho-so/{id}"))) };
    visitor.page(&PapersPage::of(&visitor, view, None).await?)
}

/// A short text that stands before the files in the form.
pub async fn text_of(field: &mut Field) -> Result<String, Failure> {
    let mut text = Vec::new();
    while let Some(part) = field.try_next().await.map_err(|_| ErrorCode::MalformedBody)? {
        text.extend_from_slice(&part);
        if text.len() > LONGEST_TEXT {
            return Err(ErrorCode::BodyTooLarge.into());
        }
    }
    String::from_utf8(text).map_err(|_| ErrorCode::MalformedBody.into())
}

/// Takes the files of a form as papers of a dossier, in their order.
///
/// # Errors
/// The first file that is refused, in words that say which; those before it are kept.
pub async fn take(
    request: &HttpRequest,
    web: &Web,
    ctx: &Ctx,
    dossier: DossierId,
    mut form: Multipart,
) -> Result<Vec<Document>, Failure> {
    let (mut checked, mut requirement, mut taken) = (false, None, Vec::new());
    while let Some(mut field) = form.try_next().await.map_err(|_| ErrorCode::MalformedBody)? {
        match field.name().unwrap_or_default() {
            TOKEN => {
                check_token(request, web, Some(&text_of(&mut field).await?))?;
                checked = true;
            }
            "requirement" => requirement = Some(text_of(&mut field).await?).filter(|key| !key.is_empty()),
            "file" => {
                if !checked {
                    check_token(request, web, None)?;
                }
                let name = field
                    .content_disposition()
                    .and_then(|given| given.get_filename())
                    .unwrap_or_default()
                    .to_owned();
                if name.is_empty() {
                    continue;
                }
                taken.push(take_one(ctx, dossier, &name, requirement.clone(), field).await?);
            }
            _ => {}
        }
    }
    if !checked {
        check_token(request, web, None)?;
    }
    if taken.is_empty() {
        let nothing = Text::new("Chưa chọn tệp nào.", "No file was chosen.");
        return Err(Failure(Error::saying(ErrorCode::FileEmpty, nothing)));
    }
    Ok(taken)
}

async fn take_one(
    ctx: &Ctx,
    dossier: DossierId,
    name: &str,
    requirement: Option<String>,
    content: Field,
) -> Result<Document, Failure> {
    let announced = Announcement { name: name.to_owned(), requirement, sha256: None, size: None };
    let paper = documents::announce(ctx, dossier, &Ticket::default(), announced).await?;
    let incoming = content.map_err(|_| Error::of(ErrorCode::MalformedBody));
    match documents::store_content(ctx, paper.id, incoming).await {
        Ok(stored) => Ok(stored),
        Err(mut error) => {
            documents::remove(ctx, paper.id).await?;
            // Which of several files it was.
            let Text { vi, en } = &error.text;
            error.text = Text::new(format!("{name}: {vi}"), format!("{name}: {en}"));
            Err(Failure(error))
        }
    }
}

async fn upload(
    request: HttpRequest,
    web: Data<Web>,
    visitor: Visitor,
    path: Path<DossierId>,
    form: Multipart,
) -> Result<HttpResponse, Failure> {
    let id = path.into_inner();
    let visitor = visitor.at(id);
    if draft(&visitor, id).await?.is_none() {
        return Ok(visitor.go(format!("/ho-so/{id}")));
    }
    match take(&request, &web, &visitor.ctx, id, form).await {
        Ok(_) => Ok(visitor.go(format!("/ho-so/{id}/giay-to"))),
        Err(Failure(error)) if error.code != ErrorCode::NotPermitted && error.private().is_none() => {
            let Some(view) = draft(&visitor, id).await? else { return Err(error.into()) };
            let said = visitor.frame.text(&error.text).to_owned();
            visitor
                .page_as(StatusCode::UNPROCESSABLE_ENTITY, &PapersPage::of(&visitor, view, Some(said)).await?)
        }
        Err(failure) => Err(failure),
    }
}

async fn remove(visitor: Visitor, path: Path<DocumentId>, sent: Submitted) -> Result<HttpResponse, Failure> {
    let dossier: DossierId = sent.get("dossier").and_then(|id| id.parse().ok()).ok_or(ErrorCode::NotFound)?;
    let visitor = visitor.at(dossier);
    documents::remove(&visitor.ctx, path.into_inner()).await?;
    Ok(visitor.go(format!("/ho-so/{dossier}/giay-to")))
}

/// Addresses of papers name their dossier, whose key this browser may hold.
#[derive(Deserialize)]
pub struct OfDossier {
    hs: Option<String>,
}

impl OfDossier {
    pub fn holder(self, visitor: Visitor) -> Visitor {
        match self.hs.and_then(|id| id.parse().ok()) {
            Some(dossier) => visitor.at(dossier),
            None => visitor,
        }
    }
}

/// The paper itself, in the browser: the rights check and the record are those of the API.
async fn open(
    visitor: Visitor,
    path: Path<DocumentId>,
    asked: web::Query<OfDossier>,
) -> Result<HttpResponse, Failure> {
    let visitor = asked.into_inner().holder(visitor);
    let (document, length, content) = documents::download(&visitor.ctx, path.into_inner()).await?;
    // Only what a browser shows without running anything of it.
    let shown = is_picture(&document) || is_page(&document);
    let how = if shown { DispositionType::Inline } else { DispositionType::Attachment };
    Ok(crate::api::documents::sent(&document, length, content, how))
}

/// What its card says: `PDF`.
pub fn ending(document: &Document) -> &'static str {
    match document.media_type {
        Some(FileKind::Pdf) => "PDF",
        Some(FileKind::Jpeg) => "JPG",
        Some(FileKind::Png) => "PNG",
        Some(FileKind::Tiff) => "TIFF",
        Some(FileKind::Webp) => "WEBP",
        Some(FileKind::Docx) => "DOCX",
        Some(FileKind::Xlsx) => "XLSX",
        Some(FileKind::Odt) => "ODT",
        None => "…",
    }
}

/// True for what a browser lays out as sheets.
pub fn is_page(document: &Document) -> bool {
    document.state == DocumentState::Ready && document.media_type == Some(FileKind::Pdf)
}

/// True for what a browser can show inside a page.
pub fn is_picture(document: &Document) -> bool {
    document.state == DocumentState::Ready
        && matches!(document.media_type, Some(FileKind::Jpeg | FileKind::Png | FileKind::Webp))
}
