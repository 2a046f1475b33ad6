//! The tasks of a DAG template: steps with their waits and conditions, approvals, deployments, and what pulls data.

use std::collections::BTreeSet;

use super::chart::Chart;
use super::memory::{self, Memory};
use super::needs::{Need, Wait, settled, wait};
use super::pulls::Pulls;
use super::scope::{Scope, recall_name};
use super::tree::Node;
use super::types::{Arguments, Dag, Inputs, Parameter, Task, Template};
use super::{added, approval, condition, data, deploy, each, step, wants};
use crate::diag::Diagnostics;
use crate::graph::Step;

/// Makes the templates of one chart.
pub struct Maker<'m, 'a> {
    /// What it makes.
    pub chart: &'m Chart<'a>,
    /// What it finds.
    pub out: &'m mut Diagnostics,
    /// What it has made, beside the DAG it is making.
    pub templates: Vec<Template>,
    /// True while it makes the tasks of the DAG that asks what earlier runs left.
    recalls: bool,
}

/// Name of the template that a run starts with.
pub const MAIN: &str = "main";

impl<'m, 'a> Maker<'m, 'a> {
    /// Starts with no templates.
    pub fn new(chart: &'m Chart<'a>, out: &'m mut Diagnostics) -> Maker<'m, 'a> {
        Maker {
            chart,
            out,
            templates: Vec::new(),
            recalls: false,
        }
    }

    /// The DAG of the whole chart, then what it uses, by name.
    pub fn main(mut self) -> Vec<Template> {
        let nodes = &self.chart.nodes;
        let pulls = Pulls::of(self.chart);
        let recalled = match self.chart.fragment {
            // Its conductor asks, and tells.
            Some(_) => BTreeSet::new(),
            None => memory::recalled(self.chart.graph(), self.chart.pipeline),
        };
        self.recalls = !recalled.is_empty();
        let mut tasks = memory::recalls(self.chart, &recalled);
        tasks.extend(self.pull_tasks(&pulls));
        tasks.extend(self.tasks(nodes, &[], &pulls));
        self.recalls = false;
        let remembered = self.remember(&tasks);
        tasks.extend(remembered);
        let mut main = self.dag(MAIN, nodes, &[], tasks);
        if self.chart.fragment.is_some() {
            main.outputs.parameters.push(added::result(self.chart));
        } else {
            // All that it needs is in it.
            main.inputs = Inputs::default();
        }
        if !recalled.is_empty() {
            self.templates.push(memory::recall(self.chart));
        }
        let mut templates = self.templates;
        templates.sort_by(|a, b| a.name.cmp(&b.name));
        templates.dedup_by(|a, b| a.name == b.name);
        templates.insert(0, main);
        templates
    }

    /// A DAG template with the inputs its tasks need.
    pub fn dag(&self, name: &str, nodes: &[Node], assured: &[Need], tasks: Vec<Task>) -> Template {
        let graph = self.chart.graph();
        let wants = wants::of_dag(graph, nodes, assured);
        let parameters = wants.iter().filter_map(|want| want.name(graph));
        Template {
            name: name.to_owned(),
            inputs: Inputs {
                parameters: parameters.map(Parameter::input).collect(),
                ..Inputs::default()
            },
            // Steps that do not depend on a failed one still end.
            dag: Some(Dag {
                fail_fast: false,
                tasks,
            }),
            ..Template::default()
        }
    }

    /// The tasks of `nodes`.
    pub fn tasks(&mut self, nodes: &[Node], assured: &[Need], pulls: &Pulls) -> Vec<Task> {
        let recalls = std::mem::take(&mut self.recalls);
        let scope = Scope::new(self.chart.graph(), nodes).recalling(recalls);
        let mut tasks = Vec::new();
        for node in nodes {
            let mut wait = wait(&scope, node, assured);
            wait.depends.extend(pulls.before(node));
            if recalls {
                wait.depends.extend(self.recalls_before(node));
            }
            match node {
                Node::Step(id) => {
                    let step = &self.chart.graph()[*id];
                    tasks.extend(self.step_tasks(&scope, step, wait));
                }
                Node::Each { each, body } => {
                    tasks.push(each::task(self, &scope, *each, body, wait));
                }
            }
        }
        tasks
    }

