//! When a step runs: its own condition holds, and one of the alternatives that make each thing it needs runs.

use super::{Conditions, Situations};
use crate::graph::model::{Binding, Graph, Step, StepId};

/// The situations in which each step runs.
pub(in crate::graph) struct Runs {
    steps: Vec<Chances>,
}

/// One step.
struct Chances {
    /// Its `when` or `otherwise` lets it run.
    holds: Situations,
    /// It does not.
    fails: Situations,
    /// It runs: what it needs is there, too.
    runs: Situations,
}

impl Runs {
    /// Of all steps; `unread` tells of a step whose condition could not be read.
    pub fn of(graph: &Graph, unread: impl Fn(&Step) -> bool) -> Runs {
        let mut found = Runs { steps: Vec::new() };
        for step in &graph.steps {
            let (holds, fails) = if unread(step) {
                (Situations::all(), Situations::all())
            } else {
                (
                    found.condition(graph, step, true),
                    found.condition(graph, step, false),
                )
            };
            let inputs = inputs(graph, step);
            let runs = inputs
                .iter()
                .fold(holds.clone(), |runs, makers| runs.and(&found.any(makers)));
            found.steps.push(Chances { holds, fails, runs });
        }
        found
    }

    /// When the step's own condition holds, whatever else is there.
    pub fn holds(&self, step: StepId) -> Situations {
        self.get(step)
            .map_or_else(Situations::all, |own| own.holds.clone())
    }

    /// When the step's own condition does not hold.
    pub fn fails(&self, step: StepId) -> Situations {
        self.get(step)
            .map_or_else(Situations::all, |own| own.fails.clone())
    }

    /// When the step runs.
    pub fn runs(&self, step: StepId) -> Situations {
        self.get(step)
            .map_or_else(Situations::all, |own| own.runs.clone())
    }

    /// When one of these steps runs.
    pub fn any(&self, steps: &[StepId]) -> Situations {
        let runs = steps.iter().map(|step| self.runs(*step));
        runs.fold(Situations::none(), Situations::or)
    }

    /// Steps that wait for each other have no order: of one that comes later, nothing is known.
    fn get(&self, step: StepId) -> Option<&Chances> {
        self.steps.get(step.0 as usize)
    }

    fn condition(&self, graph: &Graph, step: &Step, holds: bool) -> Situations {
        let own = step.when.as_ref().map(|when| {
            let conditions = Conditions {
                graph,
                pipeline: step.pipeline,
            };
            conditions.whole(&when.value, holds)
        });
        let others = step.otherwise.iter().map(|other| other.value);
        if holds {
            let own = own.unwrap_or_else(Situations::all);
            others.fold(own, |all, other| all.and(&self.fails(other)))
        } else {
            let own = own.unwrap_or_else(Situations::none);
            others.fold(own, |any, other| any.or(self.holds(other)))
        }
    }
}

/// For each thing that a step needs in this run, the steps that may make it.
pub fn inputs<'g>(graph: &'g Graph, step: &'g Step) -> Vec<&'g [StepId]> {
    let data = step
        .reads
        .iter()
        .filter(|read| read.orders)
        .map(|read| &graph[read.data]);
    // What has a place exists before the run.
    let made = data
        .filter(|data| data.at.iter().all(|at| at.uri.is_none()))
        .map(|data| data.writers.as_slice());
    let outputs = step.bindings().into_iter().filter_map(|binding| match binding {
        Binding::Output { steps, .. } => Some(steps.as_slice()),
        Binding::Parameter { .. }
        | Binding::Item { .. }
        | Binding::Run(_)
        | Binding::DataUri(_)
        | Binding::DataPath(_) => None,
    });
    made.chain(outputs).collect()
}
