//! Where each step runs, as labels, so that Alertmanager can tell what lies in what: the fragment, the pool, the cluster.

use std::collections::BTreeMap;

use super::rule::Alert;
use crate::graph::{Graph, PipelineId, StepId};
use crate::lower::{Lowering, fragments};

/// Labels of all steps, by pipeline and name.
#[derive(Debug, Default)]
pub struct Places<'a> {
    steps: BTreeMap<(PipelineId, &'a str), Place<'a>>,
}

#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
struct Place<'a> {
    /// None for what runs last, whatever happened: it belongs to the run as a whole.
    fragment: Option<&'a str>,
    pool: &'a str,
    cluster: &'a str,
}

impl<'a> Places<'a> {
    /// The places of all steps.
    pub fn of(input: &'a Lowering<'a>) -> Places<'a> {
        let graph = input.graph();
        let mut places = Places::default();
        for step in &graph.steps {
            let place = Place {
                fragment: None,
                pool: &input.plan[input.plan[step.id].pool].name,
                cluster: &input.plan[input.plan[step.id].site].cluster,
            };
            places.steps.insert((step.pipeline, &step.name.value), place);
        }
        for pipeline in &graph.pipelines {
            for fragment in fragments::cut(graph, input.plan, pipeline.id) {
                let name = fragment.name(graph);
                for step in &fragment.steps {
                    let place = places.steps.get_mut(&(pipeline.id, &graph[*step].name.value));
                    place.into_iter().for_each(|place| place.fragment = Some(name));
                }
            }
        }
        places
    }

    /// The steps of a pipeline that share a place, those of one place together, in the order of their first.
    pub fn groups(&self, graph: &Graph, pipeline: PipelineId) -> Vec<Vec<StepId>> {
        let mut groups: BTreeMap<&Place<'a>, Vec<StepId>> = BTreeMap::new();
        for step in &graph[pipeline].steps {
            let place = self.steps.get(&(pipeline, &graph[*step].name.value));
            place
                .into_iter()
                .for_each(|place| groups.entry(place).or_default().push(*step));
        }
        let mut groups: Vec<Vec<StepId>> = groups.into_values().collect();
        groups.sort_by_key(|steps| steps.first().copied());
        groups
    }

    /// Adds `fragment` and `pool` to the labels of an alert about a step. Its `cluster` is where the step runs, not where the
    /// alert is evaluated: a lost cluster explains what the hub finds missing of it.
    pub fn label(&self, pipeline: PipelineId, alert: &mut Alert) {
        let step = alert.step().unwrap_or_default();
        let Some(place) = self.steps.get(&(pipeline, step)).cloned() else {
            return;
        };
        let labels = &mut alert.labels;
        if let Some(fragment) = place.fragment {
            labels.insert("fragment".into(), fragment.to_owned());
        }
        labels.insert("pool".into(), place.pool.to_owned());
        labels.insert("cluster".into(), place.cluster.to_owned());
    }
}
