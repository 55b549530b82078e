//! Real `motcua` processes: started, killed, started again; and callers who do not give up.
//!
//! The clock is the real one here. A caller asks at whichever address there is now, under the same
//! key, until there is an answer, as the client of a portal does.

use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use motcua::domain::procedure::ProcedureKey;
use secrecy::SecretString;
use serde_json::{Value, json};
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::{Child, Command};
use uuid::Uuid;

use super::database::TestDatabase;
use super::office::{PASSWORD, example, filing};

/// One database, one folder for papers and mail, and as many processes on them as a test wants.
pub struct Premises {
    pub database: TestDatabase,
    pub folder: PathBuf,
}

impl Premises {
    pub async fn prepare() -> Self {
        let _ = rustls::crypto::ring::default_provider().install_default();
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("offices").join(Uuid::now_v7().to_string());
        Self { database: super::server::demonstration_database().await, folder }
    }

    fn command(&self, words: &[&str], settings: &[(&str, &str)]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_motcua"));
        command
            .args(words)
            .env("DATABASE_URL", &self.database.url)
            .env("MOTCUA_DATA_DIR", &self.folder)
            .env("MOTCUA_HTTP_ADDR", "127.0.0.1:0")
            .env("MOTCUA_PUBLIC_URL", "http://office.example")
            .env("MOTCUA_DB_POOL_SIZE", "6")
            .env("MOTCUA_RATE_LIMIT_PER_MINUTE", "1000000")
            // Read by the test itself; a program that does not know a setting refuses to start.
            .env_remove("MOTCUA_CRASH_RUNS")
            .env_remove("MOTCUA_CRASH_SEED")
            .env_remove("MOTCUA_TEST_DATABASE_URL")
            .envs(settings.iter().copied());
        command
    }

    /// A process that has said it is ready.
    pub async fn start(&self, word: &str, settings: &[(&str, &str)]) -> Program {
        let mut child = self
            .command(&[word], settings)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(child.stderr.take().unwrap()).lines();
        let said = Arc::new(Mutex::new(Vec::new()));
        loop {
            let Some(line) = lines.next_line().await.unwrap() else {
                panic!("`motcua {word}` ended before it was ready: {:#?}", said.lock().unwrap());
            };
            let address = line.strip_prefix("Serving ").or_else(|| line.strip_prefix("Working, "));
            if let Some(address) = address {
                let keeps = Arc::clone(&said);
                tokio::spawn(async move {
                    while let Ok(Some(line)) = lines.next_line().await {
                        keeps.lock().unwrap().push(line);
                    }
                });
                return Program { base: address.to_owned(), child, said };
            }
            said.lock().unwrap().push(line);
        }
    }

    /// Runs a command to its end, which must be a good one.
    pub async fn proves(&self, words: &[&str]) {
        let output = self.command(words, &[]).output().await.unwrap();
        let said = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(0), "{words:?}: {said}");
    }

    pub async fn client(&self) -> tokio_postgres::Client {
        let (client, connection) =
            tokio_postgres::connect(&self.database.url, tokio_postgres::NoTls).await.unwrap();
        tokio::spawn(connection);
        client
    }
}

/// A running process; killed when a test fails.
pub struct Program {
    pub base: String,
    child: Child,
    said: Arc<Mutex<Vec<String>>>,
}

impl Program {
    /// `kill -9`, and waits until it is gone. Nothing it said before may have been an error.
    pub async fn kill(mut self) {
        self.child.kill().await.unwrap();
        let said = self.said.lock().unwrap();
        let bad: Vec<_> =
            said.iter().filter(|line| line.contains("ERROR") || line.contains("panicked")).collect();
        assert!(bad.is_empty(), "{bad:#?}");
    }
}

/// Where the office can be reached now.
pub type Doors = Arc<Mutex<Vec<String>>>;

/// Somebody who asks until there is an answer.
#[derive(Clone)]
pub struct Caller {
    http: reqwest::Client,
    doors: Doors,
    /// Which door is tried first.
    turn: usize,
    token: Option<String>,
}

impl Caller {
    pub fn new(doors: &Doors, turn: usize) -> Self {
        let http = reqwest::Client::builder().timeout(Duration::from_secs(20)).build().unwrap();
        Self { http, doors: Arc::clone(doors), turn, token: None }
    }

    /// Begins at the next door from now on.
    pub fn next_door(&mut self) {
        self.turn = self.turn.wrapping_add(1);
    }

