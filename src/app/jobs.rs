//! Background work: what kinds there are, and the runner that takes and runs them.
//!
//! A job is taken under a lease that only saves work; correctness comes from handlers that may run
//! twice. A panic, a lost database, a stop in the middle: the job is there again when the lease ends.

mod bulk_run;
mod make_export;
mod make_paper;
mod move_due_dates;
mod purge;
mod remind_due;
mod remove_file;
mod runner;
mod scan_document;
mod schedule;
mod seal_audit;
mod send_mail;
mod verify_audit;

use std::time::Duration;

use chrono::{DateTime, NaiveDate, Utc};
use motcua_domain::ids::{AccountId, BulkRunId, DocumentId, DossierId, ExportId, JobId, MessageId, PaperId};
use motcua_store::Tx;
use motcua_store::job::NewJob;
use serde::{Deserialize, Serialize};

use crate::mail::Mailer;
use crate::{App, Error, Result};

pub use runner::{Worker, run};

/// How many jobs are dead, and since when the oldest waiting one has been due.
///
/// # Errors
/// When the database is away.
pub async fn health(app: &App) -> Result<(i64, Option<DateTime<Utc>>)> {
    let mut conn = app.conn().await?;
    Ok(motcua_store::job::health(&mut conn).await?)
}

/// Everything that is done in the background, with what it needs to know.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", content = "payload", rename_all = "snake_case")]
pub enum Work {
    SendMail {
        message: MessageId,
    },
    ScanDocument {
        document: DocumentId,
    },
    /// Makes the file of a paper the office drew up.
    MakePaper {
        paper: PaperId,
    },
    /// Removes a file that no paper needs any more; one still needed is left alone.
    RemoveFile {
        object_key: String,
    },
    /// Reckons open dossiers anew after a change of the calendar; the part of them after one.
    MoveDueDates {
        /// The first day that changed.
        since: NaiveDate,
        /// The edition that came into force.
        version: String,
        /// The second look, for what was done meanwhile by a process that did not know it yet.
        again: bool,
        after: Option<DossierId>,
    },
    /// Does one act on many dossiers.
    BulkRun {
        run: BulkRunId,
    },
    /// Writes a list to take away.
    MakeExport {
        export: ExportId,
    },
    SealAudit {},
    Purge {},
    /// Mails staff what is due, on one morning; the part of them after an account.
    RemindDue {
        on: NaiveDate,
        after: Option<AccountId>,
    },
    /// Checks the audit record, in one night; the part of it after a chain, by name.
    VerifyAudit {
        on: NaiveDate,
        after: String,
    },
}

impl Work {
    pub fn kind(&self) -> &'static str {
        match self {
            Self::SendMail { .. } => "send_mail",
            Self::ScanDocument { .. } => "scan_document",
            Self::MakePaper { .. } => "make_paper",
            Self::RemoveFile { .. } => "remove_file",
            Self::MoveDueDates { .. } => "move_due_dates",
            Self::BulkRun { .. } => "bulk_run",
            Self::MakeExport { .. } => "make_export",
            Self::SealAudit {} => "seal_audit",
            Self::Purge {} => "purge",
            Self::RemindDue { .. } => "remind_due",
            Self::VerifyAudit { .. } => "verify_audit",
        }
    }

    /// People wait for scans and for what they began, then for mail; the rest can wait. Whoever wants a paper
    /// before its job comes to it makes it.
    fn priority(&self) -> i16 {
        match self {
            Self::ScanDocument { .. } => 20,
            Self::BulkRun { .. } => 15,
            Self::SendMail { .. } => 10,
            Self::MoveDueDates { .. } | Self::MakeExport { .. } => 5,
            Self::RemoveFile { .. } | Self::SealAudit {} | Self::Purge {} => 0,
            Self::MakePaper { .. } | Self::RemindDue { .. } | Self::VerifyAudit { .. } => 0,
        }
    }

    /// With a wait that grows to an hour, mail is tried for a day and a half.
    fn max_attempts(&self) -> i16 {
        match self {
            Self::SendMail { .. } | Self::ScanDocument { .. } | Self::MakePaper { .. } => 45,
            Self::RemoveFile { .. } | Self::MoveDueDates { .. } | Self::BulkRun { .. } => 25,
            Self::SealAudit {} | Self::Purge {} | Self::MakeExport { .. } => 5,
            Self::RemindDue { .. } | Self::VerifyAudit { .. } => 5,
        }
    }

    fn dedupe_key(&self) -> Option<String> {
        match self {
            Self::SendMail { .. } | Self::ScanDocument { .. } => None,
            Self::MakePaper { .. } | Self::RemoveFile { .. } | Self::MakeExport { .. } => None,
            // One that was paused may go on before its job has seen the pause; two do no harm.
            Self::BulkRun { .. } => None,
            Self::SealAudit {} | Self::Purge {} => Some(self.kind().to_owned()),
            Self::MoveDueDates { version, again, after, .. } => {
                let after = after.map(|after| after.to_string()).unwrap_or_default();
                Some(format!("move_due_dates:{version}:{again}:{after}"))
            }
            Self::RemindDue { on, after } => Some(match after {
                Some(after) => format!("remind_due:{on}:{after}"),
                None => format!("remind_due:{on}"),
            }),
            Self::VerifyAudit { on, after } => Some(format!("verify_audit:{on}:{after}")),
        }
    }

    /// Adds the job to the acting transaction; it exists when that commits.
    ///
    /// # Errors
    /// When the database is away.
    pub async fn enqueue(self, app: &App, tx: &mut Tx) -> Result<()> {
        let now = app.now();
        self.enqueue_for(app, tx, now).await
    }

    /// The same, not to be run before `at`.
    ///
    /// # Errors
    /// When the database is away.
    pub async fn enqueue_for(self, app: &App, tx: &mut Tx, at: DateTime<Utc>) -> Result<()> {
        Self::enqueue_all([self], app, tx, at).await
    }

    /// The same for several, in the statements of one.
    ///
    /// # Errors
    /// When the database is away.
    pub async fn enqueue_all(
        all: impl IntoIterator<Item = Self>,
        app: &App,
        tx: &mut Tx,
        at: DateTime<Utc>,
    ) -> Result<()> {
        let new: Vec<NewJob> = all.into_iter().map(|work| work.new_job(app, at)).collect::<Result<_>>()?;
        motcua_store::job::enqueue(tx, &new).await?;
        Ok(())
    }

    fn new_job(self, app: &App, at: DateTime<Utc>) -> Result<NewJob> {
        let mut tagged = serde_json::to_value(&self)?;
        let payload = tagged.get_mut("payload").map(serde_json::Value::take).unwrap_or_default();
        let id: JobId = app.new_id();
        Ok(NewJob {
            id: id.0,
            kind: self.kind(),
            payload,
            priority: self.priority(),
            available_at: at,
            max_attempts: self.max_attempts(),
            dedupe_key: self.dedupe_key(),
            created_at: app.now(),
        })
    }

    /// Reads a stored job; none for a kind this program does not know.
    fn read(kind: &str, payload: serde_json::Value) -> Option<Self> {
        serde_json::from_value(serde_json::json!({ "kind": kind, "payload": payload })).ok()
    }
}

