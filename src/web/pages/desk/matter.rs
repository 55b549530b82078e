//! The register at the desk: the matters of an agency, and one matter whole, with what its officer
//! enters on it. Who may enter what, and what fits, the rules say.

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use actix_web::web::{self, Path, Query, ServiceConfig};
use askama::Template;
use motcua_app::idempotency::Ticket;
use motcua_app::register::{self, Amounts, Performed, Whole};
use motcua_app::{Error, Result as AppResult, lists};
use motcua_domain::error_code::{ErrorCode, FieldError};
use motcua_domain::ids::MatterId;
use motcua_domain::matter::{Claim, Due, Matter, MatterState, PartyRole};
use motcua_domain::procedure::form::Widget;
use serde::Deserialize;

use super::form::{DeskForm, Typed, together};
use super::{Desk, Sent};
use crate::pages::field::{choice, field, holding, opens, option, optional};
use crate::pages::form::amount;
use crate::pages::frame::Frame;
use crate::pages::visitor::Visitor;
use crate::problem::{Failure, status};

const PERFORMANCE: &str = "thi-hanh";
const COST: &str = "chi-phi";
const FEE: &str = "phi";

pub fn mount(config: &mut ServiceConfig) {
    config
        .route("/desk/viec", web::get().to(list))
        .route("/desk/viec/{id}", web::get().to(show))
        .route("/desk/viec/{id}/{entry}", web::post().to(enter));
}

#[derive(Template)]
#[template(path = "desk/matters.html")]
struct MattersPage {
    f: Frame,
    matters: Vec<Matter>,
    search: String,
}

#[derive(Deserialize)]
struct Asked {
    so: Option<String>,
}

async fn list(desk: Desk, asked: Query<Asked>) -> Result<HttpResponse, Failure> {
    let Desk(visitor) = desk;
    let search = asked.into_inner().so.unwrap_or_default().trim().to_owned();
    let number = Some(search.as_str()).filter(|number| !number.is_empty());
    let matters = lists::matters(&visitor.ctx, number).await?;
    visitor.page(&MattersPage { f: visitor.frame.clone(), matters, search })
}

#[derive(Template)]
#[template(path = "desk/matter.html")]
struct MatterPage {
    f: Frame,
    whole: Whole,
    forms: Vec<DeskForm>,
    mistakes: Vec<(String, String)>,
    /// Why nothing was entered, where no field is wrong.
    said: Option<String>,
    done: bool,
}

impl MatterPage {
    fn of(visitor: &Visitor, whole: Whole) -> Self {
        let f = &visitor.frame;
        let forms = if whole.keeps { forms(visitor, &whole.matter) } else { Vec::new() };
        Self { f: f.clone(), whole, forms, mistakes: Vec::new(), said: None, done: false }
    }

    fn state(&self) -> &'static str {
        state(&self.f, self.whole.matter.state)
    }

    fn role(&self, role: &PartyRole) -> &'static str {
        match role {
            PartyRole::Creditor => self.f.say("Người được thi hành án", "Judgment creditor"),
            PartyRole::Debtor => self.f.say("Người phải thi hành án", "Judgment debtor"),
            PartyRole::Related => self.f.say("Người liên quan", "Related person"),
        }
    }

    fn performed(&self, claim: &Claim) -> String {
        let f = &self.f;
        match claim.amount {
            Some(owed) => format!("{} / {}", f.money(&claim.performed_amount), f.money(&owed)),
            None if claim.performed => f.say("đã thi hành", "performed").to_owned(),
            None => f.say("chưa thi hành", "not performed").to_owned(),
        }
    }

    fn dues(&self) -> [(&'static str, &Due); 2] {
        [
            (self.f.say("Chi phí cưỡng chế", "Coercion cost"), &self.whole.matter.coercion_cost),
            (self.f.say("Phí thi hành án", "Enforcement fee"), &self.whole.matter.enforcement_fee),
        ]
    }
}

fn state(f: &Frame, state: MatterState) -> &'static str {
    match state {
        MatterState::Open => {
            f.say("Đã ra quyết định, trong thời gian tự nguyện", "Decided, voluntary period")
        }
        MatterState::Enforcing => f.say("Đang thi hành", "Being enforced"),
        MatterState::NoConditions => f.say("Chưa có điều kiện thi hành", "No conditions for enforcement"),
        MatterState::Postponed => f.say("Hoãn thi hành", "Postponed"),
        MatterState::Suspended => f.say("Tạm đình chỉ", "Suspended"),
        MatterState::Finished => f.say("Đã thi hành xong", "Finished"),
        MatterState::Discontinued => f.say("Đình chỉ thi hành", "Discontinued"),
    }
}

