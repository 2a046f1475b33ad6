//! A fan-out: a template around all items, which limits how many run at once and how many may fail, and one for what a
//! single item goes through, unless that is a single step.
//!
//! The template around the items exists even where nothing is limited: with Argo, a loop whose items were all skipped
//! has succeeded and has no outputs, and whoever asks for them waits for ever. Here they are empty lists.

mod limit;
mod outputs;
mod parts;
mod rungs;
mod tolerated;

pub use limit::config_map;
pub use outputs::done;
pub use tolerated::tolerates;

use super::dag::{Maker, waiting};
use super::items::{self, Loop};
use super::needs::{Need, Wait, outer_needs};
use super::pulls::Pulls;
use super::scope::Scope;
use super::tree::{Node, each_name};
use super::types::{Arguments, Inputs, Parameter, Sequence, Task, Template};
use super::wants::{self, Want, braced};
use crate::graph::{EachId, Graph, Items, Step};
use outputs::{Level, outputs};

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
    let own = items::items(graph, each);
    let mut wanted = wants::of_dag(graph, body, assured);
    wanted.retain(|want| !matches!(want, Want::Value(binding) if own.contains(binding)));
    if let Items::Output { steps, output, .. } = &graph[each].items {
        wanted.push(Want::List(steps.clone(), output.clone()));
    }
    wanted
}

fn around(maker: &mut Maker<'_, '_>, each: EachId, body: &[Node], assured: &[Need]) -> Template {
    let graph = maker.chart.graph();
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
    limit::of_the_run(maker, each, &template);
    let mut tasks: Vec<Task> = parts::task(maker, each, body).into_iter().collect();
    tasks.extend(loops(maker, each, body, &template, &passed));
    let last = rungs::name(rungs::count(graph, each));
    Template {
        inputs,
        outputs: outputs(
            maker.chart,
            body,
            &Level::Around {
                items: last,
                direct: direct(graph, body).is_some(),
            },
        ),
        // Inside another fan-out, `limit` counts the items of the whole run.
        parallelism: graph[each].concurrency.filter(|_| graph[each].parent.is_none()),
        ..maker.dag(&each_name(graph, each), &[], &[], tasks)
    }
}

/// The loop over the items, once for each rung, and what counts those that failed.
fn loops(
    maker: &mut Maker<'_, '_>,
    each: EachId,
    body: &[Node],
    template: &str,
    passed: &[Want],
) -> Vec<Task> {
    let graph = maker.chart.graph();
    let inside = Scope::new(graph, &[]);
    let mut tasks: Vec<Task> = Vec::new();
    for rung in 1..=rungs::count(graph, each) {
        let name = rungs::name(rung);
        let before = tasks.last().map(|task| format!("{}.Succeeded", task.name));
        let listed = parts::listed(graph, each).map(|list| format!("{list}.Succeeded"));
        let wait = Wait {
            depends: before.or(listed).into_iter().collect(),
            guards: Vec::new(),
        };
        let mut items = waiting(&name, template, &wait);
        items.arguments.parameters = wants::arguments(&inside, passed, Some(Loop { each, rung }));
        let total = match rung {
            1 => {
                go_over(&mut items, &inside, graph, each);
                tolerated::total(maker.chart, each, &inside)
            }
            later => {
                let list = rungs::survivors(graph, each, body, later);
                items.with_param = Some(braced(&list));
                format!("len(fromJSON({list}))")
            }
        };
        tasks.push(items);
        tasks.extend(tolerated::task(maker, each, &name, &total));
    }
    tasks
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
    template.outputs = outputs(maker.chart, body, &Level::Item);
    if tolerates(graph, each) {
        template.outputs.parameters.push(done(false));
    }
    let mut wanted = wants::of_dag(graph, body, assured);
    if graph[each].early_stop.is_some() {
        template.outputs.parameters.push(rungs::trial(graph, each, false));
        // The trial says all of itself, whatever its steps are told.
        let known: Vec<Want> = items::items(graph, each).into_iter().map(Want::Value).collect();
        let missing: Vec<Want> = known.into_iter().filter(|want| !wanted.contains(want)).collect();
        let names = missing.iter().filter_map(|want| want.name(graph));
        template.inputs.parameters.extend(names.map(Parameter::input));
        wanted.extend(missing);
    }
    maker.templates.push(template);
    (name, wanted)
}

/// What the pod of an item answers to the loops around it.
pub fn answers(graph: &Graph, step: &Step) -> Vec<Parameter> {
    let Some(each) = step.each.last().copied() else {
        return Vec::new();
    };
    let counted = tolerates(graph, each).then(|| done(true));
    let tried = graph[each]
        .early_stop
        .as_ref()
        .map(|_| rungs::trial(graph, each, true));
    counted.into_iter().chain(tried).collect()
}

/// The only step of a fan-out, if nothing but the fan-out decides whether it runs.
pub fn direct<'g>(graph: &'g Graph, body: &[Node]) -> Option<&'g Step> {
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
    let over = |list: &str| Some(braced(&items::encoded_list(&graph[each], list)));
    match &graph[each].items {
        Items::Known(_) => task.with_items = items::known(&graph[each]),
        Items::Output { steps, output, .. } => task.with_param = over(&wants::list(scope, steps, output)),
        Items::Parameter { name, .. } => task.with_param = over(&format!(r#"workflow.parameters["{name}"]"#)),
        Items::Partitions {
            count: Some(count), ..
        } => {
            task.with_sequence = Some(Sequence {
                count: count.to_string(),
            });
        }
        Items::Partitions { count: None, .. } => task.with_param = over(parts::LIST),
    }
}
