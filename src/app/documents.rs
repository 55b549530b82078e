//! Papers in two steps: announced by name, then their content as a stream.
//!
//! The content goes to the store part by part while its size, kind and SHA-256 are found out; it
//! counts only when all of that is right and the row says so. With a virus scanner nobody can open
//! a paper before the scanner has said clean. No transaction is open while bytes move.

mod content;

use chrono::TimeDelta;
use motcua_domain::actor::Doer;
use motcua_domain::document::{Document, DocumentState, Scan, clean_name, clean_sha256};
use motcua_domain::dossier::command::CommandKind;
use motcua_domain::dossier::state::State;
use motcua_domain::error_code::{ErrorCode, FieldError};
use motcua_domain::ids::{DocumentId, DossierId};
use motcua_domain::policy::Permission;
use motcua_domain::text::Text;
use motcua_store::Tx;
use motcua_store::document::{self as store, Stored};
use serde_json::{Value, json};

use crate::access::{self, Opened};
use crate::file::Content;
use crate::idempotency::Ticket;
use crate::jobs::Work;
use crate::{Ctx, Error, Result, record};

pub use content::Incoming;

/// Papers a dossier may have.
const MOST: i64 = 100;
/// A file nobody refers to after this long is removed.
const UNCLAIMED: TimeDelta = TimeDelta::hours(2);

/// A paper that will come.
#[derive(Debug, Clone, Default)]
pub struct Announcement {
    pub name: String,
    /// Key of the required paper it is.
    pub requirement: Option<String>,
    pub sha256: Option<String>,
    pub size: Option<u64>,
}

/// May the caller add or take away papers now? Drafts: whoever edits them. Awaiting a supplement:
/// also the filer. Otherwise, until the end: the counter.
pub(crate) fn may_change(ctx: &Ctx, opened: &Opened) -> Result<()> {
    let edit = opened.permit(ctx, Permission::Edit).map(drop);
    let state = &opened.dossier().state;
    let rights = match state {
        State::AwaitingSupplement { .. } => edit.or_else(|denied| {
            opened.permit(ctx, Permission::Act(CommandKind::Supply)).map(drop).map_err(|_| denied)
        }),
        _ => edit,
    };
    rights?;
    let open_to_all = matches!(state, State::Draft | State::AwaitingSupplement { .. });
    let open_to_staff = !state.is_final() && opened.actor.staff().is_some();
    if open_to_all || open_to_staff { Ok(()) } else { Err(Error::of(ErrorCode::ActNotAllowed)) }
}

fn doer(opened: &Opened) -> Doer {
    opened.actor.doer(None)
}

/// Announces a paper: its name and what it is for.
///
/// # Errors
/// Not found, forbidden, wrong state; wrong name, unknown requirement, too many papers, too large.
pub async fn announce(
    ctx: &Ctx,
    dossier: DossierId,
    ticket: &Ticket,
    announcement: Announcement,
) -> Result<Document> {
    let mut tx = ctx.app.begin("announce_document").await?;
    if let Some(answer) = ticket.claim(ctx, &mut tx).await? {
        return Ok(answer);
    }
    let opened = access::lock(ctx, &mut tx, dossier).await?;
    opened.permit(ctx, Permission::View)?;
    may_change(ctx, &opened)?;
    let new = check(ctx, &opened, announcement)?;
    if store::count(tx.conn(), dossier).await? >= MOST {
        return Err(Error::field("/name", ErrorCode::FieldTooMany));
    }
    store::insert(&mut tx, &new, &serde_json::to_value(doer(&opened))?).await?;
    ticket.answer(&mut tx, &new.document).await?;
    tx.commit().await?;
    Ok(new.document)
}

