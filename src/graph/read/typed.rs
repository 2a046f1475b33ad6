//! Values that a type is said for elsewhere: defaults and bounds of parameters, and what a test gives.

use crate::diag::{Code, Diagnostic, Diagnostics};
use crate::graph::model::ValueType;
use crate::quantity::{self, QuantityType};
use crate::source::Spanned;
use crate::syntax::Value;

/// The value as a number in base units (dates: days); `None` of what is no number. Reports a value that is not of the
/// type; `what` names what it is for.
pub(super) fn number(
    value: &Spanned<Value>,
    ty: ValueType,
    what: &str,
    out: &mut Diagnostics,
) -> Option<f64> {
    match (ty, &value.value) {
        (ValueType::Integer | ValueType::Number, Value::Integer(number)) => return Some(*number as f64),
        (ValueType::Number, Value::Number(number)) => return Some(*number),
        // `7e9` is a whole number however it is written.
        (ValueType::Integer, Value::Number(number)) if number.fract() == 0.0 => return Some(*number),
        (ValueType::Boolean, Value::Boolean(_))
        | (ValueType::String | ValueType::List, Value::Text(_) | Value::Integer(_)) => return None,
        (ValueType::Duration | ValueType::Bytes, Value::Text(text)) => {
            let read = quantity_of(ty, text);
            if read.is_none() {
                out.push(wrong(Code::ValueUnit, value, ty, what));
            }
            return read;
        }
        (ValueType::Date, Value::Text(text)) if text.len() == 10 => {
            if let Ok(date) = text.parse::<jiff::civil::Date>() {
                return Some(f64::from(
                    (date - jiff::civil::Date::constant(1970, 1, 1)).get_days(),
                ));
            }
        }
        _ => {}
    }
    out.push(wrong(Code::ValueType, value, ty, what));
    None
}

/// A quantity in base units.
fn quantity_of(ty: ValueType, text: &str) -> Option<f64> {
    let kind = match ty {
        ValueType::Duration => QuantityType::Duration,
        ValueType::Bytes => QuantityType::Bytes,
        ValueType::Boolean
        | ValueType::Integer
        | ValueType::Number
        | ValueType::String
        | ValueType::Date
        | ValueType::List => return None,
    };
    Some(quantity::parse(kind, text).ok()?.base())
}

fn wrong(code: Code, value: &Spanned<Value>, ty: ValueType, what: &str) -> Diagnostic {
    let message = format!("{what} is {}, and this is none", noun(ty));
    Diagnostic::new(code, value.span, format!("not {}", noun(ty)), message)
        .help(format!("write it like `{}`", example(ty)))
}

/// For messages: "a whole number".
pub(super) fn noun(ty: ValueType) -> &'static str {
    match ty {
        ValueType::Boolean => "a boolean",
        ValueType::Integer => "a whole number",
        ValueType::Number => "a number",
        ValueType::String => "a text",
        ValueType::Duration => "a duration",
        ValueType::Bytes => "a size",
        ValueType::Date => "a date",
        ValueType::List => "a list",
    }
}

fn example(ty: ValueType) -> &'static str {
    match ty {
        ValueType::Boolean => "#true",
        ValueType::Integer => "3",
        ValueType::Number => "0.85",
        ValueType::String | ValueType::List => "\"north\"",
        ValueType::Duration => "\"90min\"",
        ValueType::Bytes => "\"32GiB\"",
        ValueType::Date => "\"2027-06-30\"",
    }
}

/// True if values of the type are ordered: bounds make sense.
pub(super) fn ordered(ty: ValueType) -> bool {
    match ty {
        ValueType::Integer | ValueType::Number | ValueType::Duration | ValueType::Bytes | ValueType::Date => {
            true
        }
        ValueType::Boolean | ValueType::String | ValueType::List => false,
    }
}
