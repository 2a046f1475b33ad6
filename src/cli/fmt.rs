//! `portolan fmt`: sources in their one layout.

use std::path::PathBuf;

use camino::Utf8Path;
use clap::Args;

use super::report::{ReportOptions, report};
use super::{Outcome, load};
use crate::diag::Diagnostics;
use crate::source::Source;
use crate::{syntax, write};

/// Give sources their one layout
#[derive(Args, Debug)]
pub struct Options {
    /// Files, folders (all `*.kdl` directly in them), or `-` from standard input to standard output
    #[arg(default_value = ".")]
    paths: Vec<PathBuf>,
    /// Write nothing; list what is not formatted, and exit with 3 if anything is
    #[arg(long)]
    check: bool,
    /// Write nothing; show what would change
    #[arg(long)]
    diff: bool,
    #[command(flatten)]
    report: ReportOptions,
}

/// Formats every file that is KDL; the others are reported and not touched.
pub fn run(options: &Options) -> Outcome {
    let sources = match load::sources(&options.paths) {
        Ok(sources) => sources,
        Err(why) => return super::usage(&why),
    };
    let mut found = Diagnostics::new();
    let mut outcome = Outcome::Ok;
    for (id, source) in sources.iter() {
        if let Some(text) = syntax::fmt::format(id, &source.text, &mut found) {
            outcome = outcome.max(finish(source, &text, options));
        }
    }
    if report(found, &sources, &options.report) {
        return options.report.exit(outcome.max(Outcome::Errors));
    }
    options.report.exit(outcome)
}

fn finish(source: &Source, text: &str, options: &Options) -> Outcome {
    let changed = source.text != text;
    let stdin = source.path == load::STDIN;
    if options.check || options.diff {
        let shown = match (changed, options.diff) {
            (false, _) => String::new(),
            (true, true) => write::unified(&source.path, &source.text, text),
            (true, false) => format!("{}\n", source.path),
        };
        let stale = if changed && options.check {
            Outcome::Stale
        } else {
            Outcome::Ok
        };
        return super::print(&shown).max(stale);
    }
    if stdin {
        return super::print(text);
    }
    if changed && let Err(error) = write::replace(Utf8Path::new(&source.path), text) {
        return super::usage(&error.to_string());
    }
    Outcome::Ok
}
