//! Plan -> artifacts: Terraform, Kubernetes, Argo, Dockerfiles and monitoring.

pub mod argo;
pub mod artifact;
pub mod docker;
#[cfg(test)]
pub mod fixture;
pub mod fragments;
pub mod image;
pub mod kubernetes;
pub mod monitoring;
pub mod names;
mod overlay;
pub mod own_store;
pub mod pod;
pub mod site;
pub mod storage;
mod templates;
pub mod terraform;
mod unsupported;

use std::collections::BTreeMap;

pub use artifact::Artifact;
pub use templates::Templates;

use crate::catalog::Catalog;
use crate::diag::{Code, Diagnostic, Diagnostics};
use crate::graph::{Graph, Step};
use crate::place::{self, Plan};
use crate::render;

/// What targets are lowered from: the decision, and the facts it rests on.
#[derive(Clone, Copy, Debug)]
pub struct Lowering<'a> {
    /// Where everything runs.
    pub plan: &'a Plan<'a>,
    /// Facts of regions and machines.
    pub catalog: &'a Catalog,
    /// Digests of images, by reference as written.
    pub images: &'a Images,
    /// What texts are made from.
    pub templates: &'a Templates,
}

impl<'a> Lowering<'a> {
    /// The graph that was placed.
    pub fn graph(&self) -> &'a Graph {
        self.plan.profiled.graph
    }
}

/// Digests that continuous integration has resolved, by image reference as written.
#[derive(
    Clone, PartialEq, Eq, Debug, Default, serde::Serialize, serde::Deserialize, schemars::JsonSchema,
)]
#[serde(transparent)]
pub struct Images(pub BTreeMap<String, String>);

impl Images {
    /// `reference@sha256:…` where the digest is known, else the reference as it is.
    pub fn pinned(&self, reference: &str) -> String {
        match self.0.get(reference) {
            Some(digest) if !reference.contains('@') => format!("{reference}@{digest}"),
            _ => reference.to_owned(),
        }
    }
}

/// One kind of output.
pub trait Target {
    /// Its folder.
    fn name(&self) -> &'static str;

    /// All its files.
    fn lower(&self, input: &Lowering<'_>, out: &mut Diagnostics) -> Vec<Artifact>;
}

/// All targets, in the order in which their folders are written.
pub const TARGETS: &[&dyn Target] = &[
    &argo::Argo,
    &docker::Docker,
    &kubernetes::Kubernetes,
    &monitoring::Monitoring,
    &terraform::Terraform,
];

/// Every file of every target, and the plan itself, by path.
pub fn all(input: &Lowering<'_>, out: &mut Diagnostics) -> Vec<Artifact> {
    input.graph().steps.iter().for_each(|step| unread(step, out));
    unsupported::report(input, out);
    let mut artifacts: Vec<Artifact> = TARGETS
        .iter()
        .flat_map(|target| target.lower(input, out))
        .collect();
    let platform = input
        .graph()
        .platform
        .as_ref()
        .map_or("", |platform| platform.name.value.as_str());
    let plan = render::json(&place::view(input.plan));
    artifacts.push(Artifact::new("plan.json", plan, format!("platform {platform}")));
    artifacts.sort_by(|a, b| a.path.cmp(&b.path));
    overlay::apply(input, artifacts, out)
}

/// Reports files of a step that could not be read. Until here nothing needs what is in them.
fn unread(step: &Step, out: &mut Diagnostics) {
    for file in step.files.iter().filter(|file| file.text.is_none()) {
        let message = format!("cannot read `{}`", file.path.value);
        out.push(
            Diagnostic::new(Code::IncludeMissing, file.path.span, "this file", message)
                .help("the path is relative to the folder of the file that names it"),
        );
    }
}
