//! The plan in the situation of a test, and how runs of it fare.

use super::lost;
use crate::catalog::Catalog;
use crate::diag::Diagnostics;
use crate::graph::{Given, SiteRef, StepId, Test};
use crate::place::change::Asked;
use crate::place::{self, Changes, Limits, Placements, Plan};
use crate::profile::ProfiledGraph;
use crate::run::{Run, State};
use crate::simulate::{Fault, PipelinePlay, Scenario, simulate_pipeline};

/// Runs that are played for a test: enough to tell 95 % from 97 %.
const RUNS: u64 = 2_000;

/// Where plans come from.
#[derive(Clone, Copy)]
pub struct Ground<'g> {
    /// What is to be placed.
    pub profiled: &'g ProfiledGraph<'g>,
    /// Prices.
    pub catalog: &'g Catalog,
    /// What an earlier compilation decided.
    pub locked: Option<&'g Placements>,
    /// When solving stops.
    pub limits: &'g Limits,
}

/// What holds in the situation of a test.
pub enum Planned<'g> {
    /// There is a plan, and this is how its runs fare.
    Plan(Box<Plan<'g>>, Box<PipelinePlay>),
    /// There is none, because of this.
    None(String),
}

impl<'g> Ground<'g> {
    /// The plan without what is lost, played on the branches that the test takes.
    pub(super) fn planned(&self, test: &Test, run: &Run<'_>) -> Planned<'g> {
        match self.plan(test) {
            Err(why) => Planned::None(why),
            Ok(plan) => {
                let scenario = scenario(&plan, test, run);
                let pipeline = &self.profiled.graph[test.pipeline];
                let play = simulate_pipeline(&plan, pipeline, &scenario, 1);
                Planned::Plan(Box::new(plan), Box::new(play))
            }
        }
    }

    /// The plan; where something is lost, the one with the fewest moves from what it was before.
    fn plan(&self, test: &Test) -> Result<Plan<'g>, String> {
        let changes = self.changes(test)?;
        let mut found = Diagnostics::new();
        let before = place::solve(self.profiled, self.catalog, self.locked, self.limits, &mut found);
        let before = before.ok_or_else(|| first(&found))?;
        if changes.0.is_empty() {
            return Ok(before);
        }
        let own = Placements::of(&before);
        let home = Some(self.locked.unwrap_or(&own));
        let mut found = Diagnostics::new();
        place::replan(
            self.profiled,
            self.catalog,
            &changes,
            home,
            self.limits,
            &mut found,
        )
        .ok_or_else(|| first(&found))
    }

    fn changes(&self, test: &Test) -> Result<Changes, String> {
        let without: Vec<String> = lost(test)
            .map(|site| match site {
                SiteRef::Nodes { cluster, nodes } => format!("{cluster}/{nodes}"),
                SiteRef::Cloud(_) | SiteRef::Region(..) | SiteRef::Cluster { .. } => site.to_string(),
            })
            .collect();
        let (asked, Some(platform)) = (
            Asked {
                without: &without,
                price: &[],
                quota: &[],
            },
            self.profiled.graph.platform.as_ref(),
        ) else {
            return Err("there is no platform".to_owned());
        };
        asked.read(platform, self.catalog)
    }
}

fn first(found: &Diagnostics) -> String {
    let all = found.sorted();
    let error = all
        .iter()
        .find(|one| one.severity == crate::diag::Severity::Error);
    error.map_or_else(|| "there is no plan".to_owned(), |one| one.message.clone())
}

/// The test's failures, and each condition as it came out: always, never, or for some items.
fn scenario(plan: &Plan<'_>, test: &Test, run: &Run<'_>) -> Scenario {
    let faults = test.given.iter().filter_map(|given| match given {
        Given::Fails {
            step,
            items,
            times,
            cause,
        } => Some(Fault::Fails {
            step: *step,
            items: *items,
            times: *times,
            cause: *cause,
        }),
        Given::Output { .. } | Given::Parameter { .. } | Given::Lost(_) => None,
    });
    let steps = plan.profiled.graph[test.pipeline].steps.iter();
    Scenario {
        runs: RUNS,
        seed: 1,
        faults: faults.collect(),
        chances: steps
            .filter_map(|step| Some((*step, chance(run, *step)?)))
            .collect(),
    }
}

/// The share of a step's items for which its condition holds, if that is known of all.
fn chance(run: &Run<'_>, step: StepId) -> Option<f64> {
    let tasks: Vec<_> = run
        .tasks(step)
        .filter(|(_, state)| *state != State::Failed)
        .collect();
    let truths: Option<Vec<bool>> = tasks.iter().map(|(task, _)| run.condition(task)).collect();
    let truths = truths.filter(|truths| !truths.is_empty())?;
    Some(truths.iter().filter(|holds| **holds).count() as f64 / truths.len() as f64)
}
