//! The checked tree: every node is known, every value has the type of its place, every place in it has a span.

use serde::Serialize;

use super::condition::Expr;
use super::format::FormatString;
use super::grammar::Rule;
use super::lost::Lost;
use crate::catalog::Place;
use crate::quantity::{Bytes, Percent, Quantity, Seconds};
use crate::source::{Span, Spanned};

/// All top-level nodes of all files, templates pasted.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Document {
    /// In the order in which files were read.
    pub nodes: Vec<Node>,
    /// What was left out because of a mistake.
    #[serde(skip)]
    pub lost: Lost,
}

/// A checked node.
#[derive(Clone, Debug, Serialize)]
pub struct Node {
    /// What it is.
    #[serde(serialize_with = "rule_name", rename = "node")]
    pub rule: &'static Rule,
    /// Where its name stands.
    #[serde(skip)]
    pub span: Span,
    /// The whole node with its children.
    #[serde(skip)]
    pub whole: Span,
    /// A part of it was reported and left out: what is missing in it may be that part.
    #[serde(skip)]
    pub damaged: bool,
    /// By position.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub arguments: Vec<Spanned<Value>>,
    /// By name, as written; defaults are not filled in here.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub properties: Vec<Property>,
    /// Children, in order.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub children: Vec<Node>,
}

fn rule_name<S: serde::Serializer>(rule: &&'static Rule, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(&rule.name)
}

/// A property.
#[derive(Clone, Debug, Serialize)]
pub struct Property {
    /// Its name and where it stands.
    pub name: Spanned<String>,
    /// Its value.
    pub value: Spanned<Value>,
}

/// A value, read as its place demands.
#[derive(Clone, PartialEq, Debug, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Value {
    /// Text, words, names, references and addresses.
    Text(String),
    /// A whole number.
    Integer(i64),
    /// A number.
    Number(f64),
    /// `#true` or `#false`.
    Boolean(bool),
    /// A number with a unit.
    #[serde(serialize_with = "debug_form")]
    Quantity(Quantity),
    /// Seconds after midnight.
    Time(Seconds),
    /// A country or bloc.
    Place(Place),
    /// A string marked `(f)`.
    Formatted(FormatString),
    /// A condition.
    Condition(Expr<Path>),
}

fn debug_form<S: serde::Serializer>(value: &Quantity, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(&format_args!("{value:?}"))
}

/// A dotted reference as typed.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
#[serde(transparent)]
pub struct Path(pub Vec<String>);

impl std::fmt::Display for Path {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0.join("."))
    }
}

impl Value {
    /// The text, if it is one.
    pub fn as_text(&self) -> Option<&str> {
        match self {
            Value::Text(text) => Some(text),
            _ => None,
        }
    }
}

impl Node {
    /// Its name.
    pub fn name(&self) -> &'static str {
        &self.rule.name
    }

    /// The first child called `name`.
    pub fn child(&self, name: &str) -> Option<&Node> {
        self.children.iter().find(|child| child.rule.name == name)
    }

    /// All children called `name`.
    pub fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a Node> {
        self.children.iter().filter(move |child| child.rule.name == name)
    }

    /// The property called `name`.
    pub fn property(&self, name: &str) -> Option<&Spanned<Value>> {
        self.properties
            .iter()
            .find(|property| property.name.value == name)
            .map(|property| &property.value)
    }

    /// The argument at `index` as text with its place.
    pub fn argument_text(&self, index: usize) -> Option<Spanned<String>> {
        let argument = self.arguments.get(index)?;
        Some(Spanned::new(argument.value.as_text()?.to_owned(), argument.span))
    }

    /// The property called `name` as text with its place.
    pub fn text(&self, name: &str) -> Option<Spanned<String>> {
        let value = self.property(name)?;
        Some(Spanned::new(value.value.as_text()?.to_owned(), value.span))
    }

    /// The property called `name`, or the default that the table gives it.
    pub fn word(&self, name: &str) -> String {
        let written = self
            .property(name)
            .and_then(|value| value.value.as_text())
            .map(str::to_owned);
        written
            .or_else(|| self.rule.property(name)?.default.clone())
            .unwrap_or_default()
    }

    /// The property called `name` as a whole number.
    pub fn integer(&self, name: &str) -> Option<Spanned<u64>> {
        let value = self.property(name)?;
        match value.value {
            Value::Integer(number) => Some(Spanned::new(u64::try_from(number).ok()?, value.span)),
            _ => None,
        }
    }

    /// The property called `name` as a number.
    pub fn number(&self, name: &str) -> Option<Spanned<f64>> {
        let value = self.property(name)?;
        match value.value {
            Value::Number(number) => Some(Spanned::new(number, value.span)),
            Value::Integer(number) => Some(Spanned::new(number as f64, value.span)),
            _ => None,
        }
    }

    /// The property called `name` as a quantity, or the default that the table gives it.
    pub fn quantity(&self, name: &str) -> Option<Spanned<Quantity>> {
        if let Some(value) = self.property(name) {
            return match &value.value {
                Value::Quantity(quantity) => Some(Spanned::new(quantity.clone(), value.span)),
                _ => None,
            };
        }
        let slot = self.rule.property(name)?;
        let quantity = crate::quantity::parse(slot.ty.quantity()?, slot.default.as_deref()?).ok()?;
        Some(Spanned::new(quantity, self.span))
    }

    /// The property called `name` as seconds.
    pub fn duration(&self, name: &str) -> Option<Spanned<Seconds>> {
        self.quantity(name)
            .and_then(|found| seconds(&found.value).map(|value| Spanned::new(value, found.span)))
    }

    /// The property called `name` as bytes.
    pub fn bytes(&self, name: &str) -> Option<Spanned<Bytes>> {
        let found = self.quantity(name)?;
        match found.value {
            Quantity::Bytes(bytes) => Some(Spanned::new(bytes, found.span)),
            _ => None,
        }
    }

    /// The property called `name` as a share.
    pub fn percent(&self, name: &str) -> Option<Spanned<Percent>> {
        let found = self.quantity(name)?;
        match found.value {
            Quantity::Percent(share) | Quantity::Growth(share) => Some(Spanned::new(share, found.span)),
            _ => None,
        }
    }

    /// The argument at `index` as a quantity.
    pub fn argument_quantity(&self, index: usize) -> Option<Spanned<Quantity>> {
        let argument = self.arguments.get(index)?;
        match &argument.value {
            Value::Quantity(quantity) => Some(Spanned::new(quantity.clone(), argument.span)),
            _ => None,
        }
    }

    /// The argument at `index` as seconds.
    pub fn argument_duration(&self, index: usize) -> Option<Spanned<Seconds>> {
        let found = self.argument_quantity(index)?;
        Some(Spanned::new(seconds(&found.value)?, found.span))
    }
}

fn seconds(quantity: &Quantity) -> Option<Seconds> {
    match quantity {
        Quantity::Duration(seconds) => Some(*seconds),
        _ => None,
    }
}
