//! How many jobs one process runs at once.

use super::Reader;

#[derive(Debug, Clone)]
pub struct Jobs {
    /// 0 in `motcua serve` means: other processes do the work.
    pub concurrency: usize,
}

impl Jobs {
    pub(super) fn read(reader: &mut Reader) -> Self {
        let concurrency = reader.within("MOTCUA_WORKER_CONCURRENCY", 4, 0, 256);
        Self { concurrency: usize::try_from(concurrency).unwrap_or_default() }
    }
}
