//! What a simulation says, for people and programs: times in seconds, money in micro-USD.

use schemars::JsonSchema;
use serde::Serialize;

use super::tally::Tally;
use super::watch::{self, Watched};
use crate::graph::Pipeline;
use crate::place::{Outcome, Plan};
use crate::quantity::{MicroUsd, Seconds};

/// Version of this form.
pub const VERSION: u32 = 1;

/// Bins of a histogram.
const BINS: usize = 32;

/// Standard deviations of the normal distribution on both sides of 95 %.
const TWO_SIDED: f64 = 1.959_963_984_540_054;

/// Many plays of a plan.
#[derive(Clone, PartialEq, Debug, Serialize, JsonSchema)]
#[schemars(title = "Simulation")]
pub struct Simulation {
    /// Version of this form.
    pub version: u32,
    /// Runs of each pipeline.
    pub runs: u64,
    /// Which runs.
    pub seed: u64,
    /// By name.
    pub pipelines: Vec<PipelinePlay>,
}

/// The runs of one pipeline.
#[derive(Clone, PartialEq, Debug, Serialize, JsonSchema)]
pub struct PipelinePlay {
    /// Its name.
    pub pipeline: String,
    /// Promises and preferences, in the plan's order, those first that chance decides.
    pub promises: Vec<PromisePlay>,
    /// Runs without a step that failed for good.
    pub succeeds: Odds,
    /// From start to the end of the last step that ends.
    pub run_time: Distribution<Seconds>,
    /// Money of one run: machines while they run, and transfers.
    pub run_cost: Distribution<MicroUsd>,
    /// Money per month that does not depend on runs: what is always on, and what is kept.
    pub besides: MicroUsd,
    /// Steps, in an order in which they can run.
    pub steps: Vec<StepPlay>,
}

/// How a promise fares.
#[derive(Clone, PartialEq, Debug, Serialize, JsonSchema)]
pub struct PromisePlay {
    /// `deadline budget latency availability freshness carbon`
    pub kind: &'static str,
    /// `deadline 6h`
    pub what: String,
    /// The step, if it is about one.
    pub step: Option<String>,
    /// True for a `promise`, false for a `prefer`.
    pub required: bool,
    /// In what share of runs (of months or days, for money) it held; absent: no chance that is played decides it.
    pub odds: Option<Odds>,
    /// The share in which it has to.
    pub needed: Option<f64>,
    /// True if the odds are at least what is needed; else what the plan says.
    pub holds: bool,
    /// What the plan says of it.
    pub claimed: String,
}

/// A share of cases, with the interval in which it is at 95 % (Wilson 1927).
#[derive(Clone, Copy, PartialEq, Debug, Serialize, JsonSchema)]
pub struct Odds {
    /// The share.
    pub share: f64,
    /// Lower end of the interval.
    pub low: f64,
    /// Upper end of the interval.
    pub high: f64,
    /// Cases.
    pub of: u64,
}

/// How a quantity is spread.
#[derive(Clone, PartialEq, Debug, Serialize, JsonSchema)]
pub struct Distribution<T> {
    /// One run in twenty is below.
    pub p5: T,
    /// Median.
    pub p50: T,
    /// One run in twenty is above.
    pub p95: T,
    /// Mean.
    pub mean: T,
    /// Least and greatest.
    pub range: (T, T),
    /// Runs in each of equally wide bins from the least to the greatest.
    pub bins: Vec<u64>,
    /// What the plan expects, if it says so.
    pub expected: Option<T>,
    /// What the plan says at p95.
    pub claimed: T,
}

/// What a step has to do with it.
#[derive(Clone, PartialEq, Debug, Serialize, JsonSchema)]
pub struct StepPlay {
    /// The step.
    pub step: String,
    /// Share of runs in which it was on the chain that decided the end.
    pub critical: f64,
    /// Its mean part of the run time, as a share.
    pub time: f64,
    /// Share of the variance of the run time that its own time alone explains: their squared correlation.
    pub explains: f64,
    /// Share of runs in which it was skipped.
    pub skipped: f64,
    /// Share of runs in which it failed for good.
    pub failed: f64,
}

impl Odds {
    /// Of `held` cases of `of`.
    pub fn of(held: u64, of: u64) -> Odds {
        let (n, share) = (of.max(1) as f64, held as f64 / of.max(1) as f64);
        let z = TWO_SIDED;
        let middle = (share + z * z / (2.0 * n)) / (1.0 + z * z / n);
        let half = z / (1.0 + z * z / n) * (share * (1.0 - share) / n + z * z / (4.0 * n * n)).sqrt();
        Odds {
            share,
            low: (middle - half).max(0.0),
            high: (middle + half).min(1.0),
            of,
        }
    }
}

