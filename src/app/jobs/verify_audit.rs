//! The nightly proof of the audit record, in parts that end well inside a lease; seals come last.
//!
//! A part that does not hold stays on the dead list, where health and metrics show it, and inspectors
//! and administrators are told by mail. The parts after it are checked all the same.

use std::time::{Duration, Instant};

use chrono::NaiveDate;
use motcua_domain::policy::Role;
use motcua_store::account;

use super::{Outcome, Work};
use crate::audit::{Verified, verify_chains, verify_seals};
use crate::{App, Ctx, Result, letters};

const PART: Duration = Duration::from_secs(60);
const PEOPLE_AT_MOST: i64 = 1000;
/// Places named in one mail and in the reason.
const MOST_NAMED: usize = 50;

pub(super) async fn run(app: &App, on: NaiveDate, after: &str) -> Outcome {
    match part(app, on, after).await {
        Ok(broken) if broken.is_empty() => Outcome::Done,
        Ok(broken) => Outcome::Fail(format!("the audit record does not hold: {}", broken.join("; "))),
        Err(error) => error.into(),
    }
}

/// The places that do not hold, in words without personal data.
async fn part(app: &App, on: NaiveDate, after: &str) -> Result<Vec<String>> {
    let begun = Instant::now();
    let mut conn = app.conn().await?;
    let mut verified = Verified::default();
    let mut next = Some(after.to_owned());
    while let Some(name) = &next {
        if begun.elapsed() > PART {
            break;
        }
        next = verify_chains(&mut conn, name, &mut verified).await?;
    }
    if next.is_none() {
        verify_seals(&mut conn, &mut verified).await?;
    }
    let mut broken = verified.broken;
    broken.truncate(MOST_NAMED);
    let people = if broken.is_empty() {
        Vec::new()
    } else {
        let roles = [Role::Inspector, Role::Admin];
        account::reachable(&mut conn, &roles, app.today(), None, PEOPLE_AT_MOST).await?
    };
    drop(conn);
    let ctx = Ctx::system(app.clone(), "verify_audit".to_owned());
    let mut tx = app.begin("verify_audit").await?;
    for person in &people {
        letters::audit_broken(&ctx, &mut tx, person, on, &broken).await?;
    }
    if let Some(after) = next {
        Work::VerifyAudit { on, after }.enqueue(app, &mut tx).await?;
    }
    tx.commit().await?;
    Ok(broken)
}
