//! A real server on a free port, with its own database, files, mail folder and movable clock.
//! When it is closed, no job may have failed, every chain must verify, and nothing may be in limbo.

use std::collections::HashMap;
use std::net::TcpListener;
use std::path::PathBuf;
use std::sync::Mutex;

use chrono::{DateTime, FixedOffset, NaiveDate, Utc};
use motcua::app::{App, Clock};
use motcua::config::Config;

use super::client::Client;
use super::counter::Statements;
use super::database::TestDatabase;

pub struct TestServer {
    server: motcua::Server,
    clock: Clock,
    pub database: TestDatabase,
    folder: PathBuf,
    /// Who has signed in on which day.
    pub sessions: Mutex<HashMap<(String, NaiveDate), Client>>,
}

/// How a server is to be set up.
pub struct Builder {
    at: DateTime<Utc>,
    settings: Vec<(String, String)>,
    statements: Option<Statements>,
}

impl TestServer {
    /// A working Monday morning, under the rules in force since 01/07/2026.
    pub fn builder() -> Builder {
        Builder { at: "2026-11-23T02:00:00Z".parse().unwrap(), settings: Vec::new(), statements: None }
    }

    pub async fn start() -> Self {
        Self::builder().start().await
    }

    pub fn app(&self) -> &App {
        self.server.app()
    }

    pub fn base(&self) -> String {
        format!("http://{}", self.server.addr())
    }

    /// A caller nobody knows.
    pub fn anonymous(&self) -> Client {
        Client::new(&self.base())
    }

    pub fn now(&self) -> DateTime<Utc> {
        self.clock.now()
    }

    pub fn move_to(&self, at: &str) {
        self.clock.move_to(at.parse::<DateTime<FixedOffset>>().unwrap().with_timezone(&Utc));
    }

    pub async fn client(&self) -> tokio_postgres::Client {
        let (client, connection) =
            tokio_postgres::connect(&self.database.url, tokio_postgres::NoTls).await.unwrap();
        tokio::spawn(connection);
        client
    }

    /// Waits until no job is waiting or running.
    pub async fn settle(&self) {
        let client = self.client().await;
        loop {
            let row = client.query_one("SELECT count(*) FROM jobs WHERE finished_at IS NULL AND dead_at IS NULL AND available_at <= $1", &[&self.now()]).await.unwrap();
            if row.get::<_, i64>(0) == 0 {
                return;
            }
            tokio::time::sleep(std::time::Duration::from_millis(20)).await;
        }
    }

    /// The mails that left, as text, oldest first.
    pub async fn mails(&self) -> Vec<String> {
        self.settle().await;
        let mut files: Vec<PathBuf> = std::fs::read_dir(self.folder.join("mail"))
            .map(|entries| entries.map(|entry| entry.unwrap().path()).collect())
            .unwrap_or_default();
        files.sort_by_key(|path| std::fs::metadata(path).unwrap().modified().unwrap());
        files
            .iter()
            .filter(|path| path.extension().is_some_and(|kind| kind == "eml"))
            .map(|path| std::fs::read_to_string(path).unwrap())
            .collect()
    }

    /// Closes the office and looks whether everything is in order.
    pub async fn close(self) {
        self.settle().await;
        let client = self.client().await;
        let dead = client
            .query(
                "SELECT kind, last_error FROM jobs WHERE dead_at IS NOT NULL OR last_error IS NOT NULL",
                &[],
            )
            .await
            .unwrap();
        assert!(
            dead.is_empty(),
            "jobs failed: {:?}",
            dead.iter()
                .map(|row| (row.get::<_, String>(0), row.get::<_, Option<String>>(1)))
                .collect::<Vec<_>>()
        );
        let unsaid = client
            .query("SELECT letter FROM messages WHERE body LIKE '%{{%' OR subject LIKE '%{{%'", &[])
            .await
            .unwrap();
        assert!(unsaid.is_empty(), "a letter left with a name not filled in: {unsaid:?}");
        let verified = motcua::app::audit::verify(self.app().pool(), |_| ()).await.unwrap();
        assert!(verified.broken.is_empty(), "{:?}", verified.broken);
        let (_, limbo) = motcua::app::audit::limbo(self.app().pool(), |_| ()).await.unwrap();
        assert!(limbo.is_empty(), "{limbo:?}");
        self.server.stop().await;
        let _ = std::fs::remove_dir_all(&self.folder);
    }
}

/// Fills the template: catalogue and demonstration office, as `motcua dev` does.
async fn demonstration(url: &str) {
    motcua::install::catalogue(url).await.unwrap();
    let pool = motcua::store::Pool::connect(url, 2).await.unwrap();
    let files = motcua::app::file::Files::open(&motcua::app::file::Place::Memory).unwrap();
    let app = App::start(pool.clone(), Clock::Real, files, motcua::app::context::Settings::default())
        .await
        .unwrap();
    motcua::app::seed::demonstration(&motcua::app::Ctx::system(app, "seed".to_owned())).await.unwrap();
    pool.close();
}

/// A database of its own with the demonstration office in it.
pub async fn demonstration_database() -> TestDatabase {
    TestDatabase::seeded("demo", demonstration).await
}

impl Builder {
    #[must_use]
    pub fn at(mut self, at: &str) -> Self {
        self.at = at.parse::<DateTime<FixedOffset>>().unwrap().with_timezone(&Utc);
        self
    }

    #[must_use]
    pub fn with(mut self, name: &str, value: &str) -> Self {
        self.settings.push((name.to_owned(), value.to_owned()));
        self
    }

    /// With every statement the server sends counted there.
    #[must_use]
    pub fn counting(mut self, statements: &Statements) -> Self {
        self.statements = Some(statements.clone());
        self
    }

    pub async fn start(self) -> TestServer {
        // One cryptography provider for the process; the first test chooses it.
        let _ = rustls::crypto::ring::default_provider().install_default();
        // What a caller must not read, whoever looks into a failed test must.
        let _ = tracing_subscriber::fmt().with_max_level(tracing::Level::WARN).with_test_writer().try_init();
        let database = demonstration_database().await;
        let folder =
            PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("offices").join(uuid::Uuid::now_v7().to_string());
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = match &self.statements {
            Some(statements) => statements.count(&database.url).await,
            None => database.url.clone(),
        };
        let mut settings = vec![
            ("DATABASE_URL".to_owned(), url),
            ("MOTCUA_DATA_DIR".to_owned(), folder.display().to_string()),
            ("MOTCUA_DB_POOL_SIZE".to_owned(), "6".to_owned()),
            ("MOTCUA_RATE_LIMIT_PER_MINUTE".to_owned(), "100000".to_owned()),
            ("MOTCUA_PUBLIC_URL".to_owned(), format!("http://{}", listener.local_addr().unwrap())),
        ];
        for (name, value) in self.settings {
            settings.retain(|(known, _)| *known != name);
            settings.push((name, value));
        }
        let config = Config::read(settings).unwrap();
        let clock = Clock::starting_at(self.at);
        let server = motcua::Server::start_at(listener, config, clock.clone()).await.unwrap();
        TestServer { server, clock, database, folder, sessions: Mutex::default() }
    }
}
