//! How long a sign-in lasts.

use std::time::Duration;

use super::Reader;

#[derive(Debug, Clone)]
pub struct Sessions {
    pub lifetime: Duration,
}

impl Sessions {
    pub(super) fn read(reader: &mut Reader) -> Self {
        let hours = reader.within("MOTCUA_SESSION_HOURS", 12, 1, 24 * 30);
        Self { lifetime: Duration::from_secs(u64::from(hours) * 3600) }
    }
}
