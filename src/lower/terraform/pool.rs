//! Node pools of a site: what all providers' pools have in common.

use std::collections::BTreeMap;

use super::stack::Stack;
use crate::catalog::Pricing;
use crate::graph::{NodeGroup, Reservation};
use crate::lower::names::{self, Service};
use crate::place::{Pool, PoolId};
use crate::quantity::Bytes;
use crate::render::hcl;

/// Disk that a node needs for its system and for images, besides what steps ask for.
const SYSTEM_DISK: Bytes = Bytes(60 << 30);

/// A pool to be made, and what stands around it in the platform.
pub struct Nodes<'a> {
    /// As planned.
    pub pool: &'a Pool,
    /// Terraform address.
    pub address: String,
    /// One line about it, for a comment.
    pub summary: String,
    /// Node labels.
    pub labels: BTreeMap<String, String>,
    /// Key, value and Kubernetes effect.
    pub taints: Vec<(String, String, String)>,
    /// The capacity it draws on.
    pub reservation: Option<&'a Reservation>,
    /// Boot disk in GiB.
    pub disk: u64,
    /// True if a step runs on several of its machines at once, which then must stand close together.
    pub together: bool,
}

/// The pools that are made at a site: all, but for those that an existing cluster has already.
pub fn pools<'a>(stack: &Stack<'a>) -> Vec<Nodes<'a>> {
    let plan = stack.input.plan;
    let exists = |pool: &Pool| pool.declared && stack.existing_cluster().is_some();
    let ids = (0..).map(PoolId).zip(&plan.pools);
    ids.filter(|(_, pool)| pool.site == stack.id && !exists(pool))
        .map(|(id, pool)| nodes(stack, id, pool))
        .collect()
}

fn nodes<'a>(stack: &Stack<'a>, id: PoolId, pool: &'a Pool) -> Nodes<'a> {
    let groups = stack
        .cluster
        .map(|cluster| cluster.nodes.as_slice())
        .unwrap_or_default();
    let group = groups
        .iter()
        .find(|group| pool.declared && group.name.value == pool.name);
    let reservations = stack
        .place
        .map(|place| place.reservations.as_slice())
        .unwrap_or_default();
    let used: Vec<_> = stack
        .input
        .plan
        .assignments
        .iter()
        .filter(|it| it.pool == id)
        .collect();
    let scratch = used
        .iter()
        .map(|it| stack.input.plan.profiled[it.step].disk.p95)
        .max()
        .unwrap_or_default();
    Nodes {
        pool,
        address: names::name(Service::TerraformAddress, &[&pool.name]),
        summary: summary(pool),
        labels: labels(pool, group),
        taints: taints(pool, group),
        reservation: reservations
            .iter()
            .find(|it| Some(&it.id.value) == pool.reservation.as_ref()),
        // Whole tens, so that a slightly different prediction does not replace nodes.
        disk: ((scratch + SYSTEM_DISK).in_gib() / 10.0).ceil() as u64 * 10,
        together: used.iter().any(|it| stack.input.plan.profiled[it.step].nodes > 1),
    }
}

fn summary(pool: &Pool) -> String {
    let accelerator = pool.accelerator.as_ref();
    let accelerator = accelerator
        .map(|(model, count)| format!(", {count} x {model}"))
        .unwrap_or_default();
    let (cores, memory) = (pool.cores.0, pool.memory.in_gib());
    let pricing = pool.pricing.word();
    let (min, max) = pool.bounds;
    hcl::comment(&format!(
        "{min} to {max} x {}: {cores} cores, {memory:.0} GiB{accelerator}, {pricing}",
        pool.machine
    ))
}

fn labels(pool: &Pool, group: Option<&NodeGroup>) -> BTreeMap<String, String> {
    let mut labels = group.map(|group| group.labels.clone()).unwrap_or_default();
    labels.insert(names::label("pool"), names::label_value(&pool.name));
    labels
}

/// What the group declares, and what keeps pods off accelerators and spot machines that did not ask for them.
fn taints(pool: &Pool, group: Option<&NodeGroup>) -> Vec<(String, String, String)> {
    let mut taints = group.map(|group| group.taints.clone()).unwrap_or_default();
    let no_schedule = |key: String, value: &str| (key, value.to_owned(), "NoSchedule".to_owned());
    let accelerator = pool
        .accelerator
        .as_ref()
        .map(|_| no_schedule("nvidia.com/gpu".to_owned(), "present"));
    let spot = (pool.pricing == Pricing::Spot).then(|| no_schedule(names::label("spot"), "true"));
    for taint in [accelerator, spot].into_iter().flatten() {
        if !taints.iter().any(|(key, _, _)| *key == taint.0) {
            taints.push(taint);
        }
    }
    taints
}
