//! The tasks of a DAG template: steps with their waits and conditions, approvals, deployments, and what pulls data.

use super::chart::Chart;
use super::needs::{Need, Wait, wait};
use super::pulls::Pulls;
use super::scope::Scope;
use super::tree::Node;
use super::types::{Arguments, Dag, Inputs, Parameter, Task, Template};
use super::{added, approval, condition, deploy, each, step, wants};
use crate::diag::{Code, Diagnostic, Diagnostics};
use crate::graph::Step;

/// Makes the templates of one chart.
pub struct Maker<'m, 'a> {
    /// What it makes.
    pub chart: &'m Chart<'a>,
    /// What it finds.
    pub out: &'m mut Diagnostics,
    /// What it has made, beside the DAG it is making.
    pub templates: Vec<Template>,
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
        }
    }

    /// The DAG of the whole chart, then what it uses, by name.
    pub fn main(mut self) -> Vec<Template> {
        let nodes = &self.chart.nodes;
        let pulls = Pulls::of(self.chart);
        let mut tasks = self.pull_tasks(&pulls);
        tasks.extend(self.tasks(nodes, &[], &pulls));
        let mut main = self.dag(MAIN, nodes, &[], tasks);
        if self.chart.fragment.is_some() {
            main.outputs.parameters.push(added::result(self.chart));
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
        let scope = Scope::new(self.chart.graph(), nodes);
        let mut tasks = Vec::new();
        for node in nodes {
            let mut wait = wait(&scope, node, assured);
            wait.depends.extend(pulls.before(node));
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
        wait.guards.extend(self.conditions(scope, step));
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

    /// The step's own condition, and the opposite of those it is the alternative to.
    fn conditions(&mut self, scope: &Scope<'_>, step: &Step) -> Vec<String> {
        let graph = self.chart.graph();
        let own = step.when.iter().map(|when| (when, false));
        let others = step
            .otherwise
            .iter()
            .filter_map(|other| graph[other.value].when.as_ref());
        let mut said = Vec::new();
        for (when, opposite) in own.chain(others.map(|when| (when, true))) {
            match condition::expression(scope, &when.value) {
                Ok(expression) if opposite => said.push(format!("not ({expression})")),
                Ok(expression) => said.push(expression),
                Err(unsayable) => self.out.push(Diagnostic::new(
                    Code::UnsupportedNode,
                    if unsayable.span == crate::source::Span::default() {
                        when.span
                    } else {
                        unsayable.span
                    },
                    "",
                    unsayable.what,
                )),
            }
        }
        said
    }

    fn pull_tasks(&mut self, pulls: &Pulls) -> Vec<Task> {
        let scope = Scope::new(self.chart.graph(), &self.chart.nodes);
        let tasks = pulls.named().map(|(name, pull)| {
            let mut wait = Wait::default();
            if !pull.writers.is_empty() {
                let ran = pull.writers.iter().map(|writer| scope.succeeded(*writer));
                wait.guards.push(ran.collect::<Vec<_>>().join(" or "));
            }
            let parameters = vec![
                Parameter::value("from", pull.from.clone()),
                Parameter::value("to", pull.to.clone()),
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
    let together = |parts: &[String], word: &str| (!parts.is_empty()).then(|| parts.join(word));
    let when = match wait.guards.as_slice() {
        [only] => Some(only.clone()),
        parts => together(
            &parts.iter().map(|part| format!("({part})")).collect::<Vec<_>>(),
            " and ",
        ),
    };
    Task {
        name: name.to_owned(),
        template: Some(template.to_owned()),
        depends: together(&wait.depends, " && "),
        when: when.map(|expression| format!("{{{{={expression}}}}}")),
        ..Task::default()
    }
}
