//! Which steps may run at the same time.

use std::collections::BTreeSet;

use fixedbitset::FixedBitSet;

use crate::graph::model::{Graph, Overlap, Pipeline, Step};

/// Beyond so many sets, all steps are taken to run at once: never too little.
const MOST_SETS: usize = 512;

/// For each pair of steps, whether both may run at one moment.
#[derive(Clone, Debug)]
pub struct Overlaps {
    /// By step, those that may run beside it.
    beside: Vec<FixedBitSet>,
}

impl Overlaps {
    /// Looks at every pair of steps: other pipelines always overlap; in one pipeline, neither ancestors nor
    /// alternatives do, unless runs overlap or one of the two is always on.
    pub fn of(graph: &Graph) -> Overlaps {
        let count = graph.steps.len();
        let mut all = FixedBitSet::with_capacity(count);
        all.insert_range(..);
        let mut overlaps = Overlaps {
            beside: vec![all; count],
        };
        let ends = |step: &Step| !step.kind.always_on() && !again(&graph[step.pipeline]);
        for (step, before) in graph.steps.iter().zip(ancestors(graph)) {
            overlaps.part(place(step), place(step));
            if !ends(step) {
                continue;
            }
            let others = before.ones().filter_map(|other| graph.steps.get(other));
            let twins = step.writes.iter().flat_map(|write| &graph[write.data].writers);
            let otherwise = step.otherwise.iter().map(|step| &step.value);
            let alternatives = twins.chain(otherwise).map(|id| &graph[*id]);
            for other in others.chain(alternatives) {
                if other.pipeline == step.pipeline && ends(other) {
                    overlaps.part(place(step), place(other));
                }
            }
        }
        overlaps
    }

    /// The two never run at one moment.
    fn part(&mut self, a: usize, b: usize) {
        for (one, other) in [(a, b), (b, a)] {
            if let Some(beside) = self.beside.get_mut(one) {
                beside.remove(other);
            }
        }
    }

    /// Sets of the steps in `of` such that all steps that ever run at one moment are in one of them.
    pub fn windows(&self, of: &BTreeSet<usize>) -> Vec<Vec<usize>> {
        let mut found = Vec::new();
        let open: FixedBitSet = of.iter().copied().collect();
        self.extend(Vec::new(), open, FixedBitSet::new(), &mut found);
        if found.len() > MOST_SETS {
            return vec![of.iter().copied().collect()];
        }
        found
    }

    /// Bron and Kerbosch's enumeration of maximal cliques, with a pivot.
    fn extend(
        &self,
        clique: Vec<usize>,
        mut open: FixedBitSet,
        mut done: FixedBitSet,
        found: &mut Vec<Vec<usize>>,
    ) {
        if found.len() > MOST_SETS {
            return;
        }
        let Some(pivot) = open
            .ones()
            .chain(done.ones())
            .max_by_key(|step| self.with(*step, &open).count_ones(..))
        else {
            if !clique.is_empty() {
                found.push(clique);
            }
            return;
        };
        let apart_from_pivot: Vec<usize> = open.difference(&self.with(pivot, &open)).collect();
        for step in apart_from_pivot {
            let grown = [clique.as_slice(), &[step]].concat();
            self.extend(grown, self.with(step, &open), self.with(step, &done), found);
            open.remove(step);
            done.grow_and_insert(step);
        }
    }

    /// Those of `among` that may run beside `step`.
    fn with(&self, step: usize, among: &FixedBitSet) -> FixedBitSet {
        let mut both = among.clone();
        match self.beside.get(step) {
            Some(beside) => both.intersect_with(beside),
            None => both.clear(),
        }
        both
    }
}

fn place(step: &Step) -> usize {
    step.id.0 as usize
}

/// True if a run may start before the last has ended.
fn again(pipeline: &Pipeline) -> bool {
    let schedules = pipeline.schedules.iter().map(|schedule| schedule.overlap);
    let triggers = pipeline.triggers.iter().map(|trigger| trigger.overlap);
    schedules.chain(triggers).any(|overlap| overlap == Overlap::Allow)
}

/// By step, all steps that must have ended before it.
fn ancestors(graph: &Graph) -> Vec<FixedBitSet> {
    let mut all: Vec<FixedBitSet> = Vec::new();
    for step in &graph.steps {
        let mut own = FixedBitSet::with_capacity(graph.steps.len());
        for before in &step.predecessors {
            own.insert(before.0 as usize);
            if let Some(before) = all.get(before.0 as usize) {
                own.union_with(before);
            }
        }
        all.push(own);
    }
    all
}