/// What can be entered, each with the version of the matter it was made for.
fn forms(visitor: &Visitor, matter: &Matter) -> Vec<DeskForm> {
    let f = &visitor.frame;
    let to = |entry: &str| format!("/desk/viec/{}/{entry}?v={}", matter.id, matter.version);
    let note = || optional(Widget::LongText, "note", f.say("Ghi chú", "Note"));
    let typed = |amount: u64| f.money(&amount).replace("\u{a0}đ", "");
    let mut forms = Vec::new();
    let open: Vec<_> = matter.claims.iter().enumerate().filter(|(_, claim)| !claim.is_done()).collect();
    if !open.is_empty() {
        let mut claims = choice(
            "claim",
            f.say("Nghĩa vụ", "Claim"),
            open.iter().map(|(at, claim)| option(at, claim.description.as_str())).collect(),
        );
        if let [only] = claims.choices.as_mut_slice() {
            only.chosen = true;
        }
        let mut amount =
            optional(Widget::Money, "amount", f.say("Số tiền nhận được (đồng)", "Amount in đồng"));
        amount.hint = Some(
            f.say(
                "Để trống nếu nghĩa vụ không phải là trả tiền: khi đó ghi là đã thi hành.",
                "Empty for a claim that is not in money: it is then entered as performed.",
            )
            .to_owned(),
        );
        let on =
            holding(field(Widget::Date, "on", f.say("Ngày thi hành", "Day")), f.date(&visitor.ctx.today()));
        let title = f.say("Ghi kết quả thi hành", "Enter performance");
        forms.push(DeskForm::new(PERFORMANCE, to(PERFORMANCE), title, vec![claims, amount, on, note()]));
    }
    let due = |id, title, due: &Due| {
        let total = field(Widget::Money, "total", f.say("Tổng số (đồng)", "Total in đồng"));
        let paid = field(Widget::Money, "paid", f.say("Đã nộp (đồng)", "Paid in đồng"));
        let fields = vec![holding(total, typed(due.total)), holding(paid, typed(due.paid)), note()];
        DeskForm::new(id, to(id), title, fields)
    };
    forms.push(due(COST, f.say("Ghi chi phí cưỡng chế", "Enter coercion cost"), &matter.coercion_cost));
    forms.push(due(FEE, f.say("Ghi phí thi hành án", "Enter enforcement fee"), &matter.enforcement_fee));
    forms.into_iter().map(|form| form.once(&visitor.ctx)).collect()
}

#[derive(Deserialize)]
struct Done {
    xong: Option<String>,
}

async fn show(desk: Desk, path: Path<MatterId>, asked: Query<Done>) -> Result<HttpResponse, Failure> {
    let Desk(visitor) = desk;
    let whole = register::open(&visitor.ctx, path.into_inner()).await?;
    let mut page = MatterPage::of(&visitor, whole);
    page.done = asked.xong.is_some();
    visitor.page(&page)
}

#[derive(Deserialize)]
struct Seen {
    v: i64,
}

async fn enter(
    sent: Sent,
    path: Path<(MatterId, String)>,
    seen: Query<Seen>,
) -> Result<HttpResponse, Failure> {
    let Sent { visitor, form: sent } = sent;
    let (id, entry) = path.into_inner();
    let ctx = &visitor.ctx;
    let ticket = Ticket { expected_version: Some(seen.v), ..crate::pages::begin::once(&visitor, &sent)? };
    let entered = async {
        match entry.as_str() {
            PERFORMANCE => {
                let performed = performed(&Typed { form: PERFORMANCE, sent: &sent })?;
                register::record_performance(ctx, id, &ticket, performed).await
            }
            COST => register::set_costs(ctx, id, &ticket, amounts(&Typed { form: COST, sent: &sent })?).await,
            FEE => register::set_fees(ctx, id, &ticket, amounts(&Typed { form: FEE, sent: &sent })?).await,
            _ => Err(Error::not_found()),
        }
    };
    let error = match entered.await {
        Ok(_) => return Ok(visitor.go(format!("/desk/viec/{id}?xong=1"))),
        Err(error) if error.private().is_some() || status(error.code) == StatusCode::NOT_FOUND => {
            return Err(error.into());
        }
        Err(error) => error,
    };
    let mut page = MatterPage::of(&visitor, register::open(ctx, id).await?);
    page.said = error.errors.is_empty().then(|| visitor.frame.text(&error.text).to_owned());
    if let Some(form) = page.forms.iter_mut().find(|form| form.id == entry) {
        form.refill(&visitor.frame, &sent, &error);
        page.mistakes = form.mistakes(&visitor.frame, &error);
    }
    visitor.page_as(status(error.code), &page)
}

fn money(typed: &Typed<'_>, name: &str) -> AppResult<Option<u64>> {
    let read = |text: String| {
        amount(&text)
            .ok_or_else(|| Error::fields(vec![FieldError::plain(format!("/{name}"), ErrorCode::FieldFormat)]))
    };
    typed.given(name).map(read).transpose()
}

fn the_money(typed: &Typed<'_>, name: &str) -> AppResult<u64> {
    money(typed, name)?.ok_or_else(|| Error::field(&format!("/{name}"), ErrorCode::FieldRequired))
}

fn performed(typed: &Typed<'_>) -> AppResult<Performed> {
    let what = together(typed.read("claim"), money(typed, "amount"));
    let ((claim, amount), on) = together(what, typed.the_day("on"))?;
    Ok(Performed { claim, amount, on, note: typed.given("note") })
}

fn amounts(typed: &Typed<'_>) -> AppResult<Amounts> {
    let (total, paid) = together(the_money(typed, "total"), the_money(typed, "paid"))?;
    Ok(Amounts { total, paid, note: typed.given("note") })
}