fn check(ctx: &Ctx, opened: &Opened, announcement: Announcement) -> Result<Stored> {
    let Announcement { name, requirement, sha256, size } = announcement;
    let mut errors = Vec::new();
    let mut wrong = |pointer: &str, code| errors.push(FieldError::plain(pointer, code));
    let name = clean_name(&name).unwrap_or_else(|code| {
        wrong("/name", code);
        String::new()
    });
    let sha256 = sha256.and_then(|given| clean_sha256(&given).map_err(|code| wrong("/sha256", code)).ok());
    if requirement
        .as_ref()
        .is_some_and(|key| !opened.version.definition.requirements.iter().any(|each| each.key == *key))
    {
        wrong("/requirement", ErrorCode::FieldChoice);
    }
    if size == Some(0) {
        wrong("/size", ErrorCode::FieldTooSmall);
    }
    if !errors.is_empty() {
        return Err(Error::fields(errors));
    }
    if size.is_some_and(|size| size > ctx.app.settings().upload_max_bytes) {
        return Err(Error::of(ErrorCode::FileTooLarge));
    }
    let document = Document {
        id: ctx.app.new_id(),
        dossier: opened.dossier().id,
        requirement,
        name,
        state: DocumentState::Announced,
        media_type: None,
        size: None,
        sha256: None,
        scan: None,
        created_at: ctx.now(),
        stored_at: None,
    };
    Ok(Stored { document, announced_sha256: sha256, announced_size: size, object_key: None })
}

/// A paper and its dossier, when the caller may know of it.
async fn open(ctx: &Ctx, conn: &mut motcua_store::Conn, id: DocumentId) -> Result<(Stored, Opened)> {
    let stored = store::find(conn, id).await?.ok_or_else(Error::not_found)?;
    let opened = access::open(ctx, conn, stored.document.dossier).await?;
    opened.permit(ctx, Permission::View)?;
    Ok((stored, opened))
}

/// Takes the content of an announced paper. The same content again gives the same answer.
///
/// # Errors
/// Too large, of no accepted kind, empty, not what was announced; already there with other content.
pub async fn store_content(ctx: &Ctx, id: DocumentId, incoming: impl Incoming) -> Result<Document> {
    let (stored, opened) = open(ctx, &mut *ctx.app.conn().await?, id).await?;
    may_change(ctx, &opened)?;
    let limit = ctx.app.settings().upload_max_bytes;
    if stored.document.state != DocumentState::Announced {
        let print = content::print(incoming, limit).await?;
        return if stored.document.sha256 == Some(print) {
            Ok(stored.document)
        } else {
            Err(Error::of(ErrorCode::AlreadyDone))
        };
    }
    // Each upload has a key of its own: two at once cannot mix.
    let object_key = format!("documents/{id}/{}", ctx.app.new_id::<DocumentId>());
    let mut tx = ctx.app.begin("expect_content").await?;
    Work::RemoveFile { object_key: object_key.clone() }
        .enqueue_for(&ctx.app, &mut tx, ctx.app.after(UNCLAIMED))
        .await?;
    tx.commit().await?;
    let came =
        content::receive(ctx.app.files(), &object_key, incoming, &content::Expected::of(&stored, limit))
            .await?;
    let scans = ctx.app.settings().clamd.is_some();
    let (state, scan) =
        if scans { (DocumentState::Scanning, None) } else { (DocumentState::Ready, Some(Scan::Unscanned)) };

    let mut tx = ctx.app.begin("store_content").await?;
    let opened = access::lock(ctx, &mut tx, stored.document.dossier).await?;
    // Asked again: the dossier may have moved on while the bytes came.
    may_change(ctx, &opened)?;
    if !store::store(&mut tx, id, &came, state, scan, ctx.now()).await? {
        return Err(Error::of(ErrorCode::AlreadyDone));
    }
    if scans {
        Work::ScanDocument { document: id }.enqueue(&ctx.app, &mut tx).await?;
    }
    let body = json!({ "document": id, "requirement": stored.document.requirement, "media_type": came.kind, "size": came.size, "sha256": came.sha256 });
    record::paper(ctx, &mut tx, &doer(&opened), "attach_document", opened.dossier().id, &body).await?;
    let document = store::find(tx.conn(), id).await?.ok_or_else(Error::not_found)?.document;
    tx.commit().await?;
    Ok(document)
}

/// The papers of a dossier, in the order they came.
///
/// # Errors
/// Not found or forbidden.
pub async fn list(ctx: &Ctx, dossier: DossierId) -> Result<Vec<Document>> {
    let mut conn = ctx.app.conn().await?;
    let opened = access::open(ctx, &mut conn, dossier).await?;
    opened.permit(ctx, Permission::View)?;
    record::view(ctx, &mut conn, &opened, "documents.viewed", Value::Null).await?;
    let papers = store::list(&mut conn, dossier).await?;
    Ok(papers.into_iter().map(|paper| shown(ctx, &opened, paper)).collect())
}

