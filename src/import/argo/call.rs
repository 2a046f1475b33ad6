//! A template called -> the steps that it runs.

use std::collections::{BTreeMap, BTreeSet};

use super::library::Home;
use super::scope::{Made, Scope};
use super::{Importer, MOST_STEPS, depends, known};
use crate::import::condition::{self, Condition, Operand, Quoted};
use crate::import::text::{Reference, Text};
use crate::import::yaml::Node;
use crate::source::Span;

/// A call with its arguments.
pub struct Call<'t> {
    /// What the caller calls it.
    pub name: &'t str,
    /// Where it is called.
    pub span: Span,
    /// Where its templates are.
    pub home: &'t Home<'t>,
    /// What is called.
    pub template: &'t Node,
    /// Arguments by name.
    pub parameters: BTreeMap<String, Text>,
    /// Data sets by the name of the artifact.
    pub artifacts: BTreeMap<String, String>,
}

/// Where the steps of a call stand.
#[derive(Clone, Default)]
pub struct Place {
    /// The innermost fan-out.
    pub block: Option<usize>,
    /// What must have ended.
    pub after: BTreeSet<usize>,
    /// What must hold.
    pub conditions: Vec<Condition>,
    /// At the end of every run.
    pub last: bool,
    /// How many items of a fan-out at once.
    pub concurrency: Option<String>,
}

/// Tasks by their names, in an order in which each comes after those it waits for.
struct Task<'t> {
    node: &'t Node,
    name: &'t str,
    before: BTreeSet<&'t str>,
}

