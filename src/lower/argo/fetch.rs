//! Inputs that the program finds at a path: a container before it copies them there.

use std::collections::BTreeMap;

use k8s_openapi::api::core::v1::{Container, ResourceRequirements};
use k8s_openapi::apimachinery::pkg::api::resource::Quantity;

use super::chart::Chart;
use super::stock::{self, Script};
use super::{data, step::no_files};
use crate::diag::Diagnostics;
use crate::graph::Step;
use crate::lower::own_store;

/// The container that copies what `step` mounts to where `program` finds it; `None` if it mounts nothing.
pub fn container(
    chart: &Chart<'_>,
    step: &Step,
    program: &Container,
    out: &mut Diagnostics,
) -> Option<Container> {
    let mut args = Vec::new();
    let mut folders = Vec::new();
    for read in &step.reads {
        let Some(mount) = &read.mount else { continue };
        if own_store::folder(chart.input, step, read.data).is_some() {
            continue;
        }
        let address = data::read(chart.input, step, read);
        if !data::copyable(&address) {
            out.push(no_files(mount.span, &address));
            continue;
        }
        let newest = read
            .last
            .map_or("off".to_owned(), |last| format!("{}s", last.0.ceil()));
        args.extend([address, crate::lower::pod::inert(&mount.value, true), newest]);
        folders.push(&mount.value);
    }
    if folders.is_empty() {
        return None;
    }
    let mut container = stock::container(chart.input, Script::Fetch, Vec::new(), "1Gi");
    container.name = "fetch".to_owned();
    container.args = Some(args);
    let theirs = program.volume_mounts.iter().flatten();
    let theirs = theirs
        .filter(|mount| folders.contains(&&mount.mount_path))
        .cloned();
    container.volume_mounts.get_or_insert_default().extend(theirs);
    container.resources = Some(ResourceRequirements {
        requests: Some(BTreeMap::from([
            ("cpu".to_owned(), Quantity("1".to_owned())),
            ("memory".to_owned(), Quantity("1Gi".to_owned())),
        ])),
        ..container.resources.unwrap_or_default()
    });
    Some(container)
}
