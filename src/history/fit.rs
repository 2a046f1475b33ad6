//! Records -> what prediction learns from, and what it says of one step.

use std::collections::BTreeMap;
use std::sync::OnceLock;

use super::attempt::{Attempt, Measure, Outcome};
use super::learned::{Learned, LearnedLikeness, LearnedLoad, LearnedSize};
use super::sample::Subject;
use super::{Records, SampleKey};
use crate::forecast::{self, Series};
use crate::predict::{Model, Prediction, Query, Run, Similar, Target};
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
    cores: Model,
    accelerator_memory: Model,
    past: Vec<Run>,
    /// Learned when the first step without runs asks: most projects have none.
    similar: OnceLock<Option<Similar>>,
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
    /// Most memory that it may have, if its author says.
    pub memory: Option<Bytes>,
    /// Whether similar steps may speak for it.
    pub alike: bool,
    /// IANA zone of its traffic, if it has any.
    pub zone: Option<&'q str>,
}

impl Question<'_> {
    /// A run of the step that reads `input`.
    fn at(&self, input: Bytes) -> Query {
        Query {
            workflow: self.pipeline.to_owned(),
            task: self.step.to_owned(),
            input: (input > Bytes::ZERO).then_some(input),
            cores: self.cores,
            memory_request: self.memory,
            ..Query::default()
        }
    }
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
            cores: Model::fit(Target::Cores, &past),
            accelerator_memory: Model::fit(Target::AcceleratorMemory, &past),
            similar: OnceLock::new(),
            past,
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
        let [usual, largest] = question.input;
        let of = |model: &Model, scale: f64| pair(model, question, scale).filter(|_| enough);
        let bound = self.memory.predict(&question.at(largest)).filter(|_| enough);
        let learned = Learned {
            runs,
            input: usual.0,
            memory: of(&self.memory, 1.0),
            memory_retry: bound.and_then(|bound| bound.retry).map(whole),
            cores: of(&self.cores, 1e3),
            accelerator_memory: of(&self.accelerator_memory, 1.0),
            run_time: of(&self.run_time, 1e3),
            load: question.zone.and_then(|zone| self.load(&name, zone)),
            similar: self.likeness(question).filter(|_| !enough && question.alike),
        };
        let nothing = Learned {
            runs,
            input: usual.0,
            ..Learned::default()
        };
        (learned != nothing).then_some(learned)
    }

    /// True if a step has runs enough to be predicted from them.
    pub fn knows(&self, pipeline: &str, step: &str) -> bool {
        let name = (pipeline.to_owned(), step.to_owned());
        self.runs.get(&name).is_some_and(|runs| *runs >= ENOUGH)
    }

    /// What similar steps say of one without runs, if they read as much.
    fn likeness(&self, question: &Question<'_>) -> Option<LearnedLikeness> {
        let learn = || Similar::fit(Target::Memory, &self.past);
        let similar = self.similar.get_or_init(learn).as_ref()?;
        let [usual, largest] = question.input.map(|input| question.at(input));
        if !similar.reaches(&largest) {
            return None;
        }
        let Prediction { point, .. } = similar.predict(&usual)?;
        let Prediction { upper, .. } = similar.predict(&largest)?;
        let near = similar.neighbours(&largest).into_iter();
        Some(LearnedLikeness {
            memory: [whole(point.min(upper)), whole(upper)],
            steps: near
                .map(|(pipeline, step)| format!("{pipeline}/{step}"))
                .collect(),
        })
    }

    /// What past sizes say of a data set: the last, and that after a year of their growth.
    pub fn size(&self, pipeline: &str, data: &str) -> Option<LearnedSize> {
        let series = self.sizes.get(&(pipeline.to_owned(), data.to_owned()))?;
        let last = *series.values.last()?;
        let growth = forecast::growth(series, YEAR).unwrap_or_default().max(0.0);
        Some(LearnedSize {
            samples: series.values.len() as u64,
            p50: whole(last),
            p95: whole(last * (1.0 + growth)),
        })
    }

    fn load(&self, name: &Name, zone: &str) -> Option<LearnedLoad> {
        let series = self.load.get(name)?;
        let week = forecast::week(series, zone)?;
        let rates = |rates: &[f64]| rates.iter().map(|rate| whole(rate * 1e3)).collect();
        Some(LearnedLoad {
            bins: series.values.len() as u64,
            p50: rates(&week.p50),
            p95: rates(&week.p95),
        })
    }
}

/// The point at the usual input and the upper bound at the largest expected one, in units of `1 / scale`.
fn pair(model: &Model, question: &Question<'_>, scale: f64) -> Option<[u64; 2]> {
    let [usual, largest] = question.input;
    let point = model.predict(&question.at(usual))?.point;
    let upper = model.predict(&question.at(largest))?.upper;
    Some([whole(point * scale), whole(upper.max(point) * scale)])
}

/// The lock keeps whole numbers.
fn whole(value: f64) -> u64 {
    value.max(0.0).round() as u64
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
        cores_used: cores_used(attempt),
        accelerator_peak: bytes(Measure::GpuMemoryPeak),
    }
}

/// Cores that an attempt kept busy, on average over its run time.
fn cores_used(attempt: &Attempt) -> Option<Cores> {
    let seconds = attempt
        .measure(Measure::Seconds)
        .filter(|seconds| *seconds > 0.0)?;
    Some(Cores(attempt.measure(Measure::CoreSeconds)? / seconds))
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
