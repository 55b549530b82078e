//! A letter is rewritten at the desk, read on a recorded dossier, proposed by one person and published by
//! another; what was filed before keeps the former text.

use motcua::domain::procedure::ProcedureKey;
use reqwest::Method;
use serde_json::json;

use crate::support::browser::{Browser, signed_in};
use crate::support::office::Office;
use crate::support::server::TestServer;

const LETTER: &str = "/desk/quan-tri/quy-trinh/result_confirmation/2026-07-01/thu/received";

/// What the form asks, with this line added to the text in both languages.
fn typed(browser: &Browser<'_>, line: (&str, &str), more: &[(&str, &str)]) -> Vec<(String, String)> {
    let mut form = browser.form(&format!("{LETTER}/xem-truoc"));
    for (name, value) in &mut form {
        match name.as_str() {
            "/thu/body_vi" => value.push_str(line.0),
            "/thu/body_en" => value.push_str(line.1),
            _ => {}
        }
        if let Some((_, said)) = more.iter().find(|(asked, _)| asked == name) {
            *value = (*said).to_owned();
        }
    }
    form
}

async fn letters(server: &TestServer, dossier: &str) -> Vec<String> {
    let rows = server
        .client()
        .await
        .query(
            "SELECT body FROM messages WHERE dossier_id::text = $1 AND letter = 'received' ORDER BY created_at",
            &[&dossier],
        )
        .await
        .unwrap();
    rows.iter().map(|row| row.get(0)).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_letter_is_rewritten_by_one_and_published_by_another() {
    let server = TestServer::start().await;
    let office = Office::open(&server).await;
    let key = ProcedureKey::ResultConfirmation;
    let (before, _) = office.examined(key).await;
    let waiting = office.filed(key).await;
    // Below the top nobody writes letters.
    let mut below = signed_in(&server, office.person("admin")).await;
    below.open(LETTER).await;
    assert_eq!(below.status, 404);
    let top = office.superior().await;
    let writer = office.in_agency(top, "admin");
    let mut one = signed_in(&server, writer).await;
    one.open("/desk/quan-tri/quy-trinh/result_confirmation/2026-07-01").await;
    one.sees(LETTER);
    one.open("/desk/quan-tri/quy-trinh/result_confirmation/2025-07-01").await;
    assert!(!one.page.contains("/thu/received"), "an old version is not rewritten");
    one.open(LETTER).await;
    // A name nobody knows, one language only, a day that has come, no reason: all said at once.
    let wrong = [("/thu/effective_from", "23/11/2026"), ("/thu/why", "")];
    one.send(
        Method::POST,
        &format!("{LETTER}/xem-truoc"),
        &typed(&one, ("\n{{lucky_number}}\n", ""), &wrong),
    )
    .await;
    assert_eq!(one.status, 422);
    for said in
        ["{{lucky_number}}", "dùng các chỗ điền khác nhau", "Ngày áp dụng phải sau hôm nay", "Ghi lý do"]
    {
        one.sees(said);
    }
    let lines = ("\nXin mang theo căn cước khi đến.\n", "\nPlease bring your identity card.\n");
    let said = [("/thu/effective_from", "01/12/2026"), ("/thu/why", "Người dân hay quên giấy tờ tùy thân.")];
    one.open(LETTER).await;
    let form = typed(&one, lines, &said);
    one.send(Method::POST, &format!("{LETTER}/xem-truoc"), &form).await;
    assert_eq!(one.status, 200, "{}", one.page);
    // What changes, and how a recorded dossier would have got it: with its code and days, without a name.
    one.sees("<ins><span class=\"seen-not\">Thêm: </span>Xin mang theo căn cước khi đến.</ins>");
    one.sees(before.view["code"].as_str().unwrap());
    one.sees("Kính gửi […],");
    assert!(!one.page.contains("Nguyễn Thị Thu Hà"));
    one.submit(&format!("{LETTER}/de-nghi"), &[]).await;
    let proposal = one.at.clone();
    one.sees("chờ người thứ hai");
    one.sees("Rút đề nghị");
    // Who proposed it cannot publish it, whatever is sent.
    let token = ("_token".to_owned(), one.cookies["motcua-form"].clone());
    one.send(Method::POST, &format!("{proposal}/ban-hanh"), &[token]).await;
    assert_eq!(one.status, 403);
    let second = office.at(top);
    let second = second.all("admin").into_iter().find(|person| person.id != writer.id).unwrap();
    let mut other = signed_in(&server, second).await;
    other.open("/desk/quan-tri/quy-trinh").await;
    other.sees(&proposal);
    // Neither no dossier at all, nor one of another procedure, is read.
    let elsewhere = office.filed(ProcedureKey::EnforcementDecision).await;
    other.open(&format!("{proposal}?ho-so={}", elsewhere.view["reference"].as_str().unwrap())).await;
    other.sees("Không có hồ sơ nào để đọc thử");
    other.open(&format!("{proposal}?ho-so=000")).await;
    other.sees("Không có hồ sơ nào để đọc thử");
    other.open(&format!("{proposal}?ho-so={}", before.view["code"].as_str().unwrap())).await;
    other.sees("Xin mang theo căn cước khi đến.");
    other.submit(&format!("{proposal}/ban-hanh"), &[]).await;
    other.sees("đã ban hành");
    one.open(&proposal).await;
    let token = ("_token".to_owned(), one.cookies["motcua-form"].clone());
    one.send(Method::POST, &format!("{proposal}/bac"), &[token]).await;
    assert_eq!(one.status, 409, "decided already");
    // Written from a version that has a successor by now, it is no longer published.
    one.open(LETTER).await;
    assert_eq!(one.status, 404);
    // Nothing has changed yet; from its day on, what is received then gets the new text.
    let counter = office.counter().await;
    counter.act(&waiting.view, "receipt", &json!({})).await.expect(200);
    let told = letters(&server, waiting.view["id"].as_str().unwrap()).await;
    assert!(!told[0].contains("căn cước"));
    server.move_to("2026-12-01T08:00:00+07:00");
    let counter = office.counter().await;
    let later = office.filed(key).await;
    counter.act(&later.view, "receipt", &json!({})).await.expect(200);
    let told = letters(&server, later.view["id"].as_str().unwrap()).await;
    assert!(told[0].contains("Xin mang theo căn cước khi đến."), "{}", told[0]);
    // Every step is in the record, with who took it.
    let acts = server.client().await;
    let acts = acts
        .query("SELECT act, actor FROM audit_entries WHERE act LIKE 'version.%' ORDER BY at", &[])
        .await
        .unwrap();
    let told: Vec<(String, bool)> = acts
        .iter()
        .map(|row| (row.get(0), row.get::<_, String>(1).contains(&second.id.to_string())))
        .collect();
    assert_eq!(told, [("version.proposed".to_owned(), false), ("version.published".to_owned(), true)]);
    server.close().await;
}
