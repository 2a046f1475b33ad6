//! What accelerators can do, from their makers' datasheets.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::table;
use crate::quantity::{Bytes, BytesPerSecond};

const ACCELERATORS: &str = include_str!("data/accelerators.csv");

/// Floating-point operations per second.
#[derive(Clone, Copy, PartialEq, PartialOrd, Debug, Default, Serialize, JsonSchema)]
#[serde(transparent)]
pub struct FlopsPerSecond(pub f64);

/// One device of a model: peak figures of dense arithmetic, which programs reach in part.
#[derive(Clone, PartialEq, Debug, Serialize)]
pub struct AcceleratorFacts {
    /// As its maker spells it.
    pub model: String,
    /// Memory of the device, as its datasheet says; what a cloud's machine offers may be a little less.
    pub memory: Bytes,
    /// Of that memory.
    pub bandwidth: BytesPerSecond,
    /// In bfloat16; none where the hardware lacks it.
    pub bf16: Option<FlopsPerSecond>,
    /// In half precision.
    pub fp16: Option<FlopsPerSecond>,
    /// In 8-bit floats.
    pub fp8: Option<FlopsPerSecond>,
    /// Design power, in watts, where published.
    pub watts: Option<f64>,
    /// Where the figures were read.
    pub source: String,
}

impl AcceleratorFacts {
    /// The faster of its two 16-bit formats, in which training is usually done.
    pub fn half(&self) -> Option<FlopsPerSecond> {
        self.bf16.or(self.fp16)
    }
}

#[derive(Deserialize)]
struct Row {
    model: String,
    memory_gib: f64,
    bandwidth_gb_per_s: f64,
    bf16_tflops: Option<f64>,
    fp16_tflops: Option<f64>,
    fp8_tflops: Option<f64>,
    watts: Option<f64>,
    source: String,
}

/// Every model that is compiled in, by name.
pub(super) fn built_in() -> Vec<AcceleratorFacts> {
    let tera = |tflops: f64| FlopsPerSecond(tflops * 1e12);
    let rows: Vec<Row> = table::read(ACCELERATORS);
    rows.into_iter()
        .map(|row| AcceleratorFacts {
            model: row.model,
            memory: Bytes::gib(row.memory_gib),
            bandwidth: BytesPerSecond(row.bandwidth_gb_per_s * 1e9),
            bf16: row.bf16_tflops.map(tera),
            fp16: row.fp16_tflops.map(tera),
            fp8: row.fp8_tflops.map(tera),
            watts: row.watts,
            source: row.source,
        })
        .collect()
}
