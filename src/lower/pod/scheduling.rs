//! Where a step's pods may be scheduled: on the machines that were planned for it.

use std::collections::BTreeMap;

use k8s_openapi::api::core::v1::{
    Affinity, PodAffinity, PodAffinityTerm, PodAntiAffinity, Toleration, WeightedPodAffinityTerm,
};
use k8s_openapi::apimachinery::pkg::apis::meta::v1::LabelSelector;

use super::present;
use crate::catalog::{Pricing, Provider};
use crate::graph::{Graph, Level, NodeGroup, Proximity, Step, StepKind};
use crate::lower::{Lowering, names, site};
use crate::place::Pool;

/// What the scheduler is told.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Scheduling {
    /// Labels of the nodes.
    pub node_selector: BTreeMap<String, String>,
    /// Taints that are tolerated.
    pub tolerations: Vec<Toleration>,
    /// Beside or apart from other steps.
    pub affinity: Option<Affinity>,
    /// Who goes first when machines are short.
    pub priority_class: String,
}

/// Who goes first when machines are short.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Priority {
    /// Everything that ends and can wait.
    Batch,
    /// Training: interrupting it loses more.
    Training,
    /// What somebody waits for.
    Serving,
}

impl Priority {
    /// All, the lowest first.
    pub const ALL: [Priority; 3] = [Priority::Batch, Priority::Training, Priority::Serving];

    fn of(kind: StepKind) -> Priority {
        match kind {
            StepKind::Serving | StepKind::Streaming => Priority::Serving,
            StepKind::Training => Priority::Training,
            StepKind::Task
            | StepKind::Etl
            | StepKind::Features
            | StepKind::Evaluation
            | StepKind::BatchInference => Priority::Batch,
        }
    }

    /// Name of its PriorityClass.
    pub fn class(self, prefix: &str) -> String {
        let word = match self {
            Priority::Batch => "batch",
            Priority::Training => "training",
            Priority::Serving => "serving",
        };
        names::name(names::Service::Kubernetes, &[prefix, word])
    }
}

/// The pool a step is placed on.
pub fn pool<'a>(input: &Lowering<'a>, step: &Step) -> &'a Pool {
    &input.plan[input.plan[step.id].pool]
}

/// Labels of the nodes that a step is placed on.
pub fn node_selector(input: &Lowering<'_>, step: &Step) -> BTreeMap<String, String> {
    of(input, step).node_selector
}

pub(super) fn of(input: &Lowering<'_>, step: &Step) -> Scheduling {
    let pool = pool(input, step);
    let place = &input.plan[pool.site];
    let group = site::cluster(input.graph(), place)
        .and_then(|cluster| cluster.nodes.iter().find(|group| group.name.value == pool.name));
    // Terraform labels the pools it makes; a cluster outside any cloud has the labels it has.
    let own = group.filter(|group| place.on_premises && !group.labels.is_empty());
    let node_selector = own.map_or_else(
        || BTreeMap::from([(names::label("pool"), names::label_value(&pool.name))]),
        |group| group.labels.clone(),
    );
    Scheduling {
        node_selector,
        tolerations: tolerations(pool, place.region.as_ref().map(|(provider, _)| *provider), group),
        affinity: affinity(input.graph(), step),
        priority_class: Priority::of(step.kind).class(site::prefix(input.graph())),
    }
}

fn tolerations(pool: &Pool, provider: Option<Provider>, group: Option<&NodeGroup>) -> Vec<Toleration> {
    let mut all = Vec::new();
    if let Some((model, _)) = &pool.accelerator {
        all.push(any("nvidia.com/gpu"));
        let resource = super::accelerator(model);
        if resource != "nvidia.com/gpu" {
            all.push(any(resource));
        }
    }
    if pool.pricing == Pricing::Spot {
        all.push(equal(&names::label("spot"), "true", "NoSchedule"));
        if provider == Some(Provider::Azure) {
            // AKS adds its own taint to every spot pool.
            all.push(equal(
                "kubernetes.azure.com/scalesetpriority",
                "spot",
                "NoSchedule",
            ));
        }
    }
    if provider == Some(Provider::Gcp) && pool.arch == "arm64" {
        // GKE adds this taint to every Arm pool.
        all.push(equal("kubernetes.io/arch", "arm64", "NoSchedule"));
    }
    for (key, value, effect) in group.map_or(&[][..], |group| &group.taints) {
        all.push(equal(key, value, effect));
    }
    all
}

fn any(key: &str) -> Toleration {
    Toleration {
        effect: Some("NoSchedule".to_owned()),
        key: Some(key.to_owned()),
        operator: Some("Exists".to_owned()),
        ..Toleration::default()
    }
}

fn equal(key: &str, value: &str, effect: &str) -> Toleration {
    Toleration {
        effect: Some(effect.to_owned()),
        key: Some(key.to_owned()),
        operator: Some("Equal".to_owned()),
        value: Some(value.to_owned()),
        ..Toleration::default()
    }
}

/// `apart` is a rule. `with` is a wish: what it names may not be running, and waiting for it would wait for ever.
/// Regions and clouds are the plan's business, not the scheduler's.
fn affinity(graph: &Graph, step: &Step) -> Option<Affinity> {
    let terms =
        |nearby: &[Proximity]| -> Vec<_> { nearby.iter().filter_map(|near| term(graph, near)).collect() };
    let apart = terms(&step.apart);
    let with = terms(&step.with);
    let weighted = |term| WeightedPodAffinityTerm {
        pod_affinity_term: term,
        weight: 100,
    };
    let beside = present(with.into_iter().map(weighted).collect()).map(|preferred| PodAffinity {
        preferred_during_scheduling_ignored_during_execution: Some(preferred),
        required_during_scheduling_ignored_during_execution: None,
    });
    let away = present(apart).map(|required| PodAntiAffinity {
        preferred_during_scheduling_ignored_during_execution: None,
        required_during_scheduling_ignored_during_execution: Some(required),
    });
    (beside.is_some() || away.is_some()).then_some(Affinity {
        node_affinity: None,
        pod_affinity: beside,
        pod_anti_affinity: away,
    })
}

fn term(graph: &Graph, near: &Proximity) -> Option<PodAffinityTerm> {
    let topology_key = match near.level {
        Level::Node => "kubernetes.io/hostname",
        Level::Zone => "topology.kubernetes.io/zone",
        Level::Region | Level::Cloud => return None,
    };
    let name = &graph[near.step.value].name.value;
    Some(PodAffinityTerm {
        label_selector: Some(LabelSelector {
            match_expressions: None,
            match_labels: Some(BTreeMap::from([(names::label("step"), names::label_value(name))])),
        }),
        topology_key: topology_key.to_owned(),
        ..PodAffinityTerm::default()
    })
}
