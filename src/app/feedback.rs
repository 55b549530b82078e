//! What people say about the pages, without an account and without a name; read by who keeps the service.
//! No complaint, denunciation or petition: those have their own way, in law.

use motcua_domain::person::check_text;
use motcua_store::feedback as store;
use uuid::Uuid;

use crate::{Ctx, Error, Result, administration};

pub use motcua_store::feedback::Feedback;

const LONGEST: usize = 2_000;
const MOST_LISTED: i64 = 200;

/// Keeps one remark about a page, named by the short word our link carried.
///
/// # Errors
/// Nothing said, too much, or what is no text.
pub async fn say(ctx: &Ctx, about: &str, says: &str) -> Result<()> {
    check_text(says, LONGEST).map_err(|code| Error::field("/says", code))?;
    let about: String = about.chars().filter(|c| c.is_ascii_alphanumeric() || *c == '-').take(40).collect();
    let mut tx = ctx.app.begin("say_feedback").await?;
    let feedback = Feedback {
        id: ctx.app.new_id::<Uuid>(),
        at: ctx.now(),
        about,
        says: says.trim().to_owned(),
        language: ctx.language.as_str().to_owned(),
    };
    store::insert(&mut tx, &feedback).await?;
    tx.commit().await?;
    Ok(())
}

/// What was said, newest first.
///
/// # Errors
/// Not found for whoever does not keep the service.
pub async fn newest(ctx: &Ctx) -> Result<Vec<Feedback>> {
    administration::shared(ctx)?;
    Ok(store::newest(&mut *ctx.app.conn().await?, MOST_LISTED).await?)
}
