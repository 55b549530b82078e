//! Finds PostgreSQL server programs on this machine; `install.rs` fetches them when there are none.

use std::path::{Path, PathBuf};
use std::process::Command;

use super::{Problem, Settings, install};

/// SQL in this program uses nothing newer.
const OLDEST: u32 = 15;

/// A folder holding `initdb` and `postgres` of a usable version.
#[derive(Debug, Clone)]
pub struct Binaries {
    folder: PathBuf,
    version: u32,
}

impl Binaries {
    /// Looks in the places of the set-up guide in order, and installs as the last resort.
    pub fn find_or_install(settings: &Settings) -> Result<Self, Problem> {
        if let Some(folder) = &settings.pg_bin {
            return Self::at(folder).ok_or_else(|| {
                Problem(format!(
                    "MOTCUA_PG_BIN is {}, but there is no PostgreSQL {OLDEST} or newer (initdb, postgres) in it",
                    folder.display()
                ))
            });
        }
        if let Some(found) = Self::find(&settings.data_dir) {
            return Ok(found);
        }
        install::install(&settings.data_dir)?;
        Self::find(&settings.data_dir).ok_or_else(|| {
            Problem(format!("PostgreSQL was installed but cannot be found.\n{}", install::WAYS))
        })
    }

    fn find(data_dir: &Path) -> Option<Self> {
        let newest = |mut found: Vec<Self>| {
            found.sort_by_key(|binaries| binaries.version);
            found.pop()
        };
        let families = [
            ("/usr/lib/postgresql", "", "bin"),
            ("/usr", "pgsql-", "bin"),
            ("/opt/homebrew/opt", "postgresql@", "bin"),
            ("/usr/local/opt", "postgresql@", "bin"),
        ];
        families
            .iter()
            .find_map(|(parent, prefix, below)| {
                let children = std::fs::read_dir(parent).ok()?.flatten();
                let named = children.filter(|child| child.file_name().to_string_lossy().starts_with(prefix));
                newest(named.filter_map(|child| Self::at(&child.path().join(below))).collect())
            })
            .or_else(|| path_folders().iter().find_map(|folder| Self::at(folder)))
            .or_else(|| Self::at(&install::npm_folder(data_dir)))
    }

    fn at(folder: &Path) -> Option<Self> {
        if !folder.join("initdb").is_file() {
            return None;
        }
        let output = Command::new(folder.join("postgres")).arg("--version").output().ok()?;
        let version = major(&String::from_utf8_lossy(&output.stdout))?;
        (version >= OLDEST).then(|| Self { folder: folder.to_owned(), version })
    }

    pub fn command(&self, program: &str) -> Command {
        Command::new(self.folder.join(program))
    }

    pub const fn version(&self) -> u32 {
        self.version
    }
}

/// `postgres (PostgreSQL) 15.14 (Debian 15.14-0+deb12u1)` is 15.
fn major(text: &str) -> Option<u32> {
    let number = text.split_whitespace().find(|word| word.starts_with(|c: char| c.is_ascii_digit()))?;
    number.split(|c: char| !c.is_ascii_digit()).next()?.parse().ok()
}

#[expect(clippy::disallowed_methods, reason = "PATH is the shell's, not a setting of ours")]
pub fn path_folders() -> Vec<PathBuf> {
    std::env::var_os("PATH").map(|path| std::env::split_paths(&path).collect()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::major;

    #[test]
    fn versions_are_read_from_what_the_server_prints() {
        assert_eq!(major("postgres (PostgreSQL) 15.14 (Debian 15.14-0+deb12u1)"), Some(15));
        assert_eq!(major("postgres (PostgreSQL) 18beta1"), Some(18));
        assert_eq!(major("postgres: not found"), None);
    }
}
