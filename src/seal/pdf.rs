//! As much of the PDF format as a seal needs: reading objects through classic cross-reference
//! tables, which is what typst writes, and appending an update. Bytes that were there stay as
//! they are; nothing is decoded that need not be. Knows nothing of certificates.

pub(crate) mod document;
pub(crate) mod syntax;
pub(crate) mod text;
pub(crate) mod update;
