//! `each`: what a fan-out goes over, and how.

mod rows;
mod source;

use super::{Context, scalar};
use crate::diag::{Code, Diagnostic};
use crate::graph::model::{Each, EarlyStop, Item, Items, PipelineId, Scalar, Tolerance};
use crate::graph::outline::{EachOutline, Outline};
use crate::graph::sample;
use crate::quantity::{Percent, Quantity};
use crate::syntax::{Node, Value};
use rows::{dimension, distinct, plain, table};
use source::source;

/// More items than this is a mistake: a workflow could not hold them.
pub(in crate::graph) const MOST_ITEMS: u64 = 10_000;

pub(in crate::graph) fn fan_out(
    outline: &Outline<'_>,
    each: &EachOutline<'_>,
    pipeline: PipelineId,
    context: &mut Context<'_, '_>,
) -> Each {
    let node = each.node;
    one_way(node, context);
    let items = items(outline, each, context);
    if let Some(count) = items.expected().filter(|count| *count > MOST_ITEMS) {
        // So many draws are not made to be counted.
        let count = node.integer("count").map_or(count, |count| count.value);
        let message = format!("{count} items are more than a workflow can hold");
        context.out.push(
            Diagnostic::new(Code::EachSize, each.variable.span, "too many", message)
                .help(format!("at most {MOST_ITEMS}: let one item do more work")),
        );
    }
    not_zero(node, "count", "a fan-out over nothing", context);
    not_zero(node, "concurrency", "so none would ever start", context);
    let tolerate = tolerate(node, &items, context);
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
        early_stop: node
            .child("early-stop")
            .and_then(|node| early_stop(node, context)),
        span: node.span,
    }
}

/// Values, a list, rows and draws: the items of a fan-out are one of these.
fn one_way(node: &Node, context: &mut Context<'_, '_>) {
    let child = |name: &str| node.child(name).map(|child| child.span);
    let listed = node
        .arguments
        .get(1)
        .or(node.property("from"))
        .map(|value| value.span);
    let ways = [
        ("a list", listed),
        ("`item`", child("item")),
        ("`sample`", child("sample")),
    ];
    let mut said = ways.into_iter().filter_map(|(way, span)| Some((way, span?)));
    if let (Some((first, before)), Some((second, again))) = (said.next(), said.next()) {
        let message = format!("{first} and {second} exclude each other");
        let found = Diagnostic::new(Code::SyntaxConflict, again, "this one", message);
        context
            .out
            .push(found.and(before, "and this one").help("remove one of them"));
    }
}

fn not_zero(node: &Node, name: &str, why: &str, context: &mut Context<'_, '_>) {
    if let Some(zero) = node.integer(name).filter(|n| n.value == 0) {
        let found = Diagnostic::new(Code::ValueRange, zero.span, why, format!("`{name}` cannot be 0"));
        context
            .out
            .push(found.help(format!("write a number from 1, or leave `{name}=` out")));
    }
}

/// So many items may fail; not more than there are.
fn tolerate(node: &Node, items: &Items, context: &mut Context<'_, '_>) -> Tolerance {
    let Some(value) = node.property("tolerate") else {
        return Tolerance::Items(0);
    };
    match &value.value {
        Value::Integer(n) => {
            let some = u64::try_from(*n).unwrap_or(0);
            if let Some(all) = items.expected().filter(|all| *all > 0 && some >= *all) {
                let message = format!("with `tolerate={some}`, all {all} items may fail");
                let found = Diagnostic::new(Code::ValueRange, value.span, "so many", message);
                context
                    .out
                    .push(found.help(format!("write at most `tolerate={}`", all - 1)));
            }
            Tolerance::Items(some)
        }
        Value::Quantity(Quantity::Percent(share)) => Tolerance::Share(*share),
        _ => Tolerance::Items(0),
    }
}

fn items(outline: &Outline<'_>, each: &EachOutline<'_>, context: &mut Context<'_, '_>) -> Items {
    let node = each.node;
    if let Some(from) = node.text("from") {
        return source(outline, each, &from, context).unwrap_or(Items::Known(Vec::new()));
    }
    let samples: Vec<&Node> = node.all("sample").collect();
    for sample in &samples {
        dimension(sample, context);
    }
    let count = node.integer("count").map(|count| count.value);
    distinct(node, context);
    if !samples.is_empty() && count.is_none() && !node.damaged {
        let message = "nothing says how many points of the search are drawn";
        let found = Diagnostic::new(Code::SyntaxMissing, node.span, "no `count=`", message);
        context
            .out
            .push(found.help("add `count=` with a number, such as `count=64`"));
    }
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

fn early_stop(node: &Node, context: &mut Context<'_, '_>) -> Option<EarlyStop> {
    let highest = node.text("highest");
    let output = highest.clone().or_else(|| node.text("lowest"))?;
    let keep = node.percent("keep");
    if let Some(keep) = keep.filter(|keep| keep.value.0 <= 0.0 || keep.value.0 >= 1.0) {
        let message = "after a rung, some go on and some do not";
        let found = Diagnostic::new(Code::ValueRange, keep.span, "none or all of them", message);
        context
            .out
            .push(found.help("write the share that goes on, such as `keep=\"33%\"`"));
    }
    let rungs = node.integer("rungs")?;
    if rungs.value < 2 {
        let message = "with less than two rungs nothing is stopped early";
        let found = Diagnostic::new(Code::ValueRange, rungs.span, "too few", message);
        context
            .out
            .push(found.help("write `rungs=3`, or remove `early-stop`"));
    }
    Some(EarlyStop {
        output,
        highest: highest.is_some(),
        rungs: rungs.value,
        keep: keep.map_or(Percent(0.33), |keep| keep.value),
    })
}
