//! Rules that span nodes: alternatives, ends, what is written and used.

mod bounds;
mod cache;
mod constant;
mod fanout;
mod flow;
mod place;
mod runtime;
mod skipped;
mod unused;
mod written;

use super::model::{DataSet, Graph, Step, StepKind};
use super::outline::{DataOutline, Outline, StepOutline};
use super::situation::Runs;
use crate::catalog::Catalog;
use crate::diag::{Code, Diagnostic, Diagnostics};

/// Checks every rule.
pub(super) fn check(graph: &Graph, outlines: &[Outline<'_>], catalog: &Catalog, out: &mut Diagnostics) {
    let runs = Runs::of(graph, |step| unread(outlines, step));
    let mut rules = Rules {
        graph,
        outlines,
        catalog,
        runs,
        out,
    };
    for outline in outlines {
        rules.unused_parameters(outline);
        rules.empty(outline);
    }
    for data in &graph.data {
        rules.writers(data);
        rules.residency_of(data);
    }
    for step in &graph.steps {
        rules.unwritten(step);
        rules.partitions(step);
        rules.choices(step);
        rules.twins(step);
        rules.cached(step);
        rules.constant(step);
        rules.left_nothing(step);
        rules.one_alternative(step);
        rules.never_there(step);
        rules.alternatives(step);
        rules.after(step);
        rules.finally(step);
        rules.traffic(step);
        rules.runtime(step);
        rules.bounds(step);
        rules.only(step);
    }
    for each in &graph.each {
        rules.early_stop(each);
    }
}

/// True if the step has a condition that could not be read, or may have one: anything may be in it.
fn unread(outlines: &[Outline<'_>], step: &Step) -> bool {
    let outline = outlines.get(step.pipeline.0 as usize);
    outline.and_then(|outline| outline.step(&step.name.value)).is_none_or(|own| {
        let otherwise = own.child("otherwise").map_or(0, |line| line.arguments.len());
        own.node.damaged
            || (own.child("when").is_some() && step.when.is_none())
            || (own.child("otherwise").is_some() && (otherwise == 0 || otherwise > step.otherwise.len()))
    })
}

struct Rules<'a, 'd> {
    graph: &'a Graph,
    outlines: &'a [Outline<'d>],
    catalog: &'a Catalog,
    runs: Runs,
    out: &'a mut Diagnostics,
}

impl<'a, 'd> Rules<'a, 'd> {
    fn outline(&self, step: &Step) -> Option<(&'a Outline<'d>, &'a StepOutline<'d>)> {
        let outline = self.outlines.get(step.pipeline.0 as usize)?;
        Some((outline, outline.step(&step.name.value)?))
    }

    fn data_outline(&self, data: &DataSet) -> Option<(&'a Outline<'d>, &'a DataOutline<'d>)> {
        let outline = self.outlines.get(data.pipeline.0 as usize)?;
        Some((outline, outline.data.get(&data.name.value)?))
    }

    /// True if a line about this data set was left out.
    fn unsure_of(&self, data: &DataSet) -> bool {
        self.data_outline(data)
            .is_none_or(|(outline, data)| data.damaged(outline))
    }

    /// True if the step has a condition, be it one that could not be read.
    fn conditional(&self, step: &Step) -> bool {
        self.outline(step).is_none_or(|(_, outline)| {
            outline.node.damaged || outline.child("when").is_some() || outline.child("otherwise").is_some()
        })
    }

    fn empty(&mut self, outline: &Outline<'_>) {
        if outline.steps.is_empty() && !outline.node.damaged {
            let message = format!("the pipeline `{}` has no steps", outline.name.value);
            let found = Diagnostic::new(Code::GraphEmpty, outline.name.span, "nothing to do", message);
            self.out.push(found.help("add a `step`"));
        }
    }

    fn traffic(&mut self, step: &Step) {
        if step.kind != StepKind::Serving {
            return;
        }
        let routed = self.graph[step.pipeline].endpoints.iter().any(|endpoint| {
            endpoint.traffic.is_some() && endpoint.routes.iter().any(|route| route.step.value == step.id)
        });
        // The line may be there and have been reported, here or on the endpoint.
        let unsure = self.outline(step).is_none_or(|(outline, own)| {
            let endpoints = outline.node.all("endpoint");
            let mut nodes = endpoints.chain([own.node]);
            nodes.any(|node| node.damaged || node.child("traffic").is_some_and(|traffic| traffic.damaged))
        });
        if step.traffic.is_none() && !routed && !unsure {
            let message = format!("nothing says how much traffic `{}` gets", step.name.value);
            self.out.push(
                Diagnostic::new(Code::ServeTraffic, step.name.span, "no `traffic`", message)
                    .help("add `traffic peak=\"400/s\" shape=office-hours`, here or on an endpoint"),
            );
        }
    }
}
