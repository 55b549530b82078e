//! A CMS `SignedData` with one signer: made over a digest, and read and tried. The same rules hold
//! for the signature of a paper and for a time-stamp token.

use std::collections::BTreeSet;

use cms::cert::IssuerAndSerialNumber;
use cms::content_info::{CmsVersion, ContentInfo};
use cms::signed_data::{EncapsulatedContentInfo, SignerIdentifier, SignerInfo, SignerInfos};
use const_oid::ObjectIdentifier as Oid;
use der::asn1::{OctetString, SetOfVec};
use der::{Any, Decode, Encode};
use x509_cert::attr::{Attribute, Attributes};
use x509_cert::ext::pkix::SubjectKeyIdentifier;

use crate::algorithm::{self, Hash, Key};
use crate::certificate::Certificate;
use crate::check::Fault;
use crate::cms::*;
use crate::{SealError, Signer};

/// The signer's certificates, read and found fit.
pub(crate) struct Chain {
    certificates: Vec<Certificate>,
    pub key: Key,
}

impl Chain {
    pub fn of(signer: &dyn Signer) -> Result<Self, SealError> {
        let read = |der: &Vec<u8>| Certificate::read(der).ok_or(SealError::Certificate("it cannot be read"));
        let mut certificates = signer.chain().iter().map(read).collect::<Result<Vec<_>, _>>()?;
        let mut seen = BTreeSet::new();
        certificates.retain(|certificate| seen.insert(certificate.der.clone()));
        let leaf = certificates.first().ok_or(SealError::Certificate("there is none"))?;
        if !leaf.may_sign() {
            return Err(SealError::Certificate("its key is not for signing papers"));
        }
        let key = Key::of(&leaf.parsed.tbs_certificate.subject_public_key_info)
            .ok_or(SealError::Certificate("its key is neither RSA nor ECDSA on P-256"))?;
        Ok(Self { certificates, key })
    }

    pub fn leaf(&self) -> Option<&Certificate> {
        self.certificates.first()
    }

    pub fn length(&self) -> usize {
        self.certificates.iter().map(|certificate| certificate.der.len() + 64).sum()
    }
}

/// Signs a content by its digest. `stamp` is given the signature and returns a token, or none.
pub(crate) fn sign(
    digest: &[u8],
    chain: &Chain,
    signer: &dyn Signer,
    stamp: impl FnOnce(&[u8]) -> Result<Option<Any>, SealError>,
) -> Result<Vec<u8>, SealError> {
    let leaf = chain.leaf().ok_or(SealError::Certificate("there is none"))?;
    let tbs = &leaf.parsed.tbs_certificate;
    let signed = signed_attributes(digest, chain)?;
    let message = signed.to_der()?;
    let signature = signer.sign(&message)?;
    if !algorithm::confirms(&tbs.subject_public_key_info, &chain.key.identifier(), None, &message, &signature)
    {
        return Err(SealError::Mismatch);
    }
    let unsigned = match stamp(&signature)? {
        Some(token) => Some(SetOfVec::try_from(vec![attribute(ID_TIME_STAMP_TOKEN, token)?])?),
        None => None,
    };
    let issuer =
        IssuerAndSerialNumber { issuer: tbs.issuer.clone(), serial_number: tbs.serial_number.clone() };
    let info = SignerInfo {
        version: CmsVersion::V1,
        sid: SignerIdentifier::IssuerAndSerialNumber(issuer),
        digest_alg: algorithm::sha256(),
        signed_attrs: Some(signed),
        signature_algorithm: chain.key.identifier(),
        signature: OctetString::new(signature)?,
        unsigned_attrs: unsigned,
    };
    let certificates: Result<Vec<Any>, _> =
        chain.certificates.iter().map(|certificate| Any::from_der(&certificate.der)).collect();
    let data = SignedData {
        version: CmsVersion::V1,
        digest_algorithms: SetOfVec::try_from(vec![algorithm::sha256()])?,
        content: EncapsulatedContentInfo { econtent_type: ID_DATA, econtent: None },
        certificates: Some(SetOfVec::try_from(certificates?)?),
        crls: None,
        signer_infos: SignerInfos(SetOfVec::try_from(vec![info])?),
    };
    Ok(ContentInfo { content_type: ID_SIGNED_DATA, content: Any::encode_from(&data)? }.to_der()?)
}

