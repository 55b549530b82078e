//! The one Rust integration binary: a real server, a real PostgreSQL, real sockets.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "a test that cannot go on fails"
)]
#![expect(clippy::disallowed_methods, reason = "tests have their own clock, tasks and settings")]

mod support;

mod accounts;
mod admin;
mod agencies;
mod authz;
mod bad_input;
mod bulk;
mod citizen;
mod composed;
mod contract;
mod contract_fuzz;
mod crash;
mod desk;
mod dev;
mod entries;
mod escalation;
mod examples;
mod exports;
mod filing;
mod hall;
mod handed;
mod jobs;
mod mail;
mod nodes;
mod overview;
mod pages;
mod paging;
mod paper_versions;
mod papers;
mod papers_http;
mod printed;
mod readme;
mod refusals;
mod register;
mod schedules;
mod sealed;
mod side_roads;
mod sight;
mod statements;
mod store_tx;
mod tasks;
mod versions;
mod walks;
