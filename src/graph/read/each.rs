//! `each`: what a fan-out goes over.

use super::{Context, scalar};
use crate::diag::{Code, Diagnostic};
use crate::graph::model::{Each, EarlyStop, Item, Items, PipelineId, Scalar, StepId, Tolerance, ValueType};
use crate::graph::outline::{EachOutline, Entity, Outline};
use crate::graph::reference::Scope;
use crate::graph::sample;
use crate::quantity::{Percent, Quantity};
use crate::source::Spanned;
use crate::syntax::{Node, Path, Value, is_name};

/// More items than this is a mistake: a workflow could not hold them.
const MOST_ITEMS: u64 = 10_000;

pub(in crate::graph) fn fan_out(
    outline: &Outline<'_>,
    each: &EachOutline<'_>,
    pipeline: PipelineId,
    context: &mut Context<'_, '_>,
) -> Each {
    let node = each.node;
    let items = items(outline, node, context);
    if let Some(count) = items.expected().filter(|count| *count > MOST_ITEMS) {
        let message = format!("{count} items are more than a workflow can hold");
        context.out.push(
            Diagnostic::new(Code::EachSize, each.variable.span, "too many", message)
                .help(format!("at most {MOST_ITEMS}: let one item do more work")),
        );
    }
    let tolerate = match node.property("tolerate").map(|value| &value.value) {
        Some(Value::Integer(n)) => Tolerance::Items(u64::try_from(*n).unwrap_or(0)),
        Some(Value::Quantity(Quantity::Percent(share))) => Tolerance::Share(*share),
        _ => Tolerance::Items(0),
    };
    let parent = each
        .parent
        .and_then(|index| outline.each.get(index))
        .map(|parent| parent.id);
    Each {
        pipeline,
        variable: each.variable.clone(),
        parent,
        items,
        concurrency: node.integer("concurrency").map(|n| n.value),
        tolerate,
        early_stop: node.child("early-stop").and_then(early_stop),
        span: node.span,
    }
}

fn items(outline: &Outline<'_>, node: &Node, context: &mut Context<'_, '_>) -> Items {
    if let Some(from) = node.text("from") {
        return source(outline, &from, context).unwrap_or(Items::Known(Vec::new()));
    }
    let samples: Vec<&Node> = node.all("sample").collect();
    for sample in &samples {
        super::crossed(sample, "min", "max", context.out);
    }
    let count = node.integer("count").map(|count| count.value);
    if !samples.is_empty() {
        return Items::Known(sample::draw(
            &samples,
            count.unwrap_or(1).min(MOST_ITEMS + 1),
            context.sources,
        ));
    }
    if let Some(count) = count {
        let numbers =
            (0..count.min(MOST_ITEMS + 1)).map(|n| Scalar::Integer(i64::try_from(n).unwrap_or(i64::MAX)));
        return Items::Known(numbers.map(plain).collect());
    }
    let rows: Vec<&Node> = node.all("item").collect();
    if !rows.is_empty() {
        return Items::Known(table(&rows, context));
    }
    let values = node.arguments.iter().skip(1);
    let values: Vec<Item> = values
        .map(|value| plain(scalar(&value.value, context.sources, value.span)))
        .collect();
    if values.is_empty() && !node.damaged {
        let message = "this fan-out goes over nothing";
        context.out.push(
            Diagnostic::new(Code::EachSource, node.span, "no values", message)
                .help("write values, `count=`, `from=`, or `item` rows"),
        );
    }
    Items::Known(values)
}

fn plain(value: Scalar) -> Item {
    Item {
        value,
        fields: Vec::new(),
    }
}

