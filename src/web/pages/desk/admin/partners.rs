//! Partner systems and their keys: what each may do, from where, and when it last did.
//! A secret is shown once, on the answer that makes it.

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use actix_web::web::{self, Path, ServiceConfig};
use askama::Template;
use chrono::TimeDelta;
use motcua_app::contracts::{self, Contract, Credentials, NewContract};
use motcua_app::{Error, Result};
use motcua_domain::actor::Verb;
use motcua_domain::ids::AgencyId;
use motcua_domain::procedure::ProcedureKey;
use motcua_domain::procedure::form::Widget;

use super::tabs;
use crate::pages::desk::form::{DeskForm, Typed};
use crate::pages::desk::{Desk, Sent};
use crate::pages::field::{field, hinted, holding, opens, option, optional};
use crate::pages::form::FieldView;
use crate::pages::frame::Frame;
use crate::pages::visitor::Visitor;
use crate::problem::Failure;

const HERE: &str = "/desk/quan-tri/doi-tac";
const ADD: &str = "them";
const SECRET: &str = "bi-mat";
/// A week is long enough to change a secret everywhere.
const LONGEST_OVERLAP: i64 = 168;

pub fn mount(config: &mut ServiceConfig) {
    config
        .route(HERE, web::get().to(list))
        .route(HERE, web::post().to(add))
        .route("/desk/quan-tri/doi-tac/{client}", web::get().to(show))
        .route("/desk/quan-tri/doi-tac/{client}/bi-mat", web::post().to(rotate))
        .route("/desk/quan-tri/doi-tac/{client}/dong", web::post().to(close));
}

#[derive(Template)]
#[template(path = "desk/admin/partners.html")]
struct PartnersPage {
    f: Frame,
    partners: Vec<Contract>,
    form: DeskForm,
    mistakes: Vec<(String, String)>,
}

#[derive(Template)]
#[template(path = "desk/admin/partner.html")]
struct PartnerPage {
    f: Frame,
    partner: Contract,
    scopes: Vec<String>,
    agencies: Vec<String>,
    forms: Vec<DeskForm>,
}

#[derive(Template)]
#[template(path = "desk/admin/partner_secret.html")]
struct SecretPage {
    f: Frame,
    given: Credentials,
}

fn verb(f: &Frame, verb: Verb) -> &'static str {
    match verb {
        Verb::File => f.say("nộp và bổ sung", "file and supply"),
        Verb::Read => f.say("đọc", "read"),
        Verb::Withdraw => f.say("rút", "withdraw"),
    }
}

