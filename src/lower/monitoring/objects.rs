//! The same for the Prometheus operator: rules as `PrometheusRule`, and `PodMonitor`s that give the series of always-on
//! steps the labels `pipeline` and `step` on which the rules rely.

use std::collections::BTreeMap;

use serde::Serialize;

use super::rule::{Group, Rule};
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

/// Bytes of JSON in one `PrometheusRule`. The operator writes its rules into a ConfigMap of at most 512 KiB
/// (prometheus-operator, pkg/operator/rules.go, `MaxConfigMapDataSize`), as YAML, which is about as long.
const MOST_BYTES: usize = 400_000;

/// The rules of a pipeline in its namespace, or those about what all share: in one object, or in as many as they need.
pub fn rules(
    graph: &Graph,
    pipeline: Option<PipelineId>,
    namespace: &str,
    group: Group,
) -> Vec<Object<Rules>> {
    let name = group.name;
    let parts = parts(group.rules).into_iter().enumerate();
    parts
        .map(|(i, rules)| {
            let group = Group {
                name: name.clone(),
                rules,
            };
            object(graph, pipeline, namespace, i + 1, group)
        })
        .collect()
}

fn parts(rules: Vec<Rule>) -> Vec<Vec<Rule>> {
    let (mut parts, mut room) = (vec![Vec::new()], MOST_BYTES);
    for rule in rules {
        let bytes = serde_json::to_string(&rule).map_or(MOST_BYTES, |text| text.len());
        if bytes > room {
            parts.push(Vec::new());
            room = MOST_BYTES;
        }
        room = room.saturating_sub(bytes);
        if let Some(part) = parts.last_mut() {
            part.push(rule);
        }
    }
    parts.retain(|part| !part.is_empty());
    parts
}

fn object(
    graph: &Graph,
    pipeline: Option<PipelineId>,
    namespace: &str,
    part: usize,
    group: Group,
) -> Object<Rules> {
    let prefix = graph
        .platform
        .as_ref()
        .map_or("portolan", |platform| &platform.prefix);
    let name = pipeline.map(|pipeline| graph[pipeline].name.value.as_str());
    let mut words = name.map_or_else(|| vec![prefix, "infrastructure"], |name| vec![name]);
    let number = part.to_string();
    words.extend((part > 1).then_some(number.as_str()));
    Object {
        api_version: "monitoring.coreos.com/v1",
        kind: "PrometheusRule",
        metadata: Metadata {
            name: names::name(names::Service::Kubernetes, &words),
            namespace: namespace.to_owned(),
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lower::monitoring::rule::Record;

    #[test]
    fn many_rules_are_cut_into_objects_that_the_operator_takes() {
        let rule = |i: usize| {
            Rule::Record(Record {
                record: format!("portolan:kpi{i}"),
                expr: "vector(1) + ".repeat(1000),
                labels: BTreeMap::new(),
            })
        };
        let rules: Vec<Rule> = (0..100).map(rule).collect();
        let all = |parts: &[Vec<Rule>]| format!("{:?}", parts.concat());
        let whole = all(std::slice::from_ref(&rules));
        let parts = parts(rules);
        assert_eq!(all(&parts), whole);
        assert_eq!(parts.len(), 4);
        for part in parts {
            let text = crate::render::yaml(&[part]);
            assert!(text.len() < 512 * 1024, "{}", text.len());
        }
    }
}
