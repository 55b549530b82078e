//! The citizen's account: open one, prove the address, sign in and out, choose a new password, and
//! see all one's dossiers. The secret of a mailed link stands after `#` or is typed: never in an
//! address that is sent.

use actix_web::http::StatusCode;
use actix_web::web::{self, Data, Query, ServiceConfig};
use actix_web::{HttpRequest, HttpResponse};
use askama::Template;
use motcua_app::accounts::{self, Register};
use motcua_app::lists::{self, Cursor, Filter, LineView};
use motcua_app::{Error, sessions};
use motcua_domain::error_code::ErrorCode;
use motcua_domain::ids::DossierId;
use serde::Deserialize;

use super::frame::{Frame, Who};
use super::submitted::Submitted;
use super::visitor::{Visitor, local};
use super::{apply, interrupted};
use crate::Web;
use crate::caller::token;
use crate::problem::Failure;

/// Dossiers on one page of the list.
const PAGE: usize = 20;
const HOME: &str = "/tai-khoan";
const SIGN_IN: &str = "/tai-khoan/dang-nhap";

pub fn mount(config: &mut ServiceConfig) {
    config
        .route(HOME, web::get().to(dossiers))
        .route(SIGN_IN, web::get().to(sign_in_form))
        .route(SIGN_IN, web::post().to(sign_in))
        .route("/tai-khoan/dang-xuat", web::post().to(sign_out))
        .route("/tai-khoan/dang-ky", web::get().to(register_form))
        .route("/tai-khoan/dang-ky", web::post().to(register))
        .route("/tai-khoan/xac-nhan", web::get().to(verify_form))
        .route("/tai-khoan/xac-nhan", web::post().to(verify))
        .route("/tai-khoan/quen-mat-khau", web::get().to(forgotten_form))
        .route("/tai-khoan/quen-mat-khau", web::post().to(forgotten))
        .route("/tai-khoan/dat-lai-mat-khau", web::get().to(reset_form))
        .route("/tai-khoan/dat-lai-mat-khau", web::post().to(reset));
}

/// One input of an account form.
struct Input {
    name: &'static str,
    kind: &'static str,
    autocomplete: &'static str,
    label: &'static str,
    hint: &'static str,
    value: String,
    mistake: Option<String>,
}

/// A form about the account: all of them look alike.
#[derive(Template)]
#[template(path = "account/form.html")]
struct FormPage {
    f: Frame,
    title: &'static str,
    lead: &'static str,
    button: &'static str,
    inputs: Vec<Input>,
    mistake: Option<String>,
    /// Where to go on after signing in.
    to: Option<String>,
    /// A form waits to be sent there, with these fields.
    waits: bool,
    kept: Vec<(String, String)>,
    /// Of the dossier that form is about, typed before, and what was wrong with code and key.
    code: String,
    key_mistake: Option<String>,
    /// Where the form goes, when it stands on another page than its own.
    action: Option<&'static str>,
    /// Further ways: address and name.
    links: Vec<(&'static str, &'static str)>,
}

impl FormPage {
    fn of(f: &Frame, title: &'static str, lead: &'static str, button: &'static str) -> Self {
        Self {
            f: f.clone(),
            title,
            lead,
            button,
            inputs: Vec::new(),
            mistake: None,
            to: None,
            waits: false,
            kept: Vec::new(),
            code: String::new(),
            key_mistake: None,
            action: None,
            links: Vec::new(),
        }
    }

    fn email(self) -> Self {
        let label = self.f.say("Thư điện tử", "E-mail");
        self.input("email", "email", "username", label, "")
    }

    fn password(self, name: &'static str, label: &'static str) -> Self {
        let (use_, hint) = if name == "new" {
            ("new-password", self.f.say("Ít nhất 10 ký tự.", "At least 10 characters."))
        } else {
            ("current-password", "")
        };
        self.input(name, "password", use_, label, hint)
    }

    /// The secret of a mailed link: filled in from what stands after `#`, or typed.
    fn code(self) -> Self {
        let label = self.f.say("Mã trong thư", "Code in the mail");
        let hint = self.f.say(
            "Nếu ô này trống, chép mã ghi ở cuối thư vào đây.",
            "If this is empty, copy the code at the end of the mail.",
        );
        self.input("code", "text", "one-time-code", label, hint)
    }

    fn input(
        mut self,
        name: &'static str,
        kind: &'static str,
        autocomplete: &'static str,
        label: &'static str,
        hint: &'static str,
    ) -> Self {
        self.inputs.push(Input {
            name,
            kind,
            autocomplete,
            label,
            hint,
            value: String::new(),
            mistake: None,
        });
        self
    }

