//! The steps of a fragment as Argo must see them: a task for each step, and one task around those that a fan-out repeats.

use crate::graph::{EachId, Graph, StepId};

/// A task of a DAG template.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Node {
    /// One step.
    Step(StepId),
    /// A fan-out and what it repeats.
    Each {
        /// The fan-out.
        each: EachId,
        /// What one item goes through.
        body: Vec<Node>,
    },
}

impl Node {
    /// All steps in it.
    pub fn steps(&self) -> Vec<StepId> {
        match self {
            Node::Step(step) => vec![*step],
            Node::Each { body, .. } => body.iter().flat_map(Node::steps).collect(),
        }
    }

    /// The name of its task. No step has two hyphens in its name, so generated tasks never meet one.
    pub fn name(&self, graph: &Graph) -> String {
        match self {
            Node::Step(step) => graph[*step].name.value.clone(),
            Node::Each { each, .. } => each_name(graph, *each),
        }
    }
}

/// The name of the task and template that a fan-out gets. Several fan-outs of a pipeline may call their items the same.
pub fn each_name(graph: &Graph, each: EachId) -> String {
    let own = &graph[each];
    let before = graph.each.iter().take(each.0 as usize);
    let same =
        before.filter(|other| other.pipeline == own.pipeline && other.variable.value == own.variable.value);
    match same.count() {
        0 => format!("each--{}", own.variable.value),
        more => format!("each--{}--{}", own.variable.value, more + 1),
    }
}

/// Groups `steps`, which are in topological order, by the fan-outs around them.
pub fn tree(graph: &Graph, steps: &[StepId]) -> Vec<Node> {
    level(graph, steps, 0)
}

fn level(graph: &Graph, steps: &[StepId], depth: usize) -> Vec<Node> {
    let around = |step: &StepId| graph[*step].each.get(depth).copied();
    let mut nodes: Vec<Node> = Vec::new();
    let mut seen: Vec<EachId> = Vec::new();
    for step in steps {
        let Some(each) = around(step) else {
            nodes.push(Node::Step(*step));
            continue;
        };
        if seen.contains(&each) {
            continue;
        }
        seen.push(each);
        let inside: Vec<StepId> = steps
            .iter()
            .copied()
            .filter(|other| around(other) == Some(each))
            .collect();
        nodes.push(Node::Each {
            each,
            body: level(graph, &inside, depth + 1),
        });
    }
    nodes
}
