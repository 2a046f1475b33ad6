//! What was learned of one step, as it is pinned in the lock.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Predictions of one step from its past, at the size of input that it has today. Whole numbers, so that what is
/// read back from a lock is what was written.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize, JsonSchema)]
pub struct Learned {
    /// Runs that it rests on.
    pub runs: u64,
    /// Bytes that one attempt reads, as the sources say; other sizes ask for other predictions.
    pub input: u64,
    /// Memory at p50 and p95, in bytes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub memory: Option<[u64; 2]>,
    /// Memory after an attempt that ran out of it, in bytes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub memory_retry: Option<u64>,
    /// Cores in use at p50 and p95, in thousandths.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cores: Option<[u64; 2]>,
    /// Memory of each accelerator at p50 and p95, in bytes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub accelerator_memory: Option<[u64; 2]>,
    /// What similar steps needed; only of a step that has too few runs of its own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub similar: Option<LearnedLikeness>,
    /// Run time of one attempt at p50 and p95, in milliseconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub run_time: Option<[u64; 2]>,
    /// Load by the hour of the week.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub load: Option<LearnedLoad>,
}

/// What the steps that are most like one needed.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize, JsonSchema)]
pub struct LearnedLikeness {
    /// Memory, most likely and a bound that nearly all keep to, in bytes.
    pub memory: [u64; 2],
    /// The steps, by `pipeline/step`, the most alike first.
    pub steps: Vec<String>,
}

/// Requests a 1,000 s for each hour of the week, Monday 00:00 first, in the traffic's zone.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize, JsonSchema)]
pub struct LearnedLoad {
    /// Bins of past load that it rests on.
    pub bins: u64,
    /// The most likely.
    pub p50: Vec<u64>,
    /// Exceeded in five hours of a hundred.
    pub p95: Vec<u64>,
}

/// Size of one version of a data set, from past sizes.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize, JsonSchema)]
pub struct LearnedSize {
    /// Samples that it rests on.
    pub samples: u64,
    /// The last known, in bytes.
    pub p50: u64,
    /// After a year of the growth that was seen, in bytes.
    pub p95: u64,
}