    fn link(mut self, address: &'static str, name: &'static str) -> Self {
        self.links.push((address, name));
        self
    }

    /// The form again, with what was typed and what was wrong; passwords are typed anew.
    fn again(mut self, visitor: &Visitor, sent: &Submitted, error: Error) -> Result<HttpResponse, Failure> {
        if error.private().is_some() || status_stays(&error) {
            return Err(error.into());
        }
        for input in &mut self.inputs {
            if input.kind != "password" {
                input.value = sent.given(input.name).unwrap_or_default();
            }
            let wrong = error.errors.iter().find(|wrong| {
                let at = wrong.pointer.trim_start_matches('/');
                at == input.name
                    || (at == "password" && input.name == "new")
                    || (at == "token" && input.name == "code")
            });
            input.mistake = wrong.map(|wrong| self.f.text(&wrong.text).to_owned());
        }
        if self.inputs.iter().all(|input| input.mistake.is_none()) {
            self.mistake = Some(self.f.text(&error.text).to_owned());
        }
        visitor.page_as(StatusCode::UNPROCESSABLE_ENTITY, &self)
    }
}

/// Problems that are not about what was typed.
fn status_stays(error: &Error) -> bool {
    matches!(error.code, ErrorCode::Unavailable | ErrorCode::Internal)
}

/// A page that says one thing and where to go on.
#[derive(Template)]
#[template(path = "account/said.html")]
struct SaidPage {
    f: Frame,
    title: &'static str,
    text: &'static str,
    link: (&'static str, &'static str),
}

#[derive(Deserialize)]
struct Asked {
    ve: Option<String>,
    sau: Option<String>,
}

fn signing_in(f: &Frame, to: Option<&str>) -> FormPage {
    let lead = f.say(
        "Tài khoản giúp ông/bà xem mọi hồ sơ đã nộp ở một chỗ. Không có tài khoản vẫn nộp và tra cứu được.",
        "An account shows all your dossiers in one place. You can file and track without one.",
    );
    let mut page = FormPage::of(f, f.say("Đăng nhập", "Sign in"), lead, f.say("Đăng nhập", "Sign in"))
        .email()
        .password("password", f.say("Mật khẩu", "Password"))
        .link("/tai-khoan/dang-ky", f.say("Mở tài khoản", "Open an account"))
        .link("/tai-khoan/quen-mat-khau", f.say("Quên mật khẩu", "Forgotten password"))
        .link("/desk/dang-nhap", f.say("Dành cho công chức", "For staff"));
    page.to = to.and_then(local).map(str::to_owned);
    page
}

async fn sign_in_form(visitor: Visitor, asked: Query<Asked>) -> Result<HttpResponse, Failure> {
    if visitor.frame.is_citizen() {
        return Ok(visitor.go(asked.ve.as_deref().and_then(local).unwrap_or(HOME)));
    }
    visitor.page(&signing_in(&visitor.frame, asked.ve.as_deref()))
}

async fn sign_in(visitor: Visitor, sent: Submitted) -> Result<HttpResponse, Failure> {
    let email = sent.given("email").unwrap_or_default();
    let password = sent.get("password").unwrap_or_default().to_owned().into();
    match sessions::sign_in_citizen(&visitor.ctx, &email, &password).await {
        Ok(session) => {
            let to = sent.get("_to").and_then(local).unwrap_or(HOME);
            if !interrupted::waits(&sent) {
                return Ok(visitor.go_signed(to, &session.token));
            }
            resume(visitor, to, &sent, &session.token).await
        }
        Err(error) => {
            let mut page = signing_in(&visitor.frame, sent.get("_to"));
            (page.waits, page.kept) = (interrupted::waits(&sent), interrupted::kept(&sent));
            page.again(&visitor, &sent, error)
        }
    }
}

/// A form about a dossier came from nobody known: it waits, whole, while its author signs in or gives the
/// dossier's code and key.
///
/// # Errors
/// When a template fails, which is a bug.
pub fn interrupted(visitor: &Visitor, to: &str, form: &Submitted) -> Result<HttpResponse, Failure> {
    visitor.page(&interruption(visitor, to, interrupted::keep(form)))
}

fn interruption(visitor: &Visitor, to: &str, kept: Vec<(String, String)>) -> FormPage {
    let mut f = visitor.frame.clone();
    // The page says it in its own words.
    f.session_ended = false;
    let mut page = signing_in(&f, Some(to));
    (page.title, page.lead) = (f.say("Gửi tiếp phần đang khai", "Go on where you were"), "");
    (page.waits, page.kept, page.action) = (true, kept, Some(SIGN_IN));
    page
}

