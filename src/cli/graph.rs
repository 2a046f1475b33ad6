//! `portolan graph`: the pipelines as a diagram.

use clap::{Args, ValueEnum};

use super::report::{exit_for, report};
use super::session::{Session, SessionOptions};
use super::{Outcome, load};
use crate::diag::Diagnostics;
use crate::diagram::{self, Diagram};
use crate::graph::{self, Surroundings};
use crate::syntax;

/// Draw pipelines, or where their steps would run
#[derive(Args, Debug)]
pub struct Options {
    #[command(flatten)]
    session: SessionOptions,
    /// Language of the diagram
    #[arg(long = "as", value_enum, default_value = "mermaid")]
    language: Language,
    /// What is drawn
    #[arg(long, value_enum, default_value = "dag")]
    view: View,
}

/// Languages of diagrams.
#[derive(Clone, Copy, PartialEq, Eq, Debug, ValueEnum)]
enum Language {
    /// Mermaid flowchart, which GitHub and GitLab show.
    Mermaid,
    /// Graphviz.
    Dot,
}

/// What is drawn.
#[derive(Clone, Copy, PartialEq, Eq, Debug, ValueEnum)]
enum View {
    /// Steps by pipeline.
    Dag,
    /// Steps by the site where they would run.
    Placement,
}

/// Draws.
pub fn run(options: &Options) -> Outcome {
    let mut session = match Session::open(&options.session) {
        Ok(session) => session,
        Err(why) => return super::usage(&why),
    };
    let mut found = Diagnostics::new();
    let drawn = match options.view {
        View::Dag => dag(&mut session, options, &mut found),
        View::Placement => placement(&mut session, &mut found),
    };
    let outcome = exit_for(&found, &options.session.report);
    let failed = report(found, &session.sources, &options.session.report);
    match drawn {
        Some(drawn) if !failed => super::print(&match options.language {
            Language::Mermaid => diagram::mermaid(&drawn),
            Language::Dot => diagram::dot(&drawn),
        }),
        Some(_) | None => outcome,
    }
}

fn dag(session: &mut Session, options: &Options, found: &mut Diagnostics) -> Option<Diagram> {
    let document = syntax::parse(&mut session.sources, &load::Disk, found);
    let catalog = crate::catalog::Catalog::built_in();
    let around = Surroundings {
        sources: &session.sources,
        files: &load::Disk,
        catalog: &catalog,
        platform: options.session.platform.as_deref(),
    };
    let (graph, _) = graph::build(&document, around, found)?;
    Some(diagram::pipelines(&graph))
}

fn placement(session: &mut Session, found: &mut Diagnostics) -> Option<Diagram> {
    let (sources, input) = session.parts();
    crate::plan(sources, input, found, |plan, _, _| diagram::placement(plan))
}
