//! One dossier at the desk: what was filed, what happened, what is due and why, and beside it every
//! act that is open now, explained before it is done.

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use actix_web::web::{self, Path, Query, ServiceConfig};
use askama::Template;
use motcua_app::act::Preview;
use motcua_app::desk::{self, Whole};
use motcua_app::idempotency::Ticket;
use motcua_app::letters::Delivery;
use motcua_app::lists::AuditLine;
use motcua_app::papers::Fetched;
use motcua_app::view::DossierView;
use motcua_app::{Error, act, lists};
use motcua_domain::dossier::FilerMode;
use motcua_domain::dossier::allowed::Allowed;
use motcua_domain::dossier::command::CommandKind;
use motcua_domain::error_code::{ErrorCode, FieldError};
use motcua_domain::ids::DossierId;
use motcua_domain::matter::Matter;
use motcua_domain::paper::PaperKind;
use motcua_domain::procedure::ProcedureVersion;
use motcua_domain::procedure::form::Widget;
use serde::Deserialize;

use super::acts::{ActForm, Forms, matter_name, may_supply};
use super::handed::{self, Handed};
use super::telling::{Line, Teller};
use super::{Desk, Sent};
use crate::api::acts::command;
use crate::pages::dossier::{Wanted, wanted};
use crate::pages::form::{FieldView, Showing, asks};
use crate::pages::frame::Frame;
use crate::pages::papers::{is_page, is_picture, size};
use crate::pages::printed;
use crate::pages::submitted::Submitted;
use crate::pages::visitor::Visitor;
use crate::pages::why::{self, Why};
use crate::pages::words;
use crate::problem::{Failure, status};

pub fn mount(config: &mut ServiceConfig) {
    config
        .route("/desk/ho-so/{id}", web::get().to(show))
        .route("/desk/ho-so/{id}/ai-da-xem", web::get().to(looks))
        .route("/desk/ho-so/{id}/phien-ban", web::get().to(version))
        .route("/desk/ho-so/{id}/{act}", web::post().to(perform));
}

/// An act that is open now, with its forms.
struct Panel {
    allowed: Allowed,
    effect: Option<&'static str>,
    letter: Option<String>,
    forms: Vec<ActForm>,
    open: bool,
}

/// The key that opens an act; the rest are reached by the tabulator. `j`, `k` and `g` are taken.
fn shortcut(kind: &CommandKind) -> Option<&'static str> {
    Some(match kind {
        CommandKind::AddNote => "c",
        CommandKind::RequestSupplement => "s",
        CommandKind::Receive => "r",
        CommandKind::Assign => "a",
        CommandKind::CompleteStep => "x",
        CommandKind::Draft => "d",
        CommandKind::Propose => "p",
        CommandKind::Sign => "y",
        CommandKind::Number => "n",
        CommandKind::HandOver => "h",
        CommandKind::Return => "t",
        CommandKind::Extend => "e",
        CommandKind::Refuse => "u",
        CommandKind::Undo => "z",
        _ => return None,
    })
}

/// One page of the form, read back.
struct Answered {
    title: String,
    fields: Vec<FieldView>,
}

/// Why an act was not done.
struct Trouble {
    said: String,
    /// Field and sentence of each mistake.
    mistakes: Vec<(String, String)>,
    basis: Vec<String>,
    /// What was typed, when the form it was typed into is no longer there.
    typed: Vec<String>,
}

#[derive(Template)]
#[template(path = "desk/dossier.html")]
struct DossierPage {
    f: Frame,
    panels: Vec<Panel>,
    answered: Vec<Answered>,
    lines: Vec<Line>,
    wanted: Vec<Wanted>,
    supplies: bool,
    assignee: Option<String>,
    opinions: Vec<(String, String, Option<String>)>,
    draft: Option<String>,
    outcome: Vec<String>,
    /// What the day rests on by which something must happen next.
    why: Option<Why>,
    done: Option<String>,
    /// What came on paper, as the receipt lists it.
    handed: Vec<String>,
    /// Papers that came later and were taken in just now.
    attached: Option<usize>,
    /// What a paper that comes later may be: key and name, the missing ones first.
    kinds: Vec<(String, String)>,
    trouble: Option<Trouble>,
    /// The form it is shown at, and what its act would do.
    preview: Option<(String, Preview)>,
    search: String,
    whole: Whole,
}

