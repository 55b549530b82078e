//! Filing: one thing asked per page, every answer saved as it is given, all of it
//! read back, and sent.

use actix_web::http::StatusCode;
use actix_web::web::{self, Path, ServiceConfig};
use actix_web::{HttpRequest, HttpResponse};
use askama::Template;
use chrono::NaiveDate;
use motcua_app::filing::{self, Handing};
use motcua_app::idempotency::Ticket;
use motcua_app::view::{DossierView, MissingPaper};
use motcua_app::{Error, documents, lists};
use motcua_domain::document::Document;
use motcua_domain::dossier::state::StateName;
use motcua_domain::error_code::{ErrorCode, FieldError};
use motcua_domain::ids::DossierId;
use motcua_domain::procedure::ProcedureVersion;
use motcua_domain::procedure::form::{Page, Widget};
use serde_json::{Value, json};

use super::desk::form::together;
use super::desk::handed::Handed;
use super::form::{self, Answered, FieldView, Showing};
use super::frame::Frame;
use super::interrupted::Sent;
use super::submitted::Submitted;
use super::visitor::Visitor;
use super::words;
use crate::api::acts::intake::ReceiptBody;
use crate::body::of_value;
use crate::problem::Failure;

/// Tries at saving a page while the same draft is saved elsewhere.
const TRIES: usize = 4;

pub fn mount(config: &mut ServiceConfig) {
    config
        .route("/ho-so/{id}/khai/{page}", web::get().to(ask))
        .route("/ho-so/{id}/khai/{page}", web::post().to(answer))
        .route("/ho-so/{id}/kiem-tra", web::get().to(check))
        .route("/ho-so/{id}/kiem-tra", web::post().to(submit));
}

/// The pages of a draft that ask something, given what it says so far.
fn pages<'a>(definition: &'a ProcedureVersion, answers: &Value) -> Vec<&'a Page> {
    definition.layout.pages.iter().filter(|page| form::asks(page, answers)).collect()
}

/// Steps of filing: the pages of the form, the papers, the check.
pub fn steps(definition: &ProcedureVersion, answers: &Value) -> usize {
    pages(definition, answers).len().saturating_add(2)
}

fn definition_of(visitor: &Visitor, view: &DossierView) -> Result<ProcedureVersion, Failure> {
    Ok(visitor.ctx.app.rules().version(view.procedure.version_id)?.definition.clone())
}

/// The address of what comes after a page of the form; papers after the last.
///
/// # Errors
/// When the procedure version is not known, which is a bug.
pub fn page_after(visitor: &Visitor, view: &DossierView, key: Option<&str>) -> Result<String, Failure> {
    let definition = definition_of(visitor, view)?;
    let all = pages(&definition, &view.answers);
    let next = match key {
        None => all.first(),
        Some(key) => all.iter().skip_while(|page| page.key != key).nth(1),
    };
    Ok(match next {
        Some(page) => format!("/ho-so/{}/khai/{}", view.id, page.key),
        None => format!("/ho-so/{}/giay-to", view.id),
    })
}

/// Where a draft goes on: the first page with something left to answer, else the papers.
///
/// # Errors
/// When the procedure version is not known, which is a bug.
pub fn page_to_go_on(visitor: &Visitor, view: &DossierView) -> Result<String, Failure> {
    let definition = definition_of(visitor, view)?;
    let errors = mistakes(visitor, view)?;
    let open = pages(&definition, &view.answers)
        .into_iter()
        .find(|page| errors.iter().any(|error| form::on_page(page, &error.pointer)));
    Ok(match open {
        Some(page) => format!("/ho-so/{}/khai/{}", view.id, page.key),
        None => format!("/ho-so/{}/giay-to", view.id),
    })
}

/// A draft of this visitor; a filed one is looked at elsewhere.
///
/// # Errors
/// Not found when it is hidden.
pub async fn draft(visitor: &Visitor, id: DossierId) -> Result<Option<DossierView>, Failure> {
    let view = lists::read(&visitor.ctx, id).await?;
    Ok((view.state.name == StateName::Draft).then_some(view))
}

