//! The files of a catalogue as texts by path, from the program itself or from a folder.

use std::collections::BTreeMap;
use std::path::Path;

use include_dir::{Dir, include_dir};

static PROCEDURES: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/procedures");
static LETTERS: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/letters");
static CALENDARS: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/calendars");

const ROOT: [(&str, &str); 4] = [
    ("legal_basis.json", include_str!("legal_basis.json")),
    ("reasons.json", include_str!("reasons.json")),
    ("base_salaries.json", include_str!("base_salaries.json")),
    ("fee_scale.json", include_str!("fee_scale.json")),
];

/// A folder on disk may hold no more than this.
const MOST_FILES: usize = 10_000;
const LARGEST_FILE: u64 = 4 * 1024 * 1024;

/// Texts by path, with `/` between folders.
#[derive(Debug, Default)]
pub(crate) struct Files(BTreeMap<String, String>);

impl Files {
    /// What the program was built with.
    pub(crate) fn embedded() -> Self {
        let mut files = Self::default();
        for (path, text) in ROOT {
            files.0.insert(path.into(), text.into());
        }
        for (folder, dir) in [("procedures", &PROCEDURES), ("letters", &LETTERS), ("calendars", &CALENDARS)] {
            files.embed(folder, dir);
        }
        files
    }

    fn embed(&mut self, folder: &str, dir: &Dir<'_>) {
        for file in dir.files() {
            if let (Some(path), Some(text)) = (file.path().to_str(), file.contents_utf8()) {
                self.0.insert(format!("{folder}/{}", path.replace('\\', "/")), text.into());
            }
        }
        for inner in dir.dirs() {
            self.embed(folder, inner);
        }
    }

    /// A folder laid out as the source of this crate; everything but `.json`, `.txt` and `.typ` is passed over.
    pub(crate) fn read(folder: &Path) -> Result<Self, Vec<String>> {
        let mut files = Self::default();
        let mut problems = Vec::new();
        files.read_into(folder, "", &mut problems);
        if problems.is_empty() { Ok(files) } else { Err(problems) }
    }

    fn read_into(&mut self, folder: &Path, prefix: &str, problems: &mut Vec<String>) {
        let entries = match std::fs::read_dir(folder) {
            Ok(entries) => entries,
            Err(error) => return problems.push(format!("{}: {error}", folder.display())),
        };
        for entry in entries {
            let (path, kind) = match entry.and_then(|entry| Ok((entry.path(), entry.metadata()?))) {
                Ok(found) => found,
                Err(error) => return problems.push(format!("{}: {error}", folder.display())),
            };
            let Some(name) = path.file_name().and_then(|name| name.to_str()) else { continue };
            let below = if prefix.is_empty() { name.to_owned() } else { format!("{prefix}/{name}") };
            if kind.is_dir() {
                self.read_into(&path, &below, problems);
            } else if kind.is_file() && [".json", ".txt", ".typ"].iter().any(|end| name.ends_with(end)) {
                if self.0.len() >= MOST_FILES || kind.len() > LARGEST_FILE {
                    return problems.push(format!("{below}: too many files, or too large a file"));
                }
                match std::fs::read_to_string(&path) {
                    Ok(text) => {
                        self.0.insert(below, text);
                    }
                    Err(error) => problems.push(format!("{below}: {error}")),
                }
            }
        }
    }

    pub(crate) fn text(&self, path: &str) -> Option<&str> {
        self.0.get(path).map(String::as_str)
    }

    /// Reads a JSON file; the error names it.
    pub(crate) fn json<T: serde::de::DeserializeOwned>(&self, path: &str) -> Result<T, String> {
        let text = self.text(path).ok_or_else(|| format!("{path}: there is no such file"))?;
        serde_json::from_str(text).map_err(|error| format!("{path}: {error}"))
    }

    /// Paths that begin with a prefix, in order.
    pub(crate) fn under<'a>(&'a self, prefix: &'a str) -> impl Iterator<Item = &'a str> {
        self.0.keys().map(String::as_str).filter(move |path| path.starts_with(prefix))
    }
}
