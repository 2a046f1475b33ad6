//! How many times a step runs in one run, and how many of these side by side.

use crate::diag::{Code, Diagnostic, Diagnostics};
use crate::graph::model::{DataSet, Each, EachId, Graph, Items, Partitions, Step};

/// Items of a list whose length nobody says. A stated default.
const UNKNOWN_ITEMS: u64 = 10;

/// Items of all fan-outs around `step` together; 1 outside fan-outs.
pub(super) fn items(graph: &Graph, step: &Step) -> u64 {
    product(graph, &step.each)
}

/// Items of `step` that run at once. A bound counts all items of its fan-out in a run, so an inner one also bounds
/// what the outer ones multiply to.
pub(super) fn parallel(graph: &Graph, step: &Step) -> u64 {
    step.each.iter().fold(1, |parallel: u64, id| {
        let each = &graph[*id];
        let most = each.concurrency.unwrap_or(u64::MAX).max(1);
        parallel.saturating_mul(length(graph, each)).clamp(1, most)
    })
}

/// Items of these fan-outs, nested or crossed.
pub(super) fn product(graph: &Graph, each: &[EachId]) -> u64 {
    each.iter().fold(1, |items: u64, id| {
        items.saturating_mul(length(graph, &graph[*id]).max(1))
    })
}

/// Independent parts of a data set, if that is known.
pub(super) fn partitions(data: &DataSet) -> Option<u64> {
    match data.partitions {
        Some(Partitions::Count(count)) => Some(count.max(1)),
        Some(Partitions::By(_)) | None => None,
    }
}

/// The share of the full work that the mean item of `step` does: with early stopping, each rung is an equal part and
/// only `keep` of the items go on after it (Jamieson and Talwalkar 2016, Non-stochastic best arm identification).
pub(super) fn share_of_work(graph: &Graph, step: &Step) -> f64 {
    let stops = step.each.iter().filter_map(|id| graph[*id].early_stop.as_ref());
    stops
        .map(|stop| {
            let rungs = stop.rungs.clamp(1, 64) as i32;
            let keep = stop.keep.0.clamp(0.0, 1.0);
            (0..rungs).map(|rung| keep.powi(rung)).sum::<f64>() / f64::from(rungs)
        })
        .product()
}

/// Warns of every list whose length is unknown; what depends on it is guessed.
pub(super) fn report_unknown(graph: &Graph, out: &mut Diagnostics) {
    for each in graph.each.iter().filter(|each| known(graph, each).is_none()) {
        let name = &each.variable;
        out.push(
            Diagnostic::new(
                Code::DataSize,
                name.span,
                format!("taken to be {UNKNOWN_ITEMS}"),
                format!("nothing says how many items `{}` goes over", name.value),
            )
            .help("say how many are expected: `items=N` on the `emits`, or `partitions N` on the data"),
        );
    }
}

fn length(graph: &Graph, each: &Each) -> u64 {
    known(graph, each).unwrap_or(UNKNOWN_ITEMS)
}

fn known(graph: &Graph, each: &Each) -> Option<u64> {
    let of_data = match &each.items {
        Items::Partitions { data, .. } => partitions(&graph[*data]),
        Items::Known(_) | Items::Output { .. } | Items::Parameter { .. } => None,
    };
    each.items.expected().or(of_data)
}
