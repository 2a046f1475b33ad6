//! Promises and preferences, and how much room they leave.

use crate::graph::model::{Pipeline, PromiseKind, StepId};
use crate::place::{Outcome, Plan};
use crate::quantity::Seconds;

/// One line of the table.
#[derive(Clone, Debug)]
pub struct Row {
    /// Its pipeline.
    pub pipeline: String,
    /// The step, if it is about one, and its id on the page.
    pub step: Option<(String, String)>,
    /// `deadline 6h`
    pub what: String,
    /// How it fares.
    pub result: String,
    /// `kept`, `BROKEN` or `not kept`.
    pub verdict: &'static str,
    /// `kept`, `broken` or `missed`: how it looks.
    pub class: &'static str,
    /// `promise` or `preference`.
    pub kind: &'static str,
    /// What is left of the bound, in percent; none where there is nothing to measure.
    pub margin: Option<String>,
    /// Length of the bar: the share of the bound that is used up, of 100.
    pub used: f64,
}

/// All of a plan.
pub fn rows(plan: &Plan<'_>) -> Vec<Row> {
    plan.promises.iter().map(|outcome| row(plan, outcome)).collect()
}

fn row(plan: &Plan<'_>, outcome: &Outcome) -> Row {
    let graph = plan.profiled.graph;
    let name = |step: StepId| (graph[step].name.value.clone(), format!("s{}", step.0));
    let (verdict, class) = match (outcome.holds, outcome.required) {
        (true, _) => ("kept", "kept"),
        (false, true) => ("BROKEN", "broken"),
        (false, false) => ("not kept", "missed"),
    };
    // A bound of which nothing is used says that it is kept some other way.
    let measured = outcome.margin < 1.0;
    Row {
        pipeline: graph[outcome.pipeline].name.value.clone(),
        step: outcome.step.map(name),
        what: outcome.what.clone(),
        result: outcome.result.clone(),
        verdict,
        class,
        kind: if outcome.required { "promise" } else { "preference" },
        margin: measured.then(|| percent(outcome.margin)),
        used: ((1.0 - outcome.margin) * 100.0).clamp(0.0, 100.0).round(),
    }
}

/// A share in whole percent; what is small, with one more digit.
pub fn percent(share: f64) -> String {
    let digits = usize::from(share.abs() < 0.0995);
    // No `-0`.
    format!("{:.digits$} %", share * 100.0 + 0.0)
}

/// Deadlines of a pipeline and of its steps: after the run's start, and what to write there.
pub fn marked_deadlines(plan: &Plan<'_>, pipeline: &Pipeline) -> Vec<(Seconds, String)> {
    let graph = plan.profiled.graph;
    let own = pipeline.promises.iter().map(|promise| (promise, None));
    let steps = pipeline.steps.iter().flat_map(|step| {
        let promises = graph[*step].promises.iter();
        promises.map(move |promise| (promise, Some(&graph[*step].name.value)))
    });
    let mut found: Vec<(Seconds, String)> = Vec::new();
    for (promise, step) in own.chain(steps) {
        if let PromiseKind::Deadline { within, .. } = &promise.kind {
            let of = step.map_or_else(String::new, |step| format!(" of {step}"));
            found.push((within.seconds(), format!("deadline{of}, {}", within.seconds())));
        }
    }
    found.sort_by(|a, b| a.0.0.total_cmp(&b.0.0).then_with(|| a.1.cmp(&b.1)));
    found
}
