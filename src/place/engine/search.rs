//! Makes plans: greedy decoding guided by prices and messages, then moves that improve.

use super::net::Net;
use super::plan::{Plan, Value};
use super::prices::Dual;
use super::relaxation::Relaxation;
use super::work::Work;

/// A plan that keeps all rows and deadlines.
#[derive(Clone, PartialEq, Debug)]
pub(super) struct Incumbent {
    pub cost: f64,
    /// By task, its candidate.
    pub pick: Vec<usize>,
}

/// What a gain must be at least, relative to the cost, to count as one.
const GAIN: f64 = 1e-10;

/// Keeps the better one.
pub(super) fn improve(best: &mut Option<Incumbent>, plan: &Plan<'_>) -> bool {
    let value = plan.value();
    let better = best
        .as_ref()
        .is_none_or(|best| value.cost < best.cost - GAIN * best.cost.abs());
    if value.excess > 0.0 || value.cost >= plan.most() || !better {
        return false;
    }
    *best = Some(Incumbent {
        cost: value.cost,
        pick: plan.pick.clone(),
    });
    true
}

/// Takes tasks in order; each the best candidate at current prices, given its makers' places and what is left of rows
/// and of the deadlines. `guard` above 1 leaves time for transfers that are not known yet.
pub(super) fn decode<'n>(
    net: &'n Net,
    alive: &[bool],
    dual: &Dual,
    relaxation: &Relaxation,
    (penalty, guard): (f64, f64),
) -> Plan<'n> {
    let fastest = fastest(net, alive);
    let mut plan = Plan::new(net, relaxation.pick.clone());
    plan.clear();
    let mut heads = vec![vec![0.0; net.tasks()]; net.clocks.len()];
    for task in 0..net.tasks() {
        let mut best = (f64::INFINITY, plan.pick[task]);
        for label in net.labels.of(task) {
            let site = net.site[label];
            let mut base = 0.0;
            for edge in net.leaving(task) {
                base += dual.messages.to_tail[net.to_tail.start(*edge) + label - net.labels.start(task)];
            }
            for edge in net.entering(task) {
                let ends = net.edges[*edge];
                let toll = net.toll(*edge, relaxation.waiting[*edge]);
                base += net.transfer.cost(net.place(plan.pick[ends.from]), site, toll);
            }
            for candidate in net.candidates.of(label).filter(|candidate| alive[*candidate]) {
                let over = overuse(&plan.usage, net, candidate)
                    + lateness(net, &plan.pick, &heads, &fastest, (task, candidate), guard);
                let cost = base + relaxation.reduced[candidate] + penalty * over;
                if cost < best.0 {
                    best = (cost, candidate);
                }
            }
        }
        plan.pick[task] = best.1;
        plan.charge(best.1);
        for (clock, heads) in heads.iter_mut().enumerate() {
            heads[task] = head(net, &plan.pick, heads, clock, task, best.1);
        }
    }
    plan.reschedule();
    plan
}

fn overuse(usage: &[f64], net: &Net, candidate: usize) -> f64 {
    let over = |item: usize| {
        let (used, ceiling) = (
            usage[net.row[item]] + net.amount[item],
            net.ceiling(net.row[item]),
        );
        if used > ceiling {
            0.1 + (used - ceiling) / ceiling.max(1.0)
        } else {
            0.0
        }
    };
    net.uses.of(candidate).map(over).sum()
}

/// By clock, the longest way after each task when nothing is transferred and all take their fastest candidate.
fn fastest(net: &Net, alive: &[bool]) -> Vec<Vec<f64>> {
    let tail = |clock: usize| {
        let mut time = vec![f64::INFINITY; net.tasks()];
        for (candidate, task) in net
            .task
            .iter()
            .enumerate()
            .filter(|(candidate, _)| alive[*candidate])
        {
            time[*task] = time[*task].min(net.times[clock][candidate]);
        }
        super::paths::Schedule::new(net, clock, |task| time[task], |_| 0.0).tail
    };
    (0..net.clocks.len()).map(tail).collect()
}

fn head(net: &Net, pick: &[usize], heads: &[f64], clock: usize, task: usize, candidate: usize) -> f64 {
    let arrival = |edge: &usize| {
        let from = net.edges[*edge].from;
        heads[from]
            + net.times[clock][pick[from]]
            + net.delay(*edge, net.place(pick[from]), net.place(candidate))
    };
    net.before(task).map(arrival).fold(0.0, f64::max)
}

