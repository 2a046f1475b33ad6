//! `from=`: the list that a fan-out goes over.

use crate::diag::{Code, Diagnostic};
use crate::graph::model::{Binding, Items, StepId, ValueType};
use crate::graph::outline::{EachOutline, Entity, Outline};
use crate::graph::read::{Context, flow, parameter_type, scalar};
use crate::graph::reference::Scope;
use crate::source::Spanned;
use crate::syntax::{Path, Value};

/// `from=`: an output, a list parameter or a partitioned data set.
pub(super) fn source(
    outline: &Outline<'_>,
    each: &EachOutline<'_>,
    from: &Spanned<String>,
    context: &mut Context<'_, '_>,
) -> Option<Items> {
    let parts: Vec<String> = from.value.split('.').map(str::to_owned).collect();
    let first = parts.first()?;
    match (outline.names.get(first).map(|(entity, _)| *entity), parts.get(1)) {
        (Some(Entity::Parameter), None) => {
            let node = outline.parameters.get(first)?;
            if !parameter_type(node).1 {
                return not_a_list(from, "a parameter with one value", context);
            }
            let values = node.arguments.iter().skip(1);
            let default = values
                .map(|value| scalar(&value.value, context.sources, value.span))
                .collect();
            Some(Items::Parameter {
                name: first.clone(),
                default,
            })
        }
        (Some(Entity::Data), None) => {
            let data = outline.data.get(first)?;
            let nodes = data
                .declared
                .into_iter()
                .chain(data.writers.iter().map(|(_, write)| *write));
            let partitions = nodes.into_iter().find_map(|node| node.child("partitions"));
            if partitions.is_none() && data.damaged(outline) {
                return None;
            }
            let Some(partitions) = partitions else {
                let message = format!("`{first}` has no partitions to go over");
                context.out.push(
                    Diagnostic::new(Code::DataPartition, from.span, "not partitioned", message)
                        .and(data.span(), "this data set")
                        .help("add `partitions 260` or `partitions by=day` to it"),
                );
                return None;
            };
            let count = partitions.arguments.first().and_then(|count| match count.value {
                Value::Integer(n) => u64::try_from(n).ok(),
                _ => None,
            });
            Some(Items::Partitions {
                data: data.id?,
                count,
            })
        }
        (Some(Entity::Step(_) | Entity::Data), Some(output)) => {
            emitted(outline, each, from, &parts, output, context)
        }
        (Some(entity), _) => not_a_list(from, entity.noun(), context),
        (None, _) => {
            let scope = Scope { outline, step: None };
            scope.report_unknown(&Spanned::new(Path(parts), from.span), context.out);
            None
        }
    }
}

fn emitted(
    outline: &Outline<'_>,
    each: &EachOutline<'_>,
    from: &Spanned<String>,
    parts: &[String],
    output: &str,
    context: &mut Context<'_, '_>,
) -> Option<Items> {
    let scope = Scope { outline, step: None };
    let binding = scope.resolve(&Spanned::new(Path(parts.to_vec()), from.span), context.out)?;
    let Binding::Output {
        steps,
        ty: ValueType::List,
        ..
    } = binding
    else {
        return not_a_list(from, "an output with one value", context);
    };
    if let Some(outer) = elsewhere(outline, each, &steps) {
        let message = format!("`{}` is one list for each `{}`", from.value, outer.variable.value);
        let found = Diagnostic::new(Code::EachSource, from.span, "many lists", message);
        context.out.push(
            found
                .and(outer.variable.span, "emitted in this fan-out")
                .help(format!(
                    "put this `each` into the block of `each {}`, or gather the lists in a step between",
                    outer.variable.value
                )),
        );
        return None;
    }
    let id: StepId = *steps.first()?;
    let step = outline.steps.iter().find(|step| step.id == id)?;
    let node = step
        .all("emits")
        .find(|emit| emit.argument_text(0).is_some_and(|name| name.value == output))?;
    let fields = flow::fields(node);
    Some(Items::Output {
        steps,
        output: output.to_owned(),
        fields,
        expected: node.integer("items").map(|n| n.value),
    })
}

/// A fan-out around the step that emits the list, but not around `each`.
fn elsewhere<'o, 'd>(
    outline: &'o Outline<'d>,
    each: &EachOutline<'_>,
    steps: &[StepId],
) -> Option<&'o EachOutline<'d>> {
    let emitter = outline
        .steps
        .iter()
        .find(|step| steps.first() == Some(&step.id))?;
    // A step that goes over its own list waits for itself, which is another mistake.
    let own = |index: &&usize| outline.each.get(**index).is_some_and(|own| own.id == each.id);
    if emitter.each.iter().any(|index| own(&index)) {
        return None;
    }
    let mut around = Vec::new();
    let mut parent = each.parent;
    while let Some(index) = parent {
        around.push(index);
        parent = outline.each.get(index).and_then(|outer| outer.parent);
    }
    let outer = emitter.each.iter().find(|index| !around.contains(index))?;
    outline.each.get(*outer)
}

fn not_a_list(from: &Spanned<String>, what: &str, context: &mut Context<'_, '_>) -> Option<Items> {
    let message = format!("`{}` is {what}, not a list", from.value);
    context.out.push(Diagnostic::new(Code::EachSource, from.span, "not a list", message)
        .help("`from=` takes an output of type list, a parameter with several values, or a partitioned data set"));
    None
}
