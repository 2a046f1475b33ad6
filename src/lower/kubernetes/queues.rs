//! Kueue: how pipelines share the machines that the plan gave to several of them.
//!
//! Where steps of two namespaces are planned on one pool, each namespace has a queue with its part of the pool, and may
//! use what the others leave. Pools of one namespace need no queue: its quota bounds them, and Argo orders its steps.

use std::collections::{BTreeMap, BTreeSet};

use k8s_openapi::apimachinery::pkg::api::resource::Quantity;
use serde::Serialize;
use serde_json::{Value, json};

use super::object::{Custom, cluster_metadata, document};
use super::tenant::Tenant;
use crate::graph::Step;
use crate::lower::names::{self, Service};
use crate::lower::{Lowering, pod, site};
use crate::place::{Pool, PoolId};
use crate::quantity::{Bytes, Cores};

/// Name of the queue in each namespace.
const QUEUE: &str = "shared";

/// What Kueue reads to know the queue of a pod.
const LABEL: &str = "kueue.x-k8s.io/queue-name";

/// What one pod has besides its program: Argo's own containers, as the namespace's defaults size them.
const BESIDE: (Cores, Bytes) = (Cores(0.1), Bytes(256 << 20));

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct ClusterQueue {
    cohort_name: String,
    namespace_selector: Value,
    preemption: Value,
    queueing_strategy: &'static str,
    resource_groups: Vec<Group>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Group {
    covered_resources: Vec<String>,
    flavors: Vec<Flavor>,
}

#[derive(Serialize)]
struct Flavor {
    name: String,
    resources: Vec<Resource>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Resource {
    name: String,
    nominal_quota: Quantity,
}

/// What steps ask of a pool at once, at p95.
#[derive(Clone, Copy, Default)]
struct Asked {
    cores: Cores,
    memory: Bytes,
    accelerators: u64,
}

/// The label of the queue that `step` waits in, if it shares its pool with another namespace.
pub fn label(input: &Lowering<'_>, step: &Step) -> Option<(String, String)> {
    // A namespace has one pipeline's steps at least, so most steps need not be looked at.
    let (plan, pool) = (input.plan, input.plan[step.id].pool);
    let namespace = |step: &Step| site::namespace(input, step.pipeline, plan[step.id].site);
    let shares = |other: &Step| {
        other.pipeline != step.pipeline
            && plan[other.id].pool == pool
            && queued(input, other)
            && namespace(other) != namespace(step)
    };
    let shared = queued(input, step) && input.graph().steps.iter().any(shares);
    shared.then(|| (LABEL.to_owned(), QUEUE.to_owned()))
}

/// True for steps that may wait. Machines that train together must start together, which single pods of theirs cannot
/// be promised.
fn queued(input: &Lowering<'_>, step: &Step) -> bool {
    !step.kind.always_on() && input.plan.profiled[step.id].nodes < 2
}

/// Namespaces with queued steps on a pool.
fn sharers(input: &Lowering<'_>, pool: PoolId) -> BTreeSet<String> {
    let steps = input.graph().steps.iter();
    let here = steps.filter(|step| input.plan[step.id].pool == pool && queued(input, step));
    here.map(|step| site::namespace(input, step.pipeline, input.plan[step.id].site))
        .collect()
}

/// All queues of a cluster; nothing where no pool is shared.
pub(super) fn objects(input: &Lowering<'_>, tenants: &[Tenant<'_>]) -> Vec<Value> {
    let ids = (0..input.plan.pools.len() as u32).map(PoolId);
    let here = |id: &PoolId| {
        tenants
            .first()
            .is_some_and(|tenant| input.plan[*id].site == tenant.site)
    };
    let shared: Vec<PoolId> = ids
        .filter(here)
        .filter(|id| sharers(input, *id).len() > 1)
        .collect();
    if shared.is_empty() {
        return Vec::new();
    }
    let mut all: Vec<Value> = shared.iter().map(|pool| flavor(input, *pool)).collect();
    for tenant in tenants.iter().filter(|tenant| takes_part(input, tenant, &shared)) {
        all.push(document(cluster_queue(input, tenant, tenants, &shared)));
        all.push(json!({
            "apiVersion": "kueue.x-k8s.io/v1beta2",
            "kind": "LocalQueue",
            "metadata": document(tenant.metadata(QUEUE)),
            "spec": {"clusterQueue": tenant.namespace},
        }));
    }
    all
}

fn takes_part(input: &Lowering<'_>, tenant: &Tenant<'_>, shared: &[PoolId]) -> bool {
    shared
        .iter()
        .any(|pool| sharers(input, *pool).contains(&tenant.namespace))
}

fn flavor_name(input: &Lowering<'_>, pool: PoolId) -> String {
    names::name(
        Service::Kubernetes,
        &[site::prefix(input.graph()), &input.plan[pool].name],
    )
}

/// The machines of a pool, as pods select them.
fn flavor(input: &Lowering<'_>, pool: PoolId) -> Value {
    let steps = input.graph().steps.iter();
    let first = steps.into_iter().find(|step| input.plan[step.id].pool == pool);
    let labels = first
        .map(|step| pod::node_selector(input, step))
        .unwrap_or_default();
    json!({
        "apiVersion": "kueue.x-k8s.io/v1beta2",
        "kind": "ResourceFlavor",
        "metadata": document(cluster_metadata(&flavor_name(input, pool), names::labels(None))),
        "spec": {"nodeLabels": labels},
    })
}

fn cluster_queue(
    input: &Lowering<'_>,
    tenant: &Tenant<'_>,
    tenants: &[Tenant<'_>],
    shared: &[PoolId],
) -> Custom<ClusterQueue> {
    let devices: BTreeSet<&str> = shared
        .iter()
        .filter_map(|pool| device(&input.plan[*pool]))
        .collect();
    let mut covered = vec!["cpu".to_owned(), "memory".to_owned()];
    covered.extend(devices.iter().map(|device| (*device).to_owned()));
    let flavors = shared.iter().map(|pool| Flavor {
        name: flavor_name(input, *pool),
        resources: part(input, tenant, tenants, *pool, &devices),
    });
    Custom {
        api_version: "kueue.x-k8s.io/v1beta2",
        kind: "ClusterQueue",
        metadata: cluster_metadata(&tenant.namespace, tenant.labels()),
        spec: ClusterQueue {
            cohort_name: names::name(Service::Kubernetes, &[site::prefix(input.graph()), "shared"]),
            namespace_selector: json!({"matchLabels": {"kubernetes.io/metadata.name": tenant.namespace}}),
            // What was lent comes back when a step ends: one that is pushed out starts again from nothing.
            preemption: json!({"reclaimWithinCohort": "LowerPriority", "withinClusterQueue": "Never"}),
            queueing_strategy: "BestEffortFIFO",
            resource_groups: vec![Group {
                covered_resources: covered,
                flavors: flavors.collect(),
            }],
        },
    }
}

/// A namespace's part of a pool: what its steps ask for, and where all ask for more than there is, as much of the whole.
fn part(
    input: &Lowering<'_>,
    tenant: &Tenant<'_>,
    tenants: &[Tenant<'_>],
    id: PoolId,
    devices: &BTreeSet<&str>,
) -> Vec<Resource> {
    let pool = &input.plan[id];
    let machines = pool.bounds.1.max(1) as f64;
    let own = asked(input, tenant, id);
    let all = tenants
        .iter()
        .map(|tenant| asked(input, tenant, id))
        .fold(Asked::default(), sum);
    let scale = |asked: f64, there: f64| if asked > there { there / asked } else { 1.0 };
    let cores = own.cores.times(scale(all.cores.0, pool.cores.0 * machines));
    let memory = own
        .memory
        .times(scale(all.memory.0 as f64, pool.memory.0 as f64 * machines));
    let count = pool.accelerator.as_ref().map_or(0, |(_, count)| *count) as f64 * machines;
    let accelerators = (own.accelerators as f64 * scale(all.accelerators as f64, count)).ceil() as u64;
    let mut made = BTreeMap::from([("cpu", pod::cpu(cores)), ("memory", pod::memory(memory))]);
    for name in devices {
        let own = if device(pool) == Some(*name) {
            accelerators
        } else {
            0
        };
        made.insert(*name, Quantity(own.to_string()));
    }
    // Kueue wants the order of the covered resources.
    let order = ["cpu", "memory"].into_iter().chain(devices.iter().copied());
    order
        .filter_map(|name| Some((name, made.remove(name)?)))
        .map(|(name, nominal_quota)| Resource {
            name: name.to_owned(),
            nominal_quota,
        })
        .collect()
}

fn asked(input: &Lowering<'_>, tenant: &Tenant<'_>, pool: PoolId) -> Asked {
    let steps = tenant
        .steps()
        .filter(|step| input.plan[step.id].pool == pool && queued(input, step));
    steps.map(|step| one(input, step)).fold(Asked::default(), sum)
}

fn one(input: &Lowering<'_>, step: &Step) -> Asked {
    let profile = &input.plan.profiled[step.id];
    let copies = profile.parallel.max(1);
    let (cores, memory) = BESIDE;
    Asked {
        cores: (profile.cores.p95 + cores).times(copies as f64),
        memory: (profile.memory.p95 + memory).times(copies as f64),
        accelerators: profile
            .accelerators
            .as_ref()
            .map_or(0, |need| need.count.p95.max(1))
            * copies,
    }
}

fn sum(a: Asked, b: Asked) -> Asked {
    Asked {
        cores: a.cores + b.cores,
        memory: a.memory + b.memory,
        accelerators: a.accelerators + b.accelerators,
    }
}

fn device(pool: &Pool) -> Option<&'static str> {
    pool.accelerator
        .as_ref()
        .map(|(model, _)| pod::accelerator(model))
}
