//! Past runs -> what the next run needs: memory and run time, each as a most likely value and an upper bound.

mod replay;
mod run;
mod step;
pub mod table;

pub use replay::{Mode, replay};
pub use run::{Prediction, Query, Run, Target};

use std::collections::BTreeMap;

use step::StepModel;

/// Predictors of one quantity, one for each step that has run.
#[derive(Clone, Debug)]
pub struct Model {
    target: Target,
    steps: BTreeMap<(String, String), StepModel>,
}

impl Model {
    /// Fits predictors to `runs`, which are in the order in which they finished. Runs in which the target was not
    /// measured are passed over.
    pub fn fit<'r>(target: Target, runs: impl IntoIterator<Item = &'r Run>) -> Model {
        let mut model = Model {
            target,
            steps: BTreeMap::new(),
        };
        runs.into_iter().for_each(|run| model.observe(run));
        model
    }

    /// One more run has finished.
    pub fn observe(&mut self, run: &Run) {
        let Some(value) = self.target.of(run) else {
            return;
        };
        let step = self.steps.entry(run.query.step()).or_default();
        step.observe(value);
    }

    /// What a run of a step that ran before will need; `None` for a step that never did.
    pub fn predict(&self, query: &Query) -> Option<Prediction> {
        self.steps.get(&query.step()).and_then(StepModel::predict)
    }
}
