//! `manifest.json`: what is ours in an output folder.

use camino::Utf8Path;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::WriteError;
use crate::lower::{Artifact, names};
use crate::render;

/// Its path in the folder.
pub const MANIFEST: &str = "manifest.json";

const VERSION: u32 = 1;

/// All generated files but the manifest itself, by path.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
pub struct Manifest {
    /// Of this format.
    pub version: u32,
    /// By path.
    pub files: Vec<Entry>,
}

/// One generated file.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
pub struct Entry {
    /// Relative to the folder, with forward slashes.
    pub path: String,
    /// Of its bytes, in hex.
    pub sha256: String,
    /// The node it comes from.
    pub origin: String,
}

impl Manifest {
    /// The manifest of `files`, which are sorted by path.
    fn of(files: &[Artifact]) -> Manifest {
        let entry = |file: &Artifact| Entry {
            path: file.path.clone(),
            sha256: names::sha256(&file.text),
            origin: file.origin.clone(),
        };
        Manifest {
            version: VERSION,
            files: files.iter().map(entry).collect(),
        }
    }

    /// True if `path` is ours.
    pub fn names(&self, path: &str) -> bool {
        path == MANIFEST || self.files.iter().any(|entry| entry.path == path)
    }
}

/// `artifacts` by path, with their manifest.
pub(super) fn complete(artifacts: &[Artifact]) -> Result<Vec<Artifact>, WriteError> {
    let mut files = artifacts.to_vec();
    files.sort_by(|a, b| a.path.cmp(&b.path));
    let manifest = Artifact::new(MANIFEST, render::json(&Manifest::of(&files)), "portolan");
    files.push(manifest);
    files.sort_by(|a, b| a.path.cmp(&b.path));
    let twice = files.windows(2).find_map(|pair| match pair {
        [a, b] if a.path == b.path => Some(a.path.clone()),
        _ => None,
    });
    match twice {
        Some(path) => Err(WriteError::Twice(path)),
        None => Ok(files),
    }
}

/// The manifest in `folder`; an empty one if there is none.
pub(super) fn read(folder: &Utf8Path) -> Result<Manifest, WriteError> {
    let Some(bytes) = super::current(folder, MANIFEST)? else {
        return Ok(Manifest {
            version: VERSION,
            files: Vec::new(),
        });
    };
    let manifest: Manifest =
        serde_json::from_slice(&bytes).map_err(|error| WriteError::Manifest(error.to_string()))?;
    if manifest.version > VERSION {
        let version = manifest.version;
        return Err(WriteError::Manifest(format!(
            "version {version} was written by a later portolan"
        )));
    }
    Ok(manifest)
}