/// The same page again, when code and key fit no dossier.
///
/// # Errors
/// When a template fails, which is a bug.
pub fn still_interrupted(visitor: &Visitor, sent: &Submitted, said: String) -> Result<HttpResponse, Failure> {
    let to = sent.get("_to").and_then(local).unwrap_or(HOME);
    let mut page = interruption(visitor, to, interrupted::kept(sent));
    (page.code, page.key_mistake) = (sent.given("code").unwrap_or_default(), Some(said));
    visitor.page_as(StatusCode::UNPROCESSABLE_ENTITY, &page)
}

/// Goes on with the form that waited, for whoever gave code and key of the dossier it is about.
///
/// # Errors
/// When a template fails, which is a bug.
pub async fn resume_holding(
    visitor: Visitor,
    sent: &Submitted,
    id: DossierId,
    key: &str,
) -> Result<HttpResponse, Failure> {
    let to = sent.get("_to").and_then(local).unwrap_or(HOME);
    let mut visitor = visitor;
    visitor.ctx.tracking_key = Some(key.to_owned().into());
    let kept = interrupted::given_back(sent);
    if saved(&visitor, to, &kept).await {
        return Ok(visitor.go_holding(to, id, key));
    }
    let mut f = visitor.frame.clone();
    f.session_ended = false;
    visitor.page_holding(&ResumePage { f, to: to.to_owned(), home: "/", kept }, id, key)
}

/// Answers of a draft are saved at once, which binds nobody.
async fn saved(visitor: &Visitor, to: &str, kept: &[(String, String)]) -> bool {
    match apply::page_of(to) {
        Some((id, page)) => apply::save(visitor, id, page, &Submitted::again(kept.to_vec())).await.is_ok(),
        None => false,
    }
}

#[derive(Template)]
#[template(path = "account/resume.html")]
struct ResumePage {
    f: Frame,
    to: String,
    home: &'static str,
    kept: Vec<(String, String)>,
}

/// Goes on with the form that waited. Answers of a draft are saved at once; anything else is sent when its
/// author says so.
async fn resume(
    mut visitor: Visitor,
    to: &str,
    sent: &Submitted,
    session: &str,
) -> Result<HttpResponse, Failure> {
    let kept = interrupted::given_back(sent);
    if let Some(actor) = sessions::resolve(&visitor.ctx.app, session).await? {
        visitor.ctx.actor = actor;
    }
    if saved(&visitor, to, &kept).await {
        return Ok(visitor.go_signed(to, session));
    }
    let mut f = visitor.frame.clone();
    (f.who, f.session_ended) = (Who::Citizen, false);
    visitor.page_signed(&ResumePage { f, to: to.to_owned(), home: HOME, kept }, session)
}

async fn sign_out(
    web: Data<Web>,
    request: HttpRequest,
    visitor: Visitor,
    _: Submitted,
) -> Result<HttpResponse, Failure> {
    if let Some(token) = token(&request, &web)? {
        sessions::sign_out(&visitor.ctx, &token).await?;
    }
    Ok(visitor.go_signed_out("/"))
}

fn registering(f: &Frame) -> FormPage {
    let lead = f.say(
        "Chúng tôi gửi một thư để xác nhận địa chỉ trước khi tài khoản dùng được.",
        "A mail proves the address before the account can be used.",
    );
    FormPage::of(f, f.say("Mở tài khoản", "Open an account"), lead, f.say("Mở tài khoản", "Open an account"))
        .input(
            "name",
            "text",
            "name",
            f.say("Họ và tên", "Full name"),
            f.say("Viết có dấu.", "With tone marks."),
        )
        .email()
        .password("new", f.say("Mật khẩu", "Password"))
}

async fn register_form(visitor: Visitor) -> Result<HttpResponse, Failure> {
    visitor.page(&registering(&visitor.frame))
}

async fn register(visitor: Visitor, sent: Submitted) -> Result<HttpResponse, Failure> {
    let f = &visitor.frame;
    let input = Register {
        email: sent.given("email").unwrap_or_default(),
        name: sent.given("name").unwrap_or_default(),
        password: sent.get("new").unwrap_or_default().to_owned().into(),
        language: f.language,
    };
    match accounts::register(&visitor.ctx, input).await {
        Ok(()) => visitor.page(&SaidPage {
            f: f.clone(),
            title: f.say("Xem hộp thư của ông/bà", "Look at your mail"),
            text: f.say(
                "Một thư có liên kết xác nhận đang được gửi đến địa chỉ vừa khai. Nếu không thấy, xem cả mục thư rác.",
                "A mail with a link is on its way to that address. If it does not come, look among the junk mail.",
            ),
            link: ("/tai-khoan/dang-nhap", f.say("Đăng nhập", "Sign in")),
        }),
        Err(error) => registering(f).again(&visitor, &sent, error),
    }
}

