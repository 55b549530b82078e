//! Papers the office made, as files: fetched from a dossier's page, and checked by anyone who holds one.

use actix_multipart::Multipart;
use actix_web::http::StatusCode;
use actix_web::http::header::{
    Charset, ContentDisposition, DispositionParam, DispositionType, ETAG, ExtendedValue,
};
use actix_web::web::{self, Bytes, Data, Path, Query, ServiceConfig};
use actix_web::{HttpRequest, HttpResponse};
use askama::Template;
use futures_util::TryStreamExt;
use motcua_app::Error;
use motcua_app::papers::{self, Checked, Fetched, Verdict};
use motcua_domain::error_code::ErrorCode;
use motcua_domain::ids::{DossierId, PaperId};
use motcua_domain::paper::PaperKind;
use motcua_domain::text::{Language, Text};
use serde::Deserialize;

use super::frame::Frame;
use super::papers::text_of;
use super::submitted::{TOKEN, check_token};
use super::visitor::Visitor;
use crate::Web;
use crate::problem::Failure;

/// Ends of addresses that serve papers: a dossier's page shows them in frames.
pub const WITHIN: &str = "/van-ban/";
/// The largest file that is looked at for a check.
const LARGEST: usize = 20 * 1024 * 1024;

pub fn mount(config: &mut ServiceConfig) {
    config
        .route("/ho-so/{id}/van-ban/{paper}", web::get().to(fetch))
        .route("/ho-so/{id}/van-ban/{paper}/ke-khai", web::get().to(fetch_manifest))
        .route("/ho-so/{id}/to-bia", web::get().to(cover))
        .route("/ho-so/{id}/phieu-kiem-soat", web::get().to(slip))
        .route("/xac-thuc", web::get().to(ask))
        .route("/xac-thuc", web::post().to(shown))
        .route("/xac-thuc/{code}", web::get().to(check));
}

/// The name a file is saved under.
pub fn named(name: String, disposition: DispositionType) -> ContentDisposition {
    let value = name.into_bytes();
    let name = ExtendedValue { charset: Charset::Ext("UTF-8".to_owned()), language_tag: None, value };
    ContentDisposition { disposition, parameters: vec![DispositionParam::FilenameExt(name)] }
}

/// A manifest as a file to keep.
pub fn manifest_sent((name, bytes): (String, Bytes)) -> HttpResponse {
    let how = named(name, DispositionType::Attachment);
    HttpResponse::Ok().content_type("application/json").insert_header(how).body(bytes)
}

/// A paper as a file, seen in the browser.
pub fn sent(paper: Fetched) -> HttpResponse {
    let how = named(format!("{}.pdf", paper.name), DispositionType::Inline);
    let mut response = HttpResponse::Ok();
    if let Some(sha256) = paper.sha256 {
        response.insert_header((ETAG, format!("\"{sha256}\"")));
    }
    response.content_type("application/pdf").insert_header(how).body(paper.bytes)
}

#[derive(Deserialize)]
struct In {
    /// `en` for the working translation.
    lang: Option<String>,
}

async fn fetch(
    visitor: Visitor,
    path: Path<(DossierId, PaperId)>,
    asked: Query<In>,
) -> Result<HttpResponse, Failure> {
    let (dossier, paper) = path.into_inner();
    let visitor = visitor.at(dossier);
    let language = asked.lang.as_deref().map_or(Language::Vi, Language::read);
    Ok(sent(papers::fetch(&visitor.ctx, paper, language).await?))
}

async fn fetch_manifest(visitor: Visitor, path: Path<(DossierId, PaperId)>) -> Result<HttpResponse, Failure> {
    let (dossier, paper) = path.into_inner();
    let visitor = visitor.at(dossier);
    Ok(manifest_sent(papers::manifest(&visitor.ctx, paper).await?))
}

async fn cover(visitor: Visitor, path: Path<DossierId>) -> Result<HttpResponse, Failure> {
    let id = path.into_inner();
    let visitor = visitor.at(id);
    Ok(sent(papers::on_demand(&visitor.ctx, id, PaperKind::CoverSheet).await?))
}

async fn slip(visitor: Visitor, path: Path<DossierId>) -> Result<HttpResponse, Failure> {
    Ok(sent(papers::on_demand(&visitor.ctx, path.into_inner(), PaperKind::ControlSlip).await?))
}

