//! `monitor`: expectations, alerts, silences.

mod subject;

use super::Context;
use super::flow::step_reference;
use crate::diag::{Code, Diagnostic};
use crate::graph::model::*;
use crate::graph::outline::Outline;
use crate::quantity::{self, Percent, Quantity, QuantityType, Seconds};
use crate::source::Spanned;
use crate::syntax::{Node, Path, Value};
use subject::{over_subjects, subject};

pub(super) fn monitor(outline: &Outline<'_>, context: &mut Context<'_, '_>) -> Monitor {
    let Some(node) = outline.node.child("monitor") else {
        return Monitor::default();
    };
    let mut monitor = Monitor::default();
    for child in &node.children {
        match child.name() {
            "expect" => monitor.expects.extend(expect(child, node, outline, context)),
            "alert" => monitor.alerts.extend(alert(child, node, outline, context)),
            "silence" => monitor.silences.extend(silence(child, outline, context)),
            _ => {}
        }
    }
    monitor
}

fn notice(node: &Node, monitor: &Node, outline: &Outline<'_>) -> Notice {
    let inherited = |name: &str| {
        node.text(name)
            .or_else(|| monitor.text(name))
            .map(|text| text.value)
    };
    let severity = match inherited("severity").as_deref() {
        Some("page") => Severity::Page,
        Some("info") => Severity::Info,
        _ => Severity::Ticket,
    };
    let owner = inherited("owner").or_else(|| Some(outline.node.child("owner")?.argument_text(0)?.value));
    Notice {
        severity,
        owner,
        runbook: inherited("runbook"),
    }
}

fn expect(
    node: &Node,
    monitor: &Node,
    outline: &Outline<'_>,
    context: &mut Context<'_, '_>,
) -> Option<Expect> {
    let text = node.argument_text(0)?;
    let path = Spanned::new(
        Path(text.value.split('.').map(str::to_owned).collect()),
        text.span,
    );
    let subject = subject(outline, &path, context)?;
    let (min, max) = (bound(node, "min", context), bound(node, "max", context));
    let within = node.percent("within").map(|share| share.value);
    if min.is_none() && max.is_none() && within.is_none() {
        if node.damaged {
            return None;
        }
        let message = "this expectation says nothing";
        context.out.push(
            Diagnostic::new(
                Code::ExpectBound,
                node.span,
                "no `min`, `max` or `within`",
                message,
            )
            .help("add a bound, such as `min=0.85` or `within=\"30%\"`"),
        );
        return None;
    }
    if let (Some(min), Some(max)) = (min, max)
        && min > max
    {
        let message = "`min` is above `max`";
        let place = |name: &str| node.property(name).map_or(node.span, |value| value.span);
        context.out.push(
            Diagnostic::new(Code::ValueBounds, place("min"), "nothing lies between", message)
                .and(place("max"), "`max` is here")
                .help("swap them, or leave one out"),
        );
    }
    let of = match node.word("of").as_str() {
        "mean" => Reference::Mean,
        "previous" => Reference::Previous,
        "prediction" => Reference::Prediction,
        _ => Reference::Median,
    };
    Some(Expect {
        subject: Spanned::new(subject, text.span),
        text: text.value,
        min,
        max,
        within,
        of,
        over: node
            .duration("over")
            .map_or(Seconds(14.0 * 86_400.0), |over| over.value),
        notice: notice(node, monitor, outline),
        span: node.whole,
    })
}

/// A bound in base units: a number, or a quantity in quotes.
fn bound(node: &Node, name: &str, context: &mut Context<'_, '_>) -> Option<f64> {
    let value = node.property(name)?;
    let text = match &value.value {
        Value::Integer(number) => return Some(*number as f64),
        Value::Number(number) => return Some(*number),
        Value::Text(text) => text,
        _ => return None,
    };
    let kinds = [
        QuantityType::Duration,
        QuantityType::Bytes,
        QuantityType::Rate,
        QuantityType::Percent,
        QuantityType::Money,
    ];
    let read = kinds
        .into_iter()
        .find_map(|kind| match quantity::parse(kind, text).ok()? {
            Quantity::Duration(seconds) => Some(seconds.0),
            Quantity::Bytes(bytes) => Some(bytes.as_f64()),
            Quantity::Rate(rate) => Some(rate.0),
            Quantity::Percent(Percent(share)) => Some(share),
            Quantity::Money { amount, .. } => Some(amount.in_usd()),
            Quantity::Bandwidth(_) | Quantity::Growth(_) | Quantity::Factor(_) | Quantity::Carbon { .. } => {
                None
            }
        });
    if read.is_none() {
        let message = format!("`{text}` is neither a number nor a quantity");
        context.out.push(
            Diagnostic::new(Code::ValueType, value.span, "not a bound", message)
                .help("write a number, or a quantity such as `\"30h\"`"),
        );
    }
    read
}

fn alert(node: &Node, monitor: &Node, outline: &Outline<'_>, context: &mut Context<'_, '_>) -> Option<Alert> {
    let rule = match node.property("when") {
        Some(Spanned {
            value: Value::Condition(condition),
            span,
        }) => {
            let text = context.sources.text(*span).trim_matches('"').to_owned();
            AlertRule::When {
                text: Spanned::new(text, *span),
                condition: over_subjects(&Spanned::new(condition.clone(), *span), outline, context)?,
            }
        }
        _ => AlertRule::Query(node.text("query")?),
    };
    Some(Alert {
        name: node.argument_text(0)?,
        rule,
        lasting: node.duration("for").map_or(Seconds(300.0), |time| time.value),
        notice: notice(node, monitor, outline),
    })
}

fn silence(node: &Node, outline: &Outline<'_>, context: &mut Context<'_, '_>) -> Option<Silence> {
    let of = node
        .text("of")
        .and_then(|step| step_reference(&step, outline, context))
        .map(|step| step.value);
    Some(Silence {
        cron: node.argument_text(0)?,
        lasting: node.duration("for")?.value,
        reason: node.text("reason")?.value,
        of,
    })
}
