//! Steps of which not all run: how often each is expected to, and which never run together.
//!
//! Nobody knows beforehand how often a condition holds. A condition that has an `otherwise` is taken to hold in every
//! second run, independently of others; one without an alternative, always: it guards what usually happens.

use crate::graph::model::{Graph, Step};

/// Share of runs in which a condition that has an alternative holds.
const HOLDS: f64 = 0.5;

/// What conditions do to a graph.
#[derive(Clone, Debug)]
pub struct Alternatives {
    /// By step, the share of its pipeline's runs in which it runs.
    pub shares: Vec<f64>,
    /// Sets of steps of which at most one runs in a run; no step is in two.
    pub groups: Vec<Vec<usize>>,
}

impl Alternatives {
    /// Looks at every `when` and `otherwise`.
    pub fn of(graph: &Graph) -> Alternatives {
        let mut shares: Vec<f64> = Vec::new();
        // Steps come after all they read from.
        for step in &graph.steps {
            let share = if step.kind.always_on() {
                // Skipped, it goes on as it was.
                1.0
            } else {
                own(graph, step).min(fed(graph, step, &shares))
            };
            shares.push(share);
        }
        Alternatives {
            shares,
            groups: groups(graph),
        }
    }

    /// The groups that have two of `steps` or more, without the others.
    pub fn among(&self, steps: &[usize]) -> Vec<Vec<usize>> {
        let inside = |group: &Vec<usize>| -> Vec<usize> {
            let inside = group.iter().filter(|step| steps.contains(step));
            inside.copied().collect()
        };
        let groups = self.groups.iter().map(inside);
        groups.filter(|group| group.len() > 1).collect()
    }
}

/// By step, the share of its pipeline's runs in which it is taken to run.
pub fn shares(graph: &Graph) -> Vec<f64> {
    Alternatives::of(graph).shares
}

/// Chance that a step's condition holds, taken to be so where nobody says better.
pub fn chance(graph: &Graph, step: &Step) -> f64 {
    let is_alternative = |other: &Step| other.otherwise.iter().any(|of| of.value == step.id);
    match (&step.when, graph.steps.iter().any(is_alternative)) {
        (Some(_), true) => HOLDS,
        (Some(_), false) | (None, _) => 1.0,
    }
}

/// By the step's own condition, or those of the steps whose alternative it is.
fn own(graph: &Graph, step: &Step) -> f64 {
    let none = (1.0 - HOLDS).powi(step.otherwise.len() as i32);
    let has_alternative = graph
        .steps
        .iter()
        .any(|other| other.otherwise.iter().any(|of| of.value == step.id));
    if has_alternative { none * HOLDS } else { none }
}

/// By what it reads: without any of the writers of a data set, there is nothing to do.
fn fed(graph: &Graph, step: &Step, shares: &[f64]) -> f64 {
    let written = step.reads.iter().filter(|read| read.orders);
    let fed = written.filter_map(|read| {
        let data = &graph[read.data];
        let writers = data.writers.iter().map(|writer| shares.get(writer.0 as usize));
        let share: f64 = writers.flatten().sum();
        (data.at.is_empty() && !data.writers.is_empty()).then_some(share)
    });
    fed.fold(1.0, f64::min)
}

/// Each step and its alternatives, as long as every two of them exclude each other.
fn groups(graph: &Graph) -> Vec<Vec<usize>> {
    let excludes = |a: &Step, b: &Step| {
        let otherwise = |x: &Step, y: &Step| x.otherwise.iter().any(|of| of.value == y.id);
        otherwise(a, b) || otherwise(b, a)
    };
    let mut groups: Vec<Vec<usize>> = Vec::new();
    for step in &graph.steps {
        let fits = |group: &&mut Vec<usize>| {
            let mut others = group.iter().filter_map(|other| graph.steps.get(*other));
            others.all(|other| excludes(step, other))
        };
        match groups.iter_mut().find(fits) {
            Some(group) => group.push(step.id.0 as usize),
            None => groups.push(vec![step.id.0 as usize]),
        }
    }
    groups.retain(|group| group.len() > 1);
    groups
}
