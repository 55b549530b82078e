//! Where a request begins: a few questions whether it is the right one, the agency, and who files; the last two can
//! be changed until it is filed.

use std::collections::HashMap;

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use actix_web::web::{self, Path, Query, ServiceConfig};
use askama::Template;
use motcua_app::filing::{self, Begin, Handing, Start};
use motcua_app::idempotency::Ticket;
use motcua_app::{Error, accounts};
use motcua_domain::agency::Agency;
use motcua_domain::dossier::FilerMode;
use motcua_domain::error_code::{ErrorCode, FieldError};
use motcua_domain::ids::{AgencyId, DossierId};
use motcua_domain::person::Contact;
use motcua_domain::procedure::{ProcedureKey, ProcedureVersion};
use serde_json::json;

use super::apply::{draft, page_after};
use super::begin::{Mistake, contact, filer, known_of, mistakes, once, summary};
use super::eligibility::{self, QuestionView};
use super::frame::Frame;
use super::interrupted::Sent;
use super::submitted::Submitted;
use super::visitor::Visitor;
use crate::problem::Failure;

pub fn mount(config: &mut ServiceConfig) {
    config
        .route("/nop-ho-so/{procedure}", web::get().to(start))
        .route("/nop-ho-so/{procedure}", web::post().to(begin_draft))
        .route("/ho-so/{id}/nguoi-nop", web::get().to(again))
        .route("/ho-so/{id}/nguoi-nop", web::post().to(change));
}

#[derive(Template)]
#[template(path = "apply/start.html")]
struct StartPage {
    f: Frame,
    definition: ProcedureVersion,
    agencies: Vec<Agency>,
    /// Typed before, when the page comes back.
    agency: String,
    mode: FilerMode,
    filled_in_by: String,
    contact: Contact,
    key: String,
    /// Begun already: what is said here changes it.
    draft: Option<DossierId>,
    mistakes: Vec<Mistake>,
}

impl StartPage {
    fn of(visitor: &Visitor, key: ProcedureKey) -> Result<Self, Failure> {
        let (rules, today) = (visitor.ctx.app.rules(), visitor.ctx.today());
        let serves = |agency: AgencyId| {
            let staff = visitor.ctx.actor.staff();
            staff.is_none_or(|staff| staff.at_counter(today).any(|held| held.covers(agency)))
        };
        let version = rules.in_force(key, today).ok_or(ErrorCode::NotFound)?;
        Ok(Self {
            f: visitor.frame.clone(),
            definition: version.definition.clone(),
            agencies: rules
                .offices()
                .into_iter()
                .filter(|office| office.agency.until.is_none() && serves(office.agency.id))
                .map(|office| office.agency.clone())
                .collect(),
            agency: String::new(),
            mode: FilerMode::Own,
            filled_in_by: String::new(),
            contact: Contact::default(),
            key: visitor.ctx.app.new_id::<uuid::Uuid>().to_string(),
            draft: None,
            mistakes: Vec::new(),
        })
    }

    /// With what was typed before, and what was wrong with it.
    fn refilled(mut self, sent: &Submitted, error: &Error) -> Self {
        self.mistakes = mistakes(&self.f, error, Self::label);
        self.agency = sent.given("agency").unwrap_or_default();
        let (mode, filled_in_by) = filer(sent);
        (self.mode, self.filled_in_by) = (mode, filled_in_by.unwrap_or_default());
        self.contact = contact(sent);
        self
    }

    fn mistake(&self, id: &str) -> Option<&str> {
        self.mistakes.iter().find(|mistake| mistake.id == id).map(|mistake| mistake.text.as_str())
    }

    fn summary(&self) -> Vec<(String, String)> {
        summary(&self.mistakes)
    }

    /// What each input is called, for the summary of mistakes.
    fn label(f: &Frame, id: &str) -> &'static str {
        match id {
            "agency" => f.say("Cơ quan thi hành án giải quyết", "Which agency"),
            "filled_in_by" => f.say("Họ và tên người khai thay", "Name of whoever fills it in"),
            "name" => f.say("Họ và tên người nộp", "Full name of the applicant"),
            "email" => f.say("Thư điện tử", "E-mail"),
            "phone" => f.say("Số điện thoại", "Telephone"),
            _ => "",
        }
    }
}

#[derive(Template)]
#[template(path = "apply/eligibility.html")]
struct EligibilityPage {
    f: Frame,
    definition: ProcedureVersion,
    questions: Vec<QuestionView>,
    mistakes: Vec<(String, String)>,
    /// An answer leads out; and whether one may go on all the same.
    out: bool,
    go_on: bool,
}

fn key_of(path: &str) -> Result<ProcedureKey, Failure> {
    path.parse().map_err(|_| ErrorCode::NotFound.into())
}

