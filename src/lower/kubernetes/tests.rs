#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::print_stdout,
    clippy::disallowed_methods,
    reason = "a test that panics has failed; kubectl is asked through files"
)]

use std::collections::BTreeSet;

use serde_json::Value;

use super::*;
use crate::catalog::Provider;
use crate::graph::{EnvValue, EnvVar, Graph, SecretKey, Secrets, Store};
use crate::lower::{Images, fixture};
use crate::source::{Span, Spanned};

fn files(graph: &Graph) -> (Vec<Artifact>, Diagnostics) {
    let mut out = Diagnostics::new();
    let files = fixture::lowered(graph, &Images::default(), |input| {
        Kubernetes.lower(input, &mut out)
    });
    (files, out)
}

fn documents(text: &str) -> Vec<Value> {
    text.split("\n---\n")
        .map(|document| serde_saphyr::from_str(document).unwrap())
        .collect()
}

fn file(files: &[Artifact], name: &str) -> Vec<Value> {
    let path = format!("kubernetes/aws-eu-west-1/{name}");
    documents(&files.iter().find(|file| file.path == path).unwrap().text)
}

fn of_kind<'d>(documents: &'d [Value], kind: &str) -> Vec<&'d Value> {
    documents
        .iter()
        .filter(|document| document["kind"] == kind)
        .collect()
}

