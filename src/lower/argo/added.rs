//! Templates that Portolan adds to the author's steps.

use k8s_openapi::api::core::v1::EnvVar;

use super::chart::Chart;
use super::scope::{Scope, encoded, output_name, ran_name};
use super::stock::{self, Script};
use super::types::{Backoff, Inputs, Metadata, Parameter, RetryStrategy, Template, ValueFrom};
use super::wants::{self, textual};
use crate::graph::{Binding, Step};
use crate::lower::kubernetes::release;
use crate::lower::names::{self, EXECUTOR};
use crate::lower::pod::{self, Asked};
use crate::lower::site;

/// Name of the template that brings data.
pub const PULL: &str = "pull";
/// Output of a fragment: what later ones want to know of it, as a JSON object of texts.
pub const RESULT: &str = "result";

/// A template that runs `script` with `inputs` as `account`; what fails for an outside reason is tried again.
pub fn script(
    chart: &Chart<'_>,
    name: &str,
    script: Script,
    inputs: &[&str],
    env: Vec<EnvVar>,
    account: &str,
) -> Template {
    let parameters = inputs.iter().copied().map(Parameter::input);
    Template {
        name: name.to_owned(),
        inputs: Inputs {
            parameters: parameters.collect(),
            ..Inputs::default()
        },
        metadata: Some(Metadata {
            labels: chart.labels(None),
        }),
        service_account_name: Some(account.to_owned()),
        retry_strategy: Some(again(5)),
        container: Some(stock::container(chart.input, script, env, "64Mi")),
        volumes: stock::volumes(&chart.pipeline.name.value),
        ..Template::default()
    }
}

fn again(limit: u32) -> RetryStrategy {
    RetryStrategy {
        limit: limit.to_string(),
        retry_policy: "Always",
        expression: "lastRetry.status == 'Error' or asInt(lastRetry.exitCode) in [75, 137, 143]".to_owned(),
        backoff: Backoff {
            duration: "30s".to_owned(),
            factor: "2".to_owned(),
            cap: Some("10m".to_owned()),
        },
    }
}

/// Brings a data set from another site's bucket into this one's.
pub fn pull(chart: &Chart<'_>) -> Template {
    let env = [("FROM", "from"), ("TO", "to")];
    let env = env.map(|(name, input)| pod::variable(name, format!("{{{{inputs.parameters.{input}}}}}")));
    let mut template = script(chart, PULL, Script::Pull, &["from", "to"], env.to_vec(), EXECUTOR);
    template.container = Some(stock::container(chart.input, Script::Pull, env.to_vec(), "1Gi"));
    template
}

/// Says which run a serving or streaming step serves from now on: writes its release, and starts new pods.
pub fn deploy(chart: &Chart<'_>, step: &Step) -> Template {
    let graph = chart.graph();
    let cluster = site::cluster(graph, &chart.input.plan[chart.site]);
    let chosen = cluster.and_then(|cluster| cluster.namespace.as_deref());
    let object = names::object(&chart.pipeline.name.value, &step.name.value, chosen);
    let env = vec![
        pod::variable(pod::BRACE, "{"),
        pod::variable("NAMESPACE", chart.namespace()),
        pod::variable("DEPLOYMENT", object),
        pod::variable("RELEASE", release::name(chart.input, step)),
        pod::variable("WAIT", format!("{}s", super::step::timeout(chart.input, step).0)),
    ];
    let mut template = script(chart, &step.name.value, Script::Deploy, &[], env, names::DEPLOYER);
    let wanted = wants::of_container(graph, step);
    let wanted = wanted.iter().filter_map(|want| want.name(graph));
    template.inputs.parameters = wanted.map(Parameter::input).collect();
    let entries = release::keys(chart.input, step)
        .into_iter()
        .map(|(key, binding)| {
            let value = super::step::answer(chart.input, step, Asked::Reference(&binding));
            format!("{key}={value}")
        });
    if let Some(container) = &mut template.container {
        container.args = Some(entries.collect());
    }
    template.metadata = Some(Metadata {
        labels: chart.labels(Some(step)),
    });
    template.automount_service_account_token = Some(true);
    template
}

/// What a fragment says when all went well: whether each step ran, and what it emitted.
pub fn result(chart: &Chart<'_>) -> Parameter {
    let from = ValueFrom {
        expression: Some(report(chart)),
        ..ValueFrom::default()
    };
    Parameter {
        // The hub's dispatcher finds it in the workflow's own outputs.
        global_name: Some(RESULT),
        ..Parameter::from(RESULT, from)
    }
}

/// A JSON object: for each step whether it ran, and what it emitted.
fn report(chart: &Chart<'_>) -> String {
    let graph = chart.graph();
    let scope = Scope {
        graph,
        nodes: &chart.nodes,
    };
    let mut entries = Vec::new();
    for id in chart.nodes.iter().flat_map(super::tree::Node::steps) {
        let ran = scope.succeeded(id);
        entries.push(format!(r#""{}": {ran} ? "true" : "false""#, ran_name(graph, id)));
        for emit in &graph[id].emits {
            let name = &emit.name.value;
            let binding = Binding::Output {
                steps: vec![id],
                output: name.clone(),
                ty: emit.ty,
                list: false,
            };
            let value = scope.emitted(id, name, false);
            let value = if textual(&binding) { encoded(&value) } else { value };
            let output = output_name(graph, &[id], name);
            entries.push(format!(r#""{output}": {ran} ? {value} : """#));
        }
    }
    format!("toJson({{{}}})", entries.join(", "))
}
