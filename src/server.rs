//! Wiring: pool, routes, background work, and a graceful stop. No rules, no SQL.
//!
//! The HTTP workers each have a runtime of their own; everything they share (pool, background work)
//! lives on the runtime that called `start`.

use std::fmt;
use std::net::{SocketAddr, TcpListener};
use std::time::Duration;

use actix_web::dev::ServerHandle;
use actix_web::{App, HttpResponse, HttpServer, web};
use secrecy::ExposeSecret;
use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::task::JoinHandle;

use crate::config::Config;
use crate::store::Pool;

/// How long requests under way may take to finish once we are told to stop.
const GRACE: Duration = Duration::from_secs(30);

/// Why the server does not start, in words for the person who starts it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem(String);

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for Problem {}

pub struct Server {
    addr: SocketAddr,
    http: ServerHandle,
    http_task: JoinHandle<std::io::Result<()>>,
    pool: Pool,
}

/// Takes the port; connections wait in it until the server is there. Port 0 is any free one.
pub fn listen(addr: SocketAddr) -> Result<TcpListener, Problem> {
    TcpListener::bind(addr).map_err(|error| match error.kind() {
        std::io::ErrorKind::AddrInUse => Problem(format!(
            "{addr} is already in use by another program; end it, or choose another port: MOTCUA_HTTP_ADDR={}:{}",
            addr.ip(),
            addr.port().wrapping_add(1)
        )),
        _ => Problem(format!("cannot listen on {addr} (MOTCUA_HTTP_ADDR): {error}")),
    })
}

impl Server {
    /// Errors: the port is taken, or the database cannot be reached.
    pub async fn start(config: Config) -> Result<Self, Problem> {
        let listener = listen(config.http.addr)?;
        Self::start_on(listener, config).await
    }

    pub async fn start_on(listener: TcpListener, config: Config) -> Result<Self, Problem> {
        let cannot = |error: std::io::Error| Problem(format!("cannot serve: {error}"));
        let url =
            config.database.url.as_ref().ok_or_else(|| Problem("DATABASE_URL is not set".to_owned()))?;
        let pool = Pool::connect(url.expose_secret(), config.database.pool_size)
            .await
            .map_err(|error| Problem(error.to_string()))?;
        let addr = listener.local_addr().map_err(cannot)?;
        let shared = web::Data::new(pool.clone());
        let server = HttpServer::new(move || App::new().app_data(shared.clone()).configure(routes))
            .disable_signals()
            .shutdown_timeout(GRACE.as_secs())
            .listen(listener)
            .map_err(cannot)?
            .run();
        let http = server.handle();
        let http_task = tokio::runtime::Handle::current().spawn(server);
        Ok(Self { addr, http, http_task, pool })
    }

    /// Where it listens, with the real port.
    pub const fn addr(&self) -> SocketAddr {
        self.addr
    }

    /// Finishes the requests under way, gives leased work back, closes the connections.
    pub async fn stop(self) {
        self.http.stop(true).await;
        if let Ok(Err(error)) = self.http_task.await {
            tracing::error!(%error, "the HTTP server ended with an error");
        }
        self.pool.close();
    }
}

fn routes(config: &mut web::ServiceConfig) {
    config
        .route("/health/live", web::get().to(HttpResponse::Ok))
        .route("/health/ready", web::get().to(ready));
}

async fn ready(pool: web::Data<Pool>) -> HttpResponse {
    match pool.get().await {
        Ok(_) => HttpResponse::Ok().finish(),
        Err(_) => HttpResponse::ServiceUnavailable().finish(),
    }
}

/// SIGINT (Ctrl-C) and SIGTERM, once watched, no longer end the process by themselves.
pub struct StopSignal {
    interrupt: Signal,
    terminate: Signal,
}

impl StopSignal {
    pub fn watch() -> Result<Self, Problem> {
        let watch =
            |kind| signal(kind).map_err(|error| Problem(format!("cannot watch for signals: {error}")));
        Ok(Self { interrupt: watch(SignalKind::interrupt())?, terminate: watch(SignalKind::terminate())? })
    }

    pub async fn received(&mut self) {
        tokio::select! {
            _ = self.interrupt.recv() => {}
            _ = self.terminate.recv() => {}
        }
    }
}