/// The answer for one pipeline.
pub fn play(
    plan: &Plan<'_>,
    pipeline: &Pipeline,
    watched: &[Watched<'_>],
    others: &[&Outcome],
    tally: &Tally,
) -> PipelinePlay {
    let graph = plan.profiled.graph;
    let runs = tally.ends.len() as u64;
    let mean = tally.ends.iter().sum::<f64>() / runs.max(1) as f64;
    let share = |count: u64| count as f64 / runs.max(1) as f64;
    let judged = watched.iter().zip(&tally.reached);
    let judged = judged.map(|(watched, reached)| judgement(plan, watched, reached));
    let steps = pipeline.steps.iter().zip(&tally.tasks);
    PipelinePlay {
        pipeline: pipeline.name.value.clone(),
        promises: judged
            .chain(others.iter().map(|claim| claimed(plan, claim)))
            .collect(),
        succeeds: Odds::of(runs - tally.failed, runs),
        run_time: distribution(&tally.ends, claimed_time(plan, pipeline), Seconds),
        run_cost: distribution(&tally.costs, claimed_cost(plan, pipeline), MicroUsd::usd),
        besides: MicroUsd::usd(watch::besides(plan, &pipeline.steps)),
        steps: steps
            .map(|(step, own)| StepPlay {
                step: graph[*step].name.value.clone(),
                critical: share(own.critical),
                time: own.seconds / runs.max(1) as f64 / mean.max(f64::MIN_POSITIVE),
                explains: tally.explained_by(own),
                skipped: share(own.skipped),
                failed: share(own.failed),
            })
            .collect(),
    }
}

fn judgement(plan: &Plan<'_>, watched: &Watched<'_>, reached: &[f64]) -> PromisePlay {
    let (held, of) = watched.held(reached);
    let odds = Odds::of(held, of);
    let needed = watched.measure.confidence();
    PromisePlay {
        odds: Some(odds),
        needed: Some(needed),
        holds: odds.share >= needed,
        ..claimed(plan, watched.claim)
    }
}

fn claimed(plan: &Plan<'_>, claim: &Outcome) -> PromisePlay {
    let graph = plan.profiled.graph;
    let promises = claim
        .step
        .map_or(&graph[claim.pipeline].promises, |step| &graph[step].promises);
    let promise = promises.iter().find(|promise| promise.span == claim.span);
    PromisePlay {
        kind: promise.map_or("", |promise| promise.kind.word()),
        what: claim.what.clone(),
        step: claim.step.map(|step| graph[step].name.value.clone()),
        required: claim.required,
        odds: None,
        needed: None,
        holds: claim.holds,
        claimed: claim.result.clone(),
    }
}

/// The latest end at p95; the plan expects none.
fn claimed_time(plan: &Plan<'_>, pipeline: &Pipeline) -> (Option<f64>, f64) {
    let ends = pipeline
        .steps
        .iter()
        .filter(|step| !plan.profiled.graph[**step].kind.always_on());
    let ends = ends.map(|step| plan[*step].ends.0).fold(0.0, f64::max);
    (None, ends)
}

/// Machines of steps that end and transfers, of one run.
fn claimed_cost(plan: &Plan<'_>, pipeline: &Pipeline) -> (Option<f64>, f64) {
    let graph = plan.profiled.graph;
    let first = pipeline.steps.first();
    let runs = first
        .map_or(1.0, |step| plan.profiled[*step].runs_per_month)
        .max(1.0);
    let ending = || {
        pipeline
            .steps
            .iter()
            .filter(|step| !graph[**step].kind.always_on())
    };
    let moved = plan
        .moves
        .iter()
        .filter(|moved| graph[moved.data].pipeline == pipeline.id);
    let moved: f64 = moved.map(|moved| moved.monthly.in_usd()).sum();
    let machines: f64 = ending().map(|step| plan[*step].monthly.in_usd()).sum();
    let most: f64 = ending().map(|step| plan[*step].monthly_p95.in_usd()).sum();
    (Some((machines + moved) / runs), (most + moved) / runs)
}

fn distribution<T>(
    values: &[f64],
    (expected, claimed): (Option<f64>, f64),
    unit: impl Fn(f64) -> T,
) -> Distribution<T> {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    let at = |share: f64| {
        let rank = (share * sorted.len() as f64).ceil() as usize;
        sorted.get(rank.saturating_sub(1)).copied().unwrap_or(0.0)
    };
    let (least, most) = (at(0.0), at(1.0));
    let mut bins = vec![0; BINS];
    for value in &sorted {
        let bin = ((value - least) / (most - least).max(f64::MIN_POSITIVE) * BINS as f64) as usize;
        bins.iter_mut()
            .skip(bin.min(BINS - 1))
            .take(1)
            .for_each(|count| *count += 1);
    }
    Distribution {
        p5: unit(at(0.05)),
        p50: unit(at(0.5)),
        p95: unit(at(0.95)),
        mean: unit(values.iter().sum::<f64>() / values.len().max(1) as f64),
        range: (unit(least), unit(most)),
        bins,
        expected: expected.map(&unit),
        claimed: unit(claimed),
    }
}
