//! The conductor: on the hub, a DAG whose tasks are the fragments of a pipeline.
//!
//! A fragment in the hub's own cluster runs inside the conductor. Any other is dispatched: a small pod submits it there,
//! or attaches to it where it was submitted before, and hands back its result, a JSON object that says for each step
//! whether it ran and what it emitted. From these the conductor makes the parameters of later fragments.

use super::added::{RESULT, script};
use super::chart::Chart;
use super::dag::{MAIN, waiting};
use super::needs::Wait;
use super::scope::{output_name, ran_name};
use super::stock::{OUT, Script};
use super::types::{
    Arguments, Artifact, Backoff, Dag, Parameter, RetryStrategy, Task, Template, TemplateRef, ValueFrom,
};
use super::wants::{self, Want};
use super::tree::{self, Node};
use super::data;
use crate::graph::{Binding, StepId};
use crate::lower::fragments::Fragment;
use crate::lower::names::{self, CONDUCTOR};
use crate::lower::{pod, site, storage};

/// Name of the template that runs a fragment in another cluster.
const DISPATCH: &str = "dispatch";
/// Where an earlier result is put, if there is one.
const EARLIER: &str = "/portolan/in/result";
/// How often a fragment may be started in its cluster; its steps have attempts of their own.
const ATTEMPTS: u32 = 2;
/// Seconds without an answer after which contact is lost.
const LOST_AFTER: u32 = 900;

/// The tasks of the conductor, and the templates they use.
pub fn templates(hub: &Chart<'_>, fragments: &[Fragment], charts: &[Chart<'_>]) -> Vec<Template> {
    let tasks: Vec<Task> = fragments
        .iter()
        .zip(charts)
        .map(|(fragment, chart)| task(hub, fragments, fragment, chart))
        .collect();
    let mut templates = vec![Template {
        name: MAIN.to_owned(),
        dag: Some(Dag {
            fail_fast: false,
            tasks,
        }),
        ..Template::default()
    }];
    if charts.iter().any(|chart| chart.site != hub.site) {
        templates.push(dispatch(hub));
    }
    templates
}

fn task(hub: &Chart<'_>, fragments: &[Fragment], fragment: &Fragment, chart: &Chart<'_>) -> Task {
    let graph = hub.graph();
    let name = |position: &usize| fragments.get(*position).map(|other| other.name(graph));
    let after = fragment.after.iter().filter_map(name);
    let depends = after.map(|name| format!("{name}.Succeeded")).collect();
    let task = waiting(
        fragment.name(graph),
        DISPATCH,
        &Wait {
            depends,
            guards: Vec::new(),
        },
    );
    let wanted = wants::of_dag(graph, &chart.nodes, &[]);
    let known = Known { hub, fragments };
    let parameters: Vec<Parameter> = wanted
        .iter()
        .filter_map(|want| Some(Parameter::value(want.name(graph)?, known.value(want))))
        .collect();
    if chart.site == hub.site {
        let reference = TemplateRef {
            name: chart.name.clone(),
            template: MAIN.to_owned(),
        };
        return Task {
            template: None,
            template_ref: Some(reference),
            arguments: Arguments {
                parameters: local(parameters),
            },
            ..task
        };
    }
    Task {
        arguments: Arguments {
            parameters: remote(hub, chart, &parameters),
        },
        ..task
    }
}

fn local(parameters: Vec<Parameter>) -> Vec<Parameter> {
    let braced = |value: String| format!("{{{{={value}}}}}");
    parameters
        .into_iter()
        .map(|parameter| Parameter {
            value: parameter.value.map(braced),
            ..parameter
        })
        .collect()
}

