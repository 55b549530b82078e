//! A filed dossier as its applicant sees it: where it stands, who has it, when it is due and why,
//! what to do next. Light and without script: it is read on any phone.

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use actix_web::web::{self, Path, Query, ServiceConfig};
use askama::Template;
use chrono::{DateTime, Utc};
use fast_qr::convert::Builder as _;
use fast_qr::convert::svg::SvgBuilder;
use motcua_app::idempotency::Ticket;
use motcua_app::lists::{self, EventView};
use motcua_app::looks::{self, LookView};
use motcua_app::papers::PaperView;
use motcua_app::track::Followed;
use motcua_app::view::DossierView;
use motcua_app::{Ctx, act, track};
use motcua_domain::agency::Agency;
use motcua_domain::document::Document;
use motcua_domain::dossier::command::{Command, CommandKind};
use motcua_domain::dossier::state::StateName;
use motcua_domain::error_code::ErrorCode;
use motcua_domain::ids::DossierId;
use motcua_domain::paper::PaperKind;
use motcua_domain::procedure::ReasonUse;
use serde::Deserialize;

use super::account;
use super::frame::Frame;
use super::interrupted::{self, Sent};
use super::submitted::Submitted;
use super::visitor::Visitor;
use super::why::{self, Why};
use super::words;
use crate::problem::Failure;

pub fn mount(config: &mut ServiceConfig) {
    config
        .route("/tra-cuu", web::get().to(ask))
        .route("/tra-cuu", web::post().to(find))
        .route("/ho-so/{id}", web::get().to(show))
        .route("/ho-so/{id}/da-nop", web::get().to(filed))
        .route("/ho-so/{id}/de-sau", web::get().to(later))
        .route("/ho-so/{id}/ai-da-xem", web::get().to(who_looked))
        .route("/ho-so/{id}/rut", web::get().to(before_withdrawal))
        .route("/ho-so/{id}/rut", web::post().to(withdraw));
}

#[derive(Template)]
#[template(path = "dossier/track.html")]
struct TrackPage {
    f: Frame,
    code: String,
    mistake: Option<String>,
}

#[derive(Deserialize)]
struct Asked {
    ma: Option<String>,
}

/// Links in mails carry the code; the key is typed.
async fn ask(visitor: Visitor, asked: Query<Asked>) -> Result<HttpResponse, Failure> {
    let code = asked.into_inner().ma.unwrap_or_default();
    visitor.page(&TrackPage { f: visitor.frame.clone(), code, mistake: None })
}

/// Code and key open the dossier in this browser; wrong ones say so without telling which was wrong.
async fn find(visitor: Visitor, sent: Submitted) -> Result<HttpResponse, Failure> {
    let code = sent.given("code").unwrap_or_default();
    let key = sent.given("key").unwrap_or_default();
    match track::track(&visitor.ctx, &code, &key.clone().into()).await {
        Ok(found) if interrupted::waits(&sent) => {
            account::resume_holding(visitor, &sent, found.id, &key).await
        }
        Ok(found) => Ok(visitor.go_holding(format!("/ho-so/{}", found.id), found.id, &key)),
        Err(error) if matches!(error.code, ErrorCode::NotFound | ErrorCode::TooManyRequests) => {
            let said = match error.code {
                ErrorCode::TooManyRequests => visitor.frame.text(&error.text),
                _ => visitor.frame.say(
                    "Không có hồ sơ nào khớp với mã hồ sơ và mã bí mật này. Mã hồ sơ có trên giấy hẹn và trong thư; mã bí mật chỉ có trên trang xác nhận khi nộp.",
                    "No dossier fits this code and key. The code is on the receipt and in mails; the key only on the confirmation you saw when filing.",
                ),
            };
            if interrupted::waits(&sent) {
                return account::still_interrupted(&visitor, &sent, said.to_owned());
            }
            let page = TrackPage { f: visitor.frame.clone(), code, mistake: Some(said.to_owned()) };
            visitor.page_as(StatusCode::UNPROCESSABLE_ENTITY, &page)
        }
        Err(error) => Err(error.into()),
    }
}

/// One thing the applicant must put right.
pub struct Wanted {
    pub address: String,
    pub what: String,
    pub reason: String,
    pub right: Option<String>,
    pub note: Option<String>,
    pub supplied: bool,
}

