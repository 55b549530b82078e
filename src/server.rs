//! Wiring: pool, routes, background work, and a graceful stop. No rules, no SQL.
//!
//! The HTTP workers each have a runtime and connections of their own; background work has its share on
//! the runtime that called `start`.

use std::fmt;
use std::net::{SocketAddr, TcpListener};
use std::time::Duration;

use actix_web::dev::ServerHandle;
use actix_web::{App, HttpServer, middleware, web};
use metrics_exporter_prometheus::PrometheusBuilder;
use secrecy::ExposeSecret;
use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::sync::watch;
use tokio::task::JoinHandle;
use tracing_actix_web::TracingLogger;
use utoipa_actix_web::AppExt;
use utoipa_swagger_ui::SwaggerUi;

use crate::app::context::Settings;
use crate::app::{self, Clock};
use crate::config::Config;
use crate::store::Pool;
use crate::web::routes::{self, Methods};
use crate::web::trace::RequestSpan;
use crate::web::{Web, guard, openapi, pages};

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
    app: app::App,
    http: ServerHandle,
    http_task: JoinHandle<std::io::Result<()>>,
    work: Work,
    pool: Pool,
}

/// Background work of this process, and how to end it.
pub struct Work {
    stop: watch::Sender<bool>,
    task: Option<JoinHandle<()>>,
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
        Self::start_at(listener, config, Clock::Real).await
    }

    /// With a clock of its own; tests move theirs.
    pub async fn start_at(listener: TcpListener, config: Config, clock: Clock) -> Result<Self, Problem> {
        let cannot = |error: std::io::Error| Problem(format!("cannot serve: {error}"));
        let addr = listener.local_addr().map_err(cannot)?;
        let threads = Threads::of(&config);
        let (app, pool) = open_with(&config, clock, threads.connections).await?;
        let work = work(&config, app.clone(), config.jobs.concurrency)?;
        let settings = crate::web::Settings {
            cors_origins: config.http.cors_origins.clone(),
            trusted_proxies: config.http.trusted_proxies.clone(),
            rate_limit_per_minute: config.http.rate_limit_per_minute,
            development: config.development,
        };
        let shared = Web::new(app.clone(), settings, measured);
        let contract = openapi::contract();
        let methods = web::Data::new(Methods::of(&contract));
        let docs = SwaggerUi::new(format!("{}/{{_:.*}}", routes::DOCS)).url(routes::CONTRACT, contract);
        let server = HttpServer::new(move || {
            App::new()
                .app_data(web::Data::new(shared.for_this_thread(threads.connections)))
                .app_data(methods.clone())
                .wrap(middleware::from_fn(guard::around))
                .wrap(TracingLogger::<RequestSpan>::new())
                .into_utoipa_app()
                .configure(routes::mount)
                .into_app()
                .service(docs.clone())
                .configure(pages::mount)
                .configure(|routes| {
                    if config.development {
                        pages::components::mount(routes)
                    }
                })
                .default_service(web::to(routes::otherwise))
        })
        .workers(threads.http)
        .disable_signals()
        .shutdown_timeout(GRACE.as_secs())
        .listen(listener)
        .map_err(cannot)?
        .run();
        let http = server.handle();
        let http_task = tokio::runtime::Handle::current().spawn(server);
        Ok(Self { addr, app, http, http_task, work, pool })
    }

    /// Where it listens, with the real port.
    pub const fn addr(&self) -> SocketAddr {
        self.addr
    }

    pub const fn app(&self) -> &app::App {
        &self.app
    }

    /// Finishes the requests under way, gives leased work back, closes the connections.
    pub async fn stop(self) {
        self.http.stop(true).await;
        if let Ok(Err(error)) = self.http_task.await {
            tracing::error!(%error, "the HTTP server ended with an error");
        }
        self.work.end().await;
        self.pool.close();
    }
}

impl Work {
    /// Finishes what runs, gives leased work back.
    pub async fn end(self) {
        // Nobody listening any more is the same as having stopped.
        let _ = self.stop.send(true);
        if let Some(task) = self.task
            && let Err(error) = task.await
        {
            tracing::error!(%error, "background work ended with an error");
        }
    }
}

/// How the connections a process may have are shared out.
#[derive(Debug, Clone, Copy)]
struct Threads {
    http: usize,
    /// Of each HTTP thread, and of background work.
    connections: usize,
}

impl Threads {
    /// A thread per core, if each can have two connections: one alone would be a queue.
    fn of(config: &Config) -> Self {
        let cores = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
        let most = (config.database.pool_size / 2).saturating_sub(1).max(1);
        let http = cores.min(most);
        Self { http, connections: (config.database.pool_size / http.saturating_add(1)).max(1) }
    }
}

/// The application on its database and file store.
pub async fn open(config: &Config, clock: Clock) -> Result<(app::App, Pool), Problem> {
    open_with(config, clock, config.database.pool_size).await
}

async fn open_with(config: &Config, clock: Clock, connections: usize) -> Result<(app::App, Pool), Problem> {
    let url = config.database.url.as_ref().ok_or_else(|| Problem("DATABASE_URL is not set".to_owned()))?;
    let pool =
        Pool::connect(url.expose_secret(), connections).await.map_err(|error| Problem(error.to_string()))?;
    let said =
        |error: app::Error| Problem(error.private().map_or_else(|| error.text.en.clone(), str::to_owned));
    let files = app::file::Files::open(&config.files.place).map_err(said)?;
    let settings = Settings {
        public_url: config.http.public_url.clone(),
        mail_from: config.mail.from.clone(),
        upload_max_bytes: config.files.upload_max_bytes,
        clamd: config.files.clamd_addr.clone(),
        session_hours: config.sessions.hours,
        token_minutes: config.partners.token_minutes,
        seals: config.seal.as_ref().map(app::sealing::Seals::open).transpose().map_err(said)?,
    };
    let seals = settings.seals.clone();
    let app = app::App::start(pool.clone(), clock, files, settings).await.map_err(|error| {
        Problem(format!(
            "{}; has `motcua migrate` been run?",
            error.private().unwrap_or("the rules cannot be read")
        ))
    })?;
    // A key that cannot be used is said now, not when the first paper is due.
    if let Some(seals) = seals {
        for office in app.rules().offices() {
            seals.of(&office.agency.key).map_err(said)?;
        }
    }
    Ok((app, pool))
}

/// Starts background work; none with a concurrency of 0, but rules are still kept fresh.
pub fn work(config: &Config, app: app::App, concurrency: usize) -> Result<Work, Problem> {
    let (stop, stopped) = watch::channel(false);
    let said =
        |error: app::Error| Problem(error.private().map_or_else(|| error.text.en.clone(), str::to_owned));
    let mailer = app::mail::Mailer::open(&config.mail.route, &config.mail.from).map_err(said)?;
    let database_url = config.database.url.clone().unwrap_or_default();
    let worker = app::jobs::Worker { app, mailer, database_url, concurrency };
    let task = tokio::runtime::Handle::current().spawn(app::jobs::run(worker, stopped));
    Ok(Work { stop, task: Some(task) })
}

/// The measurements of this process as Prometheus text; the first server installs the recorder.
fn measured() -> String {
    static RECORDER: std::sync::OnceLock<Option<metrics_exporter_prometheus::PrometheusHandle>> =
        std::sync::OnceLock::new();
    let recorder = RECORDER.get_or_init(|| PrometheusBuilder::new().install_recorder().ok());
    recorder.as_ref().map(metrics_exporter_prometheus::PrometheusHandle::render).unwrap_or_default()
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
