//! Records -> what prediction learns from, and what it says of one step.

use std::collections::BTreeMap;

use super::attempt::{Attempt, Measure, Outcome};
use super::learned::{Learned, LearnedLoad, LearnedSize};
use super::sample::Subject;
use super::{Records, SampleKey};
use crate::forecast::{self, Series};
use crate::predict::{Model, Query, Run, Target};
use crate::quantity::{Bytes, Cores, Seconds};

/// Fewer runs than this say nothing that a formula does not say better. A stated default.
const ENOUGH: u64 = 3;

/// Seconds in a year: capacity outlives a run.
const YEAR: f64 = 31_536_000.0;

/// A pipeline and its step, or its data set.
type Name = (String, String);

/// Predictors fitted to the past of one project.
#[derive(Clone, Debug)]
pub struct Fitted {
    memory: Model,
    run_time: Model,
    /// Attempts that succeeded, by step.
    runs: BTreeMap<Name, u64>,
    /// Requests a second, by step.
    load: BTreeMap<Name, Series>,
    /// Bytes, by data set.
    sizes: BTreeMap<Name, Series>,
}

/// What is asked of one step.
#[derive(Clone, Debug, Default)]
pub struct Question<'q> {
    /// The pipeline.
    pub pipeline: &'q str,
    /// The step.
    pub step: &'q str,
    /// Bytes that one attempt reads, at p50 and p95.
    pub input: [Bytes; 2],
    /// Cores that it is given, if its author says.
    pub cores: Option<Cores>,
    /// IANA zone of its traffic, if it has any.
    pub zone: Option<&'q str>,
}

impl Fitted {
    /// Fits to all attempts that succeeded, in the order in which they ended.
    pub fn to(records: &Records) -> Fitted {
        let attempts: Vec<&Attempt> = succeeded(records);
        let mut runs: BTreeMap<Name, u64> = BTreeMap::new();
        for attempt in &attempts {
            *runs
                .entry((attempt.pipeline.clone(), attempt.step.clone()))
                .or_default() += 1;
        }
        let past: Vec<Run> = attempts.into_iter().map(run).collect();
        Fitted {
            memory: Model::fit(Target::Memory, &past),
            run_time: Model::fit(Target::RunTime, &past),
            runs,
            load: series(records, Subject::Requests),
            sizes: series(records, Subject::Size),
        }
    }

    /// What the past says of a step; `None` if it has too little of one.
    pub fn learned(&self, question: &Question<'_>) -> Option<Learned> {
        let name = (question.pipeline.to_owned(), question.step.to_owned());
        let runs = self.runs.get(&name).copied().unwrap_or(0);
        let enough = runs >= ENOUGH;
        let [usual, _] = question.input;
        let learned = Learned {
            runs,
            input: usual.0,
            memory: pair(&self.memory, question, 1.0).filter(|_| enough),
            run_time: pair(&self.run_time, question, 1e3).filter(|_| enough),
            load: question.zone.and_then(|zone| self.load(&name, zone)),
        };
        let any = learned.memory.is_some() || learned.run_time.is_some() || learned.load.is_some();
        any.then_some(learned)
    }

    /// What past sizes say of a data set: the last, and that after a year of their growth.
    pub fn size(&self, pipeline: &str, data: &str) -> Option<LearnedSize> {
        let series = self.sizes.get(&(pipeline.to_owned(), data.to_owned()))?;
        let last = *series.values.last()?;
        let growth = forecast::growth(series, YEAR).unwrap_or_default().max(0.0);
        let whole = |bytes: f64| Bytes::round(bytes).0;
        Some(LearnedSize {
            samples: series.values.len() as u64,
            p50: whole(last),
            p95: whole(last * (1.0 + growth)),
        })
    }

    fn load(&self, name: &Name, zone: &str) -> Option<LearnedLoad> {
        let series = self.load.get(name)?;
        let week = forecast::week(series, zone)?;
        let whole = |rates: &[f64]| {
            rates
                .iter()
                .map(|rate| (rate.max(0.0) * 1e3).round() as u64)
                .collect()
        };
        Some(LearnedLoad {
            bins: series.values.len() as u64,
            p50: whole(&week.p50),
            p95: whole(&week.p95),
        })
    }
}

/// The point at the usual input and the upper bound at the largest expected one, in units of `1 / scale`.
fn pair(model: &Model, question: &Question<'_>, scale: f64) -> Option<[u64; 2]> {
    let [usual, largest] = question.input;
    let ask = |input: Bytes| {
        model.predict(&Query {
            workflow: question.pipeline.to_owned(),
            task: question.step.to_owned(),
            input: (input > Bytes::ZERO).then_some(input),
            cores: question.cores,
            ..Query::default()
        })
    };
    let (point, upper) = (ask(usual)?.point, ask(largest)?.upper);
    let whole = |value: f64| (value.max(0.0) * scale).round() as u64;
    Some([whole(point), whole(upper.max(point))])
}

/// Attempts to learn from, in the order in which they ended.
pub fn succeeded(records: &Records) -> Vec<&Attempt> {
    let attempts = records.in_order().into_iter();
    attempts
        .filter(|attempt| attempt.outcome == Outcome::Succeeded)
        .collect()
}

/// As prediction sees it. What a step read while it ran stands for the size of its input where that is not known.
pub fn run(attempt: &Attempt) -> Run {
    let bytes = |measure| attempt.measure(measure).map(Bytes::round);
    let numbers = attempt
        .parameters
        .iter()
        .filter_map(|(name, value)| Some((name.clone(), value.parse().ok()?)));
    Run {
        query: Query {
            workflow: attempt.pipeline.clone(),
            task: attempt.step.clone(),
            input: bytes(Measure::InputBytes).or(bytes(Measure::ReadBytes)),
            parameters: numbers.collect(),
            cores: attempt.measure(Measure::Cores).map(Cores),
            memory_request: bytes(Measure::MemoryRequest),
            machine: attempt.machine.clone(),
        },
        pipeline_run: attempt.run.clone(),
        memory_peak: bytes(Measure::MemoryPeak),
        run_time: attempt.measure(Measure::Seconds).map(Seconds),
    }
}

/// The samples of a subject, by name.
fn series(records: &Records, wanted: Subject) -> BTreeMap<Name, Series> {
    let mut samples: BTreeMap<Name, Vec<(f64, f64)>> = BTreeMap::new();
    for (key, value) in &records.samples {
        let SampleKey {
            pipeline,
            name,
            subject,
            time,
        } = key;
        if *subject == wanted {
            let name = (pipeline.clone(), name.clone());
            samples.entry(name).or_default().push((*time, *value));
        }
    }
    let series = samples.into_iter();
    series
        .filter_map(|(name, samples)| Some((name, Series::of(samples)?)))
        .collect()
}
