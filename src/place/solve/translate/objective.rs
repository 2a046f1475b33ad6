//! What is minimised, and what each choice and flow adds to it.

use std::collections::BTreeMap;

use crate::place::instance::{Flow, Instance, RuleKind, Source};

/// What is minimised: a weighted sum.
#[derive(Clone, Copy, Debug, Default)]
pub(in crate::place::solve) struct Objective {
    /// Weight of money.
    pub cost: f64,
    /// Weight of emissions.
    pub carbon: f64,
    /// Instead, what this budget or emission rule limits.
    pub rule: Option<usize>,
}

/// By flow, what its reader pays for: of what several share, the least that one of them would pay alone.
pub(super) fn volumes(instance: &Instance, objective: Objective) -> Vec<f64> {
    let mut shared: BTreeMap<(usize, &Source), f64> = BTreeMap::new();
    let volumes: Vec<f64> = instance
        .flows
        .iter()
        .map(|flow| objective.volume(instance, flow))
        .collect();
    let paying = || {
        instance
            .flows
            .iter()
            .zip(&volumes)
            .filter(|(_, volume)| **volume > 0.0)
    };
    for (flow, volume) in paying() {
        let least = shared.entry((flow.data, &flow.from)).or_insert(f64::INFINITY);
        *least = least.min(*volume);
    }
    let least = |(flow, volume): (&Flow, &f64)| match shared.get(&(flow.data, &flow.from)) {
        Some(least) if *volume > 0.0 => *least,
        Some(_) | None => 0.0,
    };
    instance.flows.iter().zip(&volumes).map(least).collect()
}

/// By task of a budget, the part of it that counts: of alternatives, the mean.
pub(super) fn parts(tasks: &[usize], either: &[Vec<usize>]) -> BTreeMap<usize, f64> {
    let mut parts: BTreeMap<usize, f64> = tasks.iter().map(|task| (*task, 1.0)).collect();
    for set in either {
        for task in set {
            parts.insert(*task, 1.0 / set.len() as f64);
        }
    }
    parts
}

impl Objective {
    /// What 10⁹ bytes moved count for the flow, in units of the lane's money.
    fn volume(&self, instance: &Instance, flow: &Flow) -> f64 {
        let whole = flow.gb * flow.runs;
        match self
            .rule
            .and_then(|rule| instance.rules.get(rule))
            .map(|rule| &rule.kind)
        {
            Some(RuleKind::Budget { tasks, .. }) if tasks.contains(&flow.to) => whole,
            Some(_) => 0.0,
            None => self.cost * whole * flow.share,
        }
    }

    /// By task, the part of it that the rule counts.
    pub(super) fn counted(&self, instance: &Instance) -> BTreeMap<usize, f64> {
        match self
            .rule
            .and_then(|rule| instance.rules.get(rule))
            .map(|rule| &rule.kind)
        {
            Some(RuleKind::Budget { tasks, either, .. } | RuleKind::Carbon { tasks, either, .. }) => {
                parts(tasks, either)
            }
            Some(_) | None => BTreeMap::new(),
        }
    }
}
