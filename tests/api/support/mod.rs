//! What the tests share. Each file is one thing a test asks for.

pub mod browser;
pub mod client;
pub mod contract;
pub mod counter;
pub mod database;
pub mod office;
pub mod one_agency;
pub mod process;
pub mod python;
pub mod samples;
pub mod server;
