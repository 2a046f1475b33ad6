//! Which values a template is handed, and how the task that runs it says them.

use std::collections::BTreeSet;

use super::choice::Choice;
use super::items::{Loop, current, items};
use super::needs::{Need, asks_for_the_last_run, condition_bindings, needs, outer_needs, text_bindings};
use super::scope::{Scope, encoded, input_name, output_name, ran_name};
use super::tree::Node;
use super::types::Parameter;
use super::{data, memory};
use crate::graph::{Binding, DataId, Graph, Items, PipelineId, Step, StepId, ValueType};

/// A value from outside a template.
#[derive(Clone, PartialEq, Debug)]
pub enum Want {
    /// What a reference stands for.
    Value(Binding),
    /// Whether a step ran.
    Ran(StepId),
    /// The list a fan-out goes over, never encoded: it is taken apart first.
    List(Vec<StepId>, String),
    /// What the last run of a pipeline left.
    Last(PipelineId),
    /// The run that wrote a data set last.
    Version(DataId),
    /// The best item of a fan-out.
    Best(Choice),
}

impl Want {
    /// The input parameter that carries it.
    pub fn name(&self, graph: &Graph) -> Option<String> {
        match self {
            Want::Value(binding) => input_name(graph, binding),
            Want::Ran(step) => Some(ran_name(graph, *step)),
            Want::List(steps, output) => Some(format!("list_{}", output_name(graph, steps, output))),
            Want::Last(pipeline) => Some(format!("last_{}", graph[*pipeline].name.value)),
            Want::Version(data) => Some(data::version_name(graph, *data)),
            Want::Best(choice) => Some(choice.name(graph)),
        }
    }

    /// The pipeline whose last run it is about.
    pub fn recalled(&self, graph: &Graph) -> Option<PipelineId> {
        match self {
            Want::Last(pipeline) => Some(*pipeline),
            Want::Version(data) => Some(graph[*data].pipeline),
            Want::Value(_) | Want::Ran(_) | Want::List(..) | Want::Best(_) => None,
        }
    }

    /// True for what comes from the steps in `own` alone.
    fn inside(&self, own: &BTreeSet<StepId>) -> bool {
        match self {
            Want::Value(Binding::Output { steps, .. }) | Want::List(steps, _) => {
                steps.iter().all(|step| own.contains(step))
            }
            Want::Ran(step) => own.contains(step),
            Want::Best(choice) => choice.steps.iter().all(|step| own.contains(step)),
            Want::Value(_) | Want::Last(_) | Want::Version(_) => false,
        }
    }
}

/// What the container of a step is told.
pub fn of_container(graph: &Graph, step: &Step) -> Vec<Want> {
    let mut wants: Vec<Want> = Vec::new();
    for each in &step.each {
        wants.extend(items(graph, *each).into_iter().map(Want::Value));
    }
    wants.extend(text_bindings(step).into_iter().map(Want::Value));
    for read in &step.reads {
        wants.extend(memory::versioned(graph, step, read).then_some(Want::Version(read.data)));
        wants.extend(Choice::of(graph, read).map(Want::Best));
    }
    only_named(graph, wants)
}

/// What a DAG with these tasks is told.
pub fn of_dag(graph: &Graph, nodes: &[Node], assured: &[Need]) -> Vec<Want> {
    let mut wants: Vec<Want> = nodes
        .iter()
        .flat_map(|node| of_task(graph, node, assured))
        .collect();
    let own: BTreeSet<StepId> = nodes.iter().flat_map(Node::steps).collect();
    wants.retain(|want| !want.inside(&own));
    only_named(graph, wants)
}

/// What the DAG of a task needs to know to run it.
fn of_task(graph: &Graph, node: &Node, assured: &[Need]) -> Vec<Want> {
    let mut wants = Vec::new();
    let needed = match node {
        Node::Step(step) => {
            let step = &graph[*step];
            wants.extend(of_container(graph, step));
            wants.extend(condition_bindings(graph, step).into_iter().map(Want::Value));
            wants.extend(asks_for_the_last_run(graph, step).then_some(Want::Last(step.pipeline)));
            needs(graph, step)
        }
        Node::Each { each, body } => {
            let (hard, _) = outer_needs(graph, body);
            let own = items(graph, *each);
            wants.extend(of_dag(graph, body, &hard));
            wants.retain(|want| !matches!(want, Want::Value(binding) if own.contains(binding)));
            if let Items::Output { steps, output, .. } = &graph[*each].items {
                wants.push(Want::List(steps.clone(), output.clone()));
            }
            hard
        }
    };
    for need in needed.iter().filter(|need| !assured.contains(need)) {
        if let Need::Any(steps) = need {
            wants.extend(steps.iter().map(|step| Want::Ran(*step)));
        }
    }
    wants
}

