//! A step on several machines at once: a pod for each, which find each other by name, as `torchrun` expects it.
//!
//! All pods are started together; when one fails, all are started again. Only the first one emits.

use std::collections::BTreeMap;

use k8s_openapi::api::core::v1::{Service, ServicePort, ServiceSpec};
use k8s_openapi::api::networking::v1::{
    NetworkPolicy, NetworkPolicyEgressRule, NetworkPolicyIngressRule, NetworkPolicyPeer, NetworkPolicySpec,
};
use k8s_openapi::apimachinery::pkg::apis::meta::v1::{LabelSelector, ObjectMeta};

use super::chart::Chart;
use super::dag::waiting;
use super::items;
use super::needs::Wait;
use super::scope::input_name;
use super::types::{Backoff, Dag, Inputs, Parameter, RetryStrategy, Sequence, Template, ValueFrom};
use crate::graph::Step;
use crate::lower::names;
use crate::lower::pod;

/// Where the first pod waits for the others (the default of `torchrun`).
const PORT: i32 = 29500;
/// The loop over the machines.
const RANKS: &str = "ranks";

/// Number of machines of a step.
pub fn count(chart: &Chart<'_>, step: &Step) -> u64 {
    chart.input.plan.profiled[step.id].nodes
}

/// Turns the template of one machine into those of all: the pods, and the template around them, which has its name.
pub fn spread(chart: &Chart<'_>, step: &Step, mut one: Template) -> Vec<Template> {
    let nodes = count(chart, step);
    let inputs = one.inputs.parameters.clone();
    let mut ranks = waiting(RANKS, &format!("node--{}", step.name.value), &Wait::default());
    let passed = inputs
        .iter()
        .map(|input| format!("{{{{inputs.parameters.{}}}}}", input.name));
    let passed = inputs.iter().map(|input| input.name.clone()).zip(passed);
    ranks.arguments.parameters = passed
        .map(|(name, value)| Parameter::value(name, value))
        .collect();
    ranks
        .arguments
        .parameters
        .push(Parameter::value("rank", "{{item}}"));
    ranks.with_sequence = Some(Sequence {
        count: nodes.to_string(),
    });
    let around = Template {
        name: one.name.clone(),
        inputs: Inputs {
            parameters: inputs,
            ..Inputs::default()
        },
        outputs: Inputs {
            parameters: first_answers(&one),
            ..Inputs::default()
        },
        retry_strategy: one.retry_strategy.take().map(|strategy| together(&strategy)),
        dag: Some(Dag {
            fail_fast: true,
            tasks: vec![ranks],
        }),
        ..Template::default()
    };
    one.name = format!("node--{}", step.name.value);
    one.inputs.parameters.push(Parameter::input("rank"));
    for output in &mut one.outputs.parameters {
        if let Some(from) = &mut output.value_from {
            from.default.get_or_insert_default();
        }
    }
    name_pod(chart, step, &mut one, nodes);
    vec![around, one]
}

fn first_answers(one: &Template) -> Vec<Parameter> {
    let outputs = one.outputs.parameters.iter();
    outputs
        .map(|output| {
            let all = format!(
                r#"fromJSON(tasks["{RANKS}"].outputs.parameters["{}"])"#,
                output.name
            );
            let from = ValueFrom {
                expression: Some(format!(r#"string(first(filter({all}, # != "")))"#)),
                ..ValueFrom::default()
            };
            Parameter::from(output.name.clone(), from)
        })
        .collect()
}

/// Argo does not say of a group why it failed, so every failure is tried again.
fn together(strategy: &RetryStrategy) -> RetryStrategy {
    RetryStrategy {
        limit: strategy.limit.clone(),
        retry_policy: "Always",
        expression: r#"lastRetry.status in ["Failed", "Error"]"#.to_owned(),
        backoff: Backoff {
            ..strategy.backoff.clone()
        },
    }
}

/// Pods have a name in the service's domain that the run makes unique, and in a fan-out the item.
fn name_pod(chart: &Chart<'_>, step: &Step, one: &mut Template, nodes: u64) {
    let service = service_name(chart, step);
    let group = group(chart, step);
    one.pod_spec_patch = Some(
        serde_json::json!({
            "hostname": format!("n{{{{inputs.parameters.rank}}}}-{group}"),
            "subdomain": service,
        })
        .to_string(),
    );
    let first = format!("n0-{group}.{service}.{}.svc", chart.namespace());
    let own = [
        pod::variable("MASTER_ADDR", first),
        pod::variable("MASTER_PORT", PORT.to_string()),
        pod::variable("WORLD_SIZE", nodes.to_string()),
        pod::variable("RANK", "{{inputs.parameters.rank}}"),
    ];
    if let Some(container) = &mut one.container {
        container.env.get_or_insert_default().extend(own);
    }
}

/// What the machines that work together have in common, as part of a host name.
fn group(chart: &Chart<'_>, step: &Step) -> String {
    let graph = chart.graph();
    let items = step.each.iter().flat_map(|each| items::items(graph, *each));
    // Single quotes: this text stands inside a JSON text.
    let names = items.filter_map(|item| Some(format!("inputs.parameters['{}']", input_name(graph, &item)?)));
    let names: Vec<String> = names.collect();
    match names.is_empty() {
        true => "{{workflow.uid}}".to_owned(),
        false => {
            let item = format!("sprig.trunc(8, sprig.sha256sum(toJson([{}])))", names.join(", "));
            format!("{{{{workflow.uid}}}}-{{{{={item}}}}}")
        }
    }
}

fn service_name(chart: &Chart<'_>, step: &Step) -> String {
    let parts = [chart.pipeline.name.value.as_str(), &step.name.value, "nodes"];
    names::name(names::Service::Kubernetes, &parts)
}

/// What the pods need in the namespace: a service without an address of its own, which gives them their names before
/// they are ready, and leave to talk to each other where nobody else may.
pub fn objects(chart: &Chart<'_>, step: &Step) -> (Service, NetworkPolicy) {
    let labels = pod::labels(chart.input, step);
    let metadata = ObjectMeta {
        labels: Some(labels.clone()),
        name: Some(service_name(chart, step)),
        namespace: Some(chart.namespace()),
        ..ObjectMeta::default()
    };
    let service = Service {
        metadata: metadata.clone(),
        spec: Some(ServiceSpec {
            cluster_ip: Some("None".to_owned()),
            ports: Some(vec![ServicePort {
                name: Some("rendezvous".to_owned()),
                port: PORT,
                ..ServicePort::default()
            }]),
            publish_not_ready_addresses: Some(true),
            selector: Some(labels.clone()),
            ..ServiceSpec::default()
        }),
        status: None,
    };
    (service, policy(metadata, labels))
}

fn policy(metadata: ObjectMeta, labels: BTreeMap<String, String>) -> NetworkPolicy {
    let pods = LabelSelector {
        match_labels: Some(labels),
        ..LabelSelector::default()
    };
    let peers = Some(vec![NetworkPolicyPeer {
        pod_selector: Some(pods.clone()),
        ..NetworkPolicyPeer::default()
    }]);
    NetworkPolicy {
        metadata,
        spec: Some(NetworkPolicySpec {
            egress: Some(vec![NetworkPolicyEgressRule {
                to: peers.clone(),
                ports: None,
            }]),
            ingress: Some(vec![NetworkPolicyIngressRule {
                from: peers,
                ports: None,
            }]),
            pod_selector: Some(pods),
            policy_types: Some(vec!["Ingress".to_owned(), "Egress".to_owned()]),
        }),
    }
}
