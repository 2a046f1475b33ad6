//! Raises the lower bound by changing prices, and lets go of candidates that no better plan takes.
//!
//! The volume algorithm (Barahona & Anbil 2000): prices follow the average of what the relaxed problem takes, from the
//! best prices so far. The average is nearly a solution of the linear relaxation, so that branching and diving can be
//! guided by it. One step is one sweep.

use super::net::Net;
use super::prices::{Dual, Multipliers};
use super::relaxation::Relaxation;
use super::search::{Incumbent, decode, improve, polish};
use super::work::Work;

/// What an ascent may do.
#[derive(Clone, Copy, Debug)]
pub(super) struct Effort {
    pub steps: usize,
    /// A plan is made every so many steps; 0 for never.
    pub search: usize,
    /// Whether making a plan moves pairs of tasks too.
    pub deep: bool,
    /// Gap, relative to the best plan, that is good enough.
    pub gap: f64,
}

/// How an ascent ended.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum End {
    /// Out of steps, or no longer rising.
    Open,
    /// No plan made of living candidates is better than the best known by more than the gap.
    Closed,
}

/// The part of a problem that is still open, and what is known of it.
#[derive(Clone, Debug)]
pub(super) struct Domain {
    /// By candidate.
    pub alive: Vec<bool>,
    pub dual: Dual,
    pub bound: f64,
    /// Length of steps, relative to what would close the gap.
    pub stride: f64,
}

impl Domain {
    pub(super) fn new(net: &Net) -> Domain {
        Domain {
            alive: vec![true; net.cost.len()],
            dual: Dual::new(net),
            bound: f64::NEG_INFINITY,
            stride: 0.5,
        }
    }
}

/// Weight of the newest solution in the average.
const NEWEST: f64 = 0.03;
/// Steps without a rise before steps become shorter.
const PATIENCE: usize = 8;
/// Ways that are priced at the same time.
const PATHS: usize = 96;

struct Ascent<'a> {
    net: &'a Net,
    domain: &'a mut Domain,
    relaxation: Relaxation,
    living: Vec<usize>,
    /// The bound at the best prices of this ascent.
    centre: f64,
    /// Where the next step evaluates.
    trial: Multipliers,
    risen: usize,
    failed: usize,
}

/// Raises the bound of a domain and keeps the better of `best` and what is found on the way.
pub(super) fn ascend(
    net: &Net,
    domain: &mut Domain,
    best: &mut Option<Incumbent>,
    effort: Effort,
    work: &mut Work,
) -> End {
    let living = net.living(&domain.alive);
    let mut ascent = Ascent {
        net,
        trial: domain.dual.at.clone(),
        relaxation: Relaxation::new(net),
        living,
        centre: f64::NEG_INFINITY,
        risen: 0,
        failed: 0,
        domain,
    };
    let mut stalled = 0;
    for step in 0..effort.steps {
        if work.spend(net.cost.len() + net.edges.len()) {
            return End::Open;
        }
        let before = ascent.domain.bound;
        if ascent.step(best.as_ref(), effort.gap, work.most) == End::Closed {
            return End::Closed;
        }
        if effort.search > 0 && step % effort.search == effort.search - 1 {
            ascent.search(best, effort.deep, work);
        }
        let rise = ascent.domain.bound - before;
        stalled = if rise > 1e-8 * before.abs() {
            0
        } else {
            stalled + 1
        };
        let patience = if ascent.domain.dual.free() { 12 } else { 120 };
        if stalled > patience || ascent.domain.stride < 1e-4 {
            return End::Open;
        }
    }
    End::Open
}

