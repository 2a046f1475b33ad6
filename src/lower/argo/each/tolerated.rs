//! `tolerate`: so many items may fail, and the fan-out succeeds with the others.

use super::super::{added, wants};
use crate::graph::{EachId, Graph, Items, Tolerance};
use crate::lower::argo::chart::Chart;
use crate::lower::argo::dag::{Maker, waiting};
use crate::lower::argo::needs::Wait;
use crate::lower::argo::scope::Scope;
use crate::lower::argo::stock::Script;
use crate::lower::argo::types::{Parameter, Task, Template};
use crate::lower::names::EXECUTOR;
use crate::lower::pod;

/// Name of the template that compares a number with a bound.
const CHECK: &str = "check--tolerated";

/// True if some items of `each` may fail.
pub fn tolerates(graph: &Graph, each: EachId) -> bool {
    match graph[each].tolerate {
        Tolerance::Items(count) => count > 0,
        Tolerance::Share(share) => share.0 > 0.0,
    }
}

/// Number of items, as an expression.
pub fn total(chart: &Chart<'_>, each: EachId, scope: &Scope<'_>) -> String {
    match (chart.count(each), &chart.graph()[each].items) {
        (Some(count), _) => count.to_string(),
        (None, Items::Output { steps, output, .. }) => {
            format!("len(fromJSON({}))", wants::list(scope, steps, output))
        }
        (None, Items::Parameter { name, .. }) => {
            format!(r#"len(fromJSON(workflow.parameters["{name}"]))"#)
        }
        (None, Items::Known(_) | Items::Partitions { .. }) => {
            format!("len(fromJSON({}))", super::parts::LIST)
        }
    }
}

/// The task after the loop called `items`, over `total` items: the loop has succeeded if this task has.
pub fn task(maker: &mut Maker<'_, '_>, each: EachId, items: &str, total: &str) -> Option<Task> {
    let graph = maker.chart.graph();
    if !tolerates(graph, each) {
        return None;
    }
    let most = match graph[each].tolerate {
        Tolerance::Items(count) => count.to_string(),
        Tolerance::Share(share) => format!("{{{{=int({total} * {})}}}}", share.0),
    };
    let succeeded = format!(r#"len(fromJSON(get(get(tasks["{items}"], "outputs").parameters, "_done")))"#);
    maker.templates.push(check(maker.chart));
    let ended = ["Succeeded", "Failed", "Errored"].map(|word| format!("{items}.{word}"));
    let wait = Wait {
        depends: vec![ended.join(" || ")],
        guards: Vec::new(),
    };
    let mut task = waiting(&items.replacen(super::ITEMS, "tolerated", 1), CHECK, &wait);
    task.arguments.parameters = vec![
        Parameter::value("value", format!("{{{{={total} - {succeeded}}}}}")),
        Parameter::value("most", most),
    ];
    Some(task)
}

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
