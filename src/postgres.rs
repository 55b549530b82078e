//! A private PostgreSQL, started by us for `motcua dev` and for the tests.
//!
//! It listens on a Unix socket in its own folder only, never on TCP, and ends with us: by `stop`,
//! by drop, and by a guard process when we are killed. It never touches a cluster of the system.
//! Linux first; the same steps work on macOS, except that tests need `MOTCUA_TEST_DATABASE_URL` there.

use std::fmt;
use std::io;
use std::path::{Path, PathBuf};

mod binaries;
mod cluster;
mod install;
mod place;
mod server;

pub use cluster::Cluster;

/// What the caller decides about a cluster.
#[derive(Debug, Clone)]
pub struct Settings {
    /// Everything lives below it: `pg/data`, `pg/s` (socket), `pg/log`, `pg-bin` (installed binaries).
    pub data_dir: PathBuf,
    /// A folder with `initdb` and `postgres`, looked at before all others.
    pub pg_bin: Option<PathBuf>,
    /// False gives up safety against power loss for speed; for tests only.
    pub durable: bool,
    pub max_connections: u32,
}

/// Why it cannot start, and what the person at the keyboard can do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem(pub String);

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for Problem {}

impl Problem {
    /// `cannot {verb} {path}: {cause}`
    fn file<'a>(verb: &'a str, path: &'a Path) -> impl FnOnce(io::Error) -> Self + 'a {
        move |error| Self(format!("cannot {verb} {}: {error}", path.display()))
    }
}
