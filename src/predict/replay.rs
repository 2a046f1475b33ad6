//! Predicting runs of the past as if they had not happened yet.

use std::collections::{BTreeMap, BTreeSet};

use super::{Model, Prediction, Run, Similar, Target};

/// When a model learns of the runs that it predicts.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Mode {
    /// Never: fitted once to what came before.
    Batch,
    /// Each as soon as it was predicted.
    Online,
}

/// What is left out to see how steps without history fare.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum LeftOut {
    /// A tenth of the steps at a time: sorted by name and dealt out.
    TaskType,
    /// A workflow at a time.
    Workflow,
}

/// Number of parts into which steps are dealt.
const FOLDS: usize = 10;

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

/// Predicts each of `test` from those of `train` that are not left out with it; each run comes with the name of its
/// group.
pub fn cold(
    target: Target,
    left_out: LeftOut,
    train: &[(&str, &Run)],
    test: &[(&str, &Run)],
) -> Vec<Option<Prediction>> {
    let groups: BTreeSet<&str> = train.iter().chain(test).map(|(group, _)| *group).collect();
    let places: BTreeMap<&str, usize> = groups
        .into_iter()
        .enumerate()
        .map(|(at, name)| (name, at))
        .collect();
    let fold = |(group, run): &(&str, &Run)| match left_out {
        LeftOut::TaskType => {
            let place = places.get(group).copied().unwrap_or_default();
            (place % FOLDS).to_string()
        }
        LeftOut::Workflow => run.query.workflow.clone(),
    };
    let folds: BTreeSet<String> = test.iter().map(&fold).collect();
    let others = |name: &String| {
        let rest = train.iter().filter(|row| fold(row) != *name);
        Similar::fit(target, rest.map(|(_, run)| *run))
    };
    let models: BTreeMap<String, Option<Similar>> = folds
        .into_iter()
        .map(|name| (name.clone(), others(&name)))
        .collect();
    let predict = |row: &(&str, &Run)| models.get(&fold(row))?.as_ref()?.predict(&row.1.query);
    test.iter().map(predict).collect()
}
