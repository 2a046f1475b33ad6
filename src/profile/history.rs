//! What past runs say of steps. Fitted elsewhere, looked up here: predictions stay a function of their inputs.

use std::collections::BTreeMap;

use super::model::Estimate;
use crate::graph::model::{Graph, StepId};
use crate::quantity::{Bytes, Seconds};

/// Predictions fitted to past runs, by pipeline and step name. Empty: every step is predicted from its description.
#[derive(Clone, Debug, Default)]
pub struct History {
    /// Keyed by names, which outlive the positions of one compilation.
    pub steps: BTreeMap<(String, String), Past>,
}

/// What past runs say of one step; all of one item of a fan-out.
#[derive(Clone, Debug, Default)]
pub struct Past {
    /// Memory of one machine.
    pub memory: Option<Estimate<Bytes>>,
    /// Run time of one attempt.
    pub run_time: Option<Estimate<Seconds>>,
}

impl History {
    /// What is known of `step`.
    pub fn of(&self, graph: &Graph, step: StepId) -> Option<&Past> {
        let pipeline = graph.pipeline_of(step).name.value.clone();
        self.steps.get(&(pipeline, graph[step].name.value.clone()))
    }
}