/// The open supplement request in words: each item with its reason and what is right.
pub fn wanted(frame: &Frame, ctx: &Ctx, view: &DossierView) -> Result<Vec<Wanted>, Failure> {
    let Some(open) = view.supplements.last().filter(|supplement| supplement.closed_at.is_none()) else {
        return Ok(Vec::new());
    };
    let rules = ctx.app.rules();
    let definition = &rules.version(view.procedure.version_id)?.definition;
    let showing = super::form::Showing { frame, definition, answers: &view.answers, errors: &[] };
    Ok(open
        .items
        .iter()
        .map(|item| {
            let paper = item.requirement.as_ref().and_then(|key| {
                definition
                    .requirements
                    .iter()
                    .find(|each| each.key == *key)
                    .map(|each| frame.text(&each.name))
            });
            let field = item.field.as_ref().and_then(|field| showing.find(field));
            let hint = field.as_ref().and_then(|field| field.hint.clone());
            let field = field.map(|field| field.label);
            let reason = definition.reason(ReasonUse::Supplement, &item.reason);
            Wanted {
                address: format!("/ho-so/{}/bo-sung/{}", view.id, item.id),
                what: paper.map(str::to_owned).or(field).or_else(|| item.field.clone()).unwrap_or_default(),
                reason: reason.map(|reason| frame.text(&reason.text).to_owned()).unwrap_or_default(),
                // A field says it beside its box.
                right: definition
                    .right_for(item)
                    .map(|right| frame.text(right).to_owned())
                    .filter(|right| hint.as_ref() != Some(right)),
                note: item.note.clone(),
                supplied: item.supplied_at.is_some(),
            }
        })
        .collect())
}

#[derive(Template)]
#[template(path = "dossier/show.html")]
struct ShowPage {
    f: Frame,
    view: DossierView,
    /// What happened, and when.
    events: Vec<(String, DateTime<Utc>)>,
    agency: Agency,
    /// The agency should have acted by then.
    late: Option<DateTime<Utc>>,
    why: Option<Why>,
    /// More papers would be welcome, and cannot be sent now.
    lacks: bool,
    wanted: Vec<Wanted>,
    papers: Vec<Document>,
    /// Papers the office made.
    made: Vec<PaperView>,
    /// Sentences of a result or a refusal.
    outcome: Vec<String>,
    may_withdraw: bool,
}

async fn show(visitor: Visitor, path: Path<DossierId>) -> Result<HttpResponse, Failure> {
    let id = path.into_inner();
    let visitor = visitor.at(id);
    if !visitor.frame.is_citizen() && !visitor.staff() && visitor.key_of(id).is_none() {
        return Ok(visitor.go("/tra-cuu"));
    }
    let Followed { view, events, papers, made } = track::follow(&visitor.ctx, id).await?;
    if view.state.name == StateName::Draft {
        return Ok(visitor.go(format!("/ho-so/{id}/de-sau")));
    }
    if visitor.staff() {
        return Ok(visitor.go(format!("/desk/ho-so/{id}")));
    }
    let (f, ctx) = (&visitor.frame, &visitor.ctx);
    let wanted = wanted(f, ctx, &view)?;
    let rules = ctx.app.rules();
    let definition = &rules.version(view.procedure.version_id)?.definition;
    let said = |line: &EventView| (words::line(f, definition, &line.event), line.at);
    visitor.page(&ShowPage {
        f: f.clone(),
        agency: rules.office(view.agency.id)?.agency.clone(),
        late: why::late_since(ctx, &view),
        why: why::why(f, ctx, &view, &events)?,
        lacks: view.ended_at.is_none()
            && view.result.is_none()
            && wanted.is_empty()
            && !view.missing_papers.is_empty(),
        wanted,
        events: events.iter().map(said).collect(),
        papers,
        made,
        outcome: words::outcome(&visitor.frame, &visitor.ctx, &view)?,
        may_withdraw: view.allowed_actions.iter().any(|act| act.act == CommandKind::Withdraw),
        view,
    })
}

#[derive(Template)]
#[template(path = "dossier/filed.html")]
struct FiledPage {
    f: Frame,
    view: DossierView,
    agency: Agency,
    key: Option<String>,
    qr: Option<String>,
    /// With code and key, when this browser holds it; and the same from here.
    address: String,
    way: String,
    /// Papers the office made of it: the receipt, or the copy of what was filed.
    made: Vec<PaperView>,
}

