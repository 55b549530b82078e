//! Writes a list to take away. It may run twice: the second run writes another file, and one of them counts.

use motcua_domain::ids::ExportId;

use super::Try;
use crate::{App, Result, exports};

pub(super) async fn run(app: &App, id: ExportId, this: Try) -> Result<()> {
    exports::run(app, id, this.last).await
}
