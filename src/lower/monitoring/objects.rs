//! The same for the Prometheus operator: rules as `PrometheusRule`, and `PodMonitor`s that give the series of always-on
//! steps the labels `pipeline` and `step` on which the rules rely.

use std::collections::BTreeMap;

use serde::Serialize;

use super::rule::Group;
use crate::graph::{Graph, PipelineId, StepId};
use crate::lower::names;

/// A Kubernetes object of the operator's.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Object<S> {
    api_version: &'static str,
    kind: &'static str,
    metadata: Metadata,
    spec: S,
}

#[derive(Clone, Debug, Serialize)]
struct Metadata {
    name: String,
    namespace: String,
    labels: BTreeMap<String, String>,
}

/// Spec of a `PrometheusRule`.
#[derive(Clone, Debug, Serialize)]
pub struct Rules {
    groups: Vec<Group>,
}

/// Spec of a `PodMonitor`.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Pods {
    selector: Selector,
    pod_metrics_endpoints: Vec<Endpoint>,
}

#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Selector {
    match_labels: BTreeMap<String, String>,
}

#[derive(Clone, Debug, Serialize)]
struct Endpoint {
    port: &'static str,
    path: &'static str,
    interval: &'static str,
    relabelings: Vec<Relabeling>,
}

#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Relabeling {
    target_label: &'static str,
    replacement: String,
}

/// Name of the container port at which metrics are scraped.
pub const METRICS_PORT: &str = "metrics";

/// The rules of a pipeline in its namespace, or those about what all share.
pub fn rules(graph: &Graph, pipeline: Option<PipelineId>, namespace: String, group: Group) -> Object<Rules> {
    let prefix = graph
        .platform
        .as_ref()
        .map_or("portolan", |platform| &platform.prefix);
    let name = pipeline.map(|pipeline| graph[pipeline].name.value.as_str());
    Object {
        api_version: "monitoring.coreos.com/v1",
        kind: "PrometheusRule",
        metadata: Metadata {
            name: match name {
                Some(name) => names::name(names::Service::Kubernetes, &[name]),
                None => names::name(names::Service::Kubernetes, &[prefix, "infrastructure"]),
            },
            namespace,
            labels: labels(name, None),
        },
        spec: Rules { groups: vec![group] },
    }
}

/// What scrapes the pods of an always-on step.
pub fn pods(graph: &Graph, step: StepId, namespace: String) -> Object<Pods> {
    let pipeline = graph.pipeline_of(step).name.value.as_str();
    let step = graph[step].name.value.as_str();
    let label = |target_label, replacement: &str| Relabeling {
        target_label,
        // A dollar sign would refer to a part of the source labels.
        replacement: replacement.replace('$', "$$"),
    };
    Object {
        api_version: "monitoring.coreos.com/v1",
        kind: "PodMonitor",
        metadata: Metadata {
            name: names::name(names::Service::Kubernetes, &[pipeline, step]),
            namespace,
            labels: labels(Some(pipeline), Some(step)),
        },
        spec: Pods {
            selector: Selector {
                match_labels: BTreeMap::from([
                    (names::label("pipeline"), names::label_value(pipeline)),
                    (names::label("step"), names::label_value(step)),
                ]),
            },
            pod_metrics_endpoints: vec![Endpoint {
                port: METRICS_PORT,
                path: "/metrics",
                interval: "15s",
                relabelings: vec![label("pipeline", pipeline), label("step", step)],
            }],
        },
    }
}

fn labels(pipeline: Option<&str>, step: Option<&str>) -> BTreeMap<String, String> {
    let mut labels = names::labels(pipeline);
    labels.extend(step.map(|step| (names::label("step"), names::label_value(step))));
    labels
}
