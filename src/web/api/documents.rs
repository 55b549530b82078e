//! Papers: announced, sent as a raw body, listed, opened, removed.

use actix_web::body::SizedStream;
use actix_web::http::header::{
    CONTENT_TYPE, Charset, ContentDisposition, DispositionParam, DispositionType, ETAG, ExtendedValue,
    LOCATION,
};
use actix_web::web::Payload;
use actix_web::{HttpResponse, delete, get, post, put};
use futures_util::TryStreamExt;
use motcua_app::documents::{self, Announcement};
use motcua_app::file::Content;
use motcua_domain::document::Document;
use motcua_domain::error_code::ErrorCode;
use motcua_domain::ids::{DocumentId, DossierId};
use serde::Deserialize;
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;

use crate::body::{Body, Id};
use crate::caller::Caller;
use crate::precondition::Conditions;
use crate::problem::Failure;

pub fn mount(config: &mut ServiceConfig<'_>) {
    config
        .service(announce_document)
        .service(list_documents)
        .service(read_document)
        .service(store_content)
        .service(download_document)
        .service(remove_document);
}

/// A paper that will come.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AnnouncementBody {
    /// Folders before the name are dropped.
    #[schema(min_length = 1, max_length = 200)]
    pub name: String,
    /// Key of the required paper it is.
    pub requirement: Option<String>,
    /// In hex; content that differs is refused.
    #[schema(pattern = "^[0-9a-fA-F]{64}$")]
    pub sha256: Option<String>,
    /// In bytes; content that differs is refused.
    #[schema(minimum = 1)]
    pub size: Option<u64>,
}

/// The bytes of a file.
#[derive(ToSchema)]
#[schema(value_type = String, format = Binary)]
#[expect(dead_code, reason = "describes raw bodies in the contract")]
pub struct FileContent(Vec<u8>);

/// Announce a paper, then send its content.
///
/// While a draft, by whoever files; later by the counter, and by the filer when a supplement is awaited.
#[utoipa::path(tag = "filing", operation_id = "announce_document", request_body = AnnouncementBody, params(("id" = DossierId, Path), ("Idempotency-Key" = String, Header, description = "Unique per paper; repeat it to get the same answer")), responses((status = 201, body = Document)))]
#[post("/dossiers/{id}/documents")]
pub async fn announce_document(
    caller: Caller,
    id: Id<DossierId>,
    conditions: Conditions,
    body: Body<AnnouncementBody>,
) -> Result<HttpResponse, Failure> {
    let ticket = conditions.create(&caller.0, &body.raw)?;
    let AnnouncementBody { name, requirement, sha256, size } = body.value;
    let document =
        documents::announce(&caller.0, id.0, &ticket, Announcement { name, requirement, sha256, size })
            .await?;
    Ok(HttpResponse::Created()
        .insert_header((LOCATION, format!("/api/v1/documents/{}", document.id)))
        .json(document))
}

/// The papers of a dossier, in the order they came.
#[utoipa::path(tag = "dossiers", operation_id = "list_documents", params(("id" = DossierId, Path)), responses((status = 200, body = Vec<Document>)))]
#[get("/dossiers/{id}/documents")]
pub async fn list_documents(caller: Caller, id: Id<DossierId>) -> Result<HttpResponse, Failure> {
    Ok(HttpResponse::Ok().json(documents::list(&caller.0, id.0).await?))
}

/// One paper, without its content.
#[utoipa::path(tag = "dossiers", operation_id = "read_document", params(("id" = DocumentId, Path)), responses((status = 200, body = Document)))]
#[get("/documents/{id}")]
pub async fn read_document(caller: Caller, id: Id<DocumentId>) -> Result<HttpResponse, Failure> {
    Ok(HttpResponse::Ok().json(documents::find(&caller.0, id.0).await?))
}

/// Send the content of an announced paper as the raw body, of any media type: the content decides.
///
/// PDF, JPEG, PNG, TIFF, WebP, DOCX, XLSX or ODT. With a virus scanner the paper is `scanning` until
/// it is found clean. The same content again gives the same answer.
#[utoipa::path(tag = "filing", operation_id = "store_content", request_body(content = FileContent, content_type = "application/octet-stream"), params(("id" = DocumentId, Path)), responses((status = 200, body = Document)))]
#[put("/documents/{id}/content")]
pub async fn store_content(
    caller: Caller,
    id: Id<DocumentId>,
    payload: Payload,
) -> Result<HttpResponse, Failure> {
    let incoming = payload.map_err(|_| motcua_app::Error::of(ErrorCode::MalformedBody));
    Ok(HttpResponse::Ok().json(documents::store_content(&caller.0, id.0, incoming).await?))
}

/// The content of a paper that is ready. Views by staff are recorded.
#[utoipa::path(
    tag = "dossiers",
    operation_id = "download_document",
    params(("id" = DocumentId, Path)),
    responses(
        (status = 200, description = "The file", content(
            (FileContent = "application/pdf"),
            (FileContent = "image/jpeg"),
            (FileContent = "image/png"),
            (FileContent = "image/tiff"),
            (FileContent = "image/webp"),
            (FileContent = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"),
            (FileContent = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
            (FileContent = "application/vnd.oasis.opendocument.text"),
        )),
        (status = 409, description = "Chưa mở được · Not ready yet", body = crate::problem::Problem, content_type = "application/problem+json"),
        (status = 422, description = "Đã bị loại bỏ vì có mã độc · Removed, it was infected", body = crate::problem::Problem, content_type = "application/problem+json"),
    )
)]
#[get("/documents/{id}/content")]
pub async fn download_document(caller: Caller, id: Id<DocumentId>) -> Result<HttpResponse, Failure> {
    let (document, length, content) = documents::download(&caller.0, id.0).await?;
    // Never shown inside our own pages, whatever it holds.
    Ok(sent(&document, length, content, DispositionType::Attachment))
}

/// A paper on its way to whoever may have it.
pub fn sent(document: &Document, length: u64, content: Content, how: DispositionType) -> HttpResponse {
    let mut response = HttpResponse::Ok();
    if let Some(kind) = document.media_type {
        response.insert_header((CONTENT_TYPE, kind.as_str()));
    }
    if let Some(sha256) = &document.sha256 {
        response.insert_header((ETAG, format!("\"{sha256}\"")));
    }
    response.insert_header(disposition(document, how));
    response
        .body(SizedStream::new(length, content.map_err(|error| std::io::Error::other(error.code.as_str()))))
}

/// Names are Vietnamese, so the name goes in the form that can carry it. RFC 6266.
fn disposition(document: &Document, disposition: DispositionType) -> ContentDisposition {
    let value = document.download_name().into_bytes();
    let name = ExtendedValue { charset: Charset::Ext("UTF-8".to_owned()), language_tag: None, value };
    ContentDisposition { disposition, parameters: vec![DispositionParam::FilenameExt(name)] }
}

/// Take a paper out of a draft.
#[utoipa::path(tag = "filing", operation_id = "remove_document", params(("id" = DocumentId, Path)), responses((status = 204, description = "Removed")))]
#[delete("/documents/{id}")]
pub async fn remove_document(caller: Caller, id: Id<DocumentId>) -> Result<HttpResponse, Failure> {
    documents::remove(&caller.0, id.0).await?;
    Ok(HttpResponse::NoContent().finish())
}
