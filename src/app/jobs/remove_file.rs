//! Removes a file from the store unless a paper still has its content there, or a list its file.
//!
//! Queued before an upload begins, for an hour later, and whenever a paper gives its content up:
//! so a crash between store and database leaves no file behind.

use crate::{App, Result};

pub(super) async fn run(app: &App, object_key: &str) -> Result<()> {
    let mut conn = app.conn().await?;
    let kept = motcua_store::document::is_kept(&mut conn, object_key).await?
        || motcua_store::export::is_kept(&mut conn, object_key).await?;
    drop(conn);
    if kept { Ok(()) } else { app.files().delete(object_key).await }
}
