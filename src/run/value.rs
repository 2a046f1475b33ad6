//! Values at run time, in base units.

use crate::graph::{Scalar, ValueType};
use crate::quantity::{Quantity, QuantityType, parse};

/// One value.
#[derive(Clone, PartialEq, Debug)]
pub enum Value {
    /// `true` or `false`.
    Boolean(bool),
    /// A number; durations in seconds, sizes in bytes.
    Number(f64),
    /// A text or a date.
    Text(String),
    /// A list: texts, or records of fields.
    List(Vec<serde_json::Value>),
    /// Nobody knows it.
    Unknown,
}

impl Value {
    /// A value as it was written in a source, where its type has been checked.
    pub fn of(written: &Scalar, ty: ValueType) -> Value {
        match written {
            Scalar::Boolean(value) => Value::Boolean(*value),
            Scalar::Integer(value) => Value::Number(*value as f64),
            Scalar::Number(value) => Value::Number(*value),
            Scalar::Text(text) => Value::read(text, ty).unwrap_or_else(|_| Value::Text(text.clone())),
        }
    }

    /// A value as a program wrote it: text, a list as JSON. What ends the line is no part of it.
    ///
    /// # Errors
    /// Says what it is not.
    pub fn read(text: &str, ty: ValueType) -> Result<Value, String> {
        let line = text.trim_end_matches(['\n', '\r']);
        let not = || format!("`{line}` is no {}", ty.word());
        let number = || {
            line.trim()
                .replace('_', "")
                .parse()
                .ok()
                .filter(|number: &f64| number.is_finite())
        };
        match ty {
            ValueType::Boolean => line.trim().parse().map(Value::Boolean).map_err(|_| not()),
            ValueType::Integer => number()
                .filter(|number| number.fract() == 0.0)
                .map(Value::Number)
                .ok_or_else(not),
            ValueType::Number => number().map(Value::Number).ok_or_else(not),
            ValueType::Duration => {
                let quantity = || match parse(QuantityType::Duration, line) {
                    Ok(Quantity::Duration(seconds)) => Some(seconds.0),
                    _ => None,
                };
                number().or_else(quantity).map(Value::Number).ok_or_else(not)
            }
            ValueType::Bytes => {
                let quantity = || match parse(QuantityType::Bytes, line) {
                    Ok(Quantity::Bytes(bytes)) => Some(bytes.as_f64()),
                    _ => None,
                };
                number().or_else(quantity).map(Value::Number).ok_or_else(not)
            }
            ValueType::Date => {
                let date: Result<jiff::civil::Date, _> = line.trim().parse();
                date.map(|date| Value::Text(date.to_string())).map_err(|_| not())
            }
            ValueType::String => Ok(Value::Text(line.to_owned())),
            ValueType::List => serde_json::from_str(line).map(Value::List).map_err(|_| not()),
        }
    }

    /// As a program is told it.
    pub fn text(&self) -> String {
        match self {
            Value::Boolean(value) => value.to_string(),
            Value::Number(number) => number.to_string(),
            Value::Text(text) => text.clone(),
            Value::List(items) => serde_json::Value::Array(items.clone()).to_string(),
            Value::Unknown => String::new(),
        }
    }
}

/// The item of a list, or a field of it, as a value; numbers and words keep their kind.
pub fn item(item: &serde_json::Value) -> Value {
    match item {
        serde_json::Value::Bool(value) => Value::Boolean(*value),
        serde_json::Value::Number(number) => number.as_f64().map_or(Value::Unknown, Value::Number),
        serde_json::Value::String(text) => Value::Text(text.clone()),
        serde_json::Value::Null => Value::Unknown,
        other => Value::Text(other.to_string()),
    }
}