/// All values under `key`, however deep.
fn under<'d>(value: &'d Value, key: &str, found: &mut Vec<&'d Value>) {
    match value {
        Value::Object(fields) => {
            found.extend(fields.get(key));
            fields.values().for_each(|field| under(field, key, found));
        }
        Value::Array(items) => items.iter().for_each(|item| under(item, key, found)),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

#[test]
fn what_is_referred_to_exists() {
    let (files, out) = files(&fixture::graph());
    assert!(!out.has_errors());
    let listed = &file(&files, "kustomization.yaml")[0]["resources"];
    let listed: BTreeSet<&str> = listed
        .as_array()
        .unwrap()
        .iter()
        .map(|name| name.as_str().unwrap())
        .collect();
    let written: BTreeSet<&str> = files
        .iter()
        .map(|file| file.path.rsplit('/').next().unwrap())
        .collect();
    assert_eq!(
        listed,
        written
            .into_iter()
            .filter(|name| *name != "kustomization.yaml")
            .collect()
    );

    let all: Vec<Value> = files.iter().flat_map(|file| documents(&file.text)).collect();
    let names = |kind: &str| -> BTreeSet<String> {
        of_kind(&all, kind)
            .iter()
            .map(|object| object["metadata"]["name"].as_str().unwrap().to_owned())
            .collect()
    };
    for (key, kind) in [
        ("serviceAccountName", "ServiceAccount"),
        ("priorityClassName", "PriorityClass"),
    ] {
        let mut used = Vec::new();
        all.iter().for_each(|document| under(document, key, &mut used));
        assert!(!used.is_empty());
        assert!(
            used.iter()
                .all(|name| names(kind).contains(name.as_str().unwrap())),
            "{key}"
        );
    }
    for object in &all {
        let managed = &object["metadata"]["labels"]["app.kubernetes.io/managed-by"];
        assert!(
            managed == "portolan" || object["kind"] == "Kustomization",
            "{object}"
        );
    }
}

#[test]
fn a_server_is_restricted_probed_and_scaled() {
    let (files, _) = files(&fixture::graph());
    let serving = file(&files, "serving-serve.yaml");
    let deployment = of_kind(&serving, "Deployment")[0];
    assert!(
        deployment["spec"]["replicas"].is_null(),
        "KEDA owns the number of replicas"
    );
    let pod = &deployment["spec"]["template"]["spec"];
    for container in pod["containers"]
        .as_array()
        .unwrap()
        .iter()
        .chain(pod["initContainers"].as_array().unwrap())
    {
        let security = &container["securityContext"];
        assert_eq!(security["readOnlyRootFilesystem"], true);
        assert_eq!(security["capabilities"]["drop"][0], "ALL");
        let resources = &container["resources"];
        assert_eq!(resources["limits"]["memory"], resources["requests"]["memory"]);
    }
    let pulled = &pod["initContainers"][0]["command"];
    assert_eq!(
        pulled[4],
        ":s3,provider=AWS,env_auth=true:acme-aws-eu-west-1/data/churn/model/$(RUN_ID)"
    );
    let scaled = &of_kind(&serving, "ScaledObject")[0]["spec"];
    assert_eq!(scaled["triggers"][0]["metadata"]["start"], "50 7 * * 1-5");
    assert_eq!(scaled["fallback"]["replicas"], 5);
    let selector = &deployment["spec"]["selector"]["matchLabels"];
    assert_eq!(of_kind(&serving, "Service")[0]["spec"]["selector"], *selector);
    assert_eq!(
        of_kind(&serving, "PodDisruptionBudget")[0]["spec"]["selector"]["matchLabels"],
        *selector
    );
}

#[test]
fn secrets_are_only_referred_to() {
    let mut graph = fixture::graph();
    graph.steps[0].env = vec![EnvVar {
        name: Spanned::new("TOKEN".to_owned(), Span::default()),
        value: EnvValue::Secret(SecretKey {
            name: "hub".to_owned(),
            key: "token".to_owned(),
        }),
    }];
    let (plain, _) = files(&graph);
    assert!(plain.iter().all(|file| !file.path.ends_with("secrets.yaml")));
    graph.platform.as_mut().unwrap().secrets = Secrets::External {
        store: Some("acme".to_owned()),
    };
    let (external, _) = files(&graph);
    let secrets = file(&external, "secrets.yaml");
    assert_eq!(secrets[0]["spec"]["data"][0]["remoteRef"]["property"], "token");
    assert_eq!(secrets[0]["spec"]["secretStoreRef"]["name"], "acme");
}

#[test]
fn stores_open_their_ports_and_no_others() {
    let mut graph = fixture::graph();
    graph.data[1].store = Store::Sql;
    let (files, _) = files(&graph);
    let network = file(&files, "network.yaml");
    let stores = network
        .iter()
        .find(|policy| policy["metadata"]["name"] == "work-stores")
        .unwrap();
    let ports: Vec<u64> = stores["spec"]["egress"][0]["ports"]
        .as_array()
        .unwrap()
        .iter()
        .map(|port| port["port"].as_u64().unwrap())
        .collect();
    assert_eq!(ports, [3306, 5432]);
    assert!(
        network
            .iter()
            .all(|policy| policy["metadata"]["name"] != "serve-stores")
    );
}

#[test]
fn clients_of_azure_come_from_terraform() {
    let graph = fixture::graph();
    let profiled = fixture::profiled(&graph);
    let mut plan = fixture::plan(&profiled);
    plan.sites[0].region = Some((Provider::Azure, "westeurope".to_owned()));
    plan.sites[0].cluster = "aws-eu-west-1".to_owned();
    let catalog = crate::catalog::Catalog::default();
    let images = Images::default();
    let input = Lowering {
        plan: &plan,
        catalog: &catalog,
        images: &images,
        templates: &crate::lower::Templates::default(),
    };
    let files = Kubernetes.lower(&input, &mut Diagnostics::new());
    let kustomization = &file(&files, "kustomization.yaml")[0];
    assert_eq!(
        kustomization["configMapGenerator"][0]["envs"][0],
        "identities.env"
    );
    let first = &kustomization["replacements"][0];
    assert_eq!(first["source"]["fieldPath"], "data.acme-churn_portolan-executor");
    let deployment = &file(&files, "serving-serve.yaml")[0];
    let labels = &deployment["spec"]["template"]["metadata"]["labels"];
    assert_eq!(labels["azure.workload.identity/use"], "true");
}

/// Go's reader of YAML takes more words for numbers and booleans than YAML 1.2 does; kubectl's is the one that counts.
#[test]
fn kubectl_reads_hostile_texts_as_texts() {
    let mut graph = fixture::graph();
    let file = |(at, text): (usize, &&str)| crate::graph::FileMount {
        path: Spanned::new(format!("{at}"), Span::default()),
        mount: Spanned::new(format!("/files/{at}"), Span::default()),
        text: Some((*text).to_owned()),
    };
    // Kustomize's own reader refuses these three, and no author can type them.
    let sayable = |text: &&&str| !text.contains(['\0', '\u{7}', '\u{85}']);
    let texts: Vec<&str> = fixture::HOSTILE.iter().filter(sayable).copied().collect();
    graph.steps[0].files = texts.iter().enumerate().map(file).collect();
    let folder = std::env::temp_dir().join(format!("portolan-kubectl-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    for file in files(&graph).0 {
        std::fs::write(folder.join(file.path.rsplit('/').next().unwrap()), file.text).unwrap();
    }
    let output = std::process::Command::new("kubectl")
        .arg("kustomize")
        .arg(&folder)
        .output();
    std::fs::remove_dir_all(&folder).unwrap();
    let Ok(output) = output else {
        return println!("skipped: kubectl is not installed");
    };
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    let all = documents(&String::from_utf8(output.stdout).unwrap());
    let map = of_kind(&all, "ConfigMap")[0];
    for (at, text) in texts.iter().enumerate() {
        assert_eq!(map["data"][format!("{at}-{at}")], **text);
    }
}
