//! Background work: done once, told when it fails, given back when the worker stops.

use std::path::PathBuf;

use chrono::TimeDelta;
use motcua::app::jobs::{Worker, run};
use motcua::app::letters::{Delivery, messages};
use motcua::app::mail::{Mailer, Route};
use secrecy::SecretString;
use tokio::sync::watch;
use tokio::task::JoinHandle;

use crate::support::one_agency::{OneAgency, eventually, one};

struct Running {
    stop: watch::Sender<bool>,
    task: JoinHandle<()>,
    folder: PathBuf,
}

impl Running {
    fn start(office: &OneAgency, folder: &str) -> Self {
        let folder = std::env::temp_dir().join(format!("motcua-{folder}-{}", std::process::id()));
        let mailer =
            Mailer::open(&Route::Folder(folder.clone()), "Một cửa <no-reply@thads.example>").unwrap();
        let (stop, stopped) = watch::channel(false);
        let worker = Worker {
            app: office.app.clone(),
            mailer,
            database_url: SecretString::from(office.url.clone()),
            concurrency: 4,
        };
        Self { stop, task: tokio::spawn(run(worker, stopped)), folder }
    }

    async fn stop(self) {
        self.stop.send(true).unwrap();
        self.task.await.unwrap();
        let _ = std::fs::remove_dir_all(self.folder);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_filing_tells_the_applicant_by_mail() {
    let office = OneAgency::open().await;
    let (dossier, holder) = office.files("hong@example.vn", true).await;
    let queued = messages(&holder, dossier.id).await.unwrap();
    assert_eq!(
        (queued.len(), queued[0].state, queued[0].letter.as_str()),
        (1, Delivery::Queued, "submitted")
    );
    assert!(!queued[0].body.contains("{{"), "{}", queued[0].body);
    for words in [
        "Kính gửi Nguyễn Thị Hồng",
        "Thi hành án dân sự tỉnh Đồng Nai",
        &dossier.reference,
        "09:30 ngày 15/09/2026",
        "/tra-cuu?ma=YC-",
    ] {
        assert!(queued[0].body.contains(words), "{words} is not in\n{}", queued[0].body);
    }
    let one_worker = Running::start(&office, "jobs-one");
    let other_worker = Running::start(&office, "jobs-two");
    let sent = eventually(async || {
        messages(&holder, dossier.id).await.unwrap().pop().filter(|message| message.state == Delivery::Sent)
    })
    .await;
    assert_eq!((sent.attempts, sent.last_error), (1, None));
    let name = format!("{}.eml", sent.id);
    let files =
        [&one_worker, &other_worker].iter().filter(|worker| worker.folder.join(&name).exists()).count();
    assert_eq!(files, 1);
    // The hour's work was put there once, and done once.
    eventually(async || {
        one::<i64>(
            &office.url,
            "SELECT count(*) FROM jobs WHERE finished_at IS NULL AND kind <> 'make_paper'",
        )
        .await
        .filter(|left| *left == 0)
    })
    .await;
    assert_eq!(one::<i64>(&office.url, "SELECT count(*) FROM jobs WHERE kind = 'seal_audit'").await, Some(1));
    assert_eq!(one::<i64>(&office.url, "SELECT count(*) FROM audit_seals").await, Some(1));
    assert_eq!(one::<i16>(&office.url, "SELECT max(attempts) FROM jobs").await, Some(1));
    one_worker.stop().await;
    other_worker.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_seal_covers_the_hour_before_and_shows_what_was_changed() {
    let office = OneAgency::open().await;
    office.files("hong@example.vn", true).await;
    let worker = Running::start(&office, "jobs-seal");
    let sealed = async |count: i64| {
        eventually(async || {
            one::<i64>(&office.url, "SELECT count(*) FROM audit_seals").await.filter(|seals| *seals == count)
        })
        .await;
    };
    sealed(1).await;
    office.app.clock().move_to(office.app.now() + TimeDelta::minutes(61));
    sealed(2).await;
    assert_eq!(one::<i64>(&office.url, "SELECT leaves FROM audit_seals WHERE seq = 2").await, Some(1));
    let proof = motcua::app::audit::verify(office.app.pool(), |_| {}).await.unwrap();
    assert_eq!((proof.chains, proof.seals, proof.broken.len()), (1, 2, 0), "{:?}", proof.broken);
    worker.stop().await;

    // Someone with all rights on the database rewrites history, hash and all.
    let (client, connection) = tokio_postgres::connect(&office.url, tokio_postgres::NoTls).await.unwrap();
    let driver = tokio::spawn(connection);
    client
        .batch_execute(
            "ALTER TABLE audit_entries DISABLE TRIGGER ALL; ALTER TABLE audit_heads DISABLE TRIGGER ALL; \
             DELETE FROM audit_entries; DELETE FROM audit_heads;",
        )
        .await
        .unwrap();
    driver.abort();
    let proof = motcua::app::audit::verify(office.app.pool(), |_| {}).await.unwrap();
    assert_eq!(proof.broken.len(), 2, "{:?}", proof.broken);
}

#[tokio::test(flavor = "multi_thread")]
async fn work_nobody_knows_is_kept_on_the_dead_list() {
    let office = OneAgency::open().await;
    let (client, connection) = tokio_postgres::connect(&office.url, tokio_postgres::NoTls).await.unwrap();
    let driver = tokio::spawn(connection);
    client
        .batch_execute("INSERT INTO jobs (id, kind, payload, available_at, max_attempts, created_at) VALUES (gen_random_uuid(), 'brew_coffee', '{}', now() - interval '1 year', 3, now())")
        .await
        .unwrap();
    driver.abort();
    let worker = Running::start(&office, "jobs-dead");
    eventually(async || {
        one::<String>(
            &office.url,
            "SELECT last_error FROM jobs WHERE kind = 'brew_coffee' AND dead_at IS NOT NULL",
        )
        .await
    })
    .await;
    worker.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn forgotten_drafts_go_with_their_papers_and_others_stay() {
    let office = OneAgency::open().await;
    let (forgotten, _) = office.files("a@example.vn", false).await;
    let (kept, holder) = office.files("b@example.vn", false).await;
    let (filed, filer) = office.files("c@example.vn", true).await;
    let (client, connection) = tokio_postgres::connect(&office.url, tokio_postgres::NoTls).await.unwrap();
    let driver = tokio::spawn(connection);
    let old = format!(
        "UPDATE dossiers SET created_at = '2026-06-01', touched_at = CASE WHEN id = '{}' THEN '2026-06-01'::timestamptz ELSE '2026-09-01' END",
        forgotten.id
    );
    client.execute(&old, &[]).await.unwrap();
    driver.abort();
    let worker = Running::start(&office, "jobs-purge");
    eventually(async || {
        one::<i64>(&office.url, "SELECT count(*) FROM dossiers").await.filter(|left| *left == 2)
    })
    .await;
    assert!(motcua::app::documents::list(&holder, kept.id).await.is_ok());
    assert!(motcua::app::documents::list(&filer, filed.id).await.is_ok());
    worker.stop().await;
}
