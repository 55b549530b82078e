//! What the tests share. Each file is one thing a test asks for.

pub mod database;
pub mod one_agency;
pub mod python;
