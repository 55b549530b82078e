//! The queue: open dossiers, most urgent first, in the parts people think in: mine, my unit, all.

use std::collections::HashMap;

use actix_web::HttpResponse;
use actix_web::web::{self, Query, ServiceConfig};
use askama::Template;
use chrono::{DateTime, Utc};
use motcua_app::Ctx;
use motcua_app::desk::{self, MOST_COUNTED, Queue, QueueLine};
use motcua_app::lists::{Cursor, Filter, Search};
use motcua_domain::dossier::Channel;
use motcua_domain::dossier::extension::working_day_after;
use motcua_domain::error_code::ErrorCode;
use motcua_domain::policy::Role;
use motcua_domain::procedure::ProcedureKey;

use super::Desk;
use crate::pages::form::ChoiceView;
use crate::pages::frame::Frame;
use crate::pages::words;
use crate::problem::Failure;

const ROWS: usize = 50;
const MINE: &str = "cua-toi";
const ALL: &str = "tat-ca";
/// Working days before a due date from when it is marked.
const NEAR: i32 = 2;

pub fn mount(config: &mut ServiceConfig) {
    config.route("/desk", web::get().to(queue));
}

/// One part of the queue.
struct Tab {
    address: String,
    name: String,
    here: bool,
}

#[derive(Template)]
#[template(path = "desk/queue.html")]
struct QueuePage {
    f: Frame,
    tabs: Vec<Tab>,
    part: String,
    procedures: Vec<ChoiceView>,
    steps: Vec<ChoiceView>,
    channels: Vec<ChoiceView>,
    windows: Vec<ChoiceView>,
    search: String,
    filtered: bool,
    queue: Queue,
    next: Option<String>,
}

impl QueuePage {
    fn count(&self) -> String {
        match self.queue.count {
            None => String::new(),
            Some(MOST_COUNTED..) => format!(" ({MOST_COUNTED}+)"),
            Some(count) => format!(" ({count})"),
        }
    }
}

/// The mark of a row: class, icon and word. Two only, approaching and breached; the rest has none.
fn mark(f: &Frame, row: &QueueLine) -> Option<(&'static str, &'static str, String)> {
    let days = row.days_left?;
    if row.late {
        let said = if days < 0 { f.days_left(&days) } else { f.say("quá hạn", "overdue").to_owned() };
        return Some(("bad", "⚠", said));
    }
    (days <= NEAR).then(|| ("warn", "◷", f.days_left(&days)))
}

/// Before when the chosen window ends.
fn window(ctx: &Ctx, chosen: &str) -> Option<DateTime<Utc>> {
    match chosen {
        "qua-han" => Some(ctx.now()),
        "hom-nay" => desk::end_of(ctx.today()),
        "ba-ngay" => desk::end_of(working_day_after(&ctx.app.rules().calendar, ctx.today(), 3)?),
        _ => None,
    }
}

fn choice(value: &str, label: &str, chosen: &str) -> ChoiceView {
    ChoiceView { value: value.to_owned(), label: label.to_owned(), chosen: value == chosen }
}

/// The parts this person has: own work for who processes, each own unit, and all in scope.
fn parts(visitor: &crate::pages::visitor::Visitor) -> Vec<(String, String)> {
    let (f, ctx) = (&visitor.frame, &visitor.ctx);
    let Some(staff) = ctx.actor.staff() else { return Vec::new() };
    let (rules, today) = (ctx.app.rules(), ctx.today());
    let held: Vec<_> = staff.memberships.iter().filter(|held| held.holds_on(today)).collect();
    let mine = (MINE.to_owned(), f.say("Của tôi", "Mine").to_owned());
    let all = (ALL.to_owned(), f.say("Tất cả", "All").to_owned());
    let mut units: Vec<(String, String)> = held
        .iter()
        .filter_map(|held| {
            let unit = rules.find_office(held.agency)?.unit(held.unit)?;
            Some((unit.id.to_string(), f.text(&unit.name).to_owned()))
        })
        .collect();
    units.sort();
    units.dedup();
    let processes = held.iter().any(|held| held.role == Role::ProcessingOfficer);
    // What people open first stands first.
    if processes {
        std::iter::once(mine).chain(units).chain([all]).collect()
    } else {
        units.into_iter().chain([all, mine]).collect()
    }
}

async fn queue(desk: Desk, asked: Query<HashMap<String, String>>) -> Result<HttpResponse, Failure> {
    let Desk(visitor) = desk;
    let (f, ctx) = (&visitor.frame, &visitor.ctx);
    let rules = ctx.app.rules();
    let given = |name: &str| asked.get(name).map(String::as_str).unwrap_or_default();
    let parts = parts(&visitor);
    let first = parts.first().map(|(key, _)| key.as_str()).unwrap_or(ALL);
    let part = Some(given("xem")).filter(|part| parts.iter().any(|(key, _)| key == part)).unwrap_or(first);
    let search = given("tim").trim();
    let filter = Filter {
        assignee: if part == MINE { ctx.actor.account() } else { None },
        unit: part.parse().ok(),
        procedure: given("thu-tuc").parse().ok(),
        state: None,
        step: Some(given("buoc").to_owned()).filter(|step| !step.is_empty()),
        channel: given("kenh").parse().ok(),
        due_before: window(ctx, given("han")),
        search: Search::of(search),
    };
    let after = Some(given("sau")).filter(|after| !after.is_empty());
    let after: Option<Cursor> =
        after.map(|after| after.parse().map_err(|_| ErrorCode::MalformedParameter)).transpose()?;
    let queue = desk::queue(ctx, &filter, after, ROWS).await?;
    let definitions: Vec<_> =
        ProcedureKey::ALL.iter().filter_map(|key| rules.in_force(*key, ctx.today())).collect();
    let mut steps: Vec<ChoiceView> = Vec::new();
    for step in definitions.iter().flat_map(|version| &version.definition.route) {
        if !steps.iter().any(|known| known.value == step.key) {
            steps.push(choice(&step.key, f.text(&step.name), given("buoc")));
        }
    }
    let next = queue.next.map(|cursor| {
        let mut all: Vec<(&str, String)> = asked
            .iter()
            .filter(|(name, _)| *name != "sau")
            .map(|(name, value)| (name.as_str(), value.clone()))
            .collect();
        all.push(("sau", cursor.to_string()));
        format!("/desk?{}", serde_urlencoded::to_string(all).unwrap_or_default())
    });
    let filtered = ["thu-tuc", "buoc", "kenh", "han", "tim"].iter().any(|name| !given(name).is_empty());
    visitor.page(&QueuePage {
        f: f.clone(),
        tabs: parts
            .iter()
            .map(|(key, name)| Tab {
                address: format!("/desk?xem={key}"),
                name: name.clone(),
                here: key == part,
            })
            .collect(),
        part: part.to_owned(),
        procedures: definitions
            .iter()
            .map(|version| {
                let key = version.definition.key.as_str();
                choice(key, f.text(&version.definition.name), given("thu-tuc"))
            })
            .collect(),
        steps,
        channels: Channel::ALL
            .iter()
            .map(|channel| choice(channel.as_str(), words::channel(f, *channel), given("kenh")))
            .collect(),
        windows: vec![
            choice("qua-han", f.say("Đã quá hạn", "Overdue"), given("han")),
            choice("hom-nay", f.say("Đến hạn trong hôm nay", "Due today"), given("han")),
            choice("ba-ngay", f.say("Trong ba ngày làm việc tới", "Within three working days"), given("han")),
        ],
        search: search.to_owned(),
        filtered,
        queue,
        next,
    })
}
