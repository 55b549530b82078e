//! Papers the office made about a dossier, and the check anyone can make of one.

use actix_web::{HttpRequest, HttpResponse, get};
use motcua_app::papers::{self, Checked, PaperView};
use motcua_domain::ids::{DossierId, PaperId};
use motcua_domain::text::Language;
use serde::Deserialize;
use utoipa::IntoParams;
use utoipa_actix_web::service_config::ServiceConfig;

use super::documents::FileContent;
use crate::body::{Id, Params};
use crate::caller::Caller;
use crate::problem::Failure;

pub fn mount(config: &mut ServiceConfig<'_>) {
    config.service(papers_of).service(fetch_paper).service(paper_manifest).service(check_paper);
}

/// The papers the office made about a dossier, oldest first.
#[utoipa::path(tag = "dossiers", operation_id = "papers", params(("id" = DossierId, Path)), responses((status = 200, body = Vec<PaperView>)))]
#[get("/dossiers/{id}/papers")]
pub async fn papers_of(caller: Caller, id: Id<DossierId>) -> Result<HttpResponse, Failure> {
    Ok(HttpResponse::Ok().json(papers::list(&caller.0, id.0).await?))
}

/// In which language.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct PaperParams {
    /// `en` for a working translation, made anew each time; the paper itself otherwise.
    #[param(max_length = 10)]
    pub lang: Option<String>,
}

/// A paper as PDF/A-2b: the same bytes each time. Views by staff are recorded.
#[utoipa::path(tag = "dossiers", operation_id = "fetch_paper", params(("id" = PaperId, Path), PaperParams), responses((status = 200, description = "The file", content((FileContent = "application/pdf")))))]
#[get("/papers/{id}/content")]
pub async fn fetch_paper(
    caller: Caller,
    id: Id<PaperId>,
    params: Params<PaperParams>,
) -> Result<HttpResponse, Failure> {
    let language = params.0.lang.as_deref().map_or(Language::Vi, Language::read);
    Ok(crate::pages::printed::sent(papers::fetch(&caller.0, id.0, language).await?))
}

/// The manifest whose SHA-256 a receipt, or the copy of what was filed, carries: every answer, and every file
/// with its digest, as JSON. `motcua verify PAPER MANIFEST FILES` proves them together. 404 for other papers.
#[utoipa::path(tag = "dossiers", operation_id = "paper_manifest", params(("id" = PaperId, Path)), responses((status = 200, description = "The manifest", content((Object = "application/json")))))]
#[get("/papers/{id}/manifest")]
pub async fn paper_manifest(caller: Caller, id: Id<PaperId>) -> Result<HttpResponse, Failure> {
    Ok(crate::pages::printed::manifest_sent(papers::manifest(&caller.0, id.0).await?))
}

/// What is known of a paper by the code printed on it: nobody's data.
#[utoipa::path(tag = "public", operation_id = "check_paper", params(("code" = String, Path, description = "The check code of a paper")), responses((status = 200, body = Checked)))]
#[get("/paper-checks/{code}")]
pub async fn check_paper(request: HttpRequest, caller: Caller) -> Result<HttpResponse, Failure> {
    let code = request.match_info().get("code").unwrap_or_default();
    Ok(HttpResponse::Ok().json(papers::check(&caller.0, code).await?))
}
