//! One more signature on a finished file: an incremental update with the signature, its field and
//! the form, then the digest over all of it but the place kept for the signature, then that.

use crate::algorithm::Hash;
use crate::envelope::{self, Chain};
use crate::pdf::document::Document;
use crate::pdf::text;
use crate::pdf::update::Update;
use crate::stamp;
use crate::{About, Place, SealError, Signer, Stamper};

/// For what stands in the signature beside certificates; an RSA signature of 8192 bits fits.
const ENVELOPE: usize = 2048;
/// Tokens have four to eight kilobytes, by the chain of their authority.
const TOKEN: usize = 16 * 1024;
/// Room for each number of the byte range.
const DIGITS: usize = 10;

const BROKEN: SealError = SealError::Pdf("its structure is wrong");

/// The file with one more signature after its last byte. The same file, key and `about` give the
/// same bytes, when the key is RSA and there is no time-stamp.
pub fn seal(
    pdf: &[u8],
    signer: &dyn Signer,
    about: &About,
    stamp: Option<&dyn Stamper>,
) -> Result<Vec<u8>, SealError> {
    let chain = Chain::of(signer)?;
    if !chain.leaf().is_some_and(|leaf| leaf.is_valid_at(about.at)) {
        return Err(SealError::NotValid);
    }
    let room = 2 * (chain.length() + ENVELOPE + if stamp.is_some() { TOKEN } else { 0 });
    let (mut file, gap) = prepare(pdf, about, room)?;
    let part = |from: usize, to: usize| file.get(from..to).ok_or(BROKEN);
    let digest = Hash::Sha256.digest([part(0, gap.from)?, part(gap.to, file.len())?]);
    let token = |signature: &[u8]| stamp.map(|stamper| stamp::fetch(signature, stamper)).transpose();
    let signature = envelope::sign(&digest, &chain, signer, token)?;
    let digits: String = signature.iter().map(|byte| format!("{byte:02x}")).collect();
    if digits.len() > room {
        return Err(SealError::TooLong);
    }
    fill(&mut file, gap.from + 1, digits.as_bytes())?;
    Ok(file)
}

/// The place of the signature with its brackets.
struct Gap {
    from: usize,
    to: usize,
}

fn prepare(pdf: &[u8], about: &About, room: usize) -> Result<(Vec<u8>, Gap), SealError> {
    let document = Document::open(pdf).map_err(SealError::Pdf)?;
    let mut update = Update::new(&document);
    let (signature, widget, look) = (update.reserve(), update.reserve(), update.reserve());
    let rect = about.place.map_or(Ok([0.0; 4]), checked)?;
    let page = place(&document, &mut update, about, widget)?;
    list(&document, &mut update, widget)?;
    let [left, bottom, right, top] = rect;
    let number = document.fields().ok_or(BROKEN)?.len() + 1;
    // Print and Locked: PDF/A wants the first, and nobody has a reason to move it.
    let field = format!(
        "<</Type/Annot/Subtype/Widget/FT/Sig/T(Signature{number})/V {signature} 0 R/P {page} {} R/F 132\
         /Rect[{left} {bottom} {right} {top}]/AP<</N {look} 0 R>>>>",
        document.generation(page)
    );
    update.put(widget, field);
    update.put(
        look,
        format!(
            "<</Type/XObject/Subtype/Form/BBox[0 0 {} {}]/Resources<<>>/Length 0>>\nstream\n\nendstream",
            right - left,
            top - bottom
        ),
    );
    let entry = entry(about, room);
    update.put(signature, entry.text);
    let (mut file, bodies) = update.write();
    let body = bodies.get(&signature).ok_or(BROKEN)?;
    let gap = Gap { from: body + entry.contents, to: body + entry.contents + room + 2 };
    let numbers = [gap.from, gap.to, file.len() - gap.to].map(|number| format!("{number:<DIGITS$}"));
    fill(&mut file, body + entry.range, numbers.join(" ").as_bytes())?;
    Ok((file, gap))
}

