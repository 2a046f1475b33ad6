//! Which values a template is handed, and how the task that runs it says them.

use std::collections::BTreeSet;

use super::needs::{Need, condition_bindings, needs, outer_needs, text_bindings};
use super::scope::{Scope, encode, encoded, input_name, output_name, ran_name};
use super::tree::Node;
use super::types::Parameter;
use crate::graph::{Binding, Each, EachId, Graph, Items, Scalar, Step, StepId, ValueType};

/// A value from outside a template.
#[derive(Clone, PartialEq, Debug)]
pub enum Want {
    /// What a reference stands for.
    Value(Binding),
    /// Whether a step ran.
    Ran(StepId),
    /// The list a fan-out goes over, never encoded: it is taken apart first.
    List(Vec<StepId>, String),
}

impl Want {
    /// The input parameter that carries it.
    pub fn name(&self, graph: &Graph) -> Option<String> {
        match self {
            Want::Value(binding) => input_name(graph, binding),
            Want::Ran(step) => Some(ran_name(graph, *step)),
            Want::List(steps, output) => Some(format!("list_{}", output_name(graph, steps, output))),
        }
    }

    /// True for what comes from the steps in `own` alone.
    fn inside(&self, own: &BTreeSet<StepId>) -> bool {
        match self {
            Want::Value(Binding::Output { steps, .. }) | Want::List(steps, _) => {
                steps.iter().all(|step| own.contains(step))
            }
            Want::Ran(step) => own.contains(step),
            Want::Value(_) => false,
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

/// The parts of a fan-out's item: the whole, unless it is a record of a run, then its fields.
pub fn items(graph: &Graph, each: EachId) -> Vec<Binding> {
    let (whole, fields) = fields(&graph[each]);
    let item = |field| Binding::Item { each, field };
    let whole = whole.then(|| item(None));
    whole
        .into_iter()
        .chain(fields.into_iter().map(|field| item(Some(field))))
        .collect()
}

/// Whether an item is a value of its own, and the names of its fields.
pub fn fields(each: &Each) -> (bool, Vec<String>) {
    match &each.items {
        Items::Known(items) => {
            let first = items.first().map(|item| item.fields.as_slice());
            let names = first.unwrap_or_default().iter().map(|(name, _)| name.clone());
            (true, names.collect())
        }
        Items::Output { fields, .. } => (
            fields.is_empty(),
            fields.iter().map(|(name, _)| name.clone()).collect(),
        ),
        Items::Parameter { .. } | Items::Partitions { .. } => (true, Vec::new()),
    }
}

/// What a task passes for each of `wants`; `own` is the fan-out whose items it goes over.
pub fn arguments(scope: &Scope<'_>, wants: &[Want], own: Option<EachId>) -> Vec<Parameter> {
    wants
        .iter()
        .filter_map(|want| Some(Parameter::value(want.name(scope.graph)?, value(scope, want, own))))
        .collect()
}

fn value(scope: &Scope<'_>, want: &Want, own: Option<EachId>) -> String {
    match want {
        Want::Value(Binding::Item { each, field }) if own == Some(*each) => {
            item(&scope.graph[*each], field.as_deref())
        }
        Want::Value(binding) => {
            let source = scope.source(binding);
            let expression = match source.encoded || !textual(binding) {
                true => source.expression,
                false => encoded(&source.expression),
            };
            braced(&expression)
        }
        Want::Ran(step) => match scope.task(*step) {
            Some(_) => braced(&format!(r#"{} ? "true" : "false""#, scope.succeeded(*step))),
            None => braced(&format!(
                r#"inputs.parameters["{}"]"#,
                ran_name(scope.graph, *step)
            )),
        },
        Want::List(steps, output) => braced(&list(scope, steps, output)),
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

/// The list that a fan-out goes over, each text in it encoded: Argo pastes it into the task.
pub fn encoded_list(each: &Each, list: &str) -> String {
    let (whole, fields) = fields(each);
    let item = match whole {
        true => encoded("string(#)"),
        false => {
            let field =
                |name: &String| format!(r#""{name}": {}"#, encoded(&format!(r#"string(#["{name}"])"#)));
            let fields: Vec<String> = fields.iter().map(field).collect();
            // The parentheses keep the object from being read as a block.
            format!("({{{}}})", fields.join(", "))
        }
    };
    format!("toJson(map(fromJSON({list}), {item}))")
}

/// The item of a fan-out's own loop, encoded where its list is made ([`known`], [`encoded_list`]).
fn item(each: &Each, field: Option<&str>) -> String {
    match fields(each).1.is_empty() {
        true => "{{item}}".to_owned(),
        false => format!("{{{{item.{}}}}}", field.unwrap_or(WHOLE)),
    }
}

/// Key of a row's own name among its fields, which are never in capitals.
const WHOLE: &str = "NAME";

/// Items that are known already, for `withItems`.
pub fn known(each: &Each) -> Vec<serde_json::Value> {
    let Items::Known(items) = &each.items else {
        return Vec::new();
    };
    let plain = |value: &Scalar| serde_json::Value::from(encode(&value.to_string()));
    items
        .iter()
        .map(|item| {
            if item.fields.is_empty() {
                return plain(&item.value);
            }
            let whole = std::iter::once((WHOLE.to_owned(), plain(&item.value)));
            let fields = item
                .fields
                .iter()
                .map(|(name, value)| (name.clone(), plain(value)));
            serde_json::Value::Object(whole.chain(fields).collect())
        })
        .collect()
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

fn is_text(ty: ValueType) -> bool {
    match ty {
        ValueType::String | ValueType::List | ValueType::Date => true,
        ValueType::Boolean
        | ValueType::Integer
        | ValueType::Number
        | ValueType::Duration
        | ValueType::Bytes => false,
    }
}
