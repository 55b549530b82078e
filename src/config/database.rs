//! Which PostgreSQL, and how many connections to it.

use std::path::PathBuf;

use secrecy::SecretString;

use super::Reader;

#[derive(Debug, Clone)]
pub struct Database {
    /// Absent: `motcua dev` starts a private one; every other subcommand asks for it.
    pub url: Option<SecretString>,
    /// Connections of the process, shared out among its HTTP threads and background work.
    pub pool_size: usize,
    pub pg_bin: Option<PathBuf>,
}

impl Database {
    pub(super) fn read(reader: &mut Reader) -> Self {
        let url = reader.optional("DATABASE_URL");
        let known = |url: &String| {
            ["postgres://", "postgresql://", "host="].iter().any(|start| url.starts_with(start))
        };
        if url.as_ref().is_some_and(|url| !known(url)) {
            reader.problem("DATABASE_URL", "must start with postgres://");
        }
        let pool_size = reader.within("MOTCUA_DB_POOL_SIZE", 24, 4, 1000);
        Self {
            url: url.map(SecretString::from),
            pool_size: usize::try_from(pool_size).unwrap_or(4),
            pg_bin: reader.optional("MOTCUA_PG_BIN").map(PathBuf::from),
        }
    }
}