/// One paper, without its content.
///
/// # Errors
/// Not found or forbidden.
pub async fn find(ctx: &Ctx, id: DocumentId) -> Result<Document> {
    let mut conn = ctx.app.conn().await?;
    let (stored, opened) = open(ctx, &mut conn, id).await?;
    record::view(ctx, &mut conn, &opened, "documents.viewed", json!({ "document": id })).await?;
    Ok(shown(ctx, &opened, stored.document))
}

/// File names often hold people's names: who sees personal data masked does not see them.
pub(crate) fn shown(ctx: &Ctx, opened: &Opened, mut document: Document) -> Document {
    if !opened.may(ctx, Permission::ViewPersonal) {
        let known = &opened.version.definition.requirements;
        let named = known.iter().find(|wanted| Some(&wanted.key) == document.requirement.as_ref());
        document.name = match named {
            Some(wanted) => wanted.name.say(ctx.language).to_owned(),
            None => Text::new("Giấy tờ", "A paper").say(ctx.language).to_owned(),
        };
    }
    document
}

/// A paper with its content. Papers hold personal data, so views by staff and partners are recorded.
///
/// # Errors
/// Not found, forbidden; `FileInfected` for one that was removed; wrong state before it is ready, or when it was
/// rejected.
pub async fn download(ctx: &Ctx, id: DocumentId) -> Result<(Document, u64, Content)> {
    let mut conn = ctx.app.conn().await?;
    let (stored, opened) = open(ctx, &mut conn, id).await?;
    opened.permit(ctx, Permission::ViewPersonal)?;
    match stored.document.state {
        DocumentState::Ready => {}
        DocumentState::Infected => return Err(Error::of(ErrorCode::FileInfected)),
        DocumentState::Rejected => {
            return Err(Error::saying(
                ErrorCode::ActNotAllowed,
                Text::new(
                    "Tệp quá lớn để kiểm tra mã độc nên đã bị loại bỏ; hãy gửi lại thành nhiều tệp nhỏ hơn.",
                    "The file was too large to be checked for viruses and was removed; send it again in smaller parts.",
                ),
            ));
        }
        DocumentState::Announced | DocumentState::Scanning => {
            return Err(Error::of(ErrorCode::ActNotAllowed));
        }
    }
    record::view(ctx, &mut conn, &opened, "document.opened", json!({ "document": id })).await?;
    drop(conn);
    let key = stored
        .object_key
        .ok_or_else(|| Error::internal(format!("document {id} is ready without content")))?;
    let (length, content) = ctx
        .app
        .files()
        .get(&key)
        .await?
        .ok_or_else(|| Error::internal(format!("{key} is not in the file store")))?;
    Ok((stored.document, length, content))
}

/// Takes a paper out of a draft. Once filed, papers stay: the record is whole.
///
/// # Errors
/// Not found, forbidden, wrong state.
pub async fn remove(ctx: &Ctx, id: DocumentId) -> Result<()> {
    let mut tx = ctx.app.begin("remove_document").await?;
    let stored = store::find(tx.conn(), id).await?.ok_or_else(Error::not_found)?;
    let opened = access::lock(ctx, &mut tx, stored.document.dossier).await?;
    opened.permit(ctx, Permission::View)?;
    opened.permit(ctx, Permission::Edit)?;
    // What never came, or was infected, may go at any time.
    let holds_something = matches!(stored.document.state, DocumentState::Ready | DocumentState::Scanning);
    if holds_something && opened.dossier().state != State::Draft {
        return Err(Error::of(ErrorCode::ActNotAllowed));
    }
    if store::remove(&mut tx, id, ctx.now()).await? {
        if let Some(object_key) = stored.object_key {
            Work::RemoveFile { object_key }.enqueue(&ctx.app, &mut tx).await?;
        }
        record::paper(
            ctx,
            &mut tx,
            &doer(&opened),
            "remove_document",
            opened.dossier().id,
            &json!({ "document": id }),
        )
        .await?;
    }
    tx.commit().await?;
    Ok(())
}

/// Queues the removal of all files of a dossier whose rows go in this transaction.
///
/// # Errors
/// When the database is away.
pub async fn give_up_files(ctx: &Ctx, tx: &mut Tx, dossier: DossierId) -> Result<()> {
    for object_key in store::object_keys(tx.conn(), dossier).await? {
        Work::RemoveFile { object_key }.enqueue(&ctx.app, tx).await?;
    }
    Ok(())
}