#[derive(Template)]
#[template(path = "apply/page.html")]
struct AskPage {
    f: Frame,
    view: DossierView,
    title: String,
    hint: Option<String>,
    fields: Vec<FieldView>,
    mistakes: Vec<(String, String)>,
    at: usize,
    of: usize,
    back: String,
    action: String,
    /// Questions came up that were not shown before.
    more: bool,
    /// The secret key, where it is all that opens the draft.
    key: Option<String>,
}

impl AskPage {
    fn of(
        visitor: &Visitor,
        view: DossierView,
        key: &str,
        errors: &[FieldError],
        returns: bool,
    ) -> Result<Option<Self>, Failure> {
        let definition = definition_of(visitor, &view)?;
        let all = pages(&definition, &view.answers);
        let Some(at) = all.iter().position(|page| page.key == key) else { return Ok(None) };
        let Some(page) = all.get(at) else { return Ok(None) };
        let showing =
            Showing { frame: &visitor.frame, definition: &definition, answers: &view.answers, errors };
        let back = match at.checked_sub(1).and_then(|before| all.get(before)) {
            Some(before) => format!("/ho-so/{}/khai/{}", view.id, before.key),
            None => format!("/thu-tuc/{}", definition.key),
        };
        let action = format!("/ho-so/{}/khai/{key}", view.id);
        let (back, action) = if returns {
            (format!("/ho-so/{}/kiem-tra", view.id), format!("{action}?{RETURNS}"))
        } else {
            (back, action)
        };
        Ok(Some(Self {
            f: visitor.frame.clone(),
            title: visitor.frame.text(&page.title).to_owned(),
            hint: page.hint.as_ref().map(|hint| visitor.frame.text(hint).to_owned()),
            fields: showing.fields(page),
            mistakes: showing.mistakes(page),
            at: at.saturating_add(1),
            // Papers and the reading back come after the form.
            of: all.len().saturating_add(2),
            back,
            action,
            more: false,
            key: visitor.key_alone(view.id),
            view,
        }))
    }
}

/// Comes from the reading back and goes back there, not on to the next page.
const RETURNS: &str = "ve=kiem-tra";

fn returns(request: &HttpRequest) -> bool {
    request.query_string().split('&').any(|part| part == RETURNS)
}

async fn ask(
    request: HttpRequest,
    visitor: Visitor,
    path: Path<(DossierId, String)>,
) -> Result<HttpResponse, Failure> {
    let (id, key) = path.into_inner();
    let visitor = visitor.at(id);
    let Some(view) = draft(&visitor, id).await? else { return Ok(visitor.go(format!("/ho-so/{id}"))) };
    match AskPage::of(&visitor, view, &key, &[], returns(&request))? {
        Some(page) => visitor.page(&page),
        None => Err(ErrorCode::NotFound.into()),
    }
}

/// The draft and the page of it at an address, when it is one.
pub fn page_of(address: &str) -> Option<(DossierId, &str)> {
    let (id, page) = address.strip_prefix("/ho-so/")?.split_once("/khai/")?;
    Some((id.parse().ok()?, page.split('?').next().unwrap_or(page)))
}

/// Saves what was typed on a page; none when it is a draft no longer. The draft before, and after.
///
/// # Errors
/// Not found when it is hidden, or has no such page.
pub async fn save(
    visitor: &Visitor,
    id: DossierId,
    key: &str,
    sent: &Submitted,
) -> Result<Option<(DossierView, DossierView)>, Failure> {
    let mut tries = 0;
    loop {
        tries += 1;
        let Some(before) = draft(visitor, id).await? else { return Ok(None) };
        let definition = definition_of(visitor, &before)?;
        let page = definition.layout.pages.iter().find(|page| page.key == key).ok_or(ErrorCode::NotFound)?;
        let mut answers = before.answers.clone();
        form::read(page, sent, &mut answers);
        if answers == before.answers {
            return Ok(Some((before.clone(), before)));
        }
        // Only this page's answers change, so what was saved meanwhile elsewhere stays.
        let ticket = Ticket { expected_version: Some(before.version), key: None };
        match filing::save_answers(&visitor.ctx, id, &ticket, answers).await {
            Ok(view) => return Ok(Some((before, view))),
            Err(error) if error.code == ErrorCode::StaleVersion && tries < TRIES => {}
            Err(error) => return Err(error.into()),
        }
    }
}

