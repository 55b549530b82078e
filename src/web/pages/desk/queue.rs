//! The queue: open dossiers, most urgent first, in the parts people think in: mine, my unit, what I
//! sent on, all in progress.

use std::collections::HashMap;

use actix_web::web::{self, Query, ServiceConfig};
use actix_web::{HttpRequest, HttpResponse};
use askama::Template;
use chrono::{DateTime, TimeDelta, Utc};
use motcua_app::desk::{self, MOST_COUNTED, Queue, QueueLine};
use motcua_app::lists::{Cursor, Filter, Search, SentOn};
use motcua_app::{Ctx, bulk};
use motcua_domain::dossier::Channel;
use motcua_domain::dossier::extension::working_day_after;
use motcua_domain::error_code::ErrorCode;
use motcua_domain::policy::{Membership, Role};
use motcua_domain::procedure::ProcedureKey;

use super::bulk::act_name;
use super::{Desk, Sent};
use crate::pages::form::ChoiceView;
use crate::pages::frame::Frame;
use crate::pages::visitor::Visitor;
use crate::pages::words;
use crate::problem::Failure;

const ROWS: usize = 50;
const MINE: &str = "cua-toi";
const ALL: &str = "tat-ca";
const SENT_ON: &str = "da-chuyen";
const ENDED: &str = "da-xong";
/// A part is counted no further than this before somebody, or the script, asks for all.
const MOST_WAITING: usize = 100;
/// Stands after a count that is a part only.
const MORE: &str = "+";
/// Days for which what was sent on is shown.
const SENT_DAYS: i64 = 90;
/// Stands in the address of a view that is to be counted to the last one.
const COUNT: &str = "dem";
/// Stands in the address of a view that was kept.
const KEPT: &str = "nho";

pub fn mount(config: &mut ServiceConfig) {
    config
        .route("/desk", web::get().to(queue))
        .route("/desk/nhan-viec", web::post().to(take_next))
        .route("/desk/bo-loc", web::post().to(keep));
}

/// One part of the queue.
struct Tab {
    address: String,
    name: String,
    here: bool,
    /// How many wait there, where people work from it.
    waiting: Option<String>,
}

#[derive(Template)]
#[template(path = "desk/queue.html", blocks = ["standing", "list"])]
struct QueuePage {
    f: Frame,
    tabs: Vec<Tab>,
    part: String,
    procedures: Vec<ChoiceView>,
    steps: Vec<ChoiceView>,
    officers: Vec<ChoiceView>,
    channels: Vec<ChoiceView>,
    windows: Vec<ChoiceView>,
    search: String,
    filtered: bool,
    queue: Queue,
    next: Option<String>,
    /// Counted to the last one.
    counted: bool,
    /// This view as a query string.
    address: String,
    /// This view is the one kept for this person.
    kept: bool,
    /// Work can be taken from this part.
    takes: bool,
    /// What has come to an end is shown.
    ended: bool,
    /// The same search among those.
    among_ended: Option<String>,
    /// Somebody asked for the next one, and there was none.
    nothing_left: bool,
    /// Acts this person may do on many at once.
    bulk: Vec<ChoiceView>,
    /// Taking this list away twice is done once.
    key: String,
    /// Columns that can be left out: name in addresses, words, and whether it is.
    columns: Vec<Column>,
}

/// The parts of the page that others change while it stays open.
#[derive(Template)]
#[template(source = "{{ standing|safe }}{{ list|safe }}", ext = "html")]
struct QueueParts {
    standing: String,
    list: String,
}

/// A column that can be left out.
struct Column {
    key: &'static str,
    name: &'static str,
    hidden: bool,
}

/// Stands before the name of a column that is left out.
const HIDES: &str = "an-";

impl QueuePage {
    fn shows(&self, key: &str) -> bool {
        self.columns.iter().all(|column| column.key != key || !column.hidden)
    }

