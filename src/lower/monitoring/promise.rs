//! The promises about runs (deadline, budget, freshness), and the way from every kind of promise to its alerts.

use super::budget;
use super::cluster::{hub, labels, memory, site_of};
use super::humanize::Show;
use super::metrics::{RUN, SUCCEEDED};
use super::promql::{duration, equals, number, one_of, selector, with_matchers};
use super::rule::{Alert, Case};
use super::series::{Level, Series};
use super::slo;
use super::summary::Summary;
use crate::graph::{Graph, PipelineId, Promise, PromiseKind, StepId};
use crate::lower::{Lowering, names};
use crate::place::SiteId;
use crate::quantity::Seconds;

/// Whom a promise is about.
#[derive(Clone, Copy, Debug)]
pub struct About {
    /// The pipeline.
    pub pipeline: PipelineId,
    /// The step, or the pipeline as a whole.
    pub step: Option<StepId>,
}

impl About {
    /// Its name, for people.
    pub fn name<'a>(self, input: &Lowering<'a>) -> &'a str {
        let graph = input.graph();
        self.step
            .map_or(&graph[self.pipeline].name.value, |step| &graph[step].name.value)
    }

    /// An alert about it, without a case yet.
    pub fn alert(self, input: &Lowering<'_>, site: SiteId, kind: &str, promise: &Promise) -> Alert {
        let graph = input.graph();
        let pipeline = &graph[self.pipeline];
        let step = self.step.map_or("", |step| &graph[step].name.value);
        let wish = if promise.weight.is_none() { "" } else { "prefer" };
        Alert {
            name: names::alert(&[&pipeline.name.value, step, wish, kind]),
            expr: String::new(),
            lasting: Seconds::ZERO,
            severity: if promise.weight.is_none() { "page" } else { "info" },
            owner: pipeline.owner.as_ref().map(|owner| owner.value.clone()),
            labels: labels(input, self.pipeline, self.step, site, kind),
            summary: Summary::default(),
            value: None,
            runbook: None,
            case: None,
        }
    }
}

/// The alerts of a promise and the sites they belong to; `Err` says why there are none.
pub fn alerts(
    input: &Lowering<'_>,
    about: About,
    promise: &Promise,
) -> Result<Vec<(SiteId, Alert)>, &'static str> {
    let steps: Vec<StepId> = about.step.into_iter().collect();
    let here = site_of(input, about.pipeline, &steps);
    let on_step = |alerts: Vec<Alert>| alerts.into_iter().map(|alert| (here, alert)).collect();
    match (&promise.kind, about.step) {
        (PromiseKind::Deadline { within, .. }, _) => Ok(vec![(
            hub(input, about.pipeline),
            deadline(input, about, promise, within.seconds()),
        )]),
        (PromiseKind::Budget { amount, per }, _) => budget::alerts(input, about, promise, *amount, *per),
        (
            PromiseKind::Latency {
                p50, p95, p99, of, ..
            },
            Some(step),
        ) => {
            let bounds = [(0.5, *p50), (0.95, *p95), (0.99, *p99)];
            let mut found = Vec::new();
            for (quantile, bound) in bounds {
                if let Some(bound) = bound {
                    found.extend(slo::latency(input, step, promise, *of, (quantile, bound))?);
                }
            }
            Ok(on_step(found))
        }
        (PromiseKind::Availability(share), Some(step)) => {
            Ok(on_step(slo::availability(input, step, promise, *share)))
        }
        (PromiseKind::Freshness(age), Some(step)) => {
            Ok(vec![(here, freshness(input, about, step, promise, *age))])
        }
        (PromiseKind::Latency { .. } | PromiseKind::Availability(_) | PromiseKind::Freshness(_), None) => {
            Err("only a step can be measured so")
        }
        (PromiseKind::Carbon { .. }, _) => Err("no stock metric tells emissions"),
    }
}

/// The run goes on for longer than it may, and the step has not succeeded in it. A step that was skipped never will: what
/// comes after it counts as well.
fn deadline(input: &Lowering<'_>, about: About, promise: &Promise, bound: Seconds) -> Alert {
    let graph = input.graph();
    let pipeline = graph[about.pipeline].name.value.as_str();
    let run = selector(&RUN.exposed(), &[("pipeline", pipeline)]);
    let late = format!("max({run}) > {}", number(bound.0));
    let at = Seconds(600.0);
    let running = |seconds: f64| Series::gauge(&run, &[Level::new(seconds, 11)]);
    let mut alert = about.alert(input, hub(input, about.pipeline), "deadline", promise);
    let quiet = if let Some(step) = about.step {
        let done = succeeded(graph, about.pipeline, &after(graph, step));
        alert.expr = format!("{late} unless on () max({done}) > time() - max({run})");
        let own = succeeded(graph, about.pipeline, &[&graph[step].name.value]);
        vec![
            running(bound.0 * 1.5),
            Series::gauge(own, &[Level::new(at.0, 11)]),
        ]
    } else {
        alert.expr = late;
        vec![running(bound.0 / 2.0)]
    };
    alert.summary = format!("{} has not ended within {bound}", about.name(input)).into();
    alert.value = Some(Show::Time);
    let overdue = bound.0 * 1.5;
    alert.case = Some(Case::new(at, (vec![running(overdue)], overdue), quiet));
    alert
}

/// A step and what waits for it.
fn after(graph: &Graph, step: StepId) -> Vec<&str> {
    let waiting = graph
        .steps
        .iter()
        .filter(|other| other.predecessors.contains(&step));
    let names = std::iter::once(&graph[step]).chain(waiting);
    names.map(|step| step.name.value.as_str()).collect()
}

/// When these steps last succeeded.
fn succeeded(graph: &Graph, pipeline: PipelineId, steps: &[&str]) -> String {
    let matchers = vec![
        equals("pipeline", &graph[pipeline].name.value),
        one_of("step", steps),
    ];
    with_matchers(&SUCCEEDED.exposed(), matchers)
}

/// The last success is too long ago, or nobody remembers one.
fn freshness(input: &Lowering<'_>, about: About, step: StepId, promise: &Promise, age: Seconds) -> Alert {
    let graph = input.graph();
    let stamp = succeeded(graph, about.pipeline, &[&graph[step].name.value]);
    let window = duration(memory(input, step).max(age.times(2.0)));
    let site = site_of(input, about.pipeline, &[step]);
    let mut alert = about.alert(input, site, "freshness", promise);
    alert.expr = format!(
        "time() - max(last_over_time({stamp}[{window}])) > {} or absent_over_time({stamp}[{window}])",
        number(age.0)
    );
    alert.lasting = Seconds(300.0);
    alert.summary = format!("{} has written nothing for {}", about.name(input), age).into();
    let at = Seconds(1800.0);
    let stamped = |ago: f64| vec![Series::gauge(&stamp, &[Level::new(at.0 - ago, 31)])];
    alert.case = Some(Case::new(
        at,
        (stamped(age.0 * 2.0 + at.0), age.0),
        stamped(age.0.min(at.0) / 2.0),
    ));
    alert
}
