//! Documents of a manifest.

use std::collections::BTreeMap;

use k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta;
use serde::Serialize;
use serde_json::Value;

/// A typed object as a document; its keys are sorted, as Kubernetes' own tools write them.
pub(super) fn document<T: Serialize>(object: T) -> Value {
    serde_json::to_value(object).unwrap_or_else(|error| unreachable!("our objects always serialise: {error}"))
}

/// Metadata of an object in a namespace.
pub(super) fn metadata(namespace: &str, name: &str, labels: BTreeMap<String, String>) -> ObjectMeta {
    ObjectMeta {
        labels: Some(labels),
        name: Some(name.to_owned()),
        namespace: Some(namespace.to_owned()),
        ..ObjectMeta::default()
    }
}

/// Metadata of an object of the whole cluster.
pub(super) fn cluster_metadata(name: &str, labels: BTreeMap<String, String>) -> ObjectMeta {
    ObjectMeta {
        labels: Some(labels),
        name: Some(name.to_owned()),
        ..ObjectMeta::default()
    }
}

/// One of our own types for a custom resource.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Custom<S> {
    pub(super) api_version: &'static str,
    pub(super) kind: &'static str,
    pub(super) metadata: ObjectMeta,
    pub(super) spec: S,
}
