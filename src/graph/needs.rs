//! What a step declares of its needs, and where it may run.

use serde::Serialize;

use super::model::StepId;
use super::site::Area;
use crate::catalog::Pricing;
use crate::quantity::{Bytes, Cores, Seconds};
use crate::source::{Span, Spanned};

/// What is declared or bounded of a step's needs. All of one machine, but `nodes` and `sites`.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Needs {
    /// Cores.
    pub cores: Option<Spanned<Cores>>,
    /// Memory.
    pub memory: Option<Spanned<Bytes>>,
    /// Scratch disk.
    pub disk: Option<Spanned<Bytes>>,
    /// Accelerator model.
    pub gpu: Option<Spanned<String>>,
    /// Accelerators of one machine.
    pub gpus: Option<Spanned<u64>>,
    /// Machines started together.
    pub nodes: Option<Spanned<u64>>,
    /// `amd64` or `arm64`.
    pub arch: Option<Spanned<String>>,
    /// Machine type.
    pub machine: Option<Spanned<String>>,
    /// Run time of one attempt.
    pub run_time: Option<Spanned<Seconds>>,
    /// Number of sites (bounds only).
    pub sites: Option<Spanned<u64>>,
}

/// One `only` or `never`.
#[derive(Clone, Debug, Serialize)]
pub struct Narrowing {
    /// Sites and places; empty: all.
    pub areas: Vec<Spanned<Area>>,
    /// Only about this pricing.
    pub pricing: Option<Pricing>,
    /// Only about this machine type.
    pub machine: Option<String>,
    /// The whole node.
    #[serde(skip)]
    pub span: Span,
}

/// In one place, or not.
#[derive(Clone, Debug, Serialize)]
pub struct Proximity {
    /// With or apart from this step.
    pub step: Spanned<StepId>,
    /// What counts as one place.
    pub level: Level,
}

/// What counts as one place.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Level {
    /// A machine.
    Node,
    /// A zone.
    Zone,
    /// A region.
    Region,
    /// A cloud.
    Cloud,
}
