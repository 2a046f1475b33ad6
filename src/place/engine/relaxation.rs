//! The lower bound at a point of the dual, and what the relaxed problem takes there.
//!
//! ```text
//! L(λ, ν, π, δ) = TRW-S(c + λa + ν + δ + Σπ over paths) − Σ λb − Σ π·within
//!                 − Σ over knapsacks max ν·z  +  Σ over pools min over n (price·n − Σ knapsacks at n)
//!                 + Σ over fees min (0, fee − Σ δ of who owes it)
//! ```

use super::knapsack::Knapsack;
use super::net::Net;
use super::prices::{Dual, Multipliers};
use super::sweep::{Sweeper, Swept, Terms};

/// Memory of evaluations over one net, and the last one.
#[derive(Clone, Debug)]
pub(super) struct Relaxation {
    /// By candidate, its cost at current prices.
    pub reduced: Vec<f64>,
    /// By label, its cheapest living candidate's.
    own: Vec<f64>,
    cheapest: Vec<usize>,
    /// By edge, the price of waiting.
    pub waiting: Vec<f64>,
    /// By clock, then task, the price of its time.
    time: Vec<Vec<f64>>,
    pub sweeper: Sweeper,
    knapsack: Knapsack,
    /// By use, whether the knapsack takes it.
    pub copy: Vec<bool>,
    /// By fee, whether it is paid.
    pub paid: Vec<bool>,
    /// By task, the candidate that the relaxed problem takes.
    pub pick: Vec<usize>,
    /// The bound that goes with the regrets.
    pub forward: f64,
    pub bound: f64,
    values: Vec<f64>,
}

impl Relaxation {
    pub(super) fn new(net: &Net) -> Relaxation {
        let labels = net.site.len();
        Relaxation {
            reduced: vec![0.0; net.cost.len()],
            own: vec![0.0; labels],
            cheapest: vec![0; labels],
            waiting: vec![0.0; net.edges.len()],
            time: vec![vec![0.0; net.tasks()]; net.clocks.len()],
            sweeper: Sweeper::new(net),
            knapsack: Knapsack::default(),
            copy: vec![false; net.row.len()],
            paid: vec![false; net.fees.len()],
            pick: vec![0; net.tasks()],
            forward: f64::NEG_INFINITY,
            bound: f64::NEG_INFINITY,
            values: Vec::new(),
        }
    }

    /// Evaluates at `at`; messages go on from where they were. False if a knapsack shows that nothing fits.
    pub(super) fn evaluate(
        &mut self,
        net: &Net,
        (alive, living): (&[bool], &[usize]),
        dual: &mut Dual,
        at: &Multipliers,
    ) -> bool {
        let paths = self.price_time(net, dual, at);
        self.reduce(net, alive, at);
        let own = &self.own;
        let waiting = &self.waiting;
        let Swept { forward, bound } = self
            .sweeper
            .sweep(net, &Terms { own, waiting }, &mut dual.messages);
        for (pick, label) in self.pick.iter_mut().zip(&self.sweeper.decoded) {
            *pick = self.cheapest[*label];
        }
        let fees = self.fees(net, (alive, living), at);
        let constant = self.rows(net, (alive, living), dual, at) + fees - paths + net.constant;
        self.forward = forward + constant;
        self.bound = bound + constant;
        constant > f64::NEG_INFINITY
    }

    /// Prices of tasks' times and edges' delays; returns what the deadlines are worth.
    fn price_time(&mut self, net: &Net, dual: &Dual, at: &Multipliers) -> f64 {
        self.time.iter_mut().flatten().for_each(|price| *price = 0.0);
        self.waiting.iter_mut().for_each(|price| *price = 0.0);
        let mut worth = 0.0;
        for (path, price) in dual.paths.iter().zip(&at.path).filter(|(_, price)| **price > 0.0) {
            let price = price / net.clocks[path.clock].unit;
            worth += price * net.clocks[path.clock].within;
            for task in &path.tasks {
                self.time[path.clock][*task] += price;
            }
            for edge in &path.edges {
                self.waiting[*edge] += price;
            }
        }
        worth
    }

