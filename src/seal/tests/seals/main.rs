//! Seals on a real paper, made with real keys and tried by this crate and by strangers.

#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test that cannot go on fails")]

mod office;
mod parties;
mod sealing;
mod stamping;
mod tampering;
mod token;
