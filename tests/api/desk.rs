//! The officers' desk in a browser without script: signing in, the queue, a whole dossier through its
//! forms, and what is typed when a session ends or somebody else was faster.

use motcua::domain::procedure::ProcedureKey;

use crate::support::browser::signed_in;
use crate::support::office::Office;
use crate::support::server::TestServer;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_confirmation_goes_through_the_desk_from_receipt_to_return() {
    let server = TestServer::start().await;
    let office = Office::open(&server).await;
    let filed = office.filed(ProcedureKey::ResultConfirmation).await;
    let id = filed.view["id"].as_str().unwrap().to_owned();
    let reference = filed.view["reference"].as_str().unwrap();
    // At the counter it stands in the queue, and is found by the applicant's name without tones.
    let mut counter = signed_in(&server, office.person("one_window_officer")).await;
    counter.sees(reference);
    counter.open("/desk?xem=tat-ca&tim=thu+ha").await;
    counter.sees(reference);
    // By whoever else it names; and words of two people are nobody's name.
    office.filed(ProcedureKey::EnforcementDecision).await;
    counter.open("/desk?xem=tat-ca&tim=le+van+thanh").await;
    counter.sees("Nguyễn Thị Thu Hà");
    counter.open("/desk?xem=tat-ca&tim=thu+ha+thanh").await;
    counter.sees("Không có hồ sơ nào khớp.");
    counter.open("/desk?xem=tat-ca&tim=khong+ai").await;
    counter.sees("Không có hồ sơ nào khớp.");
    counter.open(&format!("/desk?tim={reference}&thu-tuc=result_confirmation&kenh=online&buoc=&han=")).await;
    counter.sees(reference);
    // Looking ahead records nothing.
    counter.act(&id, "receive", &[("_preview", "1")]).await;
    counter.sees("Xem trước: chưa ghi gì");
    counter.sees("thuha@example.vn");
    assert_eq!(filed.applicant.read(&filed.view).await.expect(200)["state"]["name"], "submitted");
    counter.act(&id, "receive", &[]).await;
    counter.sees("Đã ghi");
    counter.act(&id, "complete_step", &[("/complete_step/note", "Chuyển ngay")]).await;
    counter.sees("Chuyển ngay");
    let now = filed.applicant.read(&filed.view).await.expect(200);
    let mut leader = signed_in(&server, office.person("leader")).await;
    if now["state"]["step"]["key"] == "assign" {
        leader.act(&id, "assign", &[]).await;
        leader.sees("Đã ghi");
    }
    let assigned = office.leader().await.read(&filed.view).await;
    let assignee = assigned.expect(200)["internal"]["assignee"]["account"].as_str().unwrap().parse().unwrap();
    let mut officer = signed_in(&server, office.by_id(assignee)).await;
    officer.sees("Của tôi");
    officer.act(&id, "draft", &[]).await;
    officer.act(&id, "propose", &[]).await;
    officer.sees("Đã ghi");
    leader.open(&format!("/desk/ho-so/{id}")).await;
    leader.act(&id, "sign", &[]).await;
    leader.sees("Đã ghi");
    let mut clerk = signed_in(&server, office.person("clerk")).await;
    clerk.act(&id, "number", &[]).await;
    clerk.act(&id, "hand_over", &[]).await;
    clerk.sees("Đã ghi");
    counter.open(&format!("/desk/ho-so/{id}")).await;
    counter.act(&id, "return", &[("/return/to", "")]).await;
    assert_eq!(counter.status, 422);
    counter.sees("Chưa ghi được");
    counter.act(&id, "return", &[("/return/to", "Nguyễn Thị Thu Hà")]).await;
    counter.sees("Đã trả kết quả");
    assert_eq!(filed.applicant.read(&filed.view).await.expect(200)["state"]["name"], "returned");
    leader.open("/desk/tong-quan").await;
    leader.sees("Theo người xử lý");
    counter.open("/desk/tong-quan").await;
    assert_eq!(counter.status, 403);
    leader.open(&format!("/desk/ho-so/{id}/ai-da-xem")).await;
    leader.sees("Xem hồ sơ");
    server.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_session_that_ends_in_the_middle_of_a_form_loses_nothing() {
    let server = TestServer::start().await;
    let office = Office::open(&server).await;
    let filed = office.filed(ProcedureKey::ResultConfirmation).await;
    let id = filed.view["id"].as_str().unwrap().to_owned();
    let person = office.person("one_window_officer");
    let mut counter = signed_in(&server, person).await;
    counter.open(&format!("/desk/ho-so/{id}")).await;
    server.client().await.execute("DELETE FROM sessions", &[]).await.unwrap();
    let note = "Người nộp gọi điện hỏi.\nĐã \"giải thích\" <rõ>.";
    counter.act(&id, "add_note", &[("/add_note/text", note)]).await;
    assert_eq!(counter.status, 200);
    counter.sees("nội dung đã nhập còn nguyên");
    // A wrong code keeps it too; the right one asks before it sends.
    counter.submit("/desk/dang-nhap", &[("user_name", "ai-do"), ("password", "x"), ("code", "000000")]).await;
    assert_eq!(counter.status, 422);
    counter.sign_in(person).await;
    counter.sees("Nội dung đã nhập còn nguyên");
    assert!(!filed_notes(&office, &filed.view).await.contains("giải thích"));
    counter.submit(&format!("/desk/ho-so/{id}/add_note"), &[]).await;
    counter.sees("Đã ghi");
    assert!(filed_notes(&office, &filed.view).await.contains("giải thích"));
    server.close().await;
}

async fn filed_notes(office: &Office<'_>, view: &serde_json::Value) -> String {
    let path = format!("/api/v1/dossiers/{}/events", view["id"].as_str().unwrap());
    office.leader().await.get(&path).await.expect(200).to_string()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_was_slower_reads_what_happened_and_keeps_the_text() {
    let server = TestServer::start().await;
    let office = Office::open(&server).await;
    let filed = office.filed(ProcedureKey::ResultConfirmation).await;
    let id = filed.view["id"].as_str().unwrap().to_owned();
    let mut counter = signed_in(&server, office.person("one_window_officer")).await;
    counter.open(&format!("/desk/ho-so/{id}")).await;
    let first = counter.form(&format!("/desk/ho-so/{id}/refuse"));
    let choice = counter.page.split("name=\"/refuse/reason\" value=\"").nth(1).unwrap();
    let reason = choice.split('"').next().unwrap().to_owned();
    // Meanwhile a leader writes a note.
    let leader = office.leader().await;
    leader.act(&filed.view, "notes", &serde_json::json!({ "text": "Đang xem xét" })).await.expect(200);
    let typed =
        [("/refuse/reason", reason.as_str()), ("/refuse/note", "Không thuộc thẩm quyền vì lý do riêng")];
    assert!(!first.is_empty());
    counter.act(&id, "refuse", &typed).await;
    assert_eq!(counter.status, 412);
    counter.sees("Trong lúc ông/bà đang xem, hồ sơ đã thay đổi: Ghi chú nội bộ");
    counter.sees("Không thuộc thẩm quyền vì lý do riêng");
    // Sent once more, as it stands there.
    counter.submit(&format!("/desk/ho-so/{id}/refuse"), &[]).await;
    counter.sees("Đã ghi");
    assert_eq!(filed.applicant.read(&filed.view).await.expect(200)["state"]["name"], "refused");
    // And a form that is no longer open shows what was typed.
    let mut form: Vec<(String, String)> = first;
    form.push(("/refuse/note".to_owned(), "Chữ đã gõ".to_owned()));
    counter.send(reqwest::Method::POST, &format!("/desk/ho-so/{id}/refuse"), &form).await;
    counter.sees("Chữ đã gõ");
    server.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_request_that_came_by_post_is_entered_filed_and_received_at_the_counter() {
    let server = TestServer::start().await;
    let office = Office::open(&server).await;
    let mut counter = signed_in(&server, office.person("one_window_officer")).await;
    counter.open("/desk/tiep-nhan").await;
    counter.submit("/desk/tiep-nhan", &[("name", "Lê Văn Thành")]).await;
    assert_eq!(counter.status, 422);
    let typed = [("procedure", "result_confirmation"), ("channel", "postal"), ("name", "Lê Văn Thành")];
    counter.submit("/desk/tiep-nhan", &typed).await;
    assert!(counter.at.contains("/khai/"), "{}", counter.at);
    // The form's own pages are proved with the citizens'; here the answers come from the example.
    let id = counter.at.split('/').nth(2).unwrap().to_owned();
    let matter = office.matter().await;
    let answers = crate::support::office::answers(ProcedureKey::ResultConfirmation, &matter);
    let at_counter = office.counter().await;
    let view = at_counter.get(&format!("/api/v1/dossiers/{id}")).await.expect(200);
    let version = format!("\"{}\"", view["version"]);
    at_counter
        .json(
            reqwest::Method::PUT,
            &format!("/api/v1/dossiers/{id}/answers"),
            &serde_json::json!({ "answers": answers }),
            &[("if-match", &version)],
        )
        .await
        .expect(200);
    let check = format!("/ho-so/{id}/kiem-tra");
    // Left and come back to, it is found where it was begun; by nobody else.
    counter.open("/desk/tiep-nhan").await;
    counter.sees("Hồ sơ tôi đang nhập dở");
    counter.sees(&format!("href=\"{check}\""));
    let other = office.all("one_window_officer").into_iter().last().unwrap();
    let mut other = signed_in(&server, other).await;
    other.open("/desk/tiep-nhan").await;
    assert!(!other.page.contains(&id), "another's draft");
    counter.open(&check).await;
    let mut form = counter.form_of_page();
    form.retain(|(name, _)| name != "requested_on");
    form.push(("requested_on".to_owned(), "31/02/2026".to_owned()));
    counter.send(reqwest::Method::POST, &check, &form).await;
    assert_eq!(counter.status, 422, "{}", counter.page);
    counter.sees("31/02/2026");
    let mut form = counter.form_of_page();
    form.retain(|(name, _)| name != "requested_on");
    form.push(("requested_on".to_owned(), "20/11/2026".to_owned()));
    counter.send(reqwest::Method::POST, &check, &form).await;
    assert_eq!(counter.at, format!("/ho-so/{id}/da-nop"));
    counter.sees("Hẹn trả kết quả");
    let view = at_counter.get(&format!("/api/v1/dossiers/{id}")).await.expect(200);
    assert_eq!(view["requested_on"], "2026-11-20");
    assert_eq!(view["channel"], "postal");
    assert!(view["code"].is_string());
    // Who belongs to no one-window unit enters nothing.
    let mut clerk = signed_in(&server, office.person("clerk")).await;
    clerk.open("/desk/tiep-nhan").await;
    clerk.sees("Chỉ công chức Bộ phận Một cửa");
    server.close().await;
}
