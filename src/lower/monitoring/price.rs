//! What a second of a step costs, as the plan has it.

use super::promql::number;
use crate::graph::StepId;
use crate::lower::Lowering;

/// USD for a second of one item of a step that ends; zero if the plan knows no time.
pub fn of_second(input: &Lowering<'_>, step: StepId) -> f64 {
    let (plan, profile) = (&input.plan[step], &input.plan.profiled[step]);
    let busy = of_item(input, step) * profile.items.max(1) as f64 * profile.runs_per_month;
    if busy > 0.0 && plan.monthly.0 > 0 {
        return plan.monthly.in_usd() / busy;
    }
    let machines = plan.machines as f64 / profile.parallel.max(1) as f64;
    input.plan[plan.pool].hourly.in_usd() * machines / 3600.0
}

/// A price to six digits: those after them come of dividing whole micro-dollars, and steps of one price share a rule.
pub fn text(usd: f64) -> String {
    let rounded: f64 = format!("{usd:.5e}").parse().unwrap_or(usd);
    number(rounded)
}

/// Seconds that one item takes at p50; the plan has the time of all, in waves.
pub fn of_item(input: &Lowering<'_>, step: StepId) -> f64 {
    let profile = &input.plan.profiled[step];
    let waves = profile.items.max(1).div_ceil(profile.parallel.max(1));
    input.plan[step].duration.0 / waves as f64
}

/// USD for an hour of one replica of an always-on step.
pub fn of_replica_hour(input: &Lowering<'_>, step: StepId) -> f64 {
    let plan = &input.plan[step];
    let replicas = input.plan.profiled[step]
        .load
        .as_ref()
        .map_or(1, |load| load.bounds.1.max(1));
    input.plan[plan.pool].hourly.in_usd() * plan.machines as f64 / replicas as f64
}
