//! Objects of a finished file, found through its cross-reference tables. Files with
//! cross-reference streams, object streams or encryption are not read.

use std::collections::{BTreeMap, BTreeSet};

use super::syntax::{Cursor, Dict, Raw};

/// No paper has more pages, fields or revisions; a file that says so is wrong.
const MOST: usize = 10_000;

pub(crate) struct Document<'a> {
    pub bytes: &'a [u8],
    pub trailer: Dict<'a>,
    /// Where the newest cross-reference table begins.
    pub table_at: usize,
    pub size: usize,
    objects: BTreeMap<usize, Option<Place>>,
}

#[derive(Clone, Copy)]
struct Place {
    at: usize,
    generation: usize,
}

/// A signature field that has a value.
pub(crate) struct Field<'a> {
    pub name: String,
    /// The signature dictionary and where it is written; none when it cannot be read.
    pub value: Option<(Raw<'a>, Dict<'a>)>,
}

impl<'a> Document<'a> {
    pub fn open(bytes: &'a [u8]) -> Result<Self, &'static str> {
        let table_at = last_table(bytes).ok_or("it has no startxref")?;
        let mut document =
            Self { bytes, trailer: Dict::default(), table_at, size: 0, objects: BTreeMap::new() };
        let mut seen = BTreeSet::new();
        let mut next = Some(table_at);
        while let Some(at) = next {
            if !seen.insert(at) || seen.len() > MOST {
                return Err("its cross-reference tables go in a circle");
            }
            let trailer = document.table(at).ok_or("a cross-reference table is missing or a stream")?;
            if trailer.get(b"XRefStm").is_some() || trailer.get(b"Encrypt").is_some() {
                return Err("it has cross-reference streams or is encrypted");
            }
            next = trailer.get(b"Prev").map(|prev| prev.number().ok_or("a trailer is wrong")).transpose()?;
            if at == table_at {
                document.size =
                    trailer.get(b"Size").and_then(Raw::number).ok_or("its trailer has no size")?;
                document.trailer = trailer;
            }
        }
        Ok(document)
    }

    /// Reads one table; what a newer one says of an object holds.
    fn table(&mut self, at: usize) -> Option<Dict<'a>> {
        let mut cursor = Cursor::new(self.bytes, at);
        cursor.expect(b"xref")?;
        loop {
            let mut ahead = cursor;
            if ahead.expect(b"trailer").is_some() {
                return ahead.value()?.dict();
            }
            let (first, count) = (cursor.number()?, cursor.number()?);
            for number in first..first.checked_add(count)? {
                let place = Place { at: cursor.number()?, generation: cursor.number()? };
                let used = match cursor.word() {
                    b"n" => Some(place),
                    b"f" => None,
                    _ => return None,
                };
                self.objects.entry(number).or_insert(used);
            }
        }
    }

    pub fn object(&self, number: usize) -> Option<Raw<'a>> {
        let place = (*self.objects.get(&number)?)?;
        let mut cursor = Cursor::new(self.bytes, place.at);
        (cursor.number()? == number && cursor.number()? == place.generation).then_some(())?;
        cursor.expect(b"obj")?;
        cursor.value()
    }

    pub fn generation(&self, number: usize) -> usize {
        self.objects.get(&number).copied().flatten().map_or(0, |place| place.generation)
    }

    /// The value itself, behind a reference or not.
    pub fn resolve(&self, raw: Raw<'a>) -> Option<Raw<'a>> {
        match raw.reference() {
            Some(number) => self.object(number).filter(|found| found.reference().is_none()),
            None => Some(raw),
        }
    }

    pub fn dict(&self, raw: Raw<'a>) -> Option<Dict<'a>> {
        self.resolve(raw)?.dict()
    }

    pub fn root(&self) -> Option<usize> {
        self.trailer.get(b"Root")?.reference()
    }

    pub fn catalog(&self) -> Option<Dict<'a>> {
        self.object(self.root()?)?.dict()
    }

    /// The object numbers of the pages, first page first.
    pub fn pages(&self) -> Option<Vec<usize>> {
        let mut pages = vec![];
        let mut seen = BTreeSet::new();
        let mut open = vec![self.catalog()?.get(b"Pages")?.reference()?];
        while let Some(number) = open.pop() {
            (seen.insert(number) && seen.len() <= MOST).then_some(())?;
            let node = self.object(number)?.dict()?;
            match node.get(b"Kids") {
                Some(kids) => {
                    for kid in self.resolve(kids)?.items()?.into_iter().rev() {
                        open.push(kid.reference()?);
                    }
                }
                None => pages.push(number),
            }
        }
        Some(pages)
    }

    /// All form fields at the top, and below them those that are signed.
    pub fn fields(&self) -> Option<Vec<Field<'a>>> {
        let Some(form) = self.catalog()?.get(b"AcroForm") else { return Some(vec![]) };
        let Some(fields) = self.dict(form)?.get(b"Fields") else { return Some(vec![]) };
        let mut found = vec![];
        let mut seen = 0;
        let mut open: Vec<_> = self.resolve(fields)?.items()?.into_iter().map(|item| (item, None)).collect();
        open.reverse();
        while let Some((item, above)) = open.pop() {
            seen += 1;
            (seen <= MOST).then_some(())?;
            let field = self.dict(item)?;
            let own = field.get(b"T").and_then(|name| super::text::read(name.bytes));
            let name = match (above, own) {
                (Some(above), Some(own)) => format!("{above}.{own}"),
                (one, other) => one.or(other).unwrap_or_default(),
            };
            if field.get(b"FT").and_then(Raw::name) == Some(b"Sig")
                && let Some(value) = field.get(b"V")
            {
                let value = self.resolve(value).and_then(|raw| Some((raw, raw.dict()?)));
                found.push(Field { name: name.clone(), value });
            }
            if let Some(kids) = field.get(b"Kids") {
                for kid in self.resolve(kids)?.items()?.into_iter().rev() {
                    open.push((kid, Some(name.clone())));
                }
            }
        }
        Some(found)
    }
}

fn last_table(bytes: &[u8]) -> Option<usize> {
    let word = b"startxref";
    let start = bytes.windows(word.len()).rposition(|window| window == word)?;
    Cursor::new(bytes, start + word.len()).number()
}
