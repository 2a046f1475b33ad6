//! How much a tenant may ask for: what was planned for it, and no more.

use std::collections::BTreeMap;

use k8s_openapi::api::core::v1::{
    LimitRange, LimitRangeItem, LimitRangeSpec, ResourceQuota, ResourceQuotaSpec,
};
use k8s_openapi::apimachinery::pkg::api::resource::Quantity;
use serde_json::Value;

use super::object::document;
use super::tenant::Tenant;
use super::volumes;
use crate::graph::{Cause, Rollout, Step};
use crate::lower::pod::{self, Answer, StepPod};
use crate::profile::Profile;
use crate::quantity::{Bytes, Cores};

/// What a container gets that says nothing: Argo's own, beside and before each step's.
const UNSAID: (Cores, Bytes) = (Cores(0.05), Bytes(128 << 20));

/// Pods of a run besides its steps', at once: those that move, commit and start things.
const HELPERS: u64 = 10;

/// Sums over a tenant's pods.
#[derive(Default)]
struct Total {
    cores: Cores,
    memory: Bytes,
    accelerators: BTreeMap<&'static str, u64>,
    pods: u64,
    claims: u64,
}

/// Quota and defaults. A namespace that exists has its owner's.
pub(super) fn objects(tenant: &Tenant<'_>) -> Vec<Value> {
    if tenant.adopted {
        return Vec::new();
    }
    vec![document(quota(tenant)), document(limits(tenant))]
}

fn quota(tenant: &Tenant<'_>) -> ResourceQuota {
    let mut total = Total {
        pods: HELPERS * tenant.pipelines.len() as u64,
        ..Total::default()
    };
    total.claims = volumes::shared(tenant).len() as u64;
    for step in tenant.steps() {
        add(&mut total, tenant, step);
    }
    let (cores, memory) = UNSAID;
    total.cores += cores.times(total.pods as f64);
    total.memory += memory.times(total.pods as f64);
    let number = |count: u64| Quantity(count.to_string());
    let mut hard = BTreeMap::from([
        ("persistentvolumeclaims".to_owned(), number(total.claims)),
        ("pods".to_owned(), number(total.pods)),
        ("requests.cpu".to_owned(), pod::cpu(Cores(total.cores.0.ceil()))),
        (
            "requests.memory".to_owned(),
            pod::memory(Bytes::gib(total.memory.in_gib().ceil())),
        ),
    ]);
    let accelerators = total.accelerators.into_iter();
    hard.extend(accelerators.map(|(resource, count)| (format!("requests.{resource}"), number(count))));
    ResourceQuota {
        metadata: tenant.metadata("planned"),
        spec: Some(ResourceQuotaSpec {
            hard: Some(hard),
            ..ResourceQuotaSpec::default()
        }),
        status: None,
    }
}

fn add(total: &mut Total, tenant: &Tenant<'_>, step: &Step) {
    let profile = &tenant.input.plan.profiled[step.id];
    let pool = pod::pool(&tenant.input, step);
    let copies = match &profile.load {
        // One more while a new version takes over.
        Some(load) => {
            let most = load.replicas.iter().copied().fold(load.bounds.1, u64::max);
            if beside(step) { 2 * most } else { most + 1 }
        }
        None if step.kind.always_on() => profile.nodes + 1,
        None => profile.parallel * profile.nodes,
    };
    let memory = most_memory(step, profile).min(pool.memory.max(profile.memory.p95));
    total.cores += profile.cores.p95.times(copies as f64);
    total.memory += memory.times(copies as f64);
    total.pods += copies;
    if let Some(need) = &profile.accelerators {
        let model = pool.accelerator.as_ref().map_or("", |(model, _)| model);
        *total.accelerators.entry(pod::accelerator(model)).or_default() += need.count.p95.max(1) * copies;
    }
    let silent = |_: pod::Asked<'_>| Answer::Text(String::new());
    let volumes = StepPod {
        input: &tenant.input,
        step,
        live_braces: false,
        answer: &silent,
    }
    .volumes();
    total.claims += volumes.iter().filter(|volume| volume.ephemeral.is_some()).count() as u64 * copies;
}

/// True if a whole new version stands beside the old one for a while.
fn beside(step: &Step) -> bool {
    let rollout = step.serving.as_ref().map(|serving| &serving.rollout);
    matches!(rollout, Some(Rollout::BlueGreen))
}

/// What the last retry after running out of memory may ask for.
fn most_memory(step: &Step, profile: &Profile) -> Bytes {
    let oom = step.retry.iter().filter(|retry| retry.cause == Cause::Oom);
    oom.filter_map(|retry| Some(profile.memory_after(retry.limit.min(8), retry.memory?)))
        .fold(profile.memory.p95, Bytes::max)
}

fn limits(tenant: &Tenant<'_>) -> LimitRange {
    let (cores, memory) = UNSAID;
    let bytes = pod::memory(memory);
    LimitRange {
        metadata: tenant.metadata("defaults"),
        spec: Some(LimitRangeSpec {
            limits: vec![LimitRangeItem {
                default: Some(BTreeMap::from([(
                    "memory".to_owned(),
                    pod::memory(memory.times(4.0)),
                )])),
                default_request: Some(BTreeMap::from([
                    ("cpu".to_owned(), pod::cpu(cores)),
                    ("memory".to_owned(), bytes),
                ])),
                type_: "Container".to_owned(),
                ..LimitRangeItem::default()
            }],
        }),
    }
}
