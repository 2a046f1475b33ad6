//! What all tenants of a cluster share: priorities, the class of scratch disks, and the list of files.

use std::collections::BTreeMap;

use k8s_openapi::api::scheduling::v1::PriorityClass;
use k8s_openapi::api::storage::v1::StorageClass;
use serde::Serialize;
use serde_json::Value;

use super::object::{cluster_metadata, document};
use crate::catalog::Provider;
use crate::lower::pod::Priority;
use crate::lower::{Lowering, names, site};
use crate::place::SiteId;

/// One class for each priority. Only serving pushes others out: a run that is pushed out starts again from nothing.
pub(super) fn priorities(input: &Lowering<'_>) -> Vec<Value> {
    let prefix = site::prefix(input.graph());
    let class = |priority: Priority| {
        let (value, policy, description) = match priority {
            Priority::Batch => (1_000, "Never", "Steps that end and can wait"),
            Priority::Training => (10_000, "Never", "Training"),
            Priority::Serving => (
                100_000,
                "PreemptLowerPriority",
                "Steps that answer somebody who waits",
            ),
        };
        document(PriorityClass {
            description: Some(description.to_owned()),
            global_default: Some(false),
            metadata: cluster_metadata(&priority.class(prefix), names::labels(None)),
            preemption_policy: Some(policy.to_owned()),
            value,
        })
    };
    Priority::ALL.map(class).to_vec()
}

/// The class of scratch disks in a cloud, unless the platform names one.
pub(super) fn storage(input: &Lowering<'_>, id: SiteId) -> Vec<Value> {
    let place = &input.plan[id];
    let chosen = site::cluster(input.graph(), place).and_then(|cluster| cluster.storage_class.as_ref());
    let (Some((provider, _)), Some(name), None) = (&place.region, site::storage_class(input, id), chosen)
    else {
        return Vec::new();
    };
    let (provisioner, parameters): (_, &[(&str, &str)]) = match provider {
        Provider::Aws => ("ebs.csi.aws.com", &[("encrypted", "true"), ("type", "gp3")]),
        Provider::Azure => ("disk.csi.azure.com", &[("skuName", "Premium_LRS")]),
        Provider::Gcp => ("pd.csi.storage.gke.io", &[("type", "pd-balanced")]),
    };
    let parameters = parameters
        .iter()
        .map(|(key, value)| ((*key).to_owned(), (*value).to_owned()));
    vec![document(StorageClass {
        metadata: cluster_metadata(&name, names::labels(None)),
        parameters: Some(parameters.collect()),
        provisioner: provisioner.to_owned(),
        reclaim_policy: Some("Delete".to_owned()),
        // Only then is the disk made in the zone of its pod.
        volume_binding_mode: Some("WaitForFirstConsumer".to_owned()),
        ..StorageClass::default()
    })]
}

/// Keys of [`IDENTITIES`], and the service account that each is for.
pub(super) type Identities = BTreeMap<String, (String, String)>;

/// Client ids of the identities that Terraform makes, which nobody can know before.
pub(super) const IDENTITIES: &str = "identities.env";

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Kustomization<'a> {
    api_version: &'static str,
    kind: &'static str,
    resources: &'a [&'a String],
    #[serde(skip_serializing_if = "Vec::is_empty")]
    config_map_generator: Vec<Generator>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    replacements: Vec<Value>,
}

#[derive(Serialize)]
struct Generator {
    name: &'static str,
    envs: [&'static str; 1],
    options: Value,
}

/// The list of files. Identities that are not known yet are read from a file that Terraform's output fills.
pub(super) fn kustomization(files: &[&String], identities: &Identities, origin: &str) -> String {
    const NAME: &str = "portolan-identities";
    let generator = Generator {
        name: NAME,
        envs: [IDENTITIES],
        // It is only read here, and need not exist in the cluster.
        options: serde_json::json!({
            "annotations": {"config.kubernetes.io/local-config": "true"},
            "disableNameSuffixHash": true,
        }),
    };
    let replacement = |(key, (namespace, account)): (&String, &(String, String))| {
        serde_json::json!({
            "source": {"kind": "ConfigMap", "name": NAME, "fieldPath": format!("data.{key}")},
            "targets": [{
                "select": {"kind": "ServiceAccount", "name": account, "namespace": namespace},
                "fieldPaths": ["metadata.annotations.[azure.workload.identity/client-id]"],
                "options": {"create": true},
            }],
        })
    };
    let kustomization = Kustomization {
        api_version: "kustomize.config.k8s.io/v1beta1",
        kind: "Kustomization",
        resources: files,
        config_map_generator: (!identities.is_empty())
            .then_some(generator)
            .into_iter()
            .collect(),
        replacements: identities.iter().map(replacement).collect(),
    };
    let text = super::text(&[kustomization], origin);
    match text.split_once('\n') {
        Some((header, rest)) if !identities.is_empty() => {
            let how = "`terraform output -raw identities` in the root of this site";
            format!("{header}\n# {IDENTITIES} is not generated: it is what {how} prints.\n{rest}")
        }
        Some(_) | None => text,
    }
}
