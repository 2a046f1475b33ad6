//! What shares a namespace in one cluster: a pipeline, or all of them where the platform names the namespace.

use std::collections::BTreeMap;

use k8s_openapi::api::core::v1::Namespace;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::{LabelSelector, ObjectMeta};
use serde_json::Value;

use super::object::{cluster_metadata, document, metadata};
use crate::graph::{PipelineId, Step};
use crate::lower::{Lowering, artifact, names, site};
use crate::place::SiteId;

/// Version of the Pod Security Standards that the generated pods were checked against.
const STANDARD: &str = "v1.33";

/// The users of one namespace of one cluster.
pub(super) struct Tenant<'a> {
    pub(super) input: Lowering<'a>,
    pub(super) site: SiteId,
    pub(super) namespace: String,
    /// The namespace is the platform's own: other things may live in it.
    pub(super) adopted: bool,
    pub(super) pipelines: Vec<PipelineId>,
}

/// All tenants of a cluster, by namespace.
pub(super) fn tenants<'a>(input: &Lowering<'a>, id: SiteId) -> Vec<Tenant<'a>> {
    let mut found: BTreeMap<String, Vec<PipelineId>> = BTreeMap::new();
    let adopted = site::chosen_namespace(input, id).is_some();
    for pipeline in &input.graph().pipelines {
        let works = pipeline.steps.iter().any(|step| input.plan[*step].site == id);
        if works || is_hub(input, pipeline.id, id) {
            found
                .entry(site::namespace(input, pipeline.id, id))
                .or_default()
                .push(pipeline.id);
        }
    }
    let tenant = |(namespace, pipelines)| Tenant {
        input: *input,
        site: id,
        namespace,
        adopted,
        pipelines,
    };
    found.into_iter().map(tenant).collect()
}

fn is_hub(input: &Lowering<'_>, pipeline: PipelineId, site: SiteId) -> bool {
    input.plan.hubs.get(pipeline.0 as usize) == Some(&site)
}

impl<'a> Tenant<'a> {
    /// Its steps that are placed here.
    pub(super) fn steps(&self) -> impl Iterator<Item = &'a Step> {
        let (plan, site) = (self.input.plan, self.site);
        let mine = move |step: &&Step| self.pipelines.contains(&step.pipeline) && plan[step.id].site == site;
        self.input.graph().steps.iter().filter(mine)
    }

    /// True if something here starts workflows: runs of one of its pipelines go on elsewhere, or start when data changes, or
    /// are asked for in a mailbox.
    pub(super) fn conducts(&self) -> bool {
        let graph = self.input.graph();
        let triggered = |pipeline: &PipelineId| {
            is_hub(&self.input, *pipeline, self.site) && !graph[*pipeline].triggers.is_empty()
        };
        let posted = self.is_called() && site::calls_out_only(graph, &self.input.plan[self.site]);
        let away = |pipeline: &PipelineId| {
            let mut steps = self.input.graph()[*pipeline].steps.iter();
            is_hub(&self.input, *pipeline, self.site)
                && steps.any(|it| self.input.plan[*it].site != self.site)
        };
        posted
            || self
                .pipelines
                .iter()
                .any(|pipeline| triggered(pipeline) || away(pipeline))
    }

    /// True if runs of one of its pipelines come here from another cluster.
    pub(super) fn is_called(&self) -> bool {
        self.pipelines
            .iter()
            .any(|pipeline| !is_hub(&self.input, *pipeline, self.site))
    }

    /// Labels of its objects.
    pub(super) fn labels(&self) -> BTreeMap<String, String> {
        let graph = self.input.graph();
        names::labels(match self.pipelines.as_slice() {
            [only] => Some(&graph[*only].name.value),
            _ => None,
        })
    }

    /// Metadata of one of its objects.
    pub(super) fn metadata(&self, name: &str) -> ObjectMeta {
        metadata(&self.namespace, name, self.labels())
    }

    /// All of its pods, and nobody else's.
    pub(super) fn pods(&self) -> LabelSelector {
        LabelSelector {
            match_expressions: None,
            match_labels: self.adopted.then(|| names::labels(None)),
        }
    }

    /// Where its objects come from.
    pub(super) fn origin(&self) -> String {
        let graph = self.input.graph();
        let names: Vec<&str> = self
            .pipelines
            .iter()
            .map(|id| graph[*id].name.value.as_str())
            .collect();
        format!("pipeline {}", names.join(", "))
    }

    /// Where the objects of one of its steps come from.
    pub(super) fn origin_of(&self, step: &Step) -> String {
        artifact::origin(self.input.graph(), step)
    }

    /// What the objects of one of its steps are called.
    pub(super) fn object(&self, step: &Step) -> String {
        let pipeline = &self.input.graph()[step.pipeline].name.value;
        let chosen = self.adopted.then_some(self.namespace.as_str());
        names::object(pipeline, &step.name.value, chosen)
    }

    /// The namespace, under the `restricted` Pod Security Standard. One that exists is its owner's business.
    pub(super) fn namespace_object(&self) -> Vec<Value> {
        if self.adopted {
            return Vec::new();
        }
        let mut labels = self.labels();
        for mode in ["audit", "enforce", "warn"] {
            labels.insert(
                format!("pod-security.kubernetes.io/{mode}"),
                "restricted".to_owned(),
            );
            labels.insert(
                format!("pod-security.kubernetes.io/{mode}-version"),
                STANDARD.to_owned(),
            );
        }
        let mut metadata = cluster_metadata(&self.namespace, labels);
        // Whoever applies the folder sees by which context of the kubeconfig this cluster is reached.
        let cluster = site::cluster(self.input.graph(), &self.input.plan[self.site]);
        metadata.annotations = cluster
            .and_then(|cluster| cluster.context.as_ref())
            .map(|context| BTreeMap::from([(names::label("context"), context.clone())]));
        vec![document(Namespace {
            metadata,
            ..Namespace::default()
        })]
    }
}
