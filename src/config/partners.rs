//! How long a partner's access token is good for.

use std::time::Duration;

use super::Reader;

#[derive(Debug, Clone)]
pub struct Partners {
    pub token_lifetime: Duration,
}

impl Partners {
    pub(super) fn read(reader: &mut Reader) -> Self {
        let minutes = reader.within("MOTCUA_TOKEN_MINUTES", 15, 1, 24 * 60);
        Self { token_lifetime: Duration::from_secs(u64::from(minutes) * 60) }
    }
}