fn verifying(f: &Frame) -> FormPage {
    let title = f.say("Xác nhận địa chỉ thư điện tử", "Confirm your mail address");
    FormPage::of(f, title, "", f.say("Xác nhận", "Confirm")).code()
}

async fn verify_form(visitor: Visitor) -> Result<HttpResponse, Failure> {
    visitor.page(&verifying(&visitor.frame))
}

async fn verify(visitor: Visitor, sent: Submitted) -> Result<HttpResponse, Failure> {
    match accounts::verify_email(&visitor.ctx, &sent.given("code").unwrap_or_default()).await {
        Ok(()) => Ok(visitor.go("/tai-khoan/dang-nhap")),
        Err(error) => verifying(&visitor.frame).again(&visitor, &sent, error),
    }
}

fn forgetting(f: &Frame) -> FormPage {
    let lead = f.say(
        "Nếu địa chỉ này có tài khoản, một thư với liên kết đặt lại mật khẩu sẽ được gửi đến.",
        "If the address has an account, a mail with a link to choose a new password goes there.",
    );
    FormPage::of(f, f.say("Quên mật khẩu", "Forgotten password"), lead, f.say("Gửi thư", "Send the mail"))
        .email()
}

async fn forgotten_form(visitor: Visitor) -> Result<HttpResponse, Failure> {
    visitor.page(&forgetting(&visitor.frame))
}

async fn forgotten(visitor: Visitor, sent: Submitted) -> Result<HttpResponse, Failure> {
    let f = &visitor.frame;
    match accounts::request_password_reset(&visitor.ctx, &sent.given("email").unwrap_or_default()).await {
        Ok(()) => visitor.page(&SaidPage {
            f: f.clone(),
            title: f.say("Xem hộp thư của ông/bà", "Look at your mail"),
            text: f.say(
                "Nếu địa chỉ này có tài khoản, thư đang được gửi đến.",
                "If the address has an account, the mail is on its way.",
            ),
            link: ("/tai-khoan/dat-lai-mat-khau", f.say("Nhập mã trong thư", "Enter the code of the mail")),
        }),
        Err(error) => forgetting(f).again(&visitor, &sent, error),
    }
}

fn resetting(f: &Frame) -> FormPage {
    let lead = f.say("Mọi phiên đăng nhập cũ sẽ kết thúc.", "All your other sessions end.");
    FormPage::of(f, f.say("Chọn mật khẩu mới", "Choose a new password"), lead, f.say("Lưu mật khẩu", "Save"))
        .code()
        .password("new", f.say("Mật khẩu mới", "New password"))
}

async fn reset_form(visitor: Visitor) -> Result<HttpResponse, Failure> {
    visitor.page(&resetting(&visitor.frame))
}

async fn reset(visitor: Visitor, sent: Submitted) -> Result<HttpResponse, Failure> {
    let code = sent.given("code").unwrap_or_default();
    let new = sent.get("new").unwrap_or_default().to_owned().into();
    match accounts::reset_password(&visitor.ctx, &code, &new).await {
        Ok(()) => Ok(visitor.go("/tai-khoan/dang-nhap")),
        Err(error) => resetting(&visitor.frame).again(&visitor, &sent, error),
    }
}

#[derive(Template)]
#[template(path = "account/dossiers.html")]
struct DossiersPage {
    f: Frame,
    name: String,
    lines: Vec<LineView>,
    next: Option<String>,
}

async fn dossiers(visitor: Visitor, asked: Query<Asked>) -> Result<HttpResponse, Failure> {
    if !visitor.frame.is_citizen() {
        return Ok(visitor.go("/tai-khoan/dang-nhap"));
    }
    let after = asked.sau.as_deref().map(|text| text.parse::<Cursor>()).transpose();
    let after = after.map_err(|_| ErrorCode::NotFound)?;
    let name = accounts::whoami(&visitor.ctx).await?.name;
    let found = lists::newest(&visitor.ctx, &Filter::default(), after, PAGE).await?;
    let next = found.next.map(|cursor| cursor.to_string());
    visitor.page(&DossiersPage { f: visitor.frame.clone(), name, lines: found.items, next })
}
