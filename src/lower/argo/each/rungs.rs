//! `early-stop`: successive halving. All items are tried for one rung, the best share of them goes on to the next, from
//! their checkpoints. A loop for each rung; what counts in the end are the outputs of the last one.

use crate::graph::Binding;
use crate::graph::{EachId, Graph, StepId};
use crate::lower::argo::choice::{self, present, sorted};
use crate::lower::argo::items::{self, RUNG, WHOLE};
use crate::lower::argo::scope::{input_name, output_name};
use crate::lower::argo::tree::Node;
use crate::lower::argo::types::{Parameter, ValueFrom};

/// The output by which an item says which one it is, as JSON.
const TRIAL: &str = "_trial";

/// How often the items are gone over.
pub fn count(graph: &Graph, each: EachId) -> u64 {
    graph[each]
        .early_stop
        .as_ref()
        .map_or(1, |stop| stop.rungs.max(1))
}

/// The loop of one rung.
pub fn name(rung: u64) -> String {
    match rung {
        1 => super::ITEMS.to_owned(),
        later => format!("{}-{later}", super::ITEMS),
    }
}

/// What an item of `each` answers so that it can be tried again; `container`: it is a pod.
pub fn trial(graph: &Graph, each: EachId, container: bool) -> Parameter {
    let fields = items::items(graph, each).into_iter().filter_map(|item| {
        let Binding::Item { field, .. } = &item else {
            return None;
        };
        let name = input_name(graph, &item)?;
        (field.as_deref() != Some(RUNG)).then(|| (field.clone(), format!(r#"inputs.parameters["{name}"]"#)))
    });
    let fields: Vec<(Option<String>, String)> = fields.collect();
    let expression = match fields.as_slice() {
        [(None, whole)] => format!("toJson({whole})"),
        fields => {
            let field = |(name, value): &(Option<String>, String)| {
                format!(r#""{}": {value}"#, name.as_deref().unwrap_or(WHOLE))
            };
            let fields: Vec<String> = fields.iter().map(field).collect();
            format!("toJson({{{}}})", fields.join(", "))
        }
    };
    if container {
        return choice::answered(TRIAL, format!("{{{{={expression}}}}}"));
    }
    let from = ValueFrom {
        expression: Some(expression),
        ..ValueFrom::default()
    };
    Parameter::from(TRIAL, from)
}

/// The items that go on to `rung`, a JSON list: the best of those that ended the rung before, at least one.
pub fn survivors(graph: &Graph, each: EachId, body: &[Node], rung: u64) -> String {
    let Some(stop) = &graph[each].early_stop else {
        return String::new();
    };
    let emits = |step: &StepId| {
        graph[*step]
            .emits
            .iter()
            .any(|emit| emit.name.value == stop.output.value)
    };
    let step = body.iter().flat_map(Node::steps).find(emits);
    let output = match (super::direct(graph, body), step) {
        (None, Some(step)) => output_name(graph, &[step], &stop.output.value),
        (Some(_), _) | (None, None) => stop.output.value.clone(),
    };
    let answers = |output: &str| format!(r#"tasks["{}"].outputs.parameters["{output}"]"#, name(rung - 1));
    let (values, trials) = (answers(&output), answers(TRIAL));
    let most = format!("max(1, int(ceil(len({}) * {})))", present(&values), stop.keep.0);
    let best = format!("take({}, {most})", sorted(&values, stop.highest));
    format!(r#""[" + join(map({best}, string(fromJSON({trials})[#])), ",") + "]""#)
}
