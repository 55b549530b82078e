//! Counter intake: a request brought, spoken or posted is begun here, goes through the same form as
//! one filed online, and is filed and received in one act at the end.

use actix_web::http::StatusCode;
use actix_web::web::{self, Query, ServiceConfig};
use actix_web::{HttpRequest, HttpResponse};
use askama::Template;
use motcua_app::Error;
use motcua_app::filing::{self, Begin, Handing, Start};
use motcua_app::lists::{self, Filter, LineView, Search};
use motcua_app::waiting_numbers::{self, Line};
use motcua_domain::agency::Agency;
use motcua_domain::dossier::Channel;
use motcua_domain::error_code::{ErrorCode, FieldError};
use motcua_domain::procedure::ProcedureKey;
use motcua_domain::text::Text;
use serde::Deserialize;
use serde_json::json;

use super::{Desk, Sent};
use crate::pages::apply::page_after;
use crate::pages::begin::{Mistake, contact, filer, known_of, mistakes, once, summary};
use crate::pages::frame::Frame;
use crate::pages::submitted::Submitted;
use crate::pages::visitor::Visitor;
use crate::pages::words;
use crate::problem::Failure;

pub fn mount(config: &mut ServiceConfig) {
    config
        .route("/desk/tiep-nhan", web::get().to(ask))
        .route("/desk/tiep-nhan", web::post().to(begin))
        .route("/desk/quet", web::post().to(scanned));
}

#[derive(Template)]
#[template(path = "desk/intake.html")]
struct IntakePage {
    f: Frame,
    procedures: Vec<(ProcedureKey, Text)>,
    agencies: Vec<Agency>,
    /// Word and name.
    channels: Vec<(&'static str, &'static str)>,
    /// Typed before, when the page comes back.
    sent: Submitted,
    key: String,
    mistakes: Vec<Mistake>,
    /// Scanned or typed, and nothing was found by it.
    unknown: Option<String>,
    /// Begun here by this person and not filed yet, the last one first.
    unfinished: Vec<LineView>,
    /// Who waits at the counters this person serves.
    lines: Vec<Line>,
    /// The number drawn or called just now; called and nobody waited.
    drawn: Option<i32>,
    called: Option<i32>,
    nobody: bool,
    /// The counter this browser calls to, and what is wrong with it.
    place: String,
    place_mistake: Option<String>,
}

/// What was done about the line just now.
#[derive(Deserialize, Default)]
struct Asked {
    phat: Option<i32>,
    goi: Option<i32>,
    het: Option<String>,
}

/// The counter this browser stands at, in hex since people write it with tone marks.
const PLACE: &str = "motcua-quay";

/// Where the desk goes on after a number was called, or nobody waited.
pub fn after_call(visitor: &Visitor, number: Option<i32>, place: &str) -> HttpResponse {
    let path = match number {
        Some(number) => format!("/desk/tiep-nhan?goi={number}"),
        None => "/desk/tiep-nhan?het=1".to_owned(),
    };
    visitor.go_noting(path, PLACE, hex::encode(place))
}

/// The page again, when the place a number should be called to is none.
///
/// # Errors
/// When the database is away, or a template fails.
pub async fn place_wanted(visitor: &Visitor, error: &Error) -> Result<HttpResponse, Failure> {
    let mut page = IntakePage::of(visitor, Submitted::default()).await?;
    page.place_mistake = error.errors.first().map(|wrong| visitor.frame.text(&wrong.text).to_owned());
    visitor.page_as(StatusCode::UNPROCESSABLE_ENTITY, &page)
}

/// So many unfinished requests are listed.
const UNFINISHED: i64 = 20;

impl IntakePage {
    async fn of(visitor: &Visitor, sent: Submitted) -> Result<Self, Failure> {
        let ctx = &visitor.ctx;
        let unfinished = lists::drafts(ctx, UNFINISHED).await?;
        let (rules, today) = (ctx.app.rules(), ctx.today());
        let held: Vec<_> = ctx.actor.staff().into_iter().flat_map(|staff| staff.at_counter(today)).collect();
        let agencies = rules
            .offices()
            .into_iter()
            .filter(|office| office.agency.until.is_none())
            .filter(|office| held.iter().any(|held| held.covers(office.agency.id)))
            .map(|office| office.agency.clone())
            .collect();
        let procedures = ProcedureKey::ALL
            .iter()
            .filter_map(|key| Some((*key, rules.in_force(*key, today)?.definition.name.clone())))
            .collect();
        Ok(Self {
            f: visitor.frame.clone(),
            unfinished,
            lines: waiting_numbers::own(ctx).await?,
            drawn: None,
            called: None,
            nobody: false,
            place: String::new(),
            place_mistake: None,
            procedures,
            agencies,
            channels: Channel::ALL
                .iter()
                .filter(|channel| channel.by_staff())
                .map(|channel| (channel.as_str(), words::channel(&visitor.frame, *channel)))
                .collect(),
            sent,
            key: ctx.app.new_id::<uuid::Uuid>().to_string(),
            mistakes: Vec::new(),
            unknown: None,
        })
    }

    fn typed(&self, name: &str) -> &str {
        self.sent.get(name).unwrap_or_default()
    }