/// The questions first; once they are answered, or left aside, the page where the draft begins.
async fn start(
    visitor: Visitor,
    path: Path<String>,
    given: Query<HashMap<String, String>>,
) -> Result<HttpResponse, Failure> {
    let key = key_of(&path)?;
    let mut page = StartPage::of(&visitor, key)?;
    let asked = eligibility::questions(key, visitor.ctx.app.today());
    if !asked.is_empty() && !given.contains_key("tiep") {
        return ask(&visitor, page.definition, eligibility::answered(asked, &given));
    }
    if visitor.frame.is_citizen() {
        let known = accounts::whoami(&visitor.ctx).await?;
        page.contact = Contact { name: known.name, email: known.email, phone: None };
    }
    visitor.page(&page)
}

fn ask(
    visitor: &Visitor,
    definition: ProcedureVersion,
    (questions, begun): (Vec<QuestionView>, bool),
) -> Result<HttpResponse, Failure> {
    let f = visitor.frame.clone();
    let mistakes: Vec<_> = questions
        .iter()
        .filter(|view| view.missing)
        .map(|view| {
            let what = f.say("Chưa trả lời", "Not answered");
            (view.question.key.clone(), format!("{what}: {}", f.text(&view.question.ask)))
        })
        .collect();
    let out = questions.iter().any(QuestionView::leads_out);
    if begun && !out && mistakes.is_empty() {
        return Ok(visitor.go(format!("/nop-ho-so/{}?tiep=1", definition.key)));
    }
    let go_on = eligibility::may_go_on(&questions);
    // An answer that leads out says enough: what was not answered does not matter then.
    let mistakes = if out { Vec::new() } else { mistakes };
    let status = if mistakes.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    visitor.page_as(status, &EligibilityPage { f, definition, questions, mistakes, out, go_on })
}

async fn begin_draft(visitor: Visitor, path: Path<String>, sent: Submitted) -> Result<HttpResponse, Failure> {
    let procedure = key_of(&path)?;
    let contact = contact(&sent);
    let ticket = once(&visitor, &sent)?;
    let begun = async {
        let input = Begin {
            procedure,
            version: None,
            start: start_in(&sent)?,
            channel: None,
            language: visitor.frame.language,
            answers: json!({ "applicant": known_of(&contact) }),
            submit: false,
            handing: Handing::default(),
        };
        filing::begin(&visitor.ctx, &ticket, input).await
    };
    match begun.await {
        Ok(view) => {
            let first = page_after(&visitor, &view, None)?;
            Ok(visitor.go_holding(first, view.id, view.tracking_key.as_deref().unwrap_or_default()))
        }
        Err(error) if !error.errors.is_empty() => visitor.page_as(
            StatusCode::UNPROCESSABLE_ENTITY,
            &StartPage::of(&visitor, procedure)?.refilled(&sent, &error),
        ),
        Err(error) => Err(error.into()),
    }
}

/// What the page asks, as typed; all that is wrong is said at once.
fn start_in(sent: &Submitted) -> Result<Start, Error> {
    let ((mode, filled_in_by), contact) = (filer(sent), contact(sent));
    let Some(agency) = sent.get("agency").and_then(|id| id.parse().ok()) else {
        let mut errors = vec![FieldError::plain("/agency", ErrorCode::FieldChoice)];
        errors.extend(filing::check_start(&contact, filled_in_by.as_deref()).err().unwrap_or_default());
        return Err(Error::fields(errors));
    };
    Ok(Start { agency, mode, filled_in_by, contact })
}

/// The same page about a draft: nothing said there is fixed until it is filed.
async fn again(visitor: Visitor, path: Path<DossierId>) -> Result<HttpResponse, Failure> {
    let id = path.into_inner();
    let visitor = visitor.at(id);
    let Some(view) = draft(&visitor, id).await? else { return Ok(visitor.go(format!("/ho-so/{id}"))) };
    let mut page = StartPage::of(&visitor, view.procedure.key)?;
    (page.draft, page.agency, page.mode) = (Some(id), view.agency.id.to_string(), view.filer.mode);
    (page.filled_in_by, page.contact) = (view.filer.filled_in_by.unwrap_or_default(), view.contact);
    visitor.page(&page)
}

async fn change(sent: Sent) -> Result<HttpResponse, Failure> {
    let Sent { visitor, id, form: sent } = sent;
    let Some(view) = draft(&visitor, id).await? else { return Ok(visitor.go(format!("/ho-so/{id}"))) };
    // Whatever version: answers that are saved meanwhile stay as they are.
    let changed = match start_in(&sent) {
        Ok(start) => filing::change_start(&visitor.ctx, id, &Ticket::default(), start).await,
        Err(error) => Err(error),
    };
    match changed {
        Ok(_) => Ok(visitor.go(format!("/ho-so/{id}/kiem-tra"))),
        Err(error) if !error.errors.is_empty() => {
            let mut page = StartPage::of(&visitor, view.procedure.key)?.refilled(&sent, &error);
            page.draft = Some(id);
            visitor.page_as(StatusCode::UNPROCESSABLE_ENTITY, &page)
        }
        Err(error) => Err(error.into()),
    }
}
