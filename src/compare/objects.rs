//! Kubernetes manifests -> objects with their fields.

use std::collections::BTreeMap;

use serde_json::Value;

use super::Files;
use super::resource::{Address, Inventory, Resource};

/// True of a file that is read here.
pub(super) fn is_object(path: &str) -> bool {
    let folder = ["kubernetes/", "argo/", "monitoring/"];
    folder.iter().any(|folder| path.starts_with(folder)) && path.ends_with(".yaml")
}

/// All objects of all clusters.
pub(super) fn objects(files: &Files) -> Result<Inventory, String> {
    let mut inventory = Inventory::default();
    for (path, text) in files.iter().filter(|(path, _)| is_object(path)) {
        let documents: Vec<Value> =
            serde_saphyr::from_multiple(text).map_err(|error| format!("{path}: {error}"))?;
        for document in &documents {
            if let Some((address, object)) = object(path, document) {
                inventory.resources.insert(address, object);
            }
        }
    }
    Ok(inventory)
}

/// `None` of what no cluster is given: kustomizations, rule files and their tests.
fn object(path: &str, document: &Value) -> Option<(Address, Resource)> {
    let text = |path: &str| document.pointer(path).and_then(Value::as_str);
    let (kind, name) = (text("/kind")?, text("/metadata/name")?);
    let mut folders = path.split('/');
    let place = format!("{}/{}", folders.next()?, folders.next()?);
    let namespace = text("/metadata/namespace");
    let name = match namespace {
        Some(namespace) => format!("{kind} {namespace}/{name}"),
        None => format!("{kind} {name}"),
    };
    let mut arguments = BTreeMap::new();
    flatten("", document, &mut arguments);
    let kind = kind.to_owned();
    Some((Address { place, name }, Resource { kind, arguments }))
}

/// Leaves by path.
fn flatten(path: &str, value: &Value, fields: &mut BTreeMap<String, String>) {
    match value {
        Value::Object(map) if !map.is_empty() => {
            for (key, value) in map {
                let dot = if path.is_empty() { "" } else { "." };
                flatten(&format!("{path}{dot}{key}"), value, fields);
            }
        }
        Value::Array(items) if !items.is_empty() => {
            for (index, item) in items.iter().enumerate() {
                flatten(&format!("{path}[{index}]"), item, fields);
            }
        }
        Value::String(text) => {
            fields.insert(path.to_owned(), text.clone());
        }
        leaf => {
            fields.insert(path.to_owned(), leaf.to_string());
        }
    }
}
