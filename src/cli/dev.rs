//! `motcua dev`: the whole office from one command, on this machine only.
//!
//! Order: take the port, database, schema, demonstration data, server and worker. The port comes
//! first, so that a taken one is told before anything is started. Ctrl-C ends what was started here,
//! in reverse, and nothing else.

use std::path::Path;
use std::process::ExitCode;

use secrecy::{ExposeSecret, SecretString};

use super::{DONE, answer, no, seed, wrong_use};
use crate::app::sealing::{Key, Seal};
use crate::config::Config;
use crate::postgres::{Cluster, Settings};
use crate::server::{Server, StopSignal, listen};
use crate::{install, store};

/// Set up and run everything: private PostgreSQL, schema, demonstration office, server, worker.
///
/// Uses DATABASE_URL when it is set; otherwise keeps a private PostgreSQL in MOTCUA_DATA_DIR (var).
/// Ctrl-C stops all of it; the data stays for the next time.
#[derive(Debug, clap::Args)]
pub struct Args {}

pub async fn run(_args: Args, mut config: Config) -> ExitCode {
    config.development = true;
    let listener = match listen(config.http.addr) {
        Ok(listener) => listener,
        Err(problem) => return no(problem),
    };
    let cluster = match private_database(&mut config).await {
        Ok(cluster) => cluster,
        Err(code) => return code,
    };
    let trial = cluster.is_some() && config.seal.is_none();
    if trial {
        match trial_key(&config.data_dir) {
            Ok(seal) => config.seal = Some(seal),
            Err(problem) => return no(format_args!("no key to sign papers with: {problem}")),
        }
    }
    // A database of one's own choosing gets demonstration data only when asked.
    let demo = cluster.is_some() || config.seed_demo;
    let code = office(listener, config, demo, trial).await;
    if let Some(cluster) = cluster {
        eprintln!("Stopping the database ...");
        cluster.stop();
    }
    code
}

/// Started only when no database is configured; the configuration then names it.
async fn private_database(config: &mut Config) -> Result<Option<Cluster>, ExitCode> {
    if config.database.url.is_some() {
        return Ok(None);
    }
    let settings = Settings {
        data_dir: config.data_dir.clone(),
        pg_bin: config.database.pg_bin.clone(),
        durable: true,
        max_connections: 100,
    };
    let cluster = tokio::task::spawn_blocking(move || Cluster::start(&settings)).await.map_err(no)?;
    let cluster = cluster.map_err(wrong_use)?;
    config.database.url = Some(SecretString::from(cluster.url()));
    eprintln!("Database: {}", cluster.url());
    Ok(Some(cluster))
}

/// A key of this place alone, so that papers are sealed as they will be: `seal/trial.p12`, with the certificate
/// `motcua verify --keys` takes beside it.
fn trial_key(data_dir: &Path) -> Result<Seal, String> {
    let folder = data_dir.join("seal");
    let secret = SecretString::from("trial");
    let file = folder.join("trial.p12");
    if !file.exists() {
        let made =
            crate::seal::trial("motcua - khóa dùng thử", &secret).map_err(|error| error.to_string())?;
        let write =
            |path: &Path, bytes: &[u8]| std::fs::write(path, bytes).map_err(|error| error.to_string());
        std::fs::create_dir_all(&folder).map_err(|error| error.to_string())?;
        write(&folder.join("trial.pem"), made.certificate.as_bytes())?;
        write(&file, &made.pkcs12)?;
    }
    Ok(Seal { key: Key::Pkcs12 { file: file.display().to_string(), secret }, stamps: None })
}

async fn office(listener: std::net::TcpListener, config: Config, demo: bool, trial: bool) -> ExitCode {
    let certificate = trial.then(|| config.data_dir.join("seal/trial.pem"));
    let url = config.database.url.as_ref().map(|url| url.expose_secret().to_owned()).unwrap_or_default();
    match store::migrate(&url).await {
        Ok(applied) if applied.is_empty() => eprintln!("Schema: up to date"),
        Ok(applied) => eprintln!("Schema: {} changes applied", applied.len()),
        Err(error) => return no(format_args!("the schema could not be brought up to date: {error}")),
    }
    if let Err(problem) = install::catalogue(&url).await {
        return no(format_args!("the catalogue could not be installed: {problem}"));
    }
    let demo = match demo {
        true => match seed::demonstration(&config).await {
            Ok(present) => present,
            Err(code) => return code,
        },
        false => false,
    };
    let server = match Server::start_on(listener, config).await {
        Ok(server) => server,
        Err(problem) => return no(problem),
    };
    let mut stop = match StopSignal::watch() {
        Ok(stop) => stop,
        Err(problem) => return no(problem),
    };
    answer(welcome(&server, demo, certificate.as_deref()));
    stop.received().await;
    eprintln!("\nStopping (Ctrl-C again ends at once) ...");
    tokio::select! {
        () = server.stop() => DONE,
        // The guard of the database does its part even so.
        () = stop.received() => ExitCode::from(1),
    }
}

fn welcome(server: &Server, demo: bool, certificate: Option<&Path>) -> String {
    let address = format!("http://{}", server.addr());
    let papers = certificate.map(|certificate| {
        format!("  Papers       · Giấy tờ        motcua verify FILE --keys {}\n", certificate.display())
    });
    let papers = papers.unwrap_or_default();
    format!(
        "
motcua is open · motcua đã mở cửa

  Citizens     · Người dân      {address}
  Officers     · Công chức      {address}/desk
  API          · Tài liệu API   {address}/api/docs
  Health       · Tình trạng     {address}/health/ready

{}
{papers}  Try next     · Thử tiếp       {address}/nop-ho-so/result_confirmation
  Stop         · Dừng           Ctrl-C
",
        if demo { seed::sign_ins() } else { String::new() }
    )
}