    /// What candidates cost at current prices, and labels by their cheapest.
    fn reduce(&mut self, net: &Net, alive: &[bool], at: &Multipliers) {
        for label in 0..net.site.len() {
            let mut best = (f64::INFINITY, net.candidates.start(label));
            let dues: f64 = at.due[net.dues.of(label)].iter().sum();
            for candidate in net.candidates.of(label).filter(|candidate| alive[*candidate]) {
                let mut cost = net.cost[candidate] + dues;
                for (times, price) in net.times.iter().zip(&self.time) {
                    cost += times[candidate] * price[net.task[candidate]];
                }
                for item in net.uses.of(candidate) {
                    cost += at.row[net.row[item]] * net.amount[item] + at.copy[item];
                }
                self.reduced[candidate] = cost;
                if cost < best.0 {
                    best = (cost, candidate);
                }
            }
            (self.own[label], self.cheapest[label]) = best;
        }
    }

    /// What fees add to the bound: each is paid if that is worth it to those who owe it, or if some task cannot avoid
    /// it.
    fn fees(&mut self, net: &Net, (alive, living): (&[bool], &[usize]), at: &Multipliers) -> f64 {
        let mut sum = 0.0;
        for fee in 0..net.fees.len() {
            let (mut worth, mut must) = (net.fees[fee], false);
            let (mut task, mut count) = (usize::MAX, 0);
            for position in net.debtors.0.of(fee) {
                let due = net.debtors.1[position];
                let label = net.debtor[due];
                if self.own[label] == f64::INFINITY {
                    continue;
                }
                worth -= at.due[due];
                let owner = net.task[net.candidates.start(label)];
                if owner != task {
                    (task, count) = (owner, 0);
                }
                let candidates = net.candidates.of(label);
                count += candidates.filter(|candidate| alive[*candidate]).count();
                must |= count == living[task];
            }
            self.paid[fee] = must || worth < 0.0;
            sum += if self.paid[fee] { worth } else { 0.0 };
        }
        sum
    }

    /// What rows and pools add to the bound; negative infinity if one of them cannot be kept.
    fn rows(&mut self, net: &Net, living: (&[bool], &[usize]), dual: &Dual, at: &Multipliers) -> f64 {
        self.copy.iter_mut().for_each(|taken| *taken = false);
        let mut sum = 0.0;
        for (row, terms) in net
            .rows
            .iter()
            .enumerate()
            .filter(|(_, terms)| terms.pool.is_none())
        {
            match terms.capacity {
                Some(capacity) if dual.exact[row] => {
                    self.knapsack.solve(net, row, capacity, living, &at.copy);
                    sum -= self.knapsack.values()[capacity];
                    let copy = &mut self.copy;
                    self.knapsack.chosen(net, capacity, |item| copy[item] = true);
                    if sum == f64::INFINITY {
                        return f64::NEG_INFINITY;
                    }
                }
                Some(_) | None => sum -= at.row[row] * terms.limit,
            }
        }
        for pool in 0..net.pools.len() {
            sum += self.pool(net, pool, living, at);
        }
        sum
    }

    /// The best number of nodes of a pool; negative infinity if even the most are too few.
    fn pool(&mut self, net: &Net, pool: usize, living: (&[bool], &[usize]), at: &Multipliers) -> f64 {
        let nodes = &net.pools[pool];
        let settled = |row: usize| net.rows[row].limit as usize;
        self.values.clear();
        self.values
            .extend((0..=nodes.limit).map(|count| nodes.price * count as f64));
        self.values
            .iter_mut()
            .take(nodes.least)
            .for_each(|value| *value = f64::INFINITY);
        for row in &nodes.rows {
            let below = settled(*row);
            self.values
                .iter_mut()
                .take(below)
                .for_each(|value| *value = f64::INFINITY);
            self.knapsack
                .solve(net, *row, nodes.limit.saturating_sub(below), living, &at.copy);
            for (value, worth) in self.values.iter_mut().skip(below).zip(self.knapsack.values()) {
                *value -= worth;
            }
        }
        let mut best = (f64::INFINITY, 0);
        for (count, value) in self.values.iter().enumerate() {
            if *value < best.0 {
                best = (*value, count);
            }
        }
        if best.0 == f64::INFINITY {
            return f64::NEG_INFINITY;
        }
        for row in &nodes.rows {
            let capacity = best.1 - settled(*row);
            self.knapsack.solve(net, *row, capacity, living, &at.copy);
            let copy = &mut self.copy;
            self.knapsack.chosen(net, capacity, |item| copy[item] = true);
        }
        best.0
    }

    /// By how much the bound rises at least if this candidate is taken.
    pub(super) fn regret(&self, net: &Net, candidate: usize) -> f64 {
        let label = net.label[candidate];
        self.sweeper.regret[label] + self.reduced[candidate] - self.own[label]
    }
}
