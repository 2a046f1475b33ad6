//! Literals and references of a condition.

use super::super::scope::encode;
use crate::graph::{Binding, Condition, Graph, Items, RunField, Scalar, ValueType};
use crate::source::Spanned;
use crate::syntax::condition::{Expr, Literal};

/// A literal in expr-lang. Durations are seconds, sizes bytes, rates per second, as programs write them.
pub(super) fn literal(literal: &Literal, encoded: bool) -> String {
    match literal {
        Literal::Number(value)
        | Literal::Duration(value)
        | Literal::Bytes(value)
        | Literal::Rate(value)
        | Literal::Percent(value) => value.to_string(),
        Literal::Text(text) if encoded => quoted(&encode(text)),
        Literal::Text(text) => quoted(text),
        Literal::Boolean(value) => value.to_string(),
    }
}

/// A text as an expr-lang literal. Braces are escaped as well: Argo looks for the end of an expression before it is
/// read as one.
fn quoted(text: &str) -> String {
    let mut made = String::from('"');
    for character in text.chars() {
        match character {
            '"' => made.push_str("\\\""),
            '\\' => made.push_str("\\\\"),
            '{' => made.push_str("\\x7b"),
            '}' => made.push_str("\\x7d"),
            control if control.is_control() => {
                made.push_str(&format!("\\u{:04x}", u32::from(control)));
            }
            plain => made.push(plain),
        }
    }
    made.push('"');
    made
}

/// True for an output that has one value an item.
pub(super) fn is_list(binding: &Binding) -> bool {
    matches!(binding, Binding::Output { list: true, .. })
}

/// All references to outputs of fan-outs.
pub(super) fn lists<'c>(condition: &'c Condition, found: &mut Vec<&'c Spanned<Binding>>) {
    match condition {
        Expr::Or(parts) | Expr::And(parts) => parts.iter().for_each(|part| lists(part, found)),
        Expr::Not(inner)
        | Expr::Any(inner)
        | Expr::All(inner)
        | Expr::In(inner, _)
        | Expr::Product(inner, _) => lists(inner, found),
        Expr::Compare(_, left, right) | Expr::Sum(left, _, right) => {
            lists(left, found);
            lists(right, found);
        }
        Expr::Reference(reference) if is_list(&reference.value) => found.push(reference),
        // An aggregate inside a quantifier is of the whole list, and so is what the last run had.
        Expr::Reference(_) | Expr::Aggregate(..) | Expr::Previous(..) | Expr::Literal(_) => {}
    }
}

/// All references to values of this run.
pub fn references<'c>(condition: &'c Condition, found: &mut Vec<&'c Spanned<Binding>>) {
    visit(condition, false, &mut |reference, earlier| {
        if !earlier {
            found.push(reference);
        }
    });
}

/// All references to values of the last run.
pub fn remembered<'c>(condition: &'c Condition, found: &mut Vec<&'c Spanned<Binding>>) {
    visit(condition, false, &mut |reference, earlier| {
        if earlier {
            found.push(reference);
        }
    });
}

/// Sees every reference, and whether it is to the last run.
fn visit<'c>(condition: &'c Condition, earlier: bool, see: &mut impl FnMut(&'c Spanned<Binding>, bool)) {
    match condition {
        Expr::Or(parts) | Expr::And(parts) => parts.iter().for_each(|part| visit(part, earlier, see)),
        Expr::Not(inner)
        | Expr::Any(inner)
        | Expr::All(inner)
        | Expr::In(inner, _)
        | Expr::Product(inner, _) => visit(inner, earlier, see),
        Expr::Previous(inner, _) => visit(inner, true, see),
        Expr::Compare(_, left, right) | Expr::Sum(left, _, right) => {
            visit(left, earlier, see);
            visit(right, earlier, see);
        }
        Expr::Reference(reference) | Expr::Aggregate(_, reference) => see(reference, earlier),
        Expr::Literal(_) => {}
    }
}

/// The type of one value of a reference.
pub(super) fn type_of(graph: &Graph, binding: &Binding) -> ValueType {
    match binding {
        Binding::Parameter { ty, .. } | Binding::Output { ty, .. } => *ty,
        Binding::Run(RunField::Date) => ValueType::Date,
        Binding::Run(RunField::Id | RunField::Time | RunField::Status)
        | Binding::DataUri(_)
        | Binding::DataPath(_) => ValueType::String,
        Binding::Item { each, field } => item_type(&graph[*each].items, field.as_deref()),
    }
}

fn item_type(items: &Items, field: Option<&str>) -> ValueType {
    match items {
        Items::Known(items) => {
            let first = items.first();
            let value = first.and_then(|item| match field {
                None => Some(&item.value),
                Some(field) => item
                    .fields
                    .iter()
                    .find(|(name, _)| name == field)
                    .map(|(_, value)| value),
            });
            match value {
                Some(Scalar::Integer(_)) => ValueType::Integer,
                Some(Scalar::Number(_)) => ValueType::Number,
                Some(Scalar::Boolean(_)) => ValueType::Boolean,
                Some(Scalar::Text(_)) | None => ValueType::String,
            }
        }
        Items::Output { fields, .. } => field
            .and_then(|field| fields.iter().find(|(name, _)| name == field))
            .map_or(ValueType::String, |(_, ty)| *ty),
        Items::Parameter { .. } => ValueType::String,
        Items::Partitions { .. } => ValueType::Integer,
    }
}
