//! A fan-out: a template around all items, which limits how many run at once and how many may fail, and one for what a
//! single item goes through, unless that is a single step.
//!
//! The template around the items exists even where nothing is limited: with Argo, a loop whose items were all skipped
//! has succeeded and has no outputs, and whoever asks for them waits for ever. Here they are empty lists.

use super::added;
use super::chart::Chart;
use super::dag::{Maker, waiting};
use super::needs::{Need, Wait, outer_needs};
use super::pulls::Pulls;
use super::scope::{Scope, output_name};
use super::stock::{self, Script};
use super::tree::{Node, each_name};
use super::types::{Arguments, Inputs, Parameter, Sequence, Task, Template, ValueFrom};
use super::wants::{self, Want, braced};
use crate::diag::{Code, Diagnostic};
use crate::graph::{EachId, Graph, Items, Step, StepId, Tolerance};
use crate::lower::names::EXECUTOR;
use crate::lower::pod;

/// The loop in the template around the items.
const ITEMS: &str = "items";

/// The task that runs a fan-out, in the DAG that `scope` shows.
pub fn task(
    maker: &mut Maker<'_, '_>,
    scope: &Scope<'_>,
    each: EachId,
    body: &[Node],
    mut wait: Wait,
) -> Task {
    let graph = maker.chart.graph();
    let (assured, _) = outer_needs(graph, body);
    let name = each_name(graph, each);
    // The guards on what comes from elsewhere are about the whole; an empty list skips it, too.
    if let Items::Output { steps, output, .. } = &graph[each].items {
        wait.guards.push(format!(
            "len(fromJSON({})) > 0",
            wants::list(scope, steps, output)
        ));
    }
    let around = around(maker, each, body, &assured);
    let wanted: Vec<Want> = outer_wants(graph, each, body, &assured);
    maker.templates.push(around);
    Task {
        arguments: Arguments {
            parameters: wants::arguments(scope, &wanted, None),
        },
        ..waiting(&name, &name, &wait)
    }
}

/// What the template around the items is told: all but the items.
fn outer_wants(graph: &Graph, each: EachId, body: &[Node], assured: &[Need]) -> Vec<Want> {
    let own = wants::items(graph, each);
    let mut wanted = wants::of_dag(graph, body, assured);
    wanted.retain(|want| !matches!(want, Want::Value(binding) if own.contains(binding)));
    if let Items::Output { steps, output, .. } = &graph[each].items {
        wanted.push(Want::List(steps.clone(), output.clone()));
    }
    wanted
}

fn around(maker: &mut Maker<'_, '_>, each: EachId, body: &[Node], assured: &[Need]) -> Template {
    let graph = maker.chart.graph();
    let fan_out = &graph[each];
    unsupported(maker, each);
    let wanted = outer_wants(graph, each, body, assured);
    let inputs = wanted
        .iter()
        .filter_map(|want| want.name(graph))
        .map(Parameter::input);
    let inputs = Inputs {
        parameters: inputs.collect(),
        ..Inputs::default()
    };
    let (template, passed) = one_item(maker, each, body, assured);
    let inside = Scope::new(graph, &[]);
    let mut items = waiting(ITEMS, &template, &Wait::default());
    items.arguments.parameters = wants::arguments(&inside, &passed, Some(each));
    go_over(&mut items, &inside, graph, each);
    let mut tasks = vec![items];
    tasks.extend(tolerated(maker, each, &inside));
    Template {
        inputs,
        outputs: outputs(graph, body, Level::Around(direct(graph, body).is_some())),
        parallelism: fan_out.concurrency,
        ..maker.dag(&each_name(graph, each), &[], &[], tasks)
    }
}

/// The template that one item runs, and what it is told.
fn one_item(maker: &mut Maker<'_, '_>, each: EachId, body: &[Node], assured: &[Need]) -> (String, Vec<Want>) {
    let graph = maker.chart.graph();
    if let Some(step) = direct(graph, body) {
        let templates = super::step::templates(maker.chart, step, maker.out);
        maker.templates.extend(templates);
        return (step.name.value.clone(), wants::of_container(graph, step));
    }
    let name = each_name(graph, each).replacen("each", "item", 1);
    let tasks = maker.tasks(body, assured, &Pulls::default());
    let mut template = maker.dag(&name, body, assured, tasks);
    template.outputs = outputs(graph, body, Level::Item);
    if tolerates(graph, each) {
        template.outputs.parameters.push(done(false));
    }
    maker.templates.push(template);
    (name, wants::of_dag(graph, body, assured))
}

/// The only step of a fan-out, if nothing but the fan-out decides whether it runs.
fn direct<'g>(graph: &'g Graph, body: &[Node]) -> Option<&'g Step> {
    match body {
        [Node::Step(id)] => {
            let step = &graph[*id];
            let plain = step.when.is_none() && step.otherwise.is_empty() && step.approval.is_none();
            plain.then_some(step)
        }
        _ => None,
    }
}