impl DossierPage {
    fn view(&self) -> &DossierView {
        &self.whole.view
    }

    /// The form for a new key came back.
    fn rekeying(&self) -> bool {
        self.trouble.iter().flat_map(|trouble| &trouble.mistakes).any(|(at, _)| at == "rekey-reason")
    }
}

#[derive(Deserialize)]
struct Asked {
    /// The act that was done just now.
    xong: Option<String>,
    /// So many papers were taken in just now.
    nhan: Option<usize>,
    /// Part of a decision number, to link a matter.
    so: Option<String>,
}

/// What came back with a form, to be shown again.
#[derive(Clone, Copy)]
struct Again<'a> {
    sent: &'a Submitted,
    form: &'a str,
    error: Option<&'a Error>,
}

async fn found(visitor: &Visitor, whole: &Whole, search: &str) -> Result<Vec<Matter>, Failure> {
    let links = whole.view.allowed_actions.iter().any(|allowed| allowed.act == CommandKind::LinkMatter);
    if search.is_empty() || !links {
        return Ok(Vec::new());
    }
    Ok(lists::matters(&visitor.ctx, Some(search)).await?)
}

impl DossierPage {
    fn of(
        visitor: &Visitor,
        whole: Whole,
        matters: &[Matter],
        search: String,
        again: Option<Again<'_>>,
    ) -> Result<Self, Failure> {
        let (f, ctx) = (&visitor.frame, &visitor.ctx);
        let rules = ctx.app.rules();
        let definition = &rules.version(whole.view.procedure.version_id)?.definition;
        let forms = Forms { f, ctx, whole: &whole, definition, matters };
        let mut panels: Vec<Panel> = Vec::new();
        for allowed in &whole.view.allowed_actions {
            let forms = forms.of(allowed);
            if forms.is_empty() {
                continue;
            }
            let letter = allowed.letter.as_deref().and_then(|key| definition.letter(key));
            panels.push(Panel {
                effect: words::clock_effect(f, allowed.clock_effect),
                letter: letter.map(|letter| f.text(&letter.name).to_owned()),
                open: allowed.act == CommandKind::LinkMatter && !matters.is_empty(),
                forms,
                allowed: allowed.clone(),
            });
        }
        let teller = Teller { f, definition, whole: &whole, rules: &rules };
        let trouble = again.and_then(|again| {
            let form = panels.iter_mut().find_map(|panel| {
                let form = panel.forms.iter_mut().find(|form| form.id == again.form)?;
                panel.open = true;
                Some(form)
            });
            let errors = again.error.map(|error| error.errors.as_slice()).unwrap_or_default();
            let mut mistakes = Vec::new();
            let mut typed = Vec::new();
            if let Some(form) = form {
                form.refill(f, again.sent, errors);
                let about_papers = |error: &&FieldError| error.pointer.starts_with("/handed_over/");
                mistakes = errors
                    .iter()
                    .filter(|error| !about_papers(error))
                    .map(|error| match form.place_of(error) {
                        Some(field) => (field.id(), format!("{}: {}", field.label, f.text(&error.text))),
                        None => (form.id.clone(), f.text(&error.text).to_owned()),
                    })
                    .collect();
                mistakes.extend(form.handed.iter().flat_map(|handed| handed.mistakes(f)));
            } else {
                typed = again
                    .sent
                    .typed()
                    .map(|(_, value)| value.trim().to_owned())
                    .filter(|value| !value.is_empty())
                    .collect();
            }
            let error = again.error?;
            let said = match error.code {
                ErrorCode::StaleVersion => teller.meanwhile(),
                _ => f.text(&error.text).to_owned(),
            };
            Some(Trouble { said, mistakes, basis: error.basis.clone(), typed })
        });
        let answers = &whole.view.answers;
        let showing = Showing { frame: f, definition, answers, errors: &[] };
        let answered = definition
            .layout
            .pages
            .iter()
            .filter(|page| asks(page, answers))
            .map(|page| Answered {
                title: f.text(&page.title).to_owned(),
                fields: showing.fields(page).into_iter().filter(FieldView::answered).collect(),
            })
            .filter(|page| !page.fields.is_empty())
            .collect();
        let internal = whole.view.internal.as_ref();
        Ok(Self {
            f: f.clone(),
            answered,
            lines: whole.events.iter().rev().map(|line| teller.line(line)).collect(),
            wanted: wanted(f, ctx, &whole.view)?,
            supplies: may_supply(&whole),
            assignee: internal
                .and_then(|internal| internal.assignee)
                .and_then(|officer| whole.people.get(&officer.account).cloned()),
            opinions: internal
                .iter()
                .flat_map(|internal| &internal.opinions)
                .map(|opinion| (teller.unit(opinion.unit), opinion.question.clone(), opinion.answer.clone()))
                .collect(),
            draft: internal
                .and_then(|internal| internal.decision.as_ref())
                .map(|decision| words::ruling(f, definition, &decision.ruling)),
            outcome: words::outcome(f, ctx, &whole.view)?,
            why: why::why(f, ctx, &whole.view, &whole.events)?,
            done: None,
            handed: match &whole.view.handed_over {
                Some(handed) => handed::lines(f, &rules, definition, handed),
                None => Vec::new(),
            },
            attached: None,
            kinds: kinds(f, definition, &whole.view),
            trouble,
            preview: None,
            search,
            panels,
            whole,
        })
    }
}

