//! Two servers and two workers, each a process of its own, on one database and one folder.
//! Nothing is done twice, and one of each may die.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};

use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};
use uuid::Uuid;

use crate::support::process::{
    Acknowledged, Desk, Doors, Premises, all_work_done, everything_once, leases_run_out, nothing_half_made,
};

/// How often each letter arrived, by its message id.
type Arrived = Arc<Mutex<HashMap<String, usize>>>;

/// A mail server that takes everything and counts it.
async fn mail_server() -> (String, Arrived) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("smtp://{}", listener.local_addr().unwrap());
    let arrived = Arrived::default();
    let counts = Arc::clone(&arrived);
    tokio::spawn(async move {
        loop {
            let (peer, _) = listener.accept().await.unwrap();
            tokio::spawn(take_mail(peer, Arc::clone(&counts)));
        }
    });
    (url, arrived)
}

/// One conversation; it ends when the other side is gone.
async fn take_mail(peer: TcpStream, arrived: Arrived) -> Option<()> {
    let (read, mut write) = peer.into_split();
    let mut lines = BufReader::new(read).lines();
    write.write_all(b"220 here\r\n").await.ok()?;
    loop {
        let line = lines.next_line().await.ok()??;
        let answer: &[u8] = match line.split(' ').next().unwrap_or_default() {
            "DATA" => {
                write.write_all(b"354 go on\r\n").await.ok()?;
                let mut name = String::new();
                loop {
                    let line = lines.next_line().await.ok()??;
                    if let Some(id) = line.strip_prefix("Message-ID: ") {
                        name = id.to_owned();
                    }
                    if line == "." {
                        break;
                    }
                }
                let mut counts = arrived.lock().unwrap();
                let count = counts.entry(name).or_default();
                *count = count.saturating_add(1);
                b"250 taken\r\n"
            }
            "QUIT" => b"221 bye\r\n",
            _ => b"250 yes\r\n",
        };
        write.write_all(answer).await.ok()?;
    }
}

/// Files and receives so many, each through whichever server comes next.
async fn files_and_receives(mut desk: Desk, count: usize) -> Vec<Acknowledged> {
    let mut all = Vec::new();
    for _ in 0..count {
        let key = Uuid::now_v7().to_string();
        let filed = desk.file(&key).await;
        // The second time through the other door: the key is the database's, not the process's.
        desk.citizen.next_door();
        assert_eq!(desk.file(&key).await, filed);
        let received = desk.receive(&filed, &Uuid::now_v7().to_string()).await;
        desk.counter.next_door();
        all.push(Acknowledged {
            key,
            id: filed["id"].as_str().unwrap().parse().unwrap(),
            code: received["code"].as_str().map(str::to_owned),
        });
    }
    all
}

fn load(desk: &Desk, callers: usize, count: usize) -> Vec<tokio::task::JoinHandle<Vec<Acknowledged>>> {
    (0..callers).map(|turn| tokio::spawn(files_and_receives(desk.for_caller(turn), count))).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_of_each_do_everything_once_and_one_of_each_may_die() {
    let premises = Premises::prepare().await;
    let client = premises.client().await;
    let since = chrono::Utc::now();
    let (mail_url, arrived) = mail_server().await;
    let none = [("MOTCUA_WORKER_CONCURRENCY", "0"), ("MOTCUA_MAIL_URL", mail_url.as_str())];
    let some = [("MOTCUA_WORKER_CONCURRENCY", "3"), ("MOTCUA_MAIL_URL", mail_url.as_str())];
    let (one, other) = tokio::join!(premises.start("serve", &none), premises.start("serve", &none));
    let (worker, other_worker) =
        tokio::join!(premises.start("worker", &some), premises.start("worker", &some));
    let doors: Doors = Arc::new(Mutex::new(vec![one.base.clone(), other.base.clone()]));
    let desk = Desk::open(&premises, &doors).await;

    // In peace: every job is run once, and every letter arrives once.
    let mut all = Vec::new();
    for caller in load(&desk, 4, 8) {
        all.extend(caller.await.unwrap());
    }
    all_work_done(&client).await;
    everything_once(&client, since, &all).await;
    let tries: i64 = client
        .query_one("SELECT count(*) FROM jobs WHERE attempts <> 1 AND kind <> 'make_paper'", &[])
        .await
        .unwrap()
        .get(0);
    assert_eq!(tries, 0, "jobs were run more than once");
    let letters: i64 = client.query_one("SELECT count(*) FROM messages", &[]).await.unwrap().get(0);
    {
        let counts = arrived.lock().unwrap();
        assert_eq!(i64::try_from(counts.len()), Ok(letters));
        assert!(counts.values().all(|count| *count == 1), "{counts:?}");
    }

    // One of each dies while there is work; the others take over.
    let callers = load(&desk, 4, 8);
    let before = usize::try_from(letters).unwrap();
    crate::support::one_agency::eventually(async || {
        (arrived.lock().unwrap().len() >= before.saturating_add(8)).then_some(())
    })
    .await;
    tokio::join!(one.kill(), worker.kill());
    for caller in callers {
        all.extend(caller.await.unwrap());
    }
    leases_run_out(&client).await;
    all_work_done(&client).await;
    nothing_half_made(&client, since).await;
    everything_once(&client, since, &all).await;
    let again: i64 =
        client.query_one("SELECT count(*) FROM jobs WHERE attempts > 1", &[]).await.unwrap().get(0);
    let letters = client.query("SELECT id FROM messages WHERE state = 'sent'", &[]).await.unwrap();
    {
        let counts = arrived.lock().unwrap();
        assert_eq!(counts.len(), letters.len(), "every letter arrived");
        // A letter may arrive twice only when its worker died after the mail server took it.
        let twice = counts.values().filter(|count| **count > 1).count();
        assert!(i64::try_from(twice).unwrap() <= again, "{twice} arrived again, {again} jobs ran again");
        assert!(again <= 3, "a dead worker had at most its three hands full, not {again}");
    }
    premises.proves(&["audit", "limbo"]).await;
    premises.proves(&["audit", "verify"]).await;
    tokio::join!(other.kill(), other_worker.kill());
    let _ = std::fs::remove_dir_all(&premises.folder);
}
