//! Document nodes -> the graph's items. One room for each noun.

mod adopted;
mod data;
mod each;
mod flow;
mod monitor;
mod overlay;
mod parameter;
mod pipeline;
mod platform;
mod program;
mod promise;
mod region;
mod retry;
mod site;
mod step;
mod test;
mod typed;
mod work;

pub(super) use data::data_set;
pub(super) use each::{MOST_ITEMS, fan_out};
pub(super) use pipeline::pipeline;
pub(super) use platform::{platform, priced};
pub(super) use site::site;
pub(super) use step::step;
pub(super) use test::test;

use std::collections::BTreeMap;

use super::model::{Piece, Platform, Scalar, Text, ValueType};
use super::outline::Outline;
use super::reference::Scope;
use crate::catalog::Catalog;
use crate::diag::{Code, Diagnostic, Diagnostics};
use crate::quantity::Quantity;
use crate::source::{SourceMap, Spanned};
use crate::syntax::format::FormatPiece;
use crate::syntax::{Files, Lost, Node, Value};

/// Metrics that monitoring measures of steps; conditions of a run do not know them.
pub(super) const METRICS: [&str; 7] = [
    "duration", "cost", "attempts", "rate", "latency", "errors", "replicas",
];
/// Metrics of data sets.
pub(super) const DATA_METRICS: [&str; 2] = ["size", "age"];

/// What reading needs to know besides the node.
pub(super) struct Context<'a, 'd> {
    pub outlines: &'a [Outline<'d>],
    /// What was left out of the document because of a mistake.
    pub lost: &'a Lost,
    pub platform: Option<&'a Platform>,
    pub catalog: &'a Catalog,
    pub files: &'a dyn Files,
    pub sources: &'a SourceMap,
    pub out: &'a mut Diagnostics,
}

/// A bare value as the graph keeps it.
pub(super) fn scalar(value: &Value, sources: &SourceMap, span: crate::source::Span) -> Scalar {
    match value {
        Value::Text(text) => Scalar::Text(text.clone()),
        Value::Integer(number) => Scalar::Integer(*number),
        Value::Number(number) => Scalar::Number(*number),
        Value::Boolean(flag) => Scalar::Boolean(*flag),
        Value::Quantity(_) | Value::Time(_) | Value::Place(_) | Value::Formatted(_) | Value::Condition(_) => {
            Scalar::Text(sources.text(span).trim_matches('"').to_owned())
        }
    }
}

/// A text with its references resolved.
pub(super) fn text(value: &Spanned<Value>, scope: Scope<'_, '_>, context: &mut Context<'_, '_>) -> Text {
    let Value::Formatted(format) = &value.value else {
        return Text::literal(scalar(&value.value, context.sources, value.span).to_string());
    };
    let pieces = format.0.iter().filter_map(|piece| match piece {
        FormatPiece::Literal(text) => Some(Piece::Literal(text.clone())),
        FormatPiece::Reference(path) => scope.resolve(path, context.out).map(Piece::Reference),
    });
    Text(pieces.collect())
}

/// Type of a parameter, and whether it is a list.
pub(super) fn parameter_type(node: &Node) -> (ValueType, bool) {
    let values: Vec<&Value> = node.arguments.iter().skip(1).map(|value| &value.value).collect();
    let list = values.len() > 1;
    if let Some(word) = node.text("type") {
        let ty = value_type(&word.value);
        return if ty == ValueType::List {
            (ValueType::String, true)
        } else {
            (ty, list)
        };
    }
    let of = |value: &&Value| match value {
        Value::Boolean(_) => ValueType::Boolean,
        Value::Integer(_) => ValueType::Integer,
        Value::Number(_) => ValueType::Number,
        _ => ValueType::String,
    };
    let mut types: Vec<ValueType> = values.iter().map(of).collect();
    types.dedup();
    match types.as_slice() {
        [one] => (*one, list),
        [ValueType::Integer, ValueType::Number] | [ValueType::Number, ValueType::Integer] => {
            (ValueType::Number, list)
        }
        _ => (ValueType::String, list),
    }
}

/// Type of an output.
pub(super) fn emit_type(node: &Node) -> ValueType {
    value_type(&node.word("type"))
}

pub(super) fn value_type(word: &str) -> ValueType {
    let all = [
        ValueType::Boolean,
        ValueType::Integer,
        ValueType::Number,
        ValueType::String,
        ValueType::Duration,
        ValueType::Bytes,
        ValueType::Date,
        ValueType::List,
    ];
    all.into_iter()
        .find(|ty| ty.word() == word)
        .unwrap_or(ValueType::String)
}

/// The properties of an open node as texts, by name.
pub(super) fn free_properties(node: &Node, sources: &SourceMap) -> BTreeMap<String, String> {
    let text = |value: &Spanned<Value>| scalar(&value.value, sources, value.span).to_string();
    node.properties
        .iter()
        .map(|property| (property.name.value.clone(), text(&property.value)))
        .collect()
}

/// Reports a lower bound above the upper one; true if it is.
pub(super) fn crossed(node: &Node, low: &str, high: &str, out: &mut Diagnostics) -> bool {
    let bound = |name: &str| {
        let value = node.property(name)?;
        let number = match &value.value {
            Value::Integer(number) => *number as f64,
            Value::Number(number) => *number,
            Value::Quantity(Quantity::Rate(rate)) => rate.0,
            _ => return None,
        };
        Some((number, value.span))
    };
    let (Some((least, from)), Some((most, to))) = (bound(low), bound(high)) else {
        return false;
    };
    if least > most {
        let message = format!("`{low}` is above `{high}`");
        let found = Diagnostic::new(Code::ValueBounds, from, format!("above `{high}`"), message);
        out.push(
            found
                .and(to, format!("`{high}` is here"))
                .help("swap them, or leave one out"),
        );
    }
    least > most
}
