//! Transactions and migrations against a real database.

use diesel::sql_types::{BigInt, Text};
use diesel::{QueryableByName, sql_query};
use diesel_async::{RunQueryDsl, SimpleAsyncConnection};
use motcua::store::{Conn, Pool, StoreError, Tx, migrate};

use crate::support::database::TestDatabase;

#[derive(QueryableByName)]
struct Count {
    #[diesel(sql_type = BigInt)]
    count: i64,
}

async fn notes(conn: &mut Conn) -> i64 {
    sql_query("SELECT count(*) AS count FROM notes").get_result::<Count>(conn).await.unwrap().count
}

async fn note(conn: &mut Conn, text: &str) -> Result<(), StoreError> {
    sql_query("INSERT INTO notes VALUES ($1)").bind::<Text, _>(text).execute(conn).await?;
    Ok(())
}

async fn pool(size: usize) -> Pool {
    let database = TestDatabase::empty().await;
    let pool = Pool::connect(&database.url, size).await.unwrap();
    let table = "CREATE TABLE notes (text text CONSTRAINT notes_text_once UNIQUE)";
    pool.get().await.unwrap().batch_execute(table).await.unwrap();
    pool
}

async fn open_transactions(pool: &Pool) -> i64 {
    let open = "SELECT count(*) AS count FROM pg_stat_activity \
                WHERE datname = current_database() AND state LIKE 'idle in transaction%'";
    // All of the pool's connections: what still rolls back holds one of them.
    let mut held = Vec::new();
    for _ in 0..pool.size().1 {
        held.push(pool.get().await.unwrap());
    }
    sql_query(open).get_result::<Count>(&mut *held[0]).await.unwrap().count
}

#[tokio::test]
async fn a_committed_transaction_stays_and_a_dropped_one_does_not() {
    let pool = pool(1).await;
    let mut tx = Tx::begin(&pool, "write").await.unwrap();
    note(tx.conn(), "kept").await.unwrap();
    tx.commit().await.unwrap();

    let mut tx = Tx::begin(&pool, "write").await.unwrap();
    note(tx.conn(), "lost").await.unwrap();
    drop(tx);

    // The pool has one connection: this one waited for the rollback.
    let mut conn = pool.get().await.unwrap();
    assert_eq!(notes(&mut conn).await, 1);
    drop(conn);
    assert_eq!(open_transactions(&pool).await, 0);
    assert_eq!(pool.size(), (1, 1));
}

#[tokio::test]
async fn an_explicit_rollback_frees_the_connection_at_once() {
    let pool = pool(1).await;
    let mut tx = Tx::begin(&pool, "write").await.unwrap();
    note(tx.conn(), "lost").await.unwrap();
    tx.rollback().await;
    let mut conn = pool.get().await.unwrap();
    assert_eq!(notes(&mut conn).await, 0);
}

#[tokio::test]
async fn a_failed_statement_leaves_nothing_and_the_pool_usable() {
    let pool = pool(1).await;
    let mut tx = Tx::begin(&pool, "write").await.unwrap();
    note(tx.conn(), "twice").await.unwrap();
    let again = note(tx.conn(), "twice").await.unwrap_err();
    assert!(again.violates("notes_text_once"), "{again}");
    // Committing a failed transaction must not look like success.
    assert!(tx.commit().await.is_err());
    let mut conn = pool.get().await.unwrap();
    assert_eq!(notes(&mut conn).await, 0);
}

#[tokio::test]
async fn an_aborted_task_leaves_no_open_transaction() {
    let pool = pool(2).await;
    for pause in 0..40 {
        let theirs = pool.clone();
        let task = tokio::spawn(async move {
            let mut tx = Tx::begin(&theirs, "write").await.unwrap();
            note(tx.conn(), "never").await.unwrap();
            tx.conn().batch_execute("SELECT pg_sleep(0.005)").await.unwrap();
            std::future::pending::<()>().await;
        });
        // Cut at another point each time: before BEGIN answers, during a statement, after it.
        tokio::time::sleep(std::time::Duration::from_micros(pause * 300)).await;
        task.abort();
        let _ = task.await;
    }
    assert_eq!(open_transactions(&pool).await, 0);
    let mut conn = pool.get().await.unwrap();
    assert_eq!(notes(&mut conn).await, 0);
    assert!(pool.size().0 <= 2);
}

#[test]
fn a_connection_opened_from_another_runtime_is_driven_by_the_first() {
    let first = tokio::runtime::Runtime::new().unwrap();
    let pool = first.block_on(pool(4));
    // A busy single-threaded runtime, as one HTTP worker is, opens the connections ...
    let opened = std::thread::spawn({
        let pool = pool.clone();
        move || {
            let worker = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
            worker.block_on(async { Vec::from([pool.get().await.unwrap(), pool.get().await.unwrap()]) })
        }
    })
    .join()
    .unwrap();
    // ... and is gone; they still work.
    first.block_on(async move {
        for mut conn in opened {
            assert_eq!(notes(&mut conn).await, 0);
        }
    });
}

#[tokio::test]
async fn a_wrong_address_is_unavailable_and_says_why() {
    let Err(error) = Pool::connect("postgres://motcua@127.0.0.1:1/motcua", 1).await else { panic!() };
    assert!(matches!(&error, StoreError::Unavailable(text) if text.contains("refused")), "{error}");
}

#[tokio::test]
async fn two_processes_may_migrate_at_once() {
    let database = TestDatabase::empty().await;
    let (one, two) = tokio::join!(migrate::migrate(&database.url), migrate::migrate(&database.url));
    let (one, two) = (one.unwrap(), two.unwrap());
    assert!(one.is_empty() || two.is_empty(), "each migration ran once: {one:?} {two:?}");
    assert_eq!(migrate::pending(&database.url).await.unwrap(), Vec::<String>::new());
}

#[tokio::test]
async fn migrations_go_up_down_and_up_again() {
    let database = TestDatabase::empty().await;
    let up = migrate::migrate(&database.url).await.unwrap();
    let down = migrate::revert_all(&database.url).await.unwrap();
    assert_eq!(up.len(), down.len());
    assert_eq!(migrate::migrate(&database.url).await.unwrap(), up);
}

#[tokio::test]
async fn each_test_has_a_database_of_its_own() {
    let (one, two) = (TestDatabase::new().await, TestDatabase::new().await);
    assert_ne!(one.url, two.url);
    assert_eq!(migrate::pending(&one.url).await.unwrap(), Vec::<String>::new());
}
