//! KServe's InferenceService: our pod as its predictor, in the mode that makes a plain Deployment of it.

use k8s_openapi::api::apps::v1::Deployment;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta;
use serde_json::{Value, json};

use super::Served;
use crate::lower::kubernetes::object::document;
use crate::lower::names::{self, Service as Named};

/// What KServe calls the container that answers.
const CONTAINER: &str = "kserve-container";

/// Name of the InferenceService of an object. KServe makes Services of its own under it, so ours needs another name.
pub fn name(object: &str) -> String {
    names::name(Named::Kubernetes, &[object, "model"])
}

/// Name of the Deployment that KServe makes for it.
pub fn predictor(object: &str) -> String {
    format!("{}-predictor", name(object))
}

/// The service, with the pods of `deployment`.
pub(super) fn inference_service(served: &Served<'_>, deployment: &Deployment) -> Value {
    let template = deployment.spec.as_ref().map(|spec| &spec.template);
    let mut predictor = template
        .and_then(|template| template.spec.as_ref())
        .map_or_else(|| json!({}), document);
    let meta = template.and_then(|template| template.metadata.as_ref());
    let (least, most) = served.replicas();
    if let Some(fields) = predictor.as_object_mut() {
        if let Some(Value::Array(containers)) = fields.get_mut("containers") {
            for main in containers.iter_mut().filter_map(Value::as_object_mut) {
                main.insert("name".to_owned(), json!(CONTAINER));
            }
        }
        fields.insert("minReplicas".to_owned(), json!(least));
        fields.insert("maxReplicas".to_owned(), json!(most.max(1)));
        let labels = meta.and_then(|meta| meta.labels.as_ref());
        fields.insert("labels".to_owned(), json!(labels));
        let annotations = meta.and_then(|meta| meta.annotations.as_ref());
        fields.extend(annotations.map(|notes| ("annotations".to_owned(), json!(notes))));
    }
    let mut labels = served.metadata().labels.unwrap_or_default();
    // Requests come through the endpoint or from inside; KServe opens no door of its own.
    labels.insert(
        "networking.kserve.io/visibility".to_owned(),
        "cluster-local".to_owned(),
    );
    json!({
        "apiVersion": "serving.kserve.io/v1beta1",
        "kind": "InferenceService",
        "metadata": document(ObjectMeta {
            annotations: Some(annotations()),
            labels: Some(labels),
            name: Some(name(&served.name)),
            ..served.metadata()
        }),
        "spec": {"predictor": predictor},
    })
}

/// A plain Deployment, scaled by the ScaledObject beside it.
fn annotations() -> std::collections::BTreeMap<String, String> {
    let pairs = [
        ("deploymentMode", "RawDeployment"),
        ("autoscalerClass", "external"),
    ];
    let pairs = pairs.map(|(key, value)| (format!("serving.kserve.io/{key}"), value.to_owned()));
    pairs.into_iter().collect()
}
