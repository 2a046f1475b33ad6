//! Fan-out: what `each` repeats, and over what.

use serde::Serialize;

use super::model::{DataId, EachId, PipelineId};
use super::value::{Scalar, ValueType};
use crate::quantity::Percent;
use crate::source::{Span, Spanned};

/// A fan-out. The steps in it name it in `Step::each`, outermost first.
#[derive(Clone, Debug, Serialize)]
pub struct Each {
    /// The pipeline it is in.
    pub pipeline: PipelineId,
    /// The variable.
    pub variable: Spanned<String>,
    /// The fan-out around it.
    pub parent: Option<EachId>,
    /// What the items are.
    pub items: Items,
    /// So many at once.
    pub concurrency: Option<u64>,
    /// So many items may fail.
    pub tolerate: Tolerance,
    /// Successive halving.
    pub early_stop: Option<EarlyStop>,
    /// Where it was written.
    #[serde(skip)]
    pub span: Span,
}

/// What a fan-out goes over.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Items {
    /// Values or rows known at compile time (values, a count, `item` rows, samples).
    Known(Vec<Item>),
    /// A list that a step emits; `expected` is its declared length.
    Output {
        /// The steps that may emit it.
        steps: Vec<super::model::StepId>,
        /// The output.
        output: String,
        /// Fields, when items are records.
        fields: Vec<(String, ValueType)>,
        /// Declared length.
        expected: Option<u64>,
    },
    /// A list parameter.
    Parameter {
        /// Its name.
        name: String,
        /// Default values.
        default: Vec<Scalar>,
    },
    /// The partitions of a data set.
    Partitions {
        /// Which data set.
        data: DataId,
        /// How many, if known.
        count: Option<u64>,
    },
}

/// One item known at compile time.
#[derive(Clone, PartialEq, Debug, Serialize)]
pub struct Item {
    /// The value, or the row's name.
    pub value: Scalar,
    /// The row's fields, in the order written in the first row.
    pub fields: Vec<(String, Scalar)>,
}

/// So many items may fail and the fan-out still succeeds with the others.
#[derive(Clone, Copy, PartialEq, Debug, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Tolerance {
    /// A number of items.
    Items(u64),
    /// A share of them.
    Share(Percent),
}

/// Successive halving over the items.
#[derive(Clone, Debug, Serialize)]
pub struct EarlyStop {
    /// The output that decides.
    pub output: Spanned<String>,
    /// True: the highest are kept.
    pub highest: bool,
    /// Number of rungs.
    pub rungs: u64,
    /// The share that goes on after each rung.
    pub keep: Percent,
}

impl Items {
    /// Number of items, as far as it is known or declared.
    pub fn expected(&self) -> Option<u64> {
        match self {
            Items::Known(items) => Some(items.len() as u64),
            Items::Output { expected, .. } => *expected,
            Items::Parameter { default, .. } => (!default.is_empty()).then_some(default.len() as u64),
            Items::Partitions { count, .. } => *count,
        }
    }
}
