//! Patches of Kubernetes objects: which they change.

use serde::Deserialize as _;
use serde_yaml::Value;

use super::patch;
use super::scope::Scope;
use crate::lower::Artifact;
use crate::render;

/// Applies every document of `text` to the objects that it names; true if each found one.
///
/// # Errors
/// Says why the text is no patch.
pub(super) fn apply(text: &str, scope: &Scope<'_>, artifacts: &mut [Artifact]) -> Result<bool, String> {
    let patches: Vec<Value> =
        serde_saphyr::from_multiple(text).map_err(|error| first_line(&error.to_string()))?;
    let patches: Vec<Value> = patches.into_iter().filter(|patch| !patch.is_null()).collect();
    if patches.is_empty() {
        return Err("it is empty".to_owned());
    }
    if let Some(patch) = patches.iter().find(|patch| text_at(patch, &["kind"]).is_none()) {
        let what = if patch.is_mapping() {
            "an object"
        } else {
            "something"
        };
        return Err(format!("{what} without `kind`"));
    }
    let folders: Vec<String> = scope
        .clusters()
        .into_iter()
        .flat_map(|cluster| ["argo", "kubernetes", "monitoring"].map(|target| format!("{target}/{cluster}/")))
        .collect();
    let mut found = vec![false; patches.len()];
    for file in artifacts {
        let mine = folders
            .iter()
            .any(|folder| file.path.starts_with(folder.as_str()));
        if mine && file.path.ends_with(".yaml") {
            change(file, scope, &patches, &mut found);
        }
    }
    Ok(found.into_iter().all(|found| found))
}

/// Changes the objects of one file; `found` says which patches have found theirs.
fn change(file: &mut Artifact, scope: &Scope<'_>, patches: &[Value], found: &mut [bool]) {
    let documents = serde_yaml::Deserializer::from_str(&file.text).map(Value::deserialize);
    // Rules and configurations of other programs are YAML, too, but have no kind and so are never changed.
    let Ok(mut objects) = documents.collect::<Result<Vec<Value>, _>>() else {
        return;
    };
    let mut changed = false;
    for (patch, found) in patches.iter().zip(found) {
        for object in objects.iter_mut().filter(|object| is_about(patch, object)) {
            if scope.holds(file, object) {
                patch::merge(object, patch);
                *found = true;
                changed = true;
            }
        }
    }
    if changed {
        let comments = file.text.lines().take_while(|line| line.starts_with('#'));
        let comments: String = comments.map(|line| format!("{line}\n")).collect();
        file.text = comments + &render::yaml(&objects);
    }
}

/// True if the patch names the object: by its kind, and by what else it says of who it is.
fn is_about(patch: &Value, object: &Value) -> bool {
    let identity: [&[&str]; 4] = [
        &["kind"],
        &["apiVersion"],
        &["metadata", "name"],
        &["metadata", "namespace"],
    ];
    identity.iter().all(|path| match text_at(patch, path) {
        Some(wanted) => text_at(object, path) == Some(wanted),
        None => true,
    })
}

fn text_at<'v>(value: &'v Value, path: &[&str]) -> Option<&'v str> {
    path.iter().try_fold(value, |at, key| at.get(*key))?.as_str()
}

fn first_line(text: &str) -> String {
    text.lines().next().unwrap_or_default().to_owned()
}
