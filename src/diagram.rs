//! Graph or plan -> a diagram: groups of nodes and the edges between them, then text for Mermaid or Graphviz.

mod dot;
mod group;
mod mermaid;

use std::collections::{BTreeMap, BTreeSet};

pub use dot::dot;
pub use group::{Group, Node, Shape};
pub use mermaid::mermaid;

use crate::graph::model::{Binding, DataId, Graph, Items, Step, StepId};
use crate::place::Plan;

/// What is drawn.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Diagram {
    /// Pipelines, or sites.
    pub groups: Vec<Group>,
    /// By ends.
    pub edges: Vec<Edge>,
}

/// Why one node comes after another.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Flow {
    /// A data set, or a value, goes from one to the other.
    Data,
    /// The second runs only if the first had a certain outcome.
    Condition,
    /// Order without data.
    Order,
}

/// A line from one node to another.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Edge {
    /// Id of the node it leaves.
    pub from: String,
    /// Id of the node it enters.
    pub to: String,
    /// Why.
    pub flow: Flow,
    /// What flows.
    pub label: String,
}

/// The pipelines: steps and the data that exists before them, fan-outs as groups.
pub fn pipelines(graph: &Graph) -> Diagram {
    let groups = graph.pipelines.iter().map(|pipeline| {
        let mut group = Group::new(format!("p{}", pipeline.id.0), pipeline.name.value.clone());
        for id in &pipeline.steps {
            let path = graph[*id].each.iter().map(|each| group::fan_out(graph, *each));
            group.insert(&path.collect::<Vec<_>>(), step_node(&graph[*id], Vec::new()));
        }
        group
    });
    let mut groups: Vec<Group> = groups.collect();
    for id in sources(graph) {
        if let Some(group) = groups.get_mut(graph[id].pipeline.0 as usize) {
            group.insert(&[], data_node(graph, id));
        }
    }
    Diagram {
        groups,
        edges: edges(graph),
    }
}

/// The plan: the same, grouped by the site where each step runs, with the machines it runs on.
pub fn placement(plan: &Plan<'_>) -> Diagram {
    let graph = plan.profiled.graph;
    let mut sites: BTreeMap<&str, Vec<Node>> = BTreeMap::new();
    for assignment in &plan.assignments {
        let pool = &plan[assignment.pool];
        let machines = format!("{} x {} {}", assignment.machines, pool.machine, pool.pricing);
        let node = step_node(&graph[assignment.step], vec![machines]);
        sites.entry(&plan[assignment.site].name).or_default().push(node);
    }
    for id in sources(graph) {
        let home = plan.homes.get(id.0 as usize).copied().flatten();
        let site = home.map_or("elsewhere", |site| &plan[site].name);
        sites.entry(site).or_default().push(data_node(graph, id));
    }
    let groups = sites.into_iter().enumerate().map(|(index, (site, nodes))| {
        let mut group = Group::new(format!("site{index}"), site.to_owned());
        nodes.into_iter().for_each(|node| group.insert(&[], node));
        group
    });
    Diagram {
        groups: groups.collect(),
        edges: edges(graph),
    }
}

fn step_node(step: &Step, mut notes: Vec<String>) -> Node {
    let kind = if step.finally {
        "finally".to_owned()
    } else {
        step.kind.word().to_owned()
    };
    notes.insert(0, kind);
    notes.extend(step.description.clone());
    Node {
        id: step_id(step.id),
        title: step.name.value.clone(),
        notes,
        shape: if step.kind.always_on() {
            Shape::Service
        } else {
            Shape::Work
        },
    }
}

fn data_node(graph: &Graph, id: DataId) -> Node {
    let data = &graph[id];
    Node {
        id: data_id(id),
        title: data.name.value.clone(),
        notes: data.description.iter().cloned().collect(),
        shape: Shape::Data,
    }
}

fn step_id(step: StepId) -> String {
    format!("s{}", step.0)
}

fn data_id(data: DataId) -> String {
    format!("d{}", data.0)
}

/// Data sets that are read and that no step writes.
fn sources(graph: &Graph) -> BTreeSet<DataId> {
    let reads = graph
        .steps
        .iter()
        .flat_map(|step| &step.reads)
        .map(|read| read.data);
    reads.filter(|data| graph[*data].writers.is_empty()).collect()
}

/// One edge for each pair of nodes and each kind of flow between them, with all that flows as its label.
fn edges(graph: &Graph) -> Vec<Edge> {
    let mut labels: BTreeMap<(String, String, Flow), BTreeSet<String>> = BTreeMap::new();
    let mut add = |from: String, to: &Step, flow: Flow, label: &str| {
        labels
            .entry((from, step_id(to.id), flow))
            .or_default()
            .insert(label.to_owned());
    };
    for (from, to, data) in graph.flows() {
        add(step_id(from), &graph[to], Flow::Data, &graph[data].name.value);
    }
    for step in &graph.steps {
        for read in step
            .reads
            .iter()
            .filter(|read| graph[read.data].writers.is_empty())
        {
            add(data_id(read.data), step, Flow::Data, "");
        }
        let conditions = outputs(step.when.iter().flat_map(|when| when.value.references()));
        for (from, output) in outputs(step.bindings()) {
            let decides = conditions.contains(&(from, output));
            let flow = if decides { Flow::Condition } else { Flow::Data };
            add(step_id(from), step, flow, output);
        }
        for each in &step.each {
            if let Items::Output { steps, output, .. } = &graph[*each].items {
                steps
                    .iter()
                    .for_each(|from| add(step_id(*from), step, Flow::Data, output));
            }
        }
        step.otherwise
            .iter()
            .for_each(|other| add(step_id(other.value), step, Flow::Condition, "otherwise"));
        step.after
            .iter()
            .for_each(|other| add(step_id(other.value), step, Flow::Order, "after"));
    }
    let edge = |((from, to, flow), labels): (_, BTreeSet<String>)| Edge {
        from,
        to,
        flow,
        label: labels.into_iter().collect::<Vec<_>>().join(", "),
    };
    labels.into_iter().map(edge).collect()
}

/// The outputs among `bindings`, and the steps that emit them.
fn outputs<'a>(bindings: impl IntoIterator<Item = &'a Binding>) -> Vec<(StepId, &'a str)> {
    let mut found = Vec::new();
    for binding in bindings {
        if let Binding::Output { steps, output, .. } = binding {
            found.extend(steps.iter().map(|step| (*step, output.as_str())));
        }
    }
    found
}

#[cfg(test)]
#[allow(clippy::expect_used, reason = "a test that panics is a test that fails")]
mod tests;
