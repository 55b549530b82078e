//! The manifest of what was filed: every answer, and every file with its digest. Its own digest stands on
//! the receipt and in the applicant's copy, so that whoever has a sealed receipt, the manifest and the files
//! can prove years later, with no office at hand, that these were filed (`motcua verify`).

use motcua_domain::document::Document;
use motcua_domain::dossier::Dossier;
use motcua_domain::ids::{DossierId, PaperId};
use motcua_domain::paper::{PaperKind, Said};
use motcua_domain::policy::Permission;
use motcua_store::paper as store;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use super::record_fetch;
use crate::file::Bytes;
use crate::{Ctx, Error, Result, access};

/// Papers that carry the digest of one.
pub(super) fn is_kept(kind: PaperKind) -> bool {
    matches!(kind, PaperKind::Receipt | PaperKind::FiledCopy)
}

/// The manifest as text. Its bytes are what the digest is of, so it is written once and kept.
pub(super) fn of(dossier: &Dossier, answers: &Value, documents: &[Document]) -> Result<String> {
    let files: Vec<Value> = documents
        .iter()
        .filter(|document| document.stored_at.is_some())
        .map(|document| {
            json!({
                "name": document.name,
                "requirement": document.requirement,
                "size": document.size,
                "sha256": document.sha256,
            })
        })
        .collect();
    let manifest = json!({
        "manifest": 1,
        "reference": dossier.reference,
        "code": dossier.code,
        "procedure": dossier.procedure,
        "agency": dossier.agency,
        "channel": dossier.channel,
        "submitted_at": dossier.submitted_at,
        "received_at": dossier.received_at,
        "answers": answers,
        "files": files,
    });
    Ok(serde_json::to_string_pretty(&manifest)?)
}

/// SHA-256 of a manifest, in hexadecimal.
pub(super) fn digest(manifest: &str) -> String {
    hex::encode(Sha256::digest(manifest))
}

/// The manifest whose digest a paper carries, as a file of JSON, with the name to save it under.
///
/// # Errors
/// Not found, also for papers without one; forbidden.
pub async fn manifest(ctx: &Ctx, id: PaperId) -> Result<(String, Bytes)> {
    let mut conn = ctx.app.conn().await?;
    let paper = store::find(&mut conn, id).await?.ok_or_else(Error::not_found)?;
    let opened = access::open(ctx, &mut conn, DossierId(paper.dossier_id)).await?;
    opened.permit(ctx, Permission::ViewPersonal)?;
    let said: Said = serde_json::from_str(&paper.said)?;
    let manifest = said.manifest.ok_or_else(Error::not_found)?;
    record_fetch(ctx, &mut conn, &opened, json!({ "manifest": id })).await?;
    Ok((format!("{}-{}.json", opened.dossier().known_as(), paper.check_code), Bytes::from(manifest)))
}
