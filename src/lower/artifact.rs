//! A generated file.

use serde::Serialize;

/// A generated file: path and text.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct Artifact {
    /// Relative to the output folder, with forward slashes.
    pub path: String,
    /// The whole text, ending in a newline.
    pub text: String,
    /// The node it comes from, by name and not by line, so that moving a node changes nothing:
    /// `pipeline cancer-risk`, `pipeline cancer-risk / step train`, `platform acme`.
    pub origin: String,
}

impl Artifact {
    /// A file at `path` with `text`, made from the node called `origin`.
    pub fn new(path: impl Into<String>, text: impl Into<String>, origin: impl Into<String>) -> Artifact {
        Artifact {
            path: path.into(),
            text: text.into(),
            origin: origin.into(),
        }
    }
}
