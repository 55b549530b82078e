//! Certificates: reading one, and the way from it up to a trusted one. The bytes as they came are
//! kept, because hashes and signatures are over them. No revocation: a list of revoked
//! certificates would have to come from the network.

use chrono::{DateTime, Utc};
use const_oid::ObjectIdentifier as Oid;
use const_oid::db::rfc5280 as oid;
use der::{Any, Decode, Encode, Sequence, asn1::BitString};
use x509_cert::Certificate as Parsed;
use x509_cert::ext::pkix::{BasicConstraints, ExtendedKeyUsage, KeyUsage};

use crate::algorithm;

/// Longer chains are refused; the state's own chains have three or four.
const LONGEST: usize = 8;

/// What a person is told of a certificate.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Named {
    /// RFC 4514.
    pub subject: String,
    pub issuer: String,
    /// Hexadecimal.
    pub serial: String,
    pub valid_from: DateTime<Utc>,
    pub valid_until: DateTime<Utc>,
}

#[derive(Sequence)]
struct Outer {
    signed: Any,
    algorithm: spki::AlgorithmIdentifierOwned,
    signature: BitString,
}

pub(crate) struct Certificate {
    pub der: Vec<u8>,
    pub parsed: Parsed,
    signed: Vec<u8>,
    pub valid: [DateTime<Utc>; 2],
}

impl Certificate {
    pub fn read(der: &[u8]) -> Option<Self> {
        let parsed = Parsed::from_der(der).ok()?;
        let outer = Outer::from_der(der).ok()?;
        (parsed.signature_algorithm == parsed.tbs_certificate.signature).then_some(())?;
        let validity = parsed.tbs_certificate.validity;
        let moment = |time: x509_cert::time::Time| {
            DateTime::from_timestamp(i64::try_from(time.to_unix_duration().as_secs()).ok()?, 0)
        };
        let valid = [moment(validity.not_before)?, moment(validity.not_after)?];
        Some(Self { der: der.to_vec(), parsed, signed: outer.signed.to_der().ok()?, valid })
    }

    pub fn named(&self) -> Named {
        let tbs = &self.parsed.tbs_certificate;
        let serial = tbs.serial_number.as_bytes().iter().map(|byte| format!("{byte:02x}")).collect();
        let [valid_from, valid_until] = self.valid;
        Named {
            subject: tbs.subject.to_string(),
            issuer: tbs.issuer.to_string(),
            serial,
            valid_from,
            valid_until,
        }
    }

    pub fn is_valid_at(&self, at: DateTime<Utc>) -> bool {
        let [from, until] = self.valid;
        from <= at && at <= until
    }

    /// Whether `issuer` is named as this one's issuer and its key signed it.
    pub fn is_signed_by(&self, issuer: &Self) -> bool {
        let tbs = &self.parsed.tbs_certificate;
        let above = &issuer.parsed.tbs_certificate;
        let Some(signature) = self.parsed.signature.as_bytes() else { return false };
        tbs.issuer == above.subject
            && algorithm::confirms(
                &above.subject_public_key_info,
                &self.parsed.signature_algorithm,
                None,
                &self.signed,
                signature,
            )
    }

    fn extension<'a, T: Decode<'a> + const_oid::AssociatedOid>(&'a self) -> Result<Option<T>, ()> {
        self.parsed.tbs_certificate.get::<T>().map(|found| found.map(|(_, value)| value)).map_err(drop)
    }

    /// Says nothing that this code does not understand and must.
    fn is_understood(&self) -> bool {
        const KNOWN: [Oid; 6] = [
            oid::ID_CE_BASIC_CONSTRAINTS,
            oid::ID_CE_KEY_USAGE,
            oid::ID_CE_EXT_KEY_USAGE,
            oid::ID_CE_CERTIFICATE_POLICIES,
            oid::ID_CE_SUBJECT_ALT_NAME,
            oid::ID_CE_ISSUER_ALT_NAME,
        ];
        let extensions = self.parsed.tbs_certificate.extensions.iter().flatten();
        extensions.filter(|extension| extension.critical).all(|extension| KNOWN.contains(&extension.extn_id))
    }

    /// A key for signing papers. A certificate that says nothing of its use may be used.
    pub fn may_sign(&self) -> bool {
        self.is_understood()
            && match self.extension::<KeyUsage>() {
                Ok(usage) => usage.is_none_or(|usage| usage.digital_signature() || usage.non_repudiation()),
                Err(()) => false,
            }
    }

    /// A time-stamp authority's certificate is for that alone (RFC 3161, 2.3).
    pub fn may_stamp(&self) -> bool {
        self.may_sign()
            && matches!(self.extension::<ExtendedKeyUsage>(),
                Ok(Some(usage)) if usage.0 == [oid::ID_KP_TIME_STAMPING])
    }

    /// A certificate authority, with at most as many others below it as it allows.
    fn may_issue(&self, below: usize) -> bool {
        let constraint = match self.extension::<BasicConstraints>() {
            Ok(Some(constraint)) => constraint,
            _ => return false,
        };
        let usage = match self.extension::<KeyUsage>() {
            Ok(usage) => usage.is_none_or(|usage| usage.key_cert_sign()),
            Err(()) => false,
        };
        let allowed = constraint.path_len_constraint.map_or(usize::MAX, usize::from);
        self.is_understood() && constraint.ca && usage && below <= allowed
    }

    /// Whether a chain leads from this one to a trusted one, all of it valid at `at`.
    pub fn is_under(&self, trusted: &[Self], others: &[Self], at: DateTime<Utc>) -> bool {
        climb(self, trusted, others, at, 0)
    }
}

fn climb(
    from: &Certificate,
    trusted: &[Certificate],
    others: &[Certificate],
    at: DateTime<Utc>,
    above: usize,
) -> bool {
    if !from.is_valid_at(at) || above > LONGEST {
        return false;
    }
    if trusted.iter().any(|known| known.der == from.der) {
        return true;
    }
    let may = |issuer: &&Certificate| issuer.der != from.der && issuer.may_issue(above);
    let mut issuers = trusted.iter().chain(others).filter(may);
    issuers.any(|issuer| from.is_signed_by(issuer) && climb(issuer, trusted, others, at, above + 1))
}
