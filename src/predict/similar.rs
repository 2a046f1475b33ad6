//! Steps without past runs: what similar steps of the same history needed.
//!
//! Steps are alike by name and by what is known before they run. A random forest learns, from each step as if it had
//! never run, how what its neighbours needed relates to what it needed. The bound is the neighbours' own, widened
//! until it would have held for nearly all steps; an author's request is lowered by it and never raised.

use std::collections::BTreeMap;

use super::forest::Forest;
use super::names::{Grams, Rarity};
use super::run::{Prediction, Query, Run, Target};
use super::step::BEYOND;
use super::{median, quantile};

/// Neighbours by all that is known, and by name.
const NEIGHBOURS: usize = 5;
const NAMESAKES: usize = 3;

/// What two names with nothing in common add to a distance.
const UNLIKE: f64 = 2.5;

/// Runs of one step that the forest learns from: evenly spaced, so that a step which ran often does not drown others.
const RUNS_OF_STEP: usize = 30;

/// One or two other steps bound nothing.
const LEAST_STEPS: usize = 3;

/// With fewer steps, leaving one out says more of the one than of the rest, and the nearest steps' own values are used.
const ENOUGH_STEPS: usize = 20;

/// Trees of the forest, and least runs in a leaf.
const TREES: u16 = 60;
const LEAF: usize = 3;

/// Share of runs that the neighbours' bound must hold for.
const HELD_MEMORY: f64 = 0.97;
const HELD_RUN_TIME: f64 = 0.95;

/// What is known of a step or of one run of it, in logarithms.
#[derive(Clone, Copy, Debug)]
struct Shape {
    input: f64,
    cores: f64,
    request: f64,
}

/// The name of a step, `ALIGN:BAM:SORT`: its last part, and all of it.
#[derive(Clone, Debug)]
struct Name {
    last: Grams,
    path: Grams,
}

/// A step that ran.
#[derive(Clone, Debug)]
struct Known {
    step: (String, String),
    name: Name,
    shape: Shape,
    /// Logarithm of the most that a run of it read.
    most_input: f64,
    /// Logarithms of what it needed: median and 95th percentile.
    typical: f64,
    high: f64,
}

/// What neighbours say of a run.
struct Advice {
    /// Input of the forest.
    features: Vec<f64>,
    /// Logarithm of the highest 95th percentile among them.
    bound: f64,
}

/// What similar steps tell of a step that never ran.
#[derive(Clone, Debug)]
pub struct Similar {
    target: Target,
    names: Rarity,
    known: Vec<Known>,
    forest: Option<Forest>,
    margin: f64,
}

impl Shape {
    fn of(query: &Query) -> Shape {
        let log = |value: Option<f64>| value.unwrap_or_default().ln_1p();
        Shape {
            input: log(query.input.map(|input| input.as_f64())),
            cores: log(query.cores.map(|cores| cores.0)),
            request: log(query.memory_request.map(|request| request.as_f64())),
        }
    }

    /// Median of each.
    fn middle(shapes: &[Shape]) -> Option<Shape> {
        let of = |part: fn(&Shape) -> f64| median(shapes.iter().map(part).collect());
        Some(Shape {
            input: of(|shape| shape.input)?,
            cores: of(|shape| shape.cores)?,
            request: of(|shape| shape.request)?,
        })
    }

    /// Halving or doubling cores or the request counts four times as much as that of the input.
    fn distance(self, other: Shape) -> f64 {
        0.125 * (self.input - other.input).abs()
            + 0.5 * (self.cores - other.cores).abs()
            + 0.5 * (self.request - other.request).abs()
    }
}

