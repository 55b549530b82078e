//! Papers: what is taken, who may open it, what a scanner stops.

use futures_util::{StreamExt, TryStreamExt};
use motcua::app::Ctx;
use motcua::app::context::Settings;
use motcua::app::documents::{self, Announcement};
use motcua::app::file::Bytes;
use motcua::app::idempotency::Ticket;
use motcua::app::jobs::{Worker, run};
use motcua::app::mail::{Mailer, Route};
use motcua::domain::actor::Actor;
use motcua::domain::document::{Document, DocumentState, FileKind, Scan};
use motcua::domain::error_code::ErrorCode;
use motcua::domain::ids::{AgencyId, DossierId};
use motcua::domain::policy::Role;
use secrecy::SecretString;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::sync::watch;
use uuid::Uuid;

use crate::support::one_agency::{AGENCY, OneAgency, eventually, one};

const PDF: &[u8] = b"%PDF-1.7 ban an";

fn body(parts: &'static [&'static [u8]]) -> impl documents::Incoming {
    futures_util::stream::iter(parts.iter().map(|part| Ok(Bytes::from_static(part)))).boxed()
}

async fn announces(ctx: &Ctx, dossier: DossierId, name: &str) -> Result<Document, ErrorCode> {
    let announcement = Announcement { name: name.to_owned(), ..Announcement::default() };
    documents::announce(ctx, dossier, &Ticket::default(), announcement).await.map_err(|error| error.code)
}

async fn sends(ctx: &Ctx, paper: &Document, parts: &'static [&'static [u8]]) -> Result<Document, ErrorCode> {
    documents::store_content(ctx, paper.id, body(parts)).await.map_err(|error| error.code)
}

