//! Setting a paper and writing it as PDF.

use std::collections::BTreeMap;

use chrono::{DateTime, Datelike, FixedOffset, Timelike};
use typst::diag::SourceDiagnostic;
use typst::foundations::{Datetime, Label, Selector, Smart};
use typst::introspection::Introspector as _;
use typst::utils::PicoStr;
use typst::{World, comemo};
use typst_layout::PagedDocument;
use typst_pdf::{PdfOptions, PdfStandard, PdfStandards, Timestamp};

use crate::world::{Desk, place, shows};

/// Entries of the setter's memory that were not used by so many papers are forgotten.
const REMEMBERED: usize = 20;

/// A paper to set.
#[derive(Debug, Clone, Copy)]
pub struct Sheet<'a> {
    /// All templates of the set, by file name.
    pub templates: &'a BTreeMap<String, String>,
    /// The one to set.
    pub template: &'a str,
    /// What it says, as JSON text.
    pub data: &'a str,
    /// A picture the template may show as `/qr.svg`.
    pub code: Option<&'a str>,
    /// The moment of the act; the file says it as its own.
    pub at: DateTime<FixedOffset>,
    /// Identifies the paper for ever.
    pub id: &'a str,
}

/// Where something stands on a page: from its lower left corner, in points.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Place {
    /// From 0.
    pub page: usize,
    pub x: f64,
    pub y: f64,
}

/// A paper that was set.
#[derive(Debug, Clone, PartialEq)]
pub struct Printed {
    pub pdf: Vec<u8>,
    pub pages: usize,
    /// Where the visible block of a digital signature begins: its upper left corner.
    pub signature: Option<Place>,
}

/// Why a paper could not be set. A template of the catalogue that fails is a bug; one that a lawyer
/// writes is told to him.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PressError {
    #[error("{0:?} is no name of a template")]
    Name(String),
    /// Each mistake, with the file and line where it is.
    #[error("{}", .0.join("; "))]
    Template(Vec<String>),
}

/// Sets a paper.
///
/// # Errors
/// When the template is wrong, or the file would not be PDF/A-2b.
pub fn print(sheet: &Sheet<'_>) -> Result<Printed, PressError> {
    let at = |name: &str| place(name).ok_or_else(|| PressError::Name(name.to_owned()));
    let mut desk = Desk::new(at(sheet.template)?);
    for (name, text) in sheet.templates {
        desk.template(at(name)?, text);
    }
    desk.lay(at("data.json")?, &printable(sheet.data));
    if let Some(code) = sheet.code {
        desk.lay(at("qr.svg")?, code);
    }
    let told = |wrong: &SourceDiagnostic| tell(&desk, wrong);
    let failed = |wrong: &[SourceDiagnostic]| PressError::Template(wrong.iter().map(told).collect());
    let set = typst::compile::<PagedDocument>(&desk).output.map_err(|wrong| failed(&wrong))?;
    let options = PdfOptions {
        ident: Smart::Custom(sheet.id.to_owned()),
        creator: Smart::Custom(Some("motcua".to_owned())),
        timestamp: timestamp(&sheet.at),
        standards: PdfStandards::new(&[PdfStandard::A_2b])
            .map_err(|error| PressError::Template(vec![format!("{error:?}")]))?,
        ..PdfOptions::default()
    };
    let pdf = typst_pdf::pdf(&set, &options).map_err(|wrong| failed(&wrong))?;
    let printed = Printed { pdf, pages: set.pages().len(), signature: signature(&set) };
    comemo::evict(REMEMBERED);
    Ok(printed)
}

/// Several papers one after the other in one file to print, each page as large as it is. The papers
/// themselves stay what they are: a signature is no part of the print.
///
/// # Errors
/// When one of them is no PDF or has fewer pages than was said.
pub fn bind<F: AsRef<[u8]> + Send + Sync + 'static>(files: Vec<(F, usize)>) -> Result<Printed, PressError> {
    const MAIN: &str = "#set page(width: auto, height: auto, margin: 0pt)
#for (name, pages) in json(\"/data.json\") {
  for number in range(pages) { page(image(name, page: number + 1)) }
}";
    let at = |name: &str| place(name).ok_or_else(|| PressError::Name(name.to_owned()));
    let mut desk = Desk::new(at("bind.typ")?);
    desk.template(at("bind.typ")?, MAIN);
    let mut list = Vec::new();
    for (number, (file, pages)) in files.into_iter().enumerate() {
        let name = format!("{number}.pdf");
        desk.enclose(at(&name)?, file);
        list.push(format!("[\"/{name}\", {pages}]"));
    }
    desk.lay(at("data.json")?, &format!("[{}]", list.join(",")));
    let told = |wrong: &SourceDiagnostic| tell(&desk, wrong);
    let failed = |wrong: &[SourceDiagnostic]| PressError::Template(wrong.iter().map(told).collect());
    let set = typst::compile::<PagedDocument>(&desk).output.map_err(|wrong| failed(&wrong))?;
    // Tags would say of each page that it is a picture.
    let options = PdfOptions { tagged: false, ..PdfOptions::default() };
    let pdf = typst_pdf::pdf(&set, &options).map_err(|wrong| failed(&wrong))?;
    comemo::evict(0);
    Ok(Printed { pdf, pages: set.pages().len(), signature: None })
}

/// What the typeface has no sign for becomes a question mark: people type what they like, and a paper is
/// made all the same. What was typed stays as it was in the record.
fn printable(text: &str) -> String {
    text.chars().map(|c| if c.is_control() || shows(c) { c } else { '?' }).collect()
}

fn timestamp(at: &DateTime<FixedOffset>) -> Option<Timestamp> {
    let part = |number: u32| u8::try_from(number).ok();
    let datetime = Datetime::from_ymd_hms(
        at.year(),
        part(at.month())?,
        part(at.day())?,
        part(at.hour())?,
        part(at.minute())?,
        part(at.second())?,
    )?;
    Timestamp::new_local(datetime, at.offset().local_minus_utc() / 60)
}

fn signature(set: &PagedDocument) -> Option<Place> {
    let label = Label::new(PicoStr::intern("signature"))?;
    let found = set.introspector().query_first(&Selector::Label(label))?;
    let position = set.introspector().position(found.location()?)?;
    let page = position.page.get().checked_sub(1)?;
    let height = set.pages().get(page)?.frame.height();
    Some(Place { page, x: position.point.x.to_pt(), y: (height - position.point.y).to_pt() })
}

/// A mistake with its place.
fn tell(desk: &Desk, wrong: &SourceDiagnostic) -> String {
    let place = wrong.span.id().and_then(|id| {
        let source = desk.source(id).ok()?;
        let at = typst::WorldExt::range(desk, wrong.span)?.start;
        let line = source.text().get(..at)?.lines().count();
        Some(format!("{} {line}: ", id.get().vpath().get_without_slash()))
    });
    let hints = wrong.hints.iter().map(|hint| format!(" ({})", hint.v)).collect::<String>();
    format!("{}{}{hints}", place.unwrap_or_default(), wrong.message)
}
