//! What a step waits for, in Argo's `depends` language, and what it checks itself because it comes from another DAG.

use super::condition::{references, remembered};
use super::scope::Scope;
use super::tree::Node;
use crate::graph::{Binding, EnvValue, Graph, Items, Piece, Step, StepId, Text};

/// Something that must have happened before a step starts.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Need {
    /// One of these succeeded: they write a data set, or emit a value.
    Any(Vec<StepId>),
    /// It ended well or was skipped.
    Done(StepId),
}

/// How a task waits.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Wait {
    /// Parts of `depends`, all of which must hold; otherwise the task is omitted.
    pub depends: Vec<String>,
    /// Expressions, all of which must hold; otherwise the task is skipped.
    pub guards: Vec<String>,
}

/// What `step` waits for.
pub fn needs(graph: &Graph, step: &Step) -> Vec<Need> {
    let mut all: Vec<Need> = Vec::new();
    for read in step.reads.iter().filter(|read| read.orders) {
        all.push(Need::Any(graph[read.data].writers.clone()));
    }
    for binding in bindings(graph, step) {
        if let Binding::Output { steps, .. } = binding {
            all.push(Need::Any(steps));
        }
    }
    for each in &step.each {
        if let Items::Output { steps, .. } = &graph[*each].items {
            all.push(Need::Any(steps.clone()));
        }
    }
    all.extend(step.after.iter().map(|after| Need::Done(after.value)));
    all.retain(|need| *need != Need::Any(Vec::new()));
    all.sort();
    all.dedup();
    all
}

/// Every reference in the conditions that decide whether `step` runs, and in its texts.
fn bindings(graph: &Graph, step: &Step) -> Vec<Binding> {
    let mut all = text_bindings(step);
    all.extend(condition_bindings(graph, step));
    all
}

/// Every reference in the conditions that decide whether `step` runs. Whether an alternative may run can itself depend on
/// an alternative.
pub fn condition_bindings(graph: &Graph, step: &Step) -> Vec<Binding> {
    let mut found = Vec::new();
    if let Some(when) = &step.when {
        references(&when.value, &mut found);
    }
    let own = found.into_iter().map(|reference| reference.value.clone());
    let others = step.otherwise.iter();
    let others = others.flat_map(|other| condition_bindings(graph, &graph[other.value]));
    own.chain(others).collect()
}

/// True if what decides whether `step` runs includes values of the last run.
pub fn asks_for_the_last_run(graph: &Graph, step: &Step) -> bool {
    let mut found = Vec::new();
    if let Some(when) = &step.when {
        remembered(&when.value, &mut found);
    }
    let mut others = step.otherwise.iter();
    !found.is_empty() || others.any(|other| asks_for_the_last_run(graph, &graph[other.value]))
}

/// Every reference in the texts that a program is given.
pub fn text_bindings(step: &Step) -> Vec<Binding> {
    let env = step.env.iter().filter_map(|variable| match &variable.value {
        EnvValue::Text(text) => Some(text),
        EnvValue::Secret(_) => None,
    });
    let texts = step.command.iter().chain(&step.args).chain(env);
    let pieces = texts.flat_map(|text: &Text| &text.0);
    pieces
        .filter_map(|piece| match piece {
            Piece::Literal(_) => None,
            Piece::Reference(binding) => Some(binding.clone()),
        })
        .collect()
}

/// How the task of `node` waits in the DAG that `scope` shows; `assured` holds whenever that DAG runs at all.
pub fn wait(scope: &Scope<'_>, node: &Node, assured: &[Need]) -> Wait {
    let graph = scope.graph;
    let (hard, soft) = match node {
        Node::Step(step) => (needs(graph, &graph[*step]), Vec::new()),
        Node::Each { body, .. } => outer_needs(graph, body),
    };
    let mut wait = Wait::default();
    for need in hard.iter().filter(|need| !assured.contains(need)) {
        add(scope, node, need, &mut wait);
    }
    for need in soft {
        let steps = match need {
            Need::Any(steps) => steps,
            Need::Done(step) => vec![step],
        };
        let here = steps.iter().filter_map(|step| ended(scope, node, *step));
        wait.depends.extend(here);
    }
    wait.depends.dedup();
    wait
}

fn add(scope: &Scope<'_>, node: &Node, need: &Need, wait: &mut Wait) {
    match need {
        Need::Done(step) => wait.depends.extend(ended(scope, node, *step)),
        Need::Any(steps) => {
            let here: Vec<StepId> = steps
                .iter()
                .copied()
                .filter(|step| scope.task(*step).is_some_and(|task| task != node))
                .collect();
            if here.len() == steps.len() {
                wait.depends.push(any(scope, &here));
                return;
            }
            wait.depends
                .extend(here.iter().filter_map(|step| ended(scope, node, *step)));
            let ran: Vec<String> = steps.iter().map(|step| scope.succeeded(*step)).collect();
            wait.guards.push(ran.join(" or "));
        }
    }
}

/// `a.Succeeded`, or `(a.Succeeded || b.Succeeded)`.
fn any(scope: &Scope<'_>, steps: &[StepId]) -> String {
    let tasks = steps.iter().filter_map(|step| scope.task(*step));
    let mut parts: Vec<String> = tasks
        .map(|task| format!("{}.Succeeded", task.name(scope.graph)))
        .collect();
    parts.dedup();
    match parts.as_slice() {
        [only] => only.clone(),
        _ => format!("({})", parts.join(" || ")),
    }
}

/// Argo calls a task `Skipped` when its condition is false and `Omitted` when what it depends on did not happen.
fn ended(scope: &Scope<'_>, node: &Node, step: StepId) -> Option<String> {
    let task = scope.task(step).filter(|task| *task != node)?;
    Some(settled(&task.name(scope.graph)))
}

/// The task ended well or did not run.
pub fn settled(task: &str) -> String {
    format!("({task}.Succeeded || {task}.Skipped || {task}.Omitted)")
}

/// What the steps of a fan-out need from outside: all of them, and only some of them.
pub fn outer_needs(graph: &Graph, body: &[Node]) -> (Vec<Need>, Vec<Need>) {
    let steps: Vec<StepId> = body.iter().flat_map(Node::steps).collect();
    let outside = |need: &Need| match need {
        Need::Any(of) => !of.iter().any(|step| steps.contains(step)),
        Need::Done(step) => !steps.contains(step),
    };
    // Ascending ids are a topological order, so what a step builds on is complete before it.
    let mut closures: Vec<(StepId, Vec<Need>)> = Vec::new();
    for step in &steps {
        let mut closure = needs(graph, &graph[*step]);
        for need in closure.clone() {
            let [only] = (match &need {
                Need::Any(of) => of.as_slice(),
                Need::Done(_) => &[],
            }) else {
                continue;
            };
            let known = closures.iter().find(|(other, _)| other == only);
            closure.extend(known.iter().flat_map(|(_, needs)| needs.iter().cloned()));
        }
        closures.push((*step, closure));
    }
    let mut all: Vec<Need> = closures
        .iter()
        .flat_map(|(_, needs)| needs.clone())
        .filter(outside)
        .collect();
    all.sort();
    all.dedup();
    all.into_iter()
        .partition(|need| closures.iter().all(|(_, closure)| closure.contains(need)))
}