impl Similar {
    /// Learns from all steps in `runs`; `None` if there are fewer than two.
    pub fn fit<'r>(target: Target, runs: impl IntoIterator<Item = &'r Run>) -> Option<Similar> {
        let mut steps: BTreeMap<(String, String), Vec<(&Query, f64)>> = BTreeMap::new();
        for run in runs {
            if let Some(value) = target.of(run) {
                steps
                    .entry(run.query.step())
                    .or_default()
                    .push((&run.query, value.ln()));
            }
        }
        let names = Rarity::of(steps.keys().map(|(_, task)| task.as_str()));
        let known: Vec<Known> = steps
            .iter()
            .filter_map(|(step, runs)| known(&names, step, runs))
            .collect();
        let mut similar = Similar {
            target,
            names,
            known,
            forest: None,
            margin: 0.0,
        };
        (similar.known.len() > 1).then(|| {
            similar.learn(&steps);
            similar
        })
    }

    /// What a run of a step that never ran will need.
    pub fn predict(&self, query: &Query) -> Option<Prediction> {
        let advice = self.advice(query, &self.likeness(query))?;
        let typical = self
            .forest
            .as_ref()
            .and_then(|forest| forest.at(&advice.features));
        let point = typical.or(advice.features.first().copied())?.exp();
        let bound = (advice.bound + self.margin).exp().max(point);
        let request = query.memory_request.map(|request| request.as_f64());
        let upper = match (self.target, request) {
            (Target::Memory, Some(request)) if request > 0.0 => bound.min(request),
            (Target::Memory | Target::RunTime | Target::Cores | Target::AcceleratorMemory, _) => bound,
        };
        Some(Prediction {
            point: point.min(upper),
            upper,
            retry: None,
        })
    }

    /// Names of the steps that are most alike, the most alike first.
    pub fn neighbours(&self, query: &Query) -> Vec<(&str, &str)> {
        let near = self
            .near(query, &self.likeness(query))
            .into_iter()
            .take(NEIGHBOURS);
        near.map(|(_, _, known)| (known.step.0.as_str(), known.step.1.as_str()))
            .collect()
    }

    /// Whether a neighbour read about as much: what was needed for less says nothing of more.
    pub fn reaches(&self, query: &Query) -> bool {
        let input = Shape::of(query).input;
        let near = self.near(query, &self.likeness(query)).into_iter();
        let inputs = near.take(NEIGHBOURS).map(|(_, _, known)| known.most_input);
        self.known.len() >= LEAST_STEPS && input <= inputs.fold(0.0, f64::max) + BEYOND
    }

    /// How alike each known step is to the one of `query`, by name.
    fn likeness(&self, query: &Query) -> Vec<f64> {
        let name = Name::of(&query.task, &self.names);
        self.known
            .iter()
            .map(|known| known.name.likeness(&name))
            .collect()
    }

    /// Grows the forest and sets the margin, with each step predicted from the others.
    fn learn(&mut self, steps: &BTreeMap<(String, String), Vec<(&Query, f64)>>) {
        let (mut x, mut y, mut weights, mut off) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
        for runs in steps.values() {
            let Some((first, _)) = runs.first() else {
                continue;
            };
            let likeness = self.likeness(first);
            let every = runs.len().div_ceil(RUNS_OF_STEP);
            let weight = every as f64 / runs.len() as f64;
            for (query, value) in runs.iter().step_by(every) {
                let Some(advice) = self.advice(query, &likeness) else {
                    continue;
                };
                let request = Shape::of(query).request;
                let held = self.target == Target::Memory
                    && request > 0.0
                    && *value <= request
                    && request <= advice.bound;
                off.push(if held {
                    f64::NEG_INFINITY
                } else {
                    value - advice.bound
                });
                x.push(advice.features);
                y.push(*value);
                weights.push(weight);
            }
        }
        if self.known.len() >= ENOUGH_STEPS {
            self.forest = Forest::weighted(&x, &y, &weights, TREES, LEAF);
        }
        let held = match self.target {
            Target::Memory | Target::AcceleratorMemory => HELD_MEMORY,
            Target::RunTime | Target::Cores => HELD_RUN_TIME,
        };
        self.margin = quantile(off, held).unwrap_or_default().max(0.0);
    }

    /// Other steps by distance, nearest first, with their likeness by name.
    fn near(&self, query: &Query, likeness: &[f64]) -> Vec<(f64, f64, &Known)> {
        let (step, shape) = (query.step(), Shape::of(query));
        let others = self
            .known
            .iter()
            .zip(likeness)
            .filter(|(known, _)| known.step != step);
        let mut near: Vec<(f64, f64, &Known)> = others
            .map(|(known, likeness)| {
                (
                    UNLIKE * (1.0 - likeness) + shape.distance(known.shape),
                    *likeness,
                    known,
                )
            })
            .collect();
        near.sort_by(|a, b| a.0.total_cmp(&b.0));
        near
    }

    /// What the neighbours of a run say, its own step aside.
    fn advice(&self, query: &Query, likeness: &[f64]) -> Option<Advice> {
        let shape = Shape::of(query);
        let near = self.near(query, likeness);
        let nearest = near.iter().take(NEIGHBOURS);
        let typical = mean(
            nearest
                .clone()
                .map(|(distance, _, known)| ((distance + 0.1).powi(-2), known.typical)),
        )?;
        let mut namesakes: Vec<(f64, &Known)> = near
            .iter()
            .map(|(_, likeness, known)| (*likeness, *known))
            .collect();
        namesakes.sort_by(|a, b| b.0.total_cmp(&a.0));
        let alike = || {
            namesakes
                .iter()
                .take(NAMESAKES)
                .map(|(likeness, known)| ((likeness + 1e-3).powi(2), *known))
        };
        let by_name = mean(alike().map(|(weight, known)| (weight, known.typical)))?;
        let their_input = mean(alike().map(|(weight, known)| (weight, known.shape.input)))?;
        let highest = nearest
            .clone()
            .map(|(_, _, known)| known.typical)
            .fold(f64::NEG_INFINITY, f64::max);
        let bound = nearest
            .map(|(_, _, known)| known.high)
            .fold(f64::NEG_INFINITY, f64::max);
        Some(Advice {
            features: vec![
                typical,
                by_name,
                their_input,
                shape.input - their_input,
                namesakes.first()?.0,
                near.first()?.0,
                highest,
                shape.input,
                shape.cores,
                shape.request,
            ],
            bound,
        })
    }
}

impl Name {
    fn of(task: &str, names: &Rarity) -> Name {
        Name {
            last: names.grams(task.rsplit(':').next().unwrap_or(task)),
            path: names.grams(task),
        }
    }

    /// Likeness by the last part of the path, and by all of it.
    fn likeness(&self, other: &Name) -> f64 {
        0.6 * self.last.likeness(&other.last) + 0.4 * self.path.likeness(&other.path)
    }
}

fn known(names: &Rarity, step: &(String, String), runs: &[(&Query, f64)]) -> Option<Known> {
    let shapes: Vec<Shape> = runs.iter().map(|(query, _)| Shape::of(query)).collect();
    let values: Vec<f64> = runs.iter().map(|(_, value)| *value).collect();
    Some(Known {
        step: step.clone(),
        name: Name::of(&step.1, names),
        shape: Shape::middle(&shapes)?,
        most_input: shapes.iter().map(|shape| shape.input).fold(0.0, f64::max),
        typical: median(values.clone())?,
        high: quantile(values, 0.95)?,
    })
}

/// Weighted mean; `None` of nothing.
fn mean(values: impl Iterator<Item = (f64, f64)>) -> Option<f64> {
    let (weights, total) = values.fold((0.0, 0.0), |sums, (weight, value)| {
        (sums.0 + weight, sums.1 + weight * value)
    });
    (weights > 0.0).then(|| total / weights)
}
