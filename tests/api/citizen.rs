//! What the applicant's pages say of a dossier that waits, and of a form that is read back.

use motcua::domain::procedure::ProcedureKey;
use reqwest::Method;

use crate::support::browser::{Browser, pass};
use crate::support::office::{Office, example, filing};
use crate::support::server::TestServer;

fn held(view: &serde_json::Value) -> (String, String) {
    let id = view["id"].as_str().unwrap().to_owned();
    let key = view["tracking_key"].as_str().unwrap();
    (id.clone(), format!("{id}.{key}"))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_row_is_changed_and_leads_back_to_the_reading_back() {
    let server = TestServer::start().await;
    let office = Office::open(&server).await;
    let key = ProcedureKey::EnforcementDecision;
    let mut body = filing(key, office.agency, &example(key));
    body["submit"] = false.into();
    let draft = server.anonymous().create("/api/v1/dossiers", &body).await.expect(201);
    let (id, cookie) = held(&draft);
    let mut browser = Browser::new(&server);
    browser.cookies.insert("motcua-ho-so".to_owned(), cookie);
    browser.open(&format!("/ho-so/{id}/kiem-tra")).await;
    browser.sees("Không khai");
    browser.sees("✓ Có");
    let page = format!("/ho-so/{id}/khai/applicant?ve=kiem-tra");
    assert!(browser.page.contains(&format!("{page}#applicant-phone")), "{}", browser.page);
    browser.open(&page).await;
    let mut form = browser.form(&page);
    form.retain(|(name, _)| name != "/applicant/phone");
    let mut wrong = form.clone();
    wrong.push(("/applicant/phone".to_owned(), "abc".to_owned()));
    browser.send(Method::POST, &page, &wrong).await;
    assert_eq!(browser.status, 422);
    form.push(("/applicant/phone".to_owned(), "0903 123 456".to_owned()));
    browser.send(Method::POST, &page, &form).await;
    assert_eq!(browser.at, format!("/ho-so/{id}/kiem-tra"));
    browser.sees("0903123456");
    server.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_dossier_nobody_took_in_time_is_said_to_be_late_and_counted_in_public() {
    let server = TestServer::start().await;
    let office = Office::open(&server).await;
    let key = ProcedureKey::EnforcementDecision;
    let body = filing(key, office.agency, &example(key));
    let filed = server.anonymous().create("/api/v1/dossiers", &body).await.expect(201);
    let (id, cookie) = held(&filed);
    let mut browser = Browser::new(&server);
    browser.open("/tinh-trang").await;
    assert!(!browser.page.contains("lâu nhất từ"), "{}", browser.page);
    browser.cookies.insert("motcua-ho-so".to_owned(), cookie);
    let page = format!("/ho-so/{id}");
    browser.open(&page).await;
    browser.sees("Vì sao là ngày này?");
    browser.sees("quy ước của dịch vụ này");
    browser.sees("Giấy tờ còn thiếu");
    assert!(!browser.page.contains("đang chậm"), "{}", browser.page);
    pass(&server, 20 * 24 * 3600);
    browser.open(&page).await;
    browser.sees("Cơ quan đang chậm");
    browser.open("/tinh-trang").await;
    browser.sees("1, lâu nhất từ");
    let reference = filed["reference"].as_str().unwrap();
    assert!(!browser.page.contains(reference), "nothing of any one dossier");

    // How often applicants are asked to supplement is public too.
    assert!(!browser.page.contains("<td data-label=\"Lần đầu\">1</td>"), "{}", browser.page);
    let items =
        serde_json::json!({ "items": [{ "field": "/applicant/address", "reason": "incomplete_field" }] });
    office.counter().await.act(&filed, "supplement-requests", &items).await.expect(200);
    browser.open("/tinh-trang").await;
    browser.sees("<td data-label=\"Lần đầu\">1</td>");
    server.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_timeline_names_the_step_and_an_ended_dossier_explains_no_day() {
    let server = TestServer::start().await;
    let office = Office::open(&server).await;
    let mut filed = office.filed(ProcedureKey::OfficerReplacement).await;
    let (id, cookie) = held(&filed.view);
    office.bring_to_examination(&mut filed).await;
    let mut browser = Browser::new(&server);
    browser.cookies.insert("motcua-ho-so".to_owned(), cookie);
    browser.open(&format!("/ho-so/{id}")).await;
    browser.sees("Chuyển đến bước:");
    assert!(!browser.page.contains("Chuyển sang bước tiếp theo"));
    browser.sees("khoản 2 Điều 147 Bộ luật Dân sự 2015");
    browser.open(&format!("/ho-so/{id}/rut")).await;
    let mut form = browser.form_of_page();
    form.retain(|(name, _)| name.starts_with('_'));
    browser.send(Method::POST, &format!("/ho-so/{id}/rut"), &form).await;
    browser.open(&format!("/ho-so/{id}")).await;
    assert!(!browser.page.contains("Vì sao là ngày này?"), "{}", browser.page);
    server.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_language_is_chosen_without_losing_what_the_page_was_asked() {
    let server = TestServer::start().await;
    let mut browser = Browser::new(&server);
    browser.open("/cong-cu/han?limit=7&unit=wd").await;
    assert!(browser.page.contains("ve=/cong-cu/han%3Flimit%3D7%26unit%3Dwd"), "{}", browser.page);
    browser.open("/ngon-ngu/en?ve=/cong-cu/han%3Flimit%3D7%26unit%3Dwd").await;
    assert_eq!(browser.at, "/cong-cu/han?limit=7&unit=wd");
    browser.sees("Time limit");
    server.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn behind_tls_the_chosen_language_is_a_secure_cookie_too() {
    let server = TestServer::builder().with("MOTCUA_PUBLIC_URL", "https://motcua.example").start().await;
    let http = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).build().unwrap();
    let answer = http.get(format!("{}/ngon-ngu/en?ve=/", server.base())).send().await.unwrap();
    let cookie = answer.headers()["set-cookie"].to_str().unwrap();
    assert!(cookie.starts_with("__Host-") && cookie.contains("Secure"), "{cookie}");
    assert!(cookie.contains("HttpOnly"), "{cookie}");
    server.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_browser_follows_several_dossiers() {
    let server = TestServer::start().await;
    let office = Office::open(&server).await;
    let mut browser = Browser::new(&server);
    let mut all = Vec::new();
    for _ in 0..9 {
        let filed = office.filed(ProcedureKey::ResultConfirmation).await;
        browser.open("/tra-cuu").await;
        let said = |name: &str| filed.view[name].as_str().unwrap().to_owned();
        let (code, key) = (said("reference"), said("tracking_key"));
        let token = browser.cookies["motcua-form"].clone();
        let form = [("_token", token), ("code", code), ("key", key)];
        let form = form.map(|(name, value)| (name.to_owned(), value));
        browser.send(Method::POST, "/tra-cuu", &form).await;
        all.push(format!("/ho-so/{}", filed.view["id"].as_str().unwrap()));
        assert_eq!((browser.status, &browser.at), (200, all.last().unwrap()));
    }
    for each in &all[1..] {
        browser.open(each).await;
        assert_eq!((browser.status, &browser.at), (200, each), "{}", browser.page);
    }
    browser.open(&all[0]).await;
    assert_ne!(&browser.at, &all[0], "the oldest of nine is asked for again");
    server.close().await;
}

/// A phone closed the browser: its cookies of the session are gone, the page with what was typed is there.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_typed_without_an_account_outlives_the_browser_too() {
    const NAME: &str = "Lê Văn \"Thành\" & con";
    let server = TestServer::start().await;
    let office = Office::open(&server).await;
    let key = ProcedureKey::EnforcementDecision;
    let mut body = filing(key, office.agency, &example(key));
    body["submit"] = false.into();
    let draft = server.anonymous().create("/api/v1/dossiers", &body).await.expect(201);
    let (id, cookie) = held(&draft);
    let secret = draft["tracking_key"].as_str().unwrap();
    let mut browser = Browser::new(&server);
    browser.cookies.insert("motcua-ho-so".to_owned(), cookie);
    let page = format!("/ho-so/{id}/khai/applicant");
    browser.open(&page).await;
    // Told where it is needed, not only on a page of its own.
    browser.sees(secret);
    let mut typed = browser.form(&page);
    typed.retain(|(name, _)| name != "/applicant/full_name");
    typed.push(("/applicant/full_name".to_owned(), NAME.to_owned()));
    browser.cookies.retain(|name, _| name != "motcua-ho-so");

    browser.send(Method::POST, &page, &typed).await;
    browser.sees("nội dung đã nhập còn nguyên");
    let reference = draft["reference"].as_str().unwrap();
    browser.submit("/tra-cuu", &[("code", reference), ("key", "sai-ma")]).await;
    assert_eq!(browser.status, 422);
    browser.sees("Không có hồ sơ nào khớp");
    browser.submit("/tra-cuu", &[("code", reference), ("key", secret)]).await;
    assert_eq!((browser.status, &browser.at), (200, &page), "{}", browser.page);
    let there = browser.form(&page);
    assert!(there.contains(&("/applicant/full_name".to_owned(), NAME.to_owned())), "{there:?}");

    // What binds its author is sent by himself.
    let token = browser.cookies["motcua-form"].clone();
    let withdrawal = [("_token", token.as_str()), ("reason", "không cần nữa")];
    let withdrawal = withdrawal.map(|(name, value)| (name.to_owned(), value.to_owned()));
    browser.cookies.retain(|name, _| name != "motcua-ho-so");
    let away = format!("/ho-so/{id}/rut");
    browser.send(Method::POST, &away, &withdrawal).await;
    browser.submit("/tra-cuu", &[("code", reference), ("key", secret)]).await;
    assert_eq!(browser.status, 200, "{}", browser.page);
    assert!(browser.form(&away).contains(&("reason".to_owned(), "không cần nữa".to_owned())));
    assert!(browser.cookies.contains_key("motcua-ho-so"));
    server.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_files_for_whom_is_said_and_changed_until_it_is_filed() {
    let server = TestServer::start().await;
    let office = Office::open(&server).await;
    let key = ProcedureKey::ResultConfirmation;
    let mut body = filing(key, office.agency, &example(key));
    (body["submit"], body["mode"]) = (false.into(), "helper".into());
    body["filled_in_by"] = "Trần Thị Giúp".into();
    let draft = server.anonymous().create("/api/v1/dossiers", &body).await.expect(201);
    let (id, cookie) = held(&draft);
    let mut browser = Browser::new(&server);
    browser.cookies.insert("motcua-ho-so".to_owned(), cookie);
    let (check, first) = (format!("/ho-so/{id}/kiem-tra"), format!("/ho-so/{id}/nguoi-nop"));
    browser.open(&check).await;
    browser.sees("Có người khai giúp: Trần Thị Giúp");
    browser.open(&first).await;
    browser.submit(&first, &[("name", ""), ("mode", "representative"), ("phone", "x")]).await;
    assert_eq!(browser.status, 422);
    browser.sees("Trần Thị Giúp");
    let typed = [("name", "Phạm Văn Đức"), ("phone", "0903123456"), ("filled_in_by", "Trần Thị Diện")];
    browser.submit(&first, &typed).await;
    assert_eq!((browser.status, &browser.at), (200, &check), "{}", browser.page);
    for said in ["Phạm Văn Đức", "0903123456", "Người đại diện: Trần Thị Diện"] {
        browser.sees(said);
    }
    browser.send(Method::POST, &check, &browser.form_of_page()).await;
    assert_eq!(browser.at, format!("/ho-so/{id}/da-nop"), "{}", browser.page);
    browser.open(&first).await;
    assert_eq!(browser.at, format!("/ho-so/{id}"), "once filed it stands");
    let mut counter = crate::support::browser::signed_in(&server, office.person("one_window_officer")).await;
    counter.open(&format!("/desk/ho-so/{id}")).await;
    counter.sees("Người đại diện: Trần Thị Diện");
    server.close().await;
}
