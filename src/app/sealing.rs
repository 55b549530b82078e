//! The signing port: the key papers are sealed with, from a PKCS#12 file or a PKCS#11
//! token. Sealing happens on the final bytes and nowhere else.

use std::path::PathBuf;
use std::sync::Arc;

use chrono::{DateTime, Utc};
use motcua_paper::Printed;
use motcua_seal::{About, Pkcs11, Pkcs12, Place, SealError, Signer};
use secrecy::SecretString;

use crate::{Error, Result};

/// The visible block of a signature, in points: as wide and as high as the templates draw it.
const BLOCK: (f32, f32) = (170.0, 40.0);

/// Where a key is.
#[derive(Debug, Clone)]
pub enum Key {
    Pkcs12 { file: PathBuf, secret: SecretString },
    Pkcs11 { module: PathBuf, token: String, key: String, pin: SecretString },
}

/// A key that was opened, with its holder's name.
#[derive(Clone)]
pub struct Sealer {
    signer: Arc<dyn Signer>,
    holder: String,
}

impl std::fmt::Debug for Sealer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Sealer({})", self.holder)
    }
}

fn failed(error: SealError) -> Error {
    Error::internal(format!("seal: {error}"))
}

impl Sealer {
    /// # Errors
    /// When the key cannot be opened: said at start, not when the first paper is due.
    pub fn open(key: &Key) -> Result<Self> {
        let signer: Arc<dyn Signer> = match key {
            Key::Pkcs12 { file, secret } => {
                let bytes = std::fs::read(file)
                    .map_err(|error| Error::internal(format!("{}: {error}", file.display())))?;
                Arc::new(Pkcs12::open(&bytes, secret).map_err(failed)?)
            }
            Key::Pkcs11 { module, token, key, pin } => {
                Arc::new(Pkcs11::open(module, token, key, pin.clone()).map_err(failed)?)
            }
        };
        let first = signer.chain().first().ok_or_else(|| Error::internal("the seal has no certificate"))?;
        let named = motcua_seal::named(first).ok_or_else(|| Error::internal("the seal's certificate"))?;
        // RFC 4514: the common name is what people know the holder by.
        let common = named.subject.split(',').find_map(|part| part.trim().strip_prefix("CN="));
        let holder = common.unwrap_or(&named.subject).replace('\\', "");
        Ok(Self { signer, holder })
    }

    /// Whose certificate it is.
    pub fn holder(&self) -> &str {
        &self.holder
    }

    /// Seals a finished paper. Takes its time: never on a thread that serves.
    ///
    /// # Errors
    /// When the token is away.
    pub fn seal(&self, printed: &Printed, at: DateTime<Utc>) -> Result<Vec<u8>> {
        let place = printed.signature.map(|place| {
            // Points of a page fit a single float.
            let (left, top) = (narrow(place.x), narrow(place.y));
            Place { page: place.page, rect: [left, top - BLOCK.1, left + BLOCK.0, top] }
        });
        let about =
            About { name: self.holder.clone(), reason: None, location: None, contact: None, at, place };
        motcua_seal::seal(&printed.pdf, self.signer.as_ref(), &about, None).map_err(failed)
    }
}

fn narrow(points: f64) -> f32 {
    format!("{points:.2}").parse().unwrap_or_default()
}
