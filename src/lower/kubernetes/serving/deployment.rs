//! The Deployment of an always-on step.

use std::collections::BTreeMap;

use k8s_openapi::api::apps::v1::{Deployment, DeploymentSpec, DeploymentStrategy, RollingUpdateDeployment};
use k8s_openapi::api::core::v1::{
    Container, ContainerPort, HTTPGetAction, Lifecycle, LifecycleHandler, PodSpec, PodTemplateSpec, Probe,
    SleepAction, TopologySpreadConstraint,
};
use k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta;
use k8s_openapi::apimachinery::pkg::util::intstr::IntOrString;

use super::runtime::{self, Stock};
use super::{Served, pull, release};
use crate::diag::Diagnostics;
use crate::graph::{Program, Serving};
use crate::lower::pod::{self, Answer, Asked, StepPod};
use crate::lower::{names, site, storage};

/// Seconds in which the gateway learns that a pod is going; until then it still answers.
const DRAIN: i64 = 10;

/// The deployment. Its number of replicas is the autoscaler's, where there is one.
pub(super) fn deployment(served: &Served<'_>, out: &mut Diagnostics) -> Deployment {
    let surge = RollingUpdateDeployment {
        max_surge: Some(IntOrString::Int(1)),
        max_unavailable: Some(IntOrString::Int(0)),
    };
    let metadata = ObjectMeta {
        annotations: annotations(served),
        labels: Some(served.pod_labels()),
        ..ObjectMeta::default()
    };
    Deployment {
        metadata: ObjectMeta {
            annotations: Some(waivers()),
            ..served.metadata()
        },
        spec: Some(DeploymentSpec {
            replicas: served.load().is_none().then(|| served.replicas().0 as i32),
            revision_history_limit: Some(5),
            selector: served.selector(),
            strategy: Some(DeploymentStrategy {
                rolling_update: Some(surge),
                type_: Some("RollingUpdate".to_owned()),
            }),
            template: PodTemplateSpec {
                metadata: Some(metadata),
                spec: Some(pod_spec(served, out)),
            },
            ..DeploymentSpec::default()
        }),
        status: None,
    }
}

/// Findings of security scanners that are meant.
fn waivers() -> BTreeMap<String, String> {
    let skips = [
        "CKV_K8S_11=a limit on cores slows answers down while cores are idle",
        "CKV_K8S_15=images are named by digest or by a tag that is never moved",
    ];
    let skips = skips.iter().zip(1..);
    skips
        .map(|(skip, at)| (format!("checkov.io/skip{at}"), (*skip).to_owned()))
        .collect()
}

/// What makes the pods new when only a mounted file has changed.
fn annotations(served: &Served<'_>) -> Option<BTreeMap<String, String>> {
    let map = pod::config_map(&served.tenant.input, served.step)?;
    let texts: String = map
        .data
        .iter()
        .flatten()
        .map(|(key, text)| format!("{key}\0{text}\0"))
        .collect();
    Some(BTreeMap::from([(names::label("files"), names::sha256(&texts))]))
}

fn pod_spec(served: &Served<'_>, out: &mut Diagnostics) -> PodSpec {
    let input = &served.tenant.input;
    let answer = |asked: Asked<'_>| answer(served, asked);
    let pod = StepPod {
        input,
        step: served.step,
        live_braces: false,
        answer: &answer,
    };
    let pulls = pull::pulls(served);
    let main = container(served, &pod, &pulls);
    let scheduling = pod.scheduling();
    let mut volumes = pod.volumes();
    volumes.extend(pull::volume(served, &pod, &pulls));
    let mounts = main.volume_mounts.clone().unwrap_or_default();
    let cluster = site::cluster(input.graph(), &input.plan[served.tenant.site]);
    let account = cluster.and_then(|cluster| cluster.service_account.as_deref());
    PodSpec {
        affinity: scheduling.affinity,
        automount_service_account_token: Some(false),
        containers: vec![main],
        // Variables for every service of the namespace would only get in the way of the author's.
        enable_service_links: Some(false),
        init_containers: pod::present(pull::containers(served, &pulls, &mounts, out)),
        node_selector: Some(scheduling.node_selector),
        priority_class_name: Some(scheduling.priority_class),
        security_context: Some(pod::pod_security()),
        service_account_name: Some(names::service_account(&served.step.name.value, account)),
        termination_grace_period_seconds: Some(DRAIN + 50),
        tolerations: pod::present(scheduling.tolerations),
        topology_spread_constraints: Some(spread(served)),
        volumes: pod::present(volumes),
        ..PodSpec::default()
    }
}

