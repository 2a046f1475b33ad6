//! Reference accelerators: what sizes are thought in before placement knows what there is.

use super::model::Precision;
use crate::quantity::{Bytes, BytesPerSecond};

/// One accelerator, by its maker's datasheet: dense arithmetic, without sparsity.
#[derive(Clone, Copy, PartialEq, Debug)]
pub(super) struct Device {
    /// Name in the catalogue.
    pub model: &'static str,
    /// Memory.
    pub memory: Bytes,
    /// Of that memory.
    pub bandwidth: BytesPerSecond,
    /// Operations per second in 16 bits.
    bf16: f64,
    /// Operations per second in 8 bits; those of 16 where the hardware has no such units.
    fp8: f64,
}

const fn device(model: &'static str, gib: u64, gigabytes_per_second: f64, bf16: f64, fp8: f64) -> Device {
    Device {
        model,
        memory: Bytes(gib << 30),
        bandwidth: BytesPerSecond(gigabytes_per_second * 1e9),
        bf16: bf16 * 1e12,
        fp8: fp8 * 1e12,
    }
}

/// From small to large: NVIDIA datasheets, read 2026-11.
pub(super) const DEVICES: [Device; 8] = [
    device("T4", 16, 320.0, 65.0, 65.0),
    device("L4", 24, 300.0, 121.0, 242.5),
    device("A10G", 24, 600.0, 70.0, 70.0),
    device("L40S", 48, 864.0, 362.0, 733.0),
    device("A100", 40, 1555.0, 312.0, 312.0),
    device("A100-80GB", 80, 2039.0, 312.0, 312.0),
    device("H100", 80, 3350.0, 989.4, 1978.9),
    device("H200", 141, 4800.0, 989.4, 1978.9),
];

/// What training is sized for when no accelerator is named: the most common of data centres.
pub(super) const TRAINING: Device = device("H100", 80, 3350.0, 989.4, 1978.9);

impl Device {
    /// The reference closest to the accelerator that an author names, if it is one of them.
    pub fn named(model: &str) -> Option<Device> {
        DEVICES.into_iter().find(|device| device.model == model)
    }

    /// Operations per second at peak. 32-bit work runs on the 16-bit units' TF32 mode at half their rate.
    pub fn peak(&self, precision: Precision) -> f64 {
        match precision {
            Precision::Fp32 => self.bf16 / 2.0,
            Precision::Bf16 => self.bf16,
            Precision::Fp8 => self.fp8,
        }
    }
}