/// How a run ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    Done,
    /// To be tried again: after this long, or after the usual growing wait.
    Retry {
        after: Option<Duration>,
        why: String,
    },
    /// Never to be tried again.
    Fail(String),
}

impl From<Error> for Outcome {
    /// What the application could not do may work next time.
    fn from(error: Error) -> Self {
        Self::Retry { after: None, why: error.private().unwrap_or(error.code.as_str()).to_owned() }
    }
}

/// What a handler is told about its run.
#[derive(Debug, Clone, Copy)]
struct Try {
    /// No other run will follow a `Retry`.
    last: bool,
}

async fn perform(app: &App, mailer: &Mailer, work: Work, this: Try) -> Outcome {
    let done = match work {
        Work::MakePaper { paper } => return make_paper::run(app, paper).await,
        Work::SendMail { message } => return send_mail::run(app, mailer, message, this).await,
        Work::ScanDocument { document } => return scan_document::run(app, document).await,
        Work::RemoveFile { object_key } => remove_file::run(app, &object_key).await,
        Work::MoveDueDates { since, version, again, after } => {
            move_due_dates::run(app, since, version, again, after).await
        }
        Work::BulkRun { run } => bulk_run::run(app, run).await,
        Work::MakeExport { export } => make_export::run(app, export, this).await,
        Work::SealAudit {} => seal_audit::run(app).await,
        Work::Purge {} => purge::run(app).await,
        Work::RemindDue { on, after } => remind_due::run(app, on, after).await,
        Work::VerifyAudit { on, after } => return verify_audit::run(app, on, &after).await,
    };
    done.map_or_else(Outcome::from, |()| Outcome::Done)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_reads_back_as_it_was_written() {
        let id = uuid::Uuid::nil();
        for work in [
            Work::SendMail { message: MessageId(id) },
            Work::ScanDocument { document: DocumentId(id) },
            Work::RemoveFile { object_key: "documents/x".to_owned() },
            Work::MoveDueDates {
                since: "2026-11-23".parse().unwrap(),
                version: "2026.1-1".to_owned(),
                again: false,
                after: Some(DossierId(id)),
            },
            Work::BulkRun { run: BulkRunId(id) },
            Work::MakeExport { export: ExportId(id) },
            Work::SealAudit {},
            Work::Purge {},
            Work::RemindDue { on: "2026-11-23".parse().unwrap(), after: Some(AccountId(id)) },
            Work::VerifyAudit { on: "2026-11-23".parse().unwrap(), after: String::new() },
        ] {
            let tagged = serde_json::to_value(&work).unwrap();
            assert_eq!(tagged["kind"], work.kind());
            assert_eq!(Work::read(work.kind(), tagged["payload"].clone()), Some(work));
        }
        assert_eq!(Work::read("brew_coffee", serde_json::json!({})), None);
    }
}
