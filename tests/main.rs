//! All integration tests in one binary.
#![allow(
    clippy::disallowed_methods,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stdout,
    reason = "tests read files, start the program and stop at the first surprise"
)]

mod blessed;
mod cli;
mod codes;
mod compiled;
mod determinism;
mod errors;
mod examples;
mod fmt;
mod front;
mod guide;
mod interchange;
mod place;
mod robustness;
mod schema;
