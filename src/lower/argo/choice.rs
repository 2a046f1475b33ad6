//! `highest=` and `lowest=`: of a fan-out, the item with the best output, told by where its data lies.

use std::collections::BTreeSet;

use super::data;
use super::scope::{Scope, output_name, ran_name};
use super::stock::OUT;
use super::types::{Parameter, ValueFrom};
use crate::graph::{Binding, DataId, Graph, Pipeline, Read, Step, StepId, ValueType};
use crate::lower::Lowering;

/// The output by which an item says where its data lies. Names of the author's do not begin with an underscore.
pub const ITEM: &str = "_item";

/// A choice among the items that write a data set.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Choice {
    /// What they write.
    pub data: DataId,
    /// The steps that may write it.
    pub steps: Vec<StepId>,
    /// The output that decides.
    pub output: String,
    /// True: the highest is chosen.
    pub highest: bool,
}

impl Choice {
    /// What `read` chooses, if it does.
    pub fn of(graph: &Graph, read: &Read) -> Option<Choice> {
        let (highest, output) = read.choose.as_ref()?;
        Some(Choice {
            data: read.data,
            steps: graph[read.data].writers.clone(),
            output: output.value.clone(),
            highest: *highest,
        })
    }

    /// The input parameter that carries the chosen item.
    pub fn name(&self, graph: &Graph) -> String {
        let order = if self.highest { "highest" } else { "lowest" };
        format!("{order}_{}_{}", graph[self.data].name.value, self.output)
    }

    /// The chosen item in the DAG that `scope` shows.
    pub fn value(&self, scope: &Scope<'_>) -> String {
        if self.steps.iter().all(|step| scope.task(*step).is_none()) {
            return format!(r#"inputs.parameters["{}"]"#, self.name(scope.graph));
        }
        let list = |output: &str| {
            let binding = Binding::Output {
                steps: self.steps.clone(),
                output: output.to_owned(),
                // Not a text to `source`, so that it is left as it is.
                ty: ValueType::Number,
                list: true,
            };
            scope.source(&binding).expression
        };
        self.best(&list(&self.output), &list(ITEM))
    }

    /// Of `places`, a JSON list, the one at the position of the best of `values`, another; `none` if there is none.
    pub fn best(&self, values: &str, places: &str) -> String {
        let sorted = sorted(values, self.highest);
        let there = present(values);
        format!(
            r#"len({there}) > 0 ? string(fromJSON({places})[first({sorted})]) : "{}""#,
            data::NONE
        )
    }
}

/// Positions of the items that have a value in `values`, a JSON list.
pub fn present(values: &str) -> String {
    format!(r#"filter(0..len(fromJSON({values})) - 1, fromJSON({values})[#] != "")"#)
}

/// The same, the best first.
pub fn sorted(values: &str, highest: bool) -> String {
    let order = if highest { r#", "desc""# } else { "" };
    format!("sortBy({}, float(fromJSON({values})[#]){order})", present(values))
}

/// The steps of a pipeline among whose items some step chooses.
pub fn chosen_from(graph: &Graph, pipeline: &Pipeline) -> BTreeSet<StepId> {
    let reads = pipeline.steps.iter().flat_map(|reader| &graph[*reader].reads);
    let chosen = reads.filter(|read| read.choose.is_some());
    chosen
        .flat_map(|read| &graph[read.data].writers)
        .copied()
        .collect()
}

/// The output of one item's pod that says where its data lies.
pub fn item(input: &Lowering<'_>, step: &Step) -> Parameter {
    let place = data::suffix(input, &step.each);
    answered(ITEM, place.trim_start_matches('/').to_owned())
}

/// An output that is known before the program runs: Argo takes it from a file, and there is none.
pub fn answered(name: &str, value: String) -> Parameter {
    let from = ValueFrom {
        path: Some(format!("{OUT}/{name}")),
        default: Some(value),
        ..ValueFrom::default()
    };
    Parameter::from(name, from)
}

/// The parameters that carry what is chosen from: values and places of each step.
pub fn lists(graph: &Graph, choice: &Choice) -> Vec<String> {
    let ran = choice.steps.iter().map(|step| ran_name(graph, *step));
    let both =
        |step: &StepId| [choice.output.as_str(), ITEM].map(|output| output_name(graph, &[*step], output));
    ran.chain(choice.steps.iter().flat_map(both)).collect()
}
