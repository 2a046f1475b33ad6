//! Rules that span nodes: alternatives, ends, what is written and used.

use super::model::{Graph, Step, StepId, StepKind};
use super::order::references;
use super::outline::Outline;
use crate::catalog::Catalog;
use crate::diag::{Code, Diagnostic, Diagnostics};
use crate::syntax::Node;

/// Checks every rule.
pub(super) fn check(graph: &Graph, outlines: &[Outline<'_>], catalog: &Catalog, out: &mut Diagnostics) {
    for outline in outlines {
        unused_parameters(outline, out);
        if outline.steps.is_empty() {
            let message = format!("the pipeline `{}` has no steps", outline.name.value);
            out.push(
                Diagnostic::new(Code::GraphEmpty, outline.name.span, "nothing to do", message)
                    .help("add a `step`"),
            );
        }
    }
    for data in &graph.data {
        writers(graph, data, out);
    }
    for step in &graph.steps {
        unwritten(graph, step, out);
        partitions(graph, step, out);
        ends(graph, step, out);
        serving(graph, step, out);
        bounds(step, out);
    }
    sites(graph, catalog, out);
}

fn unused_parameters(outline: &Outline<'_>, out: &mut Diagnostics) {
    let mut used = Vec::new();
    walk(outline.node, &mut |node| {
        for value in node
            .arguments
            .iter()
            .chain(node.properties.iter().map(|p| &p.value))
        {
            let mut found = Vec::new();
            references(&value.value, &mut found);
            used.extend(
                found
                    .into_iter()
                    .filter_map(|path| path.value.0.into_iter().next()),
            );
        }
        if node.name() == "each" {
            used.extend(node.text("from").map(|from| from.value));
        }
    });
    for (name, node) in &outline.parameters {
        if !used.contains(name) {
            let span = node.arguments.first().map_or(node.span, |name| name.span);
            let message = format!("nothing uses the parameter `{name}`");
            out.push(
                Diagnostic::new(Code::NameUnused, span, "never used", message)
                    .help("remove it, or use it in a condition or an `(f)` string"),
            );
        }
    }
}

fn walk<'d>(node: &'d Node, see: &mut impl FnMut(&'d Node)) {
    see(node);
    for child in &node.children {
        walk(child, see);
    }
}

/// Two steps may write one data set only if at most one of them can run.
fn writers(graph: &Graph, data: &super::model::DataSet, out: &mut Diagnostics) {
    let excludes = |a: &Step, b: &Step| a.otherwise.iter().any(|other| other.value == b.id);
    for (index, first) in data.writers.iter().enumerate() {
        for second in data.writers.iter().skip(index + 1) {
            let (a, b) = (&graph[*first], &graph[*second]);
            if excludes(a, b) || excludes(b, a) {
                continue;
            }
            let place = |step: &Step| {
                step.writes
                    .iter()
                    .find(|w| graph[w.data].name.value == data.name.value)
                    .map_or(step.span, |w| w.span)
            };
            let message = format!(
                "`{}` and `{}` may both write `{}` in one run",
                a.name.value, b.name.value, data.name.value
            );
            out.push(
                Diagnostic::new(Code::GraphWriters, place(b), "written again here", message)
                    .and(place(a), "written here")
                    .help(format!(
                        "let one run `otherwise {}`, or write two data sets",
                        a.name.value
                    )),
            );
        }
    }
}

fn unwritten(graph: &Graph, step: &Step, out: &mut Diagnostics) {
    for read in &step.reads {
        let data = &graph[read.data];
        if data.writers.is_empty() && data.at.is_empty() {
            let message = format!("nothing writes `{}` and it has no `at`", data.name.value);
            out.push(
                Diagnostic::new(Code::GraphUnwritten, read.span, "never there", message)
                    .and(data.span, "declared here")
                    .help("say where it is with `at`, or let a step write it"),
            );
        }
        if read.previous && (data.writers.is_empty() || data.pipeline != step.pipeline) {
            let message = format!(
                "this pipeline does not write `{}`, so there is no last run's version",
                data.name.value
            );
            out.push(Diagnostic::new(
                Code::GraphPrevious,
                read.span,
                "not written here",
                message,
            ));
        }
    }
}

fn partitions(graph: &Graph, step: &Step, out: &mut Diagnostics) {
    for read in step.reads.iter().filter(|read| read.last.is_some()) {
        let data = &graph[read.data];
        if data.partitions.is_none() {
            let message = format!(
                "`{}` has no partitions to choose the newest from",
                data.name.value
            );
            out.push(
                Diagnostic::new(
                    Code::DataPartition,
                    read.span,
                    "`last=` needs partitions",
                    message,
                )
                .and(data.span, "this data set")
                .help("add `partitions by=day` to it"),
            );
        }
    }
}

fn ends(graph: &Graph, step: &Step, out: &mut Diagnostics) {
    for other in &step.otherwise {
        if graph[other.value].when.is_none() && graph[other.value].otherwise.is_empty() {
            let message = format!(
                "`{}` always runs, so this never does",
                graph[other.value].name.value
            );
            out.push(
                Diagnostic::new(Code::GraphOtherwise, other.span, "has no `when`", message)
                    .help(format!("give `{}` a `when`", graph[other.value].name.value)),
            );
        }
    }
    for after in &step.after {
        let before = &graph[after.value];
        if before.kind.always_on() {
            let message = format!("`{}` never ends", before.name.value);
            out.push(Diagnostic::new(
                Code::GraphKind,
                after.span,
                "runs always",
                message,
            ));
        } else if data_orders(graph, step, after.value) {
            let message = format!(
                "data flow already orders `{}` after `{}`",
                step.name.value, before.name.value
            );
            out.push(
                Diagnostic::new(Code::GraphRedundant, after.span, "says it again", message).help("remove it"),
            );
        }
    }
    for before in &step.predecessors {
        let before = &graph[*before];
        if before.finally {
            let message = format!("`{}` runs last: nothing may wait for it", before.name.value);
            out.push(
                Diagnostic::new(
                    Code::GraphFinally,
                    step.name.span,
                    format!("waits for `{}`", before.name.value),
                    message,
                )
                .and(before.name.span, "a `finally` step"),
            );
        }
    }
    if step.finally && !step.predecessors.is_empty() {
        let message = format!(
            "`{}` runs whatever happened, so it cannot need what other steps make",
            step.name.value
        );
        out.push(
            Diagnostic::new(Code::GraphFinally, step.name.span, "reads or waits", message)
                .help("a `finally` step knows only parameters and `run`"),
        );
    }
}

fn data_orders(graph: &Graph, step: &Step, before: StepId) -> bool {
    step.reads
        .iter()
        .any(|read| read.orders && graph[read.data].writers.contains(&before))
}

fn serving(graph: &Graph, step: &Step, out: &mut Diagnostics) {
    if step.kind != StepKind::Serving {
        return;
    }
    let pipeline = &graph[step.pipeline];
    let routed = pipeline.endpoints.iter().any(|endpoint| {
        endpoint.traffic.is_some() && endpoint.routes.iter().any(|r| r.step.value == step.id)
    });
    if step.traffic.is_none() && !routed {
        let message = format!("nothing says how much traffic `{}` gets", step.name.value);
        out.push(
            Diagnostic::new(Code::ServeTraffic, step.name.span, "no `traffic`", message)
                .help("add `traffic peak=\"400/s\" shape=office-hours`, here or on an endpoint"),
        );
    }
}

fn bounds(step: &Step, out: &mut Diagnostics) {
    let mut check = |name: &str,
                     least: Option<(f64, crate::source::Span)>,
                     most: Option<(f64, crate::source::Span)>| {
        if let (Some((least, from)), Some((most, to))) = (least, most)
            && least > most
        {
            let message = format!("`at-least` is above `at-most` for `{name}`");
            out.push(
                Diagnostic::new(Code::ValueBounds, to, "at most this", message).and(from, "at least this"),
            );
        }
    };
    let (low, high) = (&step.at_least, &step.at_most);
    check(
        "cores",
        low.cores.map(|v| (v.value.0, v.span)),
        high.cores.map(|v| (v.value.0, v.span)),
    );
    check(
        "memory",
        low.memory.map(|v| (v.value.as_f64(), v.span)),
        high.memory.map(|v| (v.value.as_f64(), v.span)),
    );
    check(
        "disk",
        low.disk.map(|v| (v.value.as_f64(), v.span)),
        high.disk.map(|v| (v.value.as_f64(), v.span)),
    );
    check(
        "gpus",
        low.gpus.map(|v| (v.value as f64, v.span)),
        high.gpus.map(|v| (v.value as f64, v.span)),
    );
    check(
        "run-time",
        low.run_time.map(|v| (v.value.0, v.span)),
        high.run_time.map(|v| (v.value.0, v.span)),
    );
}

/// Data whose own residency forbids the place where it is.
fn sites(graph: &Graph, catalog: &Catalog, out: &mut Diagnostics) {
    for data in &graph.data {
        for location in &data.at {
            let Some(country) = super::country_of(catalog, graph.platform.as_ref(), &location.site.value)
            else {
                continue;
            };
            if let Some(rule) = data.inherited.forbidding(&country) {
                let message = format!(
                    "`{}` may not be at `{}`, which is in `{country}`",
                    data.name.value, location.site.value
                );
                out.push(
                    Diagnostic::new(
                        Code::ResidencySite,
                        location.site.span,
                        format!("in `{country}`"),
                        message,
                    )
                    .and(rule.span, "this rules it out"),
                );
            }
        }
    }
}
