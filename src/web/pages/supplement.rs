//! The applicant's answer to a supplement request, one item at a time: its reason, what is right,
//! and its own field or upload.

use actix_multipart::Multipart;
use actix_web::http::StatusCode;
use actix_web::web::{self, Data, Path, ServiceConfig};
use actix_web::{HttpRequest, HttpResponse};
use askama::Template;
use motcua_app::idempotency::Ticket;
use motcua_app::lists;
use motcua_app::supply::{Answer, supply};
use motcua_app::view::DossierView;
use motcua_domain::dossier::SupplementItem;
use motcua_domain::error_code::{ErrorCode, FieldError};
use motcua_domain::ids::{DossierId, ItemId};
use motcua_domain::procedure::form::Widget;

use super::dossier::{Wanted, wanted};
use super::form::{self, FieldView, Showing};
use super::frame::Frame;
use super::interrupted::Sent;
use super::papers::take;
use super::visitor::Visitor;
use crate::Web;
use crate::problem::Failure;

pub fn mount(config: &mut ServiceConfig) {
    config
        .route("/ho-so/{id}/bo-sung/{item}", web::get().to(ask))
        .route("/ho-so/{id}/bo-sung/{item}", web::post().to(answer))
        .route("/ho-so/{id}/bo-sung/{item}/giay-to", web::post().to(send));
}

#[derive(Template)]
#[template(path = "dossier/supply.html")]
struct SupplyPage {
    f: Frame,
    view: DossierView,
    wanted: Wanted,
    item: ItemId,
    /// The field to correct; none for a paper.
    field: Option<FieldView>,
    mistakes: Vec<(String, String)>,
}

/// The open item, and the page that asks for it.
async fn opened(
    visitor: &Visitor,
    id: DossierId,
    item: ItemId,
    errors: &[FieldError],
) -> Result<(SupplyPage, SupplementItem), Failure> {
    let view = lists::read(&visitor.ctx, id).await?;
    let open = view.supplements.last().filter(|supplement| supplement.closed_at.is_none());
    let found = open.and_then(|open| open.items.iter().position(|each| each.id == item).zip(Some(open)));
    let (at, open) = found.ok_or(ErrorCode::NotFound)?;
    let asked = open.items.get(at).cloned().ok_or(ErrorCode::NotFound)?;
    let wanted =
        wanted(&visitor.frame, &visitor.ctx, &view)?.into_iter().nth(at).ok_or(ErrorCode::NotFound)?;
    let rules = visitor.ctx.app.rules();
    let definition = &rules.version(view.procedure.version_id)?.definition;
    let showing = Showing { frame: &visitor.frame, definition, answers: &view.answers, errors };
    let field = asked.field.as_ref().and_then(|field| showing.find(field));
    let mistakes = errors
        .iter()
        .map(|error| {
            let id = field.as_ref().map(FieldView::id).unwrap_or_default();
            (id, visitor.frame.text(&error.text).to_owned())
        })
        .collect();
    Ok((SupplyPage { f: visitor.frame.clone(), wanted, item, field, mistakes, view }, asked))
}

async fn ask(visitor: Visitor, path: Path<(DossierId, ItemId)>) -> Result<HttpResponse, Failure> {
    let (id, item) = path.into_inner();
    let visitor = visitor.at(id);
    let (page, _) = opened(&visitor, id, item, &[]).await?;
    visitor.page(&page)
}

async fn answer(sent: Sent, path: Path<(DossierId, ItemId)>) -> Result<HttpResponse, Failure> {
    let Sent { visitor, id, form: sent } = sent;
    let (_, item) = path.into_inner();
    let (page, asked) = opened(&visitor, id, item, &[]).await?;
    let rules = visitor.ctx.app.rules();
    let definition = &rules.version(page.view.procedure.version_id)?.definition;
    let pointer = asked.field.ok_or(ErrorCode::NotFound)?;
    let (_, field) = form::layout_field(definition, &pointer).ok_or(ErrorCode::NotFound)?;
    let given = Answer { item, document: None, value: form::value(field, &pointer, &sent) };
    finish(&visitor, id, item, &page.view, given).await
}

async fn finish(
    visitor: &Visitor,
    id: DossierId,
    item: ItemId,
    view: &DossierView,
    given: Answer,
) -> Result<HttpResponse, Failure> {
    let ticket = Ticket { expected_version: Some(view.version), key: None };
    let typed = given.value.clone();
    match supply(&visitor.ctx, id, &ticket, vec![given]).await {
        Ok(_) => Ok(visitor.go(format!("/ho-so/{id}"))),
        Err(error) if !error.errors.is_empty() => {
            let (mut page, _) = opened(visitor, id, item, &error.errors).await?;
            if let (Some(field), Some(typed)) =
                (&mut page.field, typed.as_ref().and_then(|value| value.as_str()))
            {
                typed.clone_into(&mut field.value);
            }
            visitor.page_as(StatusCode::UNPROCESSABLE_ENTITY, &page)
        }
        Err(error) => Err(error.into()),
    }
}

/// Papers for an item: the first one answers it, further ones come along.
async fn send(
    request: HttpRequest,
    web: Data<Web>,
    visitor: Visitor,
    path: Path<(DossierId, ItemId)>,
    form: Multipart,
) -> Result<HttpResponse, Failure> {
    let (id, item) = path.into_inner();
    let visitor = visitor.at(id);
    let (mut page, _) = opened(&visitor, id, item, &[]).await?;
    match take(&request, &web, &visitor.ctx, id, form).await {
        Ok(papers) => {
            let document = papers.first().map(|paper| paper.id);
            finish(&visitor, id, item, &page.view, Answer { item, document, value: None }).await
        }
        Err(Failure(error)) if error.code != ErrorCode::NotPermitted && error.private().is_none() => {
            page.mistakes = vec![("tep".to_owned(), visitor.frame.text(&error.text).to_owned())];
            visitor.page_as(StatusCode::UNPROCESSABLE_ENTITY, &page)
        }
        Err(failure) => Err(failure),
    }
}
