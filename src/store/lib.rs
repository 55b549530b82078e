//! All SQL of motcua, and nothing else.
//!
//! Writes take a [`Tx`], reads take a [`Conn`]. This crate holds no business rules and decides no
//! permissions: it takes the scopes and permits that `domain` hands out.

pub mod absence;
pub mod account;
pub mod agency;
pub mod audit;
pub mod bulk;
pub mod catalogue;
pub mod counter;
pub mod desk;
pub mod document;
pub mod dossier;
pub mod errors;
pub mod export;
pub mod feedback;
pub mod idempotency;
pub mod job;
mod json;
pub mod matter;
pub mod message;
pub mod migrate;
pub mod overview;
pub mod paging;
pub mod paper;
pub mod partner;
pub mod pool;
pub mod post;
pub mod proposal;
pub mod queue;
pub mod seal;
pub mod session;
#[rustfmt::skip]
mod schema;
pub mod task;
pub mod tx;
pub mod upkeep;
pub mod waiting;
pub mod waiting_number;

pub use errors::{Result, StoreError};
pub use migrate::migrate;
pub use paging::{Cursor, Page};
pub use pool::{Conn, Pool};
pub use tx::Tx;
