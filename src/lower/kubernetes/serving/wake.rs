//! Servers that sleep: the KEDA HTTP add-on holds a request until a replica is there to answer it.
//!
//! Nothing that a server measures can wake it, since it is not there to measure. Requests to its waking address pass
//! through the add-on's proxy, which counts them; the ScaledObject beside it asks the proxy for that count.

use serde::Serialize;
use serde_json::{Value, json};

use super::Served;
use crate::lower::kubernetes::object::{Custom, document, metadata};
use crate::lower::names::{self, Service as Named};
use crate::lower::pod;
use crate::profile::Load;

/// The add-on's proxy, as its chart names it.
pub const PROXY: (&str, &str, u16) = ("keda-add-ons-http-interceptor-proxy", "keda", 8080);

/// Where the proxy's counts are asked for.
const SCALER: &str = "keda-add-ons-http-external-scaler.keda:9090";

/// True if no replica is left when nobody asks.
pub fn sleeps(step: &crate::graph::Step) -> bool {
    step.serving
        .as_ref()
        .is_some_and(|serving| serving.scale.min == 0)
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct HttpScaledObject {
    hosts: Vec<String>,
    scale_target_ref: Value,
    replicas: Value,
    scaledown_period: u64,
    scaling_metric: Value,
}

/// Name of the Service by which a sleeping server is called.
pub fn address(object: &str) -> String {
    names::name(Named::Kubernetes, &[object, "wake"])
}

/// Its name inside the cluster, by which the proxy knows whom a request is for.
pub fn host(object: &str, namespace: &str) -> String {
    format!("{}.{namespace}", address(object))
}

/// The waking address and what the proxy is told; nothing for servers that never sleep.
pub(super) fn objects(served: &Served<'_>) -> Vec<Value> {
    let Some(serving) = served.step.serving.as_ref().filter(|_| sleeps(served.step)) else {
        return Vec::new();
    };
    let Some(load) = served.load() else {
        return Vec::new();
    };
    let namespace = &served.tenant.namespace;
    let plain = host(&served.name, namespace);
    let hosts = vec![
        address(&served.name),
        plain.clone(),
        format!("{plain}.svc"),
        format!("{plain}.svc.cluster.local"),
    ];
    let (least, most) = served.replicas();
    let mut meta = served.metadata();
    // Ours has the predicted week besides the count of requests.
    meta.annotations = Some(
        [(
            "httpscaledobject.keda.sh/skip-scaledobject-creation".to_owned(),
            "true".to_owned(),
        )]
        .into(),
    );
    let spec = HttpScaledObject {
        hosts,
        scale_target_ref: json!({"name": served.name, "service": served.name, "port": serving.port}),
        replicas: json!({"min": least, "max": most}),
        scaledown_period: serving.scale.idle.0.max(0.0) as u64,
        scaling_metric: json!({"requestRate": {
            "granularity": "1s", "targetValue": rate(load), "window": "1m",
        }}),
    };
    let scaled = document(Custom {
        api_version: "http.keda.sh/v1alpha1",
        kind: "HTTPScaledObject",
        metadata: meta,
        spec,
    });
    let (proxy, of, port) = PROXY;
    let labels = pod::labels(&served.tenant.input, served.step);
    let service = json!({
        "apiVersion": "v1",
        "kind": "Service",
        "metadata": document(metadata(namespace, &address(&served.name), labels)),
        "spec": {
            "externalName": format!("{proxy}.{of}.svc.cluster.local"),
            "ports": [{"name": "http", "port": port}],
            "type": "ExternalName",
        },
    });
    vec![scaled, service]
}

/// Metadata of the trigger by which a ScaledObject follows the proxy's count.
pub(super) fn trigger(served: &Served<'_>) -> Option<Value> {
    sleeps(served.step).then(|| json!({"scalerAddress": SCALER, "httpScaledObject": served.name}))
}

/// Requests a second that one replica serves within its promise.
fn rate(load: &Load) -> u64 {
    load.per_replica.p50.0.floor().max(1.0) as u64
}
