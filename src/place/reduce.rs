//! Choices that cannot be part of a plan as cheap as one that is known.
//!
//! Drop all rules but which choices are allowed and who has to be together, all standing costs but that of one site,
//! and enough transfers that the rest form a forest over the tasks. What is left is solved exactly, for every task and
//! site, by passing messages up and down each tree (min-sum; Pearl 1988): a lower bound of every plan in which the task
//! is there. Everything that was dropped only adds to the cost, so a choice whose bound is above a known plan's cost
//! can go.

use std::collections::{BTreeMap, BTreeSet};

use super::instance::{Instance, RuleKind, Scope, Source};

/// Cost by site; infinite where a task may not be.
type BySite = Vec<f64>;

/// What two tasks cost each other, by their sites.
struct Edge {
    tasks: (usize, usize),
    /// By site of the first, then of the second.
    cost: Vec<BySite>,
    weight: f64,
}

/// For each task, the choices among `allowed` that no plan of at most `limit` takes.
pub fn hopeless(instance: &Instance, allowed: &[Vec<usize>], limit: f64) -> Vec<Vec<usize>> {
    let own = own(instance, allowed);
    let bounds = bounds(&own, &forest(edges(instance), own.len()));
    let mut hopeless = Vec::new();
    for (((task, allowed), own), bounds) in instance.tasks.iter().zip(allowed).zip(&own).zip(&bounds) {
        let too_dear = |pick: &usize| {
            task.choices.get(*pick).is_some_and(|choice| {
                let at = |costs: &BySite| costs.get(choice.site).copied().unwrap_or(f64::INFINITY);
                let standing = instance
                    .sites
                    .get(choice.site)
                    .map_or(0.0, |site| if site.used { 0.0 } else { site.standing });
                at(bounds) + standing + choice.cost - at(own) > limit
            })
        };
        hopeless.push(allowed.iter().filter(|pick| too_dear(pick)).copied().collect());
    }
    hopeless
}

/// The cheapest allowed choice of each task at each site.
fn own(instance: &Instance, allowed: &[Vec<usize>]) -> Vec<BySite> {
    let task = |(task, allowed): (&super::instance::Task, &Vec<usize>)| {
        let mut costs = vec![f64::INFINITY; instance.sites.len()];
        for choice in allowed.iter().filter_map(|pick| task.choices.get(*pick)) {
            for cost in costs.iter_mut().skip(choice.site).take(1) {
                *cost = cost.min(choice.cost);
            }
        }
        costs
    };
    instance.tasks.iter().zip(allowed).map(task).collect()
}

/// What pairs of tasks cost each other. Of readers that may share one transfer, only the first is counted.
fn edges(instance: &Instance) -> Vec<Edge> {
    let sites = instance.sites.len();
    let table = |cost: &dyn Fn(usize, usize) -> f64| -> Vec<BySite> {
        (0..sites)
            .map(|from| (0..sites).map(|to| cost(from, to)).collect())
            .collect()
    };
    let mut pairs: BTreeMap<(usize, usize), Edge> = BTreeMap::new();
    let mut counted = BTreeSet::new();
    for flow in &instance.flows {
        let Source::Task(maker) = flow.from else { continue };
        if maker == flow.to || !counted.insert((flow.data, maker)) {
            continue;
        }
        let volume = flow.gb * flow.runs * flow.share;
        let cost = table(&|from, to| instance.lane(from, to).usd * volume);
        add(
            &mut pairs,
            Edge {
                tasks: (maker, flow.to),
                cost,
                weight: volume,
            },
        );
    }
    for rule in instance.rules.iter().filter(|rule| rule.weight.is_none()) {
        if let RuleKind::Together {
            tasks,
            scope: Scope::Site,
        } = rule.kind
            && tasks.0 != tasks.1
        {
            let cost = table(&|from, to| if from == to { 0.0 } else { f64::INFINITY });
            add(
                &mut pairs,
                Edge {
                    tasks,
                    cost,
                    weight: f64::INFINITY,
                },
            );
        }
    }
    pairs.into_values().collect()
}

/// Adds to the edge of the same two tasks, if there is one the same way round; else it stands for itself.
fn add(pairs: &mut BTreeMap<(usize, usize), Edge>, edge: Edge) {
    let Some(known) = pairs.get_mut(&edge.tasks) else {
        pairs.insert(edge.tasks, edge);
        return;
    };
    known.weight += edge.weight;
    for (row, more) in known.cost.iter_mut().zip(&edge.cost) {
        for (cost, more) in row.iter_mut().zip(more) {
            *cost += more;
        }
    }
}

