//! The morning mail to staff, a hundred people at a time; each gets one per day, however often this runs.

use chrono::NaiveDate;
use motcua_domain::ids::AccountId;
use motcua_domain::policy::Role;
use motcua_store::account;

use super::Work;
use crate::letters::digest;
use crate::{App, Ctx, Result};

const PEOPLE_AT_ONCE: i64 = 100;

pub(super) async fn run(app: &App, on: NaiveDate, after: Option<AccountId>) -> Result<()> {
    // A morning that passed while no worker ran; the next one has a mail of its own.
    if app.today() != on {
        return Ok(());
    }
    let ctx = Ctx::system(app.clone(), "remind_due".to_owned());
    let mut conn = app.conn().await?;
    let people = account::reachable(&mut conn, Role::ALL, on, after, PEOPLE_AT_ONCE).await?;
    drop(conn);
    for person in &people {
        digest::send(&ctx, person, on).await?;
    }
    if let Some(last) = people.last() {
        let mut tx = app.begin("remind_due_on").await?;
        Work::RemindDue { on, after: Some(AccountId(last.id)) }.enqueue(app, &mut tx).await?;
        tx.commit().await?;
    }
    Ok(())
}
