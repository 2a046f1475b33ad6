//! Rules that span nodes: alternatives, ends, what is written and used.

mod bounds;
mod cache;
mod constant;
mod endpoint;
mod fanout;
mod flow;
mod once;
mod place;
mod runtime;
mod skipped;
mod trigger;
mod unused;
mod written;

pub(super) use once::repeated;

use super::model::{DataSet, Graph, Step};
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
    for pipeline in &graph.pipelines {
        rules.starts(pipeline);
        rules.renamed(pipeline);
        rules.triggers(pipeline);
        rules.unattended(pipeline);
        for endpoint in &pipeline.endpoints {
            rules.endpoint(pipeline, endpoint);
        }
    }
    for data in &graph.data {
        rules.writers(data);
        rules.residency_of(data);
    }
    for step in &graph.steps {
        rules.once(step);
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
        rules.proximity(step);
        rules.combinations(step);
    }
    rules.hub();
    for each in &graph.each {
        rules.early_stop(each);
    }
}

/// True if the step has a condition that could not be read, or may have one: anything may be in it.
fn unread(outlines: &[Outline<'_>], step: &Step) -> bool {
    let outline = outlines.get(step.pipeline.0 as usize);
    outline
        .and_then(|outline| outline.step_of(step.id))
        .is_none_or(|own| {
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
        Some((outline, outline.step_of(step.id)?))
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
        for each in &outline.each {
            let empty = !outline.steps.iter().any(|step| {
                step.each
                    .iter()
                    .filter_map(|index| outline.each.get(*index))
                    .any(|own| own.id == each.id)
            });
            if empty && !each.node.damaged && !outline.node.damaged {
                let message = format!("no step is repeated for each `{}`", each.variable.value);
                let found = Diagnostic::new(Code::GraphEmpty, each.variable.span, "nothing to do", message);
                self.out
                    .push(found.help("put the steps into its block, or remove it"));
            }
        }
    }
}
