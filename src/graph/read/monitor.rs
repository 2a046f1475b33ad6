//! `monitor`: expectations, alerts, silences.

use super::flow::step_reference;
use super::{Context, DATA_METRICS, METRICS};
use crate::diag::{Code, Diagnostic, suggest};
use crate::graph::model::*;
use crate::graph::outline::{Entity, Outline};
use crate::graph::reference::Scope;
use crate::quantity::{self, Percent, Quantity, QuantityType, Seconds};
use crate::source::Spanned;
use crate::syntax::condition::Expr;
use crate::syntax::{Node, Path, Value};

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

/// What a rule watches.
fn subject(outline: &Outline<'_>, path: &Spanned<Path>, context: &mut Context<'_, '_>) -> Option<Subject> {
    let [first, second] = path.value.0.as_slice() else {
        return unknown(path, "a subject is an output or a metric", context);
    };
    let metric = second.as_str();
    let entity = outline.names.get(first).map(|(entity, _)| *entity);
    let step = outline.step(first);
    let emitted = |name: &str| {
        step.is_some_and(|s| {
            s.all("emits")
                .any(|e| e.argument_text(0).is_some_and(|n| n.value == name))
        })
    };
    match entity {
        Some(Entity::Step(_)) if METRICS.contains(&metric) && !emitted(metric) => {
            let step = step?;
            let always = step.kind.always_on();
            let serving_only = matches!(metric, "rate" | "latency" | "errors" | "replicas");
            let batch_only = matches!(metric, "duration" | "attempts");
            if (serving_only && !always) || (batch_only && always) {
                return unknown(
                    path,
                    &format!("a {} step has no `{metric}`", step.kind.word()),
                    context,
                );
            }
            Some(Subject::Step {
                step: step.id,
                metric: metric.to_owned(),
            })
        }
        Some(Entity::Data) if DATA_METRICS.contains(&metric) => Some(Subject::Data {
            data: outline.data.get(first)?.id?,
            metric: metric.to_owned(),
        }),
        Some(Entity::Step(_) | Entity::Data) => {
            let mut quiet = crate::diag::Diagnostics::new();
            match (Scope { outline, step: None }).resolve(path, &mut quiet) {
                Some(Binding::Output { steps, output, .. }) => Some(Subject::Output { steps, output }),
                _ if outline.lost.may_explain(metric) => None,
                _ if (Scope { outline, step: None }).unsure(&path.value) => None,
                _ => {
                    let metrics = METRICS.iter().chain(&DATA_METRICS).copied();
                    let outputs: Vec<String> = outline
                        .steps
                        .iter()
                        .flat_map(|s| s.all("emits").collect::<Vec<_>>())
                        .filter_map(|emit| Some(emit.argument_text(0)?.value))
                        .collect();
                    let near =
                        suggest::did_you_mean(metric, outputs.iter().map(String::as_str).chain(metrics));
                    let message = format!("`{}` is neither an output nor a metric", path.value);
                    context.out.push(
                        Diagnostic::new(Code::ExpectSubject, path.span, "not known", message)
                            .maybe_help(near),
                    );
                    None
                }
            }
        }
        _ => {
            Scope { outline, step: None }.report_unknown(path, context.out);
            None
        }
    }
}

fn unknown(path: &Spanned<Path>, why: &str, context: &mut Context<'_, '_>) -> Option<Subject> {
    let message = format!("`{}` cannot be watched: {why}", path.value);
    context.out.push(Diagnostic::new(Code::ExpectSubject, path.span, "not a subject", message)
        .help("subjects are outputs, `duration cost attempts` of a step, `rate latency errors replicas` of a serving step, `size age` of a data set"));
    None
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
                condition: over_subjects(condition, outline, context)?,
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

/// The same condition over subjects of monitoring.
fn over_subjects(
    expr: &Expr<Path>,
    outline: &Outline<'_>,
    context: &mut Context<'_, '_>,
) -> Option<Expr<Subject>> {
    let mut boxed = |inner: &Expr<Path>| over_subjects(inner, outline, context).map(Box::new);
    Some(match expr {
        Expr::Not(inner) => Expr::Not(boxed(inner)?),
        Expr::Any(inner) => Expr::Any(boxed(inner)?),
        Expr::All(inner) => Expr::All(boxed(inner)?),
        Expr::Product(inner, factor) => Expr::Product(boxed(inner)?, *factor),
        Expr::In(inner, values) => Expr::In(boxed(inner)?, values.clone()),
        Expr::Previous(inner, default) => Expr::Previous(boxed(inner)?, default.clone()),
        Expr::Compare(op, left, right) => Expr::Compare(*op, boxed(left)?, boxed(right)?),
        Expr::Sum(left, sign, right) => Expr::Sum(boxed(left)?, *sign, boxed(right)?),
        Expr::Or(parts) => Expr::Or(all_over_subjects(parts, outline, context)?),
        Expr::And(parts) => Expr::And(all_over_subjects(parts, outline, context)?),
        Expr::Aggregate(aggregate, path) => Expr::Aggregate(
            *aggregate,
            Spanned::new(subject(outline, path, context)?, path.span),
        ),
        Expr::Reference(path) => Expr::Reference(Spanned::new(subject(outline, path, context)?, path.span)),
        Expr::Literal(literal) => Expr::Literal(literal.clone()),
    })
}

fn all_over_subjects(
    parts: &[Expr<Path>],
    outline: &Outline<'_>,
    context: &mut Context<'_, '_>,
) -> Option<Vec<Expr<Subject>>> {
    let resolved: Vec<_> = parts
        .iter()
        .map(|part| over_subjects(part, outline, context))
        .collect();
    resolved.into_iter().collect()
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