fn lateness(
    net: &Net,
    pick: &[usize],
    heads: &[Vec<f64>],
    fastest: &[Vec<f64>],
    (task, candidate): (usize, usize),
    guard: f64,
) -> f64 {
    let late = |(clock, heads): (usize, &Vec<f64>)| {
        let end = head(net, pick, heads, clock, task, candidate) + net.times[clock][candidate];
        let (length, within) = (end + guard * fastest[clock][task], net.clocks[clock].within);
        if length > within {
            0.1 + 10.0 * (length - within) / within
        } else {
            0.0
        }
    };
    heads.iter().enumerate().map(late).sum()
}

/// Moves one task at a time as long as that helps; then, `deep`, moves one task to where there is no room and another
/// one out of its way.
pub(super) fn polish(
    plan: &mut Plan<'_>,
    net: &Net,
    alive: &[bool],
    penalty: f64,
    deep: bool,
    work: &mut Work<'_>,
) {
    let most = plan.looks() + LOOKS * net.cost.len();
    for _ in 0..ROUNDS {
        let mut moved = false;
        for task in 0..net.tasks() {
            moved |= shift(plan, task, alive, penalty);
        }
        if !moved && deep && net.coupled() {
            for task in 0..net.tasks() {
                moved |= plan.looks() < most && eject(plan, net, task, alive, penalty);
            }
        }
        if !moved || plan.looks() >= most {
            break;
        }
    }
    work.spend(plan.looks());
}

/// Takes the best candidate of one task.
fn shift(plan: &mut Plan<'_>, task: usize, alive: &[bool], penalty: f64) -> bool {
    let old = plan.pick[task];
    plan.release(old);
    let (mut now, mut best) = (f64::INFINITY, (f64::INFINITY, old));
    plan.weigh(task, alive, |candidate, value| {
        let score = score(value, penalty);
        if candidate == old {
            now = score;
        }
        if score < best.0 {
            best = (score, candidate);
        }
    });
    let better = best.0 < now - GAIN * now.abs();
    plan.settle(task, if better { best.1 } else { old });
    better
}

fn score(value: Value, penalty: f64) -> f64 {
    value.cost + penalty * value.excess
}

/// The best candidate of a task, and the score of the one it has.
fn best(plan: &Plan<'_>, task: usize, alive: &[bool], penalty: f64) -> (f64, (f64, usize)) {
    let old = plan.pick[task];
    let (mut now, mut best) = (f64::INFINITY, (f64::INFINITY, old));
    plan.weigh(task, alive, |candidate, value| {
        let score = score(value, penalty);
        if candidate == old {
            now = score;
        } else if score < best.0 {
            best = (score, candidate);
        }
    });
    (now, best)
}

/// Rounds of moves, and how often they look at each candidate, at most.
const ROUNDS: usize = 12;
const LOOKS: usize = 30;

/// How many forbidden candidates of a task are tried.
const TRIES: usize = 6;

fn eject(plan: &mut Plan<'_>, net: &Net, task: usize, alive: &[bool], penalty: f64) -> bool {
    let old = plan.pick[task];
    plan.release(old);
    let mut now = Value {
        cost: f64::INFINITY,
        excess: 0.0,
    };
    let mut wishes: Vec<(f64, usize)> = Vec::new();
    plan.weigh(task, alive, |candidate, value| {
        if candidate == old {
            now = value;
        } else if value.excess > 0.0 {
            wishes.push((value.cost, candidate));
        }
    });
    wishes.retain(|(cost, _)| *cost < now.cost);
    wishes.sort_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
    for (_, wish) in wishes.into_iter().take(TRIES) {
        plan.settle(task, wish);
        if give_way(plan, net, task, (now, old), alive, penalty) {
            return true;
        }
        plan.release(wish);
    }
    plan.settle(task, old);
    false
}

/// Finds one other task whose best move makes up for the excess of `task`'s new place.
fn give_way(
    plan: &mut Plan<'_>,
    net: &Net,
    task: usize,
    (before, _): (Value, usize),
    alive: &[bool],
    penalty: f64,
) -> bool {
    let taken = plan.pick[task];
    plan.release(taken);
    let mut after = before;
    plan.weigh(task, alive, |candidate, value| {
        if candidate == taken {
            after = value;
        }
    });
    plan.charge(taken);
    let loss = score(after, penalty) - score(before, penalty);
    let others: Vec<usize> = (0..net.tasks())
        .filter(|other| *other != task && plan.offends(*other))
        .collect();
    for other in others {
        let old = plan.pick[other];
        plan.release(old);
        let (now, best) = best(plan, other, alive, penalty);
        if loss + best.0 - now < -GAIN * before.cost.abs() {
            plan.settle(other, best.1);
            return true;
        }
        plan.charge(old);
    }
    false
}
