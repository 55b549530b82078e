//! A fresh PostgreSQL database per test.
//!
//! The server is `MOTCUA_TEST_DATABASE_URL` or a private one under `target/`, shared by every test
//! process and ended by its guard a few seconds after the last. The template is built once per
//! content of migrations and catalogue, under an advisory lock, and cloned for each test. Databases
//! are kept for an hour, so that a failed test can be looked into, and then swept.

use std::path::{Path, PathBuf};
use std::sync::OnceLock;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use motcua::postgres::{Cluster, Settings};
use sha2::{Digest, Sha256};
use tokio_postgres::NoTls;

const KEEP: Duration = Duration::from_secs(3600);
const TEMPLATE_LOCK: i64 = 0x7465_6d70;

pub struct TestDatabase {
    pub url: String,
}

impl TestDatabase {
    /// A database with the schema and nothing in it.
    pub async fn new() -> Self {
        Self::seeded("schema", async |_| {}).await
    }

    /// A clone of the template `name`, which `seed` fills the first time after the migrations.
    /// What `seed` writes must follow from the migrations and the catalogue alone.
    pub async fn seeded(name: &str, seed: impl AsyncFnOnce(&str)) -> Self {
        let server = Server::shared();
        let template = format!("motcua_template_{name}_{}", content_hash());
        let admin = server.admin().await;
        server.build_once(&admin, &template, seed).await;
        let database = unique_name();
        admin.batch_execute(&format!("CREATE DATABASE {database} TEMPLATE {template}")).await.unwrap();
        Self { url: server.url_of(&database) }
    }

    /// An empty database without even the schema, for tests of the migrations.
    pub async fn empty() -> Self {
        let server = Server::shared();
        let database = unique_name();
        server.admin().await.batch_execute(&format!("CREATE DATABASE {database}")).await.unwrap();
        Self { url: server.url_of(&database) }
    }
}

struct Server {
    admin_url: String,
    /// Held until the process ends; statics are not dropped, and the guard does not need it.
    _cluster: Option<Cluster>,
}

impl Server {
    fn shared() -> &'static Self {
        static SERVER: OnceLock<Server> = OnceLock::new();
        SERVER.get_or_init(|| {
            if let Ok(admin_url) = std::env::var("MOTCUA_TEST_DATABASE_URL") {
                return Self { admin_url, _cluster: None };
            }
            let settings = Settings {
                data_dir: Path::new(env!("CARGO_TARGET_TMPDIR")).join("postgres"),
                pg_bin: std::env::var_os("MOTCUA_PG_BIN").map(PathBuf::from),
                durable: false,
                max_connections: 200,
            };
            let cluster = Cluster::share(&settings).unwrap_or_else(|problem| panic!("{problem}"));
            Self { admin_url: cluster.url(), _cluster: Some(cluster) }
        })
    }

    /// The same server, another database: the last part of the path, before any parameters.
    fn url_of(&self, database: &str) -> String {
        let (address, parameters) = match self.admin_url.split_once('?') {
            Some((address, parameters)) => (address, format!("?{parameters}")),
            None => (self.admin_url.as_str(), String::new()),
        };
        let (server, _) = address.rsplit_once('/').expect("the address names a database");
        format!("{server}/{database}{parameters}")
    }

    async fn admin(&self) -> tokio_postgres::Client {
        let (client, connection) = tokio_postgres::connect(&self.admin_url, NoTls).await.unwrap();
        tokio::spawn(connection);
        client
    }

    async fn build_once(&self, admin: &tokio_postgres::Client, template: &str, seed: impl AsyncFnOnce(&str)) {
        if is_finished(admin, template).await {
            return;
        }
        // Freed when this connection closes, also after a panic.
        admin.execute("SELECT pg_advisory_lock($1)", &[&TEMPLATE_LOCK]).await.unwrap();
        if !is_finished(admin, template).await {
            sweep(admin).await;
            // Built under another name, so that a half-built one is never cloned.
            let building = unique_name();
            admin.batch_execute(&format!("CREATE DATABASE {building}")).await.unwrap();
            let url = self.url_of(&building);
            motcua::store::migrate(&url).await.unwrap();
            seed(&url).await;
            disconnect_others(admin, &building).await;
            admin.batch_execute(&format!("ALTER DATABASE {building} RENAME TO {template}")).await.unwrap();
        }
        admin.execute("SELECT pg_advisory_unlock($1)", &[&TEMPLATE_LOCK]).await.unwrap();
    }
}

async fn is_finished(admin: &tokio_postgres::Client, template: &str) -> bool {
    admin.query_opt("SELECT 1 FROM pg_database WHERE datname = $1", &[&template]).await.unwrap().is_some()
}

/// A pool that was just dropped may still be closing; a database in use cannot be renamed or cloned.
async fn disconnect_others(admin: &tokio_postgres::Client, database: &str) {
    let left = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = $1";
    while !admin.query(left, &[&database]).await.unwrap().is_empty() {
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}

/// Drops test databases older than an hour. Templates stay; `cargo clean` takes them along.
async fn sweep(admin: &tokio_postgres::Client) {
    let oldest =
        i64::try_from((SystemTime::now() - KEEP).duration_since(UNIX_EPOCH).unwrap().as_secs()).unwrap();
    let names =
        admin.query("SELECT datname FROM pg_database WHERE datname LIKE 'motcua_test_%'", &[]).await.unwrap();
    for row in names {
        let name: &str = row.get(0);
        let made_at = name.split('_').nth(2).and_then(|seconds| seconds.parse().ok()).unwrap_or(i64::MAX);
        if made_at < oldest {
            let _ = admin.batch_execute(&format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)")).await;
        }
    }
}

fn unique_name() -> String {
    static NEXT: std::sync::atomic::AtomicU32 = std::sync::atomic::AtomicU32::new(0);
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
    let number = NEXT.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
    format!("motcua_test_{}_{:09}_{}_{number}", now.as_secs(), now.subsec_nanos(), std::process::id())
}

/// Names the template: another schema or another catalogue gives another one.
fn content_hash() -> String {
    let mut hash = Sha256::new();
    for folder in ["migrations", "src/catalogue", "src/app/seed"] {
        let mut files = Vec::new();
        collect(&Path::new(env!("CARGO_MANIFEST_DIR")).join(folder), &mut files);
        files.sort();
        for file in files {
            hash.update(file.to_string_lossy().as_bytes());
            hash.update(std::fs::read(&file).unwrap());
        }
    }
    hash.finalize().iter().take(8).map(|byte| format!("{byte:02x}")).collect()
}

fn collect(folder: &Path, into: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() { collect(&path, into) } else { into.push(path) }
    }
}
