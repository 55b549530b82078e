//! One function per act, in the officer's words; each owns its transaction.
//!
//! An act loads and locks, asks the policy for a permit, plans, saves, records, commits. No mail,
//! HTTP or file transfer while a transaction is open: those are jobs.

pub mod absences;
pub mod access;
pub mod accounts;
pub mod act;
pub mod administration;
pub mod assignment;
pub mod audit;
pub mod bulk;
pub mod calendars;
pub mod catalogue;
pub mod clamd;
pub mod context;
pub mod contracts;
pub mod desk;
pub mod documents;
pub mod error;
pub mod exports;
pub mod feedback;
pub mod file;
pub mod filing;
pub mod idempotency;
pub mod jobs;
pub mod letters;
pub mod lists;
pub mod looks;
pub mod mail;
pub mod offices;
pub mod overview;
pub mod paper_versions;
pub mod papers;
pub mod partners;
pub mod password;
pub mod record;
pub mod recovery;
pub mod register;
pub mod rekey;
pub mod rules;
pub mod sealing;
pub mod seed;
pub mod sessions;
pub mod signing;
pub mod staffing;
pub mod supply;
pub mod tasks;
pub mod track;
pub mod upkeep;
pub mod versions;
pub mod view;
pub mod waiting;
pub mod waiting_numbers;
mod words;
pub mod wrong_keys;

pub use context::{App, Clock, Ctx};
pub use error::{Error, Result};
