//! KEDA's ScaledObject: the predicted week as a floor, and one trigger that follows what really comes.

use serde::Serialize;
use serde_json::{Value, json};

use super::{Served, Workload, kserve, schedule, wake, workload};
use crate::graph::{Graph, Runtime};
use crate::lower::kubernetes::object::{Custom, document};
use crate::lower::monitoring::metrics;
use crate::profile::Load;
use crate::quantity::Seconds;

/// Where Prometheus is, unless the platform says where.
const PROMETHEUS: &str = "http://prometheus-operated.monitoring.svc:9090";

/// From asking a cloud for a machine to a pod that starts on it: cluster autoscaler, boot, image.
const NODE_START: Seconds = Seconds(300.0);

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct ScaledObject {
    scale_target_ref: Value,
    min_replica_count: u64,
    max_replica_count: u64,
    cooldown_period: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    fallback: Option<Value>,
    advanced: Value,
    triggers: Vec<Trigger>,
}

#[derive(Serialize)]
struct Trigger {
    #[serde(rename = "type")]
    kind: &'static str,
    metadata: Value,
}

/// The autoscaler of a step whose replicas follow a load.
pub(super) fn scaled_object(served: &Served<'_>) -> Option<Value> {
    let load = served.load()?;
    let (floor, most) = served.replicas();
    let reactive = served
        .step
        .serving
        .as_ref()
        .map(|serving| reactive(served, load, serving.runtime));
    // Without measurements the largest number that was planned keeps every promise.
    let peak = load.replicas.iter().copied().max().unwrap_or(floor);
    let fallback = reactive
        .is_some()
        .then(|| json!({"failureThreshold": 3, "replicas": peak}));
    let idle = served
        .step
        .serving
        .as_ref()
        .map_or(300.0, |serving| serving.scale.idle.0);
    let spec = ScaledObject {
        scale_target_ref: target(served),
        min_replica_count: floor,
        max_replica_count: most,
        cooldown_period: idle.max(0.0) as u64,
        fallback,
        // Down slowly: a new replica costs a start, and load that has gone often comes back.
        advanced: json!({"horizontalPodAutoscalerConfig": {"behavior": {"scaleDown": {
            "stabilizationWindowSeconds": 300,
        }}}}),
        triggers: planned(load, floor, served.starting() + NODE_START)
            .into_iter()
            .chain(reactive)
            .chain(wake::trigger(served).map(|metadata| Trigger {
                kind: "external-push",
                metadata,
            }))
            .collect(),
    };
    Some(document(Custom {
        api_version: "keda.sh/v1alpha1",
        kind: "ScaledObject",
        metadata: served.metadata(),
        spec,
    }))
}

/// What is scaled: the step's own workload, or the Deployment that KServe makes for it.
fn target(served: &Served<'_>) -> Value {
    match workload(served.step) {
        Workload::Deployment => json!({"name": served.name}),
        Workload::Rollout => {
            json!({"apiVersion": "argoproj.io/v1alpha1", "kind": "Rollout", "name": served.name})
        }
        Workload::InferenceService => json!({"name": kserve::predictor(&served.name)}),
    }
}

/// Where Prometheus is.
pub(super) fn prometheus(graph: &Graph) -> &str {
    let monitoring = graph.platform.as_ref().map(|platform| &platform.monitoring);
    monitoring
        .and_then(|monitoring| monitoring.prometheus.as_deref())
        .unwrap_or(PROMETHEUS)
}

fn planned(load: &Load, floor: u64, lead: Seconds) -> Vec<Trigger> {
    let trigger = |stretch: schedule::Stretch| Trigger {
        kind: "cron",
        metadata: json!({
            "timezone": load.timezone,
            "start": stretch.start,
            "end": stretch.end,
            "desiredReplicas": stretch.replicas.to_string(),
        }),
    };
    schedule::stretches(&load.replicas, floor, lead)
        .into_iter()
        .map(trigger)
        .collect()
}

/// As many replicas as serve the measured rate, at what one serves within its promise.
fn reactive(served: &Served<'_>, load: &Load, runtime: Runtime) -> Trigger {
    let graph = served.tenant.input.graph();
    let address = prometheus(graph);
    let pipeline = &graph[served.step.pipeline].name.value;
    let requests = metrics::of_runtime(runtime);
    let only = if requests.only.is_empty() {
        String::new()
    } else {
        format!(",{}", requests.only)
    };
    let mine = format!(
        "pipeline=\"{pipeline}\",step=\"{}\"{only}",
        served.step.name.value
    );
    let rates = requests
        .all
        .iter()
        .map(|counter| format!("sum(rate({counter}{{{mine}}}[2m]))"));
    let threshold = load.per_replica.p50.0.max(0.001);
    Trigger {
        kind: "prometheus",
        metadata: json!({
            "serverAddress": address,
            "query": rates.collect::<Vec<_>>().join(" + "),
            "threshold": format!("{threshold:.3}"),
        }),
    }
}