/// What `dispatch` is told: where, what, and the fragment's own parameters as a JSON list.
fn remote(hub: &Chart<'_>, chart: &Chart<'_>, parameters: &[Parameter]) -> Vec<Parameter> {
    let plan = hub.input.plan;
    let mut all: Vec<(String, String)> = vec![
        ("run".to_owned(), "workflow.parameters.run".to_owned()),
        ("date".to_owned(), "workflow.parameters.date".to_owned()),
    ];
    let own = hub
        .pipeline
        .parameters
        .iter()
        .map(|parameter| &parameter.name.value);
    all.extend(own.map(|name| (name.clone(), format!(r#"workflow.parameters["{name}"]"#))));
    let passed = parameters.iter();
    all.extend(passed.map(|parameter| {
        (
            parameter.name.clone(),
            parameter.value.clone().unwrap_or_default(),
        )
    }));
    let entries: Vec<String> = all
        .iter()
        .map(|(name, value)| format!(r#"{{"name": "{name}", "value": {value}}}"#))
        .collect();
    vec![
        Parameter::value("context", plan[chart.site].cluster.clone()),
        Parameter::value("namespace", chart.namespace()),
        Parameter::value("template", chart.name.clone()),
        Parameter::value("fragment", chart.fragment.clone().unwrap_or_default()),
        Parameter::value("parameters", format!("{{{{=toJson([{}])}}}}", entries.join(", "))),
    ]
}

/// What the conductor knows once fragments have answered.
struct Known<'k, 'a> {
    hub: &'k Chart<'a>,
    fragments: &'k [Fragment],
}

impl Known<'_, '_> {
    fn value(&self, want: &Want) -> String {
        let graph = self.hub.graph();
        match want {
            Want::Ran(step) => self.field(*step, &ran_name(graph, *step)),
            Want::Value(Binding::Output { steps, output, .. }) | Want::List(steps, output) => {
                self.first(steps, output)
            }
            // Neither leaves a fragment: items belong to fan-outs, which are in one, and addresses are fixed.
            Want::Value(
                Binding::Parameter { .. }
                | Binding::Item { .. }
                | Binding::Run(_)
                | Binding::DataUri(_)
                | Binding::DataPath(_),
            ) => r#""""#.to_owned(),
        }
    }

    /// The output of the first of `steps` that ran.
    fn first(&self, steps: &[StepId], output: &str) -> String {
        let graph = self.hub.graph();
        let mut said = r#""""#.to_owned();
        for (position, step) in steps.iter().rev().enumerate() {
            let value = self.field(*step, &output_name(graph, &[*step], output));
            said = match position {
                0 => value,
                _ => format!(
                    r#"({} == "true" ? {value} : {said})"#,
                    self.field(*step, &ran_name(graph, *step))
                ),
            };
        }
        said
    }

    fn field(&self, step: StepId, name: &str) -> String {
        let fragment = self
            .fragments
            .iter()
            .find(|fragment| fragment.steps.contains(&step));
        let task = fragment.map_or("", |fragment| fragment.name(self.hub.graph()));
        format!(r#"fromJSON(tasks["{task}"].outputs.parameters["{RESULT}"])["{name}"]"#)
    }
}

fn dispatch(hub: &Chart<'_>) -> Template {
    let inputs = ["context", "namespace", "template", "fragment", "parameters"];
    let input = |name: &str| format!("{{{{inputs.parameters.{name}}}}}");
    let env = vec![
        pod::variable("KUBECONFIG", "/portolan/spokes/config"),
        pod::variable("CONTEXT", input("context")),
        pod::variable("NAMESPACE", input("namespace")),
        pod::variable("TEMPLATE", input("template")),
        pod::variable("FRAGMENT", input("fragment")),
        pod::variable("PIPELINE", hub.pipeline.name.value.clone()),
        pod::variable("RUN", data::RUN),
        // The kubelet halves each `$`.
        pod::variable(
            "PARAMETERS",
            r#"{{=replace(inputs.parameters.parameters, "$", "$$")}}"#,
        ),
        pod::variable("ATTEMPTS", ATTEMPTS.to_string()),
        pod::variable("LOST_AFTER", LOST_AFTER.to_string()),
    ];
    let mut template = script(hub, DISPATCH, Script::Dispatch, &inputs, env, CONDUCTOR);
    // 64 is final; 75 is lost contact: the next pod attaches.
    template.retry_strategy = Some(RetryStrategy {
        limit: "20".to_owned(),
        retry_policy: "Always",
        expression: "lastRetry.status == 'Error' or asInt(lastRetry.exitCode) in [75, 137, 143]".to_owned(),
        backoff: Backoff {
            duration: "15s".to_owned(),
            factor: "2".to_owned(),
            cap: Some("5m".to_owned()),
        },
    });
    let path = format!("{OUT}/{RESULT}");
    let from = ValueFrom {
        path: Some(path.clone()),
        ..ValueFrom::default()
    };
    template.outputs.parameters = vec![Parameter::from(RESULT, from)];
    template.inputs.artifacts.extend(marker(hub, EARLIER));
    template.outputs.artifacts.extend(marker(hub, &path));
    spokes(&mut template);
    template
}

/// A run that is started again with the same identifier finds what was done before.
fn marker(hub: &Chart<'_>, path: &str) -> Option<Artifact> {
    let root = storage::bucket(hub.input, hub.site)?.root;
    let prefix = storage::pipeline_prefix(hub.graph(), hub.pipeline.id);
    let address = format!(
        "{root}/{prefix}{}/_fragments/{{{{inputs.parameters.fragment}}}}.json",
        data::RUN
    );
    let artifact = data::artifact(hub.input, hub.site, "result".to_owned(), path, &address)?;
    Some(Artifact {
        optional: true,
        ..artifact
    })
}

/// Mounts the kubeconfig with a context for each cluster. It is made by the people who run them, never generated.
fn spokes(template: &mut Template) {
    use k8s_openapi::api::core::v1::{SecretVolumeSource, Volume, VolumeMount};
    if let Some(mounts) = template
        .container
        .as_mut()
        .and_then(|container| container.volume_mounts.as_mut())
    {
        mounts.push(VolumeMount {
            mount_path: "/portolan/spokes".to_owned(),
            name: "spokes".to_owned(),
            read_only: Some(true),
            ..VolumeMount::default()
        });
    }
    template.volumes.push(Volume {
        name: "spokes".to_owned(),
        secret: Some(SecretVolumeSource {
            secret_name: Some(names::SPOKES.to_owned()),
            ..SecretVolumeSource::default()
        }),
        ..Volume::default()
    });
}

/// Stops children of a run that did not succeed.
pub fn sweep(hub: &Chart<'_>, name: &str, charts: &[Chart<'_>]) -> Template {
    let plan = hub.input.plan;
    let mut clusters: Vec<String> = charts
        .iter()
        .filter(|chart| chart.site != hub.site)
        .map(|chart| format!("{} {}", plan[chart.site].cluster, chart.namespace()))
        .collect();
    clusters.sort();
    clusters.dedup();
    let env = vec![
        pod::variable("KUBECONFIG", "/portolan/spokes/config"),
        pod::variable("RUN", data::RUN),
        pod::variable("STATUS", "{{workflow.status}}"),
        pod::variable("CLUSTERS", clusters.join("\n")),
    ];
    let mut template = script(hub, name, Script::Sweep, &[], env, CONDUCTOR);
    spokes(&mut template);
    template
}

/// A chart for each fragment.
pub fn charts<'a>(hub: &Chart<'a>, fragments: &[Fragment]) -> Vec<Chart<'a>> {
    let graph = hub.graph();
    let nodes: Vec<Vec<Node>> = fragments
        .iter()
        .map(|fragment| tree::tree(graph, &fragment.steps))
        .collect();
    let asked = asked(hub, &nodes);
    fragments
        .iter()
        .zip(nodes)
        .map(|(fragment, nodes)| Chart {
            input: hub.input,
            pipeline: hub.pipeline,
            site: fragment.site,
            name: names::name(
                names::Service::WorkflowTemplate,
                &[&hub.pipeline.name.value, fragment.name(graph)],
            ),
            fragment: Some(fragment.name(graph).to_owned()),
            nodes,
            asked: asked.clone(),
        })
        .collect()
}

/// Names of all values that go from one fragment to another.
fn asked(hub: &Chart<'_>, nodes: &[Vec<Node>]) -> Vec<String> {
    let graph = hub.graph();
    let wants = nodes.iter().flat_map(|nodes| wants::of_dag(graph, nodes, &[]));
    let mut asked: Vec<String> = Vec::new();
    for want in wants {
        match &want {
            Want::Ran(step) => asked.push(ran_name(graph, *step)),
            Want::Value(Binding::Output { steps, output, .. }) | Want::List(steps, output) => {
                for step in steps {
                    asked.push(output_name(graph, &[*step], output));
                    // Which of several it comes from is decided by which ran.
                    if steps.len() > 1 {
                        asked.push(ran_name(graph, *step));
                    }
                }
            }
            Want::Value(_) => {}
        }
    }
    asked.sort();
    asked.dedup();
    asked
}

/// The clusters that cannot be called from outside.
pub fn unreachable_from_hub<'c>(hub: &Chart<'_>, charts: &'c [Chart<'_>]) -> Option<&'c str> {
    let graph = hub.graph();
    let mailbox = |chart: &&Chart<'_>| {
        let cluster = site::cluster(graph, &hub.input.plan[chart.site]);
        chart.site != hub.site
            && cluster.is_some_and(|cluster| cluster.transport == crate::graph::Transport::Mailbox)
    };
    let found = charts.iter().find(mailbox)?;
    Some(found.input.plan[found.site].cluster.as_str())
}