/// Rows of values; all must have the columns of the first, whose names are names.
fn table(rows: &[&Node], context: &mut Context<'_, '_>) -> Vec<Item> {
    let columns = |row: &Node| {
        row.properties
            .iter()
            .map(|p| p.name.value.clone())
            .collect::<Vec<_>>()
    };
    let Some((first, names)) = rows.first().map(|row| (row, columns(row))) else {
        return Vec::new();
    };
    for column in &first.properties {
        let name = &column.name;
        if !is_name(&name.value) {
            let message = format!("`{}` is not of the form of a name", name.value);
            context.out.push(
                Diagnostic::new(Code::NameForm, name.span, "a name is `a-z`, `0-9` and `-`", message)
                    .help("begin it with a letter, then small letters, digits and single hyphens"),
            );
        }
    }
    let mut items = Vec::new();
    for row in rows {
        if row.damaged || first.damaged {
            continue;
        }
        let mut own = columns(row);
        let mut expected = names.clone();
        own.sort();
        expected.sort();
        if own != expected {
            let message = "this row has other columns than the first";
            context.out.push(
                Diagnostic::new(Code::EachTable, row.span, format!("has {}", list(&own)), message)
                    .and(first.span, format!("has {}", list(&expected)))
                    .help("give every row the same properties"),
            );
            continue;
        }
        let field = |name: &String| {
            let value = row.property(name)?;
            Some((name.clone(), scalar(&value.value, context.sources, value.span)))
        };
        let fields = names.iter().filter_map(field).collect();
        let name = row.argument_text(0).map(|name| name.value).unwrap_or_default();
        items.push(Item {
            value: Scalar::Text(name),
            fields,
        });
    }
    items
}

fn list(names: &[String]) -> String {
    if names.is_empty() {
        "none".to_owned()
    } else {
        names
            .iter()
            .map(|name| format!("`{name}`"))
            .collect::<Vec<_>>()
            .join(" ")
    }
}

/// `from=`: an output, a list parameter or a partitioned data set.
fn source(outline: &Outline<'_>, from: &Spanned<String>, context: &mut Context<'_, '_>) -> Option<Items> {
    let parts: Vec<String> = from.value.split('.').map(str::to_owned).collect();
    let first = parts.first()?;
    match (outline.names.get(first).map(|(entity, _)| *entity), parts.get(1)) {
        (Some(Entity::Parameter), None) => {
            let node = outline.parameters.get(first)?;
            if !super::parameter_type(node).1 {
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
            emitted(outline, from, &parts, output, context)
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
    from: &Spanned<String>,
    parts: &[String],
    output: &str,
    context: &mut Context<'_, '_>,
) -> Option<Items> {
    let scope = Scope { outline, step: None };
    let binding = scope.resolve(&Spanned::new(Path(parts.to_vec()), from.span), context.out)?;
    let crate::graph::model::Binding::Output {
        steps,
        ty: ValueType::List,
        ..
    } = binding
    else {
        return not_a_list(from, "an output with one value", context);
    };
    let id: StepId = *steps.first()?;
    let at = outline.steps.binary_search_by_key(&id, |step| step.id).ok()?;
    let step = outline.steps.get(at)?;
    let node = step
        .all("emits")
        .find(|emit| emit.argument_text(0).is_some_and(|name| name.value == output))?;
    let fields = super::flow::fields(node);
    Some(Items::Output {
        steps,
        output: output.to_owned(),
        fields,
        expected: node.integer("items").map(|n| n.value),
    })
}

fn not_a_list(from: &Spanned<String>, what: &str, context: &mut Context<'_, '_>) -> Option<Items> {
    let message = format!("`{}` is {what}, not a list", from.value);
    context.out.push(Diagnostic::new(Code::EachSource, from.span, "not a list", message)
        .help("`from=` takes an output of type list, a parameter with several values, or a partitioned data set"));
    None
}

fn early_stop(node: &Node) -> Option<EarlyStop> {
    let highest = node.text("highest");
    let output = highest.clone().or_else(|| node.text("lowest"))?;
    Some(EarlyStop {
        output,
        highest: highest.is_some(),
        rungs: node.integer("rungs")?.value,
        keep: node.percent("keep").map_or(Percent(0.33), |keep| keep.value),
    })
}
