//! The one Rust integration binary: a real server, a real PostgreSQL, real sockets.

mod support;

mod store_tx;
