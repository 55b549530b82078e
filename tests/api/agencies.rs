//! Agencies opened, changed and closed from the command line while a server runs.

use std::process::Stdio;

use motcua::domain::procedure::ProcedureKey;
use serde_json::{Value, json};
use tokio::process::Command;

use crate::support::office::{Office, example, filing};
use crate::support::one_agency::eventually;
use crate::support::server::TestServer;

/// Exit code, answer, and what else was said.
async fn agency(server: &TestServer, words: &[&str]) -> (i32, String, String) {
    let output = Command::new(env!("CARGO_BIN_EXE_motcua"))
        .arg("agency")
        .args(words)
        .env("DATABASE_URL", &server.database.url)
        .env("MOTCUA_LOG", "error")
        .stdin(Stdio::null())
        .output()
        .await
        .unwrap();
    (
        output.status.code().unwrap(),
        String::from_utf8(output.stdout).unwrap(),
        String::from_utf8(output.stderr).unwrap(),
    )
}

async fn listed(server: &TestServer, key: &str) -> Value {
    let all = server.anonymous().get("/api/v1/agencies").await.expect(200);
    all.as_array().unwrap().iter().find(|one| one["key"] == key).cloned().unwrap_or(Value::Null)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_agency_is_opened_changed_and_closed_while_the_server_runs() {
    let server = TestServer::builder().at(&chrono::Utc::now().to_rfc3339()).start().await;
    let office = Office::open(&server).await;
    let add = [
        "add",
        "thads-dak-lak",
        "--identifier",
        "000.07.15.G15",
        "--name",
        "Thi hành án dân sự tỉnh Đắk Lắk",
        "--address",
        "5 Lê Duẩn, Buôn Ma Thuột",
        "--superior",
        "thads-tp-ho-chi-minh",
    ];
    let (code, id, said) = agency(&server, &add).await;
    assert_eq!(code, 0, "{said}");
    let id: uuid::Uuid = id.trim().parse().unwrap();
    // A filing with the new agency does not wait for the next look at the rules.
    let key = ProcedureKey::EnforcementDecision;
    let body = filing(key, id, &example(key));
    let filed = server.anonymous().create("/api/v1/dossiers", &body).await.expect(201);
    assert_eq!(filed["agency"]["id"], json!(id));

    // What is wrong is told, and nothing is kept.
    let (code, _, said) = agency(&server, &add).await;
    assert!(code == 1 && said.contains("/key"), "{said}");
    let bad = ["add", "X", "--identifier", "x", "--hours", "09:00-08:00,13:00-17:00", "--superior", "nobody"];
    let (code, _, said) = agency(&server, &bad).await;
    assert_eq!(code, 1);
    for pointer in ["/key", "/identifier", "/name", "/address", "/hours", "/superior"] {
        assert!(said.contains(pointer), "{pointer} is not in {said}");
    }

    // A changed one is seen without a restart.
    let change =
        ["change", "thads-dak-lak", "--hours", "07:00-11:30,13:30-17:00", "--phone", "0262 300 0007"];
    assert_eq!(agency(&server, &change).await.0, 0);
    let seen = eventually(async || {
        let seen = listed(&server, "thads-dak-lak").await;
        (seen["phone"] == "0262 300 0007").then_some(seen)
    })
    .await;
    assert_eq!(seen["hours"]["opens"], 420);

    // Closed: what is open there is the successor's, new filings go elsewhere.
    let today = server.now().date_naive();
    server
        .client()
        .await
        .execute("UPDATE agencies SET since = $2 WHERE id = $1", &[&id, &(today - chrono::Days::new(9))])
        .await
        .unwrap();
    let on = (today - chrono::Days::new(1)).to_string();
    let close = ["close", "thads-dak-lak", "--successor", "thads-tp-ho-chi-minh", "--on", &on];
    let (code, _, said) = agency(&server, &close).await;
    assert_eq!(code, 0, "{said}");
    eventually(async || (!listed(&server, "thads-dak-lak").await["until"].is_null()).then_some(())).await;
    server.anonymous().create("/api/v1/dossiers", &body).await.problem(422, "fields_invalid");
    office.counter().await.read(&filed).await.expect(200);
    let row = server
        .client()
        .await
        .query_one("SELECT count(*) FROM audit_entries WHERE chain = $1", &[&format!("administration:{id}")])
        .await
        .unwrap();
    assert_eq!(row.get::<_, i64>(0), 3, "added, changed, closed");
    server.close().await;
}