    /// Exact, or said to be a part only until it has been counted.
    fn count(&self) -> String {
        match self.queue.count {
            None => String::new(),
            Some(_) if self.more() => format!(" ({}+)", self.f.number(&MOST_COUNTED)),
            Some(count) => format!(" ({})", self.f.number(&count)),
        }
    }

    /// Something here was counted in part only.
    fn partly(&self) -> bool {
        let cut = |tab: &Tab| tab.waiting.as_ref().is_some_and(|waiting| waiting.ends_with(MORE));
        self.more() || self.tabs.iter().any(cut)
    }

    /// How many there are is not known yet.
    fn more(&self) -> bool {
        !self.counted
            && !self.queue.lines.is_empty()
            && self.queue.count.is_none_or(|count| count >= MOST_COUNTED)
    }
}

/// The mark of a row: class, icon and word. Two only, approaching and breached; the rest has none.
fn mark(f: &Frame, row: &QueueLine) -> Option<(&'static str, &'static str, String)> {
    let days = row.days_left?;
    let (class, icon) = words::mark(&days, row.late);
    let said =
        if row.late && days >= 0 { f.say("quá hạn", "overdue").to_owned() } else { f.days_left(&days) };
    (!class.is_empty()).then_some((class, icon, said))
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

/// The parts this person has: own work for who processes, each own unit, what was sent on, and all.
fn parts(visitor: &Visitor) -> Vec<(String, String)> {
    let (f, ctx) = (&visitor.frame, &visitor.ctx);
    let held = held(ctx);
    let rules = ctx.app.rules();
    let mine = (MINE.to_owned(), f.say("Của tôi", "Mine").to_owned());
    let others = [
        (SENT_ON.to_owned(), f.say("Đã chuyển đi", "Sent on").to_owned()),
        (ALL.to_owned(), f.say("Đang giải quyết", "In progress").to_owned()),
        (ENDED.to_owned(), f.say("Đã xong", "Ended").to_owned()),
    ];
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
        std::iter::once(mine).chain(units).chain(others).collect()
    } else {
        units.into_iter().chain(std::iter::once(mine)).chain(others).collect()
    }
}

fn held(ctx: &Ctx) -> Vec<Membership> {
    let today = ctx.today();
    let all = ctx.actor.staff().into_iter().flat_map(|staff| &staff.memberships);
    all.filter(|held| held.holds_on(today)).cloned().collect()
}

/// A view of the queue, as its address says it.
pub(super) struct View {
    asked: HashMap<String, String>,
    parts: Vec<(String, String)>,
    part: String,
}

impl View {
    fn of(visitor: &Visitor, asked: HashMap<String, String>) -> Self {
        let parts = parts(visitor);
        let wanted = asked.get("xem").filter(|part| parts.iter().any(|(key, _)| key == *part));
        let first = || parts.first().map(|(key, _)| key.clone());
        let part = wanted.cloned().or_else(first).unwrap_or_else(|| ALL.to_owned());
        Self { asked, parts, part }
    }

    fn given(&self, name: &str) -> &str {
        self.asked.get(name).map(|given| given.trim()).unwrap_or_default()
    }

    pub(super) fn filter(&self, ctx: &Ctx) -> Filter {
        self.filter_in(ctx, &self.part)
    }

    /// The same filters in another part.
    fn filter_in(&self, ctx: &Ctx, part: &str) -> Filter {
        let me = ctx.actor.account();
        let mine = me.filter(|_| part == MINE);
        Filter {
            assignee: mine.or_else(|| self.given("nguoi").parse().ok()),
            unit: part.parse().ok(),
            procedure: self.given("thu-tuc").parse().ok(),
            state: self.given("tinh-trang").parse().ok(),
            step: Some(self.given("buoc").to_owned()).filter(|step| !step.is_empty()),
            channel: self.given("kenh").parse().ok(),
            due_before: window(ctx, self.given("han")),
            search: Search::of(self.given("tim")),
            ended: part == ENDED,
            sent_on: me.filter(|_| part == SENT_ON).map(|by| SentOn {
                by,
                from: held(ctx).iter().map(|held| held.unit).collect(),
                since: ctx.app.after(TimeDelta::days(-SENT_DAYS)),
            }),
        }
    }

