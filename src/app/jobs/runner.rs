//! The runner: claims, runs, records, and gives leases back when told to stop.
//!
//! Ringing wakes it at once; looking every second is what can be relied on.

use std::collections::HashMap;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::Duration;

use chrono::TimeDelta;
use futures_util::FutureExt;
use motcua_domain::ids::JobId;
use motcua_store::job::{self, Leased};
use secrecy::{ExposeSecret, SecretString};
use tokio::sync::{Notify, watch};
use tokio::task::{Id, JoinSet};
use tokio::time::{MissedTickBehavior, interval, sleep, timeout};
use uuid::Uuid;

use super::{Outcome, Try, Work, perform, schedule};
use crate::mail::Mailer;
use crate::{App, Result};

/// A run must end well inside its lease.
const RUN_LIMIT: Duration = Duration::from_secs(240);
const LEASE: TimeDelta = TimeDelta::seconds(300);
const LOOK_EVERY: Duration = Duration::from_secs(1);
/// New rules are taken up, and schedules looked at, this often.
const ROUND_EVERY: Duration = Duration::from_secs(10);
/// How long runs under way may take to finish once we are told to stop.
const GRACE: Duration = Duration::from_secs(10);
const FIRST_WAIT: u64 = 5;
const LONGEST_WAIT: u64 = 3600;

/// What the runner needs beside the application.
pub struct Worker {
    pub app: App,
    pub mailer: Mailer,
    /// For the connection that waits for rings.
    pub database_url: SecretString,
    /// Jobs run at once.
    pub concurrency: usize,
}

/// Runs jobs until `stop` turns true or its sender is gone; then finishes or gives back what it holds.
pub async fn run(worker: Worker, mut stop: watch::Receiver<bool>) {
    let Worker { app, mailer, database_url, concurrency } = worker;
    let mailer = Arc::new(mailer);
    let bell = Arc::new(Notify::new());
    let mut listener = JoinSet::new();
    listener.spawn(keep_listening(database_url, Arc::clone(&bell)));
    let mut running: JoinSet<()> = JoinSet::new();
    // Which lease each running task works under.
    let mut leases: HashMap<Id, Uuid> = HashMap::new();
    let mut look = interval(LOOK_EVERY);
    look.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut round = interval(ROUND_EVERY);
    round.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        tokio::select! {
            () = told(&mut stop) => break,
            _ = look.tick() => {}
            () = bell.notified() => {}
            _ = round.tick() => {
                if let Err(error) = schedule::round(&app).await {
                    tracing::warn!(why = error.private(), "scheduled work could not be looked at");
                }
            }
            Some(ended) = running.join_next_with_id() => {
                leases.remove(&ended.map_or_else(|error| error.id(), |(id, ())| id));
            }
        }
        // Claims until there is nothing to take or no hand is free.
        loop {
            let free = concurrency.saturating_sub(running.len());
            let claimed = match claim(&app, free).await {
                Ok(claimed) => claimed,
                Err(error) => {
                    tracing::warn!(why = error.private(), "jobs could not be claimed");
                    break;
                }
            };
            let Some((lease, jobs)) = claimed else { break };
            for leased in jobs {
                let task = running.spawn(run_one(app.clone(), Arc::clone(&mailer), lease, leased));
                leases.insert(task.id(), lease);
            }
        }
    }
    listener.shutdown().await;
    wind_up(&app, running, leases).await;
}

/// Until `stop` turns true, or nobody is there to turn it.
async fn told(stop: &mut watch::Receiver<bool>) {
    let _ = stop.wait_for(|stopped| *stopped).await;
}

/// Lets runs finish for a while, then gives the rest back for others.
async fn wind_up(app: &App, mut running: JoinSet<()>, mut leases: HashMap<Id, Uuid>) {
    let all = async {
        while let Some(ended) = running.join_next_with_id().await {
            leases.remove(&ended.map_or_else(|error| error.id(), |(id, ())| id));
        }
    };
    if timeout(GRACE, all).await.is_ok() {
        return;
    }
    running.shutdown().await;
    for lease in leases.into_values() {
        if let Err(error) = give_back(app, lease).await {
            tracing::warn!(why = error.private(), "a lease was not given back and must run out");
        }
    }
}

async fn give_back(app: &App, lease: Uuid) -> Result<()> {
    let mut conn = app.conn().await?;
    job::release(&mut conn, lease).await?;
    Ok(())
}

