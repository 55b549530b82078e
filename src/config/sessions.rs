//! How long a sign-in lasts.

use super::Reader;

#[derive(Debug, Clone)]
pub struct Sessions {
    pub hours: u32,
}

impl Sessions {
    pub(super) fn read(reader: &mut Reader) -> Self {
        let hours = reader.within("MOTCUA_SESSION_HOURS", 12, 1, 24 * 30);
        Self { hours }
    }
}
