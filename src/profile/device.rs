//! Accelerators: what the catalogue says of them, as prediction needs it.

use super::model::Precision;
use crate::catalog::{AcceleratorFacts, Catalog, FlopsPerSecond};
use crate::graph::model::Step;

/// What serving is thought of on until placement knows what there is, from small to large.
const LADDER: [&str; 8] = ["T4", "L4", "A10G", "L40S", "A100", "A100-80GB", "H100", "H200"];

/// What training is sized for when no accelerator is named: the most common of data centres.
const TRAINING: &str = "H100";

/// Share of the 16-bit rate that 32-bit work reaches, in the TF32 mode of the same units (NVIDIA A100 datasheet).
const SINGLE_OF_HALF: f64 = 0.5;

/// The accelerators that `step` may be served on: the one it names, else the ladder.
pub(super) fn to_serve<'c>(catalog: &'c Catalog, step: &Step) -> Vec<&'c AcceleratorFacts> {
    match named(catalog, step) {
        Some(device) => vec![device],
        None => LADDER
            .into_iter()
            .filter_map(|model| catalog.accelerator(model))
            .collect(),
    }
}

/// The accelerator that `step` is trained on: the one it names, else the usual one.
pub(super) fn to_train<'c>(catalog: &'c Catalog, step: &Step) -> Option<&'c AcceleratorFacts> {
    named(catalog, step).or_else(|| catalog.accelerator(TRAINING))
}

fn named<'c>(catalog: &'c Catalog, step: &Step) -> Option<&'c AcceleratorFacts> {
    catalog.accelerator(&step.needs.gpu.as_ref()?.value)
}

impl Precision {
    /// Operations per second of one device in this format; a format that it lacks runs on its 16-bit units.
    pub fn peak(self, device: &AcceleratorFacts) -> FlopsPerSecond {
        let half = device.half().unwrap_or_default();
        match self {
            Precision::Fp32 => FlopsPerSecond(half.0 * SINGLE_OF_HALF),
            Precision::Bf16 => half,
            Precision::Fp8 => device.fp8.unwrap_or(half),
        }
    }
}
