//! A key for trying out: its certificate vouches for itself, so nobody trusts it who was not given it.

use p12_keystore::{Certificate, KeyStore, KeyStoreEntry, PrivateKeyChain};
use rcgen::{BasicConstraints, CertificateParams, DnType, IsCa, KeyPair, KeyUsagePurpose};
use secrecy::{ExposeSecret, SecretString};

use crate::SealError;

/// A key with its certificate.
pub struct Trial {
    /// Both, as a PKCS#12 file.
    pub pkcs12: Vec<u8>,
    /// The certificate as PEM, for whoever checks.
    pub certificate: String,
}

/// Makes a new key on P-256 under this common name.
///
/// # Errors
/// When the system gives no random numbers.
pub fn trial(name: &str, password: &SecretString) -> Result<Trial, SealError> {
    let uncertified = |_| SealError::Certificate("it could not be made");
    let unkept = |error: p12_keystore::error::Error| SealError::Pkcs12(error.to_string());
    let pair = KeyPair::generate().map_err(uncertified)?;
    let mut about = CertificateParams::default();
    about.distinguished_name.push(DnType::CommonName, name);
    about.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    about.key_usages = vec![
        KeyUsagePurpose::DigitalSignature,
        KeyUsagePurpose::ContentCommitment,
        KeyUsagePurpose::KeyCertSign,
    ];
    let certificate = about.self_signed(&pair).map_err(uncertified)?;
    let own = Certificate::from_der(certificate.der()).map_err(unkept)?;
    let mut store = KeyStore::new();
    let chain = PrivateKeyChain::new(pair.serialize_der(), [1], [own]);
    store.add_entry("trial", KeyStoreEntry::PrivateKeyChain(chain));
    let pkcs12 = store.writer(password.expose_secret()).write().map_err(unkept)?;
    Ok(Trial { pkcs12, certificate: certificate.pem() })
}
