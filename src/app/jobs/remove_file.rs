//! Removes a file from the store unless a paper still has its content there.
//!
//! Queued before an upload begins, for an hour later, and whenever a paper gives its content up:
//! so a crash between store and database leaves no file behind.

use crate::{App, Result};

pub(super) async fn run(app: &App, object_key: &str) -> Result<()> {
    let kept = motcua_store::document::is_kept(&mut *app.conn().await?, object_key).await?;
    if kept { Ok(()) } else { app.files().delete(object_key).await }
}