/// Each procedure's name, and its scopes in words.
fn by_procedure(visitor: &Visitor) -> Vec<(String, Vec<(String, &'static str)>)> {
    let f = &visitor.frame;
    let (rules, today) = (visitor.ctx.app.rules(), visitor.ctx.today());
    let scopes = |key: ProcedureKey| {
        Verb::ALL.iter().map(move |each| (format!("{key}:{each}"), verb(f, *each))).collect()
    };
    let name = |key: ProcedureKey| {
        let version = rules.in_force(key, today);
        version.map_or(key.as_str(), |version| f.text(&version.definition.name)).to_owned()
    };
    ProcedureKey::ALL.iter().map(|key| (name(*key), scopes(*key))).collect()
}

/// Every scope there is, in words.
fn scopes(visitor: &Visitor) -> Vec<(String, String)> {
    let all = by_procedure(visitor).into_iter();
    all.flat_map(|(name, scopes)| {
        scopes.into_iter().map(move |(scope, verb)| (scope, format!("{name}: {verb}")))
    })
    .collect()
}

/// Those of a partner, a line for each procedure.
fn held(visitor: &Visitor, scopes: &[String]) -> Vec<String> {
    let line = |(name, all): (String, Vec<(String, &'static str)>)| {
        let mine: Vec<_> =
            all.iter().filter(|(scope, _)| scopes.contains(scope)).map(|(_, verb)| *verb).collect();
        (!mine.is_empty()).then(|| format!("{name}: {}", mine.join(", ")))
    };
    by_procedure(visitor).into_iter().filter_map(line).collect()
}

fn choices(name: &str, label: &str, all: Vec<(String, String)>) -> FieldView {
    let choices = all.into_iter().map(|(value, label)| option(value, label)).collect();
    FieldView { choices, ..field(Widget::Choices, name, label) }
}

impl PartnersPage {
    async fn of(visitor: &Visitor) -> Result<Self> {
        let f = visitor.frame.clone();
        let partners = contracts::list(&visitor.ctx).await?;
        let rules = visitor.ctx.app.rules();
        let open = rules.offices().into_iter().filter(|office| office.agency.until.is_none());
        let agencies = open.map(|o| (o.agency.id.to_string(), f.text(&o.agency.name).to_owned())).collect();
        let fields = vec![
            field(Widget::Text, "name", f.say("Tên hệ thống", "Name of the system")),
            hinted(
                optional(Widget::Text, "client_id", f.say("Mã máy khách", "Client id")),
                f.say(
                    "Chữ thường, số, dấu gạch ngang. Để trống thì tự tạo.",
                    "a-z, 0-9 and -. Made up when empty.",
                ),
            ),
            field(
                Widget::Email,
                "contact_email",
                f.say("Thư điện tử của người phụ trách", "Mail address of the people who run it"),
            ),
            choices("scopes", f.say("Được làm gì", "What it may do"), scopes(visitor)),
            FieldView {
                required: false,
                hint: Some(f.say("Không chọn là mọi cơ quan.", "None means every agency.").to_owned()),
                ..choices("agencies", f.say("Ở cơ quan nào", "In which agencies"), agencies)
            },
            hinted(
                optional(
                    Widget::LongText,
                    "networks",
                    f.say("Mạng được gọi tới", "Networks it may call from"),
                ),
                f.say(
                    "Mỗi dòng một mạng, ví dụ 203.0.113.0/24. Để trống là mọi mạng.",
                    "One a line, such as 203.0.113.0/24. Empty means any.",
                ),
            ),
        ];
        let form = DeskForm::new(ADD, HERE, f.say("Thêm đối tác", "Add a partner"), fields).about(f.say(
            "Khóa bí mật hiện một lần duy nhất sau khi thêm.",
            "The secret is shown once, right after.",
        ));
        Ok(Self { f, partners, form, mistakes: Vec::new() })
    }
}

async fn list(desk: Desk) -> Result<HttpResponse, Failure> {
    let Desk(visitor) = desk;
    visitor.page(&PartnersPage::of(&visitor).await?)
}

fn told(visitor: &Visitor, given: Credentials) -> Result<HttpResponse, Failure> {
    visitor.page(&SecretPage { f: visitor.frame.clone(), given })
}

async fn add(sent: Sent) -> Result<HttpResponse, Failure> {
    let Sent { visitor, form: sent } = sent;
    let typed = Typed { form: ADD, sent: &sent };
    let agencies: Vec<AgencyId> = typed.all("agencies").iter().filter_map(|id| id.parse().ok()).collect();
    let input = NewContract {
        client_id: typed.given("client_id"),
        name: typed.text("name"),
        contact_email: typed.text("contact_email"),
        scopes: typed.all("scopes"),
        agencies,
        networks: typed.lines("networks"),
    };
    match contracts::add(&visitor.ctx, input).await {
        Ok(given) => told(&visitor, given),
        Err(error) if !error.errors.is_empty() => {
            let mut page = PartnersPage::of(&visitor).await?;
            page.form.refill(&visitor.frame, &sent, &error);
            page.mistakes = page.form.mistakes(&visitor.frame, &error);
            visitor.page_as(StatusCode::UNPROCESSABLE_ENTITY, &page)
        }
        Err(error) => Err(error.into()),
    }
}

async fn show(path: Path<String>, desk: Desk) -> Result<HttpResponse, Failure> {
    let Desk(visitor) = desk;
    let f = visitor.frame.clone();
    let all = contracts::list(&visitor.ctx).await?;
    let partner = all.into_iter().find(|one| one.client_id == *path).ok_or_else(Error::not_found)?;
    let rules = visitor.ctx.app.rules();
    let agency = |id: &uuid::Uuid| {
        rules.find_office(AgencyId(*id)).map(|office| f.text(&office.agency.name).to_owned())
    };
    let mut forms = Vec::new();
    if partner.disabled_at.is_none() {
        let overlap = hinted(
            optional(
                Widget::Number,
                "overlap",
                f.say("Khóa cũ còn dùng được thêm (giờ)", "Former secrets stay good for (hours)"),
            ),
            f.say("0 đến 168.", "0 to 168."),
        );
        forms.push(
            DeskForm::new(
                SECRET,
                format!("{HERE}/{path}/bi-mat"),
                f.say("Cấp khóa bí mật mới", "Give a new secret"),
                vec![holding(overlap, "24".to_owned())],
            )
            .about(f.say("Khóa mới hiện một lần.", "The new secret is shown once.")),
        );
        forms.push(
            DeskForm::new(
                "dong",
                format!("{HERE}/{path}/dong"),
                f.say("Thu hồi quyền gọi", "Revoke"),
                Vec::new(),
            )
            .about(f.say(
                "Không cấp mã truy cập nữa; mã đã cấp hết hiệu lực ngay. Hồ sơ đã nộp vẫn được giải quyết.",
                "No more tokens, and those out no longer count. Dossiers it filed go on.",
            )),
        );
    }
    visitor.page(&PartnerPage {
        scopes: held(&visitor, &partner.scopes),
        agencies: partner.agencies.iter().filter_map(agency).collect(),
        f,
        partner,
        forms,
    })
}

async fn rotate(path: Path<String>, sent: Sent) -> Result<HttpResponse, Failure> {
    let Sent { visitor, form: sent } = sent;
    let hours: i64 = Typed { form: SECRET, sent: &sent }.text("overlap").parse().unwrap_or_default();
    let overlap = TimeDelta::hours(hours.clamp(0, LONGEST_OVERLAP));
    told(&visitor, contracts::rotate_secret(&visitor.ctx, &path, overlap).await?)
}

async fn close(path: Path<String>, sent: Sent) -> Result<HttpResponse, Failure> {
    contracts::disable(&sent.visitor.ctx, &path).await?;
    Ok(sent.visitor.go(format!("{HERE}/{path}")))
}
