//! A candidate for each task, with what it uses and takes kept up to date, so that a change is judged by what it touches.

use std::cell::Cell;

use super::net::{Net, SLACK};
use super::paths::Schedule;

/// A choice for every task; it may break rows and deadlines.
#[derive(Clone, Debug)]
pub(super) struct Plan<'n> {
    net: &'n Net,
    /// By task, its candidate.
    pub pick: Vec<usize>,
    /// By row, in its units.
    pub usage: Vec<f64>,
    /// By fee, how many owe it.
    owing: Vec<u32>,
    /// By clock.
    pub schedules: Vec<Schedule>,
    /// Looks at candidates, and at tasks and edges of schedules.
    looks: Cell<usize>,
}

/// What a plan costs, and by how much it breaks rows and deadlines, relative to their limits.
#[derive(Clone, Copy, PartialEq, Debug)]
pub(super) struct Value {
    pub cost: f64,
    pub excess: f64,
}

/// Rounding of sums, not use.
const ROUNDING: f64 = 1e-9;

impl<'n> Plan<'n> {
    pub(super) fn new(net: &'n Net, pick: Vec<usize>) -> Plan<'n> {
        let mut plan = Plan {
            net,
            pick,
            usage: vec![0.0; net.rows.len()],
            owing: vec![0; net.fees.len()],
            schedules: vec![Schedule::default(); net.clocks.len()],
            looks: Cell::new(0),
        };
        for schedule in &mut plan.schedules {
            schedule.head.resize(net.tasks(), 0.0);
            schedule.tail.resize(net.tasks(), 0.0);
        }
        for task in 0..net.tasks() {
            plan.charge(plan.pick[task]);
        }
        plan.reschedule();
        plan
    }

    /// The whole plan, computed afresh from its picks.
    pub(super) fn value(&self) -> Value {
        let net = self.net;
        let mut cost = net.constant + self.pick.iter().map(|pick| net.cost[*pick]).sum::<f64>();
        for (edge, ends) in net.edges.iter().enumerate() {
            cost += net.price(
                edge,
                net.place(self.pick[ends.from]),
                net.place(self.pick[ends.to]),
            );
        }
        let mut excess = 0.0;
        for row in 0..net.rows.len() {
            let ceiling = net.ceiling(row);
            excess += (self.usage[row] - ceiling - ROUNDING).max(0.0) / ceiling.max(1.0);
        }
        for pool in 0..net.pools.len() {
            cost += net.pools[pool].price * self.nodes(pool);
        }
        let fees = net.fees.iter().zip(&self.owing);
        cost += fees
            .filter(|(_, owing)| **owing > 0)
            .map(|(fee, _)| fee)
            .sum::<f64>();
        for (clock, schedule) in self.schedules.iter().enumerate() {
            let within = net.clocks[clock].within;
            let length = schedule.length(|task| net.times[clock][self.pick[task]]);
            excess += (length - within * (1.0 + SLACK)).max(0.0) / within.max(f64::MIN_POSITIVE);
        }
        Value { cost, excess }
    }

    /// How many nodes of a pool it takes.
    fn nodes(&self, pool: usize) -> f64 {
        let nodes = &self.net.pools[pool];
        let used = |row: &usize| self.usage[*row] + self.net.rows[*row].limit;
        let most = nodes.rows.iter().map(used).fold(nodes.least as f64, f64::max);
        (most - ROUNDING).ceil()
    }

    /// What no plan costs.
    pub(super) fn most(&self) -> f64 {
        self.net.never
    }

    /// Adds what a candidate uses.
    pub(super) fn charge(&mut self, candidate: usize) {
        for item in self.net.uses.of(candidate) {
            self.usage[self.net.row[item]] += self.net.amount[item];
        }
        for due in self.net.owed(candidate) {
            self.owing[self.net.fee[due]] += 1;
        }
    }

    /// Takes away what a charged candidate uses.
    pub(super) fn release(&mut self, candidate: usize) {
        for item in self.net.uses.of(candidate) {
            self.usage[self.net.row[item]] -= self.net.amount[item];
        }
        for due in self.net.owed(candidate) {
            self.owing[self.net.fee[due]] -= 1;
        }
    }

    /// Looks so far.
    pub(super) fn looks(&self) -> usize {
        self.looks.get()
    }

    /// True if the task is on a way that is too long, or uses a row that is too full.
    pub(super) fn offends(&self, task: usize) -> bool {
        let net = self.net;
        let pick = self.pick[task];
        let late = |(clock, schedule): (usize, &Schedule)| {
            let length = schedule.head[task] + net.times[clock][pick] + schedule.tail[task];
            length > net.clocks[clock].within * (1.0 + SLACK)
        };
        let full = |item: usize| self.usage[net.row[item]] > net.ceiling(net.row[item]);
        net.uses.of(pick).any(full) || self.schedules.iter().enumerate().any(late)
    }

    /// As if nothing were charged.
    pub(super) fn clear(&mut self) {
        self.usage.iter_mut().for_each(|usage| *usage = 0.0);
        self.owing.iter_mut().for_each(|owing| *owing = 0);
    }

    /// Moves a task. Its old candidate's use is no longer charged.
    pub(super) fn settle(&mut self, task: usize, candidate: usize) {
        let moved = self.pick[task] != candidate;
        self.pick[task] = candidate;
        self.charge(candidate);
        if moved {
            self.reschedule();
        }
    }

    pub(super) fn reschedule(&mut self) {
        let (net, pick) = (self.net, &self.pick);
        let graph = (net.tasks() + net.edges.len()) * net.clocks.len();
        self.looks.set(self.looks.get() + graph);
        for (clock, schedule) in self.schedules.iter_mut().enumerate() {
            let delay = |edge: usize| {
                let ends = net.edges[edge];
                net.delay(edge, net.place(pick[ends.from]), net.place(pick[ends.to]))
            };
            schedule.update(net, clock, |task| net.times[clock][pick[task]], delay);
        }
    }

    /// What everything that depends on where a task is would come to with the task at each living candidate. The
    /// task's own use must not be charged.
    pub(super) fn weigh(&self, task: usize, alive: &[bool], mut each: impl FnMut(usize, Value)) {
        let net = self.net;
        self.looks.set(self.looks.get() + net.choices(task).len());
        for label in net.labels.of(task) {
            if !net.candidates.of(label).any(|candidate| alive[candidate]) {
                continue;
            }
            let moved = self.transfers(task, net.site[label]);
            let ways: Vec<(f64, f64)> = (0..net.clocks.len())
                .map(|clock| self.ways(task, net.site[label], clock))
                .collect();
            for candidate in net.candidates.of(label).filter(|candidate| alive[*candidate]) {
                let mut value = self.own(candidate);
                value.cost += moved;
                for (clock, (before, after)) in ways.iter().enumerate() {
                    let within = net.clocks[clock].within;
                    let length = before + net.times[clock][candidate] + after;
                    let over = (length - within * (1.0 + SLACK)).max(0.0);
                    value.excess += over / within.max(f64::MIN_POSITIVE);
                }
                each(candidate, value);
            }
        }
    }

    /// What the transfers of a task cost when it is at this site.
    fn transfers(&self, task: usize, site: usize) -> f64 {
        let net = self.net;
        let place = |task: usize| net.place(self.pick[task]);
        let enter = net.entering(task).iter();
        let enter = enter.map(|edge| net.price(*edge, place(net.edges[*edge].from), site));
        let leave = net.leaving(task).iter();
        let leave = leave.map(|edge| net.price(*edge, site, place(net.edges[*edge].to)));
        enter.sum::<f64>() + leave.sum::<f64>()
    }

    /// The longest ways before and after a task at this site.
    fn ways(&self, task: usize, site: usize, clock: usize) -> (f64, f64) {
        let (net, schedule) = (self.net, &self.schedules[clock]);
        let time = |task: usize| net.times[clock][self.pick[task]];
        let mut before = 0.0_f64;
        for edge in net.before(task) {
            let from = net.edges[*edge].from;
            let delay = net.delay(*edge, net.place(self.pick[from]), site);
            before = before.max(schedule.head[from] + time(from) + delay);
        }
        let mut after = if net.clocks[clock].ends[task] {
            0.0
        } else {
            f64::NEG_INFINITY
        };
        for edge in net.after(task) {
            let to = net.edges[*edge].to;
            let delay = net.delay(*edge, site, net.place(self.pick[to]));
            after = after.max(schedule.tail[to] + time(to) + delay);
        }
        (before, after)
    }

    /// A candidate's own cost, and what its use adds to pools and to the excess of rows.
    fn own(&self, candidate: usize) -> Value {
        let net = self.net;
        let dues = net.owed(candidate).map(|due| net.fee[due]);
        let fees = dues.filter(|fee| self.owing[*fee] == 0).map(|fee| net.fees[fee]);
        let mut value = Value {
            cost: net.cost[candidate] + fees.sum::<f64>(),
            excess: 0.0,
        };
        let mut pools: [Option<(usize, f64)>; 2] = [None; 2];
        for item in net.uses.of(candidate) {
            let row = net.row[item];
            let (used, ceiling) = (self.usage[row] + net.amount[item], net.ceiling(row));
            let over = used - self.usage[row].max(ceiling) - ROUNDING;
            value.excess += over.max(0.0) / ceiling.max(1.0);
            if let Some(pool) = net.rows[row].pool {
                let used = used + net.rows[row].limit;
                // A candidate is of one pool; more than two would only be judged too well here.
                for slot in &mut pools {
                    match slot {
                        Some((other, most)) if *other == pool => {
                            *most = most.max(used);
                            break;
                        }
                        Some(_) => {}
                        None => {
                            *slot = Some((pool, used));
                            break;
                        }
                    }
                }
            }
        }
        for (pool, used) in pools.into_iter().flatten() {
            let now = self.nodes(pool);
            value.cost += net.pools[pool].price * ((used - ROUNDING).ceil() - now).max(0.0);
        }
        value
    }
}