/// No signing time: PAdES has it in the dictionary. Every certificate is named by its hash, so that
/// none of them can be changed.
fn signed_attributes(digest: &[u8], chain: &Chain) -> Result<Attributes, SealError> {
    let id = |certificate: &Certificate| -> der::Result<CertificateId> {
        let hash = Hash::Sha256.digest([certificate.der.as_slice()]);
        Ok(CertificateId { algorithm: None, hash: OctetString::new(hash)?, issuer_serial: None })
    };
    let certificates: der::Result<Vec<_>> = chain.certificates.iter().map(id).collect();
    let signing = SigningCertificateV2 { certificates: certificates?, policies: None };
    let protection = AlgorithmProtection { digest: algorithm::sha256(), signature: chain.key.identifier() };
    Ok(SetOfVec::try_from(vec![
        attribute(ID_CONTENT_TYPE, Any::encode_from(&ID_DATA)?)?,
        attribute(ID_MESSAGE_DIGEST, Any::encode_from(&OctetString::new(digest)?)?)?,
        attribute(ID_SIGNING_CERTIFICATE_V2, Any::encode_from(&signing)?)?,
        attribute(ID_ALGORITHM_PROTECTION, Any::encode_from(&protection)?)?,
    ])?)
}

fn attribute(oid: Oid, value: Any) -> der::Result<Attribute> {
    Ok(Attribute { oid, values: SetOfVec::try_from(vec![value])? })
}

/// What was read of a `SignedData`, its signer's certificate first found.
pub(crate) struct Envelope {
    data: SignedData,
    info: SignerInfo,
    pub certificates: Vec<Certificate>,
    signer: Option<usize>,
}

impl Envelope {
    pub fn read(der: &[u8]) -> Option<Self> {
        let outer = ContentInfo::from_der(der).ok()?;
        (outer.content_type == ID_SIGNED_DATA).then_some(())?;
        let data: SignedData = outer.content.decode_as().ok()?;
        let [info] = data.signer_infos.0.as_slice() else { return None };
        let info = info.clone();
        let read = |any: &Any| Certificate::read(&any.to_der().ok()?);
        let certificates: Option<Vec<_>> =
            data.certificates.iter().flat_map(|set| set.iter()).map(read).collect();
        let certificates = certificates?;
        let signer = certificates.iter().position(|certificate| is_named(&info.sid, certificate));
        Some(Self { data, info, certificates, signer })
    }

    pub fn signer(&self) -> Option<&Certificate> {
        self.certificates.get(self.signer?)
    }

    pub fn signature(&self) -> &[u8] {
        self.info.signature.as_bytes()
    }

    /// The content, where it is inside.
    pub fn content(&self) -> Option<Vec<u8>> {
        let content: OctetString = self.data.content.econtent.as_ref()?.decode_as().ok()?;
        Some(content.into_bytes())
    }

    /// The time-stamp token; any other attribute that is not signed is a fault.
    pub fn token(&self, faults: &mut Vec<Fault>) -> Option<Vec<u8>> {
        let mut unsigned = self.info.unsigned_attrs.iter().flat_map(|set| set.iter());
        let first = unsigned.next()?;
        if first.oid != ID_TIME_STAMP_TOKEN || first.values.len() != 1 || unsigned.next().is_some() {
            faults.push(Fault::Unsigned);
            return None;
        }
        first.values.get(0)?.to_der().ok()
    }

    /// Tries everything but the chain: `digest` of the content, its type, each attribute, the
    /// signature. What the signature does not reach has one right value or is a fault.
    pub fn examine(
        &self,
        content: Oid,
        trusted: &[Certificate],
        digest: impl Fn(Hash) -> Vec<u8>,
    ) -> Vec<Fault> {
        let mut faults = vec![];
        let mut must = |holds: bool, fault: Fault| {
            if !holds {
                faults.push(fault);
            }
        };
        let hash = Hash::of(&self.info.digest_alg);
        must(self.is_consistent(content), Fault::Envelope);
        let said: Option<OctetString> = self.attribute(ID_MESSAGE_DIGEST);
        must(hash.zip(said).is_some_and(|(hash, said)| digest(hash) == said.as_bytes()), Fault::Digest);
        must(self.attribute::<Oid>(ID_CONTENT_TYPE) == Some(content), Fault::Envelope);
        must(self.signer().is_some(), Fault::Certificate);
        must(self.is_signed(hash), Fault::Signature);
        must(self.are_bound(trusted), Fault::Certificate);
        faults.dedup();
        faults
    }

