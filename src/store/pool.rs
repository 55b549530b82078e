//! The connection pool.
//!
//! Every connection is opened on the runtime that called `Pool::connect`. The task that drives
//! a socket belongs to the runtime it was spawned on, and the HTTP workers each run their own
//! single-threaded one: a connection opened there would stall whenever that worker is busy.
//! Each connection carries time limits, so a lost query or transaction cannot hold locks for ever.
//! This file must not begin transactions; `tx.rs` does.

use std::sync::Arc;
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
}

impl Pool {
    /// Opens one connection at once, so that a wrong address is reported at start.
    ///
    /// `sslmode=require` in the address means encrypted **and** verified against the machine's
    /// trusted certificates (`SSL_CERT_FILE` can name others). Every other mode is plain.
    pub async fn connect(url: &str, size: usize) -> Result<Self, StoreError> {
        let runtime = Handle::current();
        let config = Arc::new(session(url, STATEMENT_TIMEOUT)?);
        let opener = runtime.clone();
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
        let inner = pooled::Pool::builder(AsyncDieselConnectionManager::new_with_config(url, manager))
            .max_size(size)
            .runtime(Runtime::Tokio1)
            .wait_timeout(Some(WAIT))
            .create_timeout(Some(WAIT))
            .build()
            .map_err(|error| StoreError::Bug(error.to_string()))?;
        let pool = Self { inner, runtime };
        drop(pool.get().await?);
        Ok(pool)
    }

    pub async fn get(&self) -> Result<Lent, StoreError> {
        Ok(self.inner.get().await?)
    }

    /// Connections in use or idle now, and the most there may be; for metrics.
    pub fn size(&self) -> (usize, usize) {
        let status = self.inner.status();
        (status.size, status.max_size)
    }

    /// Closes idle connections and refuses new callers; used at shutdown.
    pub fn close(&self) {
        self.inner.close();
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
