//! What a program is told through its environment (LANGUAGE, section 5).

use k8s_openapi::api::core::v1::{EnvVar, EnvVarSource, ResourceFieldSelector, SecretKeySelector};

use super::text::{Said, inert};
use super::{Answer, Asked, StepPod, variable};
use crate::graph::{Binding, Each, EnvValue, Items, RunField, SecretKey, ValueType};
use crate::lower::names::environment as shouted;
use crate::lower::own_store;

/// The folder that outputs are written to, one file each.
pub const EMITS: &str = "/portolan/emits";

/// All variables in the order of the reference, the author's last; a name of the author's replaces one of ours.
pub(super) fn variables(pod: &StepPod<'_>, said: &mut Said<'_, '_>) -> Vec<EnvVar> {
    let theirs = own(pod, said);
    let taken = |name: &str| theirs.iter().any(|variable| variable.name == name);
    let mut all = run(pod);
    all.extend(data(pod));
    all.extend(fan_out(pod));
    all.extend(needs(pod));
    all.retain(|variable| !taken(&variable.name));
    all.extend(theirs);
    all
}

fn run(pod: &StepPod<'_>) -> Vec<EnvVar> {
    let field = |name: &str, field| {
        let asked = Binding::Run(field);
        answered(pod, name.to_owned(), Asked::Reference(&asked))
    };
    vec![
        // The root file system is read-only and the user has no entry in /etc/passwd.
        variable("HOME", "/tmp"),
        field("RUN_ID", RunField::Id),
        field("RUN_DATE", RunField::Date),
    ]
}

fn data(pod: &StepPod<'_>) -> Vec<EnvVar> {
    let graph = pod.input.graph();
    let path = |name: String, mount: &str| variable(name, inert(mount, pod.live_braces, false));
    let mut all = Vec::new();
    for read in &pod.step.reads {
        let name = format!("READS_{}", shouted(&graph[read.data].name.value));
        let own = own_store::folder(pod.input, pod.step, read.data);
        all.push(match own.as_ref().or(read.mount.as_ref().map(|it| &it.value)) {
            Some(mount) => path(name, mount),
            None => answered(pod, name, Asked::Read(read)),
        });
    }
    for write in &pod.step.writes {
        let name = format!("WRITES_{}", shouted(&graph[write.data].name.value));
        let own = own_store::folder(pod.input, pod.step, write.data);
        all.push(match own.as_ref().or(write.mount.as_ref().map(|it| &it.value)) {
            Some(mount) => path(name, mount),
            None => answered(pod, name, Asked::Write(write)),
        });
    }
    for emit in &pod.step.emits {
        let name = format!("EMITS_{}", shouted(&emit.name.value));
        all.push(variable(name, format!("{EMITS}/{}", emit.name.value)));
    }
    if pod.step.checkpoint.is_some() {
        all.push(answered(pod, "CHECKPOINT".to_owned(), Asked::Checkpoint));
    }
    all
}

fn fan_out(pod: &StepPod<'_>) -> Vec<EnvVar> {
    let mut all = Vec::new();
    for id in &pod.step.each {
        let each = &pod.input.graph()[*id];
        let prefix = format!("EACH_{}", shouted(&each.variable.value));
        let (whole, fields) = shape(each);
        let mut ask = |name: String, field: Option<String>| {
            let asked = Binding::Item { each: *id, field };
            all.push(answered(pod, name, Asked::Reference(&asked)));
        };
        if whole {
            ask(prefix.clone(), None);
        }
        for field in fields {
            ask(format!("{prefix}_{}", shouted(&field)), Some(field));
        }
    }
    all
}

/// Whether an item is a value of its own (a row known here has its name), and its fields.
fn shape(each: &Each) -> (bool, Vec<String>) {
    let name = |(name, _): &(String, ValueType)| name.clone();
    let (whole, mut fields): (bool, Vec<String>) = match &each.items {
        Items::Known(items) => {
            let first = items.first().map(|item| item.fields.as_slice());
            let names = first.unwrap_or_default().iter();
            (true, names.map(|(name, _)| name.clone()).collect())
        }
        Items::Output { fields, .. } => (fields.is_empty(), fields.iter().map(name).collect()),
        Items::Parameter { .. } | Items::Partitions { .. } => (true, Vec::new()),
    };
    if each.early_stop.is_some() {
        fields.push("rung".to_owned());
    }
    (whole, fields)
}

/// What the container really got: read from the pod, so that an attempt with more memory is told so.
fn needs(pod: &StepPod<'_>) -> Vec<EnvVar> {
    let granted = |name: &str, resource: &str| EnvVar {
        name: name.to_owned(),
        value: None,
        value_from: Some(EnvVarSource {
            resource_field_ref: Some(ResourceFieldSelector {
                container_name: Some(super::MAIN.to_owned()),
                divisor: None,
                resource: resource.to_owned(),
            }),
            ..EnvVarSource::default()
        }),
    };
    let accelerators = &pod.input.plan.profiled[pod.step.id].accelerators;
    let count = accelerators.as_ref().map_or(0, |need| need.count.p95);
    vec![
        granted("NEEDS_CORES", "requests.cpu"),
        granted("NEEDS_MEMORY", "requests.memory"),
        // The kubelet does not offer extended resources to variables.
        variable("NEEDS_GPUS", count.to_string()),
    ]
}

fn own(pod: &StepPod<'_>, said: &mut Said<'_, '_>) -> Vec<EnvVar> {
    let env = pod.step.env.iter();
    env.map(|variable| match &variable.value {
        EnvValue::Text(text) => super::variable(variable.name.value.clone(), said.one(text)),
        EnvValue::Secret(key) => secret(&variable.name.value, key),
    })
    .collect()
}

fn secret(name: &str, key: &SecretKey) -> EnvVar {
    EnvVar {
        name: name.to_owned(),
        value: None,
        value_from: Some(EnvVarSource {
            secret_key_ref: Some(SecretKeySelector {
                name: key.name.clone(),
                key: key.key.clone(),
                optional: None,
            }),
            ..EnvVarSource::default()
        }),
    }
}

fn answered(pod: &StepPod<'_>, name: String, asked: Asked<'_>) -> EnvVar {
    match pod.answered(asked) {
        Answer::Text(value) => variable(name, value),
        Answer::Source(source) => EnvVar {
            name,
            value: None,
            value_from: Some(*source),
        },
    }
}
