//! What pages promise beside what people see of them: no form without its token, no way off the
//! site, problems as pages for people and as documents for machines, and nothing loaded elsewhere.

use motcua::domain::procedure::ProcedureKey;
use reqwest::Method;
use serde_json::{Value, json};

use crate::support::browser as form;
use crate::support::office::{Office, PASSWORD, filing};
use crate::support::server::TestServer;

/// A browser without script: it keeps cookies and does not follow on by itself.
struct Browser {
    http: reqwest::Client,
    base: String,
    cookies: Vec<(String, String)>,
}

struct Page {
    status: u16,
    location: Option<String>,
    body: String,
    headers: reqwest::header::HeaderMap,
}

impl Browser {
    fn open(server: &TestServer) -> Self {
        let http = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).build().unwrap();
        Self { http, base: server.base(), cookies: Vec::new() }
    }

    async fn send(&mut self, request: reqwest::RequestBuilder) -> Page {
        let cookies: Vec<String> =
            self.cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
        let answer =
            request.header("Accept", "text/html").header("Cookie", cookies.join("; ")).send().await.unwrap();
        for set in answer.headers().get_all("set-cookie") {
            let (name, rest) = set.to_str().unwrap().split_once('=').unwrap();
            let value = rest.split(';').next().unwrap().to_owned();
            self.cookies.retain(|(known, _)| known != name);
            self.cookies.push((name.to_owned(), value));
        }
        let headers = answer.headers().clone();
        Page {
            status: answer.status().as_u16(),
            location: headers.get("location").map(|value| value.to_str().unwrap().to_owned()),
            body: answer.text().await.unwrap(),
            headers,
        }
    }

    async fn get(&mut self, path: &str) -> Page {
        let request = self.http.get(format!("{}{path}", self.base));
        self.send(request).await
    }

    async fn post(&mut self, path: &str, fields: &[(&str, &str)]) -> Page {
        let request = self
            .http
            .post(format!("{}{path}", self.base))
            .header("Content-Type", "application/x-www-form-urlencoded")
            .body(serde_urlencoded::to_string(fields).unwrap());
        self.send(request).await
    }

    /// Shows a file to the check of papers.
    async fn show(&mut self, file: &str) -> Page {
        let token =
            format!("--x\r\nContent-Disposition: form-data; name=\"_token\"\r\n\r\n{}\r\n", self.token());
        let file = format!(
            "--x\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a.pdf\"\r\n\r\n{file}\r\n--x--\r\n"
        );
        let request = self.http.post(format!("{}/xac-thuc", self.base));
        let request = request.header("Content-Type", "multipart/form-data; boundary=x");
        self.send(request.body(token + &file)).await
    }

    fn token(&self) -> String {
        self.cookies.iter().find(|(name, _)| name == "motcua-form").unwrap().1.clone()
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_form_without_the_token_of_our_page_changes_nothing() {
    let server = TestServer::start().await;
    let mut browser = Browser::open(&server);
    let form = "/nop-ho-so/result_confirmation";
    let agency = {
        let agencies = server.anonymous().get("/api/v1/agencies").await.expect(200);
        agencies.as_array().unwrap().iter().find(|each| each["until"] == Value::Null).unwrap()["id"]
            .as_str()
            .unwrap()
            .to_owned()
    };
    let key = uuid::Uuid::new_v4().to_string();
    let fields = [("agency", agency.as_str()), ("name", "Nguyễn Thị Thu Hà"), ("_key", key.as_str())];
    // Neither without cookie, nor with a cookie and another token.
    assert_eq!(browser.post(form, &fields).await.status, 403);
    assert_eq!(browser.get(form).await.status, 200);
    let wrong = [&fields[..], &[("_token", "00000000000000000000000000000000")]].concat();
    let refused = browser.post(form, &wrong).await;
    assert_eq!(refused.status, 403);
    assert!(refused.body.contains("tải lại"), "{}", refused.body);
    let count = "SELECT count(*) FROM dossiers WHERE state = 'draft'";
    let drafts: i64 = server.client().await.query_one(count, &[]).await.unwrap().get(0);
    let token = browser.token();
    let right = [&fields[..], &[("_token", token.as_str())]].concat();
    let begun = browser.post(form, &right).await;
    assert_eq!(begun.status, 303, "{}", begun.body);
    // The same page sent twice begins one draft.
    let again = browser.post(form, &right).await;
    assert_eq!(again.location, begun.location);
    let after: i64 = server.client().await.query_one(count, &[]).await.unwrap().get(0);
    assert_eq!(after, drafts + 1);
    // Gone back to and changed, it begins another: never a dead end.
    let changed: Vec<_> = right
        .iter()
        .map(|(name, value)| (*name, if *name == "name" { "Lê Văn Thành" } else { *value }))
        .collect();
    let other = browser.post(form, &changed).await;
    assert_eq!(other.status, 303, "{}", other.body);
    assert_ne!(other.location, begun.location);
    browser.post(form, &right).await;
    // Who holds no key sees nothing of it.
    let page = begun.location.unwrap();
    assert_eq!(browser.get(&page).await.status, 200);
    assert_eq!(Browser::open(&server).get(&page).await.status, 404);
    server.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn pages_load_nothing_from_elsewhere_and_lead_nowhere_else() {
    let server = TestServer::start().await;
    let mut browser = Browser::open(&server);
    for path in [
        "/",
        "/thu-tuc/enforcement_decision",
        "/thu-tuc/enforcement_decision/mau",
        "/tra-cuu",
        "/tai-khoan/dang-nhap",
        "/tai-khoan/dang-ky",
    ] {
        let page = browser.get(path).await;
        assert_eq!(page.status, 200, "{path}");
        let policy = page.headers["content-security-policy"].to_str().unwrap();
        assert!(policy.contains("script-src 'self'") && !policy.contains("unsafe"), "{policy}");
        assert!(!page.body.contains("src=\"http") && !page.body.contains("href=\"http"), "{path}");
        assert!(page.body.contains("<html lang=\"vi\">") && page.body.matches("<h1").count() == 1, "{path}");
    }
    assert_eq!(browser.get("/dev/components").await.status, 404, "for those who build pages only");
    // The language is kept; the way back stays on this site.
    let chosen = browser.get("/ngon-ngu/en?ve=%2Ftra-cuu").await;
    assert_eq!(chosen.location.as_deref(), Some("/tra-cuu"));
    assert!(browser.get("/tra-cuu").await.body.contains("<html lang=\"en\">"));
    for outside in ["https%3A%2F%2Fexample.org", "%2F%2Fexample.org", "%2F%5Cexample.org"] {
        let sent = browser.get(&format!("/ngon-ngu/vi?ve={outside}")).await;
        assert_eq!(sent.location.as_deref(), Some("/"));
    }
    let style = browser.get("/").await.body;
    let style = style.split("href=\"/static/").nth(1).unwrap().split('"').next().unwrap().to_owned();
    let style = browser.get(&format!("/static/{style}")).await;
    assert_eq!(style.status, 200);
    assert!(style.headers["cache-control"].to_str().unwrap().contains("immutable"));
    server.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_page_is_asked_for_its_head_alone_too() {
    let server = TestServer::start().await;
    let http = reqwest::Client::new();
    for (path, status) in
        [("/", 200), ("/tra-cuu", 200), ("/thu-tuc/khong-co", 404), ("/static/icon.svg", 200)]
    {
        let head = http.head(format!("{}{path}", server.base())).send().await.unwrap();
        assert_eq!(head.status(), status, "{path}");
        assert!(head.headers().contains_key("content-security-policy"), "{path}");
        assert_eq!(head.bytes().await.unwrap().len(), 0, "{path}");
    }
    server.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn codes_of_papers_are_not_found_by_showing_files() {
    let server = TestServer::start().await;
    let office = Office::open(&server).await;
    let filed = office.filed(ProcedureKey::ResultConfirmation).await;
    let papers = format!("/api/v1/dossiers/{}/papers", filed.view["id"].as_str().unwrap());
    let all = filed.applicant.get(&papers).await.expect(200);
    let code = all[0]["check_code"].as_str().unwrap();
    let mut browser = Browser::open(&server);
    browser.get("/xac-thuc").await;
    assert!(
        browser.show(&format!("motcua:{code}")).await.body.contains("Không có giấy tờ nào như vậy"),
        "a text is no paper"
    );
    assert!(browser.show(&format!("%PDF-1.7 motcua:{code}")).await.body.contains("đã bị sửa"));
    for at in 0..10 {
        assert_eq!(browser.show(&format!("%PDF-1.7 motcua:AAAA-BBBB-C{at}")).await.status, 200);
    }
    assert_eq!(browser.show(&format!("%PDF-1.7 motcua:{code}")).await.status, 429);
    server.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_translation_is_told_apart_and_a_copied_code_is_forgiven() {
    let server = TestServer::start().await;
    let office = Office::open(&server).await;
    let filed = office.filed(ProcedureKey::ResultConfirmation).await;
    let papers = format!("/api/v1/dossiers/{}/papers", filed.view["id"].as_str().unwrap());
    let all = filed.applicant.get(&papers).await.expect(200);
    let (id, code) = (all[0]["id"].as_str().unwrap(), all[0]["check_code"].as_str().unwrap());
    let mut browser = Browser::open(&server);
    browser.get("/xac-thuc").await;
    let marks = |file: &[u8]| String::from_utf8_lossy(file).matches(&format!("motcua:{code}")).count();
    let original = filed.applicant.get(&format!("/api/v1/papers/{id}/content")).await.bytes;
    assert!(marks(&original) > 0);
    let translation = filed.applicant.get(&format!("/api/v1/papers/{id}/content?lang=en")).await.bytes;
    assert!(translation.starts_with(b"%PDF-") && marks(&translation) == 0);
    // As it comes out of the file: its description alone tells what it is.
    let described = format!("%PDF-1.7 motcua-translation:{code}");
    assert!(String::from_utf8_lossy(&translation).contains(&described[9..]));
    let page = browser.show(&described).await.body;
    assert!(page.contains("Bản dịch tham khảo") && !page.contains("đã bị sửa"), "{page}");
    // Copied out of some reader, with signs nobody sees; typed without its dashes.
    for typed in [code.replace('-', "%E2%80%8B-"), code.replace('-', "").to_lowercase()] {
        let page = browser.get(&format!("/xac-thuc/{typed}")).await;
        assert!(page.status == 200 && page.body.contains("còn hiệu lực"), "{typed}");
    }
    server.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_problem_is_a_page_for_people_and_a_document_for_machines() {
    let server = TestServer::start().await;
    let mut browser = Browser::open(&server);
    let page = browser.get("/thu-tuc/khong-co").await;
    assert_eq!(page.status, 404);
    assert!(page.headers["content-type"].to_str().unwrap().starts_with("text/html"));
    assert!(page.body.contains("<h1>") && page.body.contains("not_found"));
    let document = browser.get("/api/v1/dossiers/00000000-0000-7000-8000-000000000000").await;
    assert_eq!(document.status, 404);
    assert_eq!(document.headers["content-type"], "application/problem+json");
    // Wrong code and wrong key look the same.
    browser.get("/tra-cuu").await;
    let token = browser.token();
    let form = [("code", "YC-0000-0000"), ("key", "AAAA-BBBB-CCCC"), ("_token", token.as_str())];
    let wrong = browser.post("/tra-cuu", &form).await;
    assert_eq!(wrong.status, 422);
    assert!(wrong.body.contains("Không có hồ sơ nào khớp") && wrong.body.contains("YC-0000-0000"));
    server.close().await;
}

/// A citizen's draft opened on another device: its key is not in that browser, only the account is.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_a_citizen_typed_outlives_his_session() {
    const EMAIL: &str = "thuha@example.vn";
    let server = TestServer::start().await;
    let office = Office::open(&server).await;
    let session = server
        .anonymous()
        .post("/api/v1/sessions", &json!({ "email": EMAIL, "password": PASSWORD }))
        .await
        .expect(201);
    let citizen = server.anonymous().bearer(session["token"].as_str().unwrap());
    let mut body = filing(ProcedureKey::EnforcementDecision, office.agency, &json!({}));
    body["submit"] = json!(false);
    let draft = citizen.create("/api/v1/dossiers", &body).await.expect(201);
    let id = draft["id"].as_str().unwrap();

    let mut browser = form::Browser::new(&server);
    browser.open("/tai-khoan/dang-nhap").await;
    let signing = |browser: &form::Browser<'_>, more: &[(String, String)]| {
        let own = [
            ("_token", browser.cookies["motcua-form"].clone()),
            ("email", EMAIL.to_owned()),
            ("password", PASSWORD.to_owned()),
        ];
        let own = own.into_iter().map(|(name, value)| (name.to_owned(), value));
        own.chain(more.iter().cloned()).collect::<Vec<_>>()
    };
    let fields = signing(&browser, &[]);
    browser.send(Method::POST, "/tai-khoan/dang-nhap", &fields).await;
    browser.open(&format!("/ho-so/{id}/de-sau")).await;
    let page = browser.page.split(&format!("href=\"/ho-so/{id}/khai/")).nth(1).unwrap();
    let page = format!("/ho-so/{id}/khai/{}", page.split('"').next().unwrap());
    browser.open(&page).await;
    let mut typed = browser.form(&page);
    let (name, _) =
        typed.iter().rfind(|(name, value)| name.starts_with('/') && value.is_empty()).unwrap().clone();
    typed.retain(|(known, _)| *known != name);
    typed.push((name.clone(), "Lê Văn \"Thành\" & <con>".to_owned()));

    server.client().await.execute("DELETE FROM sessions", &[]).await.unwrap();
    browser.send(Method::POST, &page, &typed).await;
    assert_eq!(browser.status, 200);
    browser.sees("nội dung đã nhập còn nguyên");
    browser.sees("Lê Văn \"Thành\" & <con>");
    // A wrong password loses nothing either.
    let kept = browser.form("/tai-khoan/dang-nhap");
    let along: Vec<_> = kept
        .into_iter()
        .filter(|(name, _)| !["_token", "email", "password"].contains(&name.as_str()))
        .collect();
    let mut wrong = signing(&browser, &along);
    wrong[2].1 = "sai mật khẩu rồi".to_owned();
    browser.send(Method::POST, "/tai-khoan/dang-nhap", &wrong).await;
    assert_eq!(browser.status, 422);
    browser.sees("Lê Văn \"Thành\" & <con>");
    let fields = signing(&browser, &along);
    browser.send(Method::POST, "/tai-khoan/dang-nhap", &fields).await;
    assert_eq!((browser.status, browser.at.as_str()), (200, page.as_str()));
    let there = browser.form(&page);
    assert!(there.contains(&(name, "Lê Văn \"Thành\" & <con>".to_owned())), "{there:?}");

    // What binds its author is sent by himself: the resumed page asks him.
    server.client().await.execute("DELETE FROM sessions", &[]).await.unwrap();
    let token = ("_token".to_owned(), browser.cookies["motcua-form"].clone());
    let withdrawal = [token, ("reason".to_owned(), "không cần nữa".to_owned())];
    browser.send(Method::POST, &format!("/ho-so/{id}/rut"), &withdrawal).await;
    let along: Vec<_> = browser
        .form("/tai-khoan/dang-nhap")
        .into_iter()
        .filter(|(name, _)| !["_token", "email", "password"].contains(&name.as_str()))
        .collect();
    let fields = signing(&browser, &along);
    browser.send(Method::POST, "/tai-khoan/dang-nhap", &fields).await;
    browser.sees("Gửi tiếp");
    assert!(
        browser
            .form(&format!("/ho-so/{id}/rut"))
            .contains(&("reason".to_owned(), "không cần nữa".to_owned()))
    );
    // The script that saves by itself is told that it could not.
    let saved = reqwest::Client::new()
        .post(format!("{}{page}", server.base()))
        .header("autosave", "1")
        .header("cookie", format!("motcua-form={}", browser.cookies["motcua-form"]))
        .header("content-type", "application/x-www-form-urlencoded")
        .body(format!("_token={}", browser.cookies["motcua-form"]));
    assert_eq!(saved.send().await.unwrap().status().as_u16(), 401);
    server.close().await;
}
