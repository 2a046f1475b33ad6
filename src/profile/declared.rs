//! What an author declares wins over what is predicted; what is bounded is cut.

use super::format::Format;
use super::history::Past;
use super::model::{AcceleratorNeed, Estimate, Work};
use super::reading::Reading;
use crate::catalog::FlopsPerSecond;
use crate::graph::model::Step;
use crate::quantity::{Bytes, BytesPerSecond, Cores, Seconds};
use crate::source::Spanned;

/// Scratch disk of any step: logs and temporary files. An estimate (2026-11).
const BASE_DISK: Bytes = Bytes(2 << 30);

/// Memory of an accelerator whose model is not known and whose use has no formula. A stated default.
const UNKNOWN_DEVICE: Bytes = Bytes(16 << 30);

/// Cores of one machine: declared; else of past runs; else as predicted.
pub(super) fn cores(step: &Step, predicted: Estimate<Cores>, past: Option<&Past>) -> Estimate<Cores> {
    if let Some(cores) = &step.needs.cores {
        return Estimate::declared(cores.value);
    }
    let known = past.and_then(|past| past.cores.clone());
    let cores = known.unwrap_or(predicted);
    cores.between(value(&step.at_least.cores), value(&step.at_most.cores))
}

/// Declared; else of past runs; else as predicted, with what is kept in memory volumes, and lowered by the bound of
/// similar steps, which raises nothing.
pub(super) fn memory(step: &Step, predicted: Estimate<Bytes>, past: Option<&Past>) -> Estimate<Bytes> {
    if let Some(memory) = &step.needs.memory {
        return Estimate::declared(memory.value);
    }
    let volumes: Bytes = step
        .volumes
        .iter()
        .filter(|volume| volume.memory)
        .map(|volume| volume.size)
        .sum();
    let known = past.and_then(|past| past.memory.clone());
    let memory = known.unwrap_or_else(|| {
        let predicted = predicted.map(|memory| *memory + volumes);
        let similar = past.and_then(|past| past.similar.clone());
        similar
            .filter(|similar| similar.p95 < predicted.p95)
            .unwrap_or(predicted)
    });
    memory.between(value(&step.at_least.memory), value(&step.at_most.memory))
}

/// Accelerators of one machine, as declared: one if only a model is named, none if nothing is said.
pub(super) fn devices(step: &Step) -> u64 {
    let named = u64::from(step.needs.gpu.is_some());
    step.needs.gpus.as_ref().map_or(named, |gpus| gpus.value)
}

/// Accelerators of one machine; declaring any makes a need of what was predicted without. What past runs held on each
/// is known better than any formula has it.
pub(super) fn accelerators(
    step: &Step,
    predicted: Option<AcceleratorNeed>,
    past: Option<&Past>,
) -> Option<AcceleratorNeed> {
    let declared = devices(step);
    let model = value(&step.needs.gpu)
        .or_else(|| value(&step.at_least.gpu))
        .or_else(|| value(&step.at_most.gpu));
    let mut need = match predicted {
        Some(need) => AcceleratorNeed {
            model: model.or(need.model.clone()),
            ..need
        },
        None if declared > 0 => AcceleratorNeed {
            model,
            count: Estimate::declared(declared),
            memory: Estimate::guess(
                UNKNOWN_DEVICE.as_f64(),
                1.0,
                "16 GiB, as nothing is known of the model",
            )
            .bytes(),
            bandwidth: BytesPerSecond::ZERO,
            peak: FlopsPerSecond::default(),
        },
        None => return None,
    };
    if let Some(memory) = past.and_then(|past| past.accelerator_memory.clone()) {
        need.memory = memory;
    }
    need.count = match declared {
        0 => need
            .count
            .between(value(&step.at_least.gpus), value(&step.at_most.gpus)),
        declared => Estimate::declared(declared),
    };
    (need.count.p95 > 0).then_some(need)
}

/// Machines that start together.
pub(super) fn nodes(step: &Step, predicted: u64) -> u64 {
    let bounded = || {
        let least = value(&step.at_least.nodes).unwrap_or(1);
        predicted
            .max(least)
            .min(value(&step.at_most.nodes).unwrap_or(u64::MAX))
    };
    value(&step.needs.nodes).unwrap_or_else(bounded).max(1)
}

/// Volumes, and what is copied in and out.
pub(super) fn disk(
    step: &Step,
    inputs: &[Reading],
    written: &[(Format, Estimate<Bytes>)],
) -> Estimate<Bytes> {
    if let Some(disk) = &step.needs.disk {
        return Estimate::declared(disk.value);
    }
    let volumes: Bytes = step
        .volumes
        .iter()
        .filter(|volume| !volume.memory)
        .map(|volume| volume.size)
        .sum();
    let copied_in = inputs
        .iter()
        .filter(|input| input.mounted)
        .map(|input| &input.bytes);
    let copied_out = step
        .writes
        .iter()
        .zip(written)
        .filter(|(write, _)| write.mount.is_some())
        .map(|(_, (_, bytes))| bytes);
    let formula = format!("{volumes} of volumes + mounted inputs and outputs + {BASE_DISK}");
    let fixed = Estimate::analytic(
        (volumes + BASE_DISK).as_f64(),
        1.0,
        "what is mounted is copied",
        formula,
    )
    .bytes();
    let disk = copied_in
        .chain(copied_out)
        .fold(fixed, |total, bytes| total.plus(bytes));
    disk.between(value(&step.at_least.disk), value(&step.at_most.disk))
}

/// Bounds on the run time of one attempt.
pub(super) fn run_time_bounds(step: &Step) -> (Option<Seconds>, Option<Seconds>) {
    (value(&step.at_least.run_time), value(&step.at_most.run_time))
}

/// Declared; else of past runs; else as predicted, less what early stopping saves.
pub(super) fn work(step: &Step, predicted: Work, past: Option<&Past>, share: f64) -> Work {
    if let Some(time) = &step.needs.run_time {
        return Work::Time(Estimate::declared(time.value));
    }
    if let Some(time) = past.and_then(|past| past.run_time.clone()) {
        return Work::Time(time);
    }
    match predicted {
        Work::Time(time) => Work::Time(time.map(|time| time.times(share))),
        Work::CoreSeconds { total, scales_to } => {
            let declared = step.needs.cores.as_ref().map_or(Cores::ZERO, |cores| cores.value);
            Work::CoreSeconds {
                total: total.map(|time| time.times(share)),
                scales_to: scales_to.max(declared),
            }
        }
        Work::Flop {
            total,
            utilisation,
            precision,
        } => Work::Flop {
            total: total.map(|flop| flop * share),
            utilisation,
            precision,
        },
    }
}

fn value<T: Clone>(bound: &Option<Spanned<T>>) -> Option<T> {
    bound.as_ref().map(|bound| bound.value.clone())
}
