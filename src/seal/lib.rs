//! Digital signatures on finished PDF files: PAdES baseline B-B, and B-T where a time-stamp is
//! given. [`seal()`] appends one signature and leaves every byte before it as it was; [`check()`]
//! says of each signature what is right and what is not, from the file and the trusted
//! certificates alone.
//!
//! No network, no clock: the moment comes with [`About`], the way to a time-stamp authority is a
//! [`Stamper`], the key is behind a [`Signer`]. No secret is logged or shown.

mod algorithm;
mod certificate;
mod check;
mod cms;
mod envelope;
mod pdf;
mod pkcs11;
mod pkcs12;
mod sealing;
mod stamp;
mod trial;

use chrono::{DateTime, Utc};

pub use certificate::Named;
pub use check::{Checked, Fault, Stamped, check, sound, untouched};
pub use pkcs11::Pkcs11;
pub use pkcs12::Pkcs12;
pub use sealing::seal;
pub use stamp::request as stamp_request;
pub use trial::{Trial, trial};

/// Whom a certificate in DER names; none when it cannot be read.
pub fn named(certificate: &[u8]) -> Option<Named> {
    certificate::Certificate::read(certificate).map(|read| read.named())
}

/// Who signs: a key and the certificate that names its holder. RSA of 2048 bits or more, or ECDSA
/// on P-256; always with SHA-256.
pub trait Signer: Send + Sync {
    /// DER; the holder's own certificate first, then each issuer as far as known.
    fn chain(&self) -> &[Vec<u8>];

    /// Signs `message` (hashed with SHA-256 by the signer): PKCS#1 v1.5 bytes, or an
    /// `ECDSA-Sig-Value` in DER.
    fn sign(&self, message: &[u8]) -> Result<Vec<u8>, SealError>;
}

/// The way to a time-stamp authority (RFC 3161).
pub trait Stamper {
    /// Takes a `TimeStampReq`, gives the `TimeStampResp` that came back; both DER.
    fn stamp(&self, request: &[u8]) -> Result<Vec<u8>, SealError>;
}

/// What the signature says beside the signature itself.
#[derive(Clone, Debug, PartialEq)]
pub struct About {
    pub name: String,
    pub reason: Option<String>,
    pub location: Option<String>,
    pub contact: Option<String>,
    /// Fractions of a second are left out.
    pub at: DateTime<Utc>,
    pub place: Option<Place>,
}

/// Where a click finds the signature. The paper itself shows its block; nothing is drawn here.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Place {
    /// The first page is 0.
    pub page: usize,
    /// Left, bottom, right, top in points from the page's lower left corner.
    pub rect: [f32; 4],
}

#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SealError {
    #[error("the file cannot be sealed: {0}")]
    Pdf(&'static str),
    #[error("the file has no page {0}")]
    NoPage(usize),
    #[error("a place is not a rectangle")]
    Place,
    #[error("the PKCS#12 file cannot be opened: {0}")]
    Pkcs12(String),
    #[error("the PKCS#11 token: {0}")]
    Pkcs11(String),
    #[error("the certificate cannot be used: {0}")]
    Certificate(&'static str),
    #[error("the certificate is not valid at the moment of the seal")]
    NotValid,
    #[error("the key signed something that its certificate does not confirm")]
    Mismatch,
    #[error("no time-stamp: {0}")]
    Stamp(String),
    #[error("the signature is longer than the place kept for it")]
    TooLong,
    #[error("the signature cannot be encoded: {0}")]
    Encoding(#[from] der::Error),
}