    /// Chosen before, or what is usual when nothing was.
    fn chosen(&self, name: &str, value: &str, usual: &str) -> bool {
        self.sent.get(name).unwrap_or(usual) == value
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
            "procedure" => f.say("Thủ tục", "Procedure"),
            "agency" => f.say("Cơ quan", "Agency"),
            "channel" => f.say("Hồ sơ đến bằng cách nào", "How it came"),
            "filled_in_by" => f.say("Họ và tên người khai thay", "Name of whoever fills it in"),
            "name" => f.say("Họ và tên người nộp", "Full name of the applicant"),
            "phone" => f.say("Số điện thoại", "Telephone"),
            "email" => f.say("Thư điện tử", "E-mail"),
            _ => "",
        }
    }
}

async fn ask(request: HttpRequest, desk: Desk, asked: Query<Asked>) -> Result<HttpResponse, Failure> {
    let Desk(visitor) = desk;
    let Asked { phat, goi, het } = asked.into_inner();
    let mut page = IntakePage::of(&visitor, Submitted::default()).await?;
    (page.drawn, page.called, page.nobody) = (phat, goi, het.is_some());
    let place = visitor.noted(&request, PLACE).and_then(|noted| hex::decode(noted).ok());
    page.place = place.and_then(|place| String::from_utf8(place).ok()).unwrap_or_default();
    visitor.page(&page)
}

async fn begin(sent: Sent) -> Result<HttpResponse, Failure> {
    let Sent { visitor, form: sent } = sent;
    let contact = contact(&sent);
    let ticket = once(&visitor, &sent)?;
    let choice = |name: &str| sent.get(name).unwrap_or_default();
    let chosen = (choice("procedure").parse(), choice("agency").parse(), choice("channel").parse());
    let (mode, filled_in_by) = filer(&sent);
    let begun = async {
        let (Ok(procedure), Ok(agency), Ok(channel)) = chosen else {
            // All that is wrong is said at once.
            let (procedure, agency, channel) = chosen;
            let missing =
                |at: &str, fits: bool| (!fits).then(|| FieldError::plain(at, ErrorCode::FieldChoice));
            let mut errors: Vec<FieldError> = [
                missing("/procedure", procedure.is_ok()),
                missing("/agency", agency.is_ok()),
                missing("/channel", channel.is_ok()),
            ]
            .into_iter()
            .flatten()
            .collect();
            errors.extend(filing::check_start(&contact, filled_in_by.as_deref()).err().unwrap_or_default());
            return Err(Error::fields(errors));
        };
        let input = Begin {
            procedure,
            version: None,
            answers: json!({ "applicant": known_of(&contact) }),
            start: Start { agency, mode, filled_in_by, contact },
            channel: Some(channel),
            language: visitor.frame.language,
            submit: false,
            handing: Handing::default(),
        };
        filing::begin(&visitor.ctx, &ticket, input).await
    };
    match begun.await {
        Ok(view) => {
            let first = page_after(&visitor, &view, None)?;
            // Held here until the receipt with it is printed.
            Ok(visitor.go_holding(first, view.id, view.tracking_key.as_deref().unwrap_or_default()))
        }
        Err(error) if !error.errors.is_empty() => {
            let mut page = IntakePage::of(&visitor, sent).await?;
            page.mistakes = mistakes(&visitor.frame, &error, IntakePage::label);
            visitor.page_as(StatusCode::UNPROCESSABLE_ENTITY, &page)
        }
        Err(error) => Err(error.into()),
    }
}

/// The dossier that a scanned cover sheet, receipt or confirmation belongs to. Posted, because the code on
/// a confirmation carries its tracking key, which must not stand in an address.
async fn scanned(sent: Sent) -> Result<HttpResponse, Failure> {
    let Sent { visitor, form: sent } = sent;
    let scanned = sent.get("ma").unwrap_or_default().trim().to_owned();
    let code = code_in(&scanned).to_owned();
    let filter = Filter { search: Some(Search::Code(code.to_uppercase())), ..Filter::default() };
    let found = lists::newest(&visitor.ctx, &filter, None, 10).await?;
    let whole = |known: &str| known.eq_ignore_ascii_case(&code);
    let found =
        found.items.iter().find(|line| whole(&line.reference) || line.code.as_deref().is_some_and(whole));
    if let Some(line) = found {
        return Ok(visitor.go(format!("/desk/ho-so/{}", line.id)));
    }
    let mut page = IntakePage::of(&visitor, Submitted::default()).await?;
    page.unknown = Some(code);
    visitor.page_as(StatusCode::UNPROCESSABLE_ENTITY, &page)
}

/// The dossier's code in what a scanner read: the code alone, or an address that carries it as
/// `…#code.key` or `…?ma=code`.
fn code_in(scanned: &str) -> &str {
    if let Some((_, fragment)) = scanned.split_once('#') {
        return fragment.rsplit_once('.').map_or(fragment, |(code, _)| code);
    }
    match scanned.split_once("ma=") {
        Some((_, code)) => code.split('&').next().unwrap_or(code),
        None => scanned,
    }
}

#[cfg(test)]
mod tests {
    use super::code_in;

    #[test]
    fn a_code_is_found_in_whatever_a_scanner_reads() {
        for scanned in [
            "000.04.15.G15-250805-0007",
            "https://motcua.example/tra-cuu?ma=000.04.15.G15-250805-0007",
            "https://motcua.example/tra-cuu?ma=000.04.15.G15-250805-0007&x=1",
            "https://motcua.example/tra-cuu#000.04.15.G15-250805-0007.k3y",
        ] {
            assert_eq!(code_in(scanned), "000.04.15.G15-250805-0007", "{scanned}");
        }
    }
}