    /// Asks once; nothing when the office is away or went away meanwhile.
    async fn try_once(&self, path: &str, body: &Value, extra: &[(&str, &str)]) -> Option<(u16, Value)> {
        let base = {
            let doors = self.doors.lock().unwrap();
            doors.get(self.turn % doors.len().max(1))?.clone()
        };
        let mut request = self
            .http
            .post(format!("{base}{path}"))
            .header("content-type", "application/json")
            .body(body.to_string());
        if let Some(token) = &self.token {
            request = request.header("authorization", format!("Bearer {token}"));
        }
        for (name, value) in extra {
            request = request.header(*name, *value);
        }
        let response = request.send().await.ok()?;
        let status = response.status().as_u16();
        let bytes = response.bytes().await.ok()?;
        // "Not now": the database was away for a moment.
        if status == 503 {
            return None;
        }
        Some((status, serde_json::from_slice(&bytes).ok()?))
    }

    /// Asks under this key until there is an answer.
    pub async fn ask(&mut self, path: &str, body: &Value, extra: &[(&str, &str)]) -> (u16, Value) {
        let since = Instant::now();
        loop {
            if let Some(answer) = self.try_once(path, body, extra).await {
                return answer;
            }
            assert!(since.elapsed() < Duration::from_secs(60), "{path}: no answer for a minute");
            self.next_door();
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    }
}

/// What a load of filings needs to know of the demonstration office.
#[derive(Clone)]
pub struct Desk {
    pub agency: Uuid,
    pub counter: Caller,
    pub citizen: Caller,
}

impl Desk {
    /// Signs the counter in; the session lives in the database and so outlives any process.
    pub async fn open(premises: &Premises, doors: &Doors) -> Self {
        let client = premises.client().await;
        let row = client
            .query_one(
                "SELECT m.agency_id, a.login, a.totp_secret FROM memberships m JOIN accounts a ON a.id = m.account_id \
                 WHERE m.role = 'one_window_officer' AND m.until IS NULL AND a.totp_secret IS NOT NULL AND m.agency_id = \
                 (SELECT agency_id FROM matters GROUP BY agency_id ORDER BY count(*) DESC LIMIT 1) ORDER BY a.login LIMIT 1",
                &[],
            )
            .await
            .unwrap();
        let secret = SecretString::from(row.get::<_, String>(2));
        let code = motcua::app::sessions::code_at(&secret, chrono::Utc::now()).unwrap();
        let mut counter = Caller::new(doors, 0);
        let sign_in = json!({ "user_name": row.get::<_, String>(1), "password": PASSWORD, "code": code });
        let (status, session) = counter.ask("/api/v1/staff-sessions", &sign_in, &[]).await;
        assert_eq!(status, 201, "{session:#}");
        counter.token = Some(session["token"].as_str().unwrap().to_owned());
        Self { agency: row.get(0), counter, citizen: Caller::new(doors, 0) }
    }

    /// The same desk, for the next caller: every second one begins at another door.
    #[must_use]
    pub fn for_caller(&self, turn: usize) -> Self {
        let mut desk = self.clone();
        desk.citizen.turn = turn;
        desk.counter.turn = turn.wrapping_add(1);
        desk
    }

    /// Files a request to enforce, without an account.
    pub async fn file(&mut self, key: &str) -> Value {
        let wanted = ProcedureKey::EnforcementDecision;
        let body = filing(wanted, self.agency, &example(wanted));
        let (status, view) = self.citizen.ask("/api/v1/dossiers", &body, &[("idempotency-key", key)]).await;
        assert_eq!(status, 201, "{view:#}");
        view
    }

