//! `portolan history export`: the whole history as one CSV.

use std::path::PathBuf;

use clap::Args;

use crate::cli::report::ReportOptions;
use crate::cli::{Outcome, print, usage};
use crate::history::table;

/// Print the whole history as CSV, which `import` reads again
#[derive(Args, Debug)]
pub struct Options {
    /// The project's folder, or a file of it
    #[arg(default_value = ".")]
    path: PathBuf,
    #[command(flatten)]
    report: ReportOptions,
}

/// Prints it.
pub fn run(options: &Options) -> Outcome {
    match super::existing(&super::file_beside(&options.path), &options.report) {
        Ok(opened) => print(&table::text(&opened.records)),
        Err(why) => usage(&why),
    }
}
