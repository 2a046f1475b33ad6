//! Past runs -> what the next run needs: memory and run time, each as a most likely value and an upper bound.

mod candidates;
mod cost;
mod forest;
mod frame;
mod ledger;
mod line;
mod margin;
mod near;
mod power;
mod regression;
mod replay;
mod run;
mod step;
pub mod table;

pub use replay::{Mode, replay};
pub use run::{Prediction, Query, Run, Target};

use std::collections::BTreeMap;

use ledger::Tallies;
use step::StepModel;

/// Predictors of one quantity, one for each step that has run.
#[derive(Clone, Debug)]
pub struct Model {
    target: Target,
    steps: BTreeMap<(String, String), StepModel>,
    /// What was learned of the candidates over all steps.
    common: Tallies,
}

impl Model {
    /// Fits predictors to `runs`, which are in the order in which they finished. Runs in which the target was not
    /// measured are passed over.
    pub fn fit<'r>(target: Target, runs: impl IntoIterator<Item = &'r Run>) -> Model {
        let mut model = Model {
            target,
            steps: BTreeMap::new(),
            common: Tallies::default(),
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
        step.observe(self.target, run, value, &mut self.common);
    }

    /// What a run of a step that ran before will need; `None` for a step that never did.
    pub fn predict(&self, query: &Query) -> Option<Prediction> {
        self.steps.get(&query.step()).and_then(|step| step.predict(self.target, query, &self.common))
    }
}

/// Median, of the middle two their mean.
fn median(mut values: Vec<f64>) -> Option<f64> {
    values.sort_by(f64::total_cmp);
    let half = values.len() / 2;
    let upper = *values.get(half)?;
    if values.len() % 2 == 1 {
        return Some(upper);
    }
    values.get(half - 1).map(|lower| (lower + upper) / 2.0)
}
