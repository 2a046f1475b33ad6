//! Steps that go over data: extraction, features, evaluation, tasks, and models without a formula.

use super::family::Family;
use super::format::Format;
use super::model::{Estimate, Work};
use super::need::{BASE_MEMORY, MEMORY_SPREAD, Need, cores_for};
use super::reading::Reading;
use crate::graph::model::StepKind;
use crate::quantity::{Bytes, Cores};

/// Memory of a core of a general-purpose machine. Engines spill or stream what does not fit in it.
const MEMORY_PER_CORE: Bytes = Bytes(4 << 30);

/// Working copies of the data that is held: input and result of an operation.
const COPIES: f64 = 2.0;

/// Input of one task of a parallel scan: Spark's `spark.sql.files.maxPartitionBytes` (128 MiB in Spark 4.0).
const SPLIT: f64 = 128.0 * 1_048_576.0;

/// No single machine's scan gains from more cores. An estimate: memory bandwidth and network are then the limit.
const MOST_CORES: f64 = 64.0;

/// p95 over p50 of a scan's time. An estimate: cold predictions of run time are off by 1.5 to 2 in the median.
const TIME_SPREAD: f64 = 2.0;

/// A step of which nothing is known takes so long at p50, in seconds; p95 is three times that. A stated default.
const UNKNOWN_TIME: (f64, f64) = (600.0, 3.0);

/// Needs of an item that reads `inputs` and writes `written` bytes, `passes` times over.
pub(super) fn need(
    kind: StepKind,
    inputs: &[Reading],
    written: &[(Format, Estimate<Bytes>)],
    passes: f64,
) -> Need {
    let moved = |pick: fn(&Estimate<Bytes>) -> Bytes| {
        let read = inputs
            .iter()
            .map(|input| pick(&input.bytes).as_f64() / Format::of(input.data).per_core * passes);
        let written = written
            .iter()
            .map(|(format, bytes)| pick(bytes).as_f64() / format.per_core);
        read.sum::<f64>() + written.sum::<f64>()
    };
    let (p50, p95) = (moved(|bytes| bytes.p50), moved(|bytes| bytes.p95));
    if p50 == 0.0 {
        return unknown();
    }
    let read: Bytes = inputs.iter().map(|input| input.bytes.p50).sum();
    let scales_to = (read.as_f64() / SPLIT).ceil().clamp(1.0, MOST_CORES);
    let cores = cores_for(p50, scales_to);
    let source = "bytes over bytes a second and core by format; estimates of the table in profile/format.rs";
    let formula = format!(
        "{p50:.0} core-seconds for {read} read, {} pass(es), and what is written ({})",
        passes,
        kind.word()
    );
    let total = Estimate::analytic(p50, TIME_SPREAD * p95 / p50, source, formula).seconds();
    Need {
        cores: Estimate::analytic(
            cores,
            1.0,
            source,
            format!("{p50:.0} core-seconds in about an hour"),
        )
        .map(|cores| Cores(*cores)),
        memory: memory(inputs, cores),
        accelerators: None,
        nodes: 1,
        work: Work::CoreSeconds {
            total,
            scales_to: Cores(scales_to),
        },
    }
}

/// What is read, swollen and copied, as far as the machine's cores come with memory for it.
fn memory(inputs: &[Reading], cores: f64) -> Estimate<Bytes> {
    let held: f64 = inputs
        .iter()
        .map(|input| input.bytes.p50.as_f64() * Format::of(input.data).expansion)
        .sum();
    let bytes = (held * COPIES).min(MEMORY_PER_CORE.as_f64() * cores) + BASE_MEMORY.as_f64();
    let formula = format!(
        "least of {} in memory x {COPIES} and {cores} cores x {MEMORY_PER_CORE}, + {BASE_MEMORY}",
        Bytes::round(held)
    );
    let source = "expansion by format; engines spill beyond the memory that cores come with: our estimates";
    Estimate::analytic(bytes, MEMORY_SPREAD, source, formula).bytes()
}

fn unknown() -> Need {
    let (time, spread) = UNKNOWN_TIME;
    let rule = "1 core, 2 GiB and 10 min, as the step reads and writes no data";
    Need {
        cores: Estimate::guess(1.0, 1.0, rule).map(|cores| Cores(*cores)),
        memory: Estimate::guess(Bytes::gib(2.0).as_f64(), MEMORY_SPREAD, rule).bytes(),
        accelerators: None,
        nodes: 1,
        work: Work::Time(Estimate::guess(time, spread, rule).seconds()),
    }
}

/// Passes over the data of a family without a formula.
pub(super) fn passes(family: Option<&Family>) -> f64 {
    match family {
        Some(Family::Other { passes }) => *passes,
        Some(Family::Trees(_) | Family::Linear { .. } | Family::Transformer(_)) | None => 1.0,
    }
}