impl Ascent<'_> {
    fn step(&mut self, best: Option<&Incumbent>, gap: f64, most: f64) -> End {
        let domain = &mut *self.domain;
        let living = (domain.alive.as_slice(), self.living.as_slice());
        if !self
            .relaxation
            .evaluate(self.net, living, &mut domain.dual, &self.trial)
        {
            domain.bound = f64::INFINITY;
            return End::Closed;
        }
        domain.bound = domain.bound.max(self.relaxation.bound);
        let enough = enough(best, gap, most);
        if enough < f64::INFINITY && (self.relaxation.bound >= enough || !self.drop_dear(enough)) {
            return End::Closed;
        }
        if self.domain.dual.free() {
            self.average(NEWEST.max(0.2));
            self.track_paths();
            return End::Open;
        }
        self.average(NEWEST);
        self.recentre();
        self.track_paths();
        self.stride_on(best);
        End::Open
    }

    /// Drops candidates that only plans of at least `enough` take. False if a task has none left.
    fn drop_dear(&mut self, enough: f64) -> bool {
        let room = enough - self.relaxation.forward;
        for candidate in 0..self.net.cost.len() {
            if self.domain.alive[candidate] && self.relaxation.regret(self.net, candidate) > room {
                self.domain.alive[candidate] = false;
                self.domain.dual.average.share[candidate] = 0.0;
                let task = self.net.task[candidate];
                self.living[task] -= 1;
                if self.living[task] == 0 {
                    return false;
                }
            }
        }
        true
    }

    fn average(&mut self, newest: f64) {
        let (net, average) = (self.net, &mut self.domain.dual.average);
        let newest = if average.begun { newest } else { 1.0 };
        average.begun = true;
        average.share.iter_mut().for_each(|share| *share *= 1.0 - newest);
        for pick in &self.relaxation.pick {
            average.share[*pick] += newest;
        }
        for (copy, taken) in average.copy.iter_mut().zip(&self.relaxation.copy) {
            *copy += newest * (f64::from(u8::from(*taken)) - *copy);
        }
        for (paid, now) in average.paid.iter_mut().zip(&self.relaxation.paid) {
            *paid += newest * (f64::from(u8::from(*now)) - *paid);
        }
        if net.clocks.is_empty() {
            return;
        }
        for (edge, delay) in average.delay.iter_mut().enumerate() {
            *delay += newest * (picked_delay(net, &self.relaxation.pick, edge) - *delay);
        }
    }

    /// Moves the centre to prices with a better bound; longer steps after successes, shorter ones after failures.
    fn recentre(&mut self) {
        let bound = self.relaxation.bound;
        if bound > self.centre {
            let first = self.centre == f64::NEG_INFINITY;
            self.centre = bound;
            self.domain.dual.at.clone_from(&self.trial);
            self.failed = 0;
            self.risen += usize::from(!first);
            if self.risen >= 2 {
                self.domain.stride = (self.domain.stride * 1.1).min(2.0);
                self.risen = 0;
            }
        } else {
            self.failed += 1;
            if self.failed >= PATIENCE {
                self.domain.stride *= 0.7;
                self.failed = 0;
            }
        }
    }

    /// Adds the longest ways of the relaxed solution and of the average, when they are too long.
    fn track_paths(&mut self) {
        let (net, dual) = (self.net, &mut self.domain.dual);
        for clock in 0..net.clocks.len() {
            let mean: Vec<f64> = mean_times(net, clock, &dual.average.share);
            let pick = &self.relaxation.pick;
            let picked = |task: usize| net.times[clock][pick[task]];
            let found = [
                critical(net, clock, picked, |edge| picked_delay(net, pick, edge)),
                critical(net, clock, |task| mean[task], |edge| dual.average.delay[edge]),
            ];
            for path in found.into_iter().flatten() {
                if dual.paths.contains(&path) {
                    continue;
                }
                let at = &mut dual.at.path;
                let idle = (0..at.len()).find(|path| at[*path] <= 0.0 && self.trial.path[*path] <= 0.0);
                if dual.paths.len() < PATHS {
                    dual.paths.push(path);
                    at.push(0.0);
                    self.trial.path.push(0.0);
                } else if let Some(idle) = idle {
                    dual.paths[idle] = path;
                }
            }
        }
    }

    /// The next prices: from the centre along the average violation.
    fn stride_on(&mut self, best: Option<&Incumbent>) {
        let known = best.map_or(f64::INFINITY, |best| best.cost);
        let target = known.min(self.centre + 0.05 * self.centre.abs() + 1e-3);
        let slope = self.slope();
        let square = |slopes: &Vec<f64>| slopes.iter().map(|slope| slope * slope).sum::<f64>();
        let norm = square(&slope.row) + square(&slope.copy) + square(&slope.path) + square(&slope.due);
        if norm < 1e-18 {
            return;
        }
        let length = self.domain.stride * (target - self.centre).max(1e-6 * target.abs()) / norm;
        let at = &self.domain.dual.at;
        let step = |trial: &mut Vec<f64>, at: &Vec<f64>, slope: &Vec<f64>| {
            for ((trial, at), slope) in trial.iter_mut().zip(at).zip(slope) {
                *trial = (at + length * slope).max(0.0);
            }
        };
        step(&mut self.trial.row, &at.row, &slope.row);
        step(&mut self.trial.copy, &at.copy, &slope.copy);
        step(&mut self.trial.path, &at.path, &slope.path);
        step(&mut self.trial.due, &at.due, &slope.due);
    }

    /// By how much the average breaks each constraint; 0 where a price of 0 would have to fall.
    fn slope(&self) -> Multipliers {
        let (net, dual) = (self.net, &self.domain.dual);
        let up = |slope: f64, price: f64| if price <= 0.0 && slope < 0.0 { 0.0 } else { slope };
        let mut slope = Multipliers {
            row: vec![0.0; net.rows.len()],
            copy: vec![0.0; net.row.len()],
            path: vec![0.0; dual.paths.len()],
            due: self.owing(),
        };
        for (item, row) in net.row.iter().enumerate() {
            let share = dual.average.share[net.user[item]];
            if !dual.exact[*row] {
                slope.row[*row] += share * net.amount[item];
            } else if self.domain.alive[net.user[item]] {
                slope.copy[item] = up(share - dual.average.copy[item], dual.at.copy[item]);
            }
        }
        for (row, terms) in net.rows.iter().enumerate().filter(|(row, _)| !dual.exact[*row]) {
            slope.row[row] = up(slope.row[row] - terms.limit, dual.at.row[row]);
        }
        let means: Vec<Vec<f64>> = (0..net.clocks.len())
            .map(|clock| mean_times(net, clock, &dual.average.share))
            .collect();
        for (position, path) in dual.paths.iter().enumerate() {
            let tasks: f64 = path.tasks.iter().map(|task| means[path.clock][*task]).sum();
            let edges: f64 = path.edges.iter().map(|edge| dual.average.delay[*edge]).sum();
            let clock = &net.clocks[path.clock];
            slope.path[position] = up(
                (tasks + edges - clock.within) / clock.unit,
                dual.at.path[position],
            );
        }
        slope
    }

    /// By due, by how much the average has more of those who owe the fee than it has of the fee.
    fn owing(&self) -> Vec<f64> {
        let (net, dual) = (self.net, &self.domain.dual);
        let slope = |(due, fee): (usize, &usize)| {
            let candidates = net.candidates.of(net.debtor[due]);
            let share: f64 = dual.average.share[candidates].iter().sum();
            let slope = share - dual.average.paid[*fee];
            if dual.at.due[due] <= 0.0 && slope < 0.0 {
                0.0
            } else {
                slope
            }
        };
        net.fee.iter().enumerate().map(slope).collect()
    }

    fn search(&mut self, best: &mut Option<Incumbent>, deep: bool, work: &mut Work) {
        let penalty = 10.0 * self.centre.abs().max(self.relaxation.bound.abs()).max(1e-9);
        for guard in [1.0, 1.1]
            .into_iter()
            .take(1 + usize::from(!self.net.clocks.is_empty()))
        {
            let (net, alive) = (self.net, &self.domain.alive);
            let mut plan = decode(net, alive, &self.domain.dual, &self.relaxation, (penalty, guard));
            polish(&mut plan, net, alive, penalty, deep, work);
            improve(best, &plan);
        }
    }
}

/// What a plan has to cost less than to count.
pub(super) fn enough(best: Option<&Incumbent>, gap: f64, most: f64) -> f64 {
    best.map_or(most, |best| (best.cost - gap * best.cost.abs()).min(most))
}

fn picked_delay(net: &Net, pick: &[usize], edge: usize) -> f64 {
    let ends = net.edges[edge];
    net.delay(edge, net.place(pick[ends.from]), net.place(pick[ends.to]))
}

/// By task, the average time.
fn mean_times(net: &Net, clock: usize, share: &[f64]) -> Vec<f64> {
    let mut mean = vec![0.0; net.tasks()];
    for (candidate, share) in share.iter().enumerate() {
        mean[net.task[candidate]] += share * net.times[clock][candidate];
    }
    mean
}

/// The longest way, if it is too long.
fn critical(
    net: &Net,
    clock: usize,
    time: impl Fn(usize) -> f64 + Copy,
    delay: impl Fn(usize) -> f64 + Copy,
) -> Option<super::paths::Path> {
    let schedule = super::paths::Schedule::new(net, clock, time, delay);
    let late = schedule.length(time) > net.clocks[clock].within * (1.0 + 1e-6);
    late.then(|| schedule.critical(net, clock, time, delay)).flatten()
}
