//! Dockerfiles of the images that are built here.

use super::{Lowering, names};
use crate::graph::{Build, Step};

/// Tag of the image built for a step: the front of its Dockerfile's sha256.
pub fn tag(_input: &Lowering<'_>, step: &Step, build: &Build) -> String {
    let mut tag = names::sha256(&format!("{} {}", step.name.value, build.base.value));
    tag.truncate(12);
    tag
}
