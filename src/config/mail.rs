//! How mail leaves: a mail server, or a folder to look into.

use std::path::Path;

use super::Reader;
use crate::app::mail::Route;

#[derive(Debug, Clone)]
pub struct Mail {
    pub route: Route,
    /// `Name <address>` or an address.
    pub from: String,
}

impl Mail {
    pub(super) fn read(reader: &mut Reader, data_dir: &Path) -> Self {
        let url = reader.text("MOTCUA_MAIL_URL", &format!("file:{}", data_dir.join("mail").display()));
        let route = match url.strip_prefix("file:") {
            Some(folder) => Route::Folder(folder.into()),
            None => {
                let smtp = url.starts_with("smtp://") || url.starts_with("smtps://");
                let tls = url.split_once("?tls=").map(|(_, tls)| tls);
                if !smtp || tls.is_some_and(|tls| !["required", "opportunistic"].contains(&tls)) {
                    reader.problem(
                        "MOTCUA_MAIL_URL",
                        "must be file:FOLDER, smtps://USER:PASSWORD@HOST or smtp://HOST?tls=required",
                    );
                }
                Route::Smtp(url.into())
            }
        };
        let from = reader.text("MOTCUA_MAIL_FROM", "motcua <no-reply@localhost>");
        if !from.contains('@') {
            reader.problem("MOTCUA_MAIL_FROM", "must hold a mail address");
        }
        Self { route, from }
    }
}
