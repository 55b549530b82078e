//! Schemathesis against the served contract, with all checks: no 5xx, no answer outside the contract.

use std::path::Path;
use std::process::Stdio;

use serde_json::json;
use tokio::process::Command;

use motcua::app::seed::PASSWORD;

use crate::support::office::Office;
use crate::support::python::python;
use crate::support::server::TestServer;

/// Cases per operation and phase; enough to reach every operation, few enough for each run of CI.
const CASES: &str = "12";

async fn fuzz(server: &TestServer, who: &str, header: Option<String>) {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut command = Command::new(python().with_file_name("schemathesis"));
    command
        .arg("--config-file")
        .arg(root.join("tests/schemathesis.toml"))
        .arg("run")
        .arg(format!("{}/api/openapi.json", server.base()))
        .args(["--url", &server.base(), "--checks", "all", "--max-examples", CASES])
        .args([
            "--generation-deterministic",
            "--generation-allow-x00",
            "false",
            "--workers",
            "1",
            "--no-color",
        ])
        // The stateful phase follows answers and so differs from run to run: no gate for CI.
        .args(["--phases", "examples,coverage,fuzzing", "--max-redirects", "0", "--request-timeout", "60"])
        .current_dir(env!("CARGO_TARGET_TMPDIR"))
        .stdin(Stdio::null());
    if let Some(header) = header {
        command.args(["--header", &header]);
    }
    let output = command.output().await.unwrap();
    let text = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "as {who}:\n{text}\n{}", String::from_utf8_lossy(&output.stderr));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_answer_leaves_the_contract_as_leader() {
    let server = TestServer::start().await;
    let office = Office::open(&server).await;
    // Signs in apart from the cache, for the raw token.
    let leader = office.person("leader");
    let code = motcua::app::sessions::code_at(&motcua::app::seed::TOTP_SECRET.into(), server.now()).unwrap();
    let body = json!({ "user_name": leader.login, "password": PASSWORD, "code": code });
    let session = server.anonymous().post("/api/v1/staff-sessions", &body).await.expect(201);
    fuzz(&server, "leader", Some(format!("Authorization: Bearer {}", session["token"].as_str().unwrap())))
        .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_answer_leaves_the_contract_as_citizen() {
    let server = TestServer::start().await;
    let body = json!({ "email": "thuha@example.vn", "password": PASSWORD });
    let session = server.anonymous().post("/api/v1/sessions", &body).await.expect(201);
    fuzz(&server, "citizen", Some(format!("Authorization: Bearer {}", session["token"].as_str().unwrap())))
        .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_answer_leaves_the_contract_as_nobody() {
    let server = TestServer::start().await;
    fuzz(&server, "nobody", None).await;
}
