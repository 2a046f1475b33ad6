//! Makes a plan cheaper where the relaxation does not see it: tasks that share what they read, or a site, are tried at
//! one another's sites, with the plan worked out in full each time.

use std::collections::{BTreeMap, BTreeSet};

use crate::place::evaluate::evaluate;
use crate::place::instance::{Instance, Source};

/// A gain must be a larger part of the cost than this.
const GAIN: f64 = 1e-9;

/// Rounds over all tasks.
const ROUNDS: usize = 3;

/// `picks` with tasks moved as long as that makes the whole cheaper and keeps all rules that are active.
pub(super) fn mend(instance: &Instance, active: &[bool], picks: Vec<usize>) -> Vec<usize> {
    let near = near(instance);
    let keeps = |holds: &[bool]| holds.iter().zip(active).all(|(holds, active)| *holds || !active);
    let mut best = (evaluate(instance, &picks).cost, picks);
    for _ in 0..ROUNDS {
        let before = best.0;
        for (task, near) in &near {
            for choice in rivals(instance, active, &best.1, *task, near) {
                let mut picks = best.1.clone();
                picks.iter_mut().skip(*task).take(1).for_each(|pick| *pick = choice);
                let evaluation = evaluate(instance, &picks);
                if evaluation.cost < best.0 - GAIN * best.0.abs() && keeps(&evaluation.holds) {
                    best = (evaluation.cost, picks);
                }
            }
        }
        if best.0 >= before {
            break;
        }
    }
    best.1
}

/// By task that reads or makes what several read, the tasks that make or read the same.
fn near(instance: &Instance) -> BTreeMap<usize, BTreeSet<usize>> {
    let mut readers: BTreeMap<(usize, &Source), Vec<usize>> = BTreeMap::new();
    for flow in &instance.flows {
        readers.entry((flow.data, &flow.from)).or_default().push(flow.to);
    }
    let mut near: BTreeMap<usize, BTreeSet<usize>> = BTreeMap::new();
    for ((_, from), mut tasks) in readers {
        if let Source::Task(maker) = from
            && tasks.len() > 1
        {
            tasks.push(*maker);
            for task in &tasks {
                near.entry(*task).or_default().extend(tasks.iter().copied());
            }
        }
    }
    near
}

/// The cheapest allowed choice of a task at each other site where one of `near` is.
fn rivals(
    instance: &Instance,
    active: &[bool],
    picks: &[usize],
    task: usize,
    near: &BTreeSet<usize>,
) -> Vec<usize> {
    let site = |task: usize| {
        let choices = &instance.tasks.get(task)?.choices;
        Some(choices.get(*picks.get(task)?)?.site)
    };
    let sites: BTreeSet<usize> = near.iter().filter_map(|other| site(*other)).collect();
    let forbids = |rule: &usize| active.get(*rule) == Some(&true);
    let cheapest = |at: usize| {
        let choices = instance.tasks.get(task)?.choices.iter().enumerate();
        let here = choices.filter(|(_, choice)| choice.site == at && !choice.barred.iter().any(forbids));
        let least = here.min_by(|a, b| a.1.cost.total_cmp(&b.1.cost));
        least.map(|(choice, _)| choice)
    };
    let others = sites.into_iter().filter(|other| site(task) != Some(*other));
    others.filter_map(cheapest).collect()
}
