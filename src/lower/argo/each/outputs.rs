//! What a fan-out answers: values of one item, and lists of all.

use crate::graph::{Graph, StepId};
use crate::lower::argo::chart::Chart;
use crate::lower::argo::choice;
use crate::lower::argo::scope::output_name;
use crate::lower::argo::tree::Node;
use crate::lower::argo::types::{Inputs, Parameter, ValueFrom};

/// Where outputs of steps are gathered.
#[derive(Clone)]
pub enum Level {
    /// Of one item: values, empty where the step was skipped.
    Item,
    /// Of all items: lists.
    Around {
        /// The loop over those whose outputs count.
        items: String,
        /// True if an item is a step, whose outputs have their own names.
        direct: bool,
    },
}

/// The outputs of a template in or around the fan-out that repeats `body`.
pub fn outputs(chart: &Chart<'_>, body: &[Node], level: &Level) -> Inputs {
    let graph = chart.graph();
    let mut parameters = Vec::new();
    for node in body {
        let nested = matches!(node, Node::Each { .. });
        for step in node.steps() {
            let answers = chart.answers(&graph[step]).into_iter();
            parameters.extend(answers.map(|(name, _)| output(graph, node, nested, step, name, level)));
        }
    }
    Inputs {
        parameters,
        ..Inputs::default()
    }
}

fn output(graph: &Graph, node: &Node, nested: bool, step: StepId, emit: &str, level: &Level) -> Parameter {
    let name = output_name(graph, &[step], emit);
    let (task, inner) = match level {
        Level::Item if nested => (node.name(graph), name.as_str()),
        Level::Item => (node.name(graph), emit),
        Level::Around { items, direct: true } => (items.clone(), emit),
        Level::Around { items, direct: false } => (items.clone(), name.as_str()),
    };
    let value = format!(r#"tasks["{task}"].outputs.parameters["{inner}"]"#);
    let (expression, default) = match level {
        Level::Item => (value, if nested { "[]" } else { "" }),
        // Of a fan-out in a fan-out all items count alike.
        Level::Around { .. } if nested => (format!("toJson(flatten(fromJSON({value})))"), "[]"),
        Level::Around { .. } => (value, "[]"),
    };
    let from = ValueFrom {
        expression: Some(expression),
        default: Some(default.to_owned()),
        ..ValueFrom::default()
    };
    Parameter::from(name, from)
}

/// What an item answers only to be counted.
pub fn done(container: bool) -> Parameter {
    let from = ValueFrom {
        expression: Some(r#""1""#.to_owned()),
        ..ValueFrom::default()
    };
    match container {
        true => choice::answered("_done", "1".to_owned()),
        false => Parameter::from("_done", from),
    }
}
