//! Installing rules: a version is linted, hashed and frozen; installing it again does nothing.

use chrono::{DateTime, Utc};
use motcua_domain::calendar::CalendarYear;
use motcua_domain::paper::{Forms, PaperKind};
use motcua_domain::procedure::{ProcedureVersion, lint};
use motcua_store::Tx;
use motcua_store::catalogue::{self as store, NewVersion};
use sha2::{Digest, Sha256};
use uuid::Uuid;

use crate::{App, Error, Result};

/// What an installation brings, as exact texts.
#[derive(Debug, Clone, Default)]
pub struct Bundle {
    /// Version, exact content, SHA-256 of it in hex.
    pub versions: Vec<(ProcedureVersion, String, String)>,
    pub calendars: Vec<(CalendarYear, String)>,
    /// Name, exact content, SHA-256 of it in hex.
    pub parameters: Vec<(&'static str, String, String)>,
}

/// The parameter that holds the forms of papers.
pub const FORMS: &str = "forms";

/// Parameter with a filled-in form for each version, by `key/version`.
pub const SAMPLES: &str = "samples";

/// How much of a bundle was new.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Installed {
    pub versions: usize,
    pub calendars: usize,
    pub parameters: usize,
}

/// Installs a bundle in one transaction, before any server runs on the database.
///
/// # Errors
/// When a version does not pass the linter, or differs from one installed under its name.
pub async fn install(pool: &motcua_store::Pool, clock: &crate::Clock, bundle: &Bundle) -> Result<Installed> {
    let mut tx = motcua_store::Tx::begin(pool, "install_catalogue").await?;
    let now = clock.now();
    let mut installed = Installed::default();
    for (version, content, content_hash) in &bundle.versions {
        let findings = lint::lint(version);
        if let Some(finding) = findings.first() {
            return Err(Error::internal(format!(
                "{} {}: {}: {}",
                version.key, version.version, finding.at, finding.text
            )));
        }
        let new = NewVersion {
            id: new_id(),
            key: version.key.as_str(),
            version: &version.version,
            effective_from: version.effective_from,
            effective_to: version.effective_to,
            content,
            content_hash,
            installed_at: now,
        };
        let fresh = store::install_version(&mut tx, &new).await.map_err(|error| {
            if error.violates("procedure_versions_unique") {
                Error::internal(format!("{} {} is installed with other content; installed versions are never changed, give it a new version", version.key, version.version))
            } else {
                error.into()
            }
        })?;
        installed.versions = installed.versions.saturating_add(usize::from(fresh));
    }
    for (year, content) in &bundle.calendars {
        let fresh =
            store::install_calendar(&mut tx, new_id(), year.year, &year.version, content, now).await?;
        installed.calendars = installed.calendars.saturating_add(usize::from(fresh));
    }
    for (name, content, content_hash) in &bundle.parameters {
        let fresh = store::install_parameter(&mut tx, name, content_hash, content, now).await?;
        installed.parameters = installed.parameters.saturating_add(usize::from(fresh));
    }
    if let Some((_, content, _)) = bundle.parameters.iter().find(|(name, ..)| *name == FORMS) {
        let fresh = keep_rewritten(&mut tx, content, now).await?;
        installed.parameters = installed.parameters.saturating_add(usize::from(fresh));
    }
    tx.commit().await?;
    Ok(installed)
}

/// What was rewritten here stays so under the forms of a newer program.
async fn keep_rewritten(tx: &mut Tx, brought: &str, now: DateTime<Utc>) -> Result<bool> {
    let published = motcua_store::proposal::published_papers(tx.conn()).await?;
    if published.is_empty() {
        return Ok(false);
    }
    let mut forms: Forms = serde_json::from_str(brought)?;
    for (kind, from, template) in &published {
        let kind: PaperKind = kind.parse().map_err(|_| Error::internal(format!("a paper {kind}")))?;
        if let Some(rewritten) = forms.rewritten(kind, *from, template) {
            forms = rewritten;
        }
    }
    let content = serde_json::to_string(&forms)?;
    let hash = hex::encode(Sha256::digest(&content));
    Ok(store::install_parameter(tx, FORMS, &hash, &content, now).await?)
}

fn new_id() -> Uuid {
    #[expect(clippy::disallowed_methods, reason = "installation runs before there is an App to ask for ids")]
    Uuid::now_v7()
}

impl App {
    /// Ready when the database answers and the catalogue is installed.
    ///
    /// # Errors
    /// `Unavailable` otherwise.
    pub async fn ready(&self) -> Result<()> {
        let mut conn = self.conn().await?;
        store::stamp(&mut conn).await?;
        Ok(())
    }
}
