//! What each step needs: quantities with an interval and where they come from.

use schemars::JsonSchema;
use serde::Serialize;

use crate::catalog::FlopsPerSecond;
use crate::graph::model::{Graph, StepId, Store};
use crate::history::Learned;
use crate::quantity::{Bytes, BytesPerSecond, Cores, PerSecond, Seconds};

/// A predicted quantity. Placement buys `p95`; `p50` is what is most likely.
#[derive(Clone, PartialEq, Debug, Serialize, JsonSchema)]
pub struct Estimate<T> {
    /// Median.
    pub p50: T,
    /// 95th percentile.
    pub p95: T,
    /// Where it comes from.
    pub basis: Basis,
}

/// Where a figure comes from, best first.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, JsonSchema)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum Basis {
    /// Written by the author.
    Declared,
    /// Fitted to past runs.
    History {
        /// Number of runs it rests on.
        runs: u64,
    },
    /// Bounded by what similar steps needed.
    Similar {
        /// The steps, by `pipeline/step`, the most alike first.
        steps: Vec<String>,
    },
    /// From a formula.
    Analytic {
        /// The formula in one line, with its terms filled in.
        formula: String,
        /// Where the formula comes from.
        source: &'static str,
    },
    /// A stated default, because nothing better is known.
    Default {
        /// The rule that gave it, in one line.
        rule: &'static str,
    },
}

/// What one step (one item of it, in a fan-out) needs.
#[derive(Clone, Debug, Serialize)]
pub struct Profile {
    /// The step.
    pub step: StepId,
    /// Cores of one machine.
    pub cores: Estimate<Cores>,
    /// Memory of one machine.
    pub memory: Estimate<Bytes>,
    /// Accelerators of one machine.
    pub accelerators: Option<AcceleratorNeed>,
    /// Machines started together.
    pub nodes: u64,
    /// Scratch disk of one machine.
    pub disk: Estimate<Bytes>,
    /// Bytes moved over the network by one run: what is read and written.
    pub network: Estimate<Bytes>,
    /// How long one run takes; for always-on steps, the start-up time.
    pub work: Work,
    /// Bounds that the author sets on the run time of one attempt.
    pub run_time_bounds: (Option<Seconds>, Option<Seconds>),
    /// What it keeps in stores, one version of each data set it writes (all items).
    pub storage: Vec<StorageNeed>,
    /// Load over the week and the replicas it needs, for serving and streaming steps.
    pub load: Option<Load>,
    /// Items that run side by side (1 outside fan-outs), after `concurrency`.
    pub parallel: u64,
    /// Items in all (1 outside fan-outs).
    pub items: u64,
    /// Runs per month, from the pipeline's schedules.
    pub runs_per_month: f64,
    /// What was learned from its past, which the lock pins.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub learned: Option<Learned>,
}

impl Profile {
    /// Memory of an attempt after `failures` that ran out of it: each time `factor` as much, and after the first no less
    /// than past runs say, so that what has been seen once is not climbed to again.
    pub fn memory_after(&self, failures: u32, factor: f64) -> Bytes {
        let bought = self.memory.p95;
        let Some(later) = failures.checked_sub(1) else {
            return bought;
        };
        let fitted = matches!(self.memory.basis, Basis::History { .. });
        let learned = self.learned.as_ref().filter(|_| fitted);
        let seen = learned
            .and_then(|learned| learned.memory_retry)
            .map_or(Bytes::ZERO, Bytes);
        bought.times(factor).max(seen).times(factor.powi(later as i32))
    }
}

/// Accelerators of one machine.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct AcceleratorNeed {
    /// Only this model, if declared.
    pub model: Option<String>,
    /// How many.
    pub count: Estimate<u64>,
    /// Memory of each. Where `model` is declared this only informs: the author knows that it fits.
    pub memory: Estimate<Bytes>,
    /// Memory bandwidth that each must have for serving within its promises; zero: any will do.
    pub bandwidth: BytesPerSecond,
    /// Operations per second that each must have at peak, for the same reason; zero: any will do.
    pub peak: FlopsPerSecond,
}

/// How long a run takes, where that depends on what it runs on.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Work {
    /// So long, on any machine that has the needed cores.
    Time(Estimate<Seconds>),
    /// So many core-seconds, spread over the machine's cores (of all nodes), up to `scales_to` of them.
    CoreSeconds {
        /// Work of one run.
        total: Estimate<Seconds>,
        /// More cores than this do not help.
        scales_to: Cores,
    },
    /// So many floating-point operations on accelerators at this share of their peak.
    Flop {
        /// Operations of one run.
        total: Estimate<f64>,
        /// Share of peak that is reached (model FLOPs utilisation).
        utilisation: f64,
        /// Number format, which decides the peak.
        precision: Precision,
    },
}

/// Number format of a model's arithmetic.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Precision {
    /// 32-bit.
    Fp32,
    /// 16-bit, either kind.
    Bf16,
    /// 8-bit.
    Fp8,
}

/// Storage that a step's output takes.
#[derive(Clone, Debug, Serialize)]
pub struct StorageNeed {
    /// The data set.
    pub data: crate::graph::model::DataId,
    /// Kind of store.
    pub store: Store,
    /// Size of one version (all items).
    pub size: Estimate<Bytes>,
}

/// Load over a week.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct Load {
    /// Expected rate of each hour of the week (168), Monday 00:00 first, in the traffic's own zone.
    pub curve: Vec<PerSecond>,
    /// IANA zone of the curve.
    pub timezone: String,
    /// Requests per second that one replica serves within its promise, on the profiled machine; p95 is the low end.
    pub per_replica: Estimate<PerSecond>,
    /// Replicas for each hour of the week.
    pub replicas: Vec<u64>,
    /// Fewest and most replicas that the autoscaler may choose.
    pub bounds: (u64, u64),
    /// Time of one request, without network.
    pub service_time: Estimate<Seconds>,
}

/// A graph and the needs of each of its steps.
#[derive(Clone, Debug, Serialize)]
pub struct ProfiledGraph<'g> {
    /// The graph.
    #[serde(skip)]
    pub graph: &'g Graph,
    /// One for each step, by id.
    pub steps: Vec<Profile>,
    /// Size of one version of each data set (all items of a fan-out together), by id.
    pub data: Vec<Estimate<Bytes>>,
}

impl std::ops::Index<StepId> for ProfiledGraph<'_> {
    type Output = Profile;

    #[allow(
        clippy::indexing_slicing,
        reason = "`profile::annotate` makes one profile for each step of the graph"
    )]
    fn index(&self, id: StepId) -> &Profile {
        &self.steps[id.0 as usize]
    }
}

impl<T: Clone> Estimate<T> {
    /// A value that is certain because its author said it.
    pub fn declared(value: T) -> Estimate<T> {
        Estimate {
            p50: value.clone(),
            p95: value,
            basis: Basis::Declared,
        }
    }

    /// Both ends mapped, the basis kept.
    pub fn map<U>(&self, f: impl Fn(&T) -> U) -> Estimate<U> {
        Estimate {
            p50: f(&self.p50),
            p95: f(&self.p95),
            basis: self.basis.clone(),
        }
    }
}
