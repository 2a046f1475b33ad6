//! Values, types, and texts with references in them.

use serde::Serialize;

use super::model::{DataId, EachId, StepId};

/// Type of a parameter or an output.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum ValueType {
    /// `true` or `false`.
    Boolean,
    /// A whole number.
    Integer,
    /// A number.
    Number,
    /// Text.
    String,
    /// A time span.
    Duration,
    /// A size.
    Bytes,
    /// A calendar date.
    Date,
    /// A list; items are texts or records.
    List,
}

impl ValueType {
    /// The word of the language.
    pub fn word(self) -> &'static str {
        match self {
            ValueType::Boolean => "boolean",
            ValueType::Integer => "integer",
            ValueType::Number => "number",
            ValueType::String => "string",
            ValueType::Duration => "duration",
            ValueType::Bytes => "bytes",
            ValueType::Date => "date",
            ValueType::List => "list",
        }
    }
}

/// One value as it was written.
#[derive(Clone, PartialEq, Debug, Serialize)]
#[serde(untagged)]
pub enum Scalar {
    /// `#true`
    Boolean(bool),
    /// `1_000_000`
    Integer(i64),
    /// `0.85`
    Number(f64),
    /// Anything else; quantities keep the form in which they were written.
    Text(String),
}

impl Scalar {
    /// The number that it is.
    pub fn as_number(&self) -> Option<f64> {
        match self {
            Scalar::Integer(number) => Some(*number as f64),
            Scalar::Number(number) => Some(*number),
            Scalar::Boolean(_) | Scalar::Text(_) => None,
        }
    }
}

impl std::fmt::Display for Scalar {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Scalar::Boolean(value) => value.fmt(f),
            Scalar::Integer(value) => value.fmt(f),
            Scalar::Number(value) => value.fmt(f),
            Scalar::Text(value) => value.fmt(f),
        }
    }
}

/// What a reference stands for.
#[derive(Clone, PartialEq, Debug, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Binding {
    /// A parameter of the pipeline.
    Parameter {
        /// Its name.
        name: String,
        /// Type of one value.
        ty: ValueType,
        /// A list of them.
        list: bool,
    },
    /// The item of a fan-out, or a field of it.
    Item {
        /// Which fan-out.
        each: EachId,
        /// A field of the item.
        field: Option<String>,
    },
    /// An output of a step.
    Output {
        /// The step; or, when the reference is through a data set, each of the alternatives that may write it.
        steps: Vec<StepId>,
        /// The output.
        output: String,
        /// Type of one value.
        ty: ValueType,
        /// True when it is read from outside the fan-out that makes it: one value per item.
        list: bool,
    },
    /// `run.id` and its like.
    Run(RunField),
    /// URI of a data set.
    DataUri(DataId),
    /// Path of a data set in the container.
    DataPath(DataId),
}

/// What a program may know of its run.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum RunField {
    /// Identifier.
    Id,
    /// Logical date, `YYYY-MM-DD`.
    Date,
    /// Start time, RFC 3339.
    Time,
    /// `succeeded`, `failed` or `cancelled`; only in `finally`.
    Status,
}

/// A text, with references where it was marked `(f)`.
#[derive(Clone, PartialEq, Debug, Default, Serialize)]
#[serde(transparent)]
pub struct Text(pub Vec<Piece>);

/// A piece of a [`Text`].
#[derive(Clone, PartialEq, Debug, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Piece {
    /// Exactly this.
    Literal(String),
    /// The value of a reference.
    Reference(Binding),
}

impl Text {
    /// A text without references.
    pub fn literal(text: impl Into<String>) -> Text {
        Text(vec![Piece::Literal(text.into())])
    }

    /// The text, if it has no references.
    pub fn as_literal(&self) -> Option<&str> {
        match self.0.as_slice() {
            [] => Some(""),
            [Piece::Literal(text)] => Some(text),
            _ => None,
        }
    }
}

/// A condition whose references are resolved.
pub type Condition = crate::syntax::condition::Expr<Binding>;