/// A link that opens the tracking page with code and key filled in. The key stands after `#`, which
/// browsers never send.
fn way(view: &DossierView, key: Option<&str>) -> String {
    let code = view.code.as_deref().unwrap_or(&view.reference);
    key.map_or_else(|| "/tra-cuu".to_owned(), |key| format!("/tra-cuu#{code}.{key}"))
}

/// The picture of such a link.
fn qr(address: &str) -> Option<String> {
    let code = fast_qr::QRBuilder::new(address).build().ok()?;
    Some(SvgBuilder::default().margin(1).to_str(&code))
}

async fn filed(visitor: Visitor, path: Path<DossierId>) -> Result<HttpResponse, Failure> {
    let id = path.into_inner();
    let visitor = visitor.at(id);
    let view = lists::read(&visitor.ctx, id).await?;
    let key = visitor.key_of(id).map(str::to_owned);
    let way = way(&view, key.as_deref());
    let address = format!("{}{way}", visitor.ctx.app.settings().public_url);
    let qr = key.as_ref().and_then(|_| qr(&address));
    let agency = visitor.ctx.app.rules().office(view.agency.id)?.agency.clone();
    // Papers are for those who see the dossier whole; that it is filed may be seen by more.
    let made = if view.masked { Vec::new() } else { motcua_app::papers::list(&visitor.ctx, id).await? };
    visitor.page(&FiledPage { f: visitor.frame.clone(), view, agency, key, qr, address, way, made })
}

#[derive(Template)]
#[template(path = "dossier/later.html")]
struct LaterPage {
    f: Frame,
    view: DossierView,
    key: Option<String>,
    next: String,
    address: String,
}

/// How to go on with a draft, here or on another device.
async fn later(visitor: Visitor, path: Path<DossierId>) -> Result<HttpResponse, Failure> {
    let id = path.into_inner();
    let visitor = visitor.at(id);
    let Some(view) = super::apply::draft(&visitor, id).await? else {
        return Ok(visitor.go(format!("/ho-so/{id}")));
    };
    let next = super::apply::page_to_go_on(&visitor, &view)?;
    let address = format!("{}/tra-cuu", visitor.ctx.app.settings().public_url);
    let key = visitor.key_of(id).map(str::to_owned);
    visitor.page(&LaterPage { f: visitor.frame.clone(), view, key, next, address })
}

#[derive(Template)]
#[template(path = "dossier/looks.html")]
struct LooksPage {
    f: Frame,
    view: DossierView,
    looks: Vec<LookView>,
    /// There may be older ones.
    most: bool,
}

/// Who opened it: units and roles, no names.
async fn who_looked(visitor: Visitor, path: Path<DossierId>) -> Result<HttpResponse, Failure> {
    let id = path.into_inner();
    let visitor = visitor.at(id);
    if visitor.staff() {
        return Ok(visitor.go(format!("/desk/ho-so/{id}/ai-da-xem")));
    }
    let looks = looks::looks(&visitor.ctx, id).await?;
    let view = lists::read(&visitor.ctx, id).await?;
    let most = i64::try_from(looks.len()).is_ok_and(|count| count >= looks::MOST);
    visitor.page(&LooksPage { f: visitor.frame.clone(), view, looks, most })
}

#[derive(Template)]
#[template(path = "dossier/withdraw.html")]
struct WithdrawPage {
    f: Frame,
    view: DossierView,
}

async fn before_withdrawal(visitor: Visitor, path: Path<DossierId>) -> Result<HttpResponse, Failure> {
    let id = path.into_inner();
    let visitor = visitor.at(id);
    let view = lists::read(&visitor.ctx, id).await?;
    visitor.page(&WithdrawPage { f: visitor.frame.clone(), view })
}

async fn withdraw(sent: Sent) -> Result<HttpResponse, Failure> {
    let Sent { visitor, id, form: sent } = sent;
    let seen = sent.get("_version").and_then(|version| version.parse().ok());
    let ticket = Ticket { expected_version: seen, key: None };
    act::perform(&visitor.ctx, id, &ticket, Command::Withdraw { reason: sent.given("reason") }).await?;
    Ok(visitor.go(format!("/ho-so/{id}")))
}
