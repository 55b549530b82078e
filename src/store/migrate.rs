//! Brings a database to this program's schema. The migrations are part of the executable.
//!
//! Two processes may start at once: an advisory lock lets one work and the other find it done.
//! Migrations run one by one, each in its own transaction unless its metadata says otherwise.

use diesel_async::{AsyncMigrationHarness, RunQueryDsl, SimpleAsyncConnection};
use diesel_migrations::{EmbeddedMigrations, MigrationHarness, embed_migrations};

use crate::pool::{Conn, connect_alone};
use crate::{Result, StoreError};

const MIGRATIONS: EmbeddedMigrations = embed_migrations!("../../migrations");

/// Any fixed number; the same in every version of the program.
const LOCK: i64 = 0x6d6f_7463_7561;

/// Applies what is missing and returns the versions applied, oldest first.
pub async fn migrate(url: &str) -> Result<Vec<String>> {
    locked(url, |harness| harness.run_pending_migrations(MIGRATIONS).map(names)).await
}

/// Undoes every migration; for tests of the down scripts.
pub async fn revert_all(url: &str) -> Result<Vec<String>> {
    locked(url, |harness| harness.revert_all_migrations(MIGRATIONS).map(names)).await
}

/// The migrations this program has and the database does not.
pub async fn pending(url: &str) -> Result<Vec<String>> {
    locked(url, |harness| {
        let missing = harness.pending_migrations(MIGRATIONS)?;
        Ok(missing.iter().map(|migration| migration.name().to_string()).collect())
    })
    .await
}

type Harness = AsyncMigrationHarness<Conn>;
type Outcome = std::result::Result<Vec<String>, Box<dyn std::error::Error + Send + Sync>>;

async fn locked(
    url: &str,
    work: impl FnOnce(&mut Harness) -> Outcome + Send + 'static,
) -> Result<Vec<String>> {
    let mut conn = connect_alone(url).await?;
    diesel::sql_query("SELECT pg_advisory_lock($1)")
        .bind::<diesel::sql_types::BigInt, _>(LOCK)
        .execute(&mut conn)
        .await?;
    // The runner is blocking code around the connection, so it must not sit on an async thread.
    let (mut conn, outcome) = tokio::task::spawn_blocking(move || {
        let mut harness = AsyncMigrationHarness::new(conn);
        let outcome = work(&mut harness);
        (harness.into_inner(), outcome)
    })
    .await
    .map_err(|stopped| StoreError::Bug(stopped.to_string()))?;
    conn.batch_execute("SELECT pg_advisory_unlock_all()").await?;
    outcome.map_err(|error| StoreError::Bug(error.to_string()))
}

fn names(versions: Vec<diesel::migration::MigrationVersion<'_>>) -> Vec<String> {
    versions.iter().map(ToString::to_string).collect()
}
