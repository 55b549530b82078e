//! Which algorithms a signature may use. SHA-1, short keys and unknown parameters are refused,
//! on sealing and on checking.

use const_oid::ObjectIdentifier as Oid;
use const_oid::db::rfc5912 as oid;
use der::{Any, Tag, Tagged};
use ring::signature::{self, UnparsedPublicKey, VerificationAlgorithm};
use sha2::{Digest, Sha256, Sha384, Sha512};
use spki::{AlgorithmIdentifierOwned as Identifier, SubjectPublicKeyInfoOwned as PublicKey};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Hash {
    Sha256,
    Sha384,
    Sha512,
}

impl Hash {
    pub fn of(identifier: &Identifier) -> Option<Self> {
        (identifier.parameters.is_none() || is_null(identifier)).then_some(())?;
        match identifier.oid {
            oid::ID_SHA_256 => Some(Self::Sha256),
            oid::ID_SHA_384 => Some(Self::Sha384),
            oid::ID_SHA_512 => Some(Self::Sha512),
            _ => None,
        }
    }

    pub fn digest<'a>(self, parts: impl IntoIterator<Item = &'a [u8]>) -> Vec<u8> {
        fn over<'a, D: Digest>(parts: impl IntoIterator<Item = &'a [u8]>) -> Vec<u8> {
            let mut hasher = D::new();
            parts.into_iter().for_each(|part| hasher.update(part));
            hasher.finalize().to_vec()
        }
        match self {
            Self::Sha256 => over::<Sha256>(parts),
            Self::Sha384 => over::<Sha384>(parts),
            Self::Sha512 => over::<Sha512>(parts),
        }
    }
}

pub(crate) fn sha256() -> Identifier {
    Identifier { oid: oid::ID_SHA_256, parameters: None }
}

/// What a key of ours signs with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Key {
    Rsa,
    P256,
}

impl Key {
    pub fn of(public: &PublicKey) -> Option<Self> {
        match public.algorithm.oid {
            oid::RSA_ENCRYPTION => Some(Self::Rsa),
            oid::ID_EC_PUBLIC_KEY => (curve(public)? == oid::SECP_256_R_1).then_some(Self::P256),
            _ => None,
        }
    }

    pub fn identifier(self) -> Identifier {
        match self {
            Self::Rsa => Identifier { oid: oid::SHA_256_WITH_RSA_ENCRYPTION, parameters: Some(Any::null()) },
            Self::P256 => Identifier { oid: oid::ECDSA_WITH_SHA_256, parameters: None },
        }
    }
}

/// Is `signature` over `message` by this key? `hash` is the one named beside the signature, for
/// those algorithms that leave it open; an algorithm that names another one is refused.
pub(crate) fn confirms(
    public: &PublicKey,
    algorithm: &Identifier,
    hash: Option<Hash>,
    message: &[u8],
    signature: &[u8],
) -> bool {
    let Some(key) = public.subject_public_key.as_bytes() else { return false };
    let Some((own_hash, verify)) = verification(public, algorithm, hash) else { return false };
    if hash.is_some_and(|hash| hash != own_hash) {
        return false;
    }
    UnparsedPublicKey::new(verify, key).verify(message, signature).is_ok()
}

fn verification(
    public: &PublicKey,
    algorithm: &Identifier,
    hash: Option<Hash>,
) -> Option<(Hash, &'static dyn VerificationAlgorithm)> {
    let rsa = |hash| -> Option<(Hash, &'static dyn VerificationAlgorithm)> {
        (public.algorithm.oid == oid::RSA_ENCRYPTION && is_null(algorithm)).then_some(())?;
        Some((
            hash,
            match hash {
                Hash::Sha256 => &signature::RSA_PKCS1_2048_8192_SHA256,
                Hash::Sha384 => &signature::RSA_PKCS1_2048_8192_SHA384,
                Hash::Sha512 => &signature::RSA_PKCS1_2048_8192_SHA512,
            },
        ))
    };
    let ecdsa = |hash| -> Option<(Hash, &'static dyn VerificationAlgorithm)> {
        (algorithm.parameters.is_none() && public.algorithm.oid == oid::ID_EC_PUBLIC_KEY).then_some(())?;
        match (curve(public)?, hash) {
            (oid::SECP_256_R_1, Hash::Sha256) => Some((hash, &signature::ECDSA_P256_SHA256_ASN1)),
            (oid::SECP_256_R_1, Hash::Sha384) => Some((hash, &signature::ECDSA_P256_SHA384_ASN1)),
            (oid::SECP_384_R_1, Hash::Sha256) => Some((hash, &signature::ECDSA_P384_SHA256_ASN1)),
            (oid::SECP_384_R_1, Hash::Sha384) => Some((hash, &signature::ECDSA_P384_SHA384_ASN1)),
            _ => None,
        }
    };
    match algorithm.oid {
        oid::RSA_ENCRYPTION => rsa(hash?),
        oid::SHA_256_WITH_RSA_ENCRYPTION => rsa(Hash::Sha256),
        oid::SHA_384_WITH_RSA_ENCRYPTION => rsa(Hash::Sha384),
        oid::SHA_512_WITH_RSA_ENCRYPTION => rsa(Hash::Sha512),
        oid::ECDSA_WITH_SHA_256 => ecdsa(Hash::Sha256),
        oid::ECDSA_WITH_SHA_384 => ecdsa(Hash::Sha384),
        _ => None,
    }
}

fn is_null(identifier: &Identifier) -> bool {
    identifier.parameters.as_ref().is_some_and(|any| any.tag() == Tag::Null && any.value().is_empty())
}

fn curve(public: &PublicKey) -> Option<Oid> {
    public.algorithm.parameters.as_ref()?.decode_as().ok()
}
