//! The connections of a process: a pool for each runtime.
//!
//! The task that drives a socket belongs to the runtime it was spawned on. Every HTTP worker runs its
//! own single-threaded one, so a connection lent to another worker would stall whenever its own is
//! busy, and each statement would wake two threads more. `for_this_runtime` gives a worker
//! connections that never leave it.
//! Each connection carries time limits, so a lost query or transaction cannot hold locks for ever.
//! This file must not begin transactions; `tx.rs` does.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use deadpool::Runtime;
use diesel::{ConnectionError, ConnectionResult};
use diesel_async::AsyncPgConnection;
use diesel_async::pooled_connection::{
    AsyncDieselConnectionManager, ManagerConfig, RecyclingMethod, deadpool as pooled,
};
use futures_util::FutureExt;
use tokio::runtime::Handle;
use tokio_postgres::config::SslMode;

use crate::StoreError;

/// What reads take. A `Tx` can lend one.
pub type Conn = AsyncPgConnection;

/// A connection lent by the pool; it dereferences to [`Conn`] and goes back when dropped.
pub type Lent = pooled::Object<AsyncPgConnection>;

/// How long a caller waits for a free or a new connection before the store counts as unavailable.
const WAIT: Duration = Duration::from_secs(5);
const STATEMENT_TIMEOUT: Duration = Duration::from_secs(30);
const IDLE_IN_TRANSACTION_TIMEOUT: Duration = Duration::from_secs(60);

/// Cheap to clone; all clones share the same connections.
#[derive(Clone)]
pub struct Pool {
    inner: pooled::Pool<AsyncPgConnection>,
    runtime: Handle,
    session: Arc<tokio_postgres::Config>,
    /// This pool and those made from it for other runtimes.
    family: Arc<Mutex<Vec<pooled::Pool<AsyncPgConnection>>>>,
}

impl Pool {
    /// Opens one connection at once, so that a wrong address is reported at start.
    ///
    /// `sslmode=require` in the address means encrypted **and** verified against the machine's
    /// trusted certificates (`SSL_CERT_FILE` can name others). Every other mode is plain.
    pub async fn connect(url: &str, size: usize) -> Result<Self, StoreError> {
        let pool = Self::open(Arc::new(session(url, STATEMENT_TIMEOUT)?), size, Arc::default());
        drop(pool.get().await?);
        Ok(pool)
    }

    /// Up to `size` connections more, to the same database, for the runtime that asks. The server knows them
    /// as `motcua http`, so that what people wait for can be told from what goes on beside it.
    #[must_use]
    pub fn for_this_runtime(&self, size: usize) -> Self {
        let mut session = tokio_postgres::Config::clone(&self.session);
        let name = session.get_application_name().unwrap_or("motcua").to_owned();
        session.application_name(format!("{name} http"));
        Self::open(Arc::new(session), size, Arc::clone(&self.family))
    }

    #[expect(clippy::expect_used, reason = "building fails only for time limits without a runtime")]
    fn open(
        session: Arc<tokio_postgres::Config>,
        size: usize,
        family: Arc<Mutex<Vec<pooled::Pool<AsyncPgConnection>>>>,
    ) -> Self {
        let runtime = Handle::current();
        let (config, opener) = (Arc::clone(&session), runtime.clone());
        let mut manager = ManagerConfig::default();
        manager.recycling_method = RecyclingMethod::Fast;
        manager.custom_setup = Box::new(move |_| {
            let (config, opener) = (Arc::clone(&config), opener.clone());
            async move {
                opener
                    .spawn(async move { open(&config).await })
                    .await
                    .map_err(|stopped| ConnectionError::BadConnection(stopped.to_string()))?
            }
            .boxed()
        });
        // The address is in `session`; the manager's own is never read.
        let inner = pooled::Pool::builder(AsyncDieselConnectionManager::new_with_config("", manager))
            .max_size(size)
            .runtime(Runtime::Tokio1)
            .wait_timeout(Some(WAIT))
            .create_timeout(Some(WAIT))
            .build()
            .expect("a pool with a runtime");
        family.lock().unwrap_or_else(PoisonError::into_inner).push(inner.clone());
        Self { inner, runtime, session, family }
    }

    pub async fn get(&self) -> Result<Lent, StoreError> {
        Ok(self.inner.get().await?)
    }

    /// Connections of the process in use or idle now, and the most there may be; for metrics.
    pub fn size(&self) -> (usize, usize) {
        let family = self.family.lock().unwrap_or_else(PoisonError::into_inner);
        family.iter().map(pooled::Pool::status).fold((0, 0), |(open, most), status| {
            (open.saturating_add(status.size), most.saturating_add(status.max_size))
        })
    }

    /// Closes the idle connections of the process and refuses new callers; used at shutdown.
    pub fn close(&self) {
        for pool in self.family.lock().unwrap_or_else(PoisonError::into_inner).iter() {
            pool.close();
        }
    }

    pub(crate) fn runtime(&self) -> &Handle {
        &self.runtime
    }
}

/// One connection outside any pool and without a statement limit, for migrations and set-up.
pub async fn connect_alone(url: &str) -> Result<Conn, StoreError> {
    let config = session(url, Duration::ZERO)?;
    open(&config).await.map_err(|error| StoreError::Unavailable(error.to_string()))
}

fn session(url: &str, statement_timeout: Duration) -> Result<tokio_postgres::Config, StoreError> {
    let mut config: tokio_postgres::Config = url.parse().map_err(|error: tokio_postgres::Error| {
        StoreError::Unavailable(format!("the database address cannot be read: {}", with_causes(&error)))
    })?;
    let limits = format!(
        "-c statement_timeout={} -c idle_in_transaction_session_timeout={}",
        statement_timeout.as_millis(),
        IDLE_IN_TRANSACTION_TIMEOUT.as_millis(),
    );
    let options = match config.get_options() {
        // What the address says comes last and wins.
        Some(given) => format!("{limits} {given}"),
        None => limits,
    };
    config.options(options);
    if config.get_application_name().is_none() {
        config.application_name("motcua");
    }
    if config.get_connect_timeout().is_none() {
        config.connect_timeout(WAIT);
    }
    Ok(config)
}

async fn open(config: &tokio_postgres::Config) -> ConnectionResult<AsyncPgConnection> {
    let refused = |error: tokio_postgres::Error| ConnectionError::BadConnection(with_causes(&error));
    if config.get_ssl_mode() == SslMode::Require {
        let (tls, _unreadable) =
            tokio_postgres_rustls::MakeRustlsConnect::with_native_certs().map_err(|_| {
                ConnectionError::BadConnection(
                    "no trusted certificates were found; set SSL_CERT_FILE".to_owned(),
                )
            })?;
        let (client, connection) = config.connect(tls).await.map_err(refused)?;
        AsyncPgConnection::try_from_client_and_connection(client, connection).await
    } else {
        let (client, connection) = config.connect(tokio_postgres::NoTls).await.map_err(refused)?;
        AsyncPgConnection::try_from_client_and_connection(client, connection).await
    }
}

/// The client's own message is only "error connecting to server"; the reason is in the causes.
fn with_causes(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(inner) = cause {
        text = format!("{text}: {inner}");
        cause = inner.source();
    }
    text
}
