//! `--emit`: what a pass makes, as JSON.

use clap::ValueEnum;

use super::load;
use super::session::{Session, SessionOptions};
use crate::catalog::Catalog;
use crate::diag::Diagnostics;
use crate::{place, render, syntax};

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

/// Runs the passes up to the one that makes it. `None` if one of them could not; `found` says why.
pub fn emit(
    what: Emit,
    session: &mut Session,
    options: &SessionOptions,
    found: &mut Diagnostics,
) -> Option<String> {
    match what {
        Emit::Document => {
            let document = syntax::parse(&mut session.sources, &load::Disk, found);
            Some(render::json(&document))
        }
        Emit::Graph => graph(session, options, found),
        Emit::Profile => planned(session, found, |plan| render::json(plan.profiled)),
        Emit::Plan => planned(session, found, |plan| render::json(&place::view(plan))),
    }
}

fn graph(session: &mut Session, options: &SessionOptions, found: &mut Diagnostics) -> Option<String> {
    let catalog = Catalog::built_in();
    let document = syntax::parse(&mut session.sources, &load::Disk, found);
    let around = crate::graph::Surroundings {
        sources: &session.sources,
        files: &load::Disk,
        catalog: &catalog,
        platform: options.platform.as_deref(),
    };
    let (graph, _) = crate::graph::build(&document, around, found)?;
    Some(render::json(&graph))
}

/// Plans, and shows of the plan what `show` makes of it.
fn planned(
    session: &mut Session,
    found: &mut Diagnostics,
    show: impl FnOnce(&place::Plan<'_>) -> String,
) -> Option<String> {
    let (sources, input) = session.parts();
    crate::plan(sources, input, found, |plan, _, _| show(plan))
}
