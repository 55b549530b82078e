//! motcua: one-window service for Vietnamese civil judgment enforcement agencies.
//!
//! This crate only wires: configuration, the command line, the private database, the server.
//! The layers below it are re-exported under their short names. It holds no rules and no SQL.

pub use motcua_app as app;
pub use motcua_catalogue as catalogue;
pub use motcua_domain as domain;
pub use motcua_seal as seal;
pub use motcua_store as store;
pub use motcua_web as web;

pub mod cli;
pub mod config;
pub mod install;
mod log;
pub mod postgres;
pub mod server;

pub use server::Server;