    fn step_tasks(&mut self, scope: &Scope<'_>, step: &Step, mut wait: Wait) -> Vec<Task> {
        wait.guards.extend(condition::of_step(scope, step));
        let name = step.name.value.clone();
        let mut tasks = Vec::new();
        if let Some(approval) = &step.approval {
            tasks.extend(approval::tasks(self, &name, approval, &wait));
            wait = Wait {
                depends: vec![approval::granted(&name)],
                guards: Vec::new(),
            };
        }
        match step.kind.always_on() {
            true => self.templates.push(deploy::template(self.chart, step)),
            false => self.templates.extend(step::templates(self.chart, step, self.out)),
        }
        let wanted = wants::of_container(self.chart.graph(), step);
        let parameters = wants::arguments(scope, &wanted, None);
        tasks.push(Task {
            arguments: Arguments { parameters },
            ..waiting(&name, &name, &wait)
        });
        tasks
    }

    /// The tasks that ask what earlier runs left, as far as `node` must know it.
    fn recalls_before(&self, node: &Node) -> BTreeSet<String> {
        let graph = self.chart.graph();
        let wants = wants::of_dag(graph, std::slice::from_ref(node), &[]);
        let pipelines = wants.iter().filter_map(|want| want.recalled(graph));
        pipelines
            .map(|pipeline| format!("{}.Succeeded", recall_name(graph, pipeline)))
            .collect()
    }

    /// The task that leaves to later runs what they ask for, once all of `tasks` are over.
    fn remember(&mut self, tasks: &[Task]) -> Option<Task> {
        let (graph, chart) = (self.chart.graph(), self.chart);
        let memory = Memory::of(graph, chart.pipeline);
        if chart.fragment.is_some() || memory.is_empty() {
            return None;
        }
        let scope = Scope::new(graph, &chart.nodes).recalling(true);
        let record = memory.record(
            graph,
            &scope.last(chart.pipeline.id),
            |steps| scope.any_succeeded(steps),
            |steps, output| scope.first_emitted(steps, output),
        );
        self.templates.extend(memory::remember_template(chart));
        let own = recall_name(graph, chart.pipeline.id);
        let ended = |task: &Task| match task.name == own {
            true => format!("{own}.Succeeded"),
            false => settled(&task.name),
        };
        Some(memory::remember(tasks.iter().map(ended).collect(), &record))
    }

    fn pull_tasks(&mut self, pulls: &Pulls) -> Vec<Task> {
        let graph = self.chart.graph();
        let scope = Scope::new(graph, &self.chart.nodes).recalling(self.recalls);
        let tasks = pulls.named().map(|(name, pull)| {
            let mut wait = Wait::default();
            let hole = format!(
                "{{{{inputs.parameters.{}}}}}",
                data::version_name(graph, pull.data)
            );
            let version = wants::version(&scope, pull.data);
            if pull.versioned {
                wait.guards.push(format!(r#"{version} != "{}""#, data::NONE));
                if self.recalls {
                    let recall = recall_name(graph, graph[pull.data].pipeline);
                    wait.depends.push(format!("{recall}.Succeeded"));
                }
            }
            let filled = |address: &str| address.replace(&hole, &wants::braced(&version));
            if !pull.writers.is_empty() {
                let ran = pull.writers.iter().map(|writer| scope.succeeded(*writer));
                wait.guards.push(ran.collect::<Vec<_>>().join(" or "));
            }
            let parameters = vec![
                Parameter::value("from", filled(&pull.from)),
                Parameter::value("to", filled(&pull.to)),
            ];
            Task {
                arguments: Arguments { parameters },
                ..waiting(name, added::PULL, &wait)
            }
        });
        let tasks: Vec<Task> = tasks.collect();
        if !tasks.is_empty() {
            self.templates.push(added::pull(self.chart));
        }
        tasks
    }
}

/// A task that waits; an expression in `when` is braced, so that Argo's own condition language sees one word.
pub fn waiting(name: &str, template: &str, wait: &Wait) -> Task {
    let when = (!wait.guards.is_empty()).then(|| condition::all_of(&wait.guards));
    Task {
        name: name.to_owned(),
        template: Some(template.to_owned()),
        depends: (!wait.depends.is_empty()).then(|| wait.depends.join(" && ")),
        when: when.map(|expression| format!("{{{{={expression}}}}}")),
        ..Task::default()
    }
}
