//! What is promised, as numbers that a play gives.

use super::play::{Stage, State};
use crate::graph::{Graph, Pipeline, Promise, PromiseKind, StepId};
use crate::place::Plan;
use crate::quantity::{MONTH, Per};

/// One promise or preference that chance decides.
#[derive(Clone, Debug)]
pub struct Watched<'p> {
    /// How the plan says it fares.
    pub claim: &'p crate::place::Outcome,
    /// Tasks that it is about.
    pub tasks: Vec<usize>,
    /// What is measured.
    pub measure: Measure,
}

/// What is measured of runs, and its bound.
#[derive(Clone, Copy, PartialEq, Debug)]
pub enum Measure {
    /// The end of the last of the tasks, in seconds.
    End {
        /// At most.
        within: f64,
        /// In this share of runs.
        confidence: f64,
    },
    /// What runs of a period cost together, in USD.
    Money {
        /// At most.
        limit: f64,
        /// Runs in a period.
        runs: usize,
        /// What a period costs besides its runs.
        besides: f64,
    },
}

/// A budget is planned to hold at p95; so it has to hold in this share of periods.
const CONFIDENCE: f64 = 0.95;

impl Measure {
    /// The share of runs or periods in which it has to hold.
    pub fn confidence(self) -> f64 {
        match self {
            Measure::End { confidence, .. } => confidence,
            Measure::Money { .. } => CONFIDENCE,
        }
    }
}

/// Promises of a pipeline that a play can judge, and what the plan says of the others.
pub fn watched<'p>(
    plan: &'p Plan<'_>,
    pipeline: &Pipeline,
) -> (Vec<Watched<'p>>, Vec<&'p crate::place::Outcome>) {
    let graph = plan.profiled.graph;
    let (mut judged, mut others) = (Vec::new(), Vec::new());
    for claim in plan.promises.iter().filter(|claim| claim.pipeline == pipeline.id) {
        let steps: Vec<StepId> = claim
            .step
            .map_or_else(|| pipeline.steps.clone(), |step| vec![step]);
        let promises = claim
            .step
            .map_or(&pipeline.promises, |step| &graph[step].promises);
        let promise = promises
            .iter()
            .find(|promise| promise.span == claim.span && promise.weight.is_none() == claim.required);
        match promise.and_then(|promise| measure(plan, promise, &steps)) {
            Some(measure) => judged.push(Watched {
                claim,
                tasks: positions(graph, pipeline, &steps, measure),
                measure,
            }),
            None => others.push(claim),
        }
    }
    (judged, others)
}

fn positions(graph: &Graph, pipeline: &Pipeline, steps: &[StepId], measure: Measure) -> Vec<usize> {
    let about = |step: &StepId| match measure {
        Measure::End { .. } => !graph[*step].kind.always_on(),
        Measure::Money { .. } => true,
    };
    let own = steps.iter().filter(|step| about(step));
    own.filter_map(|step| pipeline.steps.binary_search(step).ok())
        .collect()
}

fn measure(plan: &Plan<'_>, promise: &Promise, steps: &[StepId]) -> Option<Measure> {
    let runs = steps
        .first()
        .map_or(0.0, |step| plan.profiled[*step].runs_per_month);
    match &promise.kind {
        PromiseKind::Deadline { within, confidence } => Some(Measure::End {
            within: within.seconds().0,
            confidence: confidence.0,
        }),
        // The data is oldest just before the next run's version replaces it.
        PromiseKind::Freshness(bound) if runs > 0.0 => Some(Measure::End {
            within: bound.0 - MONTH.0 / runs,
            confidence: CONFIDENCE,
        }),
        PromiseKind::Budget { amount, per } => {
            let periods = match per {
                Per::Run => runs.max(1.0),
                Per::Day => MONTH.0 / 86_400.0,
                Per::Hour => MONTH.in_hours(),
                Per::Month | Per::Gb | Per::Request | Per::KWh => 1.0,
            };
            Some(Measure::Money {
                limit: amount.in_usd(),
                runs: ((runs.max(1.0) / periods).round() as usize).max(1),
                besides: besides(plan, steps) / periods,
            })
        }
        PromiseKind::Freshness(_)
        | PromiseKind::Latency { .. }
        | PromiseKind::Availability(_)
        | PromiseKind::Carbon { .. } => None,
    }
}

/// USD per month that do not depend on runs: what is always on, and what is kept.
pub fn besides(plan: &Plan<'_>, steps: &[StepId]) -> f64 {
    let own = |step: &StepId| {
        let assigned = &plan[*step];
        let always = plan.profiled.graph[*step].kind.always_on();
        let machines = if always { assigned.monthly.in_usd() } else { 0.0 };
        machines + assigned.item.kept.in_usd()
    };
    steps.iter().map(own).sum()
}

impl Watched<'_> {
    /// What a run reached; infinite if what is promised to end failed.
    pub fn reached(&self, stage: &Stage<'_>) -> f64 {
        match self.measure {
            Measure::Money { .. } => {
                let spent = self.tasks.iter().filter_map(|task| stage.spent.get(*task));
                spent.sum()
            }
            Measure::End { .. }
                if self
                    .tasks
                    .iter()
                    .any(|task| stage.state_of(*task) == State::Failed) =>
            {
                f64::INFINITY
            }
            Measure::End { .. } => {
                let ends = self.tasks.iter().filter_map(|task| stage.end_of(*task));
                ends.fold(0.0, f64::max)
            }
        }
    }

    /// Of what runs reached, in how many cases of how many it held. The last runs make a period only if they fill it.
    pub fn held(&self, reached: &[f64]) -> (u64, u64) {
        let held = |holds: Vec<bool>| {
            (
                holds.iter().filter(|holds| **holds).count() as u64,
                holds.len() as u64,
            )
        };
        match self.measure {
            Measure::End { within, .. } => held(reached.iter().map(|end| *end <= within).collect()),
            Measure::Money { limit, runs, besides } => {
                let periods = reached.chunks_exact(runs.min(reached.len()).max(1));
                held(
                    periods
                        .map(|period| period.iter().sum::<f64>() + besides <= limit)
                        .collect(),
                )
            }
        }
    }
}
