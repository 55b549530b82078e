//! Papers the office makes: each act leaves its own, made once, for those who may see it, and checked by
//! anyone who holds one.

use motcua::domain::procedure::ProcedureKey;
use motcua::domain::text::Language;
use serde_json::{Value, json};

use crate::support::browser::{Browser, signed_in};
use crate::support::client::Client;
use crate::support::office::{Filed, Office, answers, definition_on, filing};
use crate::support::server::TestServer;

pub async fn papers(client: &Client, id: &str) -> Vec<Value> {
    let answer = client.get(&format!("/api/v1/dossiers/{id}/papers")).await;
    answer.expect(200).as_array().unwrap().clone()
}

fn kinds(papers: &[Value]) -> Vec<&str> {
    papers.iter().map(|paper| paper["kind"].as_str().unwrap()).collect()
}

pub async fn file(client: &Client, paper: &Value) -> Vec<u8> {
    let path = format!("/api/v1/papers/{}/content", paper["id"].as_str().unwrap());
    let answer = client.get(&path).await;
    assert_eq!(answer.status.as_u16(), 200);
    assert_eq!(answer.header("content-type"), Some("application/pdf"));
    answer.bytes
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn each_act_leaves_its_paper_made_once_and_checked_by_anyone() {
    let server = TestServer::builder().start().await;
    let office = Office::open(&server).await;
    let key = ProcedureKey::EnforcementDecision;
    let (mut filed, officer) = office.examined(key).await;
    let ruling = office.grant(key).await;
    office.decide(&mut filed, &officer, &ruling).await;
    let id = filed.view["id"].as_str().unwrap().to_owned();
    let holder = filed.applicant.clone();

    let all = papers(&holder, &id).await;
    assert_eq!(kinds(&all), ["filed_copy", "receipt", "enforcement_decision"]);
    for paper in &all {
        let one = file(&holder, paper).await;
        assert!(one.starts_with(b"%PDF-1.7"), "{}", paper["kind"]);
        assert_eq!(one, file(&holder, paper).await, "the same bytes each time");
        let code = paper["check_code"].as_str().unwrap();
        let checked = server.anonymous().get(&format!("/api/v1/paper-checks/{code}")).await.expect(200);
        assert_eq!((&checked["check_code"], &checked["replaced"]), (&paper["check_code"], &json!(false)));
        assert!(!checked.to_string().contains("Nguyễn Thị"), "a check tells nobody's name: {checked}");
    }
    let decision = server
        .anonymous()
        .get(&format!("/api/v1/paper-checks/{}", all[2]["check_code"].as_str().unwrap()))
        .await
        .expect(200);
    assert!(decision["number"].as_str().unwrap().ends_with("/QĐ-THA"), "{decision}");

    // Who sees no personal data fetches what he has to send, and no other paper; strangers do not know of them.
    let content = |at: usize| format!("/api/v1/papers/{}/content", all[at]["id"].as_str().unwrap());
    let (receipt, path) = (content(1), content(2));
    let clerk = office.clerk().await;
    clerk.get(&receipt).await.problem(403, "not_permitted");
    assert_eq!(clerk.get(&path).await.status, 200);
    server.anonymous().get(&path).await.problem(404, "not_found");
    server.anonymous().get("/api/v1/paper-checks/AAAA-BBBB-CC").await.problem(404, "not_found");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_form_is_that_of_the_day_of_the_act() {
    let server = TestServer::builder().at("2026-11-23T09:00:00+07:00").start().await;
    let office = Office::open(&server).await;
    for key in [ProcedureKey::ResultConfirmation, ProcedureKey::EnforcementFeeRelief] {
        let filed = office.filed(key).await;
        let counter = office.counter().await;
        counter.act(&filed.view, "receipt", &json!({})).await.expect(200);
        let id = filed.view["id"].as_str().unwrap();
        let all = papers(&counter, id).await;
        let receipt = all.iter().find(|paper| paper["kind"] == "receipt").unwrap();
        assert_eq!(receipt["form_number"], "Mẫu số 01");
        let said = text(&file(&counter, receipt).await);
        assert!(said.contains("03/2025"), "{said}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_a_paper_promised_is_over_when_the_day_moves_or_the_dossier_ends() {
    let server = TestServer::start().await;
    let office = Office::open(&server).await;
    let (mut filed, officer) = office.examined(ProcedureKey::EnforcementDecision).await;
    let id = filed.view["id"].as_str().unwrap().to_owned();
    let items = json!({ "items": [{ "field": "/applicant/phone", "reason": "incomplete_field" }] });
    filed.view = officer.act(&filed.view, "supplement-requests", &items).await.expect(200);
    server.move_to("2026-11-25T09:00:00+07:00");
    let item = json!({ "item": filed.view["supplements"][0]["items"][0]["id"], "value": "0912345678" });
    let items = json!({ "items": [item] });
    filed.view = filed.applicant.act(&filed.view, "supplements", &items).await.expect(200);

    // At the desk a withdrawal can be looked at as paper where it leaves one: not before it was received.
    let mut counter = signed_in(&server, office.person("one_window_officer")).await;
    let waiting = office.filed(ProcedureKey::EnforcementDecision).await;
    let shown = "Xem trước văn bản<span class=\"seen-not\"> Rút hồ sơ";
    for (dossier, leaves) in [(&waiting.view, false), (&filed.view, true)] {
        counter.open(&format!("/desk/ho-so/{}", dossier["id"].as_str().unwrap())).await;
        assert!(counter.page.contains("Rút hồ sơ"));
        assert_eq!(counter.page.contains(shown), leaves, "{}", dossier["state"]);
    }

    // The time counts again, so there is another appointment.
    let all = papers(&filed.applicant, &id).await;
    assert_eq!(kinds(&all), ["filed_copy", "receipt", "supplement_request", "receipt"]);
    let standing = |paper: &Value| (paper["replaced"] == json!(true), paper["spent"] == json!(true));
    let all_of = |papers: &[Value]| papers.iter().map(standing).collect::<Vec<_>>();
    assert_eq!(all_of(&all), [(false, false), (true, true), (false, true), (false, false)]);
    let due: chrono::NaiveDate = filed.view["clock"]["due_on"].as_str().unwrap().parse().unwrap();
    let said = text(&file(&filed.applicant, &all[3]).await);
    for told in [due.format("%d/%m/%Y").to_string(), "09 giờ 00 phút, ngày 25/11/2026".to_owned()] {
        assert!(said.contains(&told), "{told}: {said}");
    }

    let why = json!({ "reason": "Hai bên đã thỏa thuận." });
    filed.applicant.act(&filed.view, "withdrawal", &why).await.expect(200);
    let all = papers(&filed.applicant, &id).await;
    assert_eq!(kinds(&all)[4..], ["stop_notice"]);
    assert_eq!(
        all_of(&all[3..]),
        [(false, true), (false, false)],
        "the appointment is over, the notice stands"
    );
    let said = text(&file(&filed.applicant, &all[4]).await);
    for told in ["Người nộp đề nghị rút hồ sơ", "Ngày đề nghị dừng: 25/11/2026", "Hai bên đã thỏa thuận"]
    {
        assert!(said.contains(told), "{told}: {said}");
    }
    let mut anybody = Browser::new(&server);
    anybody.open(&format!("/xac-thuc/{}", all[3]["check_code"].as_str().unwrap())).await;
    anybody.sees("không còn hiệu lực");
    server.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_refusal_rests_on_the_law_of_its_reasons_and_a_relief_is_the_partys() {
    let server = TestServer::start().await;
    let office = Office::open(&server).await;
    let key = ProcedureKey::EnforcementDecision;
    let (mut filed, officer) = office.examined(key).await;
    let rules = definition_on(key, server.now().date_naive()).version;
    let no_power = rules
        .reasons
        .iter()
        .find(|reason| reason.advice.is_some() && reason.used_for.as_str() == "rejection");
    let reason = no_power.expect("a reason with advice");
    let ruling = json!({ "outcome": "refusal", "reasons": [reason.key], "explanation": "Kết quả xác minh cho thấy như vậy." });
    office.decide(&mut filed, &officer, &ruling).await;
    let all = papers(&filed.applicant, filed.view["id"].as_str().unwrap()).await;
    let said = text(&file(&filed.applicant, all.last().unwrap()).await);
    let law = rules.bases(&reason.basis);
    let cited = law.first().unwrap().in_words(Language::Vi);
    for told in [cited.as_str(), reason.advice.as_ref().unwrap().say(Language::Vi).trim_end_matches('.')] {
        assert!(said.contains(told), "{told}: {said}");
    }

    let key = ProcedureKey::CoercionCostRelief;
    let mut body = filing(key, office.agency, &answers(key, &office.matter().await));
    body["answers"]["representation"]["principal_name"] = json!("Lê Văn Thành");
    let view = server.anonymous().create("/api/v1/dossiers", &body).await.expect(201);
    let applicant = server.anonymous().with("tracking-key", view["tracking_key"].as_str().unwrap());
    let mut filed = Filed { view, applicant };
    let officer = office.bring_to_examination(&mut filed).await;
    let ruling = office.grant(key).await;
    office.decide(&mut filed, &officer, &ruling).await;
    let all = papers(&filed.applicant, filed.view["id"].as_str().unwrap()).await;
    let said = text(&file(&filed.applicant, all.last().unwrap()).await);
    assert!(
        said.contains("chi phí cưỡng chế thi hành án cho Lê Văn Thành, số định danh cá nhân 077079005678"),
        "{said}"
    );
    server.close().await;
}

/// As another program reads it.
pub fn text(pdf: &[u8]) -> String {
    read(pdf, &["-", "-"])
}

/// The same row by row, as it lies on the sheet.
pub fn rows(pdf: &[u8]) -> String {
    read(pdf, &["-layout", "-", "-"])
}

fn read(pdf: &[u8], how: &[&str]) -> String {
    use std::io::Write as _;
    use std::process::{Command, Stdio};
    let mut child = Command::new("pdftotext")
        .args(how)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("pdftotext: .ci/readers installs it");
    child.stdin.take().unwrap().write_all(pdf).unwrap();
    let text = String::from_utf8(child.wait_with_output().unwrap().stdout).unwrap();
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}
