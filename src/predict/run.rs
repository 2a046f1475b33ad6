//! One execution of a step: what is known before it starts, and what was measured.

use std::collections::BTreeMap;

use crate::quantity::{Bytes, Cores, Seconds};

/// What is known of an execution before it starts.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Query {
    /// The pipeline.
    pub workflow: String,
    /// The step.
    pub task: String,
    /// What it reads.
    pub input: Option<Bytes>,
    /// Numeric parameters by name.
    pub parameters: BTreeMap<String, f64>,
    /// Cores that it is given.
    pub cores: Option<Cores>,
    /// Memory that its author asked for.
    pub memory_request: Option<Bytes>,
    /// Kind of machine; empty where it is not known.
    pub machine: String,
}

impl Query {
    /// The step, as models are keyed by it.
    pub fn step(&self) -> (String, String) {
        (self.workflow.clone(), self.task.clone())
    }
}

/// One finished execution.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Run {
    /// What was known before.
    pub query: Query,
    /// The run of the whole pipeline that it was part of.
    pub pipeline_run: String,
    /// Most memory that it held.
    pub memory_peak: Option<Bytes>,
    /// Time of the attempt that succeeded.
    pub run_time: Option<Seconds>,
    /// Cores that it kept busy, on average over its run time.
    pub cores_used: Option<Cores>,
    /// Most memory that it held on one accelerator.
    pub accelerator_peak: Option<Bytes>,
}

/// What is predicted.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Target {
    /// Peak memory, in bytes.
    Memory,
    /// Run time of one attempt, in seconds.
    RunTime,
    /// Cores kept busy, on average.
    Cores,
    /// Peak memory of one accelerator, in bytes.
    AcceleratorMemory,
}

impl Target {
    /// True of memory: too little of it ends an attempt, where too few cores or too short a time only delay.
    pub fn is_memory(self) -> bool {
        match self {
            Target::Memory | Target::AcceleratorMemory => true,
            Target::RunTime | Target::Cores => false,
        }
    }

    /// The measured value of a run; `None` where it was not measured, or cannot be true: zero, negative or not finite.
    pub fn of(self, run: &Run) -> Option<f64> {
        let value = match self {
            Target::Memory => run.memory_peak.map(Bytes::as_f64),
            Target::RunTime => run.run_time.map(|time| time.0),
            Target::Cores => run.cores_used.map(|cores| cores.0),
            Target::AcceleratorMemory => run.accelerator_peak.map(Bytes::as_f64),
        };
        value.filter(|value| value.is_finite() && *value > 0.0)
    }
}

/// What a run will need, in bytes, seconds or cores.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Prediction {
    /// Most likely.
    pub point: f64,
    /// What to allocate or to allow for; never below `point`.
    pub upper: f64,
    /// What to allocate after a run exceeded `upper`.
    pub retry: Option<f64>,
}
