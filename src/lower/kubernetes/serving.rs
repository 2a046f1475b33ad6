//! Always-on steps: a Deployment, its Service, its autoscaler and its disruption budget.

pub mod release;

mod deployment;
pub mod kserve;
mod pull;
pub mod rollout;
mod runtime;
mod scaling;
mod schedule;
pub(super) mod wake;

use std::collections::BTreeMap;

use k8s_openapi::api::core::v1::{Service, ServicePort, ServiceSpec};
use k8s_openapi::api::policy::v1::{PodDisruptionBudget, PodDisruptionBudgetSpec};
use k8s_openapi::apimachinery::pkg::apis::meta::v1::{LabelSelector, ObjectMeta};
use k8s_openapi::apimachinery::pkg::util::intstr::IntOrString;
use serde_json::Value;

use super::object::{document, metadata};
use super::tenant::Tenant;
use crate::diag::Diagnostics;
use crate::graph::{Rollout, Step, Via};
use crate::lower::{names, pod};
use crate::profile::{Load, Profile, Work};
use crate::quantity::Seconds;

pub(super) use runtime::ports;

/// What an always-on step becomes.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Workload {
    /// Pods that are replaced one by one.
    Deployment,
    /// New versions beside the old one (Argo Rollouts).
    Rollout,
    /// KServe's.
    InferenceService,
}

/// What `step` becomes.
pub fn workload(step: &Step) -> Workload {
    match step
        .serving
        .as_ref()
        .map(|serving| (serving.via, &serving.rollout))
    {
        Some((Via::Kserve, _)) => Workload::InferenceService,
        Some((Via::Deployment, Rollout::Canary { .. } | Rollout::BlueGreen)) => Workload::Rollout,
        Some((Via::Deployment, Rollout::Rolling)) | None => Workload::Deployment,
    }
}

/// All objects of one always-on step.
pub(super) fn objects(tenant: &Tenant<'_>, step: &Step, out: &mut Diagnostics) -> Vec<Value> {
    let served = Served {
        tenant,
        step,
        name: tenant.object(step),
    };
    let deployment = deployment::deployment(&served, out);
    let mut all = match workload(step) {
        Workload::Deployment => vec![document(deployment)],
        Workload::InferenceService => vec![kserve::inference_service(&served, &deployment)],
        Workload::Rollout => {
            let serving = step.serving.as_ref();
            let made = serving.and_then(|serving| rollout::objects(&served, serving, &deployment));
            made.unwrap_or_default()
        }
    };
    all.extend(service(&served).map(document));
    all.extend(wake::objects(&served));
    all.extend(scaling::scaled_object(&served));
    all.push(document(budget(&served)));
    all
}

const COMPONENT: &str = "app.kubernetes.io/component";

/// An always-on step and what its objects are called.
struct Served<'a> {
    tenant: &'a Tenant<'a>,
    step: &'a Step,
    name: String,
}

impl Served<'_> {
    fn metadata(&self) -> ObjectMeta {
        metadata(
            &self.tenant.namespace,
            &self.name,
            pod::labels(&self.tenant.input, self.step),
        )
    }

    /// Labels of its pods. The last one tells them from the pods of runs that put it into service.
    fn pod_labels(&self) -> BTreeMap<String, String> {
        let mut labels = pod::pod_labels(&self.tenant.input, self.step);
        labels.insert(COMPONENT.to_owned(), self.step.kind.word().to_owned());
        labels
    }

    /// Its pods. Selectors of deployments can never change, so they hold no more than names.
    fn selector(&self) -> LabelSelector {
        let mut labels = self.pod_labels();
        let about = [
            names::label("pipeline"),
            names::label("step"),
            COMPONENT.to_owned(),
        ];
        labels.retain(|key, _| about.contains(key));
        LabelSelector {
            match_expressions: None,
            match_labels: Some(labels),
        }
    }

    /// The load that its replicas follow; `None`: their number is fixed.
    fn load(&self) -> Option<&Load> {
        let load = self.profile().load.as_ref()?;
        let varies = load.replicas.iter().any(|count| *count > self.replicas().0);
        (varies || self.step.serving.is_some()).then_some(load)
    }

    /// Fewest and most replicas: never fewer than the quietest predicted hour needs, unless it may sleep.
    fn replicas(&self) -> (u64, u64) {
        let profile = self.profile();
        let Some(load) = &profile.load else {
            return (profile.nodes.max(1), profile.nodes.max(1));
        };
        let quiet = load.replicas.iter().copied().min().unwrap_or_default();
        let peak = load.replicas.iter().copied().max().unwrap_or_default();
        // Who may sleep sleeps whenever nobody asks, whatever was predicted for all the week.
        let least = if wake::sleeps(self.step) {
            0
        } else {
            load.bounds.0.max(quiet)
        };
        (least, load.bounds.1.max(peak))
    }

    fn profile(&self) -> &Profile {
        &self.tenant.input.plan.profiled[self.step.id]
    }

    /// How long a replica takes to start, at p95.
    fn starting(&self) -> Seconds {
        match &self.profile().work {
            Work::Time(time) => time.p95,
            // Of always-on steps only the start has a duration.
            Work::CoreSeconds { .. } | Work::Flop { .. } => Seconds::ZERO,
        }
    }
}

fn service(served: &Served<'_>) -> Option<Service> {
    let mut all = ports(served.step);
    // Where metrics share the port of requests, a Service takes that port once.
    all.dedup_by_key(|(_, number)| *number);
    let ports = all.into_iter().map(|(name, number)| ServicePort {
        app_protocol: None,
        name: Some(name.to_owned()),
        port: number.into(),
        protocol: Some("TCP".to_owned()),
        target_port: Some(IntOrString::String(name.to_owned())),
        ..ServicePort::default()
    });
    let ports = pod::present(ports.collect::<Vec<_>>())?;
    Some(Service {
        metadata: served.metadata(),
        spec: Some(ServiceSpec {
            ports: Some(ports),
            selector: served.selector().match_labels,
            type_: Some("ClusterIP".to_owned()),
            ..ServiceSpec::default()
        }),
        status: None,
    })
}

fn budget(served: &Served<'_>) -> PodDisruptionBudget {
    PodDisruptionBudget {
        metadata: served.metadata(),
        spec: Some(PodDisruptionBudgetSpec {
            max_unavailable: Some(IntOrString::Int(1)),
            selector: Some(served.selector()),
            // A pod that is not ready serves nobody; keeping it would only block the node's maintenance.
            unhealthy_pod_eviction_policy: Some("AlwaysAllow".to_owned()),
            ..PodDisruptionBudgetSpec::default()
        }),
        status: None,
    }
}
