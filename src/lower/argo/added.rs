//! Templates that Portolan adds to the author's steps.

use k8s_openapi::api::core::v1::EnvVar;

use super::chart::Chart;
use super::choice::ITEM;
use super::scope::{Scope, encoded, output_name, ran_name};
use super::stock::{self, Script};
use super::types::{Backoff, Inputs, Parameter, RetryStrategy, Template, ValueFrom};
use super::wants::is_text;
use crate::lower::names::EXECUTOR;
use crate::lower::pod;

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
        service_account_name: Some(account.to_owned()),
        retry_strategy: Some(again(5)),
        container: Some(stock::container(chart.input, script, env, "64Mi")),
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

/// A JSON object of what other fragments ask for: whether steps ran, and what they emitted.
fn report(chart: &Chart<'_>) -> String {
    let graph = chart.graph();
    let scope = Scope::new(graph, &chart.nodes);
    let mut entries = Vec::new();
    for id in chart.nodes.iter().flat_map(super::tree::Node::steps) {
        let ran = scope.succeeded(id);
        let name = ran_name(graph, id);
        if chart.asked.contains(&name) {
            entries.push(format!(r#""{name}": {ran} ? "true" : "false""#));
        }
        for (name, ty) in chart.answers(&graph[id]) {
            let output = output_name(graph, &[id], name);
            if !chart.asked.contains(&output) {
                continue;
            }
            let value = scope.emitted(id, name, false);
            // Where an item's data lies is made of values that are encoded already.
            let value = match is_text(ty) && name != ITEM {
                true => encoded(&value),
                false => value,
            };
            entries.push(format!(r#""{output}": {ran} ? {value} : """#));
        }
    }
    format!("toJson({{{}}})", entries.join(", "))
}
