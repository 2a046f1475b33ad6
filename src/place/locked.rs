//! Placements that a lock file remembers: preferred while they are nearly as good as the best.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::assemble::Problem;
use super::model::{Assignment, Plan};
use super::offers::Offer;
use super::sites::Ground;
use crate::catalog::Pricing;
use crate::graph::model::{Graph, Step};

/// Where steps were placed, by `pipeline/step`.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(transparent)]
pub struct Placements(pub BTreeMap<String, Placement>);

/// Where one step was placed.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
pub struct Placement {
    /// `aws.sa-east-1`, or the cluster's name.
    pub site: String,
    /// Machine type, or the node group's name.
    pub machine: String,
    /// How it is bought.
    pub pricing: Pricing,
}

impl Placements {
    /// The placements of a plan.
    pub fn of(plan: &Plan<'_>) -> Placements {
        let graph = plan.profiled.graph;
        let placements = plan.assignments.iter().map(|assignment| {
            let pool = &plan[assignment.pool];
            let placement = Placement {
                site: plan[assignment.site].name.clone(),
                machine: pool.machine.clone(),
                pricing: pool.pricing,
            };
            (key(graph, &graph[assignment.step]), placement)
        });
        Placements(placements.collect())
    }

    /// Where `step` was, under its name or the one it had before.
    pub fn get(&self, graph: &Graph, step: &Step) -> Option<&Placement> {
        let before = || {
            let (pipeline, step_name) = (graph.pipeline_of(step.id), step.was.as_ref());
            let pipelines = [Some(&pipeline.name.value), pipeline.was.as_ref()];
            let names = [Some(&step.name.value), step_name];
            let keys = pipelines.into_iter().flatten().flat_map(|pipeline| {
                names
                    .into_iter()
                    .flatten()
                    .map(move |name| format!("{pipeline}/{name}"))
            });
            keys.into_iter().find_map(|key| self.0.get(&key))
        };
        self.0.get(&key(graph, step)).or_else(before)
    }
}

impl Placement {
    /// True if `offer` is what the step was on.
    pub(super) fn is(&self, sites: &[Ground<'_>], offer: &Offer) -> bool {
        let site = sites.get(offer.site).is_some_and(|site| site.name == self.site);
        site && offer.machine == self.machine && offer.pricing == self.pricing
    }

    /// True if the assignment is what the step was on.
    pub(super) fn is_at(&self, plan: &Plan<'_>, assignment: &Assignment) -> bool {
        let pool = &plan[assignment.pool];
        let here = plan[assignment.site].name == self.site;
        here && pool.machine == self.machine && pool.pricing == self.pricing
    }
}

fn key(graph: &Graph, step: &Step) -> String {
    format!("{}/{}", graph.pipeline_of(step.id).name.value, step.name.value)
}

/// By step, the worth of each choice as staying where it was: 1 for the same machines, a half for the same site.
pub fn staying(problem: &Problem<'_, '_>, locked: &Placements) -> Vec<Vec<f64>> {
    let graph = problem.profiled.graph;
    let worth = |(step, candidates): (&Step, &Vec<super::assemble::Candidate>)| {
        let was = locked.get(graph, step);
        let worth = |candidate: &super::assemble::Candidate| {
            let (Some(was), Some(offer)) = (was, problem.offers.get(candidate.offer)) else {
                return 0.0;
            };
            let site = problem
                .sites
                .get(offer.site)
                .is_some_and(|site| site.name == was.site);
            match (site, offer.machine == was.machine && offer.pricing == was.pricing) {
                (true, true) => 1.0,
                (true, false) => 0.5,
                (false, _) => 0.0,
            }
        };
        candidates.iter().map(worth).collect()
    };
    graph.steps.iter().zip(&problem.candidates).map(worth).collect()
}
