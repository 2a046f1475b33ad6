//! One forward and one backward sweep of tree-reweighted message passing (TRW-S; Kolmogorov 2006).
//!
//! Messages shift costs between tasks and edges without changing the cost of any plan. After each sweep the sum of
//! what tasks and edges cost at least is a lower bound, which never falls while prices stay as they are.

use super::net::Net;
use super::transfer::{Direction, Workspace};

/// What edges have shifted to the labels of their readers (`to_head`) and makers (`to_tail`).
#[derive(Clone, Debug)]
pub(super) struct Messages {
    pub to_head: Vec<f64>,
    pub to_tail: Vec<f64>,
}

/// What labels cost on their own.
pub(super) struct Terms<'t> {
    /// By label.
    pub own: &'t [f64],
    /// By edge, the price of one unit of waiting.
    pub waiting: &'t [f64],
}

/// What a sweep found.
pub(super) struct Swept {
    /// Lower bound after the forward half: the one that [`Sweeper::regret`] goes with.
    pub forward: f64,
    /// Lower bound at the end.
    pub bound: f64,
}

/// Memory of sweeps over one net.
#[derive(Clone, Debug)]
pub(super) struct Sweeper {
    /// By label, by how much the bound rises when its task is there.
    pub regret: Vec<f64>,
    /// By task, the label that greedy decoding takes.
    pub decoded: Vec<usize>,
    sums: Vec<f64>,
    share: Vec<f64>,
    workspace: Workspace,
}

impl Messages {
    pub(super) fn new(net: &Net) -> Messages {
        Messages {
            to_head: vec![0.0; net.to_head.total()],
            to_tail: vec![0.0; net.to_tail.total()],
        }
    }
}

impl Sweeper {
    pub(super) fn new(net: &Net) -> Sweeper {
        Sweeper {
            regret: vec![0.0; net.site.len()],
            decoded: vec![0; net.tasks()],
            sums: Vec::new(),
            share: Vec::new(),
            workspace: Workspace::default(),
        }
    }

    /// Updates all messages. Labels that are not to be taken cost infinitely much; every task has another one.
    pub(super) fn sweep(&mut self, net: &Net, terms: &Terms<'_>, messages: &mut Messages) -> Swept {
        let mut forward = 0.0;
        for task in 0..net.tasks() {
            let least = self.gather(net, terms, messages, task);
            self.decode(net, terms, messages, task);
            forward += least + self.send(net, terms, messages, task, least, Direction::Forward);
        }
        let mut bound = 0.0;
        for task in (0..net.tasks()).rev() {
            let least = self.gather(net, terms, messages, task);
            for (label, sum) in net.labels.of(task).zip(&self.sums) {
                self.regret[label] = sum - least;
            }
            bound += least + self.send(net, terms, messages, task, least, Direction::Backward);
        }
        Swept { forward, bound }
    }

    /// Sums up, for each label of a task, its own cost and all messages to it; returns the least.
    fn gather(&mut self, net: &Net, terms: &Terms<'_>, messages: &Messages, task: usize) -> f64 {
        self.sums.clear();
        self.sums.extend_from_slice(&terms.own[net.labels.of(task)]);
        for edge in net.entering(task) {
            add(&mut self.sums, &messages.to_head[net.to_head.of(*edge)]);
        }
        for edge in net.leaving(task) {
            add(&mut self.sums, &messages.to_tail[net.to_tail.of(*edge)]);
        }
        self.sums.iter().copied().fold(f64::INFINITY, f64::min)
    }

    /// Sends to all readers (or makers) of a task; returns what their edges cost at least.
    fn send(
        &mut self,
        net: &Net,
        terms: &Terms<'_>,
        messages: &mut Messages,
        task: usize,
        least: f64,
        direction: Direction,
    ) -> f64 {
        let (leaving, entering) = (net.leaving(task), net.entering(task));
        let count = |edges: &[usize]| edges.iter().filter(|edge| !net.indifferent(**edge)).count();
        let weight = 1.0 / count(leaving).max(count(entering)).max(1) as f64;
        let own = &net.site[net.labels.of(task)];
        let mut bound = 0.0;
        let edges = match direction {
            Direction::Forward => leaving,
            Direction::Backward => entering,
        };
        for edge in edges.iter().filter(|edge| !net.indifferent(**edge)) {
            let (head, tail) = (net.to_head.of(*edge), net.to_tail.of(*edge));
            let (heads, tails) = (&mut messages.to_head[head], &mut messages.to_tail[tail]);
            let ends = net.edges[*edge];
            let (came, goes, other) = match direction {
                Direction::Forward => (tails, heads, ends.to),
                Direction::Backward => (heads, tails, ends.from),
            };
            self.share.clear();
            let share = self
                .sums
                .iter()
                .zip(came.iter())
                .map(|(sum, came)| weight * (sum - least) - came);
            self.share.extend(share);
            let toll = net.toll(*edge, terms.waiting[*edge]);
            let others = &net.site[net.labels.of(other)];
            let from = (own, self.share.as_slice());
            bound += net
                .transfer
                .message(direction, toll, from, (others, goes), &mut self.workspace);
        }
        bound
    }

    /// The label that is best when makers are where they were decoded and readers are as messages say.
    fn decode(&mut self, net: &Net, terms: &Terms<'_>, messages: &Messages, task: usize) {
        let labels = net.labels.of(task);
        self.share.clear();
        self.share.extend_from_slice(&terms.own[labels.clone()]);
        for edge in net.leaving(task) {
            add(&mut self.share, &messages.to_tail[net.to_tail.of(*edge)]);
        }
        for edge in net.entering(task) {
            let ends = net.edges[*edge];
            let toll = net.toll(*edge, terms.waiting[*edge]);
            let from = net.site[self.decoded[ends.from]];
            for (sum, site) in self.share.iter_mut().zip(&net.site[labels.clone()]) {
                *sum += net.transfer.cost(from, *site, toll);
            }
        }
        let mut best = (f64::INFINITY, labels.start);
        for (label, sum) in labels.zip(&self.share) {
            if *sum < best.0 {
                best = (*sum, label);
            }
        }
        self.decoded[task] = best.1;
    }
}

fn add(sums: &mut [f64], terms: &[f64]) {
    for (sum, term) in sums.iter_mut().zip(terms) {
        *sum += term;
    }
}