fn kinds(f: &Frame, definition: &ProcedureVersion, view: &DossierView) -> Vec<(String, String)> {
    let missing = |key: &str| view.missing_papers.iter().any(|paper| paper.requirement == key);
    let mut kinds: Vec<_> = definition.requirements.iter().collect();
    kinds.sort_by_key(|each| !missing(&each.key));
    kinds.into_iter().map(|each| (each.key.clone(), f.text(&each.name).to_owned())).collect()
}

/// The page of a dossier with why something beside its acts was not done.
pub(super) async fn said_no(
    visitor: &Visitor,
    id: DossierId,
    error: &Error,
) -> Result<HttpResponse, Failure> {
    if error.private().is_some() || status(error.code) == StatusCode::NOT_FOUND {
        return Err(Failure(error.clone()));
    }
    let whole = desk::open(&visitor.ctx, id).await?;
    let mut page = DossierPage::of(visitor, whole, &[], String::new(), None)?;
    let f = &visitor.frame;
    page.trouble = Some(Trouble {
        said: f.text(&error.text).to_owned(),
        mistakes: error
            .errors
            .iter()
            .map(|wrong| ("rekey-reason".to_owned(), f.text(&wrong.text).to_owned()))
            .collect(),
        basis: Vec::new(),
        typed: Vec::new(),
    });
    visitor.page_as(status(error.code), &page)
}

async fn show(desk: Desk, path: Path<DossierId>, asked: Query<Asked>) -> Result<HttpResponse, Failure> {
    let Desk(visitor) = desk;
    let Asked { xong, nhan, so } = asked.into_inner();
    let whole = desk::open(&visitor.ctx, path.into_inner()).await?;
    let unlinked = || whole.view.matter_reference.clone().filter(|_| whole.view.matter.is_none());
    let search = so.or_else(unlinked).unwrap_or_default().trim().to_owned();
    let matters = found(&visitor, &whole, &search).await?;
    let mut page = DossierPage::of(&visitor, whole, &matters, search, None)?;
    let rules = visitor.ctx.app.rules();
    let definition = &rules.version(page.view().procedure.version_id)?.definition;
    page.attached = nhan;
    page.done = xong
        .and_then(|act| definition.act(act.parse().ok()?))
        .map(|rule| visitor.frame.text(&rule.name).to_owned());
    visitor.page(&page)
}

