//! What the signatures of a file are worth, from the file and the trusted certificates alone. The
//! signatures are found through the form, as every reader finds them; one that the form does not
//! lead to is a fault. Says nothing of revocation.

use chrono::{DateTime, Utc};
use der::{Decode, Encode, Header, SliceReader};

use crate::certificate::{Certificate, Named};
use crate::cms::ID_DATA;
use crate::envelope::Envelope;
use crate::pdf::document::{Document, Field};
use crate::pdf::syntax::{Dict, Raw};
use crate::pdf::text;
use crate::stamp;

/// One signature, as it was found.
#[derive(Clone, Debug, Default, PartialEq)]
#[non_exhaustive]
pub struct Checked {
    /// The name of its field.
    pub field: String,
    /// Whether the digest over what it covers is the signed one.
    pub digest: bool,
    /// Whether the signature is by the key of `certificate`, over right attributes.
    pub signature: bool,
    /// Whether a chain leads to a trusted certificate, all of it valid at `at` (and at the
    /// time-stamp's moment, where there is one).
    pub chain: bool,
    /// Whether it covers the whole file. Only the last one can.
    pub whole: bool,
    /// How many bytes, from the first, it speaks of.
    pub covered: usize,
    pub certificate: Option<Named>,
    pub name: Option<String>,
    pub reason: Option<String>,
    pub location: Option<String>,
    pub contact: Option<String>,
    /// When, as the signer says.
    pub at: Option<DateTime<Utc>>,
    pub stamp: Option<Stamped>,
    /// Empty when all is right.
    pub faults: Vec<Fault>,
}

impl Checked {
    /// Nothing is wrong with it. Whether anything was added after it is `whole`.
    pub fn holds(&self) -> bool {
        self.faults.is_empty()
    }
}

/// A time-stamp, as it was found.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Stamped {
    pub at: DateTime<Utc>,
    pub authority: Named,
    pub right: bool,
    pub chain: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Fault {
    #[error("không đọc được tệp · the file cannot be read")]
    Unreadable,
    #[error(
        "không đọc được mục chữ ký, hoặc chữ ký thuộc loại khác · the signature's entry cannot be read or is of another kind"
    )]
    Entry,
    #[error(
        "phạm vi được ký không phải là toàn bộ tệp quanh chữ ký · the byte range is not the file around the signature"
    )]
    Range,
    #[error("dữ liệu chữ ký sai cấu trúc · the signature's data is not well-formed")]
    Envelope,
    #[error("nội dung đã bị sửa sau khi ký · what is signed was changed")]
    Digest,
    #[error("chữ ký số sai · the signature is wrong")]
    Signature,
    #[error(
        "chứng thư kèm theo không phải chứng thư đã ký · the certificates are not those that were signed for"
    )]
    Certificate,
    #[error("chứng thư không dùng để ký văn bản · the certificate is not for signing papers")]
    Usage,
    #[error(
        "không có chuỗi dẫn tới chứng thư tin cậy, còn hiệu lực khi ký · no chain leads to a trusted certificate, valid at the time"
    )]
    Untrusted,
    #[error("thiếu thời điểm ký · the time of signing is missing")]
    Time,
    #[error("có dữ liệu cạnh chữ ký mà không ai ký · there is data beside the signature that nobody signed")]
    Unsigned,
    #[error("dấu thời gian sai · the time-stamp is wrong")]
    Stamp,
    #[error(
        "không có chuỗi từ dấu thời gian tới chứng thư tin cậy · no chain leads from the time-stamp to a trusted certificate"
    )]
    StampUntrusted,
    #[error(
        "trong tệp có chữ ký mà biểu mẫu không dẫn tới · a signature stands in the file that its form does not lead to"
    )]
    Hidden,
}

/// Is the file sealed and as it was sealed? At least one signature, all hold, and the last one
/// covers the whole file.
pub fn sound(checked: &[Checked]) -> bool {
    checked.iter().all(Checked::holds) && checked.last().is_some_and(|last| last.whole)
}

/// As it was signed, whoever signed: nothing is wrong but that no trusted certificate is behind it.
pub fn untouched(checked: &[Checked]) -> bool {
    let unknown = |fault: &Fault| matches!(fault, Fault::Untrusted | Fault::StampUntrusted);
    checked.iter().all(|one| one.faults.iter().all(unknown)) && checked.last().is_some_and(|last| last.whole)
}

/// Each signature, the oldest first. `trusted` are certificates in DER; one that cannot be read is
/// trusted by nobody.
pub fn check(pdf: &[u8], trusted: &[Vec<u8>]) -> Vec<Checked> {
    let trusted: Vec<_> = trusted.iter().filter_map(|der| Certificate::read(der)).collect();
    let fault = |fault| Checked { faults: vec![fault], ..Checked::default() };
    let fields = Document::open(pdf).ok().and_then(|document| document.fields());
    let Some(fields) = fields else { return vec![fault(Fault::Unreadable)] };
    let mut checked: Vec<_> = fields.iter().map(|field| one(pdf, field, &trusted)).collect();
    checked.sort_by_key(|one| one.covered);
    let word = b"/ByteRange";
    if pdf.windows(word.len()).filter(|window| window == word).count() > checked.len() {
        checked.insert(0, fault(Fault::Hidden));
    }
    checked
}

