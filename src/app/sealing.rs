//! The signing port: the key papers are sealed with, from a PKCS#12 file or a PKCS#11
//! token. Sealing happens on the final bytes and nowhere else.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use chrono::{DateTime, Utc};
use motcua_paper::Printed;
use motcua_seal::{About, Pkcs11, Pkcs12, Place, SealError, Signer, Stamper};
use secrecy::SecretString;
use tokio::runtime::Handle;

use crate::{Error, Result};

/// The visible block of a signature, in points: as wide and as high as the templates draw it.
const BLOCK: (f32, f32) = (170.0, 40.0);

/// Stands in the place of a key for the agency whose key it is.
const AGENCY: &str = "{agency}";

/// Where a key is: one for all agencies, or one for each when `{agency}` stands in its place.
#[derive(Debug, Clone)]
pub enum Key {
    Pkcs12 { file: String, secret: SecretString },
    Pkcs11 { module: PathBuf, token: String, key: String, pin: SecretString },
}

impl Key {
    fn of(&self, agency: &str) -> Self {
        let mut own = self.clone();
        match &mut own {
            Self::Pkcs12 { file, .. } => *file = file.replace(AGENCY, agency),
            Self::Pkcs11 { token, key, .. } => {
                for label in [token, key] {
                    *label = label.replace(AGENCY, agency);
                }
            }
        }
        own
    }

    fn is_shared(&self) -> bool {
        match self {
            Self::Pkcs12 { file, .. } => !file.contains(AGENCY),
            Self::Pkcs11 { token, key, .. } => !token.contains(AGENCY) && !key.contains(AGENCY),
        }
    }

    fn open(&self) -> Result<Arc<dyn Signer>> {
        Ok(match self {
            Self::Pkcs12 { file, secret } => {
                let bytes =
                    std::fs::read(file).map_err(|error| Error::internal(format!("{file}: {error}")))?;
                Arc::new(Pkcs12::open(&bytes, secret).map_err(failed)?)
            }
            Self::Pkcs11 { module, token, key, pin } => {
                Arc::new(Pkcs11::open(module, token, key, pin.clone()).map_err(failed)?)
            }
        })
    }
}

/// What papers are sealed with.
#[derive(Debug, Clone)]
pub struct Seal {
    pub key: Key,
    /// Address of a time-stamp authority (RFC 3161).
    pub stamps: Option<String>,
}

/// A time-stamp is waited for so long; the paper is sealed without one then.
const STAMP_WAIT: Duration = Duration::from_secs(5);
/// An authority that gave none is not asked again for so long: nobody waits for it twice.
const STAMP_REST: Duration = Duration::from_secs(60);
/// No token is larger.
const LARGEST_STAMP: usize = 64 * 1024;

/// The keys of the house.
#[derive(Clone)]
pub struct Seals {
    key: Key,
    stamps: Option<Authority>,
    /// By agency; the shared one under no name.
    opened: Arc<Mutex<BTreeMap<String, Sealer>>>,
}

impl std::fmt::Debug for Seals {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Seals({:?})", self.key)
    }
}

impl Seals {
    /// # Errors
    /// When the key all agencies share cannot be opened: said at start, not when the first paper is due.
    pub fn open(seal: &Seal) -> Result<Self> {
        let authority = |url: &String| -> Result<Authority> {
            let http = reqwest::Client::builder()
                .timeout(STAMP_WAIT)
                .redirect(reqwest::redirect::Policy::none())
                .build()
                .map_err(|error| Error::internal(format!("time-stamps: {error}")))?;
            Ok(Authority { url: url.clone(), http, silent_since: Arc::default() })
        };
        let stamps = seal.stamps.as_ref().map(authority).transpose()?;
        let seals = Self { key: seal.key.clone(), stamps, opened: Arc::default() };
        if seals.key.is_shared() {
            seals.of("")?;
        }
        Ok(seals)
    }

