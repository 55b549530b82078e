//! Units of the agencies somebody keeps: the three every agency has, and offices that may be added.

use std::sync::Arc;

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use actix_web::web::{self, ServiceConfig};
use askama::Template;
use motcua_app::offices::{self, Office};
use motcua_app::{Ctx, Result, administration};
use motcua_domain::agency::UnitKind;
use motcua_domain::procedure::form::Widget;

use super::tabs;
use crate::pages::desk::form::{DeskForm, Typed};
use crate::pages::desk::{Desk, Sent};
use crate::pages::field::{choice, field, opens, option, optional};
use crate::pages::frame::Frame;
use crate::pages::visitor::Visitor;
use crate::problem::Failure;

const HERE: &str = "/desk/quan-tri/don-vi";
const ADD: &str = "them";

pub fn mount(config: &mut ServiceConfig) {
    config.route(HERE, web::get().to(list)).route(HERE, web::post().to(add));
}

#[derive(Template)]
#[template(path = "desk/admin/units.html")]
struct UnitsPage {
    f: Frame,
    offices: Vec<Arc<Office>>,
    form: DeskForm,
    mistakes: Vec<(String, String)>,
}

fn kept(ctx: &Ctx) -> Result<Vec<Arc<Office>>> {
    let kept = administration::of(ctx)?;
    let rules = ctx.app.rules();
    let all = rules.offices();
    let mine = all.into_iter().filter(|o| o.agency.until.is_none() && kept.keeps(o.agency.id));
    Ok(mine.map(Arc::clone).collect())
}

impl UnitsPage {
    fn of(visitor: &Visitor) -> Result<Self> {
        let f = visitor.frame.clone();
        let offices = kept(&visitor.ctx)?;
        let mut fields = Vec::new();
        if offices.len() > 1 {
            let agencies = offices.iter().map(|o| option(&o.agency.key, f.text(&o.agency.name))).collect();
            fields.push(choice("agency", f.say("Cơ quan", "Agency"), agencies));
        }
        fields.push(field(Widget::Text, "name", f.say("Tên đơn vị", "Name of the unit")));
        fields.push(optional(Widget::Text, "name_en", f.say("Tên tiếng Anh", "Name in English")));
        let form = DeskForm::new(ADD, HERE, f.say("Thêm đơn vị", "Add a unit"), fields).about(f.say(
            "Phòng khu vực hoặc phòng nghiệp vụ. Bộ phận Một cửa, lãnh đạo và văn thư đã có sẵn, mỗi cơ quan một.",
            "A regional office or a professional section. Counter, head's office and clerk's office are there already, one per agency.",
        ));
        Ok(Self { f, offices, form, mistakes: Vec::new() })
    }

    fn kind(&self, kind: &UnitKind) -> &'static str {
        match kind {
            UnitKind::OneWindow => self.f.say("Bộ phận Một cửa", "Counter"),
            UnitKind::Head => self.f.say("Lãnh đạo", "Head's office"),
            UnitKind::Clerk => self.f.say("Văn thư", "Clerk's office"),
            UnitKind::Office => self.f.say("Phòng khu vực, nghiệp vụ", "Regional office or section"),
        }
    }
}

async fn list(desk: Desk) -> Result<HttpResponse, Failure> {
    let Desk(visitor) = desk;
    visitor.page(&UnitsPage::of(&visitor)?)
}

async fn add(sent: Sent) -> Result<HttpResponse, Failure> {
    let Sent { visitor, form: sent } = sent;
    let offices = kept(&visitor.ctx)?;
    let typed = Typed { form: ADD, sent: &sent };
    let only = || offices.first().filter(|_| offices.len() == 1).map(|office| office.agency.key.clone());
    let key = typed.given("agency").or_else(only).unwrap_or_default();
    let name_en = typed.given("name_en");
    match offices::add_unit(&visitor.ctx, &key, &typed.text("name"), name_en.as_deref()).await {
        Ok(_) => Ok(visitor.go(HERE)),
        Err(error) if !error.errors.is_empty() => {
            let mut page = UnitsPage::of(&visitor)?;
            page.form.refill(&visitor.frame, &sent, &error);
            page.mistakes = page.form.mistakes(&visitor.frame, &error);
            visitor.page_as(StatusCode::UNPROCESSABLE_ENTITY, &page)
        }
        Err(error) => Err(error.into()),
    }
}
