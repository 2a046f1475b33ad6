//! What serving steps add: runtime, load, replicas, rollout.

use serde::Serialize;

use crate::quantity::{PerSecond, Percent, Seconds};
use crate::source::Span;

/// What a serving step adds.
#[derive(Clone, Debug, Serialize)]
pub struct Serving {
    /// The runtime.
    pub runtime: Runtime,
    /// Port of the service.
    pub port: u16,
    /// Path of the readiness probe.
    pub health: String,
    /// Lowered as this.
    pub via: Via,
    /// Replica bounds.
    pub scale: Scale,
    /// How a new version replaces the old.
    pub rollout: Rollout,
}

/// Stock serving runtimes.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Runtime {
    /// NVIDIA Triton.
    Triton,
    /// vLLM.
    Vllm,
    /// TorchServe.
    Torchserve,
    /// scikit-learn server.
    Sklearn,
    /// XGBoost server.
    Xgboost,
    /// The author's own image.
    Custom,
}

/// What a serving step is lowered to.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Via {
    /// Deployment, Service and autoscaler.
    Deployment,
    /// KServe's InferenceService.
    Kserve,
}

/// Bounds on replicas.
#[derive(Clone, Debug, Serialize)]
pub struct Scale {
    /// At least.
    pub min: u64,
    /// At most; `None`: twice the predicted peak.
    pub max: Option<u64>,
    /// How long without requests before going to `min=0`.
    pub idle: Seconds,
}

/// How a new version replaces the old.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Rollout {
    /// Pod by pod.
    Rolling,
    /// A growing share of traffic.
    Canary {
        /// First share.
        start: Percent,
        /// Growth per interval.
        step: Percent,
        /// The interval.
        every: Seconds,
    },
    /// All at once, beside the old.
    BlueGreen,
}

/// The load that is expected.
#[derive(Clone, Debug, Serialize)]
pub struct Traffic {
    /// Highest rate.
    pub peak: PerSecond,
    /// Mean rate over a week, if declared.
    pub mean: Option<PerSecond>,
    /// How it varies over the week.
    pub shape: Shape,
    /// IANA zone of the shape.
    pub timezone: String,
    /// Tokens of a request.
    pub input_tokens: Option<u64>,
    /// Tokens of an answer.
    pub output_tokens: Option<u64>,
    /// Growth per month.
    pub growth: Percent,
    /// The whole node.
    #[serde(skip)]
    pub span: Span,
}

/// How load varies over the week.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Shape {
    /// Always the same.
    Flat,
    /// Day and night.
    Daily,
    /// Working hours of working days.
    OfficeHours,
    /// Evenings.
    Evening,
    /// Saturdays and Sundays.
    Weekend,
}
