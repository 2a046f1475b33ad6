//! Past runs -> what the next run needs: memory and run time, each as a most likely value and an upper bound.
//!
//! **A step that ran before** ([`Model`]). A handful of simple predictors is fitted to its runs: medians, lines in the
//! input size, a power law in everything known, the most alike runs, a random forest on what the law leaves
//! (`candidates`). None is best everywhere, so each step is its own judge: before a run is learned from, every candidate
//! predicts it, with margins of several sizes taken from how far it was off before (`margin`: conformal prediction),
//! and what that would have wasted in memory, or missed in time, is kept (`ledger`: prequential selection). The next run
//! gets the value of the candidate that was closest and the bound of the candidate and margin that were cheapest.
//!
//! Three things keep the judge honest. Runs of one pipeline run are predicted from earlier pipeline runs only, since
//! they start together (`step`). Runs that repeat a seen one, new ones, and ones with an input beyond all seen are
//! judged apart. And what all steps have in common counts as a few runs, until a step has enough of its own. Drift needs
//! no alarm: old residuals are forgotten, old costs fade, and fits look at the latest runs.
//!
//! **A step that never ran** ([`Similar`]): what similar steps needed, by name and by what is known beforehand.
//!
//! Pure and deterministic: the forest's seed is fixed, and the same runs in the same order give the same prediction.
//! `docs/benchmarks/prediction.md` measures all of it on real executions.
//!
//! Known before: choosing by simulated waste from Sizey (Bader et al., CLUSTER 2024); first allocation and retry from
//! Tovar et al. (TPDS 2018) and Witt et al. (HPCS 2019).

mod candidates;
mod cost;
mod forest;
mod frame;
mod ledger;
mod line;
mod margin;
mod names;
mod near;
mod power;
mod regression;
mod replay;
mod run;
mod similar;
mod step;
pub mod table;

#[cfg(test)]
#[allow(clippy::expect_used, reason = "a test that panics is a test that fails")]
mod tests;

pub use replay::{LeftOut, Mode, cold, replay};
pub use run::{Prediction, Query, Run, Target};
pub use similar::Similar;

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
        self.steps
            .get(&query.step())
            .and_then(|step| step.predict(self.target, query, &self.common))
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

/// The value that a share of `values` does not exceed.
fn quantile(mut values: Vec<f64>, share: f64) -> Option<f64> {
    values.sort_by(f64::total_cmp);
    let rank = (values.len() as f64 * share).ceil() as usize;
    values.get(rank.clamp(1, values.len().max(1)) - 1).copied()
}
