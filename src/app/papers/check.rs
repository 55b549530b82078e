//! Checking a paper: by the code printed on it, or by its file. Anyone may; nobody's data is told.

use chrono::{DateTime, Utc};
use motcua_domain::dossier::code::{grouped, normalise_key};
use motcua_domain::ids::DossierId;
use motcua_domain::paper::Said;
use motcua_domain::text::Text;
use motcua_store::Conn;
use motcua_store::paper::{self as store, Paper};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::{CODE, view};
use crate::{Ctx, Error, Result};

/// What anyone may know of a paper: no more than stands on it, and nobody's data.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct Checked {
    pub title: Text,
    pub agency: Text,
    pub made_at: DateTime<Utc>,
    /// Number of the document, for results.
    pub number: Option<String>,
    pub check_code: String,
    pub sha256: Option<String>,
    pub sealed_by: Option<String>,
    /// A later paper of its kind has taken its place.
    pub replaced: bool,
    /// What it promises or asks for is over.
    pub spent: bool,
}

/// What became of a file that was shown for a check.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// It is the very file this office made.
    Genuine(Checked),
    /// It carries the code of a paper of this office, and is another file.
    Altered(Checked),
    /// It says that it is a working translation of this paper. Those are kept nowhere: nobody can tell whether
    /// it is as it was made, and the Vietnamese paper counts.
    Translation(Checked),
    Unknown,
}

async fn checked(ctx: &Ctx, conn: &mut Conn, paper: Paper) -> Result<Option<Checked>> {
    let rules = ctx.app.rules();
    let id = DossierId(paper.dossier_id);
    let all = store::list(conn, id).await?;
    let (filed, _) = motcua_store::dossier::load(conn, id).await?;
    let Some(view) = view(&rules.forms, &paper, &all, &filed.dossier) else { return Ok(None) };
    let said: Said = serde_json::from_str(&paper.said)?;
    let text = |value: &serde_json::Value, at: &str| {
        value.pointer(at).and_then(serde_json::Value::as_str).unwrap_or_default().to_owned()
    };
    Ok(Some(Checked {
        title: view.title,
        agency: Text::new(text(&said.vi, "/agency/name"), text(&said.en, "/agency/name")),
        made_at: view.made_at,
        number: Some(text(&said.vi, "/number")).filter(|number| !number.is_empty()),
        check_code: view.check_code,
        sha256: view.sha256,
        sealed_by: view.sealed_by,
        replaced: view.replaced,
        spent: view.spent,
    }))
}

/// The paper with this code, if there is one. Wrong codes are counted, so that nobody finds one by trying.
async fn with_code(ctx: &Ctx, conn: &mut Conn, code: &str) -> Result<Option<Checked>> {
    const COUNTED: &str = "papers";
    ctx.app.wrong_keys().check(&ctx.address, COUNTED, ctx.now())?;
    let found = match store::find_by_code(conn, &grouped(&normalise_key(code))).await? {
        Some(paper) => checked(ctx, conn, paper).await?,
        None => None,
    };
    if found.is_none() {
        ctx.app.wrong_keys().note(&ctx.address, COUNTED, ctx.now());
    }
    Ok(found)
}

/// The paper with this code.
///
/// # Errors
/// Not found; too many tries.
pub async fn check(ctx: &Ctx, code: &str) -> Result<Checked> {
    let mut conn = ctx.app.conn().await?;
    with_code(ctx, &mut conn, code).await?.ok_or_else(Error::not_found)
}

/// Says of a file whether it is one of this office. A code in it counts as one that was typed.
///
/// # Errors
/// Too many tries; when the database is away.
pub async fn judge(ctx: &Ctx, file: &[u8]) -> Result<Verdict> {
    let mut conn = ctx.app.conn().await?;
    let sha256 = hex::encode(Sha256::digest(file));
    if let Some(paper) = store::find_by_hash(&mut conn, &sha256).await? {
        return Ok(checked(ctx, &mut conn, paper).await?.map_or(Verdict::Unknown, Verdict::Genuine));
    }
    for (mark, verdict) in MARKS {
        for code in codes_in(file, mark) {
            if let Some(paper) = with_code(ctx, &mut conn, &code).await? {
                return Ok(verdict(paper));
            }
        }
    }
    Ok(Verdict::Unknown)
}

/// What stands before a code in the description of a file, and what a file is that has it and is none of ours.
const MARKS: [(&str, Judge); 2] =
    [("motcua:", Verdict::Altered), ("motcua-translation:", Verdict::Translation)];
type Judge = fn(Checked) -> Verdict;

/// Codes of papers a file carries in its description, which is written in the clear.
fn codes_in(file: &[u8], mark: &str) -> Vec<String> {
    // Whoever has a code alone types it.
    if !file.starts_with(b"%PDF-") {
        return Vec::new();
    }
    let text = String::from_utf8_lossy(file);
    let found = text.split(mark).skip(1).filter_map(|rest| rest.get(..CODE.saturating_add(2)));
    let mut codes: Vec<String> = found.map(str::to_owned).collect();
    codes.dedup();
    codes.truncate(4);
    codes
}