impl<'t> Importer<'t, '_> {
    /// Pastes what a call runs.
    pub fn paste(&mut self, call: Call<'t>, place: &Place) -> Made {
        let span = call.template.span;
        if self.open.contains(&span) {
            self.stop(
                call.span,
                "a template that calls itself",
                "a pipeline has no circles",
            );
            return Made::default();
        }
        if self.pipeline.steps.len() > MOST_STEPS {
            self.stop(
                call.span,
                "a workflow of this size",
                "its templates unfold into thousands of steps",
            );
            return Made::default();
        }
        self.open.push(span);
        self.keys(call.template, &known::TEMPLATE);
        let mut scope = self.inputs(&call);
        let template = call.template;
        let mut made = if let Some(dag) = template.get("dag") {
            self.keys(dag, &known::DAG);
            self.composite(template);
            self.dag(&call, dag, &mut scope, place)
        } else if let Some(steps) = template.get("steps") {
            self.composite(template);
            self.groups(&call, steps, &mut scope, place)
        } else {
            self.leaf(&call, &scope, place)
        };
        if made.step.is_none() {
            self.outputs(template, &scope, &mut made);
        }
        self.open.pop();
        made
    }

    /// What only containers have is not passed on to what a template calls.
    fn composite(&mut self, template: &'t Node) {
        for key in ["retryStrategy", "timeout", "activeDeadlineSeconds", "memoize"] {
            if let Some(node) = template.get(key) {
                self.stop(
                    node.span,
                    &format!("`{key}` of several steps"),
                    "each step has its own",
                );
            }
        }
    }

    /// The scope of a template: its inputs with the arguments of a call.
    fn inputs(&mut self, call: &Call<'t>) -> Scope<'t> {
        let mut scope = Scope::default();
        for (side, kind) in [
            ("inputs", "parameters"),
            ("inputs", "artifacts"),
            ("outputs", "parameters"),
            ("outputs", "artifacts"),
        ] {
            for one in call
                .template
                .get(side)
                .map_or(&[][..], |node| node.items_of(kind))
            {
                let path = one.text_of("path");
                let path = path.or_else(|| one.get("valueFrom").and_then(|from| from.text_of("path")));
                if let (Some(name), Some(path)) = (one.text_of("name"), path) {
                    scope.paths.insert(format!("{side}.{kind}.{name}.path"), path);
                }
            }
        }
        let Some(inputs) = call.template.get("inputs") else {
            return scope;
        };
        for parameter in inputs.items_of("parameters") {
            let name = parameter.text_of("name").unwrap_or_default();
            let default = parameter.get("value").or_else(|| parameter.get("default"));
            let value = match (call.parameters.get(name), default) {
                (Some(argument), _) => argument.clone(),
                (None, Some(default)) => self.text(&Scope::default(), default),
                // What the entrypoint wants and nobody gives, a run is given.
                (None, None) if self.open.len() == 1 => self.given_at_start(name),
                (None, None) => {
                    self.stop(
                        parameter.span,
                        "an input without a value",
                        &format!("`{}` does not give it", call.name),
                    );
                    continue;
                }
            };
            scope.parameters.insert(name.to_owned(), value);
        }
        for artifact in inputs.items_of("artifacts") {
            self.input_artifact(call, artifact, &mut scope);
        }
        scope
    }

    fn input_artifact(&mut self, call: &Call<'t>, artifact: &'t Node, scope: &mut Scope<'t>) {
        let name = artifact.text_of("name").unwrap_or_default();
        if let Some(data) = call.artifacts.get(name) {
            scope.artifacts.insert(name.to_owned(), data.clone());
            return;
        }
        let plain = ["name", "path", "optional", "mode", "archive"];
        let source = artifact
            .entries()
            .iter()
            .find(|(key, _)| !plain.contains(&key.as_str()));
        match source {
            Some((key, node)) => {
                let why = "data of a pipeline is in a store of its platform";
                self.stop(node.span, &format!("an artifact from `{key}`"), why);
            }
            None if artifact.text_of("optional") == Some("true") => {}
            None => self.stop(
                artifact.span,
                "an artifact that nobody gives",
                "it has no argument and no source",
            ),
        }
    }

    /// Outputs of a template that calls others: those of what it called.
    fn outputs(&mut self, template: &'t Node, scope: &Scope<'t>, made: &mut Made) {
        let Some(outputs) = template.get("outputs") else {
            return;
        };
        for parameter in outputs.items_of("parameters") {
            let from = parameter.get("valueFrom");
            let name = parameter.text_of("name").unwrap_or_default().to_owned();
            match from.and_then(|from| from.get("parameter")) {
                Some(from) => {
                    let value = self.text(scope, from);
                    made.parameters.insert(name, value);
                }
                None => self.stop(
                    parameter.span,
                    "an output that is computed",
                    "an output is what a step emits",
                ),
            }
        }
        for artifact in outputs.items_of("artifacts") {
            let name = artifact.text_of("name").unwrap_or_default().to_owned();
            match artifact
                .get("from")
                .and_then(|from| self.artifact(scope, from.text()?))
            {
                Some(data) => {
                    made.artifacts.insert(name, data);
                }
                None => self.stop(
                    artifact.span,
                    "an artifact that is chosen",
                    "a data set is what a step writes",
                ),
            }
        }
    }

    /// The data set that `{{…outputs.artifacts.x}}` or `{{inputs.artifacts.x}}` is.
    fn artifact(&self, scope: &Scope<'t>, text: &str) -> Option<String> {
        let path = text.trim().strip_prefix("{{")?.strip_suffix("}}")?.trim();
        match path.split('.').collect::<Vec<_>>().as_slice() {
            ["steps" | "tasks", task, "outputs", "artifacts", name] => {
                scope.siblings.get(*task)?.artifacts.get(*name).cloned()
            }
            ["inputs", "artifacts", name] => scope.artifacts.get(*name).cloned(),
            _ => None,
        }
    }

    fn dag(&mut self, call: &Call<'t>, dag: &'t Node, scope: &mut Scope<'t>, place: &Place) -> Made {
        let mut open: Vec<Task<'t>> = Vec::new();
        for node in dag.items_of("tasks") {
            let before = self.before(node, dag);
            let name = node.text_of("name").unwrap_or_default();
            open.push(Task { node, name, before });
        }
        let waited: BTreeSet<&str> = open.iter().flat_map(|task| task.before.iter().copied()).collect();
        let mut made = Made::default();
        while !open.is_empty() {
            let ready = |task: &Task<'t>| task.before.iter().all(|name| scope.siblings.contains_key(name));
            let Some(at) = open.iter().position(ready) else {
                self.stop(
                    dag.span,
                    "tasks that wait for each other",
                    "a pipeline has no circles",
                );
                break;
            };
            let task = open.remove(at);
            let mut place = place.clone();
            for name in &task.before {
                place.after.extend(
                    scope
                        .siblings
                        .get(name)
                        .map(|made| made.ends.clone())
                        .unwrap_or_default(),
                );
            }
            let one = self.task(call, task.node, scope, &place);
            if !waited.contains(task.name) {
                made.ends.extend(one.ends.iter().copied());
            }
            scope.siblings.insert(task.name, one);
        }
        made
    }

    /// The tasks that a task waits for.
    fn before(&mut self, node: &'t Node, dag: &'t Node) -> BTreeSet<&'t str> {
        let mut before: BTreeSet<&'t str> = node
            .items_of("dependencies")
            .iter()
            .filter_map(Node::text)
            .collect();
        let Some(text) = node.get("depends") else {
            return before;
        };
        match depends::waits(text.text().unwrap_or_default()) {
            Err(part) => {
                self.stop(
                    text.span,
                    &format!("`depends: {part}`"),
                    "a step waits until others ended well or were skipped",
                );
            }
            Ok(waits) => {
                for wait in waits {
                    let mut tasks = dag.items_of("tasks").iter();
                    let task = tasks.find(|task| task.text_of("name") == Some(wait.task));
                    if wait.ran && task.is_some_and(|task| task.get("when").is_some()) {
                        let what = format!("`{}.Succeeded` of a task with `when`", wait.task);
                        self.stop(
                            text.span,
                            &what,
                            "a step waits until others ended well or were skipped",
                        );
                    }
                    before.insert(wait.task);
                }
            }
        }
        before
    }

    fn groups(&mut self, call: &Call<'t>, steps: &'t Node, scope: &mut Scope<'t>, place: &Place) -> Made {
        let mut place = place.clone();
        for group in steps.items() {
            let alone = std::slice::from_ref(group);
            let group = if group.entries().is_empty() {
                group.items()
            } else {
                alone
            };
            let mut ends = BTreeSet::new();
            let beside = scope.clone();
            for node in group {
                let one = self.task(call, node, &beside, &place);
                ends.extend(one.ends.iter().copied());
                scope
                    .siblings
                    .insert(node.text_of("name").unwrap_or_default(), one);
            }
            if !ends.is_empty() {
                place.after = ends;
            }
        }
        Made {
            ends: place.after,
            ..Made::default()
        }
    }

    /// One task of a graph, or one step: its fan-out, condition, arguments, and what it calls.
    fn task(&mut self, call: &Call<'t>, node: &'t Node, scope: &Scope<'t>, place: &Place) -> Made {
        self.keys(node, &known::TASK);
        let mut scope = scope.clone();
        let mut place = place.clone();
        if let Some(concurrency) = call.template.text_of("parallelism") {
            place.concurrency = Some(concurrency.to_owned());
        }
        self.fan_out(node, &mut scope, &mut place);
        let conditional = node.get("when").is_some();
        if let Some(when) = node.get("when") {
            place.conditions.extend(self.condition(&scope, when));
        }
        let Some((home, template)) = self.called(call.home, node) else {
            return Made::default();
        };
        let (parameters, artifacts) = self.given(node, &scope);
        let inner = Call {
            name: node.text_of("name").unwrap_or("step"),
            span: node.span,
            home,
            template,
            parameters,
            artifacts,
        };
        let mut made = self.paste(inner, &place);
        made.conditional |= conditional;
        made
    }

    /// The template that a task names, and its home.
    fn called(&mut self, home: &'t Home<'t>, node: &'t Node) -> Option<(&'t Home<'t>, &'t Node)> {
        if let Some(inline) = node.get("inline") {
            return Some((home, inline));
        }
        if let Some(reference) = node.get("templateRef") {
            let (other, name) = (reference.text_of("name")?, reference.text_of("template")?);
            let library = self.library;
            let found = library
                .find(other)
                .and_then(|home| Some((home, home.template(name)?)));
            if found.is_none() {
                let what = format!("the template `{name}` of `{other}`");
                self.stop(
                    reference.span,
                    &what,
                    "it is not in the files given: give its file, too",
                );
            }
            return found;
        }
        let name = node.get("template")?;
        let found = home.template(name.text()?);
        if found.is_none() {
            self.stop(name.span, "a template by this name", "the document has none");
        }
        Some((home, found?))
    }

    /// Arguments of a call, resolved where it stands.
    fn given(
        &mut self,
        node: &'t Node,
        scope: &Scope<'t>,
    ) -> (BTreeMap<String, Text>, BTreeMap<String, String>) {
        let mut parameters = BTreeMap::new();
        let mut artifacts = BTreeMap::new();
        let Some(given) = node.get("arguments") else {
            return (parameters, artifacts);
        };
        for parameter in given.items_of("parameters") {
            if let (Some(name), Some(value)) = (parameter.text_of("name"), parameter.get("value")) {
                let value = self.text(scope, value);
                parameters.insert(name.to_owned(), value);
            } else if let Some(from) = parameter.get("valueFrom") {
                self.stop(from.span, "an argument with `valueFrom`", "an argument is a text");
            }
        }
        for artifact in given.items_of("artifacts") {
            let name = artifact.text_of("name").unwrap_or_default().to_owned();
            match artifact
                .get("from")
                .and_then(|from| self.artifact(scope, from.text()?))
            {
                Some(data) => {
                    artifacts.insert(name, data);
                }
                None => {
                    let why = "data of a pipeline is what a step writes";
                    self.stop(artifact.span, "an artifact that no step wrote", why);
                }
            }
        }
        (parameters, artifacts)
    }

    fn condition(&mut self, scope: &Scope<'t>, node: &'t Node) -> Option<Condition> {
        let text = node.text().unwrap_or_default().trim();
        let expression = text.strip_prefix("{{=").and_then(|text| text.strip_suffix("}}"));
        let expression = expression.filter(|inside| !inside.contains("{{"));
        let mut resolve = |word: &str, quoted: Quoted| match (expression, quoted) {
            (Some(_), Quoted::No) if word.contains('.') && word.parse::<f64>().is_err() => {
                self.tag(scope, word)
            }
            (Some(_), Quoted::Yes | Quoted::No) => Some(Text::literal(word)),
            (None, Quoted::Yes | Quoted::No) => self.resolve(scope, word).ok(),
        };
        match condition::parse(expression.unwrap_or(text), &mut resolve) {
            Ok(condition) => Some(exit_words(condition)),
            Err(part) => {
                self.stop(
                    node.span,
                    "this condition",
                    &format!("{part} is not of the conditions of the language"),
                );
                None
            }
        }
    }
}

/// States of a run are spelt in lower case.
fn exit_words(condition: Condition) -> Condition {
    let status = |side: &Operand| *side == Operand::Reference(Reference::Run("status"));
    let lower = |side: Operand| match side {
        Operand::Literal(text) => Operand::Literal(text.to_ascii_lowercase().replace("error", "failed")),
        reference @ Operand::Reference(_) => reference,
    };
    match condition {
        Condition::Compare(left, operator, right) if status(&left) || status(&right) => {
            Condition::Compare(lower(left), operator, lower(right))
        }
        Condition::Not(of) => Condition::Not(Box::new(exit_words(*of))),
        Condition::Both(a, b) => Condition::Both(Box::new(exit_words(*a)), Box::new(exit_words(*b))),
        Condition::Either(a, b) => Condition::Either(Box::new(exit_words(*a)), Box::new(exit_words(*b))),
        Condition::Constant(_) | Condition::Compare(_, _, _) => condition,
    }
}
