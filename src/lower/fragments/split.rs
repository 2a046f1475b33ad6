//! Fragments with more tasks than one list of Argo's may hold, divided into parts that each fit.
//!
//! A part waits for the whole of those before it, so as little as possible is torn apart: steps that have nothing to do
//! with each other stay in one part, or go to parts that do not wait for each other; what hangs together is cut between
//! its levels, where a run is likely to wait anyway.

use std::collections::{BTreeMap, BTreeSet};

use petgraph::unionfind::UnionFind;

use super::Fragment;
use crate::graph::{Graph, StepId};
use crate::place::Plan;

/// Divides each of `fragments` such that no part has more than `most` tasks, unless a single fan-out has.
pub fn split(graph: &Graph, plan: &Plan<'_>, fragments: Vec<Fragment>, most: usize) -> Vec<Fragment> {
    let mut parts: Vec<Fragment> = Vec::new();
    for fragment in fragments {
        let site = fragment.site;
        let divided = divide(units(graph, plan, &fragment.steps), most);
        parts.extend(divided.into_iter().map(|mut steps| {
            steps.sort_unstable();
            Fragment {
                site,
                steps,
                after: BTreeSet::new(),
            }
        }));
    }
    let of: BTreeMap<StepId, usize> = parts
        .iter()
        .enumerate()
        .flat_map(|(part, fragment)| fragment.steps.iter().map(move |step| (*step, part)))
        .collect();
    for (own, part) in parts.iter_mut().enumerate() {
        let before = part.steps.iter().flat_map(|step| &graph[*step].predecessors);
        let before = before.filter_map(|step| of.get(step).copied());
        part.after = before.filter(|other| *other != own).collect();
    }
    parts
}

/// What must stay together: a step, or those of one fan-out.
struct Unit {
    steps: Vec<StepId>,
    /// Tasks and templates that come of it, at most.
    tasks: usize,
    /// Units of the same fragment that come before it.
    before: BTreeSet<usize>,
}

fn units(graph: &Graph, plan: &Plan<'_>, steps: &[StepId]) -> Vec<Unit> {
    let mut units: Vec<Unit> = Vec::new();
    let mut blocks: BTreeMap<u32, usize> = BTreeMap::new();
    let mut of: BTreeMap<StepId, usize> = BTreeMap::new();
    for step in steps {
        let block = graph[*step].each.first();
        let unit = block.map_or(units.len(), |each| *blocks.entry(each.0).or_insert(units.len()));
        if unit == units.len() {
            units.push(Unit {
                steps: Vec::new(),
                tasks: 0,
                before: BTreeSet::new(),
            });
        }
        of.insert(*step, unit);
        for own in units.iter_mut().skip(unit).take(1) {
            own.steps.push(*step);
            own.tasks += tasks(graph, plan, *step);
        }
    }
    for (own, unit) in units.iter_mut().enumerate() {
        let before = unit.steps.iter().flat_map(|step| &graph[*step].predecessors);
        let before = before.filter_map(|step| of.get(step).copied());
        unit.before = before.filter(|other| *other != own).collect();
    }
    units
}

/// Tasks and templates of a step: its own, two for each fan-out, two for an approval, one that puts several machines
/// together, and one for each input that is brought from another site.
fn tasks(graph: &Graph, plan: &Plan<'_>, id: StepId) -> usize {
    let step = &graph[id];
    let away = |writer: &StepId| plan[*writer].site != plan[id].site;
    let brought = step.reads.iter().filter(|read| {
        let data = &graph[read.data];
        !data.at.is_empty() || data.writers.iter().any(away)
    });
    let approval = if step.approval.is_some() { 2 } else { 0 };
    let machines = usize::from(plan.profiled[id].nodes > 1);
    1 + 2 * step.each.len() + approval + machines + brought.count()
}

