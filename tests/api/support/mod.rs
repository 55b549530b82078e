//! What the tests share. Each file is one thing a test asks for.

pub mod database;
