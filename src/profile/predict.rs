//! One step's profile: prediction by its kind and the model it fits or applies.

use super::Known;
use super::family::{self, Family};
use super::fanout;
use super::format::Format;
use super::history::Past;
use super::model::{Estimate, Load, Profile, StorageNeed, Work};
use super::need::Need;
use super::reading::{self, Reading};
use super::{declared, neural, scan, serving, size, tabular};
use crate::graph::model::{DataId, Graph, Step, StepKind};
use crate::quantity::{Bytes, Seconds};

/// The profile of `step`.
pub(super) fn profile(known: &Known, step: &Step) -> Profile {
    let Known { graph, sizes, .. } = *known;
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
    let learned = known.history.of(graph, step, &inputs);
    let past = learned.as_ref().map(Past::of);
    let past = past.as_ref();
    let (need, load) = predicted(known, step, &inputs, &written, past);
    let items = fanout::items(graph, step);
    Profile {
        step: step.id,
        cores: declared::cores(step, need.cores, past),
        memory: declared::memory(step, need.memory, past),
        accelerators: declared::accelerators(step, need.accelerators, past),
        nodes: declared::nodes(step, need.nodes),
        disk: declared::disk(step, &inputs, &written),
        network: network(&inputs, &written),
        work: declared::work(step, need.work, past, fanout::share_of_work(graph, step)),
        run_time_bounds: declared::run_time_bounds(step),
        storage: storage(graph, step, &written, items),
        load,
        parallel: fanout::parallel(graph, step),
        items,
        runs_per_month: known
            .runs
            .get(step.pipeline.0 as usize)
            .copied()
            .unwrap_or_default(),
        learned,
    }
}

/// What the formulas say.
fn predicted(
    known: &Known,
    step: &Step,
    inputs: &[Reading],
    written: &[(Format, Estimate<Bytes>)],
    past: Option<&Past>,
) -> (Need, Option<Load>) {
    let family = family(known.graph, step);
    let over = |passes: f64| scan::need(inputs, written, passes);
    let need = match step.kind {
        StepKind::Serving | StepKind::Streaming => return serving::need(known, step, inputs, past),
        StepKind::Training => match &family {
            Some(Family::Trees(trees)) => {
                tabular::train_trees(trees, family::training_table(inputs), declared::devices(step))
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

fn network(inputs: &[Reading], written: &[(Format, Estimate<Bytes>)]) -> Estimate<Bytes> {
    let read = inputs.iter().map(|input| &input.bytes);
    let none = Estimate::declared(Bytes::ZERO);
    read.chain(written.iter().map(|(_, bytes)| bytes))
        .fold(none, |total, bytes| total.plus(bytes))
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
