//! How long a partner's access token is good for.

use super::Reader;

#[derive(Debug, Clone)]
pub struct Partners {
    pub token_minutes: u32,
}

impl Partners {
    pub(super) fn read(reader: &mut Reader) -> Self {
        let minutes = reader.within("MOTCUA_TOKEN_MINUTES", 15, 1, 24 * 60);
        Self { token_minutes: minutes }
    }
}