    fn is_consistent(&self, content: Oid) -> bool {
        let by_key = matches!(self.info.sid, SignerIdentifier::SubjectKeyIdentifier(_));
        let info_version = if by_key { CmsVersion::V3 } else { CmsVersion::V1 };
        let version = if by_key || content != ID_DATA { CmsVersion::V3 } else { CmsVersion::V1 };
        let mut algorithms = self.data.digest_algorithms.iter();
        let listed = algorithms.next().and_then(Hash::of);
        self.info.version == info_version
            && self.data.version == version
            && self.data.content.econtent_type == content
            && (content == ID_DATA) == self.data.content.econtent.is_none()
            && self.data.crls.is_none()
            && listed.is_some()
            && listed == Hash::of(&self.info.digest_alg)
            && algorithms.next().is_none()
    }

    fn is_signed(&self, hash: Option<Hash>) -> bool {
        let message = self.info.signed_attrs.as_ref().and_then(|attributes| attributes.to_der().ok());
        let (Some(hash), Some(message), Some(signer)) = (hash, message, self.signer()) else { return false };
        let used = AlgorithmProtection {
            digest: self.info.digest_alg.clone(),
            signature: self.info.signature_algorithm.clone(),
        };
        let protected = match self.raw_attribute(ID_ALGORITHM_PROTECTION) {
            Some(_) => self.attribute(ID_ALGORITHM_PROTECTION) == Some(used),
            None => true,
        };
        protected
            && algorithm::confirms(
                &signer.parsed.tbs_certificate.subject_public_key_info,
                &self.info.signature_algorithm,
                Some(hash),
                &message,
                self.signature(),
            )
    }

    /// The signer's certificate is named by its hash in what is signed; any other one either is
    /// too, or is confirmed by its issuer.
    fn are_bound(&self, trusted: &[Certificate]) -> bool {
        let Some(ids) = self.certificate_ids() else { return false };
        let is = |certificate: &Certificate, (hash, bytes): &(Hash, Vec<u8>)| {
            hash.digest([certificate.der.as_slice()]) == *bytes
        };
        let Some(signer) = self.signer() else { return false };
        if !ids.first().is_some_and(|id| is(signer, id)) {
            return false;
        }
        let known = || self.certificates.iter().chain(trusted);
        self.certificates.iter().all(|certificate| {
            ids.iter().any(|id| is(certificate, id)) || known().any(|issuer| certificate.is_signed_by(issuer))
        })
    }

    fn certificate_ids(&self) -> Option<Vec<(Hash, Vec<u8>)>> {
        let signing: SigningCertificateV2 = self.attribute(ID_SIGNING_CERTIFICATE_V2)?;
        let read = |id: CertificateId| {
            let hash = id.algorithm.as_ref().map_or(Some(Hash::Sha256), Hash::of)?;
            Some((hash, id.hash.into_bytes()))
        };
        signing.certificates.into_iter().map(read).collect()
    }

    /// The one value of a signed attribute; written twice it counts as absent.
    fn raw_attribute(&self, oid: Oid) -> Option<&Attribute> {
        let mut found = self.info.signed_attrs.iter().flat_map(|set| set.iter()).filter(|one| one.oid == oid);
        let first = found.next()?;
        found.next().is_none().then_some(first)
    }

    fn attribute<T: for<'a> der::Decode<'a>>(&self, oid: Oid) -> Option<T> {
        let values = &self.raw_attribute(oid)?.values;
        (values.len() == 1).then_some(())?;
        T::from_der(&values.get(0)?.to_der().ok()?).ok()
    }
}

fn is_named(sid: &SignerIdentifier, certificate: &Certificate) -> bool {
    let tbs = &certificate.parsed.tbs_certificate;
    match sid {
        SignerIdentifier::IssuerAndSerialNumber(id) => {
            id.issuer == tbs.issuer && id.serial_number == tbs.serial_number
        }
        SignerIdentifier::SubjectKeyIdentifier(id) => {
            matches!(tbs.get::<SubjectKeyIdentifier>(), Ok(Some((_, own))) if own == *id)
        }
    }
}
