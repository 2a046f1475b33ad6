//! What flows between steps: data read and written, outputs, and references to steps.

use super::{Context, site};
use crate::diag::{Code, Diagnostic, Fix, suggest};
use crate::graph::model::*;
use crate::graph::outline::{Entity, Outline, StepOutline};
use crate::graph::reference::{Scope, gathers, makes_edges};
use crate::graph::residency::Lifted;
use crate::source::Spanned;
use crate::syntax::Node;

pub(super) fn read(
    node: &Node,
    outline: &Outline<'_>,
    step: &StepOutline<'_>,
    context: &mut Context<'_, '_>,
) -> Option<Read> {
    let name = node.argument_text(0)?;
    let previous = node.word("version") == "previous";
    let scope = Scope {
        outline,
        step: Some(step),
    };
    let (data, orders, made) = match data_reference(&name, outline, context)? {
        Found::Own(data, writers) => {
            let orders = !previous && writers.iter().any(|writer| makes_edges(writer.kind));
            (
                data,
                orders,
                writers
                    .first()
                    .map(|writer| scope.each_ids(writer))
                    .unwrap_or_default(),
            )
        }
        Found::Foreign(data) => (data, false, Vec::new()),
    };
    let own = scope.each_ids(step);
    let around = step
        .each
        .iter()
        .rev()
        .filter_map(|index| outline.each.get(*index));
    let part_of = around.into_iter().find(|each| {
        each.node
            .text("from")
            .is_some_and(|from| from.value == name.value)
    });
    let choose = node
        .text("highest")
        .map(|o| (true, o))
        .or_else(|| node.text("lowest").map(|o| (false, o)));
    let gathers = gathers(&made, &own);
    if let Some((_, output)) = choose.as_ref().filter(|_| !gathers) {
        let message = format!("`{}` is not written by a fan-out", name.value);
        context.out.push(Diagnostic::new(
            Code::EachChoose,
            output.span,
            "nothing to choose from",
            message,
        ));
    }
    Some(Read {
        data,
        mount: node.text("mount"),
        last: node.duration("last").map(|last| last.value),
        previous,
        choose,
        part_of: part_of.map(|each| each.id),
        gathers,
        orders,
        span: name.span,
    })
}

pub(super) enum Found<'o, 'd> {
    /// Of this pipeline, with its writers.
    Own(DataId, Vec<&'o StepOutline<'d>>),
    /// Of another pipeline.
    Foreign(DataId),
}

/// The data set called `name`; reports what is none.
pub(super) fn data_reference<'o, 'd>(
    name: &Spanned<String>,
    outline: &'o Outline<'d>,
    context: &mut Context<'_, '_>,
) -> Option<Found<'o, 'd>> {
    if let Some(data) = outline.data.get(&name.value) {
        let writers = data
            .writers
            .iter()
            .filter_map(|(index, _)| outline.steps.get(*index))
            .collect();
        return Some(Found::Own(data.id?, writers));
    }
    if let Some((pipeline, data)) = name.value.split_once('.') {
        if pipeline == outline.name.value && outline.data.contains_key(data) {
            let message = format!("`{}` is data of this pipeline itself", name.value);
            let found = Diagnostic::new(Code::NameUnknown, name.span, "not of another pipeline", message);
            context.out.push(found.help(format!(
                "write `{data}`, with `version=previous` for what the last run wrote"
            )));
            return None;
        }
        let other = context.outlines.iter().find(|other| other.name.value == pipeline);
        if let Some(id) = other.and_then(|other| other.data.get(data)?.id) {
            return Some(Found::Foreign(id));
        }
    }
    let entity = outline.names.get(&name.value).map(|(entity, _)| *entity);
    let foreign = name.value.contains('.') && context.lost.may_declare(&name.value);
    if entity.is_none() && (foreign || outline.lost.may_explain(&name.value)) {
        return None;
    }
    let found = match entity {
        Some(entity) => {
            let message = format!("`{}` is {}, not a data set", name.value, entity.noun());
            let written = match entity {
                Entity::Step(index) => outline
                    .steps
                    .get(index)
                    .and_then(|step| step.child("writes")?.argument_text(0)),
                Entity::Data | Entity::Parameter | Entity::Each | Entity::Endpoint => None,
            };
            let help = written.map(|data| format!("it writes `{}`: read that", data.value));
            Diagnostic::new(Code::NameKind, name.span, "not a data set", message).maybe_help(help)
        }
        None => {
            let near = suggest::nearest(&name.value, outline.data.keys().map(String::as_str));
            let help = near.map(|near| {
                let writer = outline.data.get(near).and_then(|data| data.writers.first());
                let writer = writer.and_then(|(index, _)| outline.steps.get(*index));
                let by = writer.map(|step| {
                    format!(
                        ", which `{}` writes (line {})",
                        step.name.value,
                        context.sources.position(step.name.span).line
                    )
                });
                format!("did you mean `{near}`{}?", by.unwrap_or_default())
            });
            let fix = near.map(|near| Fix {
                span: name.span,
                text: suggest::word(near),
            });
            let message = format!("there is no data set `{}`", name.value);
            Diagnostic::new(
                Code::NameUnknown,
                name.span,
                "no step writes it and no `data` declares it",
                message,
            )
            .maybe_help(help)
            .maybe_fix(fix)
        }
    };
    context.out.push(found);
    None
}