async fn perform(sent: Sent, path: Path<(DossierId, String)>) -> Result<HttpResponse, Failure> {
    let Sent { visitor, form: sent } = sent;
    let (id, act) = path.into_inner();
    let kind: CommandKind = act.parse().map_err(|_| ErrorCode::NotFound)?;
    let whole = desk::open(&visitor.ctx, id).await?;
    let search = sent.get("_so").unwrap_or_default().to_owned();
    let matters = found(&visitor, &whole, &search).await?;
    let form = sent.get("_form").unwrap_or(kind.as_str());
    let seen: Option<i64> = sent.get("_version").and_then(|version| version.parse().ok());
    let ticket = Ticket { expected_version: Some(seen.unwrap_or_default()), key: None };
    let wished = {
        let rules = visitor.ctx.app.rules();
        let definition = &rules.version(whole.view.procedure.version_id)?.definition;
        let forms =
            Forms { f: &visitor.frame, ctx: &visitor.ctx, whole: &whole, definition, matters: &matters };
        let allowed = whole.view.allowed_actions.iter().find(|allowed| allowed.act == kind);
        let asked = allowed.and_then(|allowed| forms.of(allowed).into_iter().find(|each| each.id == form));
        match asked {
            Some(asked) => command(&visitor.ctx, kind, &asked.about, asked.said(&sent)),
            // It was open when the page was made.
            None if seen != Some(whole.view.version) => Err(Failure(Error::stale(whole.view.version))),
            None => Err(ErrorCode::ActNotAllowed.into()),
        }
    };
    let again = |error| Again { sent: &sent, form, error };
    let error = match wished {
        Ok(command) if sent.get("_paper").is_some() => {
            match act::preview_paper(&visitor.ctx, id, &ticket, command).await {
                Ok(Some(bytes)) => return Ok(printed::sent(Fetched::preview(bytes))),
                Ok(None) => return Err(ErrorCode::NotFound.into()),
                Err(error) => error,
            }
        }
        Ok(command) if sent.get("_preview").is_some() => {
            match act::preview(&visitor.ctx, id, &ticket, command).await {
                Ok(preview) => {
                    let mut page = DossierPage::of(&visitor, whole, &matters, search, Some(again(None)))?;
                    page.preview = Some((form.to_owned(), preview));
                    return visitor.page(&page);
                }
                Err(error) => error,
            }
        }
        Ok(command) => match act::perform(&visitor.ctx, id, &ticket, command).await {
            Ok(_) => return Ok(visitor.go(format!("/desk/ho-so/{id}?xong={kind}"))),
            Err(error) => error,
        },
        Err(Failure(error)) => error,
    };
    if error.private().is_some() || status(error.code) == StatusCode::NOT_FOUND {
        return Err(error.into());
    }
    let page = DossierPage::of(&visitor, whole, &matters, search, Some(again(Some(&error))))?;
    visitor.page_as(status(error.code), &page)
}

#[derive(Template)]
#[template(path = "desk/looks.html")]
struct LooksPage {
    f: Frame,
    id: DossierId,
    looks: Vec<(AuditLine, Option<String>)>,
}

async fn looks(desk: Desk, path: Path<DossierId>) -> Result<HttpResponse, Failure> {
    let Desk(visitor) = desk;
    let id = path.into_inner();
    let looks = desk::looks(&visitor.ctx, id).await?;
    visitor.page(&LooksPage { f: visitor.frame.clone(), id, looks })
}

/// The version alone, for a page that stays open: nothing of the dossier is shown, so it is no look.
async fn version(desk: Desk, path: Path<DossierId>) -> Result<HttpResponse, Failure> {
    let Desk(visitor) = desk;
    let version = lists::version(&visitor.ctx, path.into_inner()).await?;
    Ok(HttpResponse::Ok().content_type("text/plain").body(version.to_string()))
}

fn moment(line: &AuditLine) -> Option<chrono::DateTime<chrono::Utc>> {
    line.at.parse().ok()
}
