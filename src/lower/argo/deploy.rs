//! Putting a run into service: what serving and streaming steps get instead of a container of their own.
//!
//! Their Deployment is committed. A run writes the ConfigMap that says which run is served, with the values that the
//! program refers to, and starts new pods ([`release`]).

use super::added;
use super::chart::Chart;
use super::step::{answer, timeout};
use super::stock::Script;
use super::types::{Metadata, Parameter, Template};
use super::wants;
use crate::graph::Step;
use crate::lower::kubernetes::{Workload, kserve, release, rollout, workload};
use crate::lower::names;
use crate::lower::pod::{self, Asked};
use crate::lower::site;
use crate::quantity::Seconds;

/// The template that deploys `step`.
pub fn template(chart: &Chart<'_>, step: &Step) -> Template {
    let chosen = site::chosen_namespace(chart.input, chart.site);
    let object = names::object(&chart.pipeline.name.value, &step.name.value, chosen);
    let (kind, name) = match workload(step) {
        Workload::Deployment => ("deployment", object),
        Workload::Rollout => ("rollout", object),
        Workload::InferenceService => ("inferenceservice", kserve::name(&object)),
    };
    let env = vec![
        pod::variable(pod::BRACE, "{"),
        pod::variable("NAMESPACE", chart.namespace()),
        pod::variable("KIND", kind),
        pod::variable("OBJECT", name),
        pod::variable("RELEASE", release::name(chart.input, step)),
        pod::variable("WAIT", wait(chart, step).0.to_string()),
    ];
    let mut template = added::script(chart, &step.name.value, Script::Deploy, &[], env, names::DEPLOYER);
    let wanted = wants::of_container(chart.graph(), step);
    let wanted = wanted.iter().filter_map(|want| want.name(chart.graph()));
    template.inputs.parameters = wanted.map(Parameter::input).collect();
    let entries = release::keys(chart.input, step)
        .into_iter()
        .map(|(key, binding)| {
            let value = answer(chart.input, step, Asked::Reference(&binding));
            format!("{key}={value}")
        });
    if let Some(container) = &mut template.container {
        container.args = Some(entries.collect());
    }
    template.metadata = Some(Metadata {
        labels: chart.step_labels(step),
    });
    // The only kind of task that talks to the API of its own cluster.
    template.automount_service_account_token = Some(true);
    template
}

/// How long the new version may take: to start, and then as its rollout says.
fn wait(chart: &Chart<'_>, step: &Step) -> Seconds {
    let slow = step
        .serving
        .as_ref()
        .map(|serving| rollout::duration(&serving.rollout));
    timeout(chart.input, step) + slow.unwrap_or(Seconds::ZERO)
}
