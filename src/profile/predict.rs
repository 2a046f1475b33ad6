//! One step's profile: prediction by its kind and model, under what its author declares and past runs say.

use super::Known;
use super::family::{self, Family};
use super::fanout;
use super::format::Format;
use super::history::Past;
use super::model::{AcceleratorNeed, Estimate, Load, Profile, StorageNeed, Work};
use super::need::Need;
use super::reading::{self, Reading};
use super::{neural, scan, serving, size, tabular};
use crate::catalog::FlopsPerSecond;
use crate::graph::model::{DataId, Graph, Step, StepKind};
use crate::quantity::{Bytes, BytesPerSecond, Cores, Seconds};

/// Scratch disk of any step: logs and temporary files. An estimate (2026-11).
const BASE_DISK: Bytes = Bytes(2 << 30);

/// Memory of an accelerator whose model is not known and whose use has no formula. A stated default.
const UNKNOWN_DEVICE: Bytes = Bytes(16 << 30);

/// The profile of `step`.
pub(super) fn profile(known: &Known, step: &Step) -> Profile {
    let Known { graph, sizes, .. } = *known;
    let past = known.history.of(graph, step.id);
    let size = |id: DataId| sizes.get(id.0 as usize).cloned();
    let inputs = reading::readings(graph, step, size).unwrap_or_default();
    let written: Vec<(Format, Estimate<Bytes>)> = step
        .writes
        .iter()
        .map(|write| {
            let size = size::of_write(graph, step, write, sizes);
            (Format::of(&graph[write.data]), size)
        })
        .collect();
    let (need, load) = predicted(known, step, &inputs, &written);
    let items = fanout::items(graph, step);
    Profile {
        step: step.id,
        cores: cores(step, need.cores),
        memory: memory(step, need.memory, past),
        accelerators: accelerators(step, need.accelerators),
        nodes: nodes(step, need.nodes),
        disk: disk(step, &inputs, &written),
        network: network(&inputs, &written),
        work: work(step, need.work, past, fanout::share_of_work(graph, step)),
        run_time_bounds: (value(&step.at_least.run_time), value(&step.at_most.run_time)),
        storage: storage(graph, step, &written, items),
        load,
        parallel: fanout::parallel(graph, step),
        items,
        runs_per_month: known
            .runs
            .get(step.pipeline.0 as usize)
            .copied()
            .unwrap_or_default(),
    }
}

/// What the formulas say.
fn predicted(
    known: &Known,
    step: &Step,
    inputs: &[Reading],
    written: &[(Format, Estimate<Bytes>)],
) -> (Need, Option<Load>) {
    let family = family(known.graph, step);
    let over = |passes: f64| scan::need(step.kind, inputs, written, passes);
    let need = match step.kind {
        StepKind::Serving | StepKind::Streaming => return serving::need(known, step, inputs),
        StepKind::Training => match &family {
            Some(Family::Trees(trees)) => {
                tabular::train_trees(trees, family::training_table(inputs), accelerators_declared(step))
            }
            Some(Family::Linear { passes }) => tabular::train_linear(*passes, family::training_table(inputs)),
            Some(Family::Transformer(model)) => neural::train(known.catalog, step, model, inputs),
            Some(Family::Other { .. }) | None => over(scan::passes(family.as_ref())),
        },
        StepKind::BatchInference | StepKind::Evaluation => match &family {
            Some(Family::Transformer(model)) if neural::tokens(inputs) > 0.0 => {
                neural::read_through(step, model, tokens(model.sequence, inputs, step))
            }
            Some(Family::Trees(trees)) => applied(over(1.0), tabular::apply_trees(trees), inputs),
            Some(Family::Transformer(_) | Family::Linear { .. } | Family::Other { .. }) | None => over(1.0),
        },
        StepKind::Task | StepKind::Etl | StepKind::Features => over(1.0),
    };
    (need, None)
}