fn go_over(task: &mut Task, scope: &Scope<'_>, graph: &Graph, each: EachId) {
    match &graph[each].items {
        Items::Known(_) => task.with_items = wants::known(&graph[each]),
        Items::Output { steps, output, .. } => {
            let list = wants::list(scope, steps, output);
            task.with_param = Some(braced(&wants::encoded_list(&graph[each], &list)));
        }
        Items::Parameter { name, .. } => {
            let list = format!(r#"workflow.parameters["{name}"]"#);
            task.with_param = Some(braced(&wants::encoded_list(&graph[each], &list)));
        }
        Items::Partitions { count, .. } => {
            task.with_sequence = Some(Sequence {
                count: count.unwrap_or(1).to_string(),
            });
        }
    }
}

fn unsupported(maker: &mut Maker<'_, '_>, each: EachId) {
    let fan_out = &maker.chart.graph()[each];
    let mut say = |what: &str| {
        let message = format!("{what} is understood, but no workflow is generated for it yet");
        maker.out.push(Diagnostic::new(
            Code::UnsupportedNode,
            fan_out.variable.span,
            "",
            message,
        ));
    };
    if fan_out.early_stop.is_some() {
        say("`early-stop`");
    }
    if matches!(fan_out.items, Items::Partitions { count: None, .. }) {
        say("a fan-out over partitions whose number is not written");
    }
    if fan_out.parent.is_some() && fan_out.concurrency.is_some() {
        say("`concurrency` of a fan-out inside another");
    }
}

/// Where outputs of steps are gathered.
#[derive(Clone, Copy)]
enum Level {
    /// Of one item: values, empty where the step was skipped.
    Item,
    /// Of all items: lists. True if an item is a step, whose outputs have their own names.
    Around(bool),
}

fn outputs(graph: &Graph, body: &[Node], level: Level) -> Inputs {
    let mut parameters = Vec::new();
    for node in body {
        let nested = matches!(node, Node::Each { .. });
        for step in node.steps() {
            for emit in &graph[step].emits {
                parameters.push(output(graph, node, nested, step, &emit.name.value, level));
            }
        }
    }
    Inputs {
        parameters,
        ..Inputs::default()
    }
}

fn output(graph: &Graph, node: &Node, nested: bool, step: StepId, emit: &str, level: Level) -> Parameter {
    let name = output_name(graph, &[step], emit);
    let (task, inner) = match level {
        Level::Item if nested => (node.name(graph), name.as_str()),
        Level::Item => (node.name(graph), emit),
        Level::Around(true) => (ITEMS.to_owned(), emit),
        Level::Around(false) => (ITEMS.to_owned(), name.as_str()),
    };
    let value = format!(r#"tasks["{task}"].outputs.parameters["{inner}"]"#);
    let (expression, default) = match level {
        Level::Item => (value, if nested { "[]" } else { "" }),
        // Of a fan-out in a fan-out all items count alike.
        Level::Around(_) if nested => (format!("toJson(flatten(fromJSON({value})))"), "[]"),
        Level::Around(_) => (value, "[]"),
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
    let from = match container {
        true => ValueFrom {
            path: Some(format!("{}/_done", stock::OUT)),
            default: Some("1".to_owned()),
            ..ValueFrom::default()
        },
        false => ValueFrom {
            expression: Some(r#""1""#.to_owned()),
            ..ValueFrom::default()
        },
    };
    Parameter::from("done", from)
}

fn tolerates(graph: &Graph, each: EachId) -> bool {
    match graph[each].tolerate {
        Tolerance::Items(count) => count > 0,
        Tolerance::Share(share) => share.0 > 0.0,
    }
}

/// The last task where some items may fail: the fan-out has succeeded if this one has.
fn tolerated(maker: &mut Maker<'_, '_>, each: EachId, scope: &Scope<'_>) -> Option<Task> {
    let chart = maker.chart;
    let graph = chart.graph();
    if !tolerates(graph, each) {
        return None;
    }
    let total = match (chart.count(each), &graph[each].items) {
        (Some(count), _) => count.to_string(),
        (None, Items::Output { steps, output, .. }) => {
            format!("len(fromJSON({}))", wants::list(scope, steps, output))
        }
        (None, Items::Parameter { name, .. }) => {
            format!(r#"len(fromJSON(workflow.parameters["{name}"]))"#)
        }
        (None, Items::Known(_) | Items::Partitions { .. }) => "0".to_owned(),
    };
    let most = match graph[each].tolerate {
        Tolerance::Items(count) => count.to_string(),
        Tolerance::Share(share) => format!("int({total} * {})", share.0),
    };
    let succeeded = r#"len(fromJSON(get(get(tasks["items"], "outputs").parameters, "done")))"#;
    maker.templates.push(check(chart));
    let ended = ["Succeeded", "Failed", "Errored"].map(|word| format!("{ITEMS}.{word}"));
    let wait = Wait {
        depends: vec![ended.join(" || ")],
        guards: Vec::new(),
    };
    let mut task = waiting("tolerated", CHECK, &wait);
    task.arguments.parameters = vec![
        Parameter::value("value", format!("{{{{={total} - {succeeded}}}}}")),
        Parameter::value(
            "most",
            if most.contains('(') {
                format!("{{{{={most}}}}}")
            } else {
                most
            },
        ),
    ];
    Some(task)
}

/// Name of the template that compares a number with a bound.
const CHECK: &str = "check--tolerated";

fn check(chart: &Chart<'_>) -> Template {
    let env = [("VALUE", "value"), ("MOST", "most")];
    let env = env.map(|(name, input)| pod::variable(name, format!("{{{{inputs.parameters.{input}}}}}")));
    added::script(
        chart,
        CHECK,
        Script::Check,
        &["value", "most"],
        env.to_vec(),
        EXECUTOR,
    )
}
