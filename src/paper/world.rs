//! What a template can see while it is set: its own set of templates, its data, the fonts built in.

use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::LazyLock;

use typst::diag::{FileError, FileResult};
use typst::foundations::{Bytes, Datetime, Duration};
use typst::syntax::{FileId, RootedPath, Source, VirtualPath, VirtualRoot};
use typst::text::{Font, FontBook};
use typst::utils::LazyHash;
use typst::{Library, LibraryExt, World};

/// The typeface of administrative papers, metric-compatible with the usual one and whole for Vietnamese.
static FONTS: LazyLock<Vec<Font>> = LazyLock::new(|| {
    [
        include_bytes!("fonts/LiberationSerif-Regular.ttf").as_slice(),
        include_bytes!("fonts/LiberationSerif-Bold.ttf").as_slice(),
        include_bytes!("fonts/LiberationSerif-Italic.ttf").as_slice(),
        include_bytes!("fonts/LiberationSerif-BoldItalic.ttf").as_slice(),
    ]
    .into_iter()
    .flat_map(|data| Font::iter(Bytes::new(data)))
    .collect()
});
static BOOK: LazyLock<LazyHash<FontBook>> =
    LazyLock::new(|| LazyHash::new(FontBook::from_fonts(FONTS.iter())));
static LIBRARY: LazyLock<LazyHash<Library>> =
    LazyLock::new(|| LazyHash::new(<Library as LibraryExt>::default()));

/// The typeface has a sign for it, in each of its cuts.
pub fn shows(c: char) -> bool {
    FONTS.iter().all(|font| font.info().coverage.contains(u32::from(c)))
}

/// One paper being set.
pub struct Desk {
    main: FileId,
    sources: HashMap<FileId, Source>,
    files: HashMap<FileId, Bytes>,
}

/// The place of a file in the world of a template; none for a name that is no path.
pub fn place(name: &str) -> Option<FileId> {
    let path = VirtualPath::new(format!("/{name}")).ok()?;
    Some(FileId::new(RootedPath::new(VirtualRoot::Project, path)))
}

impl Desk {
    pub fn new(main: FileId) -> Self {
        Self { main, sources: HashMap::new(), files: HashMap::new() }
    }

    pub fn template(&mut self, at: FileId, text: &str) {
        self.sources.insert(at, Source::new(at, text.to_owned()));
    }

    /// A file as it is.
    pub fn enclose<F: AsRef<[u8]> + Send + Sync + 'static>(&mut self, at: FileId, bytes: F) {
        self.files.insert(at, Bytes::new(bytes));
    }

    pub fn lay(&mut self, at: FileId, text: &str) {
        self.files.insert(at, Bytes::from_string(text.to_owned()));
    }
}

fn absent(id: FileId) -> FileError {
    FileError::NotFound(PathBuf::from(id.get().vpath().get_with_slash()))
}

impl World for Desk {
    fn library(&self) -> &LazyHash<Library> {
        &LIBRARY
    }

    fn book(&self) -> &LazyHash<FontBook> {
        &BOOK
    }

    fn main(&self) -> FileId {
        self.main
    }

    fn source(&self, id: FileId) -> FileResult<Source> {
        self.sources.get(&id).cloned().ok_or_else(|| absent(id))
    }

    fn file(&self, id: FileId) -> FileResult<Bytes> {
        match self.sources.get(&id) {
            Some(source) => Ok(Bytes::from_string(source.clone())),
            None => self.files.get(&id).cloned().ok_or_else(|| absent(id)),
        }
    }

    fn font(&self, index: usize) -> Option<Font> {
        FONTS.get(index).cloned()
    }

    /// Papers carry the day of their act, which is data; no template asks for today.
    fn today(&self, _: Option<Duration>) -> Option<Datetime> {
        None
    }
}
