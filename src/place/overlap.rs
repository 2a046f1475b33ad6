//! Which steps may run at the same time.

use std::collections::BTreeSet;

use crate::graph::model::{Graph, Overlap, Step, StepId};

/// Beyond so many sets, all steps are taken to run at once: never too little.
const MOST_SETS: usize = 512;

/// For each pair of steps, whether both may run at one moment.
#[derive(Clone, Debug)]
pub struct Overlaps {
    /// By step, those that may run beside it.
    beside: Vec<BTreeSet<usize>>,
}

impl Overlaps {
    /// Looks at every pair of steps: other pipelines always overlap; in one pipeline, neither ancestors nor
    /// alternatives do, unless runs overlap or one of the two is always on.
    pub fn of(graph: &Graph) -> Overlaps {
        let ancestors = ancestors(graph);
        let apart = |a: &Step, b: &Step| {
            if a.pipeline != b.pipeline || a.kind.always_on() || b.kind.always_on() {
                return false;
            }
            let pipeline = &graph[a.pipeline];
            let again = pipeline
                .schedules
                .iter()
                .any(|schedule| schedule.overlap == Overlap::Allow)
                || pipeline
                    .triggers
                    .iter()
                    .any(|trigger| trigger.overlap == Overlap::Allow);
            let before = |x: &Step, y: &Step| {
                ancestors
                    .get(y.id.0 as usize)
                    .is_some_and(|all| all.contains(&x.id))
            };
            !again && (before(a, b) || before(b, a) || alternatives(graph, a, b))
        };
        let beside = graph.steps.iter().map(|a| {
            let others = graph.steps.iter().filter(|b| b.id != a.id && !apart(a, b));
            others.map(|b| b.id.0 as usize).collect()
        });
        Overlaps {
            beside: beside.collect(),
        }
    }

    /// Sets of the steps in `of` such that all steps that ever run at one moment are in one of them.
    pub fn windows(&self, of: &BTreeSet<usize>) -> Vec<Vec<usize>> {
        let mut found = Vec::new();
        self.extend(Vec::new(), of.clone(), BTreeSet::new(), &mut found);
        if found.len() > MOST_SETS {
            return vec![of.iter().copied().collect()];
        }
        found
    }

    /// Bron and Kerbosch's enumeration of maximal cliques, with a pivot.
    fn extend(
        &self,
        clique: Vec<usize>,
        mut open: BTreeSet<usize>,
        mut done: BTreeSet<usize>,
        found: &mut Vec<Vec<usize>>,
    ) {
        if found.len() > MOST_SETS {
            return;
        }
        let Some(pivot) = open
            .iter()
            .chain(&done)
            .max_by_key(|step| self.with(**step, &open).len())
            .copied()
        else {
            if !clique.is_empty() {
                found.push(clique);
            }
            return;
        };
        let beside_pivot = self.with(pivot, &open);
        for step in open.clone().difference(&beside_pivot).copied() {
            let grown = [clique.as_slice(), &[step]].concat();
            self.extend(grown, self.with(step, &open), self.with(step, &done), found);
            open.remove(&step);
            done.insert(step);
        }
    }

    /// Those of `among` that may run beside `step`.
    fn with(&self, step: usize, among: &BTreeSet<usize>) -> BTreeSet<usize> {
        self.beside.get(step).map_or_else(BTreeSet::new, |beside| {
            beside.intersection(among).copied().collect()
        })
    }
}

/// By step, all steps that must have ended before it.
fn ancestors(graph: &Graph) -> Vec<BTreeSet<StepId>> {
    let mut all: Vec<BTreeSet<StepId>> = Vec::new();
    for step in &graph.steps {
        let mut own = BTreeSet::new();
        for before in &step.predecessors {
            own.insert(*before);
            own.extend(all.get(before.0 as usize).into_iter().flatten());
        }
        all.push(own);
    }
    all
}

/// True if at most one of the two runs: one is the other's `otherwise`, or they write the same data.
fn alternatives(graph: &Graph, a: &Step, b: &Step) -> bool {
    let otherwise = |x: &Step, y: &Step| x.otherwise.iter().any(|step| step.value == y.id);
    let twins = a.writes.iter().any(|write| {
        let writers = &graph[write.data].writers;
        writers.contains(&a.id) && writers.contains(&b.id)
    });
    otherwise(a, b) || otherwise(b, a) || twins
}
