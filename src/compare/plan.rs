//! `plan.json` of both sides -> what changes for steps, promises and money.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::Files;
use crate::quantity::MicroUsd;

/// What is read of a plan; more may stand there.
#[derive(Deserialize, Default)]
struct Plan {
    #[serde(default)]
    cost: Cost,
    #[serde(default)]
    pipelines: Vec<Pipeline>,
    #[serde(default)]
    promises: Vec<Promise>,
}

#[derive(Deserialize, Default)]
struct Cost {
    total: MicroUsd,
}

#[derive(Deserialize)]
struct Pipeline {
    name: String,
    steps: Vec<Step>,
}

#[derive(Deserialize)]
struct Step {
    name: String,
    site: String,
    pool: String,
    machines: u64,
    monthly: [MicroUsd; 2],
}

#[derive(Deserialize)]
struct Promise {
    pipeline: String,
    step: Option<String>,
    what: String,
    result: String,
    holds: bool,
    required: bool,
}

/// A step that is new, gone, or runs elsewhere or on other machines.
#[derive(Clone, PartialEq, Debug, Serialize, JsonSchema)]
pub struct StepChange {
    /// Its pipeline.
    pub pipeline: String,
    /// Its name.
    pub step: String,
    /// True if it was and is at different sites.
    pub moves: bool,
    /// Where it ran, unless it is new.
    pub before: Option<Spot>,
    /// Where it runs, unless it is gone.
    pub after: Option<Spot>,
}

/// Where a step runs.
#[derive(Clone, PartialEq, Debug, Serialize, JsonSchema)]
pub struct Spot {
    /// The site.
    pub site: String,
    /// The node group.
    pub pool: String,
    /// Machines at once.
    pub machines: u64,
    /// Money for machines a month, at p50, in micro-USD.
    pub monthly: MicroUsd,
}

/// A promise that is new, gone, or fares otherwise.
#[derive(Clone, PartialEq, Debug, Serialize, JsonSchema)]
pub struct PromiseChange {
    /// Its pipeline.
    pub pipeline: String,
    /// The step, if it is about one.
    pub step: Option<String>,
    /// What is promised.
    pub what: String,
    /// How it fared, and whether it held, unless it is new.
    pub before: Option<(String, bool)>,
    /// How it fares, and whether it holds, unless it is gone.
    pub after: Option<(String, bool)>,
    /// True for a `promise`, false for a `prefer`.
    pub required: bool,
}

/// Monthly money at p50, in micro-USD.
#[derive(Clone, PartialEq, Debug, Serialize, JsonSchema)]
pub struct CostChange {
    /// Before.
    pub before: MicroUsd,
    /// After.
    pub after: MicroUsd,
}

type Changes = (Vec<StepChange>, Vec<PromiseChange>, Option<CostChange>);

pub(super) fn compare(before: &Files, after: &Files) -> Result<Changes, String> {
    let (before, after) = (read(before)?, read(after)?);
    let cost = CostChange {
        before: before.cost.total,
        after: after.cost.total,
    };
    let cost = (cost.before != cost.after).then_some(cost);
    Ok((steps(&before, &after), promises(&before, &after), cost))
}

/// The plan among the files; an output that is not there yet has none.
fn read(files: &Files) -> Result<Plan, String> {
    match files.get("plan.json") {
        Some(text) => serde_json::from_str(text).map_err(|error| format!("plan.json: {error}")),
        None => Ok(Plan::default()),
    }
}

/// Every key of either side, with what it has on both.
fn pairs<K: Ord + Clone, V>(before: BTreeMap<K, V>, after: BTreeMap<K, V>) -> Vec<(K, Option<V>, Option<V>)> {
    let mut all: BTreeMap<K, (Option<V>, Option<V>)> = BTreeMap::new();
    for (key, value) in before {
        all.entry(key).or_insert((None, None)).0 = Some(value);
    }
    for (key, value) in after {
        all.entry(key).or_insert((None, None)).1 = Some(value);
    }
    all.into_iter()
        .map(|(key, (before, after))| (key, before, after))
        .collect()
}

fn steps(before: &Plan, after: &Plan) -> Vec<StepChange> {
    let spots = |plan: &Plan| -> BTreeMap<(String, String), Spot> {
        let steps = plan.pipelines.iter().flat_map(|pipeline| {
            pipeline.steps.iter().map(|step| {
                let spot = Spot {
                    site: step.site.clone(),
                    pool: step.pool.clone(),
                    machines: step.machines,
                    monthly: step.monthly[0],
                };
                ((pipeline.name.clone(), step.name.clone()), spot)
            })
        });
        steps.collect()
    };
    let same = |before: &Option<Spot>, after: &Option<Spot>| match (before, after) {
        (Some(before), Some(after)) => {
            (&before.site, &before.pool, before.machines) == (&after.site, &after.pool, after.machines)
        }
        _ => false,
    };
    let pairs = pairs(spots(before), spots(after)).into_iter();
    let changed = pairs.filter(|(_, before, after)| !same(before, after));
    changed
        .map(|((pipeline, step), before, after)| {
            let site = |spot: &Option<Spot>| spot.as_ref().map(|spot| spot.site.clone());
            let moves = before.is_some() && after.is_some() && site(&before) != site(&after);
            StepChange {
                pipeline,
                step,
                moves,
                before,
                after,
            }
        })
        .collect()
}

fn promises(before: &Plan, after: &Plan) -> Vec<PromiseChange> {
    type Key = (String, Option<String>, String, bool);
    let fared = |plan: &Plan| -> BTreeMap<Key, (String, bool)> {
        let promises = plan.promises.iter().map(|promise| {
            let key = (
                promise.pipeline.clone(),
                promise.step.clone(),
                promise.what.clone(),
                promise.required,
            );
            (key, (promise.result.clone(), promise.holds))
        });
        promises.collect()
    };
    let pairs = pairs(fared(before), fared(after)).into_iter();
    let changed = pairs.filter(|(_, before, after)| before != after);
    changed
        .map(
            |((pipeline, step, what, required), before, after)| PromiseChange {
                pipeline,
                step,
                what,
                before,
                after,
                required,
            },
        )
        .collect()
}
