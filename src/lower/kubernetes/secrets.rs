//! Secrets that an operator fetches: only references are written, in whatever way the platform keeps them.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;
use serde_json::{Value, json};

use super::object::{Custom, document};
use super::tenant::Tenant;
use crate::graph::{EnvValue, Secrets};
use crate::lower::names;

/// Keys that are used of a secret; `None`: all of them.
type Keys = BTreeMap<String, Option<BTreeSet<String>>>;

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct ExternalSecret {
    refresh_interval: &'static str,
    secret_store_ref: Value,
    target: Value,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    data: Vec<Value>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    data_from: Vec<Value>,
}

/// Objects of the External Secrets operator; none where the secrets are yours to make.
pub(super) fn objects(tenant: &Tenant<'_>) -> Vec<Value> {
    let keys = used(tenant);
    let platform = tenant.input.graph().platform.as_ref();
    if keys.is_empty() {
        return Vec::new();
    }
    let (store, mut all) = match platform.map(|platform| &platform.secrets) {
        None | Some(Secrets::Kubernetes) => return Vec::new(),
        Some(Secrets::External { store }) => {
            let name = store.as_deref().unwrap_or("default");
            (json!({"kind": "ClusterSecretStore", "name": name}), Vec::new())
        }
        Some(Secrets::Vault { url, path }) => (
            json!({"kind": "SecretStore", "name": "vault"}),
            vec![vault(tenant, url.as_deref(), path.as_deref())],
        ),
    };
    all.extend(
        keys.iter()
            .map(|(name, keys)| external(tenant, name, keys.as_ref(), &store)),
    );
    all
}

fn used(tenant: &Tenant<'_>) -> Keys {
    let mut used = Keys::new();
    for step in tenant.steps() {
        for variable in &step.env {
            if let EnvValue::Secret(key) = &variable.value {
                let keys = used
                    .entry(key.name.clone())
                    .or_insert_with(|| Some(BTreeSet::new()));
                keys.iter_mut().for_each(|keys| {
                    keys.insert(key.key.clone());
                });
            }
        }
        for secret in &step.secrets {
            used.insert(secret.name.value.clone(), None);
        }
    }
    used
}

fn external(tenant: &Tenant<'_>, name: &str, keys: Option<&BTreeSet<String>>, store: &Value) -> Value {
    let one = |key: &String| json!({"secretKey": key, "remoteRef": {"key": name, "property": key}});
    document(Custom {
        api_version: "external-secrets.io/v1",
        kind: "ExternalSecret",
        metadata: tenant.metadata(name),
        spec: ExternalSecret {
            refresh_interval: "1h",
            secret_store_ref: store.clone(),
            target: json!({"name": name, "creationPolicy": "Owner"}),
            data: keys.into_iter().flatten().map(one).collect(),
            data_from: if keys.is_none() {
                vec![json!({"extract": {"key": name}})]
            } else {
                Vec::new()
            },
        },
    })
}

/// Vault's Kubernetes authentication, with a role called as the namespace.
fn vault(tenant: &Tenant<'_>, url: Option<&str>, path: Option<&str>) -> Value {
    document(Custom {
        api_version: "external-secrets.io/v1",
        kind: "SecretStore",
        metadata: tenant.metadata("vault"),
        spec: json!({"provider": {"vault": {
            "server": url.unwrap_or("https://vault.vault.svc:8200"),
            "path": path.unwrap_or("secret"),
            "version": "v2",
            "auth": {"kubernetes": {
                "mountPath": "kubernetes",
                "role": tenant.namespace,
                "serviceAccountRef": {"name": names::EXECUTOR},
            }},
        }}}),
    })
}
