//! Papers the office makes: each act leaves its own, made once, for those who may see it, and checked by
//! anyone who holds one.

use motcua::domain::procedure::ProcedureKey;
use serde_json::{Value, json};

use crate::support::client::Client;
use crate::support::office::Office;
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
