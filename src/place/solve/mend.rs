//! Makes a plan cheaper where the relaxation does not see it: tasks that share what they read, or a site, are tried at
//! one another's sites, with the plan worked out in full each time.

use std::collections::{BTreeMap, BTreeSet};

use crate::place::evaluate::evaluate;
use crate::place::instance::{Choice, Flow, Instance, Source};

/// A gain must be a larger part of the cost than this.
const GAIN: f64 = 1e-9;

/// Rounds over all tasks.
const ROUNDS: usize = 2;

/// `picks` with tasks moved as long as that makes the whole cheaper and keeps all rules that are active.
pub(super) fn mend(instance: &Instance, active: &[bool], picks: Vec<usize>) -> Vec<usize> {
    let near = near(instance);
    let groups = Groups::new(instance);
    let keeps = |holds: &[bool]| holds.iter().zip(active).all(|(holds, active)| *holds || !active);
    let mut best = (evaluate(instance, &picks).cost, picks);
    for _ in 0..ROUNDS {
        let before = best.0;
        for (task, near) in &near {
            for choice in rivals(instance, active, &best.1, *task, near) {
                let mut picks = best.1.clone();
                picks
                    .iter_mut()
                    .skip(*task)
                    .take(1)
                    .for_each(|pick| *pick = choice);
                // Standing costs aside, which only fall, that is all that changes.
                let (before, after) = (groups.cost(*task, &best.1), groups.cost(*task, &picks));
                if after >= before && !last(instance, *task, &best.1) {
                    continue;
                }
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

/// What several tasks read from where it is made, and what single ones do.
struct Groups<'i> {
    instance: &'i Instance,
    /// The flows of each data set and source.
    flows: Vec<Vec<&'i Flow>>,
    /// By task, the groups that it is part of.
    of: Vec<BTreeSet<usize>>,
}

impl<'i> Groups<'i> {
    fn new(instance: &'i Instance) -> Groups<'i> {
        let mut groups: BTreeMap<(usize, &Source), Vec<&Flow>> = BTreeMap::new();
        for flow in &instance.flows {
            groups.entry((flow.data, &flow.from)).or_default().push(flow);
        }
        let flows: Vec<Vec<&Flow>> = groups.into_values().collect();
        let mut of = vec![BTreeSet::new(); instance.tasks.len()];
        for (group, flow) in flows
            .iter()
            .enumerate()
            .flat_map(|(at, flows)| flows.iter().map(move |flow| (at, flow)))
        {
            let maker = match flow.from {
                Source::Task(maker) => Some(maker),
                Source::Copies(_) => None,
            };
            for task in maker.into_iter().chain([flow.to]) {
                of.iter_mut().skip(task).take(1).for_each(|groups| {
                    groups.insert(group);
                });
            }
        }
        Groups { instance, flows, of }
    }

    /// What a task costs, and all that moves because of it.
    fn cost(&self, task: usize, picks: &[usize]) -> f64 {
        let own = choice(self.instance, picks, task).map_or(0.0, |choice| choice.cost);
        let groups = self.of.get(task).into_iter().flatten();
        own + groups
            .filter_map(|group| self.flows.get(*group))
            .map(|flows| self.moved(flows, picks))
            .sum::<f64>()
    }

    /// What one group costs: each site is served once.
    fn moved(&self, flows: &[&Flow], picks: &[usize]) -> f64 {
        let mut served = BTreeSet::new();
        let mut sum = 0.0;
        for flow in flows {
            let to = choice(self.instance, picks, flow.to).map(|choice| choice.site);
            let from = match &flow.from {
                Source::Task(maker) => choice(self.instance, picks, *maker).map(|choice| choice.site),
                Source::Copies(copies) => to.and_then(|to| self.instance.nearest(copies, to)),
            };
            if let (Some(from), Some(to)) = (from, to)
                && served.insert(to)
            {
                sum += self.instance.lane(from, to).usd * flow.gb * flow.runs * flow.share;
            }
        }
        sum
    }
}

fn choice<'i>(instance: &'i Instance, picks: &[usize], task: usize) -> Option<&'i Choice> {
    instance.tasks.get(task)?.choices.get(*picks.get(task)?)
}

/// True if nothing else is at the site of the task.
fn last(instance: &Instance, task: usize, picks: &[usize]) -> bool {
    let site = |task: usize| choice(instance, picks, task).map(|choice| choice.site);
    (0..picks.len())
        .filter(|other| site(*other) == site(task))
        .count()
        == 1
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
    let site = |task: usize| choice(instance, picks, task).map(|choice| choice.site);
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
