//! Staff and their posts: who is there, a new one, one more post, resets, closing.
//! What somebody signs in with for the first time is shown once, on the answer itself.

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use actix_web::web::{self, Path, ServiceConfig};
use askama::Template;
use fast_qr::convert::Builder as _;
use fast_qr::convert::svg::SvgBuilder;
use motcua_app::rules::Rules;
use motcua_app::staffing::{self, FirstSignIn, Kept, NewStaff, Post};
use motcua_app::{Ctx, Error, Result, administration};
use motcua_domain::ids::{AgencyId, UnitId};
use motcua_domain::policy::Role;
use motcua_domain::procedure::form::Widget;

use super::{role_name, tabs};
use crate::pages::desk::form::{DeskForm, Typed, together};
use crate::pages::desk::{Desk, Sent};
use crate::pages::field::{choice, field, hinted, opens, option, optional, tick};
use crate::pages::form::FieldView;
use crate::pages::frame::Frame;
use crate::pages::submitted::Submitted;
use crate::pages::visitor::Visitor;
use crate::problem::Failure;

const HERE: &str = "/desk/quan-tri/nhan-vien";
const ADD: &str = "them";
const POST: &str = "vai-tro";
const END: &str = "thoi-vai-tro";

pub fn mount(config: &mut ServiceConfig) {
    config
        .route(HERE, web::get().to(list))
        .route(HERE, web::post().to(add))
        .route("/desk/quan-tri/nhan-vien/{login}", web::get().to(show))
        .route("/desk/quan-tri/nhan-vien/{login}/vai-tro", web::post().to(add_role))
        .route("/desk/quan-tri/nhan-vien/{login}/thoi-vai-tro", web::post().to(end_role))
        .route("/desk/quan-tri/nhan-vien/{login}/khoa-totp", web::post().to(reset_totp))
        .route("/desk/quan-tri/nhan-vien/{login}/mat-khau", web::post().to(reset_password))
        .route("/desk/quan-tri/nhan-vien/{login}/dong", web::post().to(disable));
}

/// A member of staff in a line.
struct Line {
    person: Kept,
    /// Role and unit, one per post.
    posts: Vec<String>,
}

impl Line {
    fn of(f: &Frame, rules: &Rules, person: Kept) -> Self {
        let posts = person
            .posts
            .iter()
            .map(|post| {
                let role = post.role.parse::<Role>().map_or(post.role.as_str(), |role| role_name(f, role));
                let head = if post.head { f.say(" (thủ trưởng)", " (head)") } else { "" };
                let unit = rules.find_office(AgencyId(post.agency));
                let unit = unit.and_then(|office| office.unit(UnitId(post.unit)));
                let unit = unit.map(|unit| f.text(&unit.name)).unwrap_or_default();
                let until = post.until.map(|day| format!(" → {}", f.date(&day))).unwrap_or_default();
                format!("{role}{head} · {unit}{until}")
            })
            .collect();
        Self { person, posts }
    }
}

#[derive(Template)]
#[template(path = "desk/admin/staff.html")]
struct StaffPage {
    f: Frame,
    people: Vec<Line>,
    form: DeskForm,
    mistakes: Vec<(String, String)>,
}

#[derive(Template)]
#[template(path = "desk/admin/person.html")]
struct PersonPage {
    f: Frame,
    line: Line,
    forms: Vec<DeskForm>,
    mistakes: Vec<(String, String)>,
}

#[derive(Template)]
#[template(path = "desk/admin/first_sign_in.html")]
struct FirstPage {
    f: Frame,
    first: FirstSignIn,
    qr: Option<String>,
}

/// Unit, role, and until when: what a post is made of.
fn post_fields(f: &Frame, ctx: &Ctx) -> Result<Vec<FieldView>> {
    let kept = administration::of(ctx)?;
    let rules = ctx.app.rules();
    let offices = rules.offices();
    let open = || offices.iter().filter(|o| o.agency.until.is_none() && kept.keeps(o.agency.id));
    let several = open().count() > 1;
    let units = open()
        .flat_map(|office| office.units.iter().map(move |unit| (office, unit)))
        .map(|(office, unit)| {
            let name = f.text(&unit.name);
            let label =
                if several { format!("{name} · {}", f.text(&office.agency.name)) } else { name.to_owned() };
            option(unit.id, label)
        })
        .collect();
    let roles = Role::ALL.iter().map(|role| option(role, role_name(f, *role))).collect();
    Ok(vec![
        choice("unit", f.say("Đơn vị", "Unit"), units),
        choice("role", f.say("Vai trò", "Role"), roles),
        tick(
            "head",
            f.say("Là Thủ trưởng cơ quan (chỉ với vai trò lãnh đạo)", "Heads the agency (leaders only)"),
        ),
        hinted(
            optional(Widget::Date, "post_from", f.say("Từ ngày", "First day")),
            f.say("Để trống là từ hôm nay.", "Empty means from today."),
        ),
        optional(Widget::Date, "post_until", f.say("Đến hết ngày", "Last day")),
    ])
}

