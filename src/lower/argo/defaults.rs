//! What most templates of a large workflow say, said once: Argo merges `templateDefaults` into every template as a
//! Kubernetes strategic merge patch, before it fills in placeholders (argo-workflows, docs/template-defaults.md).
//!
//! A small workflow stays plain: its templates can be read alone. So does one that others refer to with `templateRef`,
//! since Argo takes the defaults of the workflow that runs, not those of the template's own.

use std::collections::BTreeMap;

use k8s_openapi::api::core::v1::{Container, EnvVar};
use serde::Serialize;
use serde_json::{Value, json};

use super::types::{Metrics, Parameter, Template, WorkflowSpec};
use crate::lower::pod::{MAIN, present};

/// Input with the name of a step, so that steps that differ in it alone have the same metrics.
const STEP: &str = "step";
/// Parameter of the run with the condition under which most steps are tried again. `templateDefaults.retryStrategy`
/// is no place for it: DAG templates would be tried again as well. No parameter of an author's has two hyphens.
const RETRY: &str = "retry--when";
/// A patch of a pod that changes nothing.
const NO_PATCH: &str = "{}";

/// Moves what most templates of `spec` say to its defaults. Every template still means what it meant.
pub fn share(spec: &mut WorkflowSpec) {
    share_retries(spec);
    let (mut steps, mut added): (Vec<&mut Template>, Vec<&mut Template>) = spec
        .templates
        .iter_mut()
        .partition(|template| template.container.is_some() && template.metrics.is_some());
    steps.iter_mut().for_each(|step| name(step));
    let mut defaults = without_neutral(&mut steps, &mut added);
    let volumes = steps.iter_mut().map(|step| &mut step.volumes);
    defaults.volumes = common_entries(volumes.collect(), |volume| Some(&volume.name));
    let mut container = of_programs(&mut steps);
    let mut pods: Vec<&mut Template> = steps
        .into_iter()
        .chain(added)
        .filter(|template| template.container.is_some())
        .collect();
    of_pods(&mut pods, &mut defaults, &mut container);
    defaults.container = Some(container);
    spec.template_defaults = Some(defaults);
}

/// Makes the condition that most templates are tried again under a parameter of the run.
fn share_retries(spec: &mut WorkflowSpec) {
    let strategies = spec
        .templates
        .iter_mut()
        .filter_map(|template| template.retry_strategy.as_mut());
    let expressions: Vec<&mut String> = strategies.map(|strategy| &mut strategy.expression).collect();
    let Some((most, _)) = most_common(expressions.iter().map(|expression| (**expression).clone())) else {
        return;
    };
    for expression in expressions.into_iter().filter(|expression| **expression == most) {
        *expression = format!("{{{{workflow.parameters.{RETRY}}}}}");
    }
    let description = "When a step is tried again; not meant to be changed".to_owned();
    let parameter = Parameter {
        description: Some(description),
        ..Parameter::value(RETRY, most)
    };
    spec.arguments.parameters.push(parameter);
}

/// Lets the metrics of a step take its name from an input, so that they are the same for all steps.
fn name(step: &mut Template) {
    let metrics = step
        .metrics
        .iter_mut()
        .flat_map(|metrics| &mut metrics.prometheus);
    let labels = metrics.flat_map(|metric| &mut metric.labels);
    let mut name = None;
    for label in labels.filter(|label| label.key == STEP) {
        name = Some(std::mem::replace(
            &mut label.value,
            format!("{{{{inputs.parameters.{STEP}}}}}"),
        ));
    }
    step.inputs
        .parameters
        .extend(name.map(|name| Parameter::value(STEP, name)));
}

/// Fields that a template can be without by saying so: those without get their neutral value.
fn without_neutral(steps: &mut [&mut Template], added: &mut [&mut Template]) -> Template {
    let mut defaults = Template::default();
    for template in steps.iter_mut() {
        template.pod_spec_patch.get_or_insert_with(|| NO_PATCH.to_owned());
    }
    defaults.pod_spec_patch = common(steps.iter_mut().map(|step| &mut step.pod_spec_patch).collect());
    defaults.metrics = common(steps.iter_mut().map(|step| &mut step.metrics).collect());
    for template in added {
        template.pod_spec_patch.get_or_insert_with(|| NO_PATCH.to_owned());
        template.metrics.get_or_insert_with(Metrics::default);
    }
    defaults
}

/// What the programs of steps are told and see. A pod that is added may see it too: its script does not look.
fn of_programs(steps: &mut [&mut Template]) -> Container {
    let mut containers: Vec<&mut Container> = steps
        .iter_mut()
        .filter_map(|step| step.container.as_mut())
        .collect();
    let mounts = containers
        .iter_mut()
        .map(|container| container.volume_mounts.get_or_insert_default());
    let volume_mounts = Some(common_entries(mounts.collect(), |mount| Some(&mount.mount_path)));
    let env = containers
        .iter_mut()
        .map(|container| container.env.get_or_insert_default());
    let env = Some(common_entries(env.collect(), stands_alone));
    for container in containers {
        container.volume_mounts = container.volume_mounts.take().and_then(present);
        container.env = container.env.take().and_then(present);
    }
    Container {
        name: MAIN.to_owned(),
        env,
        volume_mounts,
        ..Container::default()
    }
}