    /// Receives it at the counter.
    pub async fn receive(&mut self, filed: &Value, key: &str) -> Value {
        let path = format!("/api/v1/dossiers/{}/receipt", filed["id"].as_str().unwrap());
        let version = format!("\"{}\"", filed["version"]);
        let extra = [("idempotency-key", key), ("if-match", version.as_str())];
        let (status, view) = self.counter.ask(&path, &json!({}), &extra).await;
        assert_eq!(status, 200, "{view:#}");
        view
    }
}

/// What was acknowledged to a caller.
pub struct Acknowledged {
    pub key: String,
    pub id: Uuid,
    pub code: Option<String>,
}

/// What makes a dossier filed since `$1` a half-made one, as one statement and so of one moment.
const HALF_MADE: &str = "SELECT d.reference FROM dossiers d WHERE d.created_at >= $1 AND ( \
     d.state = 'draft' OR d.next_step IS NULL OR d.next_due_at IS NULL \
     OR d.version <> (SELECT max(e.version) FROM dossier_events e WHERE e.dossier_id = d.id) \
     OR (SELECT count(DISTINCT e.version) FROM dossier_events e WHERE e.dossier_id = d.id) <> coalesce((SELECT h.seq FROM audit_heads h WHERE h.chain = 'dossier:' || d.id), 0) \
     OR (SELECT max(a.seq) FROM audit_entries a WHERE a.chain = 'dossier:' || d.id) IS DISTINCT FROM (SELECT h.seq FROM audit_heads h WHERE h.chain = 'dossier:' || d.id) \
     OR NOT EXISTS (SELECT 1 FROM messages m JOIN jobs j ON j.payload ->> 'message' = m.id::text WHERE m.dossier_id = d.id) \
     OR NOT EXISTS (SELECT 1 FROM idempotency_keys k WHERE k.answer ->> 'id' = d.id::text))";

/// Nothing filed since then is half-made.
pub async fn nothing_half_made(client: &tokio_postgres::Client, since: chrono::DateTime<chrono::Utc>) {
    let found: Vec<String> =
        client.query(HALF_MADE, &[&since]).await.unwrap().iter().map(|row| row.get(0)).collect();
    assert!(found.is_empty(), "half-made: {found:?}");
}

/// What was acknowledged is there once, nothing else is, and every serial was given once.
pub async fn everything_once(
    client: &tokio_postgres::Client,
    since: chrono::DateTime<chrono::Utc>,
    all: &[Acknowledged],
) {
    let rows = client.query("SELECT id, code FROM dossiers WHERE created_at >= $1", &[&since]).await.unwrap();
    let mut there: Vec<(Uuid, Option<String>)> = rows.iter().map(|row| (row.get(0), row.get(1))).collect();
    let mut told: Vec<(Uuid, Option<String>)> = all.iter().map(|each| (each.id, each.code.clone())).collect();
    there.sort();
    told.sort();
    assert_eq!(there, told, "each acknowledged submission, once, with its code, and no other");
    for each in all {
        let answered: String = client
            .query_one("SELECT answer ->> 'id' FROM idempotency_keys WHERE key = $1", &[&each.key])
            .await
            .unwrap()
            .get(0);
        assert_eq!(answered, each.id.to_string());
    }
    let gaps = "SELECT unit_id, day, last, c.n, c.most FROM code_counters JOIN ( \
             SELECT split_part(code, '-', 1) AS unit, split_part(code, '-', 2) AS day_of_code, count(DISTINCT code) AS n, max(split_part(code, '-', 3)::bigint) AS most \
             FROM dossiers WHERE code IS NOT NULL GROUP BY 1, 2) c \
         ON c.day_of_code = to_char(day, 'YYMMDD') AND c.unit = (SELECT identifier FROM units WHERE id = unit_id) \
         WHERE c.n <> last OR c.most <> last";
    assert!(client.query(gaps, &[]).await.unwrap().is_empty(), "codes have a gap");
    let books = client
        .query(
            "SELECT count(*), count(DISTINCT body ->> 'book_serial'), max((body ->> 'book_serial')::bigint) - min((body ->> 'book_serial')::bigint) + 1 \
             FROM dossiers WHERE created_at >= $1 AND code IS NOT NULL",
            &[&since],
        )
        .await
        .unwrap();
    let (count, different, span): (i64, i64, Option<i64>) =
        (books[0].get(0), books[0].get(1), books[0].get(2));
    assert_eq!((count, count), (different, span.unwrap_or(0)), "numbers in the book have a gap");
}

/// Every job has run to its end, and every letter has left. Files of papers are made when there is time, or
/// when somebody asks.
pub async fn all_work_done(client: &tokio_postgres::Client) {
    super::one_agency::eventually(async || {
        let row = client
            .query_one(
                "SELECT count(*) FROM jobs WHERE finished_at IS NULL AND dead_at IS NULL AND available_at <= now() AND kind <> 'make_paper'",
                &[],
            )
            .await
            .unwrap();
        (row.get::<_, i64>(0) == 0).then_some(())
    })
    .await;
    let row = client
        .query_one(
            "SELECT (SELECT count(*) FROM jobs WHERE finished_at IS NULL AND (kind <> 'make_paper' OR dead_at IS NOT NULL)), (SELECT count(*) FROM messages WHERE state <> 'sent')",
            &[],
        )
        .await
        .unwrap();
    assert_eq!((row.get::<_, i64>(0), row.get::<_, i64>(1)), (0, 0), "jobs or letters are left");
}

/// Time passes: what killed processes had in hand becomes free, as it does after five minutes.
pub async fn leases_run_out(client: &tokio_postgres::Client) {
    client.execute("UPDATE jobs SET leased_until = now() WHERE leased_until > now()", &[]).await.unwrap();
}