/// The steps of each part, in an order in which the parts can run.
fn divide(units: Vec<Unit>, most: usize) -> Vec<Vec<StepId>> {
    let mut parts: Vec<Vec<StepId>> = vec![Vec::new()];
    let mut room = most;
    for component in components(units) {
        let all: usize = component.iter().map(|unit| unit.tasks).sum();
        // What fits a part of its own is not divided.
        let whole = all <= most && all > room;
        for (position, unit) in component.into_iter().enumerate() {
            let begins = if position == 0 && whole {
                true
            } else {
                unit.tasks > room
            };
            if begins && parts.last().is_some_and(|part| !part.is_empty()) {
                parts.push(Vec::new());
                room = most;
            }
            room = room.saturating_sub(unit.tasks);
            parts
                .iter_mut()
                .rev()
                .take(1)
                .for_each(|part| part.extend(&unit.steps));
        }
    }
    parts
}

/// Units that hang together, each group by level; the groups by their first step.
fn components(units: Vec<Unit>) -> Vec<Vec<Unit>> {
    let mut joined: UnionFind<usize> = UnionFind::new(units.len());
    for (own, unit) in units.iter().enumerate() {
        for other in &unit.before {
            joined.union(own, *other);
        }
    }
    let levels = levels(&units);
    let mut groups: BTreeMap<usize, Vec<(usize, Unit)>> = BTreeMap::new();
    let mut first: BTreeMap<usize, usize> = BTreeMap::new();
    for ((own, unit), level) in units.into_iter().enumerate().zip(levels) {
        let group = *first.entry(joined.find(own)).or_insert(own);
        groups.entry(group).or_default().push((level, unit));
    }
    let sorted = groups.into_values().map(|mut group| {
        group.sort_by_key(|(level, _)| *level);
        group.into_iter().map(|(_, unit)| unit).collect()
    });
    sorted.collect()
}

/// The longest way to each unit. Steps are in topological order, but fan-outs stand where their first step does, so one
/// look may not be enough.
fn levels(units: &[Unit]) -> Vec<usize> {
    let mut levels = vec![0; units.len()];
    for _ in 0..units.len() {
        let mut settled = true;
        for (own, unit) in units.iter().enumerate() {
            let before = unit.before.iter().filter_map(|other| levels.get(*other));
            let level = before.map(|level| level + 1).max().unwrap_or(0);
            for slot in levels.iter_mut().skip(own).take(1).filter(|slot| **slot != level) {
                *slot = level;
                settled = false;
            }
        }
        if settled {
            break;
        }
    }
    levels
}

#[cfg(test)]
mod tests {
    use super::*;

    fn unit(step: u32, before: &[usize]) -> Unit {
        Unit {
            steps: vec![StepId(step)],
            tasks: 1,
            before: before.iter().copied().collect(),
        }
    }

    fn parts(units: Vec<Unit>, most: usize) -> Vec<Vec<u32>> {
        let parts = divide(units, most).into_iter();
        parts
            .map(|part| part.iter().map(|step| step.0).collect())
            .collect()
    }

    #[test]
    fn what_hangs_together_is_cut_between_its_levels() {
        // Two chains that meet: 0 -> 2, 1 -> 3, both -> 4.
        let units = vec![
            unit(0, &[]),
            unit(1, &[0]),
            unit(2, &[]),
            unit(3, &[2]),
            unit(4, &[1, 3]),
        ];
        assert_eq!(parts(units, 2), [vec![0, 2], vec![1, 3], vec![4]]);
    }

    #[test]
    fn what_fits_one_part_is_not_torn_apart() {
        let units = vec![unit(0, &[]), unit(1, &[0]), unit(2, &[]), unit(3, &[2])];
        assert_eq!(parts(units, 3), [vec![0, 1], vec![2, 3]]);
    }

    #[test]
    fn a_fan_out_that_comes_before_its_first_step_is_put_right() {
        // The unit at 0 waits for the one at 1.
        let units = vec![unit(5, &[1]), unit(6, &[])];
        assert_eq!(parts(units, 1), [vec![6], vec![5]]);
    }

    #[test]
    fn a_single_fan_out_is_never_divided() {
        let block = Unit {
            steps: (0..9).map(StepId).collect(),
            tasks: 9,
            before: BTreeSet::new(),
        };
        assert_eq!(parts(vec![block], 4).len(), 1);
    }
}