/// The name of a variable, unless the kubelet must see it before or after another: the order is not kept.
fn stands_alone(variable: &EnvVar) -> Option<&str> {
    let refers = variable.value.iter().any(|value| value.contains("$("));
    (!refers && !variable.name.starts_with("PORTOLAN_")).then_some(&variable.name)
}

/// What holds for all pods, those that are added too.
fn of_pods(pods: &mut [&mut Template], defaults: &mut Template, container: &mut Container) {
    defaults.active_deadline_seconds = common(
        pods.iter_mut()
            .map(|pod| &mut pod.active_deadline_seconds)
            .collect(),
    );
    defaults.priority_class_name = common(pods.iter_mut().map(|pod| &mut pod.priority_class_name).collect());
    defaults.node_selector = common(pods.iter_mut().map(|pod| &mut pod.node_selector).collect());
    let containers = pods.iter_mut().filter_map(|pod| pod.container.as_mut());
    let mut containers: Vec<&mut Container> = containers.collect();
    container.image = common(containers.iter_mut().map(|own| &mut own.image).collect());
    container.resources = common(containers.iter_mut().map(|own| &mut own.resources).collect());
    container.security_context = common(
        containers
            .iter_mut()
            .map(|own| &mut own.security_context)
            .collect(),
    );
}

/// The value that most of `fields` have, taken from these. None is taken if one of the others would not keep its own.
fn common<T: Clone + Default + Serialize>(fields: Vec<&mut T>) -> T {
    let texts: Vec<String> = fields.iter().map(|field| json!(field).to_string()).collect();
    let Some((text, at)) = most_common(texts.iter().cloned()) else {
        return T::default();
    };
    let Some(most) = fields.get(at).map(|field| (**field).clone()) else {
        return T::default();
    };
    let value = json!(most);
    let absent = json!(T::default());
    let kept = |own: &Value| *own != absent && keeps(own, &value);
    if !fields.iter().all(|field| kept(&json!(field))) {
        return T::default();
    }
    for (field, _) in fields.into_iter().zip(&texts).filter(|(_, own)| **own == text) {
        *field = T::default();
    }
    most
}

/// The entries that are in all of `lists`, by `key`, each with the value that most have, taken from these.
fn common_entries<T: Clone + Serialize>(mut lists: Vec<&mut Vec<T>>, key: fn(&T) -> Option<&str>) -> Vec<T> {
    let first = lists.first().map(|list| list.as_slice()).unwrap_or_default();
    let keys: Vec<String> = first.iter().filter_map(key).map(str::to_owned).collect();
    let mut shared = Vec::new();
    for name in keys {
        let found = lists
            .iter()
            .map(|list| list.iter().find(|entry| key(entry) == Some(&name)));
        let Some(found) = found.collect::<Option<Vec<&T>>>() else {
            continue;
        };
        let values: Vec<Value> = found.iter().map(|entry| json!(entry)).collect();
        let Some((text, at)) = most_common(values.iter().map(Value::to_string)) else {
            continue;
        };
        let (Some(most), Some(value)) = (found.get(at).map(|entry| (*entry).clone()), values.get(at)) else {
            continue;
        };
        if values.iter().all(|own| keeps(own, value)) {
            for list in &mut lists {
                list.retain(|entry| key(entry) != Some(&name) || json!(entry).to_string() != text);
            }
            shared.push(most);
        }
    }
    shared
}

/// The text that occurs most often, if any does twice, and where it does first.
fn most_common(texts: impl Iterator<Item = String>) -> Option<(String, usize)> {
    let mut counts: BTreeMap<String, (usize, usize)> = BTreeMap::new();
    for (at, text) in texts.enumerate() {
        counts.entry(text).or_insert((0, at)).0 += 1;
    }
    let repeated = counts.into_iter().filter(|(_, (count, _))| *count > 1);
    let most = repeated.max_by(|(_, (a, first)), (_, (b, second))| a.cmp(b).then(second.cmp(first)));
    most.map(|(text, (_, at))| (text, at))
}

/// True if `own`, merged into `default`, is still `own`: fields of objects are added up, all else is replaced.
fn keeps(own: &Value, default: &Value) -> bool {
    match (own, default) {
        (Value::Object(own), Value::Object(default)) => default
            .iter()
            .all(|(key, value)| own.get(key).is_some_and(|own| keeps(own, value))),
        (own, _) => !own.is_null(),
    }
}