fn checked(place: Place) -> Result<[f32; 4], SealError> {
    let [left, bottom, right, top] = place.rect;
    let fits = place.rect.iter().all(|side| side.is_finite() && side.abs() < 20_000.0);
    if fits && left < right && bottom < top { Ok(place.rect) } else { Err(SealError::Place) }
}

/// Puts the field on its page, the first one when it is not to be seen.
fn place<'a>(
    document: &Document<'a>,
    update: &mut Update<'_, 'a>,
    about: &About,
    widget: usize,
) -> Result<usize, SealError> {
    let index = about.place.map_or(0, |place| place.page);
    let pages = document.pages().ok_or(BROKEN)?;
    let page = *pages.get(index).ok_or(SealError::NoPage(index))?;
    let dict = document.object(page).and_then(|raw| raw.dict()).ok_or(BROKEN)?;
    let annotations = update.append(&dict, b"Annots", &format!("{widget} 0 R")).ok_or(BROKEN)?;
    if let Some(annotations) = annotations {
        update.put(page, dict.with(&[(b"Annots", annotations)]));
    }
    Ok(page)
}

/// Puts the field into the form. The form is an object of its own, so that a later signature does
/// not touch the catalog again.
fn list<'a>(document: &Document<'a>, update: &mut Update<'_, 'a>, widget: usize) -> Result<(), SealError> {
    let root = document.root().ok_or(BROKEN)?;
    let catalog = document.catalog().ok_or(BROKEN)?;
    let old = catalog.get(b"AcroForm");
    let form = old.map(|old| document.dict(old).ok_or(BROKEN)).transpose()?.unwrap_or_default();
    let fields = update.append(&form, b"Fields", &format!("{widget} 0 R")).ok_or(BROKEN)?;
    // There are signatures, and a file with them may only be appended to.
    let mut changes: Vec<(&[u8], _)> = vec![(b"SigFlags", b"3".to_vec())];
    changes.extend(fields.map(|fields| (&b"Fields"[..], fields)));
    let form = form.with(&changes);
    if let Some(number) = old.and_then(|old| old.reference()) {
        update.put(number, form);
        return Ok(());
    }
    let number = update.reserve();
    update.put(number, form);
    let mut changes: Vec<(&[u8], _)> = vec![(b"AcroForm", format!("{number} 0 R").into_bytes())];
    if catalog.get(b"Extensions").is_none() {
        // EN 319 142-1 names its additions to PDF 1.7 so.
        changes.push((b"Extensions", b"<</ESIC<</BaseVersion/1.7/ExtensionLevel 1>>>>".to_vec()));
    }
    update.put(root, catalog.with(&changes));
    Ok(())
}

struct Entry {
    text: String,
    /// Where the numbers of the byte range and the contents begin in it.
    range: usize,
    contents: usize,
}

fn entry(about: &About, room: usize) -> Entry {
    let mut text = String::from("<</Type/Sig/Filter/Adobe.PPKLite/SubFilter/ETSI.CAdES.detached");
    let says = [
        ("Name", Some(&about.name)),
        ("Reason", about.reason.as_ref()),
        ("Location", about.location.as_ref()),
        ("ContactInfo", about.contact.as_ref()),
    ];
    for (key, value) in says {
        if let Some(value) = value {
            text += &format!("/{key}{}", text::write(value));
        }
    }
    text += &format!("/M{}/ByteRange[0 ", text::write_date(about.at));
    let range = text.len();
    text += &" ".repeat(3 * DIGITS + 2);
    text += "]/Contents";
    let contents = text.len();
    text += &format!("<{}>>>", "0".repeat(room));
    Entry { text, range, contents }
}

fn fill(file: &mut [u8], at: usize, with: &[u8]) -> Result<(), SealError> {
    file.get_mut(at..at + with.len()).ok_or(BROKEN)?.copy_from_slice(with);
    Ok(())
}
