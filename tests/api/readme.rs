//! The README does what it says: its shell lines walk a whole enforcement decision against a real
//! server, and its commands open an office that staff can work in.

use std::path::Path;
use std::process::{Output, Stdio};

use motcua::domain::procedure::ProcedureKey;
use serde_json::json;
use tokio::process::Command;

use crate::support::office::{example, filing};
use crate::support::server::TestServer;

const README: &str = include_str!("../../README.md");

/// The fenced blocks in one language, in order.
fn blocks(language: &str) -> String {
    let fence = format!("```{language}\n");
    let found: Vec<&str> =
        README.split(&fence).skip(1).map(|rest| rest.split("```").next().unwrap()).collect();
    assert!(!found.is_empty(), "the README has no {language} block");
    found.join("\n")
}

fn program() -> &'static Path {
    Path::new(env!("CARGO_BIN_EXE_motcua"))
}

/// Runs to the end; what it printed. Shows everything when it fails.
async fn output(command: &mut Command) -> String {
    let Output { status, stdout, stderr } = command.stdin(Stdio::null()).output().await.unwrap();
    let (stdout, stderr) =
        (String::from_utf8(stdout).unwrap(), String::from_utf8_lossy(&stderr).into_owned());
    assert!(status.success(), "{status}\n{stdout}\n{stderr}");
    stdout
}

#[test]
fn the_first_command_lines_are_the_two_commands() {
    let first = README.split("```").nth(1).unwrap();
    assert_eq!(first.trim(), "make dev\nmake test");
}

#[test]
fn every_file_the_readme_links_to_is_there() {
    for link in README.split("](").skip(1).map(|rest| rest.split(')').next().unwrap()) {
        assert!(
            link.starts_with("http") || Path::new(env!("CARGO_MANIFEST_DIR")).join(link).exists(),
            "{link}"
        );
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_lines_of_the_readme_walk_an_enforcement_decision_to_the_end() {
    // On the clock of the machine: `motcua staff code` knows no other.
    let server = TestServer::builder().at(&chrono::Utc::now().to_rfc3339()).start().await;
    let lines = blocks("sh");
    assert!(lines.contains("API=http://127.0.0.1:8080/"));
    let folder = program().parent().unwrap().display().to_string();
    let script = format!(
        "set -euo pipefail\n{}",
        lines.replace("http://127.0.0.1:8080", &server.base()).replace("$PWD/target/debug", &folder)
    );
    let printed = output(Command::new("bash").arg("-c").arg(&script)).await;
    let said: Vec<&str> = printed.lines().collect();
    assert_eq!(said.first(), Some(&"Đã nộp, chờ tiếp nhận"), "{printed}");
    assert!(said[1].starts_with("000.04.15.G15-"), "{printed}");
    assert_eq!(said[said.len() - 2], "returned", "{printed}");
    let client = server.client().await;
    let row = client
        .query_one(
            "SELECT count(*) FILTER (WHERE d.state = 'returned' AND m.decision_number = $1) FROM dossiers d JOIN matters m ON m.id = d.matter_id",
            &[said.last().unwrap()],
        )
        .await
        .unwrap();
    assert_eq!(row.get::<_, i64>(0), 1, "{printed}");
    server.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_commands_of_the_readme_open_an_office() {
    let server = TestServer::builder().at(&chrono::Utc::now().to_rfc3339()).start().await;
    let client = server.client().await;
    let folder = program().parent().unwrap().display().to_string();
    let script = format!("set -euo pipefail\nPATH=\"{folder}:$PATH\"\n{}", blocks("console"));
    let mut shell = Command::new("bash");
    shell.arg("-c").arg(&script).env("DATABASE_URL", &server.database.url).env("MOTCUA_LOG", "error");
    let listed = output(&mut shell).await;
    assert!(listed.contains("Phòng Nghiệp vụ và Tổ chức thi hành án"), "{listed}");
    let row = client
        .query_one("SELECT u.id::text, a.id FROM units u JOIN agencies a ON a.id = u.agency_id WHERE a.key = 'thads-lam-dong' AND u.kind = 'one_window'", &[])
        .await
        .unwrap();
    let unit: String = row.get(0);
    let staff = |words: &[&str]| {
        let mut command = Command::new(program());
        command.arg("staff").args(words).env("DATABASE_URL", &server.database.url).env("MOTCUA_LOG", "error");
        command
    };
    assert!(output(&mut staff(&["units"])).await.contains(&unit));
    let add = [
        "add",
        "--username",
        "lan.nguyen",
        "--name",
        "Nguyễn Thị Ngọc Lan",
        "--unit",
        unit.as_str(),
        "--role",
        "one_window_officer",
    ];
    let first = output(&mut staff(&add)).await;
    let told = |what: &str| first.lines().find_map(|line| line.strip_prefix(what)).unwrap().trim().to_owned();
    let code = output(&mut staff(&["code", &told("secret")])).await;
    let anonymous = server.anonymous();
    let body = json!({ "user_name": "lan.nguyen", "password": told("password"), "code": code.trim() });
    let session = anonymous.post("/api/v1/staff-sessions", &body).await.expect(201);
    let counter = anonymous.bearer(session["token"].as_str().unwrap());
    let body =
        filing(ProcedureKey::EnforcementDecision, row.get(1), &example(ProcedureKey::EnforcementDecision));
    // The running server has not looked for new rules since; it does now.
    let filed = anonymous.create("/api/v1/dossiers", &body).await.expect(201);
    let received = counter.act(&filed, "receipt", &json!({})).await.expect(200);
    assert!(received["code"].as_str().unwrap().starts_with("000.06.15.G15-"));
    server.close().await;
}
