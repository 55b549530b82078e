//! Every component of the stylesheet on one page, as the pages use it: for those who build pages.
//! `motcua dev` alone mounts it.

use actix_web::HttpResponse;
use actix_web::web::{self, ServiceConfig};
use askama::Template;
use motcua_domain::calendar::OfficeHours;
use motcua_domain::deadline::{DueDate, Limit};
use motcua_domain::procedure::form::Widget;

use super::form::FieldView;
use super::frame::Frame;
use super::visitor::Visitor;
use crate::api::calculators;
use crate::pages::field::{choice, field, hinted, option, optional, tick};
use crate::problem::Failure;

/// The colours of the stylesheet; each differs in light and dark.
const COLOURS: [&str; 16] = [
    "ink",
    "soft",
    "paper",
    "card",
    "line",
    "brand",
    "brand-ink",
    "link",
    "focus",
    "ok",
    "warn",
    "bad",
    "ok-bg",
    "warn-bg",
    "bad-bg",
    "info-bg",
];

pub fn mount(config: &mut ServiceConfig) {
    config.route("/dev/components", web::get().to(components));
}

#[derive(Template)]
#[template(path = "components.html")]
pub struct ComponentsPage {
    pub f: Frame,
    pub colours: &'static [&'static str],
    pub fields: Vec<FieldView>,
    pub mistakes: Vec<(String, String)>,
    pub due: DueDate,
}

async fn components(visitor: Visitor) -> Result<HttpResponse, Failure> {
    let f = visitor.frame.clone();
    let app = &visitor.ctx.app;
    let due = calculators::due(&app.rules(), &OfficeHours::default(), app.now(), Limit::working(5))?;
    let wrong = f.say("Chưa có số tiền.", "The amount is missing.").to_owned();
    let name = f.say("Họ và tên", "Full name");
    let kinds = [("person", f.say("Cá nhân", "A person")), ("firm", f.say("Tổ chức", "An organisation"))];
    let choices = || kinds.iter().map(|(value, label)| option(value, *label)).collect::<Vec<_>>();
    let amount = field(Widget::Money, "/amount", f.say("Số tiền", "Amount"));
    let fields = vec![
        hinted(field(Widget::Text, "/name", name), f.say("Như trên giấy tờ tùy thân.", "As on your papers.")),
        FieldView { mistake: Some(wrong.clone()), ..amount },
        field(Widget::Date, "/day", f.say("Ngày", "Day")),
        optional(Widget::Email, "/email", f.say("Thư điện tử", "E-mail")),
        optional(Widget::Phone, "/phone", f.say("Điện thoại", "Telephone")),
        optional(Widget::LongText, "/reason", f.say("Lý do", "Reason")),
        choice("/kind", f.say("Người yêu cầu là", "The requester is"), choices()),
        FieldView {
            widget: Widget::Choices, ..choice("/all", f.say("Chọn nhiều", "Several"), choices())
        },
        tick("/agree", f.say("Tôi đã đọc", "I have read this")),
        FieldView {
            items: vec![vec![field(Widget::Text, "/list/0/name", name)]],
            ..optional(Widget::List, "/list", f.say("Tài sản", "Asset"))
        },
    ];
    let mistakes = vec![("amount".to_owned(), wrong)];
    visitor.page(&ComponentsPage { f, colours: &COLOURS, fields, mistakes, due })
}
