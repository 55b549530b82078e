//! Letters leave for a real mail server over SMTP with STARTTLS, from a real worker process.
//! A server that is away or busy delays a letter and nothing else.

use std::path::PathBuf;
use std::process::Stdio;
use std::time::Duration;

use motcua::app::letters::{Delivery, messages};
use serde_json::Value;
use tokio::io::{AsyncBufReadExt, BufReader, Lines};
use tokio::process::{Child, ChildStdout, Command};
use tokio::time::timeout;

use crate::support::one_agency::{OneAgency, eventually, one};
use crate::support::python::python;

struct MailServer {
    _process: Child,
    lines: Lines<BufReader<ChildStdout>>,
    port: u16,
}

impl MailServer {
    async fn start(port: u16, tls: &[PathBuf]) -> Self {
        let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/smtp_server.py");
        let python = tokio::task::spawn_blocking(python).await.unwrap();
        let mut process = Command::new(python)
            .arg(script)
            .arg(port.to_string())
            .args(tls)
            .stdout(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(process.stdout.take().unwrap()).lines();
        let ready: Value = serde_json::from_str(&lines.next_line().await.unwrap().unwrap()).unwrap();
        let port = u16::try_from(ready["ready"].as_u64().unwrap()).unwrap();
        Self { _process: process, lines, port }
    }

    async fn message(&mut self) -> Value {
        let line = timeout(Duration::from_secs(30), self.lines.next_line())
            .await
            .expect("a message in time")
            .unwrap()
            .unwrap();
        serde_json::from_str(&line).unwrap()
    }
}

/// A certificate for localhost, signed by itself: the file to trust it by, and its key.
fn certificate(name: &str) -> [PathBuf; 2] {
    let made = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
    let folder = std::env::temp_dir().join(format!("motcua-tls-{name}-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    let paths = [folder.join("cert.pem"), folder.join("key.pem")];
    std::fs::write(&paths[0], made.cert.pem()).unwrap();
    std::fs::write(&paths[1], made.signing_key.serialize_pem()).unwrap();
    paths
}

fn worker(office: &OneAgency, mail_url: &str, trusted: Option<&PathBuf>) -> Child {
    let data = std::env::temp_dir().join(format!("motcua-mail-worker-{}", std::process::id()));
    let mut command = Command::new(env!("CARGO_BIN_EXE_motcua"));
    command
        .arg("worker")
        .env("DATABASE_URL", &office.url)
        .env("MOTCUA_DATA_DIR", data)
        .env("MOTCUA_MAIL_URL", mail_url);
    command.env("MOTCUA_MAIL_FROM", "Một cửa Đồng Nai <no-reply@thads.example>");
    if let Some(trusted) = trusted {
        command.env("SSL_CERT_FILE", trusted);
    }
    command.kill_on_drop(true).spawn().unwrap()
}

fn header<'a>(message: &'a Value, name: &str) -> &'a str {
    let data = message["data"].as_str().unwrap();
    data.lines()
        .find_map(|line| line.strip_prefix(name))
        .unwrap_or_else(|| panic!("{name} is not in\n{data}"))
}

#[tokio::test(flavor = "multi_thread")]
async fn a_letter_goes_out_encrypted_and_again_when_the_server_was_busy() {
    let office = OneAgency::open_now().await;
    let tls = certificate("letter");
    let mut server = MailServer::start(0, &tls).await;
    let (dossier, holder) = office.files("hong@example.vn", true).await;
    let _worker = worker(&office, &format!("smtp://localhost:{}?tls=required", server.port), Some(&tls[0]));

    let first = server.message().await;
    let second = server.message().await;
    assert_eq!((first["tls"].as_bool(), first["to"][0].as_str()), (Some(true), Some("hong@example.vn")));
    assert!(first["answer"].as_str().unwrap().starts_with("451"), "{first}");
    assert!(second["answer"].as_str().unwrap().starts_with("250"), "{second}");
    let message = eventually(async || {
        messages(&holder, dossier.id).await.unwrap().pop().filter(|one| one.state == Delivery::Sent)
    })
    .await;
    assert_eq!(message.attempts, 2);
    assert_eq!(header(&first, "Message-ID: "), format!("<{}@thads.example>", message.id));
    assert_eq!(header(&first, "Message-ID: "), header(&second, "Message-ID: "));
    assert_eq!(header(&second, "Auto-Submitted: "), "auto-generated");
    // Seven-bit on the wire, Vietnamese to the reader.
    assert!(header(&second, "Subject: ").starts_with("=?utf-8?"));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_address_the_server_does_not_know_is_given_up_and_seen_by_staff_alone() {
    let office = OneAgency::open_now().await;
    let server = MailServer::start(0, &[]).await;
    let (dossier, holder) = office.files("nobody@example.vn", true).await;
    let _worker = worker(&office, &format!("smtp://127.0.0.1:{}", server.port), None);
    let failed = eventually(async || {
        messages(&holder, dossier.id).await.unwrap().pop().filter(|one| one.state == Delivery::Failed)
    })
    .await;
    assert_eq!((failed.attempts, failed.last_error), (1, None));
    let counter =
        office.staff(motcua::domain::policy::Role::OneWindowOfficer, crate::support::one_agency::AGENCY);
    let seen = messages(&counter, dossier.id).await.unwrap();
    assert!(seen[0].last_error.as_ref().unwrap().contains("no such mailbox"), "{seen:?}");
    // The job's own error names nobody.
    let said: String = eventually(async || {
        one(&office.url, "SELECT last_error FROM jobs WHERE kind = 'send_mail' AND dead_at IS NOT NULL").await
    })
    .await;
    assert!(!said.contains('@'), "{said}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_is_away_holds_nothing_up() {
    let office = OneAgency::open_now().await;
    let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let _worker = worker(&office, &format!("smtp://127.0.0.1:{port}"), None);
    let (dossier, holder) = office.files("hong@example.vn", true).await;
    let waiting = eventually(async || {
        messages(&holder, dossier.id).await.unwrap().pop().filter(|one| one.attempts == 1)
    })
    .await;
    assert_eq!(waiting.state, Delivery::Queued);
    let mut server = MailServer::start(port, &[]).await;
    // The server's first answer is "busy", so it takes two more tries.
    server.message().await;
    server.message().await;
    eventually(async || {
        messages(&holder, dossier.id).await.unwrap().pop().filter(|one| one.state == Delivery::Sent)
    })
    .await;
}