async fn opens(ctx: &Ctx, paper: &Document) -> Result<Vec<u8>, ErrorCode> {
    let (_, length, content) = documents::download(ctx, paper.id).await.map_err(|error| error.code)?;
    let bytes = content.try_collect::<Vec<Bytes>>().await.unwrap().concat();
    assert_eq!(length, u64::try_from(bytes.len()).unwrap());
    Ok(bytes)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_paper_is_announced_sent_and_opened_by_those_who_may() {
    let office = OneAgency::open().await;
    let (draft, holder) = office.files("hong@example.vn", false).await;
    let paper = announces(&holder, draft.id, "thư mục/Bản án số 12.pdf").await.unwrap();
    assert_eq!((paper.name.as_str(), paper.state), ("Bản án số 12.pdf", DocumentState::Announced));
    assert_eq!(opens(&holder, &paper).await, Err(ErrorCode::ActNotAllowed));

    let stored = sends(&holder, &paper, &[b"%PDF-1.7", b" ban an"]).await.unwrap();
    assert_eq!(
        (stored.media_type, stored.size, stored.scan),
        (Some(FileKind::Pdf), Some(15), Some(Scan::Unscanned))
    );
    assert_eq!(opens(&holder, &paper).await.unwrap(), PDF);
    // Again the same: the same answer. Something else: no.
    assert_eq!(sends(&holder, &paper, &[PDF]).await.unwrap(), stored);
    assert_eq!(sends(&holder, &paper, &[b"%PDF-1.7 khac"]).await, Err(ErrorCode::AlreadyDone));

    // A draft is nobody else's business.
    let counter = office.staff(Role::OneWindowOfficer, AGENCY);
    for other in [office.by(Actor::Anonymous), office.holder("0000-0000-0000"), counter.clone()] {
        assert_eq!(opens(&other, &paper).await, Err(ErrorCode::NotFound));
        assert_eq!(announces(&other, draft.id, "a.pdf").await, Err(ErrorCode::NotFound));
    }
    motcua::app::filing::submit(&holder, draft.id, &Ticket::default(), Default::default()).await.unwrap();
    assert_eq!(announces(&holder, draft.id, "a.pdf").await, Err(ErrorCode::ActNotAllowed));
    assert_eq!(
        documents::remove(&holder, paper.id).await.map_err(|error| error.code),
        Err(ErrorCode::ActNotAllowed)
    );
    assert!(announces(&counter, draft.id, "bản giấy.pdf").await.is_ok());

    assert_eq!(opens(&counter, &paper).await.unwrap(), PDF);
    let seen: i64 =
        one(&office.url, "SELECT count(*) FROM access_log WHERE what = 'document.opened'").await.unwrap();
    assert_eq!(seen, 1);
    // An inspector knows of the paper, but neither its name nor its content; another agency knows nothing.
    let inspector = office.staff(Role::Inspector, AGENCY);
    assert_eq!(opens(&inspector, &paper).await, Err(ErrorCode::NotPermitted));
    assert_eq!(documents::list(&inspector, draft.id).await.unwrap()[0].name, "Giấy tờ");
    let elsewhere = office.staff(Role::Leader, AgencyId(Uuid::from_u128(2)));
    assert_eq!(opens(&elsewhere, &paper).await, Err(ErrorCode::NotFound));

    let proof = motcua::app::audit::verify(office.app.pool(), |_| {}).await.unwrap();
    assert_eq!(proof.broken, Vec::<String>::new());
    assert!(proof.entries >= 2, "{proof:?}");
    let (open, limbo) = motcua::app::audit::limbo(office.app.pool(), |_| {}).await.unwrap();
    assert_eq!((open, limbo), (1, Vec::new()));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_that_is_not_what_it_should_be_is_refused_and_may_be_sent_again() {
    let office = OneAgency::with(Settings { upload_max_bytes: 64, ..Settings::default() }).await;
    let (draft, holder) = office.files("hong@example.vn", false).await;
    for (name, code) in [
        ("../", ErrorCode::FieldsInvalid),
        ("hoa don\u{202E}fdp.exe", ErrorCode::FieldsInvalid),
        ("a\nb", ErrorCode::FieldsInvalid),
    ] {
        assert_eq!(announces(&holder, draft.id, name).await, Err(code), "{name:?}");
    }
    let sized = Announcement { name: "a.pdf".to_owned(), size: Some(65), ..Announcement::default() };
    assert_eq!(
        documents::announce(&holder, draft.id, &Ticket::default(), sized).await.unwrap_err().code,
        ErrorCode::FileTooLarge
    );

    let announcement =
        Announcement { name: "a.pdf".to_owned(), sha256: Some("AB".repeat(32)), ..Announcement::default() };
    let strict = documents::announce(&holder, draft.id, &Ticket::default(), announcement).await.unwrap();
    assert_eq!(sends(&holder, &strict, &[PDF]).await, Err(ErrorCode::ChecksumMismatch));

    let paper = announces(&holder, draft.id, "a.pdf").await.unwrap();
    assert_eq!(sends(&holder, &paper, &[]).await, Err(ErrorCode::FileEmpty));
    assert_eq!(sends(&holder, &paper, &[b"MZ\x90\0 run me"]).await, Err(ErrorCode::FileKindRefused));
    assert_eq!(sends(&holder, &paper, &[PDF, &[0; 64]]).await, Err(ErrorCode::FileTooLarge));
    assert_eq!(sends(&holder, &paper, &[PDF]).await.unwrap().state, DocumentState::Ready);
    documents::remove(&holder, paper.id).await.unwrap();
    assert_eq!(opens(&holder, &paper).await, Err(ErrorCode::NotFound));
}

/// What the peer takes before it gives up, as `StreamMaxLength` says.
const MOST_SCANNED: usize = 100_000;

/// A peer that speaks clamd's protocol and finds the word `virus`.
async fn scanner() -> String {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap().to_string();
    tokio::spawn(async move {
        loop {
            let (mut peer, _) = listener.accept().await.unwrap();
            peer.read_exact(&mut [0; 10]).await.unwrap();
            let mut file = Vec::new();
            loop {
                let length = usize::try_from(peer.read_u32().await.unwrap()).unwrap();
                if length == 0 {
                    break;
                }
                let mut chunk = vec![0; length];
                if file.len() + length > MOST_SCANNED {
                    // Says so and hangs up, with the rest of the stream unread.
                    peer.write_all(b"INSTREAM size limit exceeded. ERROR\0").await.unwrap();
                    file.clear();
                    break;
                }
                peer.read_exact(&mut chunk).await.unwrap();
                file.extend(chunk);
            }
            if file.is_empty() {
                continue;
            }
            let found = file.windows(5).any(|five| five == b"virus");
            peer.write_all(if found { b"stream: Test-Signature FOUND\0" } else { b"stream: OK\0" })
                .await
                .unwrap();
        }
    });
    address
}

#[tokio::test(flavor = "multi_thread")]
async fn with_a_scanner_nothing_is_opened_before_it_is_clean() {
    let office = OneAgency::with(Settings { clamd: Some(scanner().await), ..Settings::default() }).await;
    let (draft, holder) = office.files("hong@example.vn", false).await;
    let clean = announces(&holder, draft.id, "sach.pdf").await.unwrap();
    let infected = announces(&holder, draft.id, "ban.pdf").await.unwrap();
    assert_eq!(sends(&holder, &clean, &[PDF]).await.unwrap().state, DocumentState::Scanning);
    assert_eq!(sends(&holder, &infected, &[PDF, b" virus"]).await.unwrap().state, DocumentState::Scanning);
    let large = announces(&holder, draft.id, "lon.pdf").await.unwrap();
    const ZEROS: &[u8] = &[0; 4 * 1024 * 1024];
    assert_eq!(sends(&holder, &large, &[PDF, ZEROS]).await.unwrap().state, DocumentState::Scanning);
    assert_eq!(opens(&holder, &clean).await, Err(ErrorCode::ActNotAllowed));
    let key: String =
        one(&office.url, &format!("SELECT object_key FROM documents WHERE id = '{}'", infected.id))
            .await
            .unwrap();
    assert!(office.app.files().get(&key).await.unwrap().is_some());

    let folder = std::env::temp_dir().join(format!("motcua-scan-{}", std::process::id()));
    let mailer = Mailer::open(&Route::Folder(folder.clone()), "motcua@localhost").unwrap();
    let (stop, stopped) = watch::channel(false);
    let worker = Worker {
        app: office.app.clone(),
        mailer,
        database_url: SecretString::from(office.url.clone()),
        concurrency: 2,
    };
    let running = tokio::spawn(run(worker, stopped));
    let scanned = eventually(async || {
        let papers = documents::list(&holder, draft.id).await.unwrap();
        papers.iter().all(|paper| paper.state != DocumentState::Scanning).then_some(papers)
    })
    .await;
    assert_eq!((scanned[0].state, scanned[0].scan), (DocumentState::Ready, Some(Scan::Clean)));
    assert_eq!((scanned[1].state, scanned[1].scan), (DocumentState::Infected, Some(Scan::Infected)));
    assert_eq!(opens(&holder, &clean).await.unwrap(), PDF);
    assert_eq!(opens(&holder, &infected).await, Err(ErrorCode::FileInfected));
    // More than the scanner takes: an end of its own, reached at the first try.
    assert_eq!((scanned[2].state, scanned[2].scan), (DocumentState::Rejected, Some(Scan::TooLarge)));
    assert_eq!(opens(&holder, &large).await, Err(ErrorCode::ActNotAllowed));
    let tries = one::<i16>(&office.url, "SELECT max(attempts) FROM jobs WHERE kind = 'scan_document'").await;
    assert_eq!(tries, Some(1));
    documents::remove(&holder, large.id).await.unwrap();
    eventually(async || office.app.files().get(&key).await.unwrap().is_none().then_some(())).await;
    stop.send(true).unwrap();
    running.await.unwrap();
    let _ = std::fs::remove_dir_all(folder);
}
