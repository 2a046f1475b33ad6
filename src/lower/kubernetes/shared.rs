//! What all tenants of a cluster share: priorities, the class of scratch disks, and the list of files.

use std::collections::{BTreeMap, BTreeSet};

use k8s_openapi::api::scheduling::v1::PriorityClass;
use k8s_openapi::api::storage::v1::StorageClass;
use serde::Serialize;
use serde_json::Value;

use super::object::{cluster_metadata, document};
use crate::catalog::Provider;
use crate::lower::pod::Priority;
use crate::lower::{Lowering, names, own_store, site};
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

/// What only the site's Terraform can tell, and where it belongs.
#[derive(Default)]
pub(super) struct Unknown {
    /// Keys of [`IDENTITIES`], and the namespace and name of the service account that each is for.
    pub(super) identities: BTreeMap<String, (String, String)>,
    /// Namespaces whose programs are told addresses of stores.
    pub(super) stores: BTreeSet<String>,
    /// Keys of the addresses of file systems, the namespace in which they are told, the volume and its field.
    pub(super) volumes: Vec<(String, String, String, &'static str)>,
}

/// Client ids of the identities that Terraform makes, which nobody can know before.
pub(super) const IDENTITIES: &str = "identities.env";

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Kustomization<'a> {
    api_version: &'static str,
    kind: &'static str,
    resources: &'a [&'a String],
    #[serde(skip_serializing_if = "Vec::is_empty")]
    config_map_generator: Vec<Generator<'a>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    replacements: Vec<Value>,
}

#[derive(Serialize)]
struct Generator<'a> {
    name: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    namespace: Option<&'a str>,
    envs: [&'static str; 1],
    options: Value,
}

/// ConfigMap with client ids of identities.
const CLIENTS: &str = "portolan-identities";

/// The list of files. What is not known yet is read from files that Terraform's outputs fill.
pub(super) fn kustomization(files: &[&String], unknown: &Unknown, origin: &str) -> String {
    let clients = (!unknown.identities.is_empty()).then(|| Generator {
        name: CLIENTS,
        namespace: None,
        envs: [IDENTITIES],
        // It is only read here, and need not exist in the cluster.
        options: serde_json::json!({
            "annotations": {"config.kubernetes.io/local-config": "true"},
            "disableNameSuffixHash": true,
        }),
    });
    let stores = unknown.stores.iter().map(|namespace| Generator {
        name: own_store::ADDRESSES,
        namespace: Some(namespace),
        envs: [own_store::FILE],
        // Pods of runs name it, so its name must stay.
        options: serde_json::json!({"disableNameSuffixHash": true}),
    });
    let kustomization = Kustomization {
        api_version: "kustomize.config.k8s.io/v1beta1",
        kind: "Kustomization",
        resources: files,
        config_map_generator: clients.into_iter().chain(stores).collect(),
        replacements: replacements(unknown),
    };
    let text = super::text(&[kustomization], origin);
    let told = [
        (!unknown.identities.is_empty(), IDENTITIES, "identities"),
        (!unknown.stores.is_empty(), own_store::FILE, "stores"),
    ];
    let told = told
        .into_iter()
        .filter(|(used, _, _)| *used)
        .map(|(_, file, output)| {
            let how = format!("`terraform output -raw {output}` in the root of this site");
            format!("# {file} is not generated: it is what {how} prints.\n")
        });
    match text.split_once('\n') {
        Some((header, rest)) => format!("{header}\n{}{rest}", told.collect::<String>()),
        None => text,
    }
}

fn replacements(unknown: &Unknown) -> Vec<Value> {
    let account = |(key, (namespace, account)): (&String, &(String, String))| {
        serde_json::json!({
            "source": {"kind": "ConfigMap", "name": CLIENTS, "fieldPath": format!("data.{key}")},
            "targets": [{
                "select": {"kind": "ServiceAccount", "name": account, "namespace": namespace},
                "fieldPaths": ["metadata.annotations.[azure.workload.identity/client-id]"],
                "options": {"create": true},
            }],
        })
    };
    let volume = |(key, namespace, volume, field): &(String, String, String, &'static str)| {
        serde_json::json!({
            "source": {
                "kind": "ConfigMap", "name": own_store::ADDRESSES, "namespace": namespace,
                "fieldPath": format!("data.{key}"),
            },
            "targets": [{"select": {"kind": "PersistentVolume", "name": volume}, "fieldPaths": [field]}],
        })
    };
    let accounts = unknown.identities.iter().map(account);
    accounts.chain(unknown.volumes.iter().map(volume)).collect()
}
