//! The best choice of uses of one row that fits: a knapsack with at most one item of each task, in whole units.
//!
//! A task all of whose living candidates use the row must take one of them. That is what makes the bound rise where
//! branching has left a task no other way.

use super::net::Net;

/// Memory of knapsacks, and the last one solved.
#[derive(Clone, Debug, Default)]
pub(super) struct Knapsack {
    /// Best value by number of tasks considered, then by capacity.
    best: Vec<f64>,
    /// The use taken there, if any.
    taken: Vec<u32>,
    /// Items of the current task: amount, use.
    items: Vec<(usize, usize)>,
    width: usize,
    groups: usize,
}

const NONE: u32 = u32::MAX;

impl Knapsack {
    /// Solves row `row` for all capacities up to `capacity`. `worth` is by use; `living` by task.
    pub(super) fn solve(
        &mut self,
        net: &Net,
        row: usize,
        capacity: usize,
        (alive, living): (&[bool], &[usize]),
        worth: &[f64],
    ) {
        self.width = capacity + 1;
        self.groups = 0;
        self.best.clear();
        self.best.resize(self.width, 0.0);
        self.taken.clear();
        self.taken.resize(self.width, NONE);
        let users = &net.users.1[net.users.0.of(row)];
        let mut at = 0;
        while at < users.len() {
            let task = net.task[net.user[users[at]]];
            self.items.clear();
            let mut count = 0;
            while at < users.len() && net.task[net.user[users[at]]] == task {
                let item = users[at];
                at += 1;
                if alive[net.user[item]] {
                    count += 1;
                    self.offer(net.whole[item], item, worth);
                }
            }
            if count > 0 {
                self.group(count == living[task], worth);
            }
        }
    }

    /// Of several items of one amount only the best matters.
    fn offer(&mut self, amount: usize, item: usize, worth: &[f64]) {
        match self.items.iter_mut().find(|(other, _)| *other == amount) {
            Some((_, best)) if worth[item] > worth[*best] => *best = item,
            Some(_) => {}
            None => self.items.push((amount, item)),
        }
    }

    fn group(&mut self, must: bool, worth: &[f64]) {
        let (width, last) = (self.width, self.groups * self.width);
        let next = last + width;
        if must {
            self.best.resize(next + width, f64::NEG_INFINITY);
        } else {
            self.best.extend_from_within(last..next);
        }
        self.taken.resize(next + width, NONE);
        let (before, after) = self.best.split_at_mut(next);
        let before = &before[last..];
        for (amount, item) in &self.items {
            let gain = worth[*item];
            if (gain <= 0.0 && !must) || *amount >= width {
                continue;
            }
            let taken = &mut self.taken[next + amount..];
            for ((after, before), taken) in after[*amount..].iter_mut().zip(before).zip(taken) {
                if before + gain > *after {
                    *after = before + gain;
                    *taken = *item as u32;
                }
            }
        }
        self.groups += 1;
    }

    /// The best sum of worths by capacity; negative infinity where what must be taken does not fit.
    pub(super) fn values(&self) -> &[f64] {
        &self.best[self.groups * self.width..]
    }

    /// The uses in the best choice at this capacity.
    pub(super) fn chosen(&self, net: &Net, mut capacity: usize, mut each: impl FnMut(usize)) {
        for group in (1..=self.groups).rev() {
            let taken = self.taken[group * self.width + capacity];
            if taken != NONE {
                each(taken as usize);
                capacity -= net.whole[taken as usize];
            }
        }
    }
}
