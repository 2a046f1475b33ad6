//! The conductor: on the hub, a DAG whose tasks are the fragments of a pipeline.
//!
//! A fragment in the hub's own cluster runs inside the conductor. Any other is dispatched: a small pod submits it there,
//! or attaches to it where it was submitted before, and hands back its result, a JSON object that says for each step
//! whether it ran and what it emitted. From these the conductor makes the parameters of later fragments.

mod pods;

use std::collections::BTreeSet;
use std::rc::Rc;

use pods::{DISPATCH, dispatch};
pub use pods::{again, earlier, limits, passed, sweep};

use super::added::RESULT;
use super::chart::Chart;
use super::choice::{self, ITEM};
use super::dag::{MAIN, waiting};
use super::mailbox;
use super::memory::{self, Memory};
use super::needs::Wait;
use super::scope::{Scope, output_name, ran_name, recall_name};
use super::tree::{self, Node};
use super::types::{Arguments, Dag, Parameter, Task, Template, TemplateRef};
use super::wants::{self, Want};
use crate::graph::{Binding, PipelineId, StepId};
use crate::lower::fragments::Fragment;
use crate::lower::{names, site};

/// The tasks of the conductor, and the templates they use.
pub fn templates(hub: &Chart<'_>, fragments: &[Fragment], charts: &[Chart<'_>]) -> Vec<Template> {
    let tasks: Vec<Task> = fragments
        .iter()
        .zip(charts)
        .map(|(fragment, chart)| task(hub, fragments, fragment, chart))
        .collect();
    let recalled = memory::recalled(hub.graph(), hub.pipeline);
    let remembered = remember(hub, fragments, &tasks);
    let mut templates = vec![Template {
        name: MAIN.to_owned(),
        dag: Some(Dag {
            fail_fast: false,
            tasks: memory::recalls(hub, &recalled)
                .into_iter()
                .chain(tasks)
                .chain(remembered)
                .collect(),
        }),
        ..Template::default()
    }];
    let away = || charts.iter().filter(|chart| chart.site != hub.site);
    templates.extend(
        away()
            .any(|chart| !mailbox::is_used(hub, chart.site))
            .then(|| dispatch(hub)),
    );
    templates.extend(
        away()
            .any(|chart| mailbox::is_used(hub, chart.site))
            .then(|| mailbox::post(hub)),
    );
    templates.extend((!recalled.is_empty()).then(|| memory::recall(hub)));
    let remembers = !Memory::of(hub.graph(), hub.pipeline).is_empty();
    templates.extend(remembers.then(|| memory::remember_template(hub)).flatten());
    templates
}

/// The task that leaves to later runs what they ask for, once all fragments are over.
fn remember(hub: &Chart<'_>, fragments: &[Fragment], tasks: &[Task]) -> Option<Task> {
    let memory = Memory::of(hub.graph(), hub.pipeline);
    let known = Known { hub, fragments };
    let last = known.scope().last(hub.pipeline.id);
    let before = tasks.iter().map(|task| format!("{}.Succeeded", task.name));
    let own = recall_name(hub.graph(), hub.pipeline.id);
    let before = before.chain([format!("{own}.Succeeded")]).collect();
    let record = || {
        memory.record(
            hub.graph(),
            &last,
            |steps| known.ran(steps),
            |steps, output| known.first(steps, output),
        )
    };
    (!memory.is_empty()).then(|| memory::remember(before, &record()))
}

fn task(hub: &Chart<'_>, fragments: &[Fragment], fragment: &Fragment, chart: &Chart<'_>) -> Task {
    let graph = hub.graph();
    let name = |position: &usize| fragments.get(*position).map(|other| other.name(graph));
    let after = fragment.after.iter().filter_map(name).map(str::to_owned);
    let wanted = wants::of_dag(graph, &chart.nodes, &[]);
    let recalled: BTreeSet<PipelineId> = wanted.iter().filter_map(|want| want.recalled(graph)).collect();
    let recalled = recalled.into_iter().map(|pipeline| recall_name(graph, pipeline));
    let depends = after
        .chain(recalled)
        .map(|name| format!("{name}.Succeeded"))
        .collect();
    let posted = mailbox::is_used(hub, chart.site);
    let task = waiting(
        fragment.name(graph),
        if posted { mailbox::POST } else { DISPATCH },
        &Wait {
            depends,
            guards: Vec::new(),
        },
    );
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
    let mut told = match mailbox::address(hub, chart.site).filter(|_| mailbox::is_used(hub, chart.site)) {
        Some(address) => vec![Parameter::value("mailbox", address)],
        None => vec![
            Parameter::value("context", site::context(chart.graph(), &plan[chart.site])),
            Parameter::value("namespace", chart.namespace()),
        ],
    };
    told.extend([
        Parameter::value("template", chart.name.clone()),
        Parameter::value("fragment", chart.fragment.clone().unwrap_or_default()),
        Parameter::value("parameters", format!("{{{{=toJson([{}])}}}}", entries.join(", "))),
    ]);
    told
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
            Want::Best(choice) => {
                let (values, places) = (
                    self.first(&choice.steps, &choice.output),
                    self.first(&choice.steps, ITEM),
                );
                choice.best(&values, &places)
            }
            Want::Last(pipeline) => self.scope().last(*pipeline),
            Want::Version(data) => memory::version(&self.scope(), *data),
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

    /// The conductor's own DAG: it has no step, and asks what earlier runs left.
    fn scope(&self) -> Scope<'_> {
        Scope::new(self.hub.graph(), &[]).recalling(true)
    }

    /// True if one of `steps` ran.
    fn ran(&self, steps: &[StepId]) -> String {
        let graph = self.hub.graph();
        let ran = steps
            .iter()
            .map(|step| format!(r#"{} == "true""#, self.field(*step, &ran_name(graph, *step))));
        format!("({})", ran.collect::<Vec<_>>().join(" or "))
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
            .find(|fragment| fragment.steps.binary_search(&step).is_ok());
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
    let asked = Rc::new(asked(hub, &nodes));
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
            chosen: Rc::clone(&hub.chosen),
            asked: Rc::clone(&asked),
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
            Want::Best(choice) => asked.extend(choice::lists(graph, choice)),
            Want::Value(_) | Want::Last(_) | Want::Version(_) => {}
        }
    }
    let memory = Memory::of(graph, hub.pipeline);
    for (steps, output) in memory.outputs() {
        asked.extend(steps.iter().map(|step| output_name(graph, &[*step], output)));
        asked.extend(steps.iter().map(|step| ran_name(graph, *step)));
    }
    asked.extend(
        memory
            .writers(graph)
            .into_iter()
            .map(|step| ran_name(graph, step)),
    );
    asked
}