/// Values of the run come from its release; what never changes is written here.
fn answer(served: &Served<'_>, asked: Asked<'_>) -> Answer {
    let input = &served.tenant.input;
    let at = |data| storage::uri(input, data, served.tenant.site).and_then(|uri| pull::said(&uri));
    let text = match asked {
        Asked::Reference(crate::graph::Binding::DataUri(data)) => at(*data),
        Asked::Reference(binding) => {
            let release = release::name(input, served.step);
            return match release::key(input, binding) {
                Some(key) => Answer::config_map_key(&release, &key),
                None => Answer::Text(String::new()),
            };
        }
        Asked::Read(read) => at(read.data),
        Asked::Write(write) => at(write.data),
        Asked::Checkpoint => storage::bucket(input, served.tenant.site).map(|bucket| {
            let prefix = storage::pipeline_prefix(input.graph(), served.step.pipeline);
            format!("{}/{prefix}checkpoints/{}", bucket.root, served.step.name.value)
        }),
    };
    Answer::Text(text.unwrap_or_default())
}

fn container(served: &Served<'_>, pod: &StepPod<'_>, pulls: &[pull::Pull<'_>]) -> Container {
    let mut main = pod.container();
    main.volume_mounts
        .get_or_insert_default()
        .extend(pull::mount(pulls, true));
    let Some(serving) = &served.step.serving else {
        return main;
    };
    if matches!(served.step.program, Program::Stock(_)) {
        let models: Vec<(&str, String)> = pulls
            .iter()
            .map(|pull| (pull.name, pull.folder.clone()))
            .collect();
        let need = &served.tenant.input.plan.profiled[served.step.id].accelerators;
        let gpus = need.as_ref().map_or(0, |need| need.count.p95);
        add(&mut main, runtime::stock(served.step, serving, &models, gpus));
    }
    let ports = runtime::ports(served.step)
        .into_iter()
        .map(|(name, number)| ContainerPort {
            container_port: number.into(),
            name: Some(name.to_owned()),
            protocol: Some("TCP".to_owned()),
            ..ContainerPort::default()
        });
    main.ports = pod::present(ports.collect());
    probes(&mut main, served, serving);
    main.lifecycle = Some(Lifecycle {
        pre_stop: Some(LifecycleHandler {
            sleep: Some(SleepAction { seconds: DRAIN }),
            ..LifecycleHandler::default()
        }),
        ..Lifecycle::default()
    });
    main
}

/// The author's program replaces the runtime's; the author's arguments follow its own.
fn add(main: &mut Container, stock: Stock) {
    if main.command.is_none() {
        main.command = pod::present(stock.command);
        let theirs = main.args.take().unwrap_or_default();
        main.args = pod::present([stock.args, theirs].concat());
    }
    let stock = stock
        .env
        .into_iter()
        .map(|(name, value)| pod::variable(name, value));
    let env = main.env.get_or_insert_default();
    let missing: Vec<_> = stock
        .filter(|new| env.iter().all(|known| known.name != new.name))
        .collect();
    env.extend(missing);
}

/// Loading may take three times what is predicted; after that, ready within seconds or out of rotation.
fn probes(main: &mut Container, served: &Served<'_>, serving: &Serving) {
    let probe = |path: &str, period: i32, failures: i32| Probe {
        failure_threshold: Some(failures),
        http_get: Some(HTTPGetAction {
            path: Some(path.to_owned()),
            port: IntOrString::String("http".to_owned()),
            ..HTTPGetAction::default()
        }),
        period_seconds: Some(period),
        timeout_seconds: Some(5),
        ..Probe::default()
    };
    let tries = ((served.starting().0 * 3.0 / 10.0).ceil() as i32).max(30);
    main.startup_probe = Some(probe(&serving.health, 10, tries));
    main.readiness_probe = Some(probe(&serving.health, 5, 3));
    main.liveness_probe = Some(probe(runtime::alive(serving), 10, 6));
}

/// Over zones and machines. With three replicas or more a zone can be lost, so zones are a rule.
fn spread(served: &Served<'_>) -> Vec<TopologySpreadConstraint> {
    let constraint = |key: &str, rule: bool| TopologySpreadConstraint {
        label_selector: Some(served.selector()),
        max_skew: 1,
        topology_key: key.to_owned(),
        when_unsatisfiable: if rule { "DoNotSchedule" } else { "ScheduleAnyway" }.to_owned(),
        ..TopologySpreadConstraint::default()
    };
    let place = &served.tenant.input.plan[served.tenant.site];
    let zones = served.replicas().0 >= 3 && !place.on_premises;
    vec![
        constraint("topology.kubernetes.io/zone", zones),
        constraint("kubernetes.io/hostname", false),
    ]
}
