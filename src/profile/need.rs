//! What is predicted of one item of a step, before declarations and bounds.

use super::model::{AcceleratorNeed, Estimate, Work};
use crate::quantity::{Bytes, Cores};

/// Memory of a program before it holds data: interpreter and libraries. An estimate (2026-11).
pub(super) const BASE_MEMORY: Bytes = Bytes(1 << 30);

/// Cores that feed one accelerator. The smallest machines with an accelerator have 4, of which the node keeps some.
pub(super) const CORES_PER_DEVICE: f64 = 3.0;

/// Host memory beside one accelerator, besides the model's share: pinned buffers, workers. An estimate (2026-11).
pub(super) const HOST_PER_DEVICE: Bytes = Bytes(4 << 30);

/// A time that is sought when a step may be spread over more or fewer cores or devices.
pub(super) const SOUGHT_TIME: f64 = 3600.0;

/// p95 over p50 of memory predicted for a processor. An estimate: cold predictions of memory are off by 2.4 in the
/// median (q-error over task types of six nf-core workflows), but those do not know the size of the data.
pub(super) const MEMORY_SPREAD: f64 = 1.5;

/// Needs of one item.
pub(super) struct Need {
    /// Cores of one machine.
    pub cores: Estimate<Cores>,
    /// Memory of one machine.
    pub memory: Estimate<Bytes>,
    /// Accelerators of one machine.
    pub accelerators: Option<AcceleratorNeed>,
    /// Machines.
    pub nodes: u64,
    /// Work.
    pub work: Work,
}

/// What a node leaves to its pods: with a need of a whole machine's cores, no machine of that size would fit.
pub(super) const SHARE_OF_NODE: f64 = 0.9;

/// A step asks for no larger machine than this by itself; it may get one, where time is short.
const LARGEST_SOUGHT: f64 = 16.0;

/// So many cores that `core_seconds` take about the time sought: most of a machine with a power of two of them.
pub(super) fn cores_for(core_seconds: f64, most: f64) -> f64 {
    let sought = (core_seconds / SOUGHT_TIME).max(1.0).log2().ceil().exp2();
    sought.min(most.log2().ceil().exp2()).clamp(1.0, LARGEST_SOUGHT) * SHARE_OF_NODE
}
