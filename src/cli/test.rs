//! `portolan test`: plays the `test` nodes.

mod result;

use clap::Args;

use super::report::{Format, report};
use super::session::{Session, SessionOptions};
use super::{Outcome, load};
use crate::Input;
use crate::diag::Diagnostics;
use crate::source::SourceMap;
use crate::trial::{self, Ground, Verdict};
pub use result::TestResult;

/// Play the `test` nodes: branches, fan-out width, promises
#[derive(Args, Debug)]
pub struct Options {
    /// Only tests whose name has this in it
    #[arg(long, value_name = "TEXT")]
    only: Option<String>,
    #[command(flatten)]
    session: SessionOptions,
}

/// What playing gave.
struct Played {
    results: Vec<TestResult>,
    failures: Diagnostics,
}

/// Plays and reports.
pub fn run(options: &Options) -> Outcome {
    let mut session = match Session::open(&options.session) {
        Ok(session) => session,
        Err(why) => return super::usage(&why),
    };
    let mut found = Diagnostics::new();
    let format = options.session.report.format;
    let played = play(&mut session, options, &mut found);
    let Some(played) = played.filter(|_| !found.has_errors()) else {
        report(found, &session.sources, &options.session.report);
        return Outcome::Errors;
    };
    for failure in played.failures.sorted() {
        found.push(failure.clone());
    }
    let text = result::text(&played.results, &session.sources, format);
    // JUnit and JSON say everything themselves.
    let failed = match format {
        Format::Junit | Format::Json => found.has_errors(),
        Format::Pretty | Format::Short | Format::Sarif | Format::Github | Format::Gitlab => {
            report(found, &session.sources, &options.session.report)
        }
    };
    match super::print(&text) {
        Outcome::Ok if failed => Outcome::Errors,
        outcome => outcome,
    }
}

/// Plays without a plan if no test needs one: then there need not be a platform.
fn play(session: &mut Session, options: &Options, found: &mut Diagnostics) -> Option<Played> {
    let input = Input {
        files: &load::Disk,
        platform: options.session.platform.as_deref(),
        lock: session.lock.as_ref(),
        history: session.history.as_ref(),
        limits: &session.limits,
    };
    let mut sources = session.sources.clone();
    let mut aside = Diagnostics::new();
    let wanted = |name: &str| {
        options
            .only
            .as_ref()
            .is_none_or(|part| name.contains(part.as_str()))
    };
    let alone = crate::profile(&mut sources, input, &mut aside, |profiled, _| {
        let graph = profiled.graph;
        let tests = || graph.tests.iter().filter(|test| wanted(&test.name.value));
        let needy = tests().any(trial::needs_plan);
        (!needy).then(|| played(tests().map(|test| trial::judge(graph, test, None)), graph))
    });
    match alone {
        Some(Some(played)) => {
            take(aside, sources, session, found);
            Some(played)
        }
        None => {
            take(aside, sources, session, found);
            None
        }
        Some(None) => crate::predict(&mut session.sources, input, found, |profiled, catalog, _, _| {
            let ground = Ground {
                profiled,
                catalog,
                locked: session.lock.as_ref().map(|lock| &lock.placements),
                limits: &session.limits,
            };
            let graph = profiled.graph;
            let tests = graph.tests.iter().filter(|test| wanted(&test.name.value));
            played(tests.map(|test| trial::judge(graph, test, Some(&ground))), graph)
        }),
    }
}

fn take(aside: Diagnostics, sources: SourceMap, session: &mut Session, found: &mut Diagnostics) {
    *found = aside;
    session.sources = sources;
}

fn played<'g>(verdicts: impl Iterator<Item = Verdict<'g>>, graph: &crate::graph::Graph) -> Played {
    let mut played = Played {
        results: Vec::new(),
        failures: Diagnostics::new(),
    };
    for verdict in verdicts {
        played.results.push(TestResult::of(&verdict, graph));
        verdict
            .failures
            .into_iter()
            .for_each(|failure| played.failures.push(failure));
    }
    played
}
