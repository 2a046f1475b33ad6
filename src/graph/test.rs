//! `test` nodes: a situation, and what must then happen.

use serde::Serialize;

use super::attempt::Cause;
use super::model::{PipelineId, StepId};
use super::site::SiteRef;
use super::value::Scalar;
use crate::quantity::MicroUsd;
use crate::source::{Span, Spanned};

/// What must happen in a situation.
#[derive(Clone, Debug, Serialize)]
pub struct Test {
    /// The situation in words.
    pub name: Spanned<String>,
    /// The pipeline it is about.
    pub pipeline: PipelineId,
    /// What is so; of all else, nothing fails and outputs are unknown.
    pub given: Vec<Given>,
    /// What must hold then.
    pub expect: Vec<Expectation>,
}

/// A part of a situation.
#[derive(Clone, PartialEq, Debug, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Given {
    /// What a step emits: one value, or one for each item of its fan-out, or the items of a list.
    Output {
        /// The steps that may emit it.
        steps: Vec<StepId>,
        /// The output.
        output: String,
        /// At least one.
        values: Vec<Scalar>,
    },
    /// A parameter that the run is started with.
    Parameter {
        /// Its name.
        name: String,
        /// One, or the items of a list.
        values: Vec<Scalar>,
    },
    /// A step fails.
    Fails {
        /// The step.
        step: StepId,
        /// So many items of its fan-out; absent: all of it.
        items: Option<u64>,
        /// So many attempts; absent: all of them.
        times: Option<u64>,
        /// Why.
        cause: Cause,
    },
    /// A site is gone.
    Lost(SiteRef),
}

/// What must hold, and the line that says so.
#[derive(Clone, Debug, Serialize)]
pub struct Expectation {
    /// What.
    #[serde(flatten)]
    pub what: Expected,
    /// The whole node.
    #[serde(skip)]
    pub span: Span,
}

/// What must hold.
#[derive(Clone, PartialEq, Debug, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Expected {
    /// The step ran to its end.
    Ran {
        /// The step.
        step: StepId,
        /// So many items of its fan-out.
        items: Option<u64>,
    },
    /// The step was skipped.
    Skipped {
        /// The step.
        step: StepId,
    },
    /// The step failed for good.
    Failed {
        /// The step.
        step: StepId,
        /// So many items of its fan-out.
        items: Option<u64>,
    },
    /// The step runs there.
    At {
        /// The step.
        step: StepId,
        /// Where.
        site: SiteRef,
    },
    /// Every promise of this kind holds.
    Promise {
        /// `deadline budget latency availability freshness carbon`.
        kind: String,
        /// Of this step; absent: of the pipeline and all its steps.
        step: Option<StepId>,
    },
    /// The run costs no more than this.
    Cost(MicroUsd),
}
