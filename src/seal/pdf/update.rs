//! An incremental update: new and changed objects, a table of their places, a trailer that points
//! back. What stood in the file is copied byte for byte.

use std::collections::BTreeMap;

use sha2::{Digest, Sha256};

use super::{
    document::Document,
    syntax::{Dict, Raw},
};

pub(crate) struct Update<'d, 'a> {
    document: &'d Document<'a>,
    objects: BTreeMap<usize, Vec<u8>>,
    size: usize,
}

impl<'d, 'a> Update<'d, 'a> {
    pub fn new(document: &'d Document<'a>) -> Self {
        Self { document, objects: BTreeMap::new(), size: document.size }
    }

    /// A number for a new object.
    pub fn reserve(&mut self) -> usize {
        let number = self.size;
        self.size += 1;
        number
    }

    pub fn put(&mut self, number: usize, body: impl Into<Vec<u8>>) {
        self.objects.insert(number, body.into());
    }

    /// One more item in an array that stands in `dict` itself or is an object of its own. Returns
    /// what `dict` has to say then, or nothing when only the array's object changed.
    pub fn append(&mut self, dict: &Dict<'a>, key: &[u8], item: &str) -> Option<Option<Vec<u8>>> {
        let Some(old) = dict.get(key) else { return Some(Some(format!("[{item}]").into_bytes())) };
        let mut items: Vec<u8> = b"[".to_vec();
        for known in self.document.resolve(old)?.items()? {
            items.extend(known.bytes);
            items.push(b' ');
        }
        items.extend(item.as_bytes());
        items.push(b']');
        Some(match old.reference() {
            Some(number) => {
                self.put(number, items);
                None
            }
            None => Some(items),
        })
    }

    /// The file with the update, and where each object's body begins in it.
    pub fn write(self) -> (Vec<u8>, BTreeMap<usize, usize>) {
        let old = self.document;
        let mut file = old.bytes.to_vec();
        if !file.ends_with(b"\n") {
            file.push(b'\n');
        }
        let (mut places, mut bodies) = (BTreeMap::new(), BTreeMap::new());
        for (number, body) in &self.objects {
            places.insert(*number, (file.len(), old.generation(*number)));
            file.extend(format!("{number} {} obj\n", old.generation(*number)).bytes());
            bodies.insert(*number, file.len());
            file.extend(body);
            file.extend(b"\nendobj\n");
        }
        let table_at = file.len();
        file.extend(b"xref\n");
        for run in runs(&places) {
            file.extend(format!("{} {}\n", run.first().map_or(0, |(number, _)| *number), run.len()).bytes());
            for (_, (at, generation)) in run {
                file.extend(format!("{at:010} {generation:05} n\r\n").bytes());
            }
        }
        let trailer = old.trailer.with(&[
            (b"Size", self.size.to_string().into_bytes()),
            (b"Prev", old.table_at.to_string().into_bytes()),
            (b"ID", self.id(&file)),
        ]);
        file.extend(b"trailer\n");
        file.extend(trailer);
        file.extend(format!("\nstartxref\n{table_at}\n%%EOF\n").bytes());
        (file, bodies)
    }

    /// The first half names the paper and stays; the second names this state of it, and comes
    /// from its content so that the same seal gives the same file.
    fn id(&self, file: &[u8]) -> Vec<u8> {
        let state: String = Sha256::digest(file).iter().take(16).map(|byte| format!("{byte:02X}")).collect();
        let state = format!("<{state}>").into_bytes();
        let first =
            self.document.trailer.get(b"ID").and_then(|id| self.document.resolve(id)).and_then(Raw::items);
        let first =
            first.and_then(|halves| Some(halves.first()?.bytes.to_vec())).unwrap_or_else(|| state.clone());
        [b"[".to_vec(), first, state, b"]".to_vec()].concat()
    }
}

type Entry = (usize, (usize, usize));

/// Entries in runs of successive numbers.
fn runs(places: &BTreeMap<usize, (usize, usize)>) -> Vec<Vec<Entry>> {
    let mut runs: Vec<Vec<Entry>> = vec![];
    for (number, place) in places {
        match runs.last_mut() {
            Some(run) if run.last().is_some_and(|(last, _)| last + 1 == *number) => {
                run.push((*number, *place))
            }
            _ => runs.push(vec![(*number, *place)]),
        }
    }
    runs
}
