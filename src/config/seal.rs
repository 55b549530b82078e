//! Whose certificate papers are sealed with, and where its key is: a file, or a token. `{agency}` in its place
//! gives each agency a key of its own. Without it papers
//! carry no digital signature, and say so by leaving room for ink.

use std::path::PathBuf;

use secrecy::SecretString;

use super::Reader;
use crate::app::sealing::{Key, Seal};

/// Reads all of it; none when no key is named.
pub(super) fn read(reader: &mut Reader) -> Option<Seal> {
    let key = reader.optional("MOTCUA_SEAL_KEY");
    let secret = reader.secret("MOTCUA_SEAL_SECRET").unwrap_or_default();
    let stamps = reader.optional("MOTCUA_SEAL_TSA");
    let fits = |url: &String| url.starts_with("http://") || url.starts_with("https://");
    if stamps.as_ref().is_some_and(|url| !fits(url)) {
        reader.problem("MOTCUA_SEAL_TSA", "must be the http(s) address of a time-stamp authority (RFC 3161)");
    }
    let read = key_of(&key?, secret).map(|key| Seal { key, stamps });
    if read.is_none() {
        reader.problem("MOTCUA_SEAL_KEY", "must be pkcs12:FILE or pkcs11:MODULE?token=LABEL&key=LABEL");
    }
    read
}

fn key_of(given: &str, secret: SecretString) -> Option<Key> {
    if let Some(file) = given.strip_prefix("pkcs12:").filter(|file| !file.is_empty()) {
        return Some(Key::Pkcs12 { file: file.to_owned(), secret });
    }
    let (module, labels) = given.strip_prefix("pkcs11:")?.split_once('?')?;
    let (mut token, mut key) = (None, None);
    for part in labels.split('&') {
        match part.split_once('=')? {
            ("token", label) => token = Some(label.to_owned()),
            ("key", label) => key = Some(label.to_owned()),
            _ => return None,
        }
    }
    Some(Key::Pkcs11 { module: PathBuf::from(module), token: token?, key: key?, pin: secret })
}