fn post(typed: &Typed<'_>) -> Result<Post> {
    let days = together(typed.day("post_from"), typed.day("post_until"));
    let place = together(typed.read("unit"), typed.read("role"));
    let ((unit, role), (from, until)) = together(place, days)?;
    Ok(Post { unit, role, head: typed.ticked("head"), from, until })
}

impl StaffPage {
    async fn of(visitor: &Visitor) -> Result<Self> {
        let ctx = &visitor.ctx;
        let f = visitor.frame.clone();
        let rules = ctx.app.rules();
        let people = staffing::kept(ctx, None).await?;
        let people = people.into_iter().map(|person| Line::of(&f, &rules, person)).collect();
        let mut fields = vec![
            field(Widget::Text, "name", f.say("Họ và tên", "Full name")),
            hinted(
                field(Widget::Text, "user_name", f.say("Tên đăng nhập", "User name")),
                f.say(
                    "3 đến 64 ký tự: chữ thường không dấu, số, dấu . - _",
                    "3 to 64 characters: a-z, 0-9 and . - _",
                ),
            ),
            optional(Widget::Email, "email", f.say("Thư điện tử", "E-mail")),
        ];
        fields.extend(post_fields(&f, ctx)?);
        let form =
            DeskForm::new(ADD, HERE, f.say("Thêm nhân viên", "Add a member of staff"), fields).about(f.say(
                "Mật khẩu đầu tiên và khóa mã OTP hiện một lần duy nhất sau khi thêm.",
                "The first password and the code secret are shown once, right after.",
            ));
        Ok(Self { f, people, form, mistakes: Vec::new() })
    }
}

async fn list(desk: Desk) -> Result<HttpResponse, Failure> {
    let Desk(visitor) = desk;
    visitor.page(&StaffPage::of(&visitor).await?)
}

async fn add(sent: Sent) -> Result<HttpResponse, Failure> {
    let Sent { visitor, form: sent } = sent;
    administration::of(&visitor.ctx)?;
    let typed = Typed { form: ADD, sent: &sent };
    let done = async {
        let input = NewStaff {
            user_name: typed.text("user_name"),
            name: typed.text("name"),
            email: typed.given("email"),
            posts: vec![post(&typed)?],
            password: None,
            totp_secret: None,
        };
        staffing::add(&visitor.ctx, input).await
    };
    match done.await {
        Ok(first) => told(&visitor, first),
        Err(error) if !error.errors.is_empty() => {
            let mut page = StaffPage::of(&visitor).await?;
            page.form.refill(&visitor.frame, &sent, &error);
            page.mistakes = page.form.mistakes(&visitor.frame, &error);
            visitor.page_as(StatusCode::UNPROCESSABLE_ENTITY, &page)
        }
        Err(error) => Err(error.into()),
    }
}

fn told(visitor: &Visitor, first: FirstSignIn) -> Result<HttpResponse, Failure> {
    let code = first.otpauth().and_then(|link| fast_qr::QRBuilder::new(link).build().ok());
    let qr = code.map(|code| SvgBuilder::default().margin(1).to_str(&code));
    visitor.page(&FirstPage { f: visitor.frame.clone(), first, qr })
}

