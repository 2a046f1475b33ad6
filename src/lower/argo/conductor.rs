//! The conductor: on the hub, a DAG whose tasks are the fragments of a pipeline.
//!
//! A fragment in the hub's own cluster runs inside the conductor. Any other is dispatched: a small pod submits it there,
//! or attaches to it where it was submitted before, and hands back its result, a JSON object that says for each step
//! whether it ran and what it emitted. From these the conductor makes the parameters of later fragments.

mod pods;

use std::collections::BTreeSet;

pub use pods::sweep;
use pods::{DISPATCH, dispatch};

use super::added::RESULT;
use super::chart::Chart;
use super::dag::{MAIN, waiting};
use super::needs::Wait;
use super::scope::{output_name, ran_name};
use super::tree::{self, Node};
use super::types::{Arguments, Dag, Parameter, Task, Template, TemplateRef};
use super::wants::{self, Want};
use crate::graph::{Binding, StepId};
use crate::lower::fragments::Fragment;
use crate::lower::{names, site};

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
        Parameter::value("context", site::context(chart.graph(), &plan[chart.site])),
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
fn asked(hub: &Chart<'_>, nodes: &[Vec<Node>]) -> BTreeSet<String> {
    let graph = hub.graph();
    let wants = nodes.iter().flat_map(|nodes| wants::of_dag(graph, nodes, &[]));
    let mut asked = BTreeSet::new();
    for want in wants {
        match &want {
            Want::Ran(step) => {
                asked.insert(ran_name(graph, *step));
            }
            Want::Value(Binding::Output { steps, output, .. }) | Want::List(steps, output) => {
                for step in steps {
                    asked.insert(output_name(graph, &[*step], output));
                    // Which of several it comes from is decided by which ran.
                    if steps.len() > 1 {
                        asked.insert(ran_name(graph, *step));
                    }
                }
            }
            Want::Value(_) => {}
        }
    }
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
