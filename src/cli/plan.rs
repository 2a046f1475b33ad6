//! `portolan plan`: where everything would run, at what cost, and why.

use clap::Args;

use super::emit::{Emit, emit, planned};
use super::report::{Format, exit_for, report};
use super::session::{Session, SessionOptions};
use super::whatif::{self, Suppositions};
use super::{Outcome, table};
use crate::diag::Diagnostics;

/// Show where every step would run, at what cost, and why
#[derive(Args, Debug)]
pub struct Options {
    #[command(flatten)]
    session: SessionOptions,
    /// Print an intermediate form as JSON instead of the table
    #[arg(long, value_enum)]
    emit: Option<Emit>,
    #[command(flatten)]
    suppositions: Suppositions,
}

/// Plans and prints.
pub fn run(options: &Options) -> Outcome {
    if !options.suppositions.is_empty() {
        return whatif::run(&options.session, &options.suppositions);
    }
    let json = options.session.report.format == Format::Json;
    let mut session = match Session::open(&options.session) {
        Ok(session) => session,
        Err(why) => return super::usage(&why),
    };
    let mut found = Diagnostics::new();
    let text = match options.emit.or(json.then_some(Emit::Plan)) {
        Some(what) => emit(what, &mut session, &options.session, &mut found),
        None => planned(&mut session, &options.session, &mut found, table::plan),
    };
    let outcome = exit_for(&found, &options.session.report);
    let failed = report(found, &session.sources, &options.session.report);
    match text {
        Some(text) if !failed => super::print(&text),
        _ => outcome,
    }
}
