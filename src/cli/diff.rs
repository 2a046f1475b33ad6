//! `portolan diff`: what becoming the new output would do.

mod base;
mod fail;

use camino::Utf8PathBuf;
use clap::Args;

use super::Outcome;
use super::report::{Format, exit_for, report};
use super::session::{Session, SessionOptions};
use crate::compare::{self, Comparison, Files};
use crate::diag::Diagnostics;
use crate::render;
use fail::FailOn;

/// Compare what would be generated with what was: placements, promises, cost, and every resource
#[derive(Args, Debug)]
pub struct Options {
    #[command(flatten)]
    session: SessionOptions,
    /// Folder of generated files
    #[arg(short, long, value_name = "DIR", default_value = "out")]
    out: Utf8PathBuf,
    /// Compare with this: another folder of generated files, or a git revision that has `--out`
    #[arg(long, value_name = "DIR|REV")]
    base: Option<String>,
    /// Exit with 3 if the change does this: `destroy`, `replace`, `data` (is lost), `move`, `promise` (is broken),
    /// `cost=10%` (grows by more); may be repeated
    #[arg(long, value_name = "WHAT")]
    fail_on: Vec<FailOn>,
    /// Print Markdown, for a pull request
    #[arg(long)]
    markdown: bool,
}

/// Compares and prints.
pub fn run(options: &Options) -> Outcome {
    let before = match base::read(options.base.as_deref(), &options.out) {
        Ok(before) => before,
        Err(why) => return super::usage(&why),
    };
    let mut session = match Session::open(&options.session) {
        Ok(session) => session,
        Err(why) => return super::usage(&why),
    };
    let mut found = Diagnostics::new();
    let (sources, input) = session.parts();
    let output = crate::compile(sources, input, &mut found);
    let outcome = exit_for(&found, &options.session.report);
    let failed = report(found, &session.sources, &options.session.report);
    let Some(output) = output.filter(|_| !failed) else {
        return outcome;
    };
    let artifacts = output.artifacts.into_iter();
    let after: Files = artifacts.map(|artifact| (artifact.path, artifact.text)).collect();
    match compare::compare(&before, &after) {
        Ok(comparison) => finish(options, &comparison),
        Err(why) => super::usage(&format!("not an output of portolan: {why}")),
    }
}

fn finish(options: &Options, comparison: &Comparison) -> Outcome {
    let text = match options.session.report.format {
        _ if options.markdown => compare::markdown(comparison),
        Format::Json => render::json(comparison),
        _ => compare::text(comparison),
    };
    let printed = super::print(&text);
    let mut broken = options
        .fail_on
        .iter()
        .filter_map(|fail| fail.broken_by(comparison))
        .peekable();
    if broken.peek().is_none() {
        return printed;
    }
    for why in broken {
        options.session.report.remark(&format!("portolan: {why}"));
    }
    Outcome::Stale
}
