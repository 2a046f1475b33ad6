//! The parameters of a template: types, defaults and bounds.

use std::collections::BTreeMap;

use crate::diag::{Code, Diagnostic};
use crate::quantity;
use crate::source::{Span, Spanned};
use crate::syntax::grammar::Type;
use crate::syntax::tree::{RawEntry, RawNode, RawValue};

/// What a template says of one of its parameters.
pub(super) struct Parameter<'a> {
    pub default: Option<&'a RawEntry>,
    /// That of `type=`, else that of the default; and the words that say so.
    ty: Option<Spanned<Type>>,
    least: Option<&'a RawEntry>,
    most: Option<&'a RawEntry>,
}

/// All that `template` declares, by name.
pub(super) fn parameters(template: &RawNode) -> BTreeMap<&str, Parameter<'_>> {
    let declared = template.children.iter();
    let declared = declared.filter(|child| child.name.value == "parameter");
    declared
        .filter_map(|node| Some((node.title()?.value, Parameter::read(node))))
        .collect()
}

impl<'a> Parameter<'a> {
    fn read(node: &'a RawNode) -> Parameter<'a> {
        let default = node.entries.iter().filter(|entry| entry.name.is_none()).nth(1);
        let ty = match node.property("type") {
            Some(said) => value_type(&said.value.to_string()).map(|ty| Spanned::new(ty, said.span)),
            None => default.and_then(|default| Some(Spanned::new(type_of(default)?, default.span))),
        };
        Parameter {
            default,
            ty,
            least: node.property("min"),
            most: node.property("max"),
        }
    }

    /// What is wrong with the value that a `use` gives it. What an `(f)` string will be is checked in its place.
    pub fn wrong(&self, name: &str, given: &RawEntry) -> Option<Diagnostic> {
        if given.annotation.is_some() {
            return None;
        }
        let ty = self.ty?;
        if !fits(ty.value, &given.value) {
            let message = format!("`{name}` needs {}, not `{}`", ty.value.phrase(), given.value);
            let found = Diagnostic::new(Code::TemplateParameter, given.span, "this value", message);
            return Some(found.and(ty.span, "its type"));
        }
        let (word, bound) = self.crossed(given)?;
        let message = format!("`{name}` is {word} with `{}`", given.value);
        let found = Diagnostic::new(Code::TemplateParameter, given.span, word, message);
        Some(found.and(bound, "the bound"))
    }

    /// A default that its own bounds forbid.
    pub fn wrong_default(&self, name: &str) -> Option<Diagnostic> {
        let default = self.default?;
        let (word, bound) = self.crossed(default)?;
        let message = format!("the default of `{name}` is outside its own bounds");
        let found = Diagnostic::new(Code::ParameterDefault, default.span, word, message);
        Some(
            found
                .and(bound, "this bound")
                .help("change the default, or the bound"),
        )
    }

    /// Which bound a value is beyond, if it has an amount at all.
    fn crossed(&self, given: &RawEntry) -> Option<(&'static str, Span)> {
        let ty = self.ty?.value;
        let value = amount(ty, &given.value)?;
        let limit = |bound: &RawEntry| amount(ty, &bound.value);
        let below = self
            .least
            .filter(|bound| limit(bound).is_some_and(|least| value < least));
        let above = self
            .most
            .filter(|bound| limit(bound).is_some_and(|most| value > most));
        match (below, above) {
            (Some(bound), _) => Some(("below `min`", bound.span)),
            (None, Some(bound)) => Some(("above `max`", bound.span)),
            (None, None) => None,
        }
    }
}

/// The type of a single value; a list takes anything.
fn value_type(word: &str) -> Option<Type> {
    Some(match word {
        "boolean" => Type::Boolean,
        "integer" => Type::Integer,
        "number" => Type::Number,
        "string" => Type::Text,
        "duration" => Type::Duration,
        "bytes" => Type::Bytes,
        "date" => Type::Date,
        _ => return None,
    })
}

/// The type that a default gives its parameter. A whole number may be meant as any number; what is a text may become
/// whatever its place demands.
fn type_of(default: &RawEntry) -> Option<Type> {
    match &default.value {
        RawValue::Boolean(_) => Some(Type::Boolean),
        RawValue::Integer(_) | RawValue::Number(_) => Some(Type::Number),
        RawValue::Text(_) | RawValue::Null | RawValue::Lost => None,
    }
}

fn fits(ty: Type, value: &RawValue) -> bool {
    match value {
        RawValue::Lost => true,
        RawValue::Null => false,
        RawValue::Boolean(_) => ty == Type::Boolean,
        RawValue::Integer(_) => matches!(ty, Type::Integer | Type::Number | Type::Text),
        RawValue::Number(number) => ty == Type::Number || ty == Type::Integer && number.fract() == 0.0,
        RawValue::Text(text) => match ty.quantity() {
            Some(kind) => quantity::parse(kind, text).is_ok(),
            None if ty == Type::Date => text.parse::<jiff::civil::Date>().is_ok(),
            None => ty == Type::Text,
        },
    }
}

/// The value in base units (dates: days); `None` of what has no order.
fn amount(ty: Type, value: &RawValue) -> Option<f64> {
    match value {
        RawValue::Integer(number) => Some(*number as f64),
        RawValue::Number(number) => Some(*number),
        RawValue::Text(text) if ty == Type::Date => {
            let date: jiff::civil::Date = text.parse().ok()?;
            Some(f64::from(
                (date - jiff::civil::Date::constant(1970, 1, 1)).get_days(),
            ))
        }
        RawValue::Text(text) => Some(quantity::parse(ty.quantity()?, text).ok()?.base()),
        RawValue::Boolean(_) | RawValue::Null | RawValue::Lost => None,
    }
}