/// Takes jobs for the free hands; none when nothing waits.
async fn claim(app: &App, free: usize) -> Result<Option<(Uuid, Vec<Leased>)>> {
    if free == 0 {
        return Ok(None);
    }
    let lease: Uuid = app.new_id();
    let mut conn = app.conn().await?;
    let jobs =
        job::claim(&mut conn, lease, app.now(), app.after(LEASE), i64::try_from(free).unwrap_or(1)).await?;
    Ok((!jobs.is_empty()).then_some((lease, jobs)))
}

async fn run_one(app: App, mailer: Arc<Mailer>, lease: Uuid, leased: Leased) {
    let Leased { id, kind, payload, attempts, max_attempts } = leased;
    let last = attempts >= max_attempts;
    let outcome = match Work::read(&kind, payload) {
        None => Outcome::Fail("this program does not know the kind of work".to_owned()),
        Some(work) => {
            let run = AssertUnwindSafe(perform(&app, &mailer, work, Try { last })).catch_unwind();
            match timeout(RUN_LIMIT, run).await {
                Ok(Ok(outcome)) => outcome,
                Ok(Err(_)) => Outcome::Retry { after: None, why: "the run panicked".to_owned() },
                Err(_) => Outcome::Retry { after: None, why: "the run took too long".to_owned() },
            }
        }
    };
    let (word, why) = match &outcome {
        Outcome::Done => ("done", ""),
        Outcome::Retry { why, .. } if !last => ("retried", why.as_str()),
        Outcome::Retry { why, .. } | Outcome::Fail(why) => ("dead", why.as_str()),
    };
    metrics::counter!("motcua_jobs_total", "kind" => kind.clone(), "outcome" => word).increment(1);
    match word {
        "done" => tracing::debug!(job = %id, kind, attempts, "job done"),
        "retried" => tracing::warn!(job = %id, kind, attempts, why, "job will be tried again"),
        _ => tracing::error!(job = %id, kind, attempts, why, "job given up"),
    }
    if let Err(error) = record(&app, JobId(id), lease, attempts, last, &outcome).await {
        tracing::warn!(job = %id, kind, why = error.private(), "the outcome was not recorded; the job runs again when its lease ends");
    }
}

async fn record(
    app: &App,
    id: JobId,
    lease: Uuid,
    attempts: i16,
    last: bool,
    outcome: &Outcome,
) -> Result<()> {
    let mut conn = app.conn().await?;
    match outcome {
        Outcome::Done => {
            job::finish(&mut conn, id, lease, app.now()).await?;
        }
        Outcome::Retry { after, why } if !last => {
            let wait = match after {
                Some(wait) => *wait,
                None => wait_after(attempts, app.random::<1>()?[0]),
            };
            let at = app.after(TimeDelta::from_std(wait).unwrap_or(TimeDelta::hours(1)));
            job::retry(&mut conn, id, lease, at, why).await?;
        }
        Outcome::Retry { why, .. } | Outcome::Fail(why) => {
            job::bury(&mut conn, id, lease, app.now(), why).await?
        }
    }
    Ok(())
}

/// Doubles from five seconds to an hour, with a fifth more or less, so that retries spread out.
fn wait_after(attempts: i16, chance: u8) -> Duration {
    let doublings = u32::try_from(attempts.saturating_sub(1)).unwrap_or(0).min(16);
    let seconds = FIRST_WAIT.saturating_mul(1 << doublings).min(LONGEST_WAIT);
    let per_mille = 800_u64.saturating_add(u64::from(chance).saturating_mul(400) / 255);
    Duration::from_millis(seconds.saturating_mul(per_mille))
}

/// Rings are a comfort; when the connection is lost, looking every second goes on alone.
async fn keep_listening(url: SecretString, bell: Arc<Notify>) {
    loop {
        if let Err(error) = motcua_store::upkeep::listen(url.expose_secret(), Arc::clone(&bell)).await {
            tracing::debug!(%error, "waiting for jobs by looking only");
        }
        sleep(ROUND_EVERY).await;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_grow_to_an_hour_and_spread_by_a_fifth() {
        assert_eq!(wait_after(1, 0), Duration::from_secs(4));
        assert_eq!(wait_after(1, 255), Duration::from_secs(6));
        assert_eq!(wait_after(3, 128).as_secs(), 20);
        assert_eq!(wait_after(45, 255), Duration::from_secs(4320));
        assert_eq!(wait_after(i16::MAX, 0), Duration::from_secs(2880));
    }
}
