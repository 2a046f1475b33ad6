//! One attempt of a step: who ran, when, how it ended, and what was measured.

use std::collections::BTreeMap;

/// One attempt of one step; in a fan-out, of one item.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Attempt {
    /// What tells it from all others, wherever it was read from.
    pub id: String,
    /// The run of the whole pipeline that it was part of.
    pub run: String,
    /// The pipeline.
    pub pipeline: String,
    /// The step.
    pub step: String,
    /// The item of a fan-out, else empty.
    pub item: String,
    /// How many attempts of the same came before it.
    pub retries: u32,
    /// Its pod, by which metrics know it; empty if it had none.
    pub pod: String,
    /// Kind of machine, else its name; empty if not known.
    pub machine: String,
    /// When it began, in seconds since 1970.
    pub started: Option<f64>,
    /// How it ended.
    pub outcome: Outcome,
    /// Exit code of its main process.
    pub exit_code: Option<i64>,
    /// What was measured, or asked for.
    pub measures: BTreeMap<Measure, f64>,
    /// Parameters of the run.
    pub parameters: BTreeMap<String, String>,
}

/// How an attempt ended.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Outcome {
    /// It did its work.
    #[default]
    Succeeded,
    /// It was stopped because it needed more memory than it had.
    OutOfMemory,
    /// Its machine was taken away, or it was stopped from outside.
    Interrupted,
    /// It failed by itself.
    Failed,
}

impl Outcome {
    /// All, as they are written.
    pub const ALL: [Outcome; 4] = [
        Outcome::Succeeded,
        Outcome::OutOfMemory,
        Outcome::Interrupted,
        Outcome::Failed,
    ];

    /// As it is written.
    pub fn word(self) -> &'static str {
        match self {
            Outcome::Succeeded => "succeeded",
            Outcome::OutOfMemory => "out-of-memory",
            Outcome::Interrupted => "interrupted",
            Outcome::Failed => "failed",
        }
    }

    /// The outcome called `word`.
    pub fn of(word: &str) -> Option<Outcome> {
        Outcome::ALL.into_iter().find(|outcome| outcome.word() == word)
    }

    /// From an exit code and what was said of it. 137 is SIGKILL: the kernel for lack of memory, or the node's end.
    pub fn from_exit(code: Option<i64>, message: &str, succeeded: bool) -> Outcome {
        match code {
            _ if succeeded => Outcome::Succeeded,
            _ if message.contains("OOMKilled") => Outcome::OutOfMemory,
            Some(137 | 143) => Outcome::Interrupted,
            Some(_) | None => Outcome::Failed,
        }
    }
}

/// A number that is known of an attempt.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Measure {
    /// Time from start to end.
    Seconds,
    /// Size of what it was given, known before it starts.
    InputBytes,
    /// Bytes read while it ran.
    ReadBytes,
    /// Bytes written.
    WrittenBytes,
    /// Bytes that came over the network.
    NetworkIn,
    /// Bytes that went over the network.
    NetworkOut,
    /// Cores that it was given.
    Cores,
    /// Core-seconds that it used.
    CoreSeconds,
    /// Memory that it was given.
    MemoryRequest,
    /// Most memory that it held.
    MemoryPeak,
    /// Accelerators that it was given.
    Gpus,
    /// Most memory that it held on one accelerator.
    GpuMemoryPeak,
    /// Mean share of the time that its accelerators were busy.
    GpuBusy,
}

/// What the numbers of a column are.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Unit {
    /// Seconds.
    Seconds,
    /// Bytes.
    Bytes,
    /// A count or a share.
    Number,
}

impl Measure {
    /// All, in the order of the file's columns.
    pub const ALL: [Measure; 13] = [
        Measure::Seconds,
        Measure::InputBytes,
        Measure::ReadBytes,
        Measure::WrittenBytes,
        Measure::NetworkIn,
        Measure::NetworkOut,
        Measure::Cores,
        Measure::CoreSeconds,
        Measure::MemoryRequest,
        Measure::MemoryPeak,
        Measure::Gpus,
        Measure::GpuMemoryPeak,
        Measure::GpuBusy,
    ];

