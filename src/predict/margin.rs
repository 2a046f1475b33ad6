//! How far runs were from what was predicted, and the margins that would have covered them (split conformal prediction,
//! Lei et al., JASA 113, 2018): quantiles of the last residuals, and steps beyond the largest where there are too few
//! for a high quantile.
#![allow(clippy::indexing_slicing, reason = "positions are clamped to the list")]

use std::collections::VecDeque;

/// Residuals older than so many runs are forgotten.
const WINDOW: usize = 100;

/// The margin before there is any residual, as a logarithm.
const UNKNOWN: f64 = 0.1;

/// How much a margin covers.
#[derive(Clone, Copy, PartialEq, Debug)]
pub(super) enum Level {
    /// This share of residuals, with the correction for few.
    Share(f64),
    /// The largest residual, plus a multiple of its distance from the median one, plus a logarithm.
    Beyond(f64, f64),
}

/// Number of levels.
pub(super) const LEVELS_COUNT: usize = 8;

/// The levels to choose from.
pub(super) const LEVELS: [Level; LEVELS_COUNT] = [
    Level::Share(0.9),
    Level::Share(0.95),
    Level::Share(0.98),
    Level::Beyond(0.0, 0.0),
    Level::Beyond(0.0, 0.005),
    Level::Beyond(0.25, 0.0),
    Level::Beyond(0.25, 0.02),
    Level::Beyond(0.25, 0.1),
];

/// The last residuals of one candidate: logarithms of measured over predicted.
#[derive(Clone, Debug, Default)]
pub(super) struct Residuals {
    sorted: Vec<f64>,
    in_order: VecDeque<f64>,
}

impl Residuals {
    /// One more.
    pub fn push(&mut self, residual: f64) {
        self.in_order.push_back(residual);
        self.sorted.insert(self.sorted.partition_point(|seen| *seen < residual), residual);
        if self.in_order.len() > WINDOW {
            self.forget();
        }
    }

    /// Keeps the last `count`.
    pub fn keep(&mut self, count: usize) {
        while self.in_order.len() > count {
            self.forget();
        }
    }

    fn forget(&mut self) {
        if let Some(oldest) = self.in_order.pop_front() {
            self.sorted.remove(self.sorted.partition_point(|seen| *seen < oldest));
        }
    }

    /// What to add to the logarithm of a prediction.
    pub fn margin(&self, level: Level) -> f64 {
        let count = self.sorted.len();
        if count == 0 {
            return UNKNOWN;
        }
        match level {
            Level::Share(share) => {
                let rank = ((count + 1) as f64 * share).ceil() as usize;
                self.sorted[rank.clamp(1, count) - 1]
            }
            Level::Beyond(spreads, more) => {
                let largest = self.sorted[count - 1];
                largest + spreads * (largest - self.sorted[count / 2]) + more
            }
        }
    }
}
