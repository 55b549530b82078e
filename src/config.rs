//! Settings, read from the environment once at start.
//!
//! Every problem is reported in one go, unknown `MOTCUA_` names included, so that a typing error
//! cannot pass as a default. Secrets never show in Debug output. `.env.example` lists the same names
//! as the reader; a test compares them. Nothing else in the program reads the environment.

use std::collections::BTreeMap;
use std::fmt;
use std::path::PathBuf;
use std::str::FromStr;

use secrecy::SecretString;

pub mod database;
pub mod files;
pub mod http;
pub mod jobs;
pub mod mail;
pub mod partners;
mod seal;
pub mod sessions;

/// Read by the tests, not by the program; known here only so that it is not called unknown.
const OF_TESTS: &str = "MOTCUA_TEST_DATABASE_URL";

#[derive(Debug, Clone)]
pub struct Config {
    /// Everything the one-program setup keeps: private database, files, mail.
    pub data_dir: PathBuf,
    /// Adds the demonstration office, once, to an empty database.
    pub seed_demo: bool,
    /// Run by `motcua dev`, which sets it; no setting does.
    pub development: bool,
    pub log: Log,
    pub database: database::Database,
    pub http: http::Http,
    pub mail: mail::Mail,
    pub files: files::Files,
    /// Whose certificate papers are sealed with.
    pub seal: Option<crate::app::sealing::Seal>,
    pub sessions: sessions::Sessions,
    pub partners: partners::Partners,
    pub jobs: jobs::Jobs,
}

#[derive(Debug, Clone)]
pub struct Log {
    /// `info`, or per module: `info,motcua_store=debug`.
    pub filter: String,
    pub json: bool,
}

/// Everything wrong with the settings, one line each.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problems(pub Vec<String>);

impl fmt::Display for Problems {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "The settings cannot be used (.env.example explains each):")?;
        self.0.iter().try_for_each(|problem| writeln!(f, "  - {problem}"))
    }
}

impl std::error::Error for Problems {}

impl Config {
    pub fn from_env() -> Result<Self, Problems> {
        #[expect(clippy::disallowed_methods, reason = "the one place that reads the environment")]
        let given = std::env::vars_os()
            .filter_map(|(name, value)| Some((name.into_string().ok()?, value)))
            .map(|(name, value)| (name, value.to_string_lossy().into_owned()));
        Self::read(given)
    }

    /// The same from any list of names and values.
    pub fn read(given: impl IntoIterator<Item = (String, String)>) -> Result<Self, Problems> {
        let mut reader = Reader::new(given);
        let config = Self::read_with(&mut reader);
        reader.refuse_unknown();
        if reader.problems.is_empty() { Ok(config) } else { Err(Problems(reader.problems)) }
    }

    fn read_with(reader: &mut Reader) -> Self {
        let data_dir: PathBuf = reader.text("MOTCUA_DATA_DIR", "var").into();
        Self {
            development: false,
            seed_demo: reader.flag("MOTCUA_SEED_DEMO", false),
            log: Log {
                filter: reader.text("MOTCUA_LOG", "info,actix_server=warn"),
                json: reader.one_of("MOTCUA_LOG_FORMAT", &["text", "json"]) == "json",
            },
            database: database::Database::read(reader),
            http: http::Http::read(reader),
            mail: mail::Mail::read(reader, &data_dir),
            files: files::Files::read(reader, &data_dir),
            seal: seal::read(reader),
            sessions: sessions::Sessions::read(reader),
            partners: partners::Partners::read(reader),
            jobs: jobs::Jobs::read(reader),
            data_dir,
        }
    }
}

/// Takes settings by name and collects what is wrong; a default stands in so that reading goes on.
pub(crate) struct Reader {
    given: BTreeMap<String, String>,
    asked: Vec<&'static str>,
    problems: Vec<String>,
}

impl Reader {
    fn new(given: impl IntoIterator<Item = (String, String)>) -> Self {
        // An empty value is the same as none, as `NAME=` in a compose file means.
        let given = given.into_iter().filter(|(_, value)| !value.trim().is_empty()).collect();
        Self { given, asked: Vec::new(), problems: Vec::new() }
    }

    pub fn problem(&mut self, name: &str, what: impl fmt::Display) {
        self.problems.push(format!("{name} {what}"));
    }

    pub fn optional(&mut self, name: &'static str) -> Option<String> {
        self.asked.push(name);
        self.given.get(name).map(|value| value.trim().to_owned())
    }

    pub fn secret(&mut self, name: &'static str) -> Option<SecretString> {
        self.optional(name).map(SecretString::from)
    }

    pub fn text(&mut self, name: &'static str, default: &str) -> String {
        self.optional(name).unwrap_or_else(|| default.to_owned())
    }

    /// `expected` completes "must be …".
    pub fn parse<T: FromStr>(&mut self, name: &'static str, default: T, expected: &str) -> T {
        match self.optional(name).map(|text| text.parse()) {
            None => default,
            Some(Ok(value)) => value,
            Some(Err(_)) => {
                self.problem(name, format_args!("must be {expected}"));
                default
            }
        }
    }

    pub fn within(&mut self, name: &'static str, default: u32, least: u32, most: u32) -> u32 {
        let expected = format!("a whole number from {least} to {most}");
        let value = self.parse(name, default, &expected);
        if (least..=most).contains(&value) {
            return value;
        }
        self.problem(name, format_args!("must be {expected}"));
        default
    }

    pub fn flag(&mut self, name: &'static str, default: bool) -> bool {
        self.parse(name, default, "true or false")
    }

    /// The first one is the default.
    pub fn one_of(&mut self, name: &'static str, words: &[&'static str]) -> &'static str {
        let first = words.first().copied().unwrap_or_default();
        let Some(text) = self.optional(name) else { return first };
        match words.iter().find(|word| **word == text) {
            Some(word) => word,
            None => {
                self.problem(name, format_args!("must be one of: {}", words.join(", ")));
                first
            }
        }
    }

    /// A comma-separated list.
    pub fn list<T: FromStr>(&mut self, name: &'static str, expected: &str) -> Vec<T> {
        let text = self.text(name, "");
        let words = text.split(',').map(str::trim).filter(|word| !word.is_empty());
        let read: Result<Vec<T>, _> = words.map(str::parse).collect();
        read.unwrap_or_else(|_| {
            self.problem(name, format_args!("must be {expected}, separated by commas"));
            Vec::new()
        })
    }

    fn refuse_unknown(&mut self) {
        for name in self.given.keys() {
            if name.starts_with("MOTCUA_") && name != OF_TESTS && !self.asked.contains(&name.as_str()) {
                self.problems.push(format!("{name} is not a setting of this program"));
            }
        }
    }
}

#[cfg(test)]
mod tests;