async fn answer(
    request: HttpRequest,
    sent: Sent,
    path: Path<(DossierId, String)>,
) -> Result<HttpResponse, Failure> {
    let Sent { visitor, id, form: sent } = sent;
    let (_, key) = path.into_inner();
    let Some((before, view)) = save(&visitor, id, &key, &sent).await? else {
        return Ok(visitor.go(format!("/ho-so/{id}")));
    };
    if request.headers().contains_key("Autosave") {
        return Ok(HttpResponse::NoContent().finish());
    }
    let returns = returns(&request);
    let here = format!("/ho-so/{id}/khai/{key}{}", if returns { "?ve=kiem-tra" } else { "" });
    if sent.get("_add").is_some() || sent.get("_remove").is_some() {
        return Ok(visitor.go(format!("{here}#{}", last_part(&sent))));
    }
    if sent.get("_later").is_some() {
        return Ok(visitor.go(format!("/ho-so/{id}/de-sau")));
    }
    let definition = definition_of(&visitor, &view)?;
    let page = definition.layout.pages.iter().find(|page| page.key == key).ok_or(ErrorCode::NotFound)?;
    let errors: Vec<FieldError> =
        mistakes(&visitor, &view)?.into_iter().filter(|error| form::on_page(page, &error.pointer)).collect();
    let shown = |view: &DossierView| {
        let showing =
            Showing { frame: &visitor.frame, definition: &definition, answers: &view.answers, errors: &[] };
        showing.fields(page).into_iter().filter(|field| field.shown).count()
    };
    let more = sent.get("_script").is_none() && shown(&view) > shown(&before);
    if errors.is_empty() && !more && returns {
        return Ok(visitor.go(format!("/ho-so/{id}/kiem-tra")));
    }
    if errors.is_empty() && !more {
        return Ok(visitor.go(page_after(&visitor, &view, Some(&key))?));
    }
    let Some(mut page) = AskPage::of(&visitor, view, &key, &errors, returns)? else {
        return Ok(visitor.go(here));
    };
    page.more = more && errors.is_empty();
    let status = if errors.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    visitor.page_as(status, &page)
}

fn last_part(sent: &Submitted) -> String {
    let name = sent.get("_add").or(sent.get("_remove")).unwrap_or_default();
    name.trim_start_matches('/').split('/').next().unwrap_or_default().to_owned()
}

/// Everything that is wrong with the answers so far. A part that is wanted and was not begun is
/// looked at as an empty one, so that each of its fields is named.
fn mistakes(visitor: &Visitor, view: &DossierView) -> Result<Vec<FieldError>, Failure> {
    let rules = visitor.ctx.app.rules();
    let version = rules.version(view.procedure.version_id)?;
    let wrong = |answers: &Value| version.form.check(answers.clone()).err().unwrap_or_default();
    let mut answers = view.answers.clone();
    let errors = wrong(&answers);
    let mut begun = false;
    for error in errors.iter().filter(|error| error.code == ErrorCode::FieldRequired) {
        if form::is_part(&version.definition.schema, &error.pointer) {
            begun |= motcua_domain::answers::set(&mut answers, &error.pointer, json!({}));
        }
    }
    Ok(if begun { wrong(&answers) } else { errors })
}

#[derive(Template)]
#[template(path = "apply/check.html")]
struct CheckPage {
    f: Frame,
    view: DossierView,
    answered: Vec<Answered>,
    papers: Vec<Document>,
    missing: Vec<MissingPaper>,
    /// Address and sentence of each mistake.
    mistakes: Vec<(String, String)>,
    steps: usize,
    /// Of a request staff enter: the day of the postmark or of the minutes, as typed.
    requested_on: String,
    day_mistake: Option<String>,
    /// What came with it on paper, asked of staff.
    handed: Option<Handed>,
    /// Place and sentence of what is wrong with what staff said.
    corrections: Vec<(String, String)>,
}