/// The step's own model; of a step that applies one, that of the step which trained what it reads.
fn family(graph: &Graph, step: &Step) -> Option<Family> {
    let applies = matches!(step.kind, StepKind::Evaluation | StepKind::BatchInference);
    let read = || {
        let mut writers = step.reads.iter().flat_map(|read| &graph[read.data].writers);
        writers.find_map(|writer| {
            graph[*writer]
                .model
                .as_ref()
                .filter(|_| graph[*writer].kind == StepKind::Training)
        })
    };
    step.model
        .as_ref()
        .or_else(|| if applies { read() } else { None })
        .map(Family::of)
}

/// Tokens that a model is run over: a sequence for each row of batch inference, else those of the texts.
fn tokens(sequence: f64, inputs: &[Reading], step: &Step) -> f64 {
    let rows = family::training_table(inputs).rows;
    if step.kind == StepKind::BatchInference && rows > 0.0 {
        rows * sequence
    } else {
        neural::tokens(inputs)
    }
}

/// A scan that also applies a model to each row.
fn applied(mut need: Need, seconds_a_row: f64, inputs: &[Reading]) -> Need {
    let rows = family::training_table(inputs).rows;
    if let Work::CoreSeconds { total, .. } = &mut need.work {
        *total = total.map(|time| Seconds(time.0 + rows * seconds_a_row));
    }
    need
}

fn value<T: Clone>(bound: &Option<crate::source::Spanned<T>>) -> Option<T> {
    bound.as_ref().map(|bound| bound.value.clone())
}

fn cores(step: &Step, predicted: Estimate<Cores>) -> Estimate<Cores> {
    match &step.needs.cores {
        Some(cores) => Estimate::declared(cores.value),
        None => predicted.between(value(&step.at_least.cores), value(&step.at_most.cores)),
    }
}

/// Declared; else of past runs; else as predicted, with what is kept in memory volumes.
fn memory(step: &Step, predicted: Estimate<Bytes>, past: Option<&Past>) -> Estimate<Bytes> {
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
    let memory = known.unwrap_or_else(|| predicted.map(|memory| *memory + volumes));
    memory.between(value(&step.at_least.memory), value(&step.at_most.memory))
}

fn accelerators_declared(step: &Step) -> u64 {
    let named = u64::from(step.needs.gpu.is_some());
    step.needs.gpus.as_ref().map_or(named, |gpus| gpus.value)
}

fn accelerators(step: &Step, predicted: Option<AcceleratorNeed>) -> Option<AcceleratorNeed> {
    let declared = accelerators_declared(step);
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
    need.count = match declared {
        0 => need
            .count
            .between(value(&step.at_least.gpus), value(&step.at_most.gpus)),
        declared => Estimate::declared(declared),
    };
    (need.count.p95 > 0).then_some(need)
}

fn nodes(step: &Step, predicted: u64) -> u64 {
    let bounded = || {
        let least = value(&step.at_least.nodes).unwrap_or(1);
        predicted
            .max(least)
            .min(value(&step.at_most.nodes).unwrap_or(u64::MAX))
    };
    value(&step.needs.nodes).unwrap_or_else(bounded).max(1)
}

/// Volumes, and what is copied in and out.
fn disk(step: &Step, inputs: &[Reading], written: &[(Format, Estimate<Bytes>)]) -> Estimate<Bytes> {
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

fn network(inputs: &[Reading], written: &[(Format, Estimate<Bytes>)]) -> Estimate<Bytes> {
    let read = inputs.iter().map(|input| &input.bytes);
    let none = Estimate::declared(Bytes::ZERO);
    read.chain(written.iter().map(|(_, bytes)| bytes))
        .fold(none, |total, bytes| total.plus(bytes))
}

/// Declared; else of past runs; else as predicted, less what early stopping saves.
fn work(step: &Step, predicted: Work, past: Option<&Past>, share: f64) -> Work {
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

fn storage(
    graph: &Graph,
    step: &Step,
    written: &[(Format, Estimate<Bytes>)],
    items: u64,
) -> Vec<StorageNeed> {
    let needs = step.writes.iter().zip(written);
    needs
        .map(|(write, (_, bytes))| StorageNeed {
            data: write.data,
            store: graph[write.data].store,
            size: bytes.map(|bytes| bytes.times(items as f64)),
        })
        .collect()
}
