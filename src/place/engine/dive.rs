//! Makes a plan by deciding tasks a few at a time, those first about which the relaxed problem hardly doubts.

use super::ascent::{Domain, Effort, End, ascend};
use super::net::Net;
use super::plan::Plan;
use super::propagate::propagate;
use super::search::{Incumbent, improve, polish};
use super::work::Work;

/// How boldly a dive decides.
#[derive(Clone, Copy, Debug)]
pub(super) struct Boldness {
    /// Of the undecided tasks, how many are decided at once.
    pub part: f64,
    /// Tasks are decided, too, whose best candidate has this share of the average.
    pub sure: f64,
    /// Steps of the dual between decisions.
    pub steps: usize,
}

/// Dives once from a domain; keeps what is found if it is better than `best`.
pub(super) fn dive(
    net: &Net,
    domain: &Domain,
    best: &mut Option<Incumbent>,
    bold: Boldness,
    work: &mut Work<'_>,
) {
    let mut domain = domain.clone();
    let effort = Effort {
        steps: bold.steps,
        search: 0,
        deep: false,
        gap: 0.0,
    };
    for _ in 0..4 * net.tasks() {
        if work.over() {
            return;
        }
        let doubts = doubts(net, &domain);
        if doubts.is_empty() {
            break;
        }
        domain.stride = 0.3;
        // A dive is after any plan, so nothing is let go of for being dear.
        if ascend(net, &mut domain, &mut None, effort, work) == End::Closed {
            return;
        }
        if !decide(net, &mut domain, &doubts, bold) {
            return;
        }
    }
    finish(net, &domain, best, work);
}

/// Undecided tasks: the share of the best candidate, the task, the candidate. The surest come first.
fn doubts(net: &Net, domain: &Domain) -> Vec<(f64, usize, usize)> {
    let share = &domain.dual.average.share;
    let mut doubts = Vec::new();
    for task in 0..net.tasks() {
        let living: Vec<usize> = net
            .choices(task)
            .filter(|candidate| domain.alive[*candidate])
            .collect();
        let total: f64 = living.iter().map(|candidate| share[*candidate]).sum();
        let surest = living
            .iter()
            .copied()
            .max_by(|a, b| share[*a].total_cmp(&share[*b]).then(b.cmp(a)));
        if let Some(surest) = surest.filter(|_| living.len() > 1) {
            doubts.push((share[surest] / total.max(1e-30), task, surest));
        }
    }
    doubts.sort_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1)));
    doubts
}

/// Decides the surest tasks; fewer of them if they do not fit together. False if nothing fits.
fn decide(net: &Net, domain: &mut Domain, doubts: &[(f64, usize, usize)], bold: Boldness) -> bool {
    let few = ((doubts.len() as f64 * bold.part) as usize).max(1);
    let sure = doubts
        .iter()
        .take_while(|(share, ..)| *share >= bold.sure)
        .count();
    let mut count = few.max(sure);
    loop {
        let mut alive = domain.alive.clone();
        for (_, task, surest) in &doubts[..count] {
            net.choices(*task)
                .for_each(|candidate| alive[candidate] = candidate == *surest);
        }
        if propagate(net, &mut alive) {
            domain.alive = alive;
            break;
        }
        if count == 1 {
            domain.alive[doubts[0].2] = false;
            if !propagate(net, &mut domain.alive) {
                return false;
            }
            break;
        }
        count /= 2;
    }
    for (share, alive) in domain.dual.average.share.iter_mut().zip(&domain.alive) {
        *share = if *alive { *share } else { 0.0 };
    }
    true
}

fn finish(net: &Net, domain: &Domain, best: &mut Option<Incumbent>, work: &mut Work<'_>) {
    let mut pick = vec![0; net.tasks()];
    for (candidate, task) in net
        .task
        .iter()
        .enumerate()
        .filter(|(candidate, _)| domain.alive[*candidate])
    {
        pick[*task] = candidate;
    }
    let mut plan = Plan::new(net, pick);
    let penalty = 10.0 * plan.value().cost.abs().max(1e-9);
    polish(&mut plan, net, &vec![true; net.cost.len()], penalty, true, work);
    improve(best, &plan);
}
