//! Predicting runs of the past as if they had not happened yet.

use super::{Model, Prediction, Run, Target};

/// When a model learns of the runs that it predicts.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Mode {
    /// Never: fitted once to what came before.
    Batch,
    /// Each as soon as it was predicted.
    Online,
}

/// Predicts `test` in its order, from `train` and, online, the tests before.
pub fn replay(target: Target, mode: Mode, train: &[&Run], test: &[&Run]) -> Vec<Option<Prediction>> {
    let mut model = Model::fit(target, train.iter().copied());
    let predict = |run: &&Run| {
        let prediction = model.predict(&run.query);
        if mode == Mode::Online {
            model.observe(run);
        }
        prediction
    };
    test.iter().map(predict).collect()
}
