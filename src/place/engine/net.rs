//! The problem as the kernels see it: flat lists, tasks in an order in which they can run.
//!
//! A *label* is a task at a site; its candidates are the offers there. Only labels exchange messages, so that many
//! offers at one site cost little.

use std::rc::Rc;

use super::model::{Bias, Edge};
use super::ranges::Ranges;
use super::transfer::{Toll, Transfer};

/// A problem or a part of one.
#[derive(Clone, Debug)]
pub(super) struct Net {
    pub transfer: Rc<Transfer>,
    /// Labels by task, in the order of sites.
    pub labels: Ranges,
    /// By label.
    pub site: Vec<usize>,
    /// Candidates by label.
    pub candidates: Ranges,
    /// By candidate.
    pub cost: Vec<f64>,
    pub label: Vec<usize>,
    pub task: Vec<usize>,
    /// What is left of it in the model: the position among the task's candidates.
    pub origin: Vec<usize>,
    /// Uses by candidate.
    pub uses: Ranges,
    /// By use: row, candidate, amount in units of the row, and the amount in whole units, rounded down.
    pub row: Vec<usize>,
    pub user: Vec<usize>,
    pub amount: Vec<f64>,
    pub whole: Vec<usize>,
    /// By clock, then candidate.
    pub times: Vec<Vec<f64>>,
    pub clocks: Vec<Clock>,
    pub edges: Vec<Edge>,
    /// Edges by the task that they leave, and that they enter.
    pub outgoing: (Ranges, Vec<usize>),
    pub incoming: (Ranges, Vec<usize>),
    /// By edge, where the messages to its reader's labels and to its maker's labels stand.
    pub to_head: Ranges,
    pub to_tail: Ranges,
    pub rows: Vec<Limit>,
    /// Uses by row, in the order of tasks.
    pub users: (Ranges, Vec<usize>),
    pub pools: Vec<Nodes>,
    /// Money by fee; nothing if it is paid already.
    pub fees: Vec<f64>,
    /// Dues by label.
    pub dues: Ranges,
    /// By due: its fee and its label.
    pub fee: Vec<usize>,
    pub debtor: Vec<usize>,
    /// Dues by fee, in the order of tasks.
    pub debtors: (Ranges, Vec<usize>),
    /// No plan costs as much: the price of what must never be.
    pub never: f64,
    /// By task, its position in the model.
    pub home: Vec<usize>,
    /// Tasks of the model that are no part of this net, and their candidates.
    pub settled: Vec<(usize, usize)>,
    /// What the settled tasks cost, the transfers between them included.
    pub constant: f64,
}

/// A deadline.
#[derive(Clone, Debug)]
pub(super) struct Clock {
    pub within: f64,
    /// What one unit of time is for multipliers: its part of the longest way by tasks.
    pub unit: f64,
    /// By task, whether its end counts.
    pub ends: Vec<bool>,
}

/// A row. Its unit is the mean use, so that multipliers of unlike rows are of one size.
#[derive(Clone, Copy, Debug)]
pub(super) struct Limit {
    /// In units of the row; for a pool what settled tasks use.
    pub limit: f64,
    /// In whole units, if the sum of whole amounts is a good enough stand-in for the sum.
    pub capacity: Option<usize>,
    pub pool: Option<usize>,
}

/// A pool.
#[derive(Clone, Debug)]
pub(super) struct Nodes {
    pub price: f64,
    pub limit: usize,
    /// What settled tasks need at least.
    pub least: usize,
    pub rows: Vec<usize>,
}

/// Sums of amounts may be above their limit by this, relative to the limit: rounding, not use.
pub(super) const SLACK: f64 = 1e-9;

impl Net {
    pub(super) fn tasks(&self) -> usize {
        self.labels.lists()
    }

    /// The candidates of a task.
    pub(super) fn choices(&self, task: usize) -> std::ops::Range<usize> {
        let labels = self.labels.of(task);
        self.candidates.start(labels.start)..self.candidates.start(labels.end)
    }

    /// Where a candidate is.
    pub(super) fn place(&self, candidate: usize) -> usize {
        self.site[self.label[candidate]]
    }

    pub(super) fn cloud(&self, candidate: usize) -> usize {
        self.transfer.cloud[self.place(candidate)]
    }

    pub(super) fn entering(&self, task: usize) -> &[usize] {
        &self.incoming.1[self.incoming.0.of(task)]
    }

    pub(super) fn leaving(&self, task: usize) -> &[usize] {
        &self.outgoing.1[self.outgoing.0.of(task)]
    }

    /// What an edge costs when its ends are at these sites.
    pub(super) fn price(&self, edge: usize, from: usize, to: usize) -> f64 {
        self.transfer.cost(from, to, self.toll(edge, 0.0))
    }

    /// What decides what an edge costs, at a price of waiting.
    pub(super) fn toll(&self, edge: usize, waiting: f64) -> Toll {
        let Edge {
            paid,
            awaited,
            bias,
            split,
            ..
        } = self.edges[edge];
        Toll {
            paid,
            waited: awaited * waiting,
            bias,
            split,
        }
    }

    /// True if it makes no difference to the edge, but for order, where its ends are.
    pub(super) fn indifferent(&self, edge: usize) -> bool {
        let ends = &self.edges[edge];
        ends.paid <= 0.0 && ends.awaited <= 0.0 && ends.bias == Bias::default()
    }

    /// Edges whose makers a task waits for.
    pub(super) fn before(&self, task: usize) -> impl Iterator<Item = &usize> {
        self.entering(task)
            .iter()
            .filter(|edge| !self.edges[**edge].stale)
    }

    /// Edges whose readers wait for a task.
    pub(super) fn after(&self, task: usize) -> impl Iterator<Item = &usize> {
        self.leaving(task).iter().filter(|edge| !self.edges[**edge].stale)
    }

    /// The dues of a candidate.
    pub(super) fn owed(&self, candidate: usize) -> std::ops::Range<usize> {
        self.dues.of(self.label[candidate])
    }

    /// What its reader waits for it.
    pub(super) fn delay(&self, edge: usize, from: usize, to: usize) -> f64 {
        self.edges[edge].awaited * self.transfer.lane(from, to).delay
    }

    /// The limit that use of a row is compared to.
    pub(super) fn ceiling(&self, row: usize) -> f64 {
        let terms = &self.rows[row];
        let most = match terms.pool {
            Some(pool) => self.pools[pool].limit as f64 - terms.limit,
            None => terms.limit,
        };
        most + SLACK * most.abs().max(1.0)
    }

    /// By task, how many of its candidates are alive.
    pub(super) fn living(&self, alive: &[bool]) -> Vec<usize> {
        let mut living = vec![0; self.tasks()];
        for (task, alive) in self.task.iter().zip(alive) {
            living[*task] += usize::from(*alive);
        }
        living
    }

    /// Whether anything but transfers couples tasks.
    pub(super) fn coupled(&self) -> bool {
        !self.rows.is_empty() || !self.clocks.is_empty() || !self.fee.is_empty()
    }
}
