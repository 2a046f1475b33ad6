//! `promise` and `prefer`.

use super::{Context, site};
use crate::diag::{Code, Diagnostic};
use crate::graph::model::{DeadlineBound, LatencyOf, Promise, PromiseKind};
use crate::graph::outline::Outline;
use crate::graph::schedule;
use crate::quantity::{Percent, Quantity, Seconds};
use crate::source::Spanned;
use crate::syntax::{Node, Value};

/// All promises and preferences among `children`: promises first, then the weightier preferences, then by their text,
/// so that the order in which they are written changes nothing.
pub(super) fn promises(
    children: &[&Node],
    outline: &Outline<'_>,
    context: &mut Context<'_, '_>,
) -> Vec<Promise> {
    let nodes = children
        .iter()
        .filter(|child| matches!(child.name(), "promise" | "prefer"));
    let sources = context.sources;
    let read = |node: &&Node| {
        let kind = kind(node, outline, context)?;
        let weight =
            (node.name() == "prefer").then(|| node.number("weight").map_or(1.0, |weight| weight.value));
        Some(Promise {
            kind,
            weight,
            span: node.whole,
        })
    };
    let mut promises: Vec<Promise> = nodes.filter_map(read).collect();
    let weight = |promise: &Promise| promise.weight.unwrap_or(f64::INFINITY);
    promises.sort_by(|a, b| {
        let by_weight = weight(b).total_cmp(&weight(a));
        by_weight.then_with(|| sources.text(a.span).cmp(sources.text(b.span)))
    });
    promises
}

fn kind(node: &Node, outline: &Outline<'_>, context: &mut Context<'_, '_>) -> Option<PromiseKind> {
    let word = node.argument_text(0)?;
    let quantity = node.argument_quantity(1).map(|found| found.value);
    Some(match word.value.as_str() {
        "deadline" => {
            let confidence = node
                .percent("confidence")
                .map_or(Percent(0.95), |share| share.value);
            PromiseKind::Deadline {
                within: deadline(node, outline, context)?,
                confidence,
            }
        }
        "budget" => match quantity? {
            Quantity::Money {
                amount,
                per: Some(per),
                ..
            } => PromiseKind::Budget { amount, per },
            _ => return None,
        },
        "latency" => latency(node, context)?,
        "availability" => match quantity? {
            Quantity::Percent(share) => PromiseKind::Availability(share),
            _ => return None,
        },
        "freshness" => PromiseKind::Freshness(node.argument_duration(1)?.value),
        "carbon" => match quantity? {
            Quantity::Carbon { amount, per } => PromiseKind::Carbon { amount, per },
            _ => return None,
        },
        _ => return None,
    })
}

fn deadline(node: &Node, outline: &Outline<'_>, context: &mut Context<'_, '_>) -> Option<DeadlineBound> {
    if let Some(within) = node.argument_duration(1) {
        return Some(DeadlineBound::After(within.value));
    }
    let Some(Spanned {
        value: Value::Time(time),
        span,
    }) = node.property("by")
    else {
        return None;
    };
    let crons = outline
        .node
        .all("schedule")
        .filter_map(|schedule| schedule.argument_text(0));
    let leaves = crons
        .filter_map(|cron| schedule::leaves(&cron.value, *time))
        .fold(None, |least: Option<Seconds>, time| {
            Some(least.map_or(time, |least| least.min(time)))
        });
    if leaves.is_none() && (outline.node.damaged || outline.node.child("schedule").is_some()) {
        return None;
    }
    let Some(leaves) = leaves else {
        let message = "a time of day needs a schedule to count from";
        context.out.push(
            Diagnostic::new(
                Code::PromiseKind,
                *span,
                "no `schedule` in this pipeline",
                message,
            )
            .help("write a duration instead, such as `promise deadline \"6h\"`"),
        );
        return None;
    };
    Some(DeadlineBound::By { time: *time, leaves })
}

fn latency(node: &Node, context: &mut Context<'_, '_>) -> Option<PromiseKind> {
    let bound = |name: &str| node.duration(name).map(|bound| bound.value);
    let (p50, p95, p99) = (bound("p50"), bound("p95"), bound("p99"));
    if p50.is_none() && p95.is_none() && p99.is_none() {
        if node.damaged {
            return None;
        }
        let message = "this says nothing about latency";
        context.out.push(
            Diagnostic::new(Code::SyntaxMissing, node.span, "no percentile", message)
                .help("add `p50=`, `p95=` or `p99=`, such as `p99=\"80ms\"`"),
        );
        return None;
    }
    let of = match node.word("of").as_str() {
        "first-token" => LatencyOf::FirstToken,
        "token" => LatencyOf::Token,
        _ => LatencyOf::Request,
    };
    let from = node
        .text("from")
        .and_then(|from| site::area(&from, context))
        .map(|area| area.value);
    Some(PromiseKind::Latency {
        p50,
        p95,
        p99,
        from,
        of,
    })
}
