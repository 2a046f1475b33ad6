//! `test` nodes played: what a test gives becomes a run, and each `expect` is held against it.
//!
//! Which steps run, are skipped or fail, and over how many items, is decided by the rules of a run ([`crate::run`]) on
//! the values that the test gives; nothing else is known, and an expectation that depends on more fails with that as
//! its reason. Sites, promises and money are those of the plan, made again without what is lost, and played by
//! [`crate::simulate`] on the branches that the test takes.

mod expect;
mod planned;
mod play;

use crate::diag::Diagnostic;
use crate::graph::{Expected, Given, Graph, SiteRef, Test};
pub use planned::{Ground, Planned};

/// How one test ended.
#[derive(Clone, Debug)]
pub struct Verdict<'g> {
    /// The test.
    pub test: &'g Test,
    /// One for each expectation that does not hold.
    pub failures: Vec<Diagnostic>,
}

/// True if a test asks for what only a plan tells.
pub fn needs_plan(test: &Test) -> bool {
    test.expect.iter().any(|expectation| match &expectation.what {
        Expected::At { .. } | Expected::Promise { .. } | Expected::Cost(_) => true,
        Expected::Ran { .. } | Expected::Skipped { .. } | Expected::Failed { .. } => false,
    })
}

/// Plays a test. `ground` is where plans come from; without it, what only a plan tells does not hold.
pub fn judge<'g>(graph: &'g Graph, test: &'g Test, ground: Option<&Ground<'_>>) -> Verdict<'g> {
    let run = play::play(graph, test);
    let planned = ground
        .filter(|_| needs_plan(test))
        .map(|ground| ground.planned(test, &run));
    let judge = expect::Judge {
        graph,
        test,
        run: &run,
        planned: planned.as_ref(),
    };
    let failures = test
        .expect
        .iter()
        .filter_map(|expectation| judge.failure(expectation));
    Verdict {
        test,
        failures: failures.collect(),
    }
}

/// Sites that the test takes away.
fn lost(test: &Test) -> impl Iterator<Item = &SiteRef> {
    test.given.iter().filter_map(|given| match given {
        Given::Lost(site) => Some(site),
        Given::Output { .. } | Given::Parameter { .. } | Given::Fails { .. } => None,
    })
}
