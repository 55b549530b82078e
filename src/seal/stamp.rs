//! Time-stamps (RFC 3161): the request for a signature, the answer taken apart, the token tried.
//! The way to the authority is the caller's. There is no nonce: the token is tied to the
//! signature's own digest, and the same seal asks for the same thing.

use chrono::{DateTime, Utc};
use der::asn1::OctetString;
use der::{Any, Decode, Encode, Tag, Tagged};

use crate::algorithm::{self, Hash};
use crate::certificate::Certificate;
use crate::check::{Fault, Stamped};
use crate::cms::{ID_TST_INFO, MessageImprint, StampInfo, StampRequest, StampResponse};
use crate::envelope::Envelope;
use crate::pdf::text::moment;
use crate::{SealError, Stamper};

/// `TimeStampReq` in DER for a SHA-256 digest; asks for the authority's certificate too.
pub fn request(digest: &[u8; 32]) -> Result<Vec<u8>, SealError> {
    let imprint =
        MessageImprint { algorithm: algorithm::sha256(), hash: OctetString::new(digest.as_slice())? };
    Ok(StampRequest { version: 1, imprint, certificates: true }.to_der()?)
}

/// A token over `signature`, tried before it is put in.
pub(crate) fn fetch(signature: &[u8], stamper: &dyn Stamper) -> Result<Any, SealError> {
    let wrong = |what: &str| SealError::Stamp(what.to_owned());
    let digest = Hash::Sha256.digest([signature]);
    let digest: [u8; 32] = digest.try_into().map_err(|_| wrong("no digest"))?;
    let answer = stamper.stamp(&request(&digest)?)?;
    let answer = StampResponse::from_der(&answer).map_err(|_| wrong("the answer cannot be read"))?;
    if answer.status.status > 1 {
        return Err(SealError::Stamp(format!("the authority refused with status {}", answer.status.status)));
    }
    let token = answer.token.ok_or_else(|| wrong("the answer has no token"))?;
    let (_, faults) = examine(&token.to_der()?, signature, &[]);
    match faults.iter().find(|fault| **fault != Fault::StampUntrusted) {
        None => Ok(token),
        Some(fault) => Err(SealError::Stamp(fault.to_string())),
    }
}

/// Tries a token over `signature`. Its faults are told as the time-stamp's.
pub(crate) fn examine(
    token: &[u8],
    signature: &[u8],
    trusted: &[Certificate],
) -> (Option<Stamped>, Vec<Fault>) {
    let Some((envelope, content, info)) = read(token) else { return (None, vec![Fault::Stamp]) };
    let mut faults = envelope.examine(ID_TST_INFO, trusted, |hash| hash.digest([content.as_slice()]));
    let _ = envelope.token(&mut faults);
    let imprint = Hash::of(&info.imprint.algorithm)
        .is_some_and(|hash| hash.digest([signature]) == info.imprint.hash.as_bytes());
    let Some((signer, at)) = envelope.signer().zip(time(&info.time)) else {
        return (None, vec![Fault::Stamp]);
    };
    let right =
        faults.is_empty() && info.version == 1 && imprint && signer.may_stamp() && signer.is_valid_at(at);
    let chain = signer.is_under(trusted, &envelope.certificates, at);
    let faults = [(!right).then_some(Fault::Stamp), (!chain).then_some(Fault::StampUntrusted)];
    (Some(Stamped { at, authority: signer.named(), right, chain }), faults.into_iter().flatten().collect())
}

fn read(token: &[u8]) -> Option<(Envelope, Vec<u8>, StampInfo)> {
    let envelope = Envelope::read(token)?;
    let content = envelope.content()?;
    let info = StampInfo::from_der(&content).ok()?;
    Some((envelope, content, info))
}

/// Whole seconds of a GeneralizedTime, which ends in `Z` and may have a fraction.
fn time(any: &Any) -> Option<DateTime<Utc>> {
    (any.tag() == Tag::GeneralizedTime).then_some(())?;
    let text = std::str::from_utf8(any.value()).ok()?.strip_suffix('Z')?;
    let (whole, fraction) = text.split_once('.').unwrap_or((text, "0"));
    (whole.len() == 14 && fraction.bytes().all(|byte| byte.is_ascii_digit())).then_some(())?;
    Some(moment(whole)?.and_utc())
}
