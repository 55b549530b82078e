//! Where papers are kept, how large one may be, and who looks for viruses.

use std::path::{Path, PathBuf};

use secrecy::SecretString;

use super::{Reader, http::is_web_address};
use crate::app::file::Place;

#[derive(Debug, Clone)]
pub struct Files {
    pub place: Place,
    pub upload_max_bytes: u64,
    /// Host and port of clamd; without it papers are marked unscanned.
    pub clamd_addr: Option<String>,
}

impl Files {
    pub(super) fn read(reader: &mut Reader, data_dir: &Path) -> Self {
        let url = reader.text("MOTCUA_FILES_URL", &format!("file:{}", data_dir.join("files").display()));
        let (key, secret) = (reader.secret("MOTCUA_S3_KEY"), reader.secret("MOTCUA_S3_SECRET"));
        let place = if let Some(folder) = url.strip_prefix("file:") {
            Place::Folder(folder.into())
        } else {
            for (name, given) in [("MOTCUA_S3_KEY", &key), ("MOTCUA_S3_SECRET", &secret)] {
                if given.is_none() {
                    reader.problem(name, "is needed for an s3:// store");
                }
            }
            s3(&url, key.unwrap_or_default(), secret.unwrap_or_default()).unwrap_or_else(|| {
                reader.problem(
                    "MOTCUA_FILES_URL",
                    "must be file:FOLDER or s3://BUCKET?endpoint=http://HOST:PORT&region=NAME",
                );
                Place::Folder(PathBuf::new())
            })
        };
        let upload_max_bytes = reader.within("MOTCUA_UPLOAD_MAX_BYTES", 20 * 1024 * 1024, 1024, u32::MAX);
        let clamd_addr = reader.optional("MOTCUA_CLAMD_ADDR");
        if clamd_addr.as_ref().is_some_and(|addr| !addr.contains(':')) {
            reader.problem("MOTCUA_CLAMD_ADDR", "must be a host and a port, such as 127.0.0.1:3310");
        }
        Self { place, upload_max_bytes: u64::from(upload_max_bytes), clamd_addr }
    }
}

fn s3(url: &str, key: SecretString, secret: SecretString) -> Option<Place> {
    let (bucket, query) = match url.strip_prefix("s3://")?.split_once('?') {
        Some((bucket, query)) => (bucket, query),
        None => (url.strip_prefix("s3://")?, ""),
    };
    let (mut endpoint, mut region) = (None, "us-east-1".to_owned());
    for part in query.split('&').filter(|part| !part.is_empty()) {
        match part.split_once('=')? {
            ("endpoint", value) if is_web_address(value) => endpoint = Some(value.to_owned()),
            ("region", value) => region = value.to_owned(),
            _ => return None,
        }
    }
    (!bucket.is_empty()).then(|| Place::S3 { bucket: bucket.to_owned(), endpoint, region, key, secret })
}
