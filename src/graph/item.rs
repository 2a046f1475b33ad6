//! What the variable of a fan-out is: its type, and those of its fields.

use super::model::{EachId, ValueType};
use super::read::{emit_type, parameter_type, value_type};
use super::reference::{Scope, emit_of};
use crate::source::Spanned;
use crate::syntax::{Node, Value};

/// Type of the variable of `each`, or of a field of it.
pub(super) fn value_type_of(scope: Scope<'_, '_>, each: EachId, field: Option<&str>) -> ValueType {
    let Some(node) = scope
        .outline
        .each
        .iter()
        .find(|own| own.id == each)
        .map(|own| own.node)
    else {
        return ValueType::String;
    };
    let Some(field) = field else {
        return whole(scope, node);
    };
    let found = fields(scope, node).into_iter().find(|(name, _)| name == field);
    found.map_or(ValueType::String, |(_, ty)| ty)
}

/// Type of an item that is no row: of the values, the numbers counted, the list's items.
fn whole(scope: Scope<'_, '_>, each: &Node) -> ValueType {
    if each.property("count").is_some() {
        return ValueType::Integer;
    }
    if let Some(from) = each.text("from") {
        let parameter = scope.outline.parameters.get(&from.value);
        return parameter.map_or(ValueType::String, |node| parameter_type(node).0);
    }
    common(each.arguments.iter().skip(1))
}

/// Fields of an item with their types, by name.
pub(super) fn fields(scope: Scope<'_, '_>, each: &Node) -> Vec<(String, ValueType)> {
    let mut fields: Vec<(String, ValueType)> = Vec::new();
    let rows: Vec<&Node> = each.all("item").collect();
    for property in rows.iter().flat_map(|row| &row.properties) {
        let name = &property.name.value;
        let values = rows.iter().filter_map(|row| row.property(name));
        fields.push((name.clone(), common(values)));
    }
    for sample in each.all("sample") {
        let Some(name) = sample.argument_text(0) else {
            continue;
        };
        let values: Vec<&Spanned<Value>> = sample.arguments.iter().skip(1).collect();
        let drawn = if values.is_empty() {
            ValueType::Number
        } else {
            common(values)
        };
        fields.push((name.value, drawn));
    }
    if each.child("early-stop").is_some() {
        fields.push(("rung".to_owned(), ValueType::Integer));
    }
    if let Some((first, output)) = each
        .text("from")
        .as_ref()
        .and_then(|from| from.value.split_once('.'))
    {
        let emits = scope
            .emitters(first)
            .into_iter()
            .filter_map(|step| emit_of(step, output));
        let declared = emits.flat_map(|emit| emit.all("field"));
        fields.extend(declared.filter_map(|field| Some((field.argument_text(0)?.value, type_of(field)))));
    }
    fields.sort_by(|a, b| a.0.cmp(&b.0));
    fields.dedup_by(|a, b| a.0 == b.0);
    fields
}

fn type_of(field: &Node) -> ValueType {
    if field.property("type").is_some() {
        emit_type(field)
    } else {
        value_type("string")
    }
}

/// The one type of all values: numbers of both kinds are numbers, anything mixed is text.
fn common<'v>(values: impl IntoIterator<Item = &'v Spanned<Value>>) -> ValueType {
    let of = |value: &Spanned<Value>| match value.value {
        Value::Integer(_) => ValueType::Integer,
        Value::Number(_) => ValueType::Number,
        Value::Boolean(_) => ValueType::Boolean,
        Value::Text(_)
        | Value::Quantity(_)
        | Value::Time(_)
        | Value::Place(_)
        | Value::Formatted(_)
        | Value::Condition(_) => ValueType::String,
    };
    let joined = values.into_iter().map(of).reduce(|a, b| match (a, b) {
        (a, b) if a == b => a,
        (ValueType::Integer, ValueType::Number) | (ValueType::Number, ValueType::Integer) => {
            ValueType::Number
        }
        _ => ValueType::String,
    });
    joined.unwrap_or(ValueType::String)
}