    /// What papers of an agency are sealed with, by the agency's key in the register of agencies. None when
    /// each agency has a file of its own and this one has none yet: its papers are signed by hand.
    ///
    /// # Errors
    /// When its key cannot be opened.
    pub fn of(&self, agency: &str) -> Result<Option<Sealer>> {
        let agency = if self.key.is_shared() { "" } else { agency };
        let mut opened = self.opened.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(sealer) = opened.get(agency) {
            return Ok(Some(sealer.clone()));
        }
        let key = self.key.of(agency);
        if let Key::Pkcs12 { file, .. } = &key
            && !self.key.is_shared()
            && !Path::new(file).exists()
        {
            return Ok(None);
        }
        let sealer = Sealer::open(&key, self.stamps.clone())?;
        opened.insert(agency.to_owned(), sealer.clone());
        Ok(Some(sealer))
    }
}

/// A key that was opened, with its holder's name.
#[derive(Clone)]
pub struct Sealer {
    signer: Arc<dyn Signer>,
    holder: String,
    stamps: Option<Authority>,
}

/// A time-stamp authority, asked over HTTP.
#[derive(Clone)]
struct Authority {
    url: String,
    http: reqwest::Client,
    /// When it last gave no stamp.
    silent_since: Arc<Mutex<Option<Instant>>>,
}

impl Authority {
    fn rests(&self) -> bool {
        let since = *self.silent_since.lock().unwrap_or_else(PoisonError::into_inner);
        since.is_some_and(|since| since.elapsed() < STAMP_REST)
    }

    fn note(&self, silent: bool) {
        let mut since = self.silent_since.lock().unwrap_or_else(PoisonError::into_inner);
        *since = silent.then(Instant::now);
    }
}

impl Stamper for Authority {
    /// From a thread that may wait.
    fn stamp(&self, request: &[u8]) -> std::result::Result<Vec<u8>, SealError> {
        let asked = self
            .http
            .post(&self.url)
            .header("content-type", "application/timestamp-query")
            .body(request.to_vec())
            .send();
        let wrong = |error: reqwest::Error| SealError::Stamp(error.to_string());
        Handle::current().block_on(async {
            let mut answer = asked.await.and_then(reqwest::Response::error_for_status).map_err(wrong)?;
            let mut bytes = Vec::new();
            while let Some(part) = answer.chunk().await.map_err(wrong)? {
                if bytes.len().saturating_add(part.len()) > LARGEST_STAMP {
                    return Err(SealError::Stamp("the answer is too large".to_owned()));
                }
                bytes.extend_from_slice(&part);
            }
            Ok(bytes)
        })
    }
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
    fn open(key: &Key, stamps: Option<Authority>) -> Result<Self> {
        let signer = key.open()?;
        let first = signer.chain().first().ok_or_else(|| Error::internal("the seal has no certificate"))?;
        let named = motcua_seal::named(first).ok_or_else(|| Error::internal("the seal's certificate"))?;
        // RFC 4514: the common name is what people know the holder by.
        let common = named.subject.split(',').find_map(|part| part.trim().strip_prefix("CN="));
        let holder = common.unwrap_or(&named.subject).replace('\\', "");
        Ok(Self { signer, holder, stamps })
    }

    /// Whose certificate it is.
    pub fn holder(&self) -> &str {
        &self.holder
    }

    /// Seals a finished paper. Takes its time: never on a thread that serves. A person at the counter does
    /// not wait for a time-stamp authority that is away: the paper is sealed without its stamp.
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
        let with = |stamper: Option<&dyn Stamper>| {
            motcua_seal::seal(&printed.pdf, self.signer.as_ref(), &about, stamper)
        };
        if let Some(authority) = self.stamps.as_ref().filter(|authority| !authority.rests()) {
            let stamper: &dyn Stamper = authority;
            let sealed = with(Some(stamper));
            authority.note(matches!(sealed, Err(SealError::Stamp(_))));
            match sealed {
                Err(SealError::Stamp(why)) => tracing::warn!(why, "a paper is sealed without a time-stamp"),
                sealed => return sealed.map_err(failed),
            }
        }
        with(None).map_err(failed)
    }
}

fn narrow(points: f64) -> f32 {
    format!("{points:.2}").parse().unwrap_or_default()
}
