//! `pipeline` nodes: schedules, parameters, endpoints.

use super::flow::{data_reference, step_reference};
use super::overlay::overlays;
use super::parameter::parameter;
use super::work::traffic;
use super::{Context, monitor, promise};
use crate::diag::{Code, Diagnostic};
use crate::graph::model::*;
use crate::graph::outline::Outline;
use crate::quantity::{Percent, Seconds};
use crate::source::Spanned;
use crate::syntax::{Node, Value};

/// Reads what stands in a pipeline besides steps, data and fan-outs.
pub(in crate::graph) fn pipeline(
    outline: &Outline<'_>,
    id: PipelineId,
    context: &mut Context<'_, '_>,
) -> Pipeline {
    let node = outline.node;
    let children: Vec<&Node> = node.children.iter().collect();
    let title = |name: &str| node.child(name).and_then(|child| child.argument_text(0));
    Pipeline {
        id,
        name: outline.name.clone(),
        was: node.text("was").map(|was| was.value),
        owner: title("owner"),
        description: title("description").map(|text| text.value),
        schedules: node.all("schedule").filter_map(schedule).collect(),
        triggers: node
            .all("trigger")
            .filter_map(|trigger| self::trigger(trigger, outline, context))
            .collect(),
        parameters: outline
            .parameters
            .values()
            .filter_map(|node| parameter(node, context))
            .collect(),
        steps: outline.steps.iter().map(|step| step.id).collect(),
        data: outline.data.values().filter_map(|data| data.id).collect(),
        promises: promise::promises(&children, outline, context),
        endpoints: node
            .all("endpoint")
            .filter_map(|node| endpoint(node, outline, context))
            .collect(),
        monitor: monitor::monitor(outline, context),
        overlays: overlays(node.all("overlay"), context),
    }
}

fn overlap(node: &Node) -> Overlap {
    match node.word("overlap").as_str() {
        "allow" => Overlap::Allow,
        "replace" => Overlap::Replace,
        _ => Overlap::Forbid,
    }
}

fn schedule(node: &Node) -> Option<Schedule> {
    Some(Schedule {
        cron: node.argument_text(0)?,
        timezone: node.word("timezone"),
        overlap: overlap(node),
        late: node.duration("late").map_or(Seconds(0.0), |late| late.value),
    })
}

fn trigger(node: &Node, outline: &Outline<'_>, context: &mut Context<'_, '_>) -> Option<Trigger> {
    let name = node.argument_text(0)?;
    let own = outline.data.get(&name.value);
    let foreign = name.value.split_once('.').and_then(|(pipeline, data)| {
        let other = context
            .outlines
            .iter()
            .find(|other| other.name.value == pipeline)?;
        other.data.get(data)
    });
    let watched = own
        .filter(|data| data.declared.is_some_and(|node| node.child("at").is_some()))
        .or(foreign);
    let unsure = own.map_or_else(
        || context.lost.may_declare(&name.value),
        |data| data.damaged(outline),
    );
    if watched.is_none() && unsure {
        return None;
    }
    let Some(data) = watched else {
        if own.is_none() {
            // What no pipeline has is reported as where data is read.
            data_reference(&name, outline, context);
        } else {
            let message = format!("`{}` has nothing to watch", name.value);
            let label = "no `at`: it is not there before a run";
            let found = Diagnostic::new(Code::TriggerData, name.span, label, message);
            context.out.push(
                found.help("watch a data set with `at`, or `PIPELINE.DATA` that another pipeline writes"),
            );
        }
        return None;
    };
    let every = node.duration("every").map_or(Seconds(300.0), |every| every.value);
    Some(Trigger {
        data: data.id?,
        every,
        overlap: overlap(node),
        span: name.span,
    })
}

fn endpoint(node: &Node, outline: &Outline<'_>, context: &mut Context<'_, '_>) -> Option<Endpoint> {
    let name = node.argument_text(0)?;
    let routes: Vec<Route> = node
        .all("route")
        .filter_map(|route| self::route(route, outline, context))
        .collect();
    Some(Endpoint {
        name,
        host: node.text("host").map(|host| host.value),
        path: node.word("path"),
        sticky: node.text("sticky").map(|header| header.value),
        routes,
        traffic: node
            .child("traffic")
            .and_then(|node| traffic(node, outline, context.out)),
    })
}

fn route(node: &Node, outline: &Outline<'_>, context: &mut Context<'_, '_>) -> Option<Route> {
    let step = step_reference(&node.argument_text(0)?, outline, context)?;
    let shadow = matches!(
        node.property("shadow"),
        Some(Spanned {
            value: Value::Boolean(true),
            ..
        })
    );
    let share = node
        .percent("share")
        .map_or(Percent(if shadow { 0.0 } else { 1.0 }), |share| share.value);
    Some(Route { step, share, shadow })
}