impl CheckPage {
    async fn of(visitor: &Visitor, view: DossierView) -> Result<Self, Failure> {
        let definition = definition_of(visitor, &view)?;
        let errors = mistakes(visitor, &view)?;
        let papers = documents::list(&visitor.ctx, view.id).await?;
        let showing = Showing {
            frame: &visitor.frame,
            definition: &definition,
            answers: &view.answers,
            errors: &errors,
        };
        let all = pages(&definition, &view.answers);
        let mistakes =
            all.iter()
                .flat_map(|page| {
                    showing.mistakes(page).into_iter().map(|(id, text)| {
                        (format!("/ho-so/{}/khai/{}?{RETURNS}#{id}", view.id, page.key), text)
                    })
                })
                .collect();
        let rules = visitor.ctx.app.rules();
        // By the rules of the day, which a receipt goes by.
        let asked = rules.in_force(view.procedure.key, visitor.ctx.today());
        let asked = asked.filter(|_| visitor.staff() && view.channel.by_staff());
        let handed = asked.map(|version| {
            Handed::of(&visitor.frame, &rules, &version.definition, &view.answers, &papers, true)
        });
        Ok(Self {
            f: visitor.frame.clone(),
            handed,
            corrections: Vec::new(),
            missing: view.missing_papers.clone(),
            steps: steps(&definition, &view.answers),
            requested_on: String::new(),
            day_mistake: None,
            answered: showing.read_back(),
            papers,
            mistakes,
            view,
        })
    }
}

impl CheckPage {
    fn address(&self, page: &Answered) -> String {
        format!("/ho-so/{}/khai/{}", self.view.id, page.key)
    }
}

async fn check(visitor: Visitor, path: Path<DossierId>) -> Result<HttpResponse, Failure> {
    let id = path.into_inner();
    let visitor = visitor.at(id);
    let Some(view) = draft(&visitor, id).await? else { return Ok(visitor.go(format!("/ho-so/{id}"))) };
    visitor.page(&CheckPage::of(&visitor, view).await?)
}

async fn submit(sent: Sent) -> Result<HttpResponse, Failure> {
    let Sent { visitor, id, form: sent } = sent;
    let done = format!("/ho-so/{id}/da-nop");
    let Some(view) = draft(&visitor, id).await? else { return Ok(visitor.go(done)) };
    // What is sent is what was read back: a draft changed meanwhile is read back again.
    let read = sent.get("_version").and_then(|version| version.parse().ok());
    let ticket = Ticket { expected_version: read.or(Some(view.version)), key: None };
    let day = sent.given("requested_on").filter(|_| visitor.staff());
    let handing = day
        .as_ref()
        .map(|day| NaiveDate::parse_from_str(day, "%d/%m/%Y"))
        .transpose()
        .map_err(|_| Error::field("/requested_on", ErrorCode::FieldFormat));
    // What staff enter is received at once, unless they say otherwise.
    let receive = visitor.staff() && sent.get("_later").is_none();
    let asked = if receive { CheckPage::of(&visitor, view).await?.handed } else { None };
    let handed = match asked {
        Some(handed) => of_value::<ReceiptBody>(json!({ "handed_over": handed.said(&sent) }))
            .map(|said| said.handed_over)
            .map_err(|Failure(error)| error),
        None => Ok(None),
    };
    let handing = together(handing, handed).map(|(requested_on, handed_over)| Handing {
        requested_on,
        receive,
        handed_over,
    });
    let submitted = match handing {
        Ok(handing) => filing::submit(&visitor.ctx, id, &ticket, handing).await,
        Err(error) => Err(error),
    };
    match submitted {
        Ok(_) => Ok(visitor.go(done)),
        Err(error) if !error.errors.is_empty() || error.code == ErrorCode::StaleVersion => {
            let Some(view) = draft(&visitor, id).await? else { return Ok(visitor.go(done)) };
            let mut page = CheckPage::of(&visitor, view).await?;
            if let Some(handed) = &mut page.handed {
                handed.refill(&visitor.frame, &sent, &error.errors);
                page.corrections = handed.mistakes(&visitor.frame);
            }
            page.requested_on = day.unwrap_or_default();
            let wrong = error.errors.iter().find(|error| error.pointer == "/requested_on");
            page.day_mistake = wrong.map(|error| visitor.frame.text(&error.text).to_owned());
            if let Some(said) = &page.day_mistake {
                let label = visitor.frame.say("Ngày yêu cầu", "Day of the request");
                page.corrections.push(("requested_on".to_owned(), format!("{label}: {said}")));
            }
            visitor.page_as(StatusCode::UNPROCESSABLE_ENTITY, &page)
        }
        Err(error) => Err(error.into()),
    }
}
