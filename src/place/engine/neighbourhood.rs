//! Improves a plan a neighbourhood at a time: a few tasks are free, the others stay, and that small problem is solved.
//!
//! What the best plan costs above the bound is made up of the regrets of its candidates. So the search goes where the
//! regret is.

use std::collections::{BTreeSet, VecDeque};

use super::ascent::Domain;
use super::branch::{Reach, branch};
use super::net::Net;
use super::plan::Plan;
use super::relaxation::Relaxation;
use super::restrict::restrict;
use super::search::Incumbent;
use super::work::Work;

/// How much is tried.
#[derive(Clone, Copy, Debug)]
pub(super) struct Rounds {
    pub count: usize,
    /// Tasks in a neighbourhood.
    pub size: usize,
    /// Branch-and-bound nodes for each.
    pub nodes: usize,
}

/// Tries neighbourhoods around the tasks with the most regret.
pub(super) fn improve_around(
    net: &Net,
    domain: &Domain,
    best: &mut Incumbent,
    rounds: Rounds,
    work: &mut Work<'_>,
) {
    let mut regrets = regrets(net, domain, best);
    let mut fruitless = 0;
    for round in 0..rounds.count {
        if work.over() || fruitless > rounds.count / 2 + 8 {
            return;
        }
        let order = order(net, domain, best, &regrets, round);
        let free = match round % 2 {
            0 if net.coupled() => order.into_iter().take(rounds.size).collect(),
            _ => grow(
                net,
                domain,
                best,
                order.first().copied().unwrap_or(0),
                rounds.size,
            ),
        };
        for task in &free {
            // Another turn comes when others have had theirs.
            regrets[*task] *= 0.3;
        }
        fruitless = if solve(net, domain, best, &free, rounds.nodes, work) {
            0
        } else {
            fruitless + 1
        };
    }
}

/// By task, what its candidate adds to the bound at least.
fn regrets(net: &Net, domain: &Domain, best: &Incumbent) -> Vec<f64> {
    let mut relaxation = Relaxation::new(net);
    let mut dual = domain.dual.clone();
    let living = net.living(&domain.alive);
    let at = dual.at.clone();
    relaxation.evaluate(net, (&domain.alive, &living), &mut dual, &at);
    let regret = |pick: &usize| Some(relaxation.regret(net, *pick)).filter(|regret| regret.is_finite());
    best.pick.iter().map(|pick| regret(pick).unwrap_or(0.0)).collect()
}

/// Tasks, the most promising first; a fixed sequence spreads ties.
fn order(net: &Net, domain: &Domain, best: &Incumbent, regrets: &[f64], round: usize) -> Vec<usize> {
    let most = regrets.iter().copied().fold(f64::MIN_POSITIVE, f64::max);
    let share = &domain.dual.average.share;
    let score: Vec<f64> = (0..net.tasks())
        .map(|task| {
            let golden = (task as f64 * 0.618_033_988_749_895 + round as f64 * 0.414_213_562_373_095).fract();
            regrets[task] / most
                + (1.0 - share[best.pick[task]]) * f64::from(u8::from(net.coupled()))
                + 0.3 * golden
        })
        .collect();
    let mut order: Vec<usize> = (0..net.tasks()).collect();
    order.sort_by(|a, b| score[*b].total_cmp(&score[*a]).then(a.cmp(b)));
    order
}

/// A task, those nearest to it along edges, and those that compete with it for full rows.
fn grow(net: &Net, domain: &Domain, best: &Incumbent, seed: usize, size: usize) -> BTreeSet<usize> {
    let mut free = BTreeSet::from([seed]);
    let mut queue = VecDeque::from([seed]);
    let competitors = competitors(net, domain, best, seed, size / 2);
    let near = size.saturating_sub(competitors.len());
    while let Some(task) = queue.pop_front() {
        let makers = net.entering(task).iter().map(|edge| net.edges[*edge].from);
        let readers = net.leaving(task).iter().map(|edge| net.edges[*edge].to);
        for other in makers.chain(readers) {
            if free.len() < near && free.insert(other) {
                queue.push_back(other);
            }
        }
    }
    free.extend(competitors);
    free
}

fn competitors(net: &Net, domain: &Domain, best: &Incumbent, seed: usize, most: usize) -> Vec<usize> {
    if net.rows.is_empty() {
        return Vec::new();
    }
    let plan = Plan::new(net, best.pick.clone());
    let full = |row: usize| plan.usage[row] > 0.7 * net.ceiling(row);
    let rows: BTreeSet<usize> = net
        .choices(seed)
        .filter(|candidate| domain.alive[*candidate])
        .flat_map(|candidate| net.uses.of(candidate))
        .map(|item| net.row[item])
        .filter(|row| full(*row))
        .collect();
    let mut found = BTreeSet::new();
    for item in rows
        .into_iter()
        .flat_map(|row| net.users.0.of(row))
        .map(|position| net.users.1[position])
    {
        // Whoever takes some of it now could give way.
        if best.pick[net.task[net.user[item]]] == net.user[item] {
            found.insert(net.task[net.user[item]]);
        }
    }
    let share = &domain.dual.average.share;
    let mut found: Vec<usize> = found.into_iter().filter(|task| *task != seed).collect();
    found.sort_by(|a, b| {
        share[best.pick[*a]]
            .total_cmp(&share[best.pick[*b]])
            .then(a.cmp(b))
    });
    found.truncate(most);
    found
}

/// Solves for the free tasks; true if that helped.
pub(super) fn solve(
    net: &Net,
    domain: &Domain,
    best: &mut Incumbent,
    free: &BTreeSet<usize>,
    nodes: usize,
    work: &mut Work<'_>,
) -> bool {
    let mut alive = vec![false; net.cost.len()];
    for task in 0..net.tasks() {
        if free.contains(&task) {
            net.choices(task)
                .for_each(|candidate| alive[candidate] = domain.alive[candidate]);
        }
        alive[best.pick[task]] = true;
    }
    let Some(part) = restrict(net, &alive) else {
        return false;
    };
    let Some(pick) = part.narrow(net, &best.pick) else {
        return false;
    };
    let mut inner = part.domain(net, domain);
    inner.bound = f64::NEG_INFINITY;
    inner.stride = 0.5;
    let cost = best.cost;
    let mut found = Some(Incumbent { cost, pick });
    let reach = Reach {
        nodes,
        steps: 15,
        search: 4,
        gap: 1e-7,
    };
    branch(&part.net, inner, &mut found, reach, work);
    match found {
        Some(found) if found.cost < cost - 1e-10 * cost.abs() => {
            best.pick = part.widen(&found.pick);
            best.cost = found.cost;
            true
        }
        Some(_) | None => false,
    }
}
