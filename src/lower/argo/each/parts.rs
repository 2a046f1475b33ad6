//! A fan-out over partitions whose number is not written: they are looked up first.

use super::super::{added, data};
use crate::graph::{EachId, Graph, Items};
use crate::lower::argo::dag::{Maker, waiting};
use crate::lower::argo::needs::Wait;
use crate::lower::argo::stock::Script;
use crate::lower::argo::tree::Node;
use crate::lower::argo::types::{Inputs, Parameter, Task, ValueFrom};
use crate::lower::names::EXECUTOR;
use crate::lower::pod;

/// The list, as seen in the template around the items.
pub const LIST: &str = r#"tasks["parts"].outputs.parameters["parts"]"#;
const PARTS: &str = "parts";
/// Name of the template that lists partitions.
const TEMPLATE: &str = "list--parts";

/// The task that lists the partitions of `each`, if that takes one.
pub fn listed(graph: &Graph, each: EachId) -> Option<&'static str> {
    matches!(graph[each].items, Items::Partitions { count: None, .. }).then_some(PARTS)
}

/// The task that lists the partitions of `each`, which the steps in `body` read.
pub fn task(maker: &mut Maker<'_, '_>, each: EachId, body: &[Node]) -> Option<Task> {
    let chart = maker.chart;
    listed(chart.graph(), each)?;
    let steps = body.iter().flat_map(Node::steps).map(|step| &chart.graph()[step]);
    let mut reads = steps.flat_map(|step| step.reads.iter().map(move |read| (step, read)));
    let (step, read) = reads.find(|(_, read)| read.part_of == Some(each))?;
    let env = vec![pod::variable("FROM", "{{inputs.parameters.from}}")];
    let mut template = added::script(chart, TEMPLATE, Script::Parts, &["from"], env, EXECUTOR);
    let from = ValueFrom {
        path: Some("/portolan/out/parts".to_owned()),
        ..ValueFrom::default()
    };
    template.outputs = Inputs {
        parameters: vec![Parameter::from(PARTS, from)],
        ..Inputs::default()
    };
    maker.templates.push(template);
    let mut task = waiting(PARTS, TEMPLATE, &Wait::default());
    task.arguments.parameters = vec![Parameter::value("from", data::whole(chart.input, step, read))];
    Some(task)
}
