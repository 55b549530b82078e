//! A key from a PKCS#12 file, for offices that have their certificate as a file. The key stays in
//! memory as long as the value lives.

use p12_keystore::KeyStore;
use ring::rand::SystemRandom;
use ring::signature::{ECDSA_P256_SHA256_ASN1_SIGNING, EcdsaKeyPair, RSA_PKCS1_SHA256, RsaKeyPair};
use secrecy::{ExposeSecret, SecretString};

use crate::{SealError, Signer};

enum Pair {
    Rsa(RsaKeyPair),
    P256(EcdsaKeyPair),
}

pub struct Pkcs12 {
    pair: Pair,
    chain: Vec<Vec<u8>>,
    random: SystemRandom,
}

impl Pkcs12 {
    /// Takes the file's first key that has a certificate.
    pub fn open(bytes: &[u8], password: &SecretString) -> Result<Self, SealError> {
        let wrong = |what: &str| SealError::Pkcs12(what.to_owned());
        let store = KeyStore::from_pkcs12(bytes, password.expose_secret())
            .map_err(|error| SealError::Pkcs12(error.to_string()))?;
        let (_, entry) =
            store.private_key_chain().ok_or_else(|| wrong("no key with a certificate is in it"))?;
        let random = SystemRandom::new();
        let pair = match RsaKeyPair::from_pkcs8(entry.key()) {
            Ok(pair) => Pair::Rsa(pair),
            Err(_) => EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_ASN1_SIGNING, entry.key(), &random)
                .map(Pair::P256)
                .map_err(|_| wrong("its key is neither RSA of 2048 bits or more nor ECDSA on P-256"))?,
        };
        let chain = entry.chain().iter().map(|certificate| certificate.as_der().to_vec()).collect();
        Ok(Self { pair, chain, random })
    }
}

impl Signer for Pkcs12 {
    fn chain(&self) -> &[Vec<u8>] {
        &self.chain
    }

    fn sign(&self, message: &[u8]) -> Result<Vec<u8>, SealError> {
        let failed = |_| SealError::Pkcs12("the key does not sign".to_owned());
        match &self.pair {
            Pair::Rsa(pair) => {
                let mut signature = vec![0; pair.public().modulus_len()];
                pair.sign(&RSA_PKCS1_SHA256, &self.random, message, &mut signature).map_err(failed)?;
                Ok(signature)
            }
            Pair::P256(pair) => Ok(pair.sign(&self.random, message).map_err(failed)?.as_ref().to_vec()),
        }
    }
}