fn only_named(graph: &Graph, wants: Vec<Want>) -> Vec<Want> {
    let mut named: Vec<(String, Want)> = wants
        .into_iter()
        .filter_map(|want| Some((want.name(graph)?, want)))
        .collect();
    named.sort_by(|a, b| a.0.cmp(&b.0));
    named.dedup_by(|a, b| a.0 == b.0);
    named.into_iter().map(|(_, want)| want).collect()
}

/// What a task passes for each of `wants`; `own` is the loop it is in.
pub fn arguments(scope: &Scope<'_>, wants: &[Want], own: Option<Loop>) -> Vec<Parameter> {
    wants
        .iter()
        .filter_map(|want| Some(Parameter::value(want.name(scope.graph)?, value(scope, want, own))))
        .collect()
}

fn value(scope: &Scope<'_>, want: &Want, own: Option<Loop>) -> String {
    match (want, own) {
        (Want::Value(Binding::Item { each, field }), Some(own)) if own.each == *each => {
            current(scope.graph, own, field.as_deref())
        }
        _ => braced(&expression(scope, want)),
    }
}

fn expression(scope: &Scope<'_>, want: &Want) -> String {
    match want {
        Want::Value(binding) => {
            let source = scope.source(binding);
            match source.encoded || !textual(binding) {
                true => source.expression,
                false => encoded(&source.expression),
            }
        }
        Want::Ran(step) => match scope.task(*step) {
            Some(_) => format!(r#"{} ? "true" : "false""#, scope.succeeded(*step)),
            None => format!(r#"inputs.parameters["{}"]"#, ran_name(scope.graph, *step)),
        },
        Want::List(steps, output) => list(scope, steps, output),
        Want::Last(pipeline) => scope.last(*pipeline),
        Want::Version(data) => version(scope, *data),
        Want::Best(choice) => choice.value(scope),
    }
}

/// The run that wrote `data` last.
pub fn version(scope: &Scope<'_>, data: DataId) -> String {
    match scope.recalls {
        true => memory::version(scope, data),
        false => format!(
            r#"inputs.parameters["{}"]"#,
            data::version_name(scope.graph, data)
        ),
    }
}

/// The list that a fan-out goes over, as JSON.
pub fn list(scope: &Scope<'_>, steps: &[StepId], output: &str) -> String {
    let here = steps.iter().any(|step| scope.task(*step).is_some());
    if here {
        let binding = Binding::Output {
            steps: steps.to_vec(),
            output: output.to_owned(),
            // Not a text to `source`, so that it is left as it is.
            ty: ValueType::Number,
            list: false,
        };
        return scope.source(&binding).expression;
    }
    format!(
        r#"inputs.parameters["list_{}"]"#,
        output_name(scope.graph, steps, output)
    )
}

/// `{{=expression}}`, or the shorter form for a plain input.
pub fn braced(expression: &str) -> String {
    let name = expression
        .strip_prefix(r#"inputs.parameters[""#)
        .and_then(|rest| rest.strip_suffix(r#""]"#))
        .filter(|name| !name.contains('\''));
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-');
    match name {
        Some(name) => format!("{{{{inputs.parameters.{name}}}}}"),
        None if expression.chars().all(plain) => format!("{{{{{expression}}}}}"),
        None => format!("{{{{={expression}}}}}"),
    }
}

/// True for what a program could be made to read as a placeholder.
pub fn textual(binding: &Binding) -> bool {
    match binding {
        Binding::Parameter { ty, list, .. } => *list || is_text(*ty),
        Binding::Output { ty, list, .. } => *list || is_text(*ty),
        Binding::Item { .. } => true,
        Binding::Run(_) | Binding::DataUri(_) | Binding::DataPath(_) => false,
    }
}

/// True for types whose values are texts.
pub fn is_text(ty: ValueType) -> bool {
    match ty {
        ValueType::String | ValueType::List | ValueType::Date => true,
        ValueType::Boolean
        | ValueType::Integer
        | ValueType::Number
        | ValueType::Duration
        | ValueType::Bytes => false,
    }
}
