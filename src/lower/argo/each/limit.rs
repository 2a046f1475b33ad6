//! `concurrency` of a fan-out inside another: a semaphore, because the items of one outer item are not all there are.

use std::collections::BTreeMap;

use k8s_openapi::api::core::v1::ConfigMap;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta;

use crate::graph::{Each, EachId};
use crate::lower::argo::chart::Chart;
use crate::lower::argo::dag::Maker;
use crate::lower::argo::tree::each_name;
use crate::lower::argo::types::{KeyRef, Semaphore, Synchronization};
use crate::lower::names::{self, Service};

/// Lets so many items of `each` run `template` at once in a run.
pub fn of_the_run(maker: &mut Maker<'_, '_>, each: EachId, template: &str) {
    let chart = maker.chart;
    if !is_shared(&chart.graph()[each]) {
        return;
    }
    let found = maker.templates.iter_mut().find(|made| made.name == template);
    if let Some(made) = found {
        let key = KeyRef {
            name: config_map_name(chart),
            key: each_name(chart.graph(), each),
        };
        made.synchronization = Some(Synchronization {
            semaphores: vec![Semaphore {
                config_map_key_ref: key,
            }],
        });
    }
}

fn is_shared(each: &Each) -> bool {
    each.parent.is_some() && each.concurrency.is_some()
}

fn config_map_name(chart: &Chart<'_>) -> String {
    names::name(Service::Kubernetes, &[&chart.pipeline.name.value, "limits"])
}

/// The ConfigMap with the limits of a pipeline; `None` if it has none.
pub fn config_map(chart: &Chart<'_>) -> Option<ConfigMap> {
    let graph = chart.graph();
    let own = graph.each.iter().zip(0..);
    let own = own.filter(|(each, _)| each.pipeline == chart.pipeline.id && is_shared(each));
    let limits =
        own.filter_map(|(each, id)| Some((each_name(graph, EachId(id)), each.concurrency?.to_string())));
    let limits: BTreeMap<String, String> = limits.collect();
    (!limits.is_empty()).then(|| ConfigMap {
        data: Some(limits),
        metadata: ObjectMeta {
            labels: Some(names::labels(Some(&chart.pipeline.name.value))),
            name: Some(config_map_name(chart)),
            namespace: Some(chart.namespace()),
            ..ObjectMeta::default()
        },
        ..ConfigMap::default()
    })
}
