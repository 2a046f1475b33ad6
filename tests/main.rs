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

mod adopted;
mod argo;
mod blessed;
mod cli;
mod codes;
mod compile;
mod compiled;
mod conformance;
mod cookbook;
mod dashboards;
mod determinism;
mod diagnose;
mod diff;
mod effect;
mod errors;
mod examples;
mod fmt;
mod front;
mod generated;
mod grouping;
mod guide;
mod history;
mod hostile;
mod import;
mod integrations;
mod interchange;
mod local;
mod lsp;
mod nodes;
mod pictures;
mod place;
mod program;
mod reference;
mod report;
mod report_page;
mod robustness;
mod schema;
mod shared;
mod shell;
mod simulate;
mod storm;
mod templates;
mod terminal;
mod trial;
mod waivers;
mod whatif;
