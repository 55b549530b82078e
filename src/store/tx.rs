//! An open transaction as an owned value.
//!
//! Whoever holds a `Tx` may write; `commit` consumes it; dropping it rolls back, also when the
//! task holding it is cancelled. A connection never goes back to the pool with a transaction open:
//! the rollback runs on the pool's runtime first, and a connection that cannot roll back is closed.
//! Statements are sent in order, so this holds as well when BEGIN or COMMIT itself was cut off.
//! Only `app` begins and commits. No mail, HTTP or file upload while one is open.

use std::time::{Duration, Instant};

use diesel_async::SimpleAsyncConnection;

use crate::StoreError;
use crate::pool::{Conn, Lent, Pool};

/// A transaction open longer than this holds locks others wait for; it is logged by name.
const SLOW: Duration = Duration::from_secs(1);

/// After a failed statement COMMIT alone would roll back and still report success.
/// The empty query before it fails then, and so does the commit.
const COMMIT: &str = "SELECT; COMMIT";

pub struct Tx {
    /// Present until commit or drop takes it.
    conn: Option<Lent>,
    runtime: tokio::runtime::Handle,
    name: &'static str,
    begun_at: Instant,
}

impl Tx {
    /// `name` is the act in the officer's words; it shows in traces and in the slow log.
    pub async fn begin(pool: &Pool, name: &'static str) -> Result<Self, StoreError> {
        let conn = pool.get().await?;
        // Built first: if this future is dropped while BEGIN is under way, Drop still cleans up.
        let mut tx =
            Self { conn: Some(conn), runtime: pool.runtime().clone(), name, begun_at: Instant::now() };
        tx.conn().batch_execute("BEGIN").await?;
        Ok(tx)
    }

    #[expect(
        clippy::expect_used,
        reason = "the connection leaves only in commit and drop, which consume the Tx"
    )]
    pub fn conn(&mut self) -> &mut Conn {
        self.conn.as_mut().expect("an open transaction has its connection")
    }

    /// Errors: the same as any statement; deferred constraints report here. Nothing is kept then.
    pub async fn commit(mut self) -> Result<(), StoreError> {
        self.conn().batch_execute(COMMIT).await?;
        self.report_if_slow("committed");
        // A cleanly committed connection goes straight back to the pool.
        self.conn = None;
        Ok(())
    }

    /// The same as dropping it, but the locks are gone when this returns.
    pub async fn rollback(mut self) {
        if let Some(conn) = self.conn.take() {
            self.report_if_slow("rolled back");
            undo(conn).await;
        }
    }

    fn report_if_slow(&self, outcome: &'static str) {
        let open_for = self.begun_at.elapsed();
        if open_for > SLOW {
            tracing::warn!(transaction = self.name, ?open_for, outcome, "slow transaction");
        }
    }
}

impl Drop for Tx {
    fn drop(&mut self) {
        if let Some(conn) = self.conn.take() {
            self.report_if_slow("rolled back");
            self.runtime.spawn(undo(conn));
        }
    }
}

async fn undo(mut conn: Lent) {
    if conn.batch_execute("ROLLBACK").await.is_err() {
        // The server rolls back when the socket closes.
        drop(Lent::take(conn));
    }
}
