//! Artifacts -> a folder, without ever touching what is not ours.
//!
//! `manifest.json` in the folder says what is ours. Everything is staged beside its destination before the first file
//! is replaced, so that a full disk leaves the folder as it was. Only files that the old manifest names are removed,
//! and a file that it does not name is replaced only with `force`.

#![allow(clippy::disallowed_methods, reason = "this is where files are written")]

mod manifest;
mod stage;

use std::collections::BTreeSet;
use std::fmt;
use std::io;

use camino::{Utf8Component, Utf8Path, Utf8PathBuf};

use crate::lower::Artifact;

pub use manifest::{Entry, MANIFEST, Manifest};

/// What writing did; paths are relative to the folder, sorted.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Written {
    /// New, or with other text than before.
    pub changed: Vec<String>,
    /// Named in the old manifest and no longer generated.
    pub removed: Vec<String>,
    /// Number of files that were up to date.
    pub unchanged: usize,
}

/// How a folder differs from what would be written.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Difference {
    /// It is not there.
    Missing {
        /// The file.
        path: String,
    },
    /// It has other text.
    Changed {
        /// The file.
        path: String,
        /// From what is there to what would be written, as a unified diff.
        diff: String,
    },
    /// The manifest names it, but it is no longer generated.
    Stale {
        /// The file.
        path: String,
    },
}

/// Why nothing, or not everything, was written.
#[derive(Debug)]
pub enum WriteError {
    /// The system said no.
    Io {
        /// What was read or written.
        path: Utf8PathBuf,
        /// What it said.
        error: io::Error,
    },
    /// These exist with other text, and the manifest does not name them.
    Foreign(Vec<String>),
    /// A path that leaves the folder, directly or through a link.
    Outside(String),
    /// Two artifacts with one path.
    Twice(String),
    /// `manifest.json` cannot be read.
    Manifest(String),
}

impl fmt::Display for WriteError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            WriteError::Io { path, error } => write!(f, "{path}: {error}"),
            WriteError::Foreign(paths) => write!(
                f,
                "these files are not in {MANIFEST} and would be overwritten (`--force` does it): {}",
                paths.join(", ")
            ),
            WriteError::Outside(path) => write!(f, "`{path}` is outside the output folder"),
            WriteError::Twice(path) => write!(f, "`{path}` is generated twice"),
            WriteError::Manifest(reason) => write!(f, "{MANIFEST} cannot be read: {reason}"),
        }
    }
}

impl std::error::Error for WriteError {}

/// Brings `folder` up to date with `artifacts`.
pub fn write(folder: &Utf8Path, artifacts: &[Artifact], force: bool) -> Result<Written, WriteError> {
    let files = manifest::complete(artifacts)?;
    let old = manifest::read(folder)?;
    let mut written = Written::default();
    let mut changed = Vec::new();
    let mut foreign = Vec::new();
    for file in &files {
        match current(folder, &file.path)? {
            Some(text) if text == file.text.as_bytes() => written.unchanged += 1,
            Some(_) if !old.names(&file.path) => foreign.push(file.path.clone()),
            Some(_) | None => changed.push(file),
        }
    }
    if !foreign.is_empty() && !force {
        return Err(WriteError::Foreign(foreign));
    }
    changed.extend(files.iter().filter(|file| foreign.contains(&file.path)));
    let removed = stale(folder, &old, &files)?;
    // The manifest comes last: until then the old one still names everything that is to go.
    changed.sort_by_key(|file| (file.path == MANIFEST, &file.path));
    let staged = changed
        .iter()
        .map(|file| stage::stage(&inside(folder, &file.path)?, &file.text))
        .collect::<Result<Vec<_>, _>>()?;
    for path in &removed {
        stage::remove(folder, &inside(folder, path)?)?;
    }
    for file in staged {
        file.commit()?;
    }
    written.changed = changed.iter().map(|file| file.path.clone()).collect();
    written.changed.sort();
    written.removed = removed;
    Ok(written)
}

/// Replaces one file as a whole, or makes it. Of one that is there, links are followed and permissions kept.
pub fn replace(path: &Utf8Path, contents: impl AsRef<[u8]>) -> Result<(), WriteError> {
    let target = path.canonicalize_utf8().unwrap_or_else(|_| path.to_owned());
    let staged = stage::stage(&target, contents)?;
    if let Ok(old) = std::fs::metadata(&target) {
        staged.permit(old.permissions())?;
    }
    staged.commit()
}

/// How `folder` differs from `artifacts`, by path; reads only.
pub fn check(folder: &Utf8Path, artifacts: &[Artifact]) -> Result<Vec<Difference>, WriteError> {
    let files = manifest::complete(artifacts)?;
    let old = manifest::read(folder)?;
    let mut found = Vec::new();
    for file in &files {
        let path = file.path.clone();
        match current(folder, &path)? {
            None => found.push(Difference::Missing { path }),
            Some(text) if text != file.text.as_bytes() => {
                let diff = unified(&path, &String::from_utf8_lossy(&text), &file.text);
                found.push(Difference::Changed { path, diff });
            }
            Some(_) => {}
        }
    }
    let stale = stale(folder, &old, &files)?.into_iter();
    found.extend(stale.map(|path| Difference::Stale { path }));
    found.sort_by(|a, b| a.path().cmp(b.path()));
    Ok(found)
}

impl Difference {
    /// The file it is about.
    pub fn path(&self) -> &str {
        match self {
            Difference::Missing { path } | Difference::Changed { path, .. } | Difference::Stale { path } => {
                path
            }
        }
    }
}

/// From `old` to `new`, as a unified diff.
pub fn unified(path: &str, old: &str, new: &str) -> String {
    similar::TextDiff::from_lines(old, new)
        .unified_diff()
        .context_radius(3)
        .header(&format!("a/{path}"), &format!("b/{path}"))
        .to_string()
}

/// Files that the old manifest names, that are still there, and that are no longer generated.
fn stale(folder: &Utf8Path, old: &Manifest, files: &[Artifact]) -> Result<Vec<String>, WriteError> {
    let wanted: BTreeSet<&str> = files.iter().map(|file| file.path.as_str()).collect();
    let mut stale = Vec::new();
    for entry in &old.files {
        let gone = !wanted.contains(entry.path.as_str());
        if gone && current(folder, &entry.path)?.is_some() {
            stale.push(entry.path.clone());
        }
    }
    Ok(stale)
}

/// The bytes of a file; `None` if it is not there.
fn current(folder: &Utf8Path, path: &str) -> Result<Option<Vec<u8>>, WriteError> {
    let path = inside(folder, path)?;
    match std::fs::read(&path) {
        Ok(bytes) => Ok(Some(bytes)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(WriteError::Io { path, error }),
    }
}

/// `path` in `folder`, if it is plainly in it: no `..`, not absolute, and no link on the way.
fn inside(folder: &Utf8Path, path: &str) -> Result<Utf8PathBuf, WriteError> {
    let outside = || WriteError::Outside(path.to_owned());
    // A backslash separates on some systems, a colon names a drive or a stream.
    if path.is_empty() || path.contains(['\\', ':', '\0']) {
        return Err(outside());
    }
    let mut whole = folder.to_owned();
    for component in Utf8Path::new(path).components() {
        let Utf8Component::Normal(name) = component else {
            return Err(outside());
        };
        whole.push(name);
        let link = std::fs::symlink_metadata(&whole).is_ok_and(|data| data.is_symlink());
        if link {
            return Err(outside());
        }
    }
    Ok(whole)
}

#[cfg(test)]
mod tests;
