//! One `WorkflowTemplate` in the making: a pipeline, or a fragment of one, at one site.

use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use super::choice::ITEM;
use super::data::RUN;
use super::tree::Node;
use crate::graph::{Graph, Items, Pipeline, Step, StepId, ValueType};
use crate::lower::{Lowering, names, pod, site};
use crate::place::SiteId;

/// What one `WorkflowTemplate` is made from.
pub struct Chart<'a> {
    /// Everything that was decided.
    pub input: &'a Lowering<'a>,
    /// The pipeline.
    pub pipeline: &'a Pipeline,
    /// Where it runs.
    pub site: SiteId,
    /// Name of the `WorkflowTemplate`.
    pub name: String,
    /// Name of the fragment, where the pipeline has several.
    pub fragment: Option<String>,
    /// Its tasks.
    pub nodes: Vec<Node>,
    /// Steps among whose items another step chooses.
    pub chosen: Rc<BTreeSet<StepId>>,
    /// Names of what other fragments ask this one for.
    pub asked: Rc<BTreeSet<String>>,
}

impl<'a> Chart<'a> {
    /// The graph.
    pub fn graph(&self) -> &'a Graph {
        self.input.graph()
    }

    /// Its namespace.
    pub fn namespace(&self) -> String {
        site::namespace(self.input, self.pipeline.id, self.site)
    }

    /// The node that its objects come from.
    pub fn origin(&self) -> String {
        format!("pipeline {}", self.pipeline.name.value)
    }

    /// Labels of the objects that are committed.
    pub fn object_labels(&self) -> BTreeMap<String, String> {
        let mut labels = names::labels(Some(&self.pipeline.name.value));
        if let Some(fragment) = &self.fragment {
            labels.insert(names::label("fragment"), names::label_value(fragment));
        }
        labels
    }

    /// Labels of what a run makes: monitoring and diagnosis join on them in every cluster.
    pub fn run_labels(&self) -> BTreeMap<String, String> {
        let mut labels = self.site_labels();
        labels.insert(names::label("run"), RUN.to_owned());
        labels.extend(pod::identity_label(self.input, self.site));
        labels
    }

    /// Labels of what runs at the site.
    pub fn site_labels(&self) -> BTreeMap<String, String> {
        let cluster = &self.input.plan[self.site].cluster;
        let mut labels = self.object_labels();
        labels.insert(names::label("cluster"), names::label_value(cluster));
        labels
    }

    /// Labels of a step's pods, besides those of the run. A fragment on the hub runs inside the conductor, whose pods
    /// do not know of it.
    pub fn step_labels(&self, step: &Step) -> BTreeMap<String, String> {
        let step = (names::label("step"), names::label_value(&step.name.value));
        let fragment = self.fragment.iter();
        let fragment = fragment.map(|name| (names::label("fragment"), names::label_value(name)));
        std::iter::once(step).chain(fragment).collect()
    }

    /// What a step answers: what it emits, and where the data of its items lies if somebody chooses among them.
    pub fn answers<'s>(&self, step: &'s Step) -> Vec<(&'s str, ValueType)> {
        let emits = step.emits.iter();
        let emits = emits.map(|emit| (emit.name.value.as_str(), emit.ty));
        let item = self.chosen.contains(&step.id);
        emits.chain(item.then_some((ITEM, ValueType::String))).collect()
    }

    /// Number of items of a fan-out, if it is known before the run.
    pub fn count(&self, each: crate::graph::EachId) -> Option<u64> {
        match &self.graph()[each].items {
            Items::Known(items) => Some(items.len() as u64),
            Items::Partitions { count, .. } => *count,
            Items::Output { .. } | Items::Parameter { .. } => None,
        }
    }
}
