//! `pipeline` nodes: schedules, parameters, endpoints.

use super::flow::step_reference;
use super::step::{overlay, scalars};
use super::work::traffic;
use super::{Context, monitor, parameter_type, promise};
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
        overlays: node.all("overlay").filter_map(overlay).collect(),
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
        let message = format!("`{}` has nothing to watch", name.value);
        context.out.push(
            Diagnostic::new(
                Code::TriggerData,
                name.span,
                "no `at`, and no other pipeline writes it",
                message,
            )
            .help("a trigger watches a data set with `at`, or `pipeline.data` of another pipeline"),
        );
        return None;
    };
    let every = node.duration("every").map_or(Seconds(300.0), |every| every.value);
    Some(Trigger {
        data: data.id?,
        every,
        overlap: overlap(node),
        span: node.span,
    })
}

fn parameter(node: &Node, context: &mut Context<'_, '_>) -> Option<Parameter> {
    let (ty, list) = parameter_type(node);
    let name = node.argument_text(0)?;
    let default = scalars(node, 1, context);
    let number = |scalar: &Scalar| match scalar {
        Scalar::Integer(value) => Some(*value as f64),
        Scalar::Number(value) => Some(*value),
        Scalar::Boolean(_) | Scalar::Text(_) => None,
    };
    let bound = |name: &str| {
        node.property(name)
            .and_then(|value| number(&super::scalar(&value.value, context.sources, value.span)))
    };
    let (min, max) = (bound("min"), bound("max"));
    let crossed = super::crossed(node, "min", "max", context.out);
    let outside = default
        .iter()
        .filter_map(number)
        .find(|v| min.is_some_and(|min| *v < min) || max.is_some_and(|max| *v > max));
    if outside.is_some() && !crossed {
        let span = node.arguments.get(1).map_or(name.span, |value| value.span);
        let message = format!("the default of `{}` is outside its own bounds", name.value);
        let found = Diagnostic::new(Code::ParameterDefault, span, "outside `min` and `max`", message);
        context.out.push(found.help("change the default, or the bound"));
    }
    Some(Parameter {
        name,
        ty,
        list,
        default,
    })
}

fn endpoint(node: &Node, outline: &Outline<'_>, context: &mut Context<'_, '_>) -> Option<Endpoint> {
    let name = node.argument_text(0)?;
    let routes: Vec<Route> = node
        .all("route")
        .filter_map(|route| self::route(route, outline, context))
        .collect();
    let total: f64 = routes
        .iter()
        .filter(|route| !route.shadow)
        .map(|route| route.share.0)
        .sum();
    let unsure = node.damaged
        || node.all("route").any(|route| route.damaged)
        || routes.len() < node.all("route").count();
    if (total - 1.0).abs() > 1e-6 && !unsure {
        let (label, message, help) = match routes.as_slice() {
            [] => (
                "no `route`",
                format!("`{}` sends its traffic nowhere", name.value),
                "add `route` with the name of a serving step and `share=\"100%\"`",
            ),
            [..] => (
                "not 100 %",
                format!("the shares of `{}` add up to {}", name.value, Percent(total)),
                "let the shares of all routes that are no shadows add up to 100 %",
            ),
        };
        context
            .out
            .push(Diagnostic::new(Code::ServeShare, name.span, label, message).help(help));
    }
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

/// `test` nodes: which pipeline they are about.
pub(in crate::graph) fn test(
    node: &Node,
    pipelines: &[Pipeline],
    context: &mut Context<'_, '_>,
) -> Option<Test> {
    let name = node.argument_text(0)?;
    let same_file = |pipeline: &&Pipeline| pipeline.name.span.source == node.span.source;
    let found = match node.text("pipeline") {
        Some(wanted) => {
            let found = pipelines
                .iter()
                .find(|pipeline| pipeline.name.value == wanted.value);
            if found.is_none() && !context.lost.may_declare(&wanted.value) {
                let message = format!("there is no pipeline `{}`", wanted.value);
                context.out.push(Diagnostic::new(
                    Code::TestSubject,
                    wanted.span,
                    "no such pipeline",
                    message,
                ));
            }
            found
        }
        None => {
            let mut own = pipelines.iter().filter(same_file);
            let first = own.next();
            if own.next().is_some() || first.is_none() {
                let message = "this test does not say which pipeline it is about";
                context.out.push(
                    Diagnostic::new(Code::TestSubject, name.span, "which pipeline?", message)
                        .help("add `pipeline=NAME`"),
                );
                return None;
            }
            first
        }
    };
    Some(Test {
        name,
        pipeline: found?.id,
    })
}
