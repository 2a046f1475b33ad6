//! The parameters of a template: defaults and types.

use std::collections::BTreeMap;

use crate::diag::{Code, Diagnostic};
use crate::quantity;
use crate::syntax::grammar::Type;
use crate::syntax::tree::{RawEntry, RawNode, RawValue};

/// What a template says of one of its parameters.
pub(super) struct Parameter<'a> {
    pub default: Option<&'a RawEntry>,
    ty: Option<&'a RawEntry>,
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
        Parameter {
            default: node.entries.iter().filter(|entry| entry.name.is_none()).nth(1),
            ty: node.property("type"),
        }
    }

    /// What is wrong with the value that a `use` gives it. What an `(f)` string will be is checked in its place.
    pub fn mistyped(&self, name: &str, given: &RawEntry) -> Option<Diagnostic> {
        let said = self.ty?;
        let ty = value_type(&said.value.to_string())?;
        if given.annotation.is_some() || fits(ty, &given.value) {
            return None;
        }
        let message = format!("`{name}` needs {}, not `{}`", ty.phrase(), given.value);
        let found = Diagnostic::new(Code::TemplateParameter, given.span, "this value", message);
        Some(found.and(said.span, "its type"))
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
