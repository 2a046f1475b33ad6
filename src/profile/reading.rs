//! What one item of a step reads: which part of each data set, as bytes and as a table.

use super::fanout;
use super::format::{BYTES_IN_MEMORY, Format, USUAL_COLUMNS};
use super::model::Estimate;
use crate::graph::model::{DataId, DataSet, EachId, Graph, Partitions, Read, Step, StepKind, Write};
use crate::quantity::{Bytes, Seconds};

const DAY: f64 = 86_400.0;

/// The time that a data set in partitions spans when `keep` does not say. A stated default.
const USUAL_SPAN: Seconds = Seconds(365.0 * DAY);

/// One input of one item of a step.
pub(super) struct Reading<'g> {
    /// The data set.
    pub data: &'g DataSet,
    /// Bytes of the part that is read.
    pub bytes: Estimate<Bytes>,
    /// Rows and columns of that part.
    pub table: Table,
    /// Copied into the container before it starts.
    pub mounted: bool,
    /// Written by a training step.
    pub trained: bool,
}

impl Reading<'_> {
    /// True for a trained model: an input that is applied rather than gone over.
    pub fn is_model(&self) -> bool {
        Format::of(self.data).is_model() || self.trained
    }
}

/// Rows and columns, declared or derived from the size.
#[derive(Clone, Copy, PartialEq, Debug, Default)]
pub(super) struct Table {
    /// Rows.
    pub rows: f64,
    /// Columns.
    pub columns: f64,
}

impl Table {
    /// Cells.
    pub fn values(self) -> f64 {
        self.rows * self.columns
    }

    /// Bytes of its values in a dataframe.
    pub fn in_memory(self) -> f64 {
        self.values() * BYTES_IN_MEMORY
    }
}

/// Everything that one item of `step` reads; `None` while the size of some of it is unknown.
pub(super) fn readings<'g>(
    graph: &'g Graph,
    step: &Step,
    size: impl Fn(DataId) -> Option<Estimate<Bytes>>,
) -> Option<Vec<Reading<'g>>> {
    let reads = step.reads.iter();
    reads
        .map(|read| {
            let data = &graph[read.data];
            let whole = size(read.data)?;
            let share = share(graph, step, read);
            let table = table(graph, read.data, whole.p50);
            Some(Reading {
                data,
                bytes: whole.map(|bytes| bytes.times(share)),
                table: Table {
                    rows: table.rows * share,
                    ..table
                },
                mounted: read.mount.is_some(),
                trained: data
                    .writers
                    .iter()
                    .any(|writer| graph[*writer].kind == StepKind::Training),
            })
        })
        .collect()
}

/// The `writes` lines of a data set, with their steps.
pub(super) fn writes(graph: &Graph, id: DataId) -> impl Iterator<Item = (&Step, &Write)> {
    graph[id].writers.iter().flat_map(move |writer| {
        let step = &graph[*writer];
        let lines = step.writes.iter().filter(move |write| write.data == id);
        lines.map(move |write| (step, write))
    })
}

/// Rows as declared, of all items together.
pub(super) fn declared_rows(graph: &Graph, id: DataId) -> Option<f64> {
    let of_writers = writes(graph, id).filter_map(|(_, write)| write.rows).max();
    let rows = of_writers.or(graph[id].rows)? as f64;
    Some(rows * items_written(graph, id) as f64)
}

/// Columns as declared.
pub(super) fn declared_columns(graph: &Graph, id: DataId) -> Option<f64> {
    let of_writers = writes(graph, id).filter_map(|(_, write)| write.columns).max();
    of_writers.or(graph[id].columns).map(|columns| columns as f64)
}

/// Versions of its items that one run writes: 1 outside fan-outs.
pub(super) fn items_written(graph: &Graph, id: DataId) -> u64 {
    writes(graph, id)
        .map(|(step, _)| fanout::items(graph, step))
        .max()
        .unwrap_or(1)
}

/// The whole data set as a table: what is declared, the rest from its size by its format.
pub(super) fn table(graph: &Graph, id: DataId, size: Bytes) -> Table {
    let values = size.as_f64() / Format::of(&graph[id]).bytes_per_value;
    match (declared_rows(graph, id), declared_columns(graph, id)) {
        (Some(rows), Some(columns)) => Table { rows, columns },
        (Some(rows), None) => Table {
            rows,
            columns: (values / rows.max(1.0)).max(1.0),
        },
        (None, columns) => {
            let columns = columns.unwrap_or(USUAL_COLUMNS).max(1.0);
            Table {
                rows: values / columns,
                columns,
            }
        }
    }
}

/// The share of `read`'s data set that one item of `step` reads.
fn share(graph: &Graph, step: &Step, read: &Read) -> f64 {
    let data = &graph[read.data];
    let newest = read.last.map_or(1.0, |last| newest(data, last));
    let part = read
        .part_of
        .map_or(1.0, |each| 1.0 / fanout::product(graph, &[each]) as f64);
    let written_in = data
        .writers
        .first()
        .map_or(&[][..], |writer| &graph[*writer].each);
    let own: Vec<EachId> = written_in
        .iter()
        // A chosen item is one of all; else a reader in the same fan-out has its own item.
        .filter(|each| read.choose.is_some() || step.each.contains(each))
        .copied()
        .collect();
    newest * part / fanout::product(graph, &own) as f64
}

/// The share of the partitions that the last so many seconds make up, of the time that is kept.
fn newest(data: &DataSet, last: Seconds) -> f64 {
    let partition = match &data.partitions {
        Some(Partitions::By(key)) => match key.as_str() {
            "hour" => 3600.0,
            "week" => 7.0 * DAY,
            "month" => 365.0 * DAY / 12.0,
            "year" => 365.0 * DAY,
            _ => DAY,
        },
        Some(Partitions::Count(_)) | None => DAY,
    };
    let span = data.keep.unwrap_or(USUAL_SPAN).max(Seconds(partition));
    ((last.0 / partition).ceil().max(1.0) * partition / span.0).min(1.0)
}