#[derive(Template)]
#[template(path = "check.html")]
struct CheckPage {
    f: Frame,
    code: String,
    /// What was asked about, and what is known of it.
    verdict: Option<Verdict>,
    mistake: Option<String>,
}

impl CheckPage {
    fn of(visitor: &Visitor, code: String, verdict: Option<Verdict>) -> Self {
        Self { f: visitor.frame.clone(), code, verdict, mistake: None }
    }
}

#[derive(Deserialize)]
struct Asked {
    ma: Option<String>,
}

async fn ask(visitor: Visitor, asked: Query<Asked>) -> Result<HttpResponse, Failure> {
    match asked.into_inner().ma.map(|code| code.trim().to_uppercase()).filter(|code| !code.is_empty()) {
        Some(code) if code.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-') => {
            Ok(visitor.go(format!("/xac-thuc/{code}")))
        }
        Some(code) => {
            visitor.page_as(StatusCode::NOT_FOUND, &CheckPage::of(&visitor, code, Some(Verdict::Unknown)))
        }
        None => visitor.page(&CheckPage::of(&visitor, String::new(), None)),
    }
}

async fn check(visitor: Visitor, path: Path<String>) -> Result<HttpResponse, Failure> {
    let code = path.into_inner();
    match papers::check(&visitor.ctx, &code).await {
        Ok(found) => visitor.page(&CheckPage::of(&visitor, code, Some(Verdict::Genuine(found)))),
        Err(error) if error.code == ErrorCode::NotFound => {
            visitor.page_as(StatusCode::NOT_FOUND, &CheckPage::of(&visitor, code, Some(Verdict::Unknown)))
        }
        Err(error) => Err(error.into()),
    }
}

/// A file somebody shows: judged and not kept.
async fn shown(
    request: HttpRequest,
    web: Data<Web>,
    visitor: Visitor,
    mut form: Multipart,
) -> Result<HttpResponse, Failure> {
    let (mut checked, mut file) = (false, Vec::new());
    while let Some(mut field) = form.try_next().await.map_err(|_| ErrorCode::MalformedBody)? {
        match field.name().unwrap_or_default() {
            TOKEN => {
                check_token(&request, &web, Some(&text_of(&mut field).await?))?;
                checked = true;
            }
            "file" => {
                while let Some(part) = field.try_next().await.map_err(|_| ErrorCode::MalformedBody)? {
                    if file.len().saturating_add(part.len()) > LARGEST {
                        return Err(ErrorCode::FileTooLarge.into());
                    }
                    file.extend_from_slice(&part);
                }
            }
            _ => {}
        }
    }
    if !checked {
        check_token(&request, &web, None)?;
    }
    let mut page = CheckPage::of(&visitor, String::new(), None);
    if file.is_empty() {
        let nothing =
            Error::saying(ErrorCode::FileEmpty, Text::new("Chưa chọn tệp nào.", "No file was chosen."));
        page.mistake = Some(visitor.frame.text(&nothing.text).to_owned());
        return visitor.page_as(StatusCode::UNPROCESSABLE_ENTITY, &page);
    }
    page.verdict = Some(papers::judge(&visitor.ctx, &file).await?);
    visitor.page(&page)
}

/// A line of what is known: name and value.
fn known(f: &Frame, paper: &Checked) -> Vec<(&'static str, String)> {
    let mut lines = vec![
        (f.say("Giấy tờ", "Paper"), f.text(&paper.title).to_owned()),
        (f.say("Cơ quan ban hành", "Made by"), f.text(&paper.agency).to_owned()),
    ];
    if let Some(number) = &paper.number {
        lines.push((f.say("Số", "Number"), number.clone()));
    }
    lines.push((f.say("Lập lúc", "Made at"), f.instant(&paper.made_at)));
    lines.push((f.say("Mã kiểm tra", "Check code"), paper.check_code.clone()));
    if let Some(by) = &paper.sealed_by {
        lines.push((f.say("Ký số bởi", "Sealed by"), by.clone()));
    }
    if let Some(sha256) = &paper.sha256 {
        lines.push(("SHA-256", sha256.clone()));
    }
    lines
}
