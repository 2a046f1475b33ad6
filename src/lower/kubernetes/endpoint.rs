//! One address in front of several servers: a Gateway, and the HTTPRoute that shares its requests.
//!
//! The routes are standard Gateway API. That one value of a header always meets the same server is Envoy Gateway's: it
//! balances over the replicas of all routes together, by their shares, and can be told to go by a header's hash.

use k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta;
use serde::Serialize;
use serde_json::{Value, json};

use super::object::{Custom, document};
use super::serving::wake;
use super::tenant::Tenant;
use crate::graph::{Endpoint, PipelineId, Route, Step};
use crate::lower::names::{self, Service};

/// The class that Envoy Gateway's own guide makes.
const CLASS: &str = "eg";

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct HttpRoute {
    parent_refs: Vec<Value>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    hostnames: Vec<String>,
    rules: Vec<Value>,
}

/// Endpoints of the tenant's pipelines of which a server is here.
pub(super) fn objects(tenant: &Tenant<'_>) -> Vec<Value> {
    let graph = tenant.input.graph();
    let mut all = Vec::new();
    for pipeline in &tenant.pipelines {
        for endpoint in &graph[*pipeline].endpoints {
            let here: Vec<(&Route, &Step)> = endpoint
                .routes
                .iter()
                .map(|route| (route, &graph[route.step.value]))
                .filter(|(_, step)| tenant.input.plan[step.id].site == tenant.site)
                .collect();
            if !here.is_empty() {
                all.extend(one(tenant, *pipeline, endpoint, &here));
            }
        }
    }
    let wakes = all
        .iter()
        .any(|object| object.to_string().contains(wake::PROXY.0));
    all.extend(wakes.then(|| grant(tenant)));
    all
}

fn one(
    tenant: &Tenant<'_>,
    pipeline: PipelineId,
    endpoint: &Endpoint,
    here: &[(&Route, &Step)],
) -> Vec<Value> {
    let whose = &tenant.input.graph()[pipeline].name.value;
    let chosen = tenant.adopted.then_some(tenant.namespace.as_str());
    let name = names::object(whose, &endpoint.name.value, chosen);
    let metadata = || ObjectMeta {
        labels: Some(names::labels(Some(whose))),
        ..tenant.metadata(&name)
    };
    let gateway = document(Custom {
        api_version: "gateway.networking.k8s.io/v1",
        kind: "Gateway",
        metadata: metadata(),
        spec: json!({"gatewayClassName": CLASS, "listeners": [listener(endpoint, &name)]}),
    });
    let route = document(Custom {
        api_version: "gateway.networking.k8s.io/v1",
        kind: "HTTPRoute",
        metadata: metadata(),
        spec: HttpRoute {
            parent_refs: vec![json!({"name": name})],
            hostnames: endpoint.host.iter().cloned().collect(),
            rules: vec![rule(tenant, endpoint, here)],
        },
    });
    let sticky = endpoint.sticky.as_ref().map(|header| {
        document(Custom {
            api_version: "gateway.envoyproxy.io/v1alpha1",
            kind: "BackendTrafficPolicy",
            metadata: metadata(),
            spec: json!({
                "loadBalancer": {
                    "type": "ConsistentHash",
                    "consistentHash": {"type": "Header", "header": {"name": header}},
                },
                "targetRefs": [{"group": "gateway.networking.k8s.io", "kind": "HTTPRoute", "name": name}],
            }),
        })
    });
    [Some(gateway), Some(route), sticky]
        .into_iter()
        .flatten()
        .collect()
}

/// A name of its own is served with its certificate, which is a secret beside it; without one, inside the network only.
fn listener(endpoint: &Endpoint, name: &str) -> Value {
    match &endpoint.host {
        Some(host) => json!({
            "name": "https", "port": 443, "protocol": "HTTPS", "hostname": host,
            "tls": {"mode": "Terminate", "certificateRefs": [{"name": names::name(Service::Kubernetes, &[name, "tls"])}]},
        }),
        None => json!({"name": "http", "port": 80, "protocol": "HTTP"}),
    }
}

fn rule(tenant: &Tenant<'_>, endpoint: &Endpoint, here: &[(&Route, &Step)]) -> Value {
    let shares = here.iter().filter(|(route, _)| !route.shadow);
    let backends = shares.map(|(route, step)| {
        let mut backend = backend(tenant, step);
        // In ten-thousandths, so that shares of a percent and less are exact.
        let weight = json!((route.share.0 * 10_000.0).round() as u64);
        backend.extend([("weight".to_owned(), weight)]);
        Value::Object(backend)
    });
    let copies = here.iter().filter(|(route, _)| route.shadow).map(|(_, step)| {
        let mut backend = backend(tenant, step);
        // A copy cannot be rewritten, so a sleeping shadow is called directly.
        backend.remove("filters");
        json!({"type": "RequestMirror", "requestMirror": {"backendRef": backend}})
    });
    let copies: Vec<Value> = copies.collect();
    let mut rule = json!({
        "backendRefs": backends.collect::<Vec<_>>(),
        "matches": [{"path": {"type": "PathPrefix", "value": endpoint.path}}],
    });
    if let Some(fields) = rule.as_object_mut().filter(|_| !copies.is_empty()) {
        fields.insert("filters".to_owned(), json!(copies));
    }
    rule
}

/// The Service of a step; of one that sleeps, the proxy that wakes it.
fn backend(tenant: &Tenant<'_>, step: &Step) -> serde_json::Map<String, Value> {
    let object = tenant.object(step);
    let port = step.serving.as_ref().map_or(80, |serving| serving.port);
    let backend = if wake::sleeps(step) {
        let (proxy, namespace, port) = wake::PROXY;
        let rewrite = json!({"hostname": wake::host(&object, &tenant.namespace)});
        json!({
            "name": proxy, "namespace": namespace, "port": port,
            "filters": [{"type": "URLRewrite", "urlRewrite": rewrite}],
        })
    } else {
        json!({"name": object, "port": port})
    };
    match backend {
        Value::Object(fields) => fields,
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Array(_) => {
            serde_json::Map::new()
        }
    }
}

/// Lets the routes of this namespace lead to the proxy, which is in another one.
fn grant(tenant: &Tenant<'_>) -> Value {
    let (proxy, namespace, _) = wake::PROXY;
    document(Custom {
        api_version: "gateway.networking.k8s.io/v1beta1",
        kind: "ReferenceGrant",
        metadata: ObjectMeta {
            namespace: Some(namespace.to_owned()),
            ..tenant.metadata(&tenant.namespace)
        },
        spec: json!({
            "from": [{"group": "gateway.networking.k8s.io", "kind": "HTTPRoute", "namespace": tenant.namespace}],
            "to": [{"group": "", "kind": "Service", "name": proxy}],
        }),
    })
}