pub(super) fn write(node: &Node, outline: &Outline<'_>, context: &mut Context<'_, '_>) -> Option<Write> {
    let name = node.argument_text(0)?;
    Some(Write {
        data: outline.data.get(&name.value)?.id?,
        mount: node.text("mount"),
        at: node.text("at").and_then(|at| site::site(&at, context)),
        size: node.bytes("size"),
        rows: node.integer("rows").map(|rows| rows.value),
        columns: node.integer("columns").map(|columns| columns.value),
        lifts: lifts(node),
        span: name.span,
    })
}

pub(super) fn emit(node: &Node) -> Option<Emit> {
    Some(Emit {
        name: node.argument_text(0)?,
        ty: super::emit_type(node),
        items: node.integer("items").map(|items| items.value),
        fields: fields(node),
        lifts: lifts(node),
    })
}

/// What `declassify` lifts from an output.
fn lifts(node: &Node) -> Lifted {
    let lines = node.all("declassify");
    let words: Vec<String> = lines
        .flat_map(|line| (0..line.arguments.len()).filter_map(|index| line.argument_text(index)))
        .map(|word| word.value)
        .collect();
    Lifted {
        residency: words.iter().any(|word| word == "residency"),
        sensitivity: words.iter().any(|word| word == "sensitivity"),
    }
}

/// Fields of a list's records.
pub(super) fn fields(node: &Node) -> Vec<(String, ValueType)> {
    let field = |field: &Node| {
        Some((
            field.argument_text(0)?.value,
            super::value_type(&field.word("type")),
        ))
    };
    node.all("field").filter_map(field).collect()
}

/// Names of steps.
pub(super) fn steps(
    node: Option<&Node>,
    outline: &Outline<'_>,
    context: &mut Context<'_, '_>,
) -> Vec<Spanned<StepId>> {
    let Some(node) = node else { return Vec::new() };
    let names = (0..node.arguments.len()).filter_map(|index| node.argument_text(index));
    names
        .filter_map(|name| step_reference(&name, outline, context))
        .collect()
}

/// The step called `name`; reports what is none.
pub(super) fn step_reference(
    name: &Spanned<String>,
    outline: &Outline<'_>,
    context: &mut Context<'_, '_>,
) -> Option<Spanned<StepId>> {
    if let Some(step) = outline.step(&name.value) {
        return Some(Spanned::new(step.id, name.span));
    }
    let entity = outline.names.get(&name.value);
    if entity.is_none() && outline.lost.may_explain(&name.value) {
        return None;
    }
    let found = match entity {
        Some((entity, _)) => {
            let message = format!("`{}` is {}, not a step", name.value, entity.noun());
            Diagnostic::new(Code::NameKind, name.span, "not a step", message)
        }
        None => {
            let near = suggest::nearest(&name.value, outline.step_names());
            let message = format!("there is no step `{}`", name.value);
            Diagnostic::new(Code::NameUnknown, name.span, "no step has this name", message).did_you_mean(near)
        }
    };
    context.out.push(found);
    None
}
