//! The type of a template's parameter.

use crate::quantity::{self, QuantityType};
use crate::syntax::tree::RawValue;

/// What a value must be; anything may be a text.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Wanted {
    Boolean,
    Integer,
    Number,
    Duration,
    Bytes,
    Date,
}

impl Wanted {
    /// The type called `word`.
    pub fn of_type(word: &str) -> Option<Wanted> {
        match word {
            "boolean" => Some(Wanted::Boolean),
            "integer" => Some(Wanted::Integer),
            "number" => Some(Wanted::Number),
            "duration" => Some(Wanted::Duration),
            "bytes" => Some(Wanted::Bytes),
            "date" => Some(Wanted::Date),
            _ => None,
        }
    }

    /// The type of a default.
    pub fn like(value: &RawValue) -> Option<Wanted> {
        match value {
            RawValue::Boolean(_) => Some(Wanted::Boolean),
            RawValue::Integer(_) => Some(Wanted::Integer),
            RawValue::Number(_) => Some(Wanted::Number),
            RawValue::Text(_) | RawValue::Null | RawValue::Lost => None,
        }
    }

    /// True if the value is of the type.
    pub fn takes(self, value: &RawValue) -> bool {
        let quantity = |kind, text: &str| quantity::parse(kind, text).is_ok();
        match (self, value) {
            (_, RawValue::Lost)
            | (Wanted::Boolean, RawValue::Boolean(_))
            | (Wanted::Integer | Wanted::Number, RawValue::Integer(_))
            | (Wanted::Number, RawValue::Number(_)) => true,
            // `7e9` is a whole number however it is written.
            (Wanted::Integer, RawValue::Number(number)) => number.fract() == 0.0,
            (Wanted::Duration, RawValue::Text(text)) => quantity(QuantityType::Duration, text),
            (Wanted::Bytes, RawValue::Text(text)) => quantity(QuantityType::Bytes, text),
            (Wanted::Date, RawValue::Text(text)) => {
                text.len() == 10 && text.parse::<jiff::civil::Date>().is_ok()
            }
            (
                Wanted::Boolean
                | Wanted::Integer
                | Wanted::Number
                | Wanted::Duration
                | Wanted::Bytes
                | Wanted::Date,
                _,
            ) => false,
        }
    }

    /// For messages: "a whole number".
    pub fn noun(self) -> &'static str {
        match self {
            Wanted::Boolean => "a boolean",
            Wanted::Integer => "a whole number",
            Wanted::Number => "a number",
            Wanted::Duration => "a duration",
            Wanted::Bytes => "a size",
            Wanted::Date => "a date",
        }
    }

    /// How a value is written.
    pub fn example(self) -> &'static str {
        match self {
            Wanted::Boolean => "#true",
            Wanted::Integer => "8",
            Wanted::Number => "0.85",
            Wanted::Duration => "\"90min\"",
            Wanted::Bytes => "\"32GiB\"",
            Wanted::Date => "\"2027-06-30\"",
        }
    }
}