fn one(pdf: &[u8], field: &Field<'_>, trusted: &[Certificate]) -> Checked {
    let mut checked = Checked { field: field.name.clone(), ..Checked::default() };
    let Some((entry, dict)) = &field.value else {
        checked.faults.push(Fault::Entry);
        return checked;
    };
    let string = |key: &[u8]| text::read(dict.get(key)?.bytes);
    checked.name = string(b"Name");
    checked.reason = string(b"Reason");
    checked.location = string(b"Location");
    checked.contact = string(b"ContactInfo");
    checked.at = dict.get(b"M").and_then(|date| text::read_date(date.bytes));
    if dict.get(b"SubFilter").and_then(Raw::name) != Some(b"ETSI.CAdES.detached") {
        checked.faults.push(Fault::Entry);
    }
    let Some(range) = Range::of(pdf, entry, dict) else {
        checked.faults.push(Fault::Range);
        return checked;
    };
    checked.covered = range.end;
    checked.whole = range.end == pdf.len();
    match unpack(range.contents).and_then(|der| Envelope::read(&der)) {
        Some(envelope) => examine(&mut checked, &envelope, &range, trusted),
        None => checked.faults.push(Fault::Envelope),
    }
    checked
}

fn examine(checked: &mut Checked, envelope: &Envelope, range: &Range<'_>, trusted: &[Certificate]) {
    let faults = envelope.examine(ID_DATA, trusted, |hash| hash.digest(range.signed));
    checked.digest = !faults.contains(&Fault::Digest);
    checked.signature = faults.iter().all(|fault| *fault == Fault::Digest);
    checked.faults.extend(faults);
    if let Some(token) = envelope.token(&mut checked.faults) {
        let (stamp, faults) = stamp::examine(&token, envelope.signature(), trusted);
        checked.stamp = stamp;
        checked.faults.extend(faults);
    }
    let Some(signer) = envelope.signer() else { return };
    checked.certificate = Some(signer.named());
    if !signer.may_sign() {
        checked.faults.push(Fault::Usage);
    }
    let Some(at) = checked.at else {
        checked.faults.push(Fault::Time);
        return;
    };
    let stamped = checked.stamp.as_ref().filter(|stamp| stamp.right && stamp.chain).map(|stamp| stamp.at);
    let mut moments = [Some(at), stamped].into_iter().flatten();
    checked.chain = moments.all(|at| signer.is_under(trusted, &envelope.certificates, at));
    if !checked.chain {
        checked.faults.push(Fault::Untrusted);
    }
}

/// What a signature covers: the file up to `end` but for its own contents, which lie in its own
/// entry and nowhere else.
struct Range<'a> {
    signed: [&'a [u8]; 2],
    contents: &'a [u8],
    end: usize,
}

impl<'a> Range<'a> {
    fn of(pdf: &'a [u8], entry: &Raw<'a>, dict: &Dict<'a>) -> Option<Self> {
        let numbers: Option<Vec<_>> = dict.get(b"ByteRange")?.items()?.into_iter().map(Raw::number).collect();
        let [0, before, after, length] = *numbers?.as_slice() else { return None };
        let contents = dict.get(b"Contents")?;
        let end = after.checked_add(length)?;
        let fits = contents.at == before
            && contents.at + contents.bytes.len() == after
            && entry.at + entry.bytes.len() <= end;
        fits.then_some(())?;
        Some(Self { signed: [pdf.get(..before)?, pdf.get(after..end)?], contents: contents.bytes, end })
    }
}

/// The bytes behind `<…>`, without the zeros that fill the place. There is one way to write them:
/// digits of one case, no spaces; else a changed byte could pass.
fn unpack(contents: &[u8]) -> Option<Vec<u8>> {
    let digits = contents.strip_prefix(b"<")?.strip_suffix(b">")?;
    let upper = digits.iter().any(u8::is_ascii_uppercase);
    let lower = digits.iter().any(u8::is_ascii_lowercase);
    let plain = digits.iter().all(u8::is_ascii_hexdigit) && digits.len().is_multiple_of(2);
    (plain && !(upper && lower)).then_some(())?;
    let mut bytes = text::bytes(contents)?;
    let fill = bytes.split_off(length(&bytes)?.min(bytes.len()));
    fill.iter().all(|byte| *byte == 0).then_some(bytes)
}

/// The length of the DER value that `bytes` begin with.
fn length(bytes: &[u8]) -> Option<usize> {
    let header = Header::decode(&mut SliceReader::new(bytes).ok()?).ok()?;
    let length = (header.encoded_len().ok()? + header.length).ok()?;
    usize::try_from(length).ok()
}