    /// The column's name; it says the unit.
    pub fn column(self) -> &'static str {
        match self {
            Measure::Seconds => "seconds",
            Measure::InputBytes => "input_bytes",
            Measure::ReadBytes => "read_bytes",
            Measure::WrittenBytes => "written_bytes",
            Measure::NetworkIn => "network_in_bytes",
            Measure::NetworkOut => "network_out_bytes",
            Measure::Cores => "cores",
            Measure::CoreSeconds => "core_seconds",
            Measure::MemoryRequest => "memory_request_bytes",
            Measure::MemoryPeak => "memory_peak_bytes",
            Measure::Gpus => "gpus",
            Measure::GpuMemoryPeak => "gpu_memory_peak_bytes",
            Measure::GpuBusy => "gpu_busy",
        }
    }

    /// What its numbers are.
    pub fn unit(self) -> Unit {
        match self {
            Measure::Seconds | Measure::CoreSeconds => Unit::Seconds,
            Measure::InputBytes
            | Measure::ReadBytes
            | Measure::WrittenBytes
            | Measure::NetworkIn
            | Measure::NetworkOut
            | Measure::MemoryRequest
            | Measure::MemoryPeak
            | Measure::GpuMemoryPeak => Unit::Bytes,
            Measure::Cores | Measure::Gpus | Measure::GpuBusy => Unit::Number,
        }
    }

    /// True if zero can be true of it. A process that ran took time and memory: there, zero means "not measured".
    pub fn may_be_zero(self) -> bool {
        match self {
            Measure::Seconds | Measure::Cores | Measure::MemoryRequest | Measure::MemoryPeak => false,
            Measure::InputBytes
            | Measure::ReadBytes
            | Measure::WrittenBytes
            | Measure::NetworkIn
            | Measure::NetworkOut
            | Measure::CoreSeconds
            | Measure::Gpus
            | Measure::GpuMemoryPeak
            | Measure::GpuBusy => true,
        }
    }
}

impl Attempt {
    /// When it ended, in seconds since 1970; without times, before all that have them.
    pub fn ended(&self) -> f64 {
        let seconds = self.measure(Measure::Seconds).unwrap_or_default();
        self.started
            .map_or(f64::NEG_INFINITY, |started| started + seconds)
    }

    /// A measure, if it is known.
    pub fn measure(&self, measure: Measure) -> Option<f64> {
        self.measures.get(&measure).copied()
    }

    /// Sets a measure, if there is one to set.
    pub fn set(&mut self, measure: Measure, value: Option<f64>) {
        if let Some(value) = value {
            self.measures.insert(measure, value);
        }
    }

    /// Takes over what `other`, the same attempt read elsewhere, knows beyond this; if that is anything, returns it
    /// under the same id.
    pub(super) fn complete(&mut self, other: &Attempt) -> Option<Attempt> {
        let before = self.clone();
        for (own, more) in [
            (&mut self.run, &other.run),
            (&mut self.pipeline, &other.pipeline),
            (&mut self.step, &other.step),
            (&mut self.item, &other.item),
            (&mut self.pod, &other.pod),
            (&mut self.machine, &other.machine),
        ] {
            if own.is_empty() {
                own.clone_from(more);
            }
        }
        self.started = self.started.or(other.started);
        self.exit_code = self.exit_code.or(other.exit_code);
        for (measure, value) in &other.measures {
            self.measures.entry(*measure).or_insert(*value);
        }
        for (name, value) in &other.parameters {
            self.parameters
                .entry(name.clone())
                .or_insert_with(|| value.clone());
        }
        (*self != before).then(|| self.clone())
    }
}
