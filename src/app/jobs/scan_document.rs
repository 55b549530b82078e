//! Shows one paper to the virus scanner. Until it says clean, nobody can open the paper.

use std::time::Duration;

use motcua_domain::document::{DocumentState, Scan};
use motcua_domain::ids::DocumentId;
use motcua_store::document;

use super::{Outcome, Work};
use crate::clamd::{self, Verdict};
use crate::{App, Error, Result};

/// People wait for it, so a scanner that is away is asked again soon.
const AGAIN: Duration = Duration::from_secs(15);

pub(super) async fn run(app: &App, id: DocumentId) -> Outcome {
    match scan(app, id).await {
        Ok(()) => Outcome::Done,
        Err(error) => Outcome::Retry {
            after: Some(AGAIN),
            why: error.private().unwrap_or(error.code.as_str()).to_owned(),
        },
    }
}

async fn scan(app: &App, id: DocumentId) -> Result<()> {
    let found = document::find(&mut *app.conn().await?, id).await?;
    let Some(stored) = found.filter(|stored| stored.document.state == DocumentState::Scanning) else {
        return Ok(());
    };
    let Some(object_key) = stored.object_key else {
        return Err(Error::internal("a paper to scan has no content"));
    };
    let Some(address) = &app.settings().clamd else {
        return Err(Error::unavailable("a paper waits for a scanner, and none is configured"));
    };
    let Some((_, content)) = app.files().get(&object_key).await? else {
        return Err(Error::internal(format!("{object_key} is not in the file store")));
    };
    let verdict = clamd::scan(address, content).await?;
    let mut tx = app.begin("scan_document").await?;
    match verdict {
        Verdict::Clean => document::mark_clean(&mut tx, id).await?,
        Verdict::Infected(name) => {
            tracing::warn!(document = %id, signature = name, "an infected paper was removed");
            document::mark_refused(&mut tx, id, DocumentState::Infected, Scan::Infected).await?;
            Work::RemoveFile { object_key }.enqueue(app, &mut tx).await?;
        }
        // Asking again changes nothing: nobody may open what was not looked at, so it goes.
        Verdict::TooLarge => {
            tracing::warn!(document = %id, "a paper is larger than the scanner takes (its StreamMaxLength) and was removed");
            document::mark_refused(&mut tx, id, DocumentState::Rejected, Scan::TooLarge).await?;
            Work::RemoveFile { object_key }.enqueue(app, &mut tx).await?;
        }
    }
    tx.commit().await?;
    Ok(())
}