impl PersonPage {
    async fn of(visitor: &Visitor, login: &str) -> Result<Self> {
        let ctx = &visitor.ctx;
        let f = visitor.frame.clone();
        let rules = ctx.app.rules();
        let person =
            staffing::kept(ctx, Some(login)).await?.into_iter().next().ok_or_else(Error::not_found)?;
        let line = Line::of(&f, &rules, person);
        let person = &line.person;
        let at = |what: &str| format!("{HERE}/{login}/{what}");
        let mut forms = Vec::new();
        if person.changeable {
            forms.push(DeskForm::new(
                POST,
                at("vai-tro"),
                f.say("Thêm vai trò", "Add a role"),
                post_fields(&f, ctx)?,
            ));
            if !line.posts.is_empty() {
                let held = line.person.posts.iter().zip(&line.posts);
                let held = held.map(|(post, said)| option(post.id, said.as_str())).collect();
                let last = hinted(
                    optional(Widget::Date, "last", f.say("Ngày cuối", "Last day")),
                    f.say("Để trống là thôi ngay.", "Empty means at once."),
                );
                forms.push(
                    DeskForm::new(
                        END,
                        at(END),
                        f.say("Thôi một vai trò", "End a role"),
                        vec![choice("post", f.say("Vai trò", "Role"), held), last],
                    )
                    .about(f.say(
                        "Hồ sơ đang giữ theo vai trò này cần được phân công lại. Những gì đã làm vẫn còn nguyên.",
                        "Dossiers held in this role have to be assigned anew. What was done stays.",
                    )),
                );
            }
            forms.push(
                DeskForm::new(
                    "totp",
                    at("khoa-totp"),
                    f.say("Đặt lại khóa mã OTP", "Reset the code secret"),
                    Vec::new(),
                )
                .about(f.say(
                    "Khóa mới hiện một lần. Mọi phiên đăng nhập của người này kết thúc.",
                    "The new secret is shown once. All sessions of this person end.",
                )),
            );
            forms.push(
                DeskForm::new(
                    "mat-khau",
                    at("mat-khau"),
                    f.say("Đặt lại mật khẩu", "Reset the password"),
                    Vec::new(),
                )
                .about(f.say(
                    "Mật khẩu mới hiện một lần. Mọi phiên đăng nhập của người này kết thúc.",
                    "The new password is shown once. All sessions of this person end.",
                )),
            );
            if person.disabled_at.is_none() {
                forms.push(DeskForm::new("dong", at("dong"), f.say("Đóng tài khoản", "Close the account"), Vec::new()).about(
                    f.say(
                        "Người này không đăng nhập được nữa. Những gì đã làm vẫn còn nguyên. Hồ sơ đang giữ cần được phân công lại.",
                        "This person cannot sign in any more. What was done stays. Dossiers in hand have to be assigned anew.",
                    ),
                ));
            }
        }
        Ok(Self { line, f, forms, mistakes: Vec::new() })
    }
}

async fn show(path: Path<String>, desk: Desk) -> Result<HttpResponse, Failure> {
    let Desk(visitor) = desk;
    visitor.page(&PersonPage::of(&visitor, &path.into_inner()).await?)
}

async fn add_role(path: Path<String>, sent: Sent) -> Result<HttpResponse, Failure> {
    let Sent { visitor, form: sent } = sent;
    let login = path.into_inner();
    administration::of(&visitor.ctx)?;
    let done = async {
        let post = post(&Typed { form: POST, sent: &sent })?;
        staffing::add_role(&visitor.ctx, &login, post).await
    };
    match done.await {
        Ok(()) => Ok(visitor.go(format!("{HERE}/{login}"))),
        Err(error) if !error.errors.is_empty() => back(&visitor, &login, POST, &sent, &error).await,
        Err(error) => Err(error.into()),
    }
}

async fn end_role(path: Path<String>, sent: Sent) -> Result<HttpResponse, Failure> {
    let Sent { visitor, form: sent } = sent;
    let login = path.into_inner();
    administration::of(&visitor.ctx)?;
    let typed = Typed { form: END, sent: &sent };
    let done = async {
        let (post, last) = together(typed.read("post"), typed.day("last"))?;
        staffing::end_role(&visitor.ctx, &login, post, last).await
    };
    match done.await {
        Ok(()) => Ok(visitor.go(format!("{HERE}/{login}"))),
        Err(error) if !error.errors.is_empty() => back(&visitor, &login, END, &sent, &error).await,
        Err(error) => Err(error.into()),
    }
}

async fn back(
    visitor: &Visitor,
    login: &str,
    form: &str,
    sent: &Submitted,
    error: &Error,
) -> Result<HttpResponse, Failure> {
    let mut page = PersonPage::of(visitor, login).await?;
    if let Some(form) = page.forms.iter_mut().find(|each| each.id == form) {
        form.refill(&visitor.frame, sent, error);
        page.mistakes = form.mistakes(&visitor.frame, error);
    }
    visitor.page_as(StatusCode::UNPROCESSABLE_ENTITY, &page)
}

async fn reset_totp(path: Path<String>, sent: Sent) -> Result<HttpResponse, Failure> {
    told(&sent.visitor, staffing::reset_totp(&sent.visitor.ctx, &path).await?)
}

async fn reset_password(path: Path<String>, sent: Sent) -> Result<HttpResponse, Failure> {
    told(&sent.visitor, staffing::reset_password(&sent.visitor.ctx, &path).await?)
}

async fn disable(path: Path<String>, sent: Sent) -> Result<HttpResponse, Failure> {
    staffing::disable(&sent.visitor.ctx, &path).await?;
    Ok(sent.visitor.go(format!("{HERE}/{path}")))
}
