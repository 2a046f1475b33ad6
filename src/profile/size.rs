//! Sizes of data sets: declared, from rows and columns, else guessed from what their writers read.

use super::family::Family;
use super::fanout;
use super::format::{Format, USUAL_COLUMNS};
use super::history::History;
use super::model::{Basis, Estimate};
use super::reading::{self, Reading};
use crate::diag::{Code, Diagnostic, Diagnostics};
use crate::graph::model::{DataId, DataSet, Graph, Step, StepKind, Write};
use crate::quantity::Bytes;

/// Capacity is bought for the size of a year from now: p95 is after so many months of declared growth.
const MONTHS_OF_GROWTH: i32 = 12;

/// p95 over p50 of rows x columns: values of a table differ in width. An estimate.
const TABLE_SPREAD: f64 = 1.5;

/// p95 over p50 of a guessed size. An estimate.
const GUESS_SPREAD: f64 = 4.0;

/// A data set of which nothing is known. A stated default.
const UNKNOWN_SIZE: Bytes = Bytes(10 << 30);

/// Size of one version of each data set (all items of a fan-out together), by id. Warns of each that is guessed.
pub(super) fn sizes(graph: &Graph, history: &History<'_>, out: &mut Diagnostics) -> Vec<Estimate<Bytes>> {
    let mut sizes: Vec<Option<Estimate<Bytes>>> = (0..graph.data.len() as u32)
        .map(|id| stated(graph, history, DataId(id)))
        .collect();
    // Steps are in topological order within a pipeline; data of another pipeline may need another sweep.
    while sweep(graph, &mut sizes) {}
    let sizes: Vec<Estimate<Bytes>> = sizes
        .into_iter()
        .map(|size| size.unwrap_or_else(unknown))
        .collect();
    for (data, size) in graph.data.iter().zip(&sizes) {
        if let Basis::Default { rule } = size.basis {
            report(data, size, rule, out);
        }
    }
    sizes
}

/// Size of what one item of `step` writes.
pub(super) fn of_write(
    graph: &Graph,
    step: &Step,
    write: &Write,
    sizes: &[Estimate<Bytes>],
) -> Estimate<Bytes> {
    let data = &graph[write.data];
    let declared = write.size.as_ref().map(|size| grown(size.value, data));
    declared.unwrap_or_else(|| {
        let share = 1.0 / fanout::items(graph, step) as f64;
        let whole = sizes.get(write.data.0 as usize).cloned().unwrap_or_else(unknown);
        whole.map(|bytes| bytes.times(share))
    })
}

/// Fills in what can be derived from sizes that are known; true if there was any.
fn sweep(graph: &Graph, sizes: &mut [Option<Estimate<Bytes>>]) -> bool {
    let mut found = false;
    for step in &graph.steps {
        let open = |sizes: &[Option<Estimate<Bytes>>], id: DataId| {
            sizes.get(id.0 as usize).is_some_and(Option::is_none)
        };
        let outputs: Vec<DataId> = step
            .writes
            .iter()
            .map(|write| write.data)
            .filter(|id| open(sizes, *id))
            .collect();
        if outputs.is_empty() {
            continue;
        }
        let known = |id: DataId| sizes.get(id.0 as usize).cloned().flatten();
        let Some(inputs) = reading::readings(graph, step, known) else {
            continue;
        };
        let size = derived(step, &inputs)
            .map(|bytes| bytes.times(fanout::items(graph, step) as f64 / outputs.len() as f64));
        for id in outputs {
            if let Some(slot) = sizes.get_mut(id.0 as usize) {
                *slot = Some(size.clone());
                found = true;
            }
        }
    }
    found
}

/// What its author says of a data set: its size; else what was seen of it, else rows x columns. Of alternatives, the
/// largest.
fn stated(graph: &Graph, history: &History<'_>, id: DataId) -> Option<Estimate<Bytes>> {
    let data = &graph[id];
    let of_writers = reading::writes(graph, id).filter_map(|(step, write)| {
        let size = write.size.as_ref()?.value;
        Some(size.times(fanout::items(graph, step) as f64))
    });
    let items = reading::items_written(graph, id) as f64;
    let declared = of_writers
        .max()
        .or(data.size.as_ref().map(|size| size.value.times(items)));
    declared
        .map(|size| grown(size, data))
        .or_else(|| history.size(graph, data))
        .or_else(|| tabular(graph, id))
}

/// As declared today; p95 after a year of growth.
fn grown(size: Bytes, data: &DataSet) -> Estimate<Bytes> {
    let growth = (1.0 + data.growth.0.max(0.0)).powi(MONTHS_OF_GROWTH);
    Estimate {
        p50: size,
        p95: size.times(growth),
        basis: Basis::Declared,
    }
}

fn tabular(graph: &Graph, id: DataId) -> Option<Estimate<Bytes>> {
    let rows = reading::declared_rows(graph, id)?;
    let columns = reading::declared_columns(graph, id).unwrap_or(USUAL_COLUMNS);
    let data = &graph[id];
    let width = Format::of(data).bytes_per_value;
    let growth = (1.0 + data.growth.0.max(0.0)).powi(MONTHS_OF_GROWTH);
    let formula = format!("{rows} rows x {columns} columns x {width} B");
    let source = "bytes a value by format; estimates of the table in profile/format.rs";
    Some(Estimate::analytic(rows * columns * width, TABLE_SPREAD * growth, source, formula).bytes())
}

/// What one item of a step writes, from what it reads.
fn derived(step: &Step, inputs: &[Reading]) -> Estimate<Bytes> {
    if let Some(model) = step.model.as_ref().filter(|_| step.kind == StepKind::Training)
        && let Some(size) = Family::of(model).artifact(inputs)
    {
        return size;
    }
    let (share, rule) = match step.kind {
        StepKind::Etl => (0.5, "half of what the step reads, as etl keeps about that"),
        StepKind::Features => (0.25, "a quarter of what the step reads, as features aggregate"),
        StepKind::Training => (0.01, "a hundredth of what the step reads, as models are small"),
        StepKind::Evaluation => (0.01, "a hundredth of what the step reads, as reports are small"),
        StepKind::BatchInference => (0.1, "a tenth of what the step reads, as predictions are narrow"),
        StepKind::Task | StepKind::Serving | StepKind::Streaming => (1.0, "as much as the step reads"),
    };
    let read: Bytes = inputs.iter().map(|input| input.bytes.p50).sum();
    if read == Bytes::ZERO {
        return unknown();
    }
    Estimate::guess(read.as_f64() * share, GUESS_SPREAD, rule).bytes()
}

fn unknown() -> Estimate<Bytes> {
    Estimate::guess(
        UNKNOWN_SIZE.as_f64(),
        GUESS_SPREAD,
        "10 GiB, as nothing is known of it",
    )
    .bytes()
}

fn report(data: &DataSet, size: &Estimate<Bytes>, rule: &str, out: &mut Diagnostics) {
    out.push(
        Diagnostic::new(
            Code::DataSize,
            data.name.span,
            format!("taken to be {rule}"),
            format!("nothing says how large `{}` is", data.name.value),
        )
        .help(format!("say it: `size \"{}\"` (or rows and columns)", size.p50)),
    );
}
