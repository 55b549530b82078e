//! A real server is killed again and again, at random moments, while people file and staff receive.
//! What was acknowledged is there, once and whole; what was not acknowledged is asked for again.
//!
//! `make crash RUNS=1000` for the long form; `MOTCUA_CRASH_SEED` repeats the moments of a run.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use uuid::Uuid;

use crate::support::process::{
    Acknowledged, Desk, Doors, Premises, all_work_done, everything_once, leases_run_out, nothing_half_made,
};

const CALLERS: usize = 4;

/// SplitMix64: enough to choose moments, and the same for the same seed.
struct Chance(u64);

impl Chance {
    fn below(&mut self, bound: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (mixed ^ (mixed >> 31)) % bound
    }
}

fn setting(name: &str, otherwise: u64) -> u64 {
    std::env::var(name).map_or(otherwise, |text| text.parse().unwrap_or_else(|_| panic!("{name} is {text}")))
}

/// Files and receives until told to stop, and now and then asks again what was already answered,
/// as a client does that lost the answer.
async fn load(
    mut desk: Desk,
    mut chance: Chance,
    stop: Arc<AtomicBool>,
    answered: Arc<AtomicUsize>,
) -> Vec<Acknowledged> {
    let mut all = Vec::new();
    while !stop.load(Ordering::Relaxed) {
        let key = Uuid::now_v7().to_string();
        let filed = desk.file(&key).await;
        answered.fetch_add(1, Ordering::Relaxed);
        if chance.below(4) == 0 {
            assert_eq!(desk.file(&key).await, filed, "the same key gets the same answer");
        }
        let mut done = Acknowledged { key, id: filed["id"].as_str().unwrap().parse().unwrap(), code: None };
        if chance.below(4) > 0 {
            let key = Uuid::now_v7().to_string();
            let received = desk.receive(&filed, &key).await;
            answered.fetch_add(1, Ordering::Relaxed);
            if chance.below(4) == 0 {
                assert_eq!(desk.receive(&filed, &key).await, received, "the same key gets the same answer");
            }
            done.code = received["code"].as_str().map(str::to_owned);
            assert!(done.code.is_some() && received["id"] == filed["id"], "{received:#}");
        }
        all.push(done);
    }
    all
}

/// A server lives for less than this many milliseconds after it is ready.
const LIFE: u64 = 396;
const LONGEST_LIFE: u64 = 10_000;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_killed_server_loses_nothing_and_does_nothing_twice() {
    let runs = setting("MOTCUA_CRASH_RUNS", 200);
    let clock = u64::from(std::time::UNIX_EPOCH.elapsed().unwrap().subsec_nanos());
    let seed = setting("MOTCUA_CRASH_SEED", clock);
    eprintln!("crash: {runs} runs, MOTCUA_CRASH_SEED={seed}");
    let premises = Premises::prepare().await;
    let client = premises.client().await;
    let since = chrono::Utc::now();

    let mut server = premises.start("serve", &[]).await;
    let doors = Doors::default();
    doors.lock().unwrap().push(server.base.clone());
    let desk = Desk::open(&premises, &doors).await;
    let (stop, answered) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicUsize::new(0)));
    let callers: Vec<_> = (0..CALLERS)
        .map(|number| {
            let chance = Chance(seed.wrapping_add(1).wrapping_add(u64::try_from(number).unwrap()));
            tokio::spawn(load(desk.for_caller(number), chance, Arc::clone(&stop), Arc::clone(&answered)))
        })
        .collect();

    let mut chance = Chance(seed);
    let begun = Instant::now();
    let mut starting = Duration::ZERO;
    // Where the machine is so busy that no act ends between two kills, the server lives longer.
    let (mut life, mut seen) = (LIFE, 0);
    for run in 1..=runs {
        tokio::time::sleep(Duration::from_millis(5_u64.saturating_add(chance.below(life)))).await;
        server.kill().await;
        let acts = answered.load(Ordering::Relaxed);
        life = if acts > seen { LIFE } else { life.saturating_mul(2).min(LONGEST_LIFE) };
        seen = acts;
        doors.lock().unwrap().clear();
        nothing_half_made(&client, since).await;
        assert!(callers.iter().all(|caller| !caller.is_finished()), "a caller gave up; seed {seed}");
        let at = Instant::now();
        server = premises.start("serve", &[]).await;
        starting = starting.saturating_add(at.elapsed());
        doors.lock().unwrap().push(server.base.clone());
        if run % 50 == 0 {
            eprintln!("crash: {run} kills, {acts} acts acknowledged, {:?}", begun.elapsed());
        }
    }
    stop.store(true, Ordering::Relaxed);
    let mut all = Vec::new();
    for caller in callers {
        all.extend(caller.await.unwrap());
    }
    // An unoptimised server does little between two kills, but it must do something.
    assert!(
        all.len() > usize::try_from(runs / 4).unwrap(),
        "{} filings in {runs} runs prove nothing",
        all.len()
    );
    leases_run_out(&client).await;
    all_work_done(&client).await;
    nothing_half_made(&client, since).await;
    everything_once(&client, since, &all).await;
    premises.proves(&["audit", "limbo"]).await;
    premises.proves(&["audit", "verify"]).await;
    let letters = client.query("SELECT id FROM messages", &[]).await.unwrap();
    for letter in &letters {
        let file = premises.folder.join("mail").join(format!("{}.eml", letter.get::<_, Uuid>(0)));
        assert!(std::fs::metadata(&file).unwrap().len() > 200, "{} is not whole", file.display());
    }
    server.kill().await;
    eprintln!(
        "crash: {runs} kills in {:?} (ready again after {:?}): {} dossiers, {} letters, all in order",
        begun.elapsed(),
        starting.checked_div(u32::try_from(runs.max(1)).unwrap()).unwrap(),
        all.len(),
        letters.len()
    );
    let _ = std::fs::remove_dir_all(&premises.folder);
}
