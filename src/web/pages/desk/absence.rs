//! Absence hand-over: who is away when, and who acts meanwhile. One's own; leaders arrange those of
//! their people too.

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use actix_web::web::{self, Path, ServiceConfig};
use askama::Template;
use chrono::NaiveDate;
use motcua_app::absences::{self, AbsenceView, Colleague, NewAbsence, Report};
use motcua_app::desk::{self, QueueLine};
use motcua_app::lists::Filter;
use motcua_app::{Error, Result};
use motcua_domain::procedure::form::Widget;
use uuid::Uuid;

use super::{Desk, Sent};
use crate::pages::begin::once;
use crate::pages::desk::form::{DeskForm, Typed, together};
use crate::pages::field::{choice, field, opens, option, optional};
use crate::pages::frame::Frame;
use crate::pages::submitted::Submitted;
use crate::pages::visitor::Visitor;
use crate::pages::words;
use crate::problem::Failure;

const HERE: &str = "/desk/nghi-phep";
const FORM: &str = "vang";
/// Own dossiers shown by name.
const SHOWN: usize = 30;

pub fn mount(config: &mut ServiceConfig) {
    config
        .route(HERE, web::get().to(list))
        .route(HERE, web::post().to(arrange))
        .route("/desk/nghi-phep/{id}", web::get().to(moved))
        .route("/desk/nghi-phep/{id}/ket-thuc", web::post().to(end));
}

#[derive(Template)]
#[template(path = "desk/absences.html")]
struct AbsencesPage {
    f: Frame,
    today: NaiveDate,
    absences: Vec<AbsenceView>,
    past: Vec<AbsenceView>,
    colleagues: Vec<Colleague>,
    mine: Vec<QueueLine>,
    count: Option<usize>,
    form: DeskForm,
    mistakes: Vec<(String, String)>,
}

impl AbsencesPage {
    async fn of(visitor: &Visitor) -> Result<Self> {
        let ctx = &visitor.ctx;
        let f = visitor.frame.clone();
        let me = ctx.actor.account();
        let (absences, past) = absences::lately(ctx).await?;
        let colleagues = absences::colleagues(ctx).await?;
        let filter = Filter { assignee: me, ..Filter::default() };
        let queue = desk::queue(ctx, &filter, None, SHOWN).await?;
        let names = |people: &mut dyn Iterator<Item = &Colleague>| {
            people.map(|one| option(one.account, one.name.clone())).collect::<Vec<_>>()
        };
        let mut fields = Vec::new();
        let others = names(&mut colleagues.iter().filter(|one| one.arranged && Some(one.account) != me));
        if !others.is_empty() {
            let mut people = vec![option("", f.say("Tôi", "Myself"))];
            if let Some(first) = people.first_mut() {
                first.chosen = true;
            }
            people.extend(others);
            fields.push(choice("account", f.say("Người vắng", "Who is away"), people));
        }
        fields.extend([
            field(Widget::Date, "from", f.say("Từ ngày", "First day")),
            field(Widget::Date, "until", f.say("Đến hết ngày", "Last day")),
            choice("deputy", f.say("Người thay", "Deputy"), names(&mut colleagues.iter())),
            optional(Widget::Text, "reason", f.say("Lý do", "Reason")),
        ]);
        let form = DeskForm::new(FORM, HERE, f.say("Báo vắng mặt", "Arrange an absence"), fields)
            .once(ctx)
            .unfolded();
        let mistakes = Vec::new();
        let (mine, count) = (queue.lines, queue.count);
        Ok(Self { f, today: ctx.today(), absences, past, colleagues, mine, count, form, mistakes })
    }

    fn may_end(&self, one: &AbsenceView) -> bool {
        self.colleagues.iter().any(|known| known.account == one.account && known.arranged)
    }
}

async fn list(desk: Desk) -> Result<HttpResponse, Failure> {
    let Desk(visitor) = desk;
    visitor.page(&AbsencesPage::of(&visitor).await?)
}

#[derive(Template)]
#[template(path = "desk/absence.html")]
struct AbsencePage {
    f: Frame,
    report: Report,
}

/// The report of what an absence moved.
async fn moved(desk: Desk, path: Path<Uuid>) -> Result<HttpResponse, Failure> {
    let Desk(visitor) = desk;
    let report = absences::report(&visitor.ctx, path.into_inner()).await?;
    visitor.page(&AbsencePage { f: visitor.frame.clone(), report })
}

fn typed(sent: &Submitted) -> Result<NewAbsence> {
    let typed = Typed { form: FORM, sent };
    let days = together(typed.the_day("from"), typed.the_day("until"));
    let account = typed.given("account").map(|_| typed.read("account")).transpose();
    let ((from, until), (account, deputy)) = together(days, together(account, typed.read("deputy")))?;
    Ok(NewAbsence { account, deputy, from, until, reason: typed.text("reason") })
}

async fn arrange(sent: Sent) -> Result<HttpResponse, Failure> {
    let Sent { visitor, form: sent } = sent;
    let ticket = once(&visitor, &sent)?;
    let done = async { absences::arrange_absence(&visitor.ctx, &ticket, typed(&sent)?).await };
    match done.await {
        Ok(_) => Ok(visitor.go(HERE)),
        Err(error) if !error.errors.is_empty() => back(&visitor, &sent, &error).await,
        Err(error) => Err(error.into()),
    }
}

async fn back(visitor: &Visitor, sent: &Submitted, error: &Error) -> Result<HttpResponse, Failure> {
    let mut page = AbsencesPage::of(visitor).await?;
    page.form.refill(&visitor.frame, sent, error);
    page.mistakes = page.form.mistakes(&visitor.frame, error);
    visitor.page_as(StatusCode::UNPROCESSABLE_ENTITY, &page)
}

async fn end(path: Path<Uuid>, sent: Sent) -> Result<HttpResponse, Failure> {
    let Sent { visitor, form: _ } = sent;
    absences::end_absence(&visitor.ctx, path.into_inner()).await?;
    Ok(visitor.go(HERE))
}
