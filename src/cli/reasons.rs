//! Why a step runs where it does, and what its needs rest on.

mod alternatives;

use std::fmt::{Display, Write as _};

use crate::graph::Step;
use crate::place::{Plan, Why};
use crate::profile::{Basis, Estimate};
use crate::source::SourceMap;

/// All there is to say about one step.
pub fn step(plan: &Plan<'_>, step: &Step, why: &Why, sources: &SourceMap) -> String {
    facts(plan, step) + &alternatives::sections(why, sources)
}

/// Where it runs and what it needs.
fn facts(plan: &Plan<'_>, step: &Step) -> String {
    let graph = plan.profiled.graph;
    let (assignment, profile) = (&plan[step.id], &plan.profiled[step.id]);
    let pool = &plan[assignment.pool];
    let mut text = format!(
        "{}/{}  ({})\n\n",
        graph[step.pipeline].name.value,
        step.name.value,
        step.kind.word()
    );
    let mut line = |name: &str, value: String| {
        // Writing to a text cannot fail.
        let _ = writeln!(text, "  {name:<12}  {value}");
    };
    line("runs at", plan[assignment.site].name.clone());
    line(
        "on",
        format!(
            "{} x {} ({}), pool {}",
            assignment.machines, pool.machine, pool.pricing, pool.name
        ),
    );
    line(
        "price",
        format!("{} USD an hour each, {}", pool.hourly, pool.price_basis),
    );
    line(
        "costs",
        format!(
            "{} USD/month, {} at p95",
            assignment.monthly, assignment.monthly_p95
        ),
    );
    line("because", assignment.because.clone());
    line("considered", format!("{} offers", assignment.considered.offers));
    if !step.kind.always_on() {
        line(
            "run time",
            format!("{}, {} at p95", assignment.duration, assignment.duration_p95),
        );
        line(
            "ends",
            format!("{} after the run's start, at p95", assignment.ends),
        );
    }
    line("cores", estimate(&profile.cores));
    line("memory", estimate(&profile.memory));
    if let Some(need) = &profile.accelerators {
        line(
            "accelerators",
            format!(
                "{} {}",
                need.model.as_deref().unwrap_or("of any model"),
                estimate(&need.count)
            ),
        );
        line("  memory each", estimate(&need.memory));
    }
    line("disk", estimate(&profile.disk));
    for outcome in plan
        .promises
        .iter()
        .filter(|outcome| outcome.step == Some(step.id))
    {
        line("promise", format!("{}: {}", outcome.what, outcome.result));
    }
    text
}

fn estimate<T: Display>(value: &Estimate<T>) -> String {
    let basis = match &value.basis {
        Basis::Declared => "declared".to_owned(),
        Basis::History { runs } => format!("from {runs} runs"),
        Basis::Similar { steps } => format!("as similar steps: {}", steps.join(", ")),
        Basis::Analytic { formula, source } => format!("{formula} [{source}]"),
        Basis::Default { rule } => format!("default: {rule}"),
    };
    let (p50, p95) = (value.p50.to_string(), value.p95.to_string());
    if p50 == p95 {
        format!("{p50}  {basis}")
    } else {
        format!("{p50}, {p95} at p95  {basis}")
    }
}
