//! Where the money goes: by what it is for, by kind of step, by pool; and how sure the prices are.

use std::collections::BTreeMap;

use super::site::share;
use super::step::machine;
use crate::graph::model::StepId;
use crate::place::{Plan, Pool};
use crate::quantity::MicroUsd;

/// Dearest steps that are shown.
const MOST_STEPS: usize = 10;

/// All about money.
#[derive(Clone, Debug)]
pub struct View {
    /// Per month, expected.
    pub total: String,
    /// Per month at p95.
    pub total_p95: String,
    /// What sharing machines saves; none if nothing is shared.
    pub shared: Option<String>,
    /// Kilograms of CO2 per month, where they are known.
    pub carbon: Option<String>,
    /// Machines, what stands, storage, transfer.
    pub parts: Vec<Part>,
    /// By kind of step.
    pub kinds: Vec<Part>,
    /// The dearest steps.
    pub steps: Vec<Part>,
    /// By pipeline, if there are several.
    pub pipelines: Vec<Part>,
    /// What is bought.
    pub pools: Vec<PoolRow>,
    /// On what prices rest, each once.
    pub bases: Vec<String>,
}

/// A part of the whole.
#[derive(Clone, Debug)]
pub struct Part {
    /// Of what.
    pub name: String,
    /// Per month.
    pub monthly: String,
    /// Of 100.
    pub share: f64,
    /// The parts before it together: where its bar begins.
    pub from: f64,
}

/// A node pool.
#[derive(Clone, Debug)]
pub struct PoolRow {
    /// Where.
    pub site: String,
    /// Its name.
    pub name: String,
    /// What one is, and how it is bought.
    pub machine: String,
    /// Cores, memory and accelerators of one.
    pub size: String,
    /// Per machine and hour.
    pub hourly: String,
    /// Fewest and most machines.
    pub bounds: String,
    /// Interruptions per month, on spot.
    pub interruption: Option<String>,
    /// On what the price rests.
    pub basis: String,
    /// Steps that run on it.
    pub steps: usize,
}

/// All about the money of a plan; `users` has the number of steps of each pool.
pub fn view(plan: &Plan<'_>, users: &[usize]) -> View {
    let cost = &plan.cost;
    let parts = [
        ("machines", cost.machines),
        ("clusters, NAT", cost.standing),
        ("storage", cost.storage),
        ("transfer", cost.transfer),
    ];
    let pools = plan
        .pools
        .iter()
        .zip(users)
        .map(|(pool, steps)| pool_row(plan, pool, *steps));
    let mut bases: Vec<String> = plan.pools.iter().map(|pool| pool.price_basis.clone()).collect();
    bases.sort();
    bases.dedup();
    let graph = plan.profiled.graph;
    let by_pipeline = cost
        .by_pipeline
        .iter()
        .map(|(id, money)| (graph[*id].name.value.clone(), *money));
    View {
        total: cost.total.to_string(),
        total_p95: cost.total_p95.to_string(),
        shared: (cost.shared > MicroUsd::ZERO).then(|| cost.shared.to_string()),
        carbon: (cost.carbon.0 > 0.0).then(|| format!("{:.1}", cost.carbon.0 / 1000.0)),
        parts: stacked(
            parts.map(|(name, money)| (name.to_owned(), money)).into(),
            cost.total,
        ),
        kinds: by_kind(plan),
        steps: dearest(plan),
        pipelines: if graph.pipelines.len() > 1 {
            stacked(by_pipeline.collect(), cost.total)
        } else {
            Vec::new()
        },
        pools: pools.collect(),
        bases,
    }
}

/// Parts one after the other.
fn stacked(parts: Vec<(String, MicroUsd)>, total: MicroUsd) -> Vec<Part> {
    let mut from = 0.0;
    let part = |(name, monthly): (String, MicroUsd)| {
        let part = Part {
            name,
            monthly: monthly.to_string(),
            share: share(monthly, total),
            from,
        };
        from = ((from + part.share) * 10.0).round() / 10.0;
        part
    };
    parts.into_iter().map(part).collect()
}

fn by_kind(plan: &Plan<'_>) -> Vec<Part> {
    let mut kinds: BTreeMap<&str, MicroUsd> = BTreeMap::new();
    for assignment in &plan.assignments {
        let kind = plan.profiled.graph[assignment.step].kind.word();
        *kinds.entry(kind).or_default() += assignment.monthly;
    }
    let mut kinds: Vec<(String, MicroUsd)> = kinds
        .into_iter()
        .map(|(kind, money)| (kind.to_owned(), money))
        .collect();
    kinds.sort_by_key(|(_, money)| -money.0);
    let total = kinds.iter().map(|(_, money)| *money).sum();
    stacked(kinds, total)
}

fn dearest(plan: &Plan<'_>) -> Vec<Part> {
    let mut steps: Vec<(StepId, MicroUsd)> = plan
        .assignments
        .iter()
        .map(|assignment| (assignment.step, assignment.monthly))
        .collect();
    steps.sort_by_key(|(step, money)| (-money.0, *step));
    let most = steps.first().map(|(_, money)| *money).unwrap_or_default();
    let part = |(step, money): (StepId, MicroUsd)| Part {
        name: plan.profiled.graph[step].name.value.clone(),
        monthly: money.to_string(),
        share: share(money, most),
        from: 0.0,
    };
    steps.into_iter().take(MOST_STEPS).map(part).collect()
}

fn pool_row(plan: &Plan<'_>, pool: &Pool, steps: usize) -> PoolRow {
    let devices = pool.accelerator.as_ref();
    let devices = devices.map_or_else(String::new, |(model, count)| format!(", {count} \u{d7} {model}"));
    let (least, most) = pool.bounds;
    PoolRow {
        site: plan[pool.site].name.clone(),
        name: pool.name.clone(),
        machine: machine(pool),
        size: format!("{} cores, {}{devices}", pool.cores, pool.memory),
        hourly: format!("{:.4}", pool.hourly.in_usd()),
        bounds: if least == most {
            most.to_string()
        } else {
            format!("{least} to {most}")
        },
        interruption: pool.interruption.map(|share| format!("{:.0} %", share * 100.0)),
        basis: pool.price_basis.clone(),
        steps,
    }
}
