//! Two plans of the same graph -> what changed: placements, promises, money.

use schemars::JsonSchema;
use serde::Serialize;

use super::change::Changes;
use super::locked::Placements;
use super::model::{Assignment, Cost, Movement, Plan, Site};
use crate::catalog::Pricing;
use crate::graph::model::Step;
use crate::quantity::{MicroUsd, Seconds};

/// Version of this form.
pub const VERSION: u32 = 1;

/// What becomes of a plan when something changes. Money is in micro-USD a month, times in seconds.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[schemars(title = "Difference")]
pub struct Difference {
    /// Version of this form.
    pub version: u32,
    /// What is taken to be different: `without aws.us-east-1`.
    pub changes: Vec<String>,
    /// Every step, in an order in which they can run.
    pub steps: Vec<StepDifference>,
    /// Every promise and preference.
    pub promises: Vec<PromiseDifference>,
    /// Monthly money, before and after.
    pub cost: [Cost; 2],
    /// How few moves are bought with how much money.
    pub stability: Stability,
    /// What the figures leave out.
    pub notes: Vec<String>,
}

/// A step before and after.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct StepDifference {
    /// Its pipeline.
    pub pipeline: String,
    /// Its name.
    pub step: String,
    /// True if it is at another site, or on other machines.
    pub moves: bool,
    /// Where it was.
    pub before: Spot,
    /// Where it would be.
    pub after: Spot,
}

/// Where a step runs.
#[derive(Clone, PartialEq, Debug, Serialize, JsonSchema)]
pub struct Spot {
    /// The site's name.
    pub site: String,
    /// Machines at once.
    pub machines: u64,
    /// Machine type, or the node group's name.
    pub machine: String,
    /// How it is bought.
    pub pricing: Pricing,
    /// Money for machines.
    pub monthly: MicroUsd,
    /// Earliest end after the run's start at p95.
    pub ends: Seconds,
}

/// A promise before and after.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct PromiseDifference {
    /// Its pipeline.
    pub pipeline: String,
    /// The step, if it is about one.
    pub step: Option<String>,
    /// What is promised.
    pub what: String,
    /// True for a `promise`, false for a `prefer`.
    pub required: bool,
    /// How it fared, and whether it held.
    pub before: (String, bool),
    /// How it would fare, and whether it would hold.
    pub after: (String, bool),
}

/// Moves against money.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct Stability {
    /// Steps that move.
    pub moves: usize,
    /// So much worse than the best, as a share, a plan with fewer moves may be.
    pub tolerance: f64,
    /// Steps that would move if moves did not count.
    pub moves_of_best: usize,
    /// What that plan costs.
    pub cost_of_best: MicroUsd,
}

/// The plans that are compared.
#[derive(Clone, Copy, Debug)]
pub struct Plans<'p, 'g> {
    /// As things are.
    pub before: &'p Plan<'g>,
    /// As they would be, with the fewest moves.
    pub after: &'p Plan<'g>,
    /// The same, whatever moves.
    pub best: &'p Plan<'g>,
}

/// What `changes` do to a plan; moves are counted from `home`, `tolerance` is what stability may cost.
pub fn difference(plans: Plans<'_, '_>, changes: &Changes, home: &Placements, tolerance: f64) -> Difference {
    let Plans { before, after, best } = plans;
    let graph = before.profiled.graph;
    let moves = |step: &Step, plan: &Plan<'_>| {
        let was = home.get(graph, step);
        was.is_none_or(|was| !was.is_at(plan, &plan[step.id]))
    };
    let count = |plan: &Plan<'_>| graph.steps.iter().filter(|step| moves(step, plan)).count();
    let steps = graph.steps.iter().map(|step| StepDifference {
        pipeline: graph[step.pipeline].name.value.clone(),
        step: step.name.value.clone(),
        moves: moves(step, after),
        before: Spot::of(before, &before[step.id]),
        after: Spot::of(after, &after[step.id]),
    });
    Difference {
        version: VERSION,
        changes: changes.0.iter().map(|change| change.text.clone()).collect(),
        steps: steps.collect(),
        promises: promises(before, after),
        cost: [before.cost.clone(), after.cost.clone()],
        stability: Stability {
            moves: count(after),
            tolerance,
            moves_of_best: count(best),
            cost_of_best: best.cost.total,
        },
        notes: [hubs(before, after), sources(after, changes)].concat(),
    }
}

impl Spot {
    fn of(plan: &Plan<'_>, assignment: &Assignment) -> Spot {
        let pool = &plan[assignment.pool];
        Spot {
            site: plan[assignment.site].name.clone(),
            machines: assignment.machines,
            machine: pool.machine.clone(),
            pricing: pool.pricing,
            monthly: assignment.monthly,
            ends: assignment.ends,
        }
    }
}

/// Both plans are of one graph: their promises are the same, in the same order.
fn promises(before: &Plan<'_>, after: &Plan<'_>) -> Vec<PromiseDifference> {
    let graph = before.profiled.graph;
    let pairs = before.promises.iter().zip(&after.promises);
    pairs
        .map(|(before, after)| PromiseDifference {
            pipeline: graph[before.pipeline].name.value.clone(),
            step: before.step.map(|step| graph[step].name.value.clone()),
            what: before.what.clone(),
            required: before.required,
            before: (before.result.clone(), before.holds),
            after: (after.result.clone(), after.holds),
        })
        .collect()
}

/// Pipelines whose runs would be started from elsewhere.
fn hubs(before: &Plan<'_>, after: &Plan<'_>) -> Vec<String> {
    let pipelines = before.profiled.graph.pipelines.iter();
    let hubs = pipelines.zip(before.hubs.iter().zip(&after.hubs));
    let moved = hubs.filter_map(|(pipeline, (was, is))| {
        let (was, is) = (&before[*was].name, &after[*is].name);
        let name = &pipeline.name.value;
        (was != is).then(|| format!("the hub of {name} moves from {was} to {is}"))
    });
    moved.collect()
}

/// What is still read from a site that is gone: no plan can help that.
fn sources(after: &Plan<'_>, changes: &Changes) -> Vec<String> {
    let gone = |site: &Site| changes.losses().any(|(_, pattern)| pattern.is_planned(site));
    let left = after.moves.iter().filter(|moved| gone(&after[moved.from]));
    let text = |moved: &Movement| {
        let (data, site) = (&after.profiled.graph[moved.data].name, &after[moved.from].name);
        format!("{data} has no copy outside {site}: the plan still reads it there")
    };
    let mut notes: Vec<String> = left.map(text).collect();
    notes.sort_unstable();
    notes.dedup();
    notes
}
