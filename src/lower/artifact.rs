//! A generated file.

use serde::Serialize;

use crate::graph::{Graph, Step};

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

/// What files about a step are called: its name, after its pipeline's if another pipeline has a step of that name.
pub fn stem(graph: &Graph, step: &Step) -> String {
    let name = &step.name.value;
    let others = graph.pipelines.iter().filter(|other| other.id != step.pipeline);
    let mut others = others.flat_map(|other| &other.steps);
    if others.any(|other| graph[*other].name.value == *name) {
        format!("{}-{name}", graph[step.pipeline].name.value)
    } else {
        name.clone()
    }
}

/// `pipeline cancer-risk / step train`
pub fn origin(graph: &Graph, step: &Step) -> String {
    format!(
        "pipeline {} / step {}",
        graph[step.pipeline].name.value, step.name.value
    )
}
