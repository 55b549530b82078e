//! The parts of CMS (RFC 5652), CAdES and RFC 3161 that a seal is made of, as ASN.1 types.
//! Certificates stay as bytes, because their hashes are signed.

use cms::content_info::CmsVersion;
use cms::signed_data::{EncapsulatedContentInfo, SignerInfos};
use const_oid::ObjectIdentifier as Oid;
use der::asn1::{BitString, Int, OctetString, SetOfVec};
use der::{Any, Sequence};
use spki::AlgorithmIdentifierOwned as Identifier;

pub(crate) use const_oid::db::rfc5911::{ID_CONTENT_TYPE, ID_DATA, ID_MESSAGE_DIGEST, ID_SIGNED_DATA};

pub(crate) const ID_SIGNING_CERTIFICATE_V2: Oid = Oid::new_unwrap("1.2.840.113549.1.9.16.2.47");
pub(crate) const ID_TIME_STAMP_TOKEN: Oid = Oid::new_unwrap("1.2.840.113549.1.9.16.2.14");
pub(crate) const ID_ALGORITHM_PROTECTION: Oid = Oid::new_unwrap("1.2.840.113549.1.9.52");
pub(crate) const ID_TST_INFO: Oid = Oid::new_unwrap("1.2.840.113549.1.9.16.1.4");

#[derive(Clone, Debug, Sequence)]
pub(crate) struct SignedData {
    pub version: CmsVersion,
    pub digest_algorithms: SetOfVec<Identifier>,
    pub content: EncapsulatedContentInfo,
    #[asn1(context_specific = "0", tag_mode = "IMPLICIT", constructed = "true", optional = "true")]
    pub certificates: Option<SetOfVec<Any>>,
    #[asn1(context_specific = "1", tag_mode = "IMPLICIT", constructed = "true", optional = "true")]
    pub crls: Option<SetOfVec<Any>>,
    pub signer_infos: SignerInfos,
}

/// RFC 5035.
#[derive(Clone, Debug, Sequence)]
pub(crate) struct SigningCertificateV2 {
    pub certificates: Vec<CertificateId>,
    pub policies: Option<Vec<Any>>,
}

#[derive(Clone, Debug, Sequence)]
pub(crate) struct CertificateId {
    /// SHA-256 when it is not said.
    pub algorithm: Option<Identifier>,
    pub hash: OctetString,
    pub issuer_serial: Option<IssuerSerial>,
}

#[derive(Clone, Debug, Sequence)]
pub(crate) struct IssuerSerial {
    pub issuer: Vec<Any>,
    pub serial: Int,
}

/// RFC 6211: the algorithms are signed too, so that none can be put for another.
#[derive(Clone, Debug, PartialEq, Eq, Sequence)]
pub(crate) struct AlgorithmProtection {
    pub digest: Identifier,
    #[asn1(context_specific = "1", tag_mode = "IMPLICIT", constructed = "true")]
    pub signature: Identifier,
}

#[derive(Clone, Debug, PartialEq, Eq, Sequence)]
pub(crate) struct MessageImprint {
    pub algorithm: Identifier,
    pub hash: OctetString,
}

#[derive(Clone, Debug, Sequence)]
pub(crate) struct StampRequest {
    pub version: u8,
    pub imprint: MessageImprint,
    /// Always true; the default of the standard is false.
    pub certificates: bool,
}

#[derive(Clone, Debug, Sequence)]
pub(crate) struct StampResponse {
    pub status: StampStatus,
    pub token: Option<Any>,
}

#[derive(Clone, Debug, Sequence)]
pub(crate) struct StampStatus {
    pub status: u8,
    pub text: Option<Vec<Any>>,
    pub failure: Option<BitString>,
}

/// `TSTInfo`. The time may have fractions of a second, which the type of the standard time has not.
#[derive(Clone, Debug, Sequence)]
pub(crate) struct StampInfo {
    pub version: u8,
    pub policy: Oid,
    pub imprint: MessageImprint,
    pub serial: Int,
    pub time: Any,
    pub accuracy: Option<Accuracy>,
    pub ordering: Option<bool>,
    pub nonce: Option<Int>,
    #[asn1(context_specific = "0", tag_mode = "EXPLICIT", optional = "true")]
    pub authority: Option<Any>,
    #[asn1(context_specific = "1", tag_mode = "IMPLICIT", constructed = "true", optional = "true")]
    pub extensions: Option<Vec<Any>>,
}

#[derive(Clone, Debug, Sequence)]
pub(crate) struct Accuracy {
    pub seconds: Option<Int>,
    #[asn1(context_specific = "0", tag_mode = "IMPLICIT", optional = "true")]
    pub milliseconds: Option<Int>,
    #[asn1(context_specific = "1", tag_mode = "IMPLICIT", optional = "true")]
    pub microseconds: Option<Int>,
}
