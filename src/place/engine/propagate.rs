//! What follows from rows and deadlines alone: candidates that cannot be part of any plan.

use super::model::Bias;
use super::net::{Net, SLACK};
use super::paths::Schedule;

/// Rounds before propagation is called finished.
const ROUNDS: usize = 6;

/// Lets go of candidates that no plan can take. False if some task has none left, or a row cannot be kept.
pub(super) fn propagate(net: &Net, alive: &mut [bool]) -> bool {
    for _ in 0..ROUNDS {
        let living = net.living(alive);
        if living.contains(&0) {
            return false;
        }
        let Some(mut dropped) = rows(net, alive, &living) else {
            return false;
        };
        for edge in 0..net.edges.len() {
            dropped |= ties(net, alive, edge);
        }
        for clock in 0..net.clocks.len() {
            dropped |= times(net, alive, clock);
        }
        if !dropped {
            return true;
        }
    }
    !net.living(alive).contains(&0)
}

/// Drops candidates for which no room is left beside what other tasks use at least. `None` if that is too much.
fn rows(net: &Net, alive: &mut [bool], living: &[usize]) -> Option<bool> {
    let mut dropped = false;
    let mut least: Vec<(usize, f64)> = Vec::new();
    for row in 0..net.rows.len() {
        let users = &net.users.1[net.users.0.of(row)];
        least.clear();
        let mut at = 0;
        let mut total = 0.0;
        while at < users.len() {
            let (task, first) = (net.task[net.user[users[at]]], at);
            let (mut count, mut smallest) = (0, f64::INFINITY);
            while at < users.len() && net.task[net.user[users[at]]] == task {
                if alive[net.user[users[at]]] {
                    count += 1;
                    smallest = smallest.min(net.amount[users[at]]);
                }
                at += 1;
            }
            let own = if count == living[task] && count > 0 {
                smallest
            } else {
                0.0
            };
            total += own;
            least.push((first, own));
        }
        let ceiling = net.ceiling(row) + SLACK;
        if total > ceiling {
            return None;
        }
        least.push((users.len(), 0.0));
        for pair in least.windows(2) {
            for item in &users[pair[0].0..pair[1].0] {
                let user = net.user[*item];
                if alive[user] && total - pair[0].1 + net.amount[*item] > ceiling {
                    alive[user] = false;
                    dropped = true;
                }
            }
        }
    }
    Some(dropped)
}

/// Drops candidates that are never with any candidate of the task at the other end of an edge.
fn ties(net: &Net, alive: &mut [bool], edge: usize) -> bool {
    let ends = net.edges[edge];
    let Bias { site, cloud, away } = ends.bias;
    if site.max(cloud).max(away) < net.never {
        return false;
    }
    let mut dropped = false;
    for (task, other, forward) in [(ends.from, ends.to, true), (ends.to, ends.from, false)] {
        let living = |label: &usize| net.candidates.of(*label).any(|candidate| alive[candidate]);
        let there: Vec<usize> = net
            .labels
            .of(other)
            .filter(living)
            .map(|label| net.site[label])
            .collect();
        for label in net.labels.of(task) {
            let here = net.site[label];
            let may = |there: &usize| {
                let (from, to) = if forward { (here, *there) } else { (*there, here) };
                net.price(edge, from, to) < net.never
            };
            if !there.iter().any(may) {
                for candidate in net.candidates.of(label) {
                    dropped |= std::mem::replace(&mut alive[candidate], false);
                }
            }
        }
    }
    dropped
}

/// Drops candidates on ways that are too long even if all other tasks take their fastest candidate, transfers
/// included that cannot be avoided.
fn times(net: &Net, alive: &mut [bool], clock: usize) -> bool {
    let mut fastest = vec![f64::INFINITY; net.tasks()];
    for (candidate, task) in net
        .task
        .iter()
        .enumerate()
        .filter(|(candidate, _)| alive[*candidate])
    {
        fastest[*task] = fastest[*task].min(net.times[clock][candidate]);
    }
    let schedule = Schedule::new(net, clock, |task| fastest[task], |_| 0.0);
    let within = net.clocks[clock].within * (1.0 + SLACK);
    let mut dropped = false;
    for task in 0..net.tasks() {
        for label in net.labels.of(task) {
            let living = net.candidates.of(label).filter(|candidate| alive[*candidate]);
            let Some(quickest) = living
                .map(|candidate| net.times[clock][candidate])
                .reduce(f64::min)
            else {
                continue;
            };
            if schedule.tail[task] == f64::NEG_INFINITY {
                continue;
            }
            // Transfers are looked at only where they can matter.
            let transfer =
                |other: usize, edge: usize, forward: bool| nearest(net, alive, (other, edge), label, forward);
            let before = net.before(task).map(|edge| {
                let from = net.edges[*edge].from;
                schedule.head[from] + fastest[from] + transfer(from, *edge, true)
            });
            let before = before.fold(0.0, f64::max);
            let after = net.after(task).map(|edge| {
                let to = net.edges[*edge].to;
                schedule.tail[to] + fastest[to] + transfer(to, *edge, false)
            });
            let after = after.fold(
                if net.clocks[clock].ends[task] {
                    0.0
                } else {
                    f64::NEG_INFINITY
                },
                f64::max,
            );
            if before + quickest + after <= within {
                let room = within - before - after;
                for candidate in net.candidates.of(label) {
                    if alive[candidate] && net.times[clock][candidate] > room {
                        alive[candidate] = false;
                        dropped = true;
                    }
                }
            } else {
                for candidate in net.candidates.of(label) {
                    dropped |= std::mem::replace(&mut alive[candidate], false);
                }
            }
        }
    }
    dropped
}

/// The least delay of an edge between a label and the living labels of the task at its other end.
fn nearest(net: &Net, alive: &[bool], (other, edge): (usize, usize), label: usize, forward: bool) -> f64 {
    if net.edges[edge].awaited <= 0.0 {
        return 0.0;
    }
    let site = net.site[label];
    let mut least = f64::INFINITY;
    for there in net.labels.of(other) {
        let delay = if forward {
            net.delay(edge, net.site[there], site)
        } else {
            net.delay(edge, site, net.site[there])
        };
        if delay < least && net.candidates.of(there).any(|candidate| alive[candidate]) {
            least = delay;
        }
        if least <= 0.0 {
            break;
        }
    }
    least
}
