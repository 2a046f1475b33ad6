//! Vector indexes, streams and shared file systems: stores that a data set has to itself, beside the bucket.
//!
//! What nothing but such a store can hold never lies in a bucket, so it cannot be copied from site to site. A data set
//! is kept so where all that write and read it work; else it is handed over through buckets, like any other.
//! Addresses that only the provider knows are printed by the site's Terraform (`terraform output -raw stores`) and
//! reach programs through a ConfigMap.

use super::pod::Answer;
use super::{Lowering, names, site};
use crate::graph::{DataId, Step, StepId, Store};
use crate::place::SiteId;

/// ConfigMap with the addresses of a site's stores, in each namespace that uses them.
pub const ADDRESSES: &str = "portolan-stores";

/// File that it is made from.
pub const FILE: &str = "stores.env";

/// Where programs find shared files that have no `mount=`.
const FOLDER: &str = "/portolan/data";

/// True for the kinds of stores that this is about.
pub fn is_own(store: Store) -> bool {
    match store {
        Store::Vector | Store::Stream | Store::Disk => true,
        Store::Bucket | Store::Warehouse | Store::Sql | Store::Nosql | Store::Cache => false,
    }
}

/// The site at which `data` has a store of its own; `None` if it has none, or one that exists already.
pub fn home(input: &Lowering<'_>, data: DataId) -> Option<SiteId> {
    let (graph, plan) = (input.graph(), input.plan);
    let set = &graph[data];
    let site = (*plan.homes.get(data.0 as usize)?)?;
    // Outside clouds there is a file system for all, if the cluster has a class for it, and nothing else.
    let made = plan[site].region.is_some() || set.store == Store::Disk;
    let own = is_own(set.store) && set.at.is_empty() && !set.writers.is_empty();
    // Few data sets have a store of their own, so that finding the users of these alone is cheap.
    let together = || {
        users(input, data)
            .into_iter()
            .all(|step| plan[step].site == site && graph[step].pipeline == set.pipeline)
    };
    (own && made && together()).then_some(site)
}

/// All steps that write or read `data`.
pub fn users(input: &Lowering<'_>, data: DataId) -> Vec<StepId> {
    let steps = input.graph().steps.iter();
    let uses = |step: &&Step| writes(step, data) || reads(step, data);
    steps.filter(uses).map(|step| step.id).collect()
}

/// True if `step` writes `data`.
pub fn writes(step: &Step, data: DataId) -> bool {
    step.writes.iter().any(|write| write.data == data)
}

/// True if `step` reads `data`.
pub fn reads(step: &Step, data: DataId) -> bool {
    step.reads.iter().any(|read| read.data == data)
}

/// The service account that `step` runs as.
pub fn account(input: &Lowering<'_>, step: &Step) -> String {
    let cluster = site::cluster(input.graph(), &input.plan[input.plan[step.id].site]);
    let chosen = cluster.and_then(|cluster| cluster.service_account.as_deref());
    names::service_account(&step.name.value, chosen)
}

/// Key of the address that readers as `reader`, or writers, are told.
pub fn key(input: &Lowering<'_>, data: DataId, reader: Option<&str>) -> String {
    let set = &input.graph()[data];
    let pipeline = &input.graph()[set.pipeline].name.value;
    let parts = [pipeline.as_str(), &set.name.value].into_iter().chain(reader);
    parts.collect::<Vec<_>>().join("_")
}

/// What stands for the address of `data` in a pod of `step`, if the store is its own and no file system.
pub fn address(input: &Lowering<'_>, step: &Step, data: DataId) -> Option<Answer> {
    home(input, data).filter(|_| input.graph()[data].store != Store::Disk)?;
    let account = account(input, step);
    let reader = (!writes(step, data)).then_some(account.as_str());
    Some(Answer::config_map_key(ADDRESSES, &key(input, data, reader)))
}

/// The folder at which `step` finds `data`, if it lies in a shared file system.
pub fn folder(input: &Lowering<'_>, step: &Step, data: DataId) -> Option<String> {
    home(input, data).filter(|_| input.graph()[data].store == Store::Disk)?;
    let read = step.reads.iter().map(|read| (read.data, &read.mount));
    let written = step.writes.iter().map(|write| (write.data, &write.mount));
    let mut mounts = read.chain(written).filter(|(id, _)| *id == data);
    let said = mounts.find_map(|(_, mount)| mount.as_ref());
    Some(said.map_or_else(
        || format!("{FOLDER}/{}", input.graph()[data].name.value),
        |mount| mount.value.clone(),
    ))
}

/// Name of the claim on the shared file system of `data`.
pub fn claim(input: &Lowering<'_>, data: DataId) -> String {
    let set = &input.graph()[data];
    let pipeline = &input.graph()[set.pipeline].name.value;
    names::name(names::Service::Kubernetes, &[pipeline, &set.name.value])
}