/// The heaviest edges that close no circle.
fn forest(mut edges: Vec<Edge>, tasks: usize) -> Vec<Edge> {
    edges.sort_by(|a, b| b.weight.total_cmp(&a.weight).then(a.tasks.cmp(&b.tasks)));
    let mut tree: Vec<usize> = (0..tasks).collect();
    edges.retain(|edge| {
        let of = |task: usize| tree.get(task).copied();
        let (Some(a), Some(b)) = (of(edge.tasks.0), of(edge.tasks.1)) else {
            return false;
        };
        if a == b {
            return false;
        }
        tree.iter_mut()
            .filter(|tree| **tree == b)
            .for_each(|tree| *tree = a);
        true
    });
    edges
}

/// By task and site, the least cost of the whole forest with the task there.
fn bounds(own: &[BySite], forest: &[Edge]) -> Vec<BySite> {
    let mut neighbours: Vec<Vec<(usize, &Edge)>> = vec![Vec::new(); own.len()];
    for edge in forest {
        for (at, other) in [(edge.tasks.0, edge.tasks.1), (edge.tasks.1, edge.tasks.0)] {
            neighbours
                .iter_mut()
                .skip(at)
                .take(1)
                .for_each(|list| list.push((other, edge)));
        }
    }
    let mut bounds = vec![Vec::new(); own.len()];
    let mut least = Vec::new();
    for root in 0..own.len() {
        if bounds.get(root).is_some_and(Vec::is_empty) {
            let tree = tree(root, &neighbours);
            least.push((tree.clone(), pass(own, &tree, &mut bounds)));
        }
    }
    let all: f64 = least.iter().map(|(_, least)| least).sum();
    for (tree, own) in least {
        for (task, ..) in tree {
            let others = all - own;
            bounds
                .iter_mut()
                .skip(task)
                .take(1)
                .flatten()
                .for_each(|bound| *bound += others);
        }
    }
    bounds
}

/// A task of a tree, and the edge to the one above it.
type Branch<'e> = (usize, Option<(usize, &'e Edge)>);

/// All tasks of the tree of `root`, each after the one above it.
fn tree<'e>(root: usize, neighbours: &[Vec<(usize, &'e Edge)>]) -> Vec<Branch<'e>> {
    let mut tree: Vec<Branch<'e>> = vec![(root, None)];
    let mut next = 0;
    while let Some((task, above)) = tree.get(next).copied() {
        let parent = above.map(|(parent, _)| parent);
        for (other, edge) in neighbours.get(task).into_iter().flatten() {
            if Some(*other) != parent {
                tree.push((*other, Some((task, *edge))));
            }
        }
        next += 1;
    }
    tree
}

/// Messages up the tree, then down; the least cost of the tree.
fn pass(own: &[BySite], tree: &[Branch<'_>], bounds: &mut [BySite]) -> f64 {
    let mut up: BTreeMap<usize, BySite> = BTreeMap::new();
    let mut below: BTreeMap<usize, BySite> = tree
        .iter()
        .filter_map(|(task, _)| Some((*task, own.get(*task)?.clone())))
        .collect();
    for (task, above) in tree.iter().rev() {
        if let Some((parent, edge)) = above
            && let Some(belief) = below.get(task)
        {
            let message = message(edge, *task, belief);
            plus(below.get_mut(parent), &message);
            up.insert(*task, message);
        }
    }
    // Below holds, for each task, all that hangs under it; going down adds all the rest.
    let mut whole = below;
    for (task, above) in tree {
        if let Some((parent, edge)) = above
            && let (Some(belief), Some(own)) = (whole.get(parent), up.get(task))
        {
            let rest: BySite = belief
                .iter()
                .zip(own)
                .map(|(all, own)| without(*all, *own))
                .collect();
            let message = message(edge, *parent, &rest);
            plus(whole.get_mut(task), &message);
        }
    }
    let root = tree.first().and_then(|(root, _)| whole.get(root));
    let least = root.into_iter().flatten().copied().fold(f64::INFINITY, f64::min);
    for (task, bound) in whole {
        bounds
            .iter_mut()
            .skip(task)
            .take(1)
            .for_each(|slot| slot.clone_from(&bound));
    }
    least
}

/// `all - own`, where infinity stays.
fn without(all: f64, own: f64) -> f64 {
    if all.is_finite() { all - own } else { f64::INFINITY }
}

fn plus(belief: Option<&mut BySite>, message: &BySite) {
    if let Some(belief) = belief {
        belief
            .iter_mut()
            .zip(message)
            .for_each(|(cost, more)| *cost += more);
    }
}

/// For each site of the task at the other end, the least of `belief` and the edge.
fn message(edge: &Edge, from: usize, belief: &BySite) -> BySite {
    let forward = edge.tasks.0 == from;
    let cost = |here: usize, there: usize| {
        let (a, b) = if forward { (here, there) } else { (there, here) };
        edge.cost
            .get(a)
            .and_then(|row| row.get(b))
            .copied()
            .unwrap_or(0.0)
    };
    let least = |there: usize| {
        let all = belief
            .iter()
            .enumerate()
            .map(|(here, belief)| belief + cost(here, there));
        all.fold(f64::INFINITY, f64::min)
    };
    (0..belief.len()).map(least).collect()
}
