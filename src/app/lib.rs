//! One function per act, in the officer's words; each owns its transaction.
//!
//! An act loads and locks, asks the policy for a permit, plans, saves, records, commits. No mail,
//! HTTP or file transfer while a transaction is open: those are jobs.

pub mod access;
pub mod act;
pub mod assignment;
pub mod catalogue;
pub mod context;
pub mod error;
pub mod file;
pub mod filing;
pub mod idempotency;
pub mod letters;
pub mod lists;
pub mod record;
pub mod rules;
pub mod supply;
pub mod track;
pub mod view;
mod words;

pub use context::{App, Clock, Ctx};
pub use error::{Error, Result};
