//! What a part of a condition is.

use crate::graph::model::ValueType;
use crate::syntax::condition::Literal;

/// What a part of a condition is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(in crate::graph) enum Kind {
    Boolean,
    Number,
    Text,
    Date,
    Duration,
    Bytes,
    Rate,
    Percent,
    List,
}

impl Kind {
    /// For messages: "a number".
    pub fn noun(self) -> &'static str {
        match self {
            Kind::Boolean => "a boolean",
            Kind::Number => "a number",
            Kind::Text => "a text",
            Kind::Date => "a date",
            Kind::Duration => "a duration",
            Kind::Bytes => "a size",
            Kind::Rate => "a rate",
            Kind::Percent => "a percentage",
            Kind::List => "a list",
        }
    }

    /// How a value of it is written in a condition.
    pub fn example(self) -> &'static str {
        match self {
            Kind::Boolean => "true",
            Kind::Number => "0.8",
            Kind::Text => "'north'",
            Kind::Date => "'2027-06-30'",
            Kind::Duration => "2h",
            Kind::Bytes => "32GiB",
            Kind::Rate => "500/s",
            Kind::Percent => "5%",
            Kind::List => "count(…)",
        }
    }

    /// True if one value of it can be below another.
    pub fn ordered(self) -> bool {
        !matches!(self, Kind::Boolean | Kind::Text | Kind::List)
    }

    /// True if its values can be added.
    pub fn summable(self) -> bool {
        self.ordered() && self != Kind::Date
    }

    /// What a literal is; a text that is a calendar date can stand for one.
    pub fn of_literal(literal: &Literal) -> Kind {
        match literal {
            Literal::Number(_) => Kind::Number,
            Literal::Duration(_) => Kind::Duration,
            Literal::Bytes(_) => Kind::Bytes,
            Literal::Rate(_) => Kind::Rate,
            Literal::Percent(_) => Kind::Percent,
            Literal::Text(_) => Kind::Text,
            Literal::Boolean(_) => Kind::Boolean,
        }
    }
}

impl From<ValueType> for Kind {
    fn from(ty: ValueType) -> Kind {
        match ty {
            ValueType::Boolean => Kind::Boolean,
            ValueType::Integer | ValueType::Number => Kind::Number,
            ValueType::String => Kind::Text,
            ValueType::Duration => Kind::Duration,
            ValueType::Bytes => Kind::Bytes,
            ValueType::Date => Kind::Date,
            ValueType::List => Kind::List,
        }
    }
}
