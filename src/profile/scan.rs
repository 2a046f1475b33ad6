//! Steps that go over data: extraction, features, evaluation, tasks, and models without a formula.

use super::family::Family;
use super::format::Format;
use super::model::{Estimate, Work};
use super::need::{BASE_MEMORY, MEMORY_SPREAD, Need, cores_for};
use super::reading::Reading;
use crate::quantity::{Bytes, Cores};

/// Memory of a core of a general-purpose machine: 4 GiB less what the node keeps. Engines spill or stream the rest.
const MEMORY_PER_CORE: Bytes = Bytes(13 << 28);

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

/// Needs of an item that reads `inputs`, so many `passes` over, and writes `written`.
pub(super) fn need(inputs: &[Reading], written: &[(Format, Estimate<Bytes>)], passes: f64) -> Need {
    let total = core_seconds(inputs, written, passes);
    if total.p50 == 0.0 {
        return unknown();
    }
    let read: Bytes = inputs.iter().map(|input| input.bytes.p50).sum();
    let scales_to = (read.as_f64() / SPLIT).ceil().clamp(1.0, MOST_CORES);
    let cores = cores_for(total.p50, scales_to);
    let source = "most of a machine, for about an hour; more where time is short";
    let formula = format!("{:.0} core-seconds", total.p50);
    Need {
        cores: Estimate::analytic(cores, 1.0, source, formula).map(|cores| Cores(*cores)),
        memory: memory(inputs, cores),
        accelerators: None,
        nodes: 1,
        work: Work::CoreSeconds {
            total: total.seconds(),
            scales_to: Cores(scales_to),
        },
    }
}

/// Bytes over what a core reads or writes in a second.
fn core_seconds(inputs: &[Reading], written: &[(Format, Estimate<Bytes>)], passes: f64) -> Estimate<f64> {
    let of = |end: fn(&Estimate<Bytes>) -> Bytes| {
        let read = inputs.iter().map(|input| {
            let rate = Format::of(input.data).per_core;
            end(&input.bytes).as_f64() / rate * passes
        });
        let written = written
            .iter()
            .map(|(format, bytes)| end(bytes).as_f64() / format.per_core);
        read.chain(written).sum::<f64>()
    };
    let (p50, p95) = (of(|bytes| bytes.p50), of(|bytes| bytes.p95));
    let read: Bytes = inputs.iter().map(|input| input.bytes.p50).sum();
    let wrote: Bytes = written.iter().map(|(_, bytes)| bytes.p50).sum();
    let formula =
        format!("{read} read in {passes} pass(es) and {wrote} written, at the rates of their formats");
    let source = "bytes a second and core by format; estimates of the table in profile/format.rs";
    Estimate::analytic(
        p50,
        TIME_SPREAD * p95 / p50.max(f64::MIN_POSITIVE),
        source,
        formula,
    )
}

/// What is read, swollen and copied, as far as the machine's cores come with memory for it.
fn memory(inputs: &[Reading], cores: f64) -> Estimate<Bytes> {
    let swollen = inputs
        .iter()
        .map(|input| input.bytes.p50.as_f64() * Format::of(input.data).expansion);
    let held = swollen.sum::<f64>() * COPIES;
    let most = MEMORY_PER_CORE.as_f64() * cores;
    let base = BASE_MEMORY.as_f64();
    let most = most.max(2.0 * base);
    let (p50, p95) = ((held + base).min(most), ((held + base) * MEMORY_SPREAD).min(most));
    let formula = format!(
        "the less of {} in memory + {BASE_MEMORY} and {cores} cores x {MEMORY_PER_CORE}",
        Bytes::round(held)
    );
    let source = "two copies at the expansion of their formats; engines spill beyond what cores come with: our estimates";
    Estimate::analytic(p50, p95 / p50, source, formula).bytes()
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
