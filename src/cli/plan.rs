//! `portolan plan`: where everything would run, at what cost, and why.

use clap::Args;

use super::emit::{Emit, emit, planned};
use super::report::{exit_for, report};
use super::session::{Session, SessionOptions};
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
}

/// Plans and prints.
pub fn run(options: &Options) -> Outcome {
    let mut session = match Session::open(&options.session) {
        Ok(session) => session,
        Err(why) => return super::usage(&why),
    };
    let mut found = Diagnostics::new();
    let text = match options.emit {
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
