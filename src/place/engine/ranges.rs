//! Lists of unequal length, end to end in one vector.

use std::ops::Range;

/// Where each list begins and ends.
#[derive(Clone, Debug)]
pub(super) struct Ranges {
    bounds: Vec<usize>,
}

impl Ranges {
    pub(super) fn new() -> Ranges {
        Ranges { bounds: vec![0] }
    }

    /// Ends the current list at `end`, which is where the next one begins.
    pub(super) fn close(&mut self, end: usize) {
        self.bounds.push(end);
    }

    pub(super) fn of(&self, list: usize) -> Range<usize> {
        self.bounds[list]..self.bounds[list + 1]
    }

    pub(super) fn start(&self, list: usize) -> usize {
        self.bounds[list]
    }

    pub(super) fn count(&self, list: usize) -> usize {
        self.bounds[list + 1] - self.bounds[list]
    }

    /// How many lists there are.
    pub(super) fn lists(&self) -> usize {
        self.bounds.len() - 1
    }

    /// The length of all lists together.
    pub(super) fn total(&self) -> usize {
        self.bounds.last().copied().unwrap_or(0)
    }

    /// Positions of `keys` by key, in their order.
    pub(super) fn grouped(keys: &[usize], lists: usize) -> (Ranges, Vec<usize>) {
        let mut bounds = vec![0; lists + 1];
        for key in keys {
            bounds[key + 1] += 1;
        }
        for list in 0..lists {
            bounds[list + 1] += bounds[list];
        }
        let mut next = bounds.clone();
        let mut members = vec![0; keys.len()];
        for (position, key) in keys.iter().enumerate() {
            members[next[*key]] = position;
            next[*key] += 1;
        }
        (Ranges { bounds }, members)
    }
}
