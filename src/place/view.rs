//! The plan as other programs read it (`plan.json`): names instead of positions, base units, a version.

use schemars::JsonSchema;
use serde::Serialize;

use super::model::{Assignment, Cost, Plan, Pool, PoolId, Site, Solution};
use crate::graph::model::Step;
use crate::profile::model::{AcceleratorNeed, Estimate, Load};
use crate::quantity::{Bytes, Cores, MicroUsd, Seconds};

/// Version of this form.
pub const VERSION: u32 = 1;

/// A plan with names. Money is in micro-USD, sizes in bytes, times in seconds.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[schemars(title = "Plan")]
pub struct PlanView<'p> {
    /// Version of this form.
    pub version: u32,
    /// How the answer was reached.
    pub solution: &'p Solution,
    /// Monthly money.
    pub cost: &'p Cost,
    /// Pipelines, by name.
    pub pipelines: Vec<PipelineView<'p>>,
    /// Sites that are used.
    pub sites: &'p [Site],
    /// Node pools.
    pub pools: Vec<PoolView<'p>>,
    /// Data that moves.
    pub moves: Vec<MoveView<'p>>,
    /// Promises and preferences.
    pub promises: Vec<PromiseView<'p>>,
}

/// A pipeline and its steps.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct PipelineView<'p> {
    /// Its name.
    pub name: &'p str,
    /// The site that starts its runs.
    pub hub: Option<&'p str>,
    /// Monthly money.
    pub monthly: MicroUsd,
    /// Steps, in an order in which they can run.
    pub steps: Vec<StepView<'p>>,
}

/// A step: what it needs and where it got it.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct StepView<'p> {
    /// Its name.
    pub name: &'p str,
    /// Its kind.
    pub kind: &'static str,
    /// Steps that it waits for.
    pub after: Vec<&'p str>,
    /// Where it runs.
    pub site: &'p str,
    /// The pool it runs on.
    pub pool: &'p str,
    /// Machines of the pool that it uses at once.
    pub machines: u64,
    /// What it needs.
    pub needs: NeedsView<'p>,
    /// Run time, p50 and p95.
    pub run_time: [Seconds; 2],
    /// Earliest end after the run's start at p95.
    pub ends: Seconds,
    /// Monthly money, expected and at p95.
    pub monthly: [MicroUsd; 2],
    /// Why here.
    pub because: &'p str,
    /// The next best site and how much dearer it is.
    pub runner_up: Option<(&'p str, MicroUsd)>,
    /// Sites ruled out, and by what.
    pub excluded: &'p [(String, String)],
}

/// A step's predicted needs, with where each comes from.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct NeedsView<'p> {
    /// Cores of one machine.
    pub cores: &'p Estimate<Cores>,
    /// Memory of one machine.
    pub memory: &'p Estimate<Bytes>,
    /// Accelerators of one machine.
    pub accelerators: Option<&'p AcceleratorNeed>,
    /// Machines started together.
    pub nodes: u64,
    /// Scratch disk.
    pub disk: &'p Estimate<Bytes>,
    /// Bytes moved by one run.
    pub network: &'p Estimate<Bytes>,
    /// Items of its fan-outs.
    pub items: u64,
    /// Items that run side by side.
    pub parallel: u64,
    /// Load over the week, of steps that are always on.
    pub load: Option<&'p Load>,
}

/// A node pool and its site.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct PoolView<'p> {
    /// The site's name.
    pub at: &'p str,
    /// The pool.
    #[serde(flatten)]
    pub pool: &'p Pool,
}

/// Data that moves.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct MoveView<'p> {
    /// The data set.
    pub data: &'p str,
    /// From this site.
    pub from: &'p str,
    /// To this site.
    pub to: &'p str,
    /// Bytes of one run at p95.
    pub size: Bytes,
    /// Time of one run.
    pub time: Seconds,
    /// Money per month.
    pub monthly: MicroUsd,
    /// Steps that read it there.
    pub readers: Vec<&'p str>,
}

/// How a promise or preference fares.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct PromiseView<'p> {
    /// The pipeline.
    pub pipeline: &'p str,
    /// The step, if it is about one.
    pub step: Option<&'p str>,
    /// What is promised.
    pub what: &'p str,
    /// How it fares.
    pub result: &'p str,
    /// True if it holds.
    pub holds: bool,
    /// True for a `promise`, false for a `prefer`.
    pub required: bool,
    /// What is left, as a share of the bound.
    pub margin: f64,
}

/// The plan with names.
pub fn view<'p>(plan: &'p Plan<'_>) -> PlanView<'p> {
    let graph = plan.profiled.graph;
    let pipelines = graph
        .pipelines
        .iter()
        .enumerate()
        .map(|(index, pipeline)| PipelineView {
            name: &pipeline.name.value,
            hub: plan.hubs.get(index).map(|hub| plan[*hub].name.as_str()),
            monthly: plan
                .cost
                .by_pipeline
                .iter()
                .find(|(of, _)| *of == pipeline.id)
                .map_or(MicroUsd::ZERO, |(_, money)| *money),
            steps: pipeline
                .steps
                .iter()
                .map(|id| step(plan, &graph[*id], &plan[*id]))
                .collect(),
        });
    let pools = (0..plan.pools.len() as u32).map(PoolId).map(|id| PoolView {
        at: &plan[plan[id].site].name,
        pool: &plan[id],
    });
    let moves = plan.moves.iter().map(|moved| MoveView {
        data: &graph[moved.data].name.value,
        from: &plan[moved.from].name,
        to: &plan[moved.to].name,
        size: moved.size,
        time: moved.time,
        monthly: moved.monthly,
        readers: moved
            .readers
            .iter()
            .map(|reader| graph[*reader].name.value.as_str())
            .collect(),
    });
    let promises = plan.promises.iter().map(|outcome| PromiseView {
        pipeline: &graph[outcome.pipeline].name.value,
        step: outcome.step.map(|step| graph[step].name.value.as_str()),
        what: &outcome.what,
        result: &outcome.result,
        holds: outcome.holds,
        required: outcome.required,
        margin: outcome.margin,
    });
    PlanView {
        version: VERSION,
        solution: &plan.solution,
        cost: &plan.cost,
        pipelines: pipelines.collect(),
        sites: &plan.sites,
        pools: pools.collect(),
        moves: moves.collect(),
        promises: promises.collect(),
    }
}

fn step<'p>(plan: &'p Plan<'_>, step: &'p Step, assignment: &'p Assignment) -> StepView<'p> {
    let profile = &plan.profiled[step.id];
    let needs = NeedsView {
        cores: &profile.cores,
        memory: &profile.memory,
        accelerators: profile.accelerators.as_ref(),
        nodes: profile.nodes,
        disk: &profile.disk,
        network: &profile.network,
        items: profile.items,
        parallel: profile.parallel,
        load: profile.load.as_ref(),
    };
    StepView {
        name: &step.name.value,
        kind: step.kind.word(),
        after: step
            .predecessors
            .iter()
            .map(|before| plan.profiled.graph[*before].name.value.as_str())
            .collect(),
        site: &plan[assignment.site].name,
        pool: &plan[assignment.pool].name,
        machines: assignment.machines,
        needs,
        run_time: [assignment.duration, assignment.duration_p95],
        ends: assignment.ends,
        monthly: [assignment.monthly, assignment.monthly_p95],
        because: &assignment.because,
        runner_up: assignment
            .runner_up
            .as_ref()
            .map(|(site, money)| (site.as_str(), *money)),
        excluded: &assignment.considered.excluded,
    }
}
