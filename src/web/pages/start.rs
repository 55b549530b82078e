//! Where a request begins: a few questions whether it is the right one, the agency, and who files.

use std::collections::HashMap;

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use actix_web::web::{self, Path, Query, ServiceConfig};
use askama::Template;
use motcua_app::filing::{self, Begin, Handing};
use motcua_app::{Error, accounts};
use motcua_domain::agency::Agency;
use motcua_domain::dossier::FilerMode;
use motcua_domain::error_code::{ErrorCode, FieldError};
use motcua_domain::person::Contact;
use motcua_domain::procedure::{ProcedureKey, ProcedureVersion};
use serde_json::json;

use super::apply::page_after;
use super::begin::{Mistake, contact, known_of, mistakes, once, summary};
use super::eligibility::{self, QuestionView};
use super::frame::Frame;
use super::submitted::Submitted;
use super::visitor::Visitor;
use crate::problem::Failure;

pub fn mount(config: &mut ServiceConfig) {
    config
        .route("/nop-ho-so/{procedure}", web::get().to(start))
        .route("/nop-ho-so/{procedure}", web::post().to(begin_draft));
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
    contact: Contact,
    key: String,
    mistakes: Vec<Mistake>,
}

impl StartPage {
    fn of(visitor: &Visitor, key: ProcedureKey) -> Result<Self, Failure> {
        let rules = visitor.ctx.app.rules();
        let version = rules.in_force(key, visitor.ctx.app.today()).ok_or(ErrorCode::NotFound)?;
        Ok(Self {
            f: visitor.frame.clone(),
            definition: version.definition.clone(),
            agencies: rules
                .offices()
                .into_iter()
                .filter(|office| office.agency.until.is_none())
                .map(|office| office.agency.clone())
                .collect(),
            agency: String::new(),
            mode: FilerMode::Own,
            contact: Contact::default(),
            key: visitor.ctx.app.new_id::<uuid::Uuid>().to_string(),
            mistakes: Vec::new(),
        })
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
    let mode = sent.get("mode").and_then(|mode| mode.parse().ok()).unwrap_or(FilerMode::Own);
    let ticket = once(&visitor, &sent)?;
    let agency = sent.get("agency").and_then(|id| id.parse().ok());
    let begun = async {
        let Some(agency) = agency else {
            // All that is wrong is said at once.
            let mut errors = vec![FieldError::plain("/agency", ErrorCode::FieldChoice)];
            errors.extend(filing::check_contact(&contact).err().unwrap_or_default());
            return Err(Error::fields(errors));
        };
        let input = Begin {
            procedure,
            version: None,
            agency,
            channel: None,
            language: visitor.frame.language,
            mode,
            contact: contact.clone(),
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
        Err(error) if !error.errors.is_empty() => {
            let mut page = StartPage::of(&visitor, procedure)?;
            page.mistakes = mistakes(&visitor.frame, &error, StartPage::label);
            page.agency = sent.given("agency").unwrap_or_default();
            (page.mode, page.contact) = (mode, contact);
            visitor.page_as(StatusCode::UNPROCESSABLE_ENTITY, &page)
        }
        Err(error) => Err(error.into()),
    }
}
