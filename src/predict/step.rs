//! The predictor of one step.

use super::run::Prediction;

/// Everything learned of one step.
#[derive(Clone, Debug, Default)]
pub(super) struct StepModel {
    /// Measured values, sorted.
    sorted: Vec<f64>,
}

impl StepModel {
    /// One more run.
    pub(super) fn observe(&mut self, value: f64) {
        let at = self.sorted.partition_point(|seen| *seen < value);
        self.sorted.insert(at, value);
    }

    /// The median and the most seen.
    pub(super) fn predict(&self) -> Option<Prediction> {
        Some(Prediction {
            point: *self.sorted.get(self.sorted.len() / 2)?,
            upper: *self.sorted.last()?,
            retry: None,
        })
    }
}
