//! `portolan plan`: where everything would run, at what cost, and why.

use clap::{Args, ValueEnum};

use super::report::{exit_for, report};
use super::session::{Session, SessionOptions};
use super::{Outcome, load, table};
use crate::diag::Diagnostics;
use crate::{Input, place, render};

/// Show where every step would run, at what cost, and why
#[derive(Args, Debug)]
pub struct Options {
    #[command(flatten)]
    session: SessionOptions,
    /// Print an intermediate form as JSON instead of the table
    #[arg(long, value_enum)]
    emit: Option<Emit>,
}

/// What the passes make.
#[derive(Clone, Copy, PartialEq, Eq, Debug, ValueEnum)]
pub enum Emit {
    /// Checked nodes.
    Document,
    /// Names resolved.
    Graph,
    /// Predicted needs.
    Profile,
    /// The decision.
    Plan,
}

/// Plans and prints.
pub fn run(options: &Options) -> Outcome {
    let mut session = match Session::open(&options.session) {
        Ok(session) => session,
        Err(why) => return super::usage(&why),
    };
    let mut found = Diagnostics::new();
    let text = match options.emit {
        Some(Emit::Document) => Some(render::json(&crate::syntax::parse(
            &mut session.sources,
            &load::Disk,
            &mut found,
        ))),
        Some(Emit::Graph) => graph(&mut session, options, &mut found),
        Some(Emit::Profile | Emit::Plan) | None => plan(&mut session, options, &mut found),
    };
    let outcome = exit_for(&found, &options.session.report);
    let failed = report(found, &session.sources, &options.session.report);
    match text {
        Some(text) if !failed => super::print(&text),
        _ => outcome,
    }
}

fn graph(session: &mut Session, options: &Options, found: &mut Diagnostics) -> Option<String> {
    let catalog = crate::catalog::Catalog::built_in();
    let document = crate::syntax::parse(&mut session.sources, &load::Disk, found);
    let around = crate::graph::Surroundings {
        sources: &session.sources,
        files: &load::Disk,
        catalog: &catalog,
        platform: options.session.platform.as_deref(),
    };
    let (graph, _) = crate::graph::build(&document, around, found)?;
    Some(render::json(&graph))
}

fn plan(session: &mut Session, options: &Options, found: &mut Diagnostics) -> Option<String> {
    let input = Input {
        files: &load::Disk,
        platform: options.session.platform.as_deref(),
        lock: session.lock.as_ref(),
        history: session.history.as_ref(),
        limits: &session.limits,
    };
    crate::plan(&mut session.sources, input, found, |plan, _, _| {
        match options.emit {
            Some(Emit::Plan) => render::json(&place::view(plan)),
            Some(Emit::Profile) => render::json(plan.profiled),
            Some(Emit::Document | Emit::Graph) | None => table::plan(plan),
        }
    })
}
