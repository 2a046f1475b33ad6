//! How each promise and preference fares in a plan.

use super::assemble::{Candidate, Problem};
use super::compose::site_of;
use super::evaluate::Evaluation;
use super::instance::RuleKind;
use super::model::Outcome;
use super::promises::{describe, latency};
use crate::graph::model::{PipelineId, Promise, PromiseKind, StepId};
use crate::profile::availability;
use crate::quantity::{Grams, MicroUsd, Percent, Seconds};

/// All outcomes: of each pipeline, then of its steps as they run. The order of the source says nothing here.
pub fn outcomes(problem: &Problem<'_, '_>, chosen: &[&Candidate], evaluation: &Evaluation) -> Vec<Outcome> {
    let graph = problem.profiled.graph;
    let view = View {
        problem,
        chosen,
        evaluation,
    };
    let mut all: Vec<Outcome> = Vec::new();
    for pipeline in &graph.pipelines {
        all.extend(
            pipeline
                .promises
                .iter()
                .map(|promise| view.outcome(promise, pipeline.id, None)),
        );
    }
    for step in &graph.steps {
        all.extend(
            step.promises
                .iter()
                .map(|promise| view.outcome(promise, step.pipeline, Some(step.id))),
        );
    }
    all.sort_by(|a, b| {
        (a.pipeline, a.step, &a.what, b.required).cmp(&(b.pipeline, b.step, &b.what, a.required))
    });
    all
}

struct View<'v, 'g, 'a> {
    problem: &'v Problem<'g, 'a>,
    chosen: &'v [&'v Candidate],
    evaluation: &'v Evaluation,
}

/// What was reached, in words; whether it holds; what is left as a share of the bound.
struct Verdict {
    result: String,
    holds: bool,
    margin: f64,
}

impl View<'_, '_, '_> {
    fn outcome(&self, promise: &Promise, pipeline: PipelineId, step: Option<StepId>) -> Outcome {
        let verdict = match &promise.kind {
            PromiseKind::Latency { .. } => self.latency(promise, step),
            PromiseKind::Availability(share) => self.availability(share.0, step),
            PromiseKind::Deadline { .. }
            | PromiseKind::Budget { .. }
            | PromiseKind::Freshness(_)
            | PromiseKind::Carbon { .. } => self.rule(promise),
        };
        Outcome {
            pipeline,
            step,
            what: describe(promise),
            result: verdict.result,
            holds: verdict.holds,
            required: promise.weight.is_none(),
            margin: verdict.margin,
            span: promise.span,
        }
    }

    fn rule(&self, promise: &Promise) -> Verdict {
        let origins = self.problem.origins.iter();
        let at = origins
            .into_iter()
            .position(|origin| origin.span == promise.span && origin.text.ends_with(&describe(promise)));
        let rule = at.and_then(|at| self.problem.instance.rules.get(at));
        let reached = at.and_then(|at| self.evaluation.reached.get(at)).copied();
        let holds = at.and_then(|at| self.evaluation.holds.get(at)).copied();
        let (Some(rule), Some(reached), Some(holds)) = (rule, reached, holds) else {
            let result = "depends on when it is started".to_owned();
            return Verdict {
                result,
                holds: true,
                margin: 1.0,
            };
        };
        let (result, limit) = match &rule.kind {
            RuleKind::Deadline { within, .. } => (time(reached, *within, promise), *within),
            RuleKind::Budget { limit, .. } => {
                let part = reached * promise_share(promise, *limit);
                (format!("{} at p95", MicroUsd::usd(part)), *limit)
            }
            RuleKind::Carbon { limit, .. } => (
                format!("{:.1} kg a month", Grams(reached * 1000.0).0 / 1000.0),
                *limit,
            ),
            RuleKind::Bar
            | RuleKind::Capacity { .. }
            | RuleKind::Together { .. }
            | RuleKind::Apart { .. } => (String::new(), 0.0),
        };
        let margin = if limit > 0.0 { 1.0 - reached / limit } else { -1.0 };
        Verdict {
            result,
            holds,
            margin,
        }
    }

    fn latency(&self, promise: &Promise, step: Option<StepId>) -> Verdict {
        let known = step.and_then(|step| {
            let candidate = self.chosen.get(step.0 as usize)?;
            let site = self.problem.sites.get(site_of(self.problem, candidate))?;
            latency(promise, &self.problem.profiled[step], site, &self.problem.sites)
        });
        match known {
            Some((reached, bound)) if reached > Seconds::ZERO => Verdict {
                result: reached.to_string(),
                holds: reached <= bound,
                margin: 1.0 - reached.0 / bound.0.max(1e-9),
            },
            Some(_) | None => Verdict {
                result: "kept by the number of replicas".to_owned(),
                holds: true,
                margin: 1.0,
            },
        }
    }

    /// By the fewest replicas of the week.
    fn availability(&self, share: f64, step: Option<StepId>) -> Verdict {
        let profile = step.map(|step| &self.problem.profiled[step]);
        let load = profile.and_then(|profile| profile.load.as_ref());
        let replicas = load.map_or(1, |load| load.replicas.iter().copied().min().unwrap_or(1));
        let reached = availability(replicas).0;
        Verdict {
            result: format!(
                "{} with {replicas} replica{}",
                Percent(reached),
                if replicas == 1 { "" } else { "s" }
            ),
            holds: reached >= share,
            margin: 1.0 - (1.0 - reached) / (1.0 - share).max(1e-9),
        }
    }
}

fn time(reached: f64, within: f64, promise: &Promise) -> String {
    let confidence = match &promise.kind {
        PromiseKind::Deadline { confidence, .. } => confidence.0,
        PromiseKind::Budget { .. }
        | PromiseKind::Latency { .. }
        | PromiseKind::Availability(_)
        | PromiseKind::Freshness(_)
        | PromiseKind::Carbon { .. } => 0.95,
    };
    let (reached_time, spare) = (
        Seconds(reached * 3600.0),
        Seconds((within - reached).abs() * 3600.0),
    );
    let word = if reached <= within { "to spare" } else { "too late" };
    let percentile = format!("{:.2}", confidence * 100.0);
    let percentile = percentile.trim_end_matches('0').trim_end_matches('.');
    format!("{reached_time} at p{percentile}, {spare} {word}")
}

/// From USD per month to what the promise counts: its amount as a share of the monthly limit.
fn promise_share(promise: &Promise, limit: f64) -> f64 {
    match &promise.kind {
        PromiseKind::Budget { amount, .. } if limit > 0.0 => amount.in_usd() / limit,
        PromiseKind::Budget { .. }
        | PromiseKind::Deadline { .. }
        | PromiseKind::Latency { .. }
        | PromiseKind::Availability(_)
        | PromiseKind::Freshness(_)
        | PromiseKind::Carbon { .. } => 1.0,
    }
}
