//! The first page: what can be done here, in one screen; and the choice of language.

use actix_web::HttpResponse;
use actix_web::http::header::LOCATION;
use actix_web::web::{self, Data, Path, Query, ServiceConfig};
use askama::Template;
use chrono::{Days, NaiveDate};
use motcua_domain::agency::Agency;
use motcua_domain::calendar::{EntryKind, OfficeHours};
use motcua_domain::procedure::ProcedureKey;
use motcua_domain::text::{Language, Text};
use serde::Deserialize;

use super::frame::{Frame, LANGUAGE_COOKIE};
use super::visitor::{Visitor, cookie, local};
use crate::Web;
use crate::problem::Failure;

/// Holidays told this far ahead.
const AHEAD: u64 = 90;
const MOST_HOLIDAYS: usize = 6;

pub fn mount(config: &mut ServiceConfig) {
    config.route("/", web::get().to(home)).route("/ngon-ngu/{language}", web::get().to(choose_language));
}

/// A procedure in the list.
pub struct Choice {
    pub key: ProcedureKey,
    pub name: Text,
    pub summary: Text,
    pub days: u16,
}

impl Choice {
    /// Why somebody comes, in his own words; the name the law gives it stands beneath.
    pub fn purpose<'a>(&self, f: &'a Frame) -> &'a str {
        match self.key {
            ProcedureKey::EnforcementDecision => {
                f.say("Tôi có bản án, muốn được thi hành", "I have a judgment and want it enforced")
            }
            ProcedureKey::ResultConfirmation => f.say(
                "Tôi cần giấy xác nhận đã thi hành án đến đâu",
                "I need it in writing how far a judgment was enforced",
            ),
            ProcedureKey::OfficerReplacement => f.say(
                "Tôi muốn đổi Chấp hành viên đang làm việc của tôi",
                "I want another enforcement officer in my case",
            ),
            ProcedureKey::CoercionCostRelief => {
                f.say("Tôi khó trả chi phí cưỡng chế", "I can hardly pay the costs of coercion")
            }
            ProcedureKey::EnforcementFeeRelief => {
                f.say("Tôi khó nộp phí thi hành án", "I can hardly pay the enforcement fee")
            }
        }
    }
}

/// An agency people can go to.
pub struct Place {
    pub agency: Agency,
    pub hours: OfficeHours,
}

#[derive(Template)]
#[template(path = "home.html")]
pub struct HomePage {
    pub f: Frame,
    pub choices: Vec<Choice>,
    pub places: Vec<Place>,
    /// Day, name, and whether it is worked instead of another.
    pub days: Vec<(NaiveDate, Text, bool)>,
}

async fn home(visitor: Visitor) -> Result<HttpResponse, Failure> {
    let app = &visitor.ctx.app;
    let (rules, today) = (app.rules(), app.today());
    let choices = ProcedureKey::ALL
        .iter()
        .filter_map(|key| rules.in_force(*key, today))
        .map(|version| Choice {
            key: version.definition.key,
            name: version.definition.name.clone(),
            summary: version.definition.summary.clone(),
            days: version.definition.clocks.processing.limit.days,
        })
        .collect();
    let places = rules
        .offices()
        .into_iter()
        .filter(|office| office.agency.until.is_none())
        .map(|office| Place { agency: office.agency.clone(), hours: office.agency.hours })
        .collect();
    let last = today.checked_add_days(Days::new(AHEAD)).unwrap_or(today);
    let mut days: Vec<_> = [today, last]
        .iter()
        .filter_map(|day| rules.calendar.year(chrono::Datelike::year(day)))
        .flat_map(|year| year.days.clone())
        .filter(|entry| (today..=last).contains(&entry.date))
        .map(|entry| (entry.date, entry.name, entry.kind == EntryKind::SwapWork))
        .collect();
    days.sort_by_key(|(date, ..)| *date);
    days.dedup();
    days.truncate(MOST_HOLIDAYS);
    visitor.page(&HomePage { f: visitor.frame.clone(), choices, places, days })
}

#[derive(Deserialize)]
struct Asked {
    ve: Option<String>,
}

/// Keeps the language and goes back to where the choice was made.
async fn choose_language(web: Data<Web>, language: Path<String>, asked: Query<Asked>) -> HttpResponse {
    let language = Language::read(&language);
    let back = asked.ve.as_deref().and_then(local).unwrap_or("/").to_owned();
    let mut cookie = cookie(&web, LANGUAGE_COOKIE, language.as_str().to_owned());
    cookie.make_permanent();
    HttpResponse::SeeOther().insert_header((LOCATION, back)).cookie(cookie).finish()
}