    /// As a query string; the place within the list is no part of it.
    pub(super) fn address(&self) -> String {
        self.address_in(&self.part)
    }

    /// The same filters in another part.
    fn address_in(&self, part: &str) -> String {
        let passing = ["sau", "het", COUNT, KEPT];
        let mut all: Vec<(&str, &str)> = self
            .asked
            .iter()
            .map(|(name, value)| (name.as_str(), value.trim()))
            .filter(|(name, value)| !value.is_empty() && *name != "xem" && !passing.contains(name))
            .collect();
        all.sort_unstable();
        all.insert(0, ("xem", part));
        serde_urlencoded::to_string(all).unwrap_or_default()
    }
}

/// The view a form was sent from.
pub(super) fn sent_from(sent: &Sent) -> View {
    let query = sent.form.get("_loc").unwrap_or_default();
    View::of(&sent.visitor, serde_urlencoded::from_str(query).unwrap_or_default())
}

async fn take_next(sent: Sent) -> Result<HttpResponse, Failure> {
    let (ctx, view) = (&sent.visitor.ctx, sent_from(&sent));
    Ok(match desk::take_next(ctx, &view.filter(ctx)).await? {
        Some(id) => sent.visitor.go(format!("/desk/ho-so/{id}")),
        None => sent.visitor.go(format!("/desk?{}&het=1", view.address())),
    })
}

async fn keep(sent: Sent) -> Result<HttpResponse, Failure> {
    let address = sent_from(&sent).address();
    let forget = sent.form.get("_quen").is_some();
    desk::keep_filters(&sent.visitor.ctx, if forget { "" } else { &address }).await?;
    let mark = if forget { String::new() } else { format!("&{KEPT}=1") };
    Ok(sent.visitor.go(format!("/desk?{address}{mark}")))
}

/// How many wait in one's own part and in each own unit, by part; the other parts are for looking things up.
async fn waiting(visitor: &Visitor, view: &View, counted: bool) -> Result<HashMap<String, String>, Failure> {
    let (f, ctx) = (&visitor.frame, &visitor.ctx);
    let others = [SENT_ON, ALL, ENDED];
    let keys: Vec<&String> =
        view.parts.iter().map(|(key, _)| key).filter(|key| !others.contains(&key.as_str())).collect();
    let filters: Vec<Filter> = keys.iter().map(|key| view.filter_in(ctx, key)).collect();
    // Only what an index answers is counted: other filters would read what they leave out.
    if !filters.iter().all(Filter::is_plain) || filters.iter().any(|filter| filter.search.is_some()) {
        return Ok(HashMap::new());
    }
    let mut counts = Vec::new();
    if counted {
        for filter in &filters {
            counts.push(desk::count(ctx, filter).await?);
        }
    } else {
        counts = desk::count_each(ctx, &filters, MOST_WAITING).await?;
    }
    let said = |count: usize| match count {
        MOST_WAITING if !counted => format!("{}{MORE}", f.number(&MOST_WAITING.saturating_sub(1))),
        _ => f.number(&count),
    };
    Ok(keys.into_iter().cloned().zip(counts.into_iter().map(said)).collect())
}

