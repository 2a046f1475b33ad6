//! Portolan compiles declarative ML pipelines into placed, priced and monitored infrastructure.
//!
#![doc = include_str!("../ARCHITECTURE.md")]

pub mod catalog;
pub mod cli;
pub mod compare;
pub mod diag;
pub mod diagnose;
pub mod diagram;
pub mod forecast;
pub mod graph;
pub mod history;
pub mod import;
pub mod lock;
pub mod lower;
pub mod lsp;
pub mod place;
pub mod predict;
pub mod profile;
pub mod quantity;
pub mod render;
pub mod report;
pub mod run;
pub mod schema;
pub mod simulate;
pub mod source;
pub mod syntax;
pub mod trial;
pub mod write;

use catalog::Catalog;
use diag::{Code, Diagnostic, Diagnostics};
use lock::Lock;
use lower::{Artifact, Lowering, Templates};
use place::change::Asked;
use place::{Difference, Placements, Plan};
use profile::ProfiledGraph;
use source::SourceMap;

/// What a compilation rests on besides its sources.
#[derive(Clone, Copy)]
pub struct Input<'a> {
    /// The door to files that sources name.
    pub files: &'a dyn syntax::Files,
    /// Which platform, if there are several.
    pub platform: Option<&'a str>,
    /// What an earlier compilation decided.
    pub lock: Option<&'a Lock>,
    /// What past runs teach of steps of which the lock pins nothing.
    pub history: Option<&'a history::Fitted>,
    /// When solving stops.
    pub limits: &'a place::Limits,
}

/// What a compilation makes.
#[derive(Clone, Debug)]
pub struct Output {
    /// All files.
    pub artifacts: Vec<Artifact>,
    /// What the next compilation starts from.
    pub lock: Lock,
}

/// Sources -> files. `None` if there is no plan; `out` says why.
pub fn compile(sources: &mut SourceMap, input: Input<'_>, out: &mut Diagnostics) -> Option<Output> {
    plan(sources, input, out, |plan, catalog, out| {
        lower(plan, catalog, input.lock, &Templates::default(), out)
    })
}

/// The last pass: a plan's files, and what to remember of it.
pub fn lower(
    plan: &Plan<'_>,
    catalog: &Catalog,
    lock: Option<&Lock>,
    templates: &Templates,
    out: &mut Diagnostics,
) -> Output {
    let images = lock.map(|lock| lock.images.clone()).unwrap_or_default();
    let mut artifacts = lower::all(
        &Lowering {
            plan,
            catalog,
            images: &images,
            templates,
        },
        out,
    );
    artifacts.extend(report::files(plan, catalog));
    artifacts.sort_by(|a, b| a.path.cmp(&b.path));
    let lock = Lock::of(plan, catalog, images, &artifacts);
    Output { artifacts, lock }
}

/// The passes up to the profile; they need no platform.
pub fn profile<T>(
    sources: &mut SourceMap,
    input: Input<'_>,
    out: &mut Diagnostics,
    then: impl FnOnce(&ProfiledGraph<'_>, &Catalog) -> T,
) -> Option<T> {
    let built_in = Catalog::built_in();
    let (graph, catalog) = graph(sources, input, &built_in, out)?;
    if out.has_errors() {
        return None;
    }
    let profiled = profile::annotate(&graph, &input.past(), &catalog, out);
    Some(then(&profiled, &catalog))
}

/// The passes up to the plan, which lives as long as `then` looks at it.
pub fn plan<T>(
    sources: &mut SourceMap,
    input: Input<'_>,
    out: &mut Diagnostics,
    then: impl FnOnce(&Plan<'_>, &Catalog, &mut Diagnostics) -> T,
) -> Option<T> {
    predict(sources, input, out, |profiled, catalog, _, out| {
        let placements = input.lock.map(|lock| &lock.placements);
        let plan = place::solve(profiled, catalog, placements, input.limits, out)?;
        Some(then(&plan, catalog, out))
    })?
}

/// What would be different if things were as `asked`: re-planned with the fewest moves from the lock, or without one
/// from the plan as things are. `None` if there is no plan; `out` says why.
///
/// # Errors
/// Says what of `asked` cannot be read, or is about nothing that the platform has.
pub fn what_if(
    sources: &mut SourceMap,
    input: Input<'_>,
    asked: &Asked<'_>,
    out: &mut Diagnostics,
) -> Option<Result<Difference, String>> {
    predict(sources, input, out, |profiled, catalog, sources, out| {
        let changes = match asked.read(profiled.graph.platform.as_ref()?, catalog) {
            Ok(changes) => changes,
            Err(why) => return Some(Err(why)),
        };
        let source = sources.add(place::change::SOURCE, changes.source());
        let changes = changes.at(source);
        let locked = input.lock.map(|lock| &lock.placements);
        // Warnings are about the plan that is asked for; why there is no other is an answer, too.
        let mut aside = Diagnostics::new();
        let Some(before) = place::solve(profiled, catalog, locked, input.limits, &mut aside) else {
            aside
                .sorted()
                .into_iter()
                .for_each(|found| out.push(found.clone()));
            return None;
        };
        let own = Placements::of(&before);
        let home = locked.unwrap_or(&own);
        let after = place::replan(profiled, catalog, &changes, Some(home), input.limits, out)?;
        let best = place::replan(profiled, catalog, &changes, None, input.limits, &mut aside)?;
        let plans = place::Plans {
            before: &before,
            after: &after,
            best: &best,
        };
        Some(Ok(place::difference(
            plans,
            &changes,
            home,
            input.limits.tolerance,
        )))
    })?
}

/// The passes up to the prediction, which lives as long as `then` looks at it.
pub fn predict<T>(
    sources: &mut SourceMap,
    input: Input<'_>,
    out: &mut Diagnostics,
    then: impl FnOnce(&ProfiledGraph<'_>, &Catalog, &mut SourceMap, &mut Diagnostics) -> T,
) -> Option<T> {
    let built_in = Catalog::built_in();
    let (graph, catalog) = graph(sources, input, &built_in, out)?;
    if graph.platform.is_none() && !out.has_errors() {
        out.push(no_platform(&graph));
    }
    if out.has_errors() {
        return None;
    }
    let profiled = profile::annotate(&graph, &input.past(), &catalog, out);
    Some(then(&profiled, &catalog, sources, out))
}

fn graph(
    sources: &mut SourceMap,
    input: Input<'_>,
    catalog: &Catalog,
    out: &mut Diagnostics,
) -> Option<(graph::Graph, Catalog)> {
    let document = syntax::parse(sources, input.files, out);
    let around = graph::Surroundings {
        sources,
        files: input.files,
        catalog,
        platform: input.platform,
    };
    graph::build(&document, around, out)
}

impl<'a> Input<'a> {
    /// What is pinned of the past, and predictors for the rest.
    fn past(&self) -> profile::History<'a> {
        profile::History {
            pins: self.lock.map(Lock::learned).unwrap_or_default(),
            sizes: self.lock.map(|lock| lock.sizes.clone()).unwrap_or_default(),
            fitted: self.history,
        }
    }
}

fn no_platform(graph: &graph::Graph) -> Diagnostic {
    let span = graph
        .pipelines
        .first()
        .map(|pipeline| pipeline.name.span)
        .unwrap_or_default();
    Diagnostic::new(
        Code::PlatformNone,
        span,
        "has nowhere to run",
        "there is no platform",
    )
    .help("add a `platform`, in this file or another that is compiled with it")
}
