//! Conditions that are always the same.

use crate::diag::{Code, Diagnostic};
use crate::graph::model::{Binding, Condition};
use crate::source::Span;
use crate::syntax::condition::{Aggregate, Comparison, Expr, Literal};

/// A warning, if `condition` is always true or always false.
pub(super) fn warning(condition: &Condition, whole: Span) -> Option<Diagnostic> {
    if depends_on_nothing(condition) {
        let message = "this condition is always the same";
        return Some(
            Diagnostic::new(Code::ConditionConstant, whole, "depends on nothing", message)
                .help("compare an output or a parameter, or remove the line"),
        );
    }
    let (first, second, outcome) = clash(condition)?;
    let message = match outcome {
        false => "this is never true: no value is both",
        true => "this is always true: every value is one or the other",
    };
    let found = Diagnostic::new(Code::ConditionConstant, second, "and this", message).and(first, "this");
    Some(found.help(if outcome {
        "did you mean `and`?"
    } else {
        "did you mean `or`?"
    }))
}

fn depends_on_nothing(expr: &Condition) -> bool {
    match expr {
        Expr::Or(parts) | Expr::And(parts) => parts.iter().all(depends_on_nothing),
        Expr::Not(inner)
        | Expr::Any(inner)
        | Expr::All(inner)
        | Expr::Product(inner, _)
        | Expr::In(inner, _) => depends_on_nothing(inner),
        Expr::Compare(_, left, right) | Expr::Sum(left, _, right) => {
            depends_on_nothing(left) && depends_on_nothing(right)
        }
        Expr::Aggregate(..) | Expr::Reference(_) | Expr::Previous(..) => false,
        Expr::Literal(_) => true,
    }
}

/// Two comparisons of one thing that no value meets both of (`and`: false), or every value one of (`or`: true).
fn clash(expr: &Condition) -> Option<(Span, Span, bool)> {
    let (parts, outcome) = match expr {
        Expr::And(parts) => (parts, false),
        Expr::Or(parts) => (parts, true),
        Expr::Not(inner) | Expr::Any(inner) | Expr::All(inner) => return clash(inner),
        Expr::Compare(..)
        | Expr::In(..)
        | Expr::Sum(..)
        | Expr::Product(..)
        | Expr::Aggregate(..)
        | Expr::Previous(..)
        | Expr::Reference(_)
        | Expr::Literal(_) => return None,
    };
    let facts: Vec<Fact<'_>> = parts.iter().filter_map(|part| fact(part, outcome)).collect();
    let pairs = facts
        .iter()
        .enumerate()
        .flat_map(|(at, one)| facts.iter().skip(at + 1).map(move |other| (one, other)));
    let mut clashes = pairs.filter(|(one, other)| one.of == other.of && one.value.excludes(&other.value));
    if let Some((one, other)) = clashes.next() {
        return Some((one.span, other.span, outcome));
    }
    parts.iter().find_map(clash)
}

/// What a comparison says of a value.
struct Fact<'c> {
    of: (Option<Aggregate>, &'c Binding),
    value: Value<'c>,
    span: Span,
}

enum Value<'c> {
    /// Between these; an end belongs to it if the flag is set.
    Between((f64, bool), (f64, bool)),
    Text(&'c str),
}

impl Value<'_> {
    fn excludes(&self, other: &Value<'_>) -> bool {
        match (self, other) {
            (Value::Text(a), Value::Text(b)) => a != b,
            (Value::Between(low, high), Value::Between(other_low, other_high)) => {
                above(*low, *other_high) || above(*other_low, *high)
            }
            (Value::Text(_), Value::Between(..)) | (Value::Between(..), Value::Text(_)) => false,
        }
    }
}

fn above(low: (f64, bool), high: (f64, bool)) -> bool {
    low.0 > high.0 || (low.0 == high.0 && !(low.1 && high.1))
}

/// Reads `thing OP literal`; in an `or`, what it says when it is false.
fn fact(expr: &Condition, negated: bool) -> Option<Fact<'_>> {
    let Expr::Compare(op, left, right) = expr else {
        return None;
    };
    let of = match left.as_ref() {
        Expr::Reference(binding) => (None, &binding.value),
        Expr::Aggregate(aggregate, binding) => (Some(*aggregate), &binding.value),
        _ => return None,
    };
    let Expr::Literal(literal) = right.as_ref() else {
        return None;
    };
    let op = if negated { opposite(*op) } else { *op };
    let value = match &literal.value {
        Literal::Number(x)
        | Literal::Duration(x)
        | Literal::Bytes(x)
        | Literal::Rate(x)
        | Literal::Percent(x) => between(op, *x)?,
        Literal::Text(text) if op == Comparison::Equal => Value::Text(text),
        Literal::Text(_) | Literal::Boolean(_) => return None,
    };
    Some(Fact {
        of,
        value,
        span: literal.span,
    })
}

fn opposite(op: Comparison) -> Comparison {
    match op {
        Comparison::Equal => Comparison::NotEqual,
        Comparison::NotEqual => Comparison::Equal,
        Comparison::Less => Comparison::AtLeast,
        Comparison::AtMost => Comparison::Greater,
        Comparison::Greater => Comparison::AtMost,
        Comparison::AtLeast => Comparison::Less,
    }
}

fn between(op: Comparison, x: f64) -> Option<Value<'static>> {
    let (low, high) = ((f64::NEG_INFINITY, false), (f64::INFINITY, false));
    Some(match op {
        Comparison::Equal => Value::Between((x, true), (x, true)),
        Comparison::NotEqual => return None,
        Comparison::Less => Value::Between(low, (x, false)),
        Comparison::AtMost => Value::Between(low, (x, true)),
        Comparison::Greater => Value::Between((x, false), high),
        Comparison::AtLeast => Value::Between((x, true), high),
    })
}