async fn queue(
    request: HttpRequest,
    desk: Desk,
    asked: Query<HashMap<String, String>>,
) -> Result<HttpResponse, Failure> {
    let Desk(visitor) = desk;
    let (f, ctx) = (&visitor.frame, &visitor.ctx);
    if asked.is_empty()
        && let Some(kept) = desk::kept_filters(ctx).await?
    {
        return Ok(visitor.go(format!("/desk?{kept}&{KEPT}=1")));
    }
    let view = View::of(&visitor, asked.into_inner());
    let given = |name: &str| view.given(name);
    let after = Some(given("sau")).filter(|after| !after.is_empty());
    let after: Option<Cursor> =
        after.map(|after| after.parse().map_err(|_| ErrorCode::MalformedParameter)).transpose()?;
    let mut queue = desk::queue(ctx, &view.filter(ctx), after, ROWS).await?;
    let rules = ctx.app.rules();
    let definitions: Vec<_> =
        ProcedureKey::ALL.iter().filter_map(|key| rules.in_force(*key, ctx.today())).collect();
    let mut steps: Vec<ChoiceView> = Vec::new();
    for step in definitions.iter().flat_map(|version| &version.definition.route) {
        if !steps.iter().any(|known| known.value == step.key) {
            steps.push(choice(&step.key, f.text(&step.name), given("buoc")));
        }
    }
    let counted = !given(COUNT).is_empty();
    if counted {
        queue.count = Some(desk::count(ctx, &view.filter(ctx)).await?);
    }
    let officers = std::mem::take(&mut queue.officers);
    let waiting = waiting(&visitor, &view, counted).await?;
    let filters = ["thu-tuc", "buoc", "kenh", "han", "tim", "nguoi", "tinh-trang"];
    let address = view.address();
    let hidden = |key| !given(&format!("{HIDES}{key}")).is_empty();
    let column = |key, name| Column { key, name, hidden: hidden(key) };
    let page = QueuePage {
        f: f.clone(),
        columns: vec![
            column("nguoi-nop", f.say("Người nộp", "Applicant")),
            column("thu-tuc", f.say("Thủ tục", "Procedure")),
            column("noi-giu", f.say("Đang ở", "Held by")),
            column("hen-tra", f.say("Hẹn trả", "Result due")),
        ],
        tabs: view
            .parts
            .iter()
            .map(|(key, name)| Tab {
                address: format!("/desk?{}", view.address_in(key)),
                name: name.clone(),
                here: *key == view.part,
                waiting: waiting.get(key).cloned(),
            })
            .collect(),
        part: view.part.clone(),
        procedures: definitions
            .iter()
            .map(|version| {
                let key = version.definition.key.as_str();
                choice(key, f.text(&version.definition.name), given("thu-tuc"))
            })
            .collect(),
        steps,
        officers: officers
            .iter()
            .filter(|_| view.part != MINE)
            .map(|(account, name)| choice(&account.to_string(), name, given("nguoi")))
            .collect(),
        channels: Channel::ALL
            .iter()
            .map(|channel| choice(channel.as_str(), words::channel(f, *channel), given("kenh")))
            .collect(),
        windows: vec![
            choice("qua-han", f.say("Đã quá hạn", "Overdue"), given("han")),
            choice("hom-nay", f.say("Đến hạn trong hôm nay", "Due today"), given("han")),
            choice("ba-ngay", f.say("Trong ba ngày làm việc tới", "Within three working days"), given("han")),
        ],
        search: given("tim").to_owned(),
        filtered: filters.iter().any(|name| !given(name).is_empty()),
        next: queue.next.map(|cursor| format!("/desk?{address}&sau={cursor}")),
        queue,
        counted,
        kept: !given(KEPT).is_empty(),
        takes: ![MINE, SENT_ON, ENDED].contains(&view.part.as_str()),
        ended: view.part == ENDED,
        among_ended: Some(view.address_in(ENDED)).filter(|_| view.part != ENDED && !given("tim").is_empty()),
        nothing_left: !given("het").is_empty(),
        bulk: bulk::offered(ctx)
            .into_iter()
            .filter(|_| view.part != ENDED)
            .map(|kind| choice(kind.as_str(), &act_name(f, ctx, kind), ""))
            .collect(),
        address,
        key: ctx.app.new_id::<uuid::Uuid>().to_string(),
    };
    if request.headers().contains_key("Fragment") {
        let failed = |error: askama::Error| motcua_app::Error::internal(error.to_string());
        let standing = page.as_standing().render().map_err(failed)?;
        return visitor.page(&QueueParts { standing, list: page.as_list().render().map_err(failed)? });
    }
    visitor.page(&page)
}
