//! Branch and bound on the dual bound: dives first, then the open node with the least bound.
//!
//! A task is decided from coarse to fine: which cloud, then which site, then which candidate, since that is how it
//! matters to its neighbours.

use super::ascent::{Domain, Effort, End, ascend, enough};
use super::net::Net;
use super::plan::Plan;
use super::propagate::propagate;
use super::search::{Incumbent, improve};
use super::work::Work;

/// How far a search goes.
#[derive(Clone, Copy, Debug)]
pub(super) struct Reach {
    pub nodes: usize,
    pub steps: usize,
    /// A plan is made in every so many nodes; 0 for never.
    pub search: usize,
    pub gap: f64,
}

struct Node {
    domain: Domain,
    depth: usize,
}

/// Searches a domain. The result is a bound of all plans in it that are not at least as good as `best` by the gap.
pub(super) fn branch(
    net: &Net,
    domain: Domain,
    best: &mut Option<Incumbent>,
    reach: Reach,
    work: &mut Work,
) -> f64 {
    let mut open = vec![Node { domain, depth: 0 }];
    let mut closed = f64::INFINITY;
    let mut dive = false;
    for count in 0.. {
        let Some(position) = next(&open, dive) else {
            return closed;
        };
        if count >= reach.nodes || work.over() {
            break;
        }
        let mut node = open.swap_remove(position);
        dive = false;
        let target = enough(best.as_ref(), reach.gap, work.most);
        if node.domain.bound >= target {
            closed = closed.min(node.domain.bound);
            continue;
        }
        work.nodes += 1;
        if !propagate(net, &mut node.domain.alive) {
            continue;
        }
        let search = reach.search > 0 && (count % reach.search == 0);
        let effort = Effort {
            steps: if node.depth == 0 {
                3 * reach.steps
            } else {
                reach.steps
            },
            search: if search { reach.steps } else { 0 },
            deep: false,
            gap: reach.gap,
        };
        if ascend(net, &mut node.domain, best, effort, work) == End::Closed {
            let target = enough(best.as_ref(), reach.gap, work.most);
            closed = closed.min(node.domain.bound.max(target));
            continue;
        }
        if !propagate(net, &mut node.domain.alive) {
            continue;
        }
        match split(net, &node.domain) {
            None => closed = closed.min(leaf(net, &node.domain, best)),
            Some(inside) => {
                open.extend(children(net, node, &inside));
                dive = true;
            }
        }
    }
    open.iter().map(|node| node.domain.bound).fold(closed, f64::min)
}

fn next(open: &[Node], dive: bool) -> Option<usize> {
    if dive {
        return open.len().checked_sub(1);
    }
    let key = |position: &usize| open[*position].domain.bound;
    (0..open.len()).min_by(|a, b| key(a).total_cmp(&key(b)).then(b.cmp(a)))
}

/// All tasks are decided: the plan itself is the bound.
fn leaf(net: &Net, domain: &Domain, best: &mut Option<Incumbent>) -> f64 {
    let mut pick = vec![0; net.tasks()];
    for (candidate, task) in net
        .task
        .iter()
        .enumerate()
        .filter(|(candidate, _)| domain.alive[*candidate])
    {
        pick[*task] = candidate;
    }
    let plan = Plan::new(net, pick);
    improve(best, &plan);
    let value = plan.value();
    if value.excess > 0.0 || value.cost >= net.never {
        f64::INFINITY
    } else {
        value.cost
    }
}

fn children(net: &Net, node: Node, inside: &[bool]) -> [Node; 2] {
    let (mut first, mut second) = (node.domain.clone(), node.domain);
    let task = (0..net.cost.len())
        .find(|candidate| inside[*candidate])
        .map_or(0, |candidate| net.task[candidate]);
    for candidate in net.choices(task) {
        let closed = if inside[candidate] {
            &mut second
        } else {
            &mut first
        };
        closed.alive[candidate] = false;
        closed.dual.average.share[candidate] = 0.0;
    }
    for domain in [&mut first, &mut second] {
        domain.stride = domain.stride.max(0.3);
    }
    let depth = node.depth + 1;
    [
        Node {
            domain: second,
            depth,
        },
        Node { domain: first, depth },
    ]
}

/// The candidates of one task that one child keeps and the other loses. `None` if all tasks are decided.
fn split(net: &Net, domain: &Domain) -> Option<Vec<bool>> {
    let mut best: Option<(f64, Vec<usize>)> = None;
    for task in 0..net.tasks() {
        let living: Vec<usize> = net
            .choices(task)
            .filter(|candidate| domain.alive[*candidate])
            .collect();
        if living.len() < 2 {
            continue;
        }
        let levels: [fn(&Net, usize) -> usize; 3] = [Net::cloud, Net::place, |_, candidate| candidate];
        for (level, key) in levels.into_iter().enumerate() {
            let groups = groups(net, domain, &living, key);
            if groups.len() < 2 {
                continue;
            }
            let total: f64 = groups.iter().map(|(share, _)| share).sum();
            let Some((share, group)) = groups.into_iter().max_by(|a, b| a.0.total_cmp(&b.0)) else {
                continue;
            };
            let undecided = 1.0 - share / total.max(1e-30);
            // A doubt about the cloud outweighs one about the machine.
            let score = undecided.min(0.6) * [1.0, 0.9, 0.7][level];
            if best.as_ref().is_none_or(|(best, _)| score > *best) {
                best = Some((score, group));
            }
            if undecided > 0.1 {
                break;
            }
        }
    }
    best.map(|(_, group)| {
        let mut inside = vec![false; net.cost.len()];
        for candidate in group {
            inside[candidate] = true;
        }
        inside
    })
}

/// Living candidates by what `key` says of them, with their share of the average.
fn groups(
    net: &Net,
    domain: &Domain,
    living: &[usize],
    key: fn(&Net, usize) -> usize,
) -> Vec<(f64, Vec<usize>)> {
    let mut groups: std::collections::BTreeMap<usize, (f64, Vec<usize>)> = std::collections::BTreeMap::new();
    for candidate in living {
        let group = groups.entry(key(net, *candidate)).or_default();
        group.0 += domain.dual.average.share[*candidate] + 1e-9;
        group.1.push(*candidate);
    }
    groups.into_values().collect()
}
