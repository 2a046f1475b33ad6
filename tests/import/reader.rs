//! A reader of Argo workflows of its own, for what was imported and for what was made of it: both are followed from
//! where they start to the containers that run, and must then be the same.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

/// A container of a run, without names: what it is and what it waits for.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Leaf {
    pub image: String,
    pub words: Vec<String>,
    pub conditions: Vec<String>,
    pub fan_outs: Vec<String>,
    /// What must have ended, as images and words.
    pub after: Vec<(String, Vec<String>)>,
    pub last: bool,
}

/// All documents, for references between them.
pub struct Reader<'d> {
    pub documents: &'d [Value],
}

#[derive(Clone, Default)]
struct Scope {
    inputs: BTreeMap<String, String>,
    outputs: BTreeMap<String, String>,
    paths: BTreeMap<String, String>,
    fan_outs: Vec<String>,
    conditions: Vec<String>,
    after: BTreeSet<usize>,
    last: bool,
}

struct Run<'r, 'd> {
    reader: &'r Reader<'d>,
    templates: &'d Value,
    leaves: Vec<(Leaf, BTreeSet<usize>)>,
    depth: usize,
}

impl<'d> Reader<'d> {
    /// The containers of a workflow, in an order that names do not decide, and its parameters.
    pub fn read(&self, document: &'d Value) -> (Vec<Leaf>, BTreeMap<String, Option<String>>) {
        let spec = &document["spec"];
        let spec = if spec["workflowSpec"].is_object() {
            &spec["workflowSpec"]
        } else {
            spec
        };
        let other = spec["workflowTemplateRef"]["name"]
            .as_str()
            .map(|name| &self.find(name)["spec"]);
        let shared = other.unwrap_or(spec);
        let own = |key: &str| {
            if spec[key].is_null() {
                &shared[key]
            } else {
                &spec[key]
            }
        };
        let mut inputs = BTreeMap::new();
        let mut parameters = BTreeMap::new();
        for given in [shared, spec] {
            for parameter in list(&given["arguments"]["parameters"]) {
                let name = word(&parameter["name"]);
                if ["run", "date"].contains(&name.as_str()) {
                    continue;
                }
                inputs.insert(name.clone(), format!("<parameter {}>", plain(&name)));
                parameters.insert(plain(&name), parameter.get("value").map(start_value));
            }
        }
        let mut run = Run {
            reader: self,
            templates: &shared["templates"],
            leaves: Vec::new(),
            depth: 0,
        };
        let scope = Scope {
            inputs,
            ..Scope::default()
        };
        run.template(run.named(own("entrypoint").as_str().unwrap()), scope.clone());
        if let Some(exit) = own("onExit").as_str() {
            run.template(run.named(exit), Scope { last: true, ..scope });
        }
        (run.finish(), parameters)
    }

    fn find(&self, name: &str) -> &'d Value {
        let shared = |it: &&Value| {
            it["kind"]
                .as_str()
                .is_some_and(|kind| kind.ends_with("WorkflowTemplate"))
        };
        let mut named = self.documents.iter().filter(shared);
        named.find(|it| it["metadata"]["name"] == name).unwrap()
    }
}

impl<'d> Run<'_, 'd> {
    fn named(&self, name: &str) -> &'d Value {
        list(self.templates).iter().find(|it| it["name"] == name).unwrap()
    }

    /// The containers that a template runs, and its outputs.
    fn template(
        &mut self,
        template: &'d Value,
        mut scope: Scope,
    ) -> (BTreeSet<usize>, BTreeMap<String, String>) {
        for parameter in list(&template["inputs"]["parameters"]) {
            let default = parameter.get("value").or(parameter.get("default"));
            let name = word(&parameter["name"]);
            let value = default.map_or_else(|| format!("<parameter {}>", plain(&name)), word);
            scope.inputs.entry(name).or_insert(value);
        }
        for (side, kind) in [
            ("inputs", "artifacts"),
            ("outputs", "artifacts"),
            ("outputs", "parameters"),
        ] {
            for one in list(&template[side][kind]) {
                let path = one.get("path").unwrap_or(&one["valueFrom"]["path"]);
                scope
                    .paths
                    .insert(format!("{side}.{kind}.{}.path", word(&one["name"])), word(path));
            }
        }
        if template["dag"].is_object() {
            return self.dag(template, scope);
        }
        if template["steps"].is_array() {
            return self.groups(template, scope);
        }
        let container = if template["script"].is_object() {
            &template["script"]
        } else {
            &template["container"]
        };
        let number = self.leaves.len();
        let leaf = Leaf {
            image: self.filled(&word(&container["image"]), &scope),
            words: self.words(container, &scope),
            conditions: scope.conditions.clone(),
            fan_outs: scope.fan_outs.clone(),
            after: Vec::new(),
            last: scope.last,
        };
        let by = format!("{} {:?}", leaf.image, leaf.words);
        self.leaves.push((leaf, scope.after.clone()));
        let mut outputs = BTreeMap::from([("result".to_owned(), format!("<result of {by}>"))]);
        for parameter in list(&template["outputs"]["parameters"]) {
            let name = word(&parameter["name"]);
            outputs.insert(name.clone(), format!("<{} of {by}>", plain(&name)));
        }
        ([number].into(), outputs)
    }

    fn words(&self, container: &Value, scope: &Scope) -> Vec<String> {
        let mut words: Vec<String> = list(&container["command"])
            .iter()
            .chain(list(&container["args"]))
            .map(word)
            .collect();
        if let Some(source) = container["source"].as_str() {
            let flag = if words[0].contains("node") { "-e" } else { "-c" };
            let at = list(&container["command"]).len();
            words.splice(at..at, [flag.to_owned(), source.to_owned()]);
        }
        // What moves files is not the program.
        if words.len() > 4
            && words[..2] == ["sh", "-c"]
            && words[2].starts_with("set -e\n")
            && words[3] == "sh"
        {
            words.drain(..4);
        }
        words
            .iter()
            .map(|word| {
                self.filled(word, scope)
                    .replace("$(PORTOLAN_BRACE)", "{")
                    .replace("$$", "$")
            })
            .collect()
    }

    fn dag(&mut self, template: &'d Value, scope: Scope) -> (BTreeSet<usize>, BTreeMap<String, String>) {
        let tasks = list(&template["dag"]["tasks"]);
        let mut done: BTreeMap<String, BTreeSet<usize>> = BTreeMap::new();
        let mut scope = scope;
        while done.len() < tasks.len() {
            let before = |task: &Value| -> BTreeSet<String> {
                let named = word(&task["depends"]);
                let words = named.split(|c: char| !(c.is_alphanumeric() || "-_.".contains(c)));
                let words = words
                    .filter_map(|it| it.split('.').next())
                    .filter(|it| !it.is_empty());
                words
                    .map(str::to_owned)
                    .chain(list(&task["dependencies"]).iter().map(word))
                    .collect()
            };
            let ready = |task: &&Value| {
                !done.contains_key(&word(&task["name"]))
                    && before(task).iter().all(|name| done.contains_key(name))
            };
            let task = tasks.iter().find(ready).expect("no circle");
            let mut after = scope.after.clone();
            for name in before(task) {
                after.extend(&done[&name]);
            }
            let leaves = self.task(task, &mut scope, after, "tasks");
            done.insert(word(&task["name"]), leaves);
        }
        let all = done.into_values().flatten().collect();
        (all, self.composed(template, &scope))
    }

    fn groups(
        &mut self,
        template: &'d Value,
        mut scope: Scope,
    ) -> (BTreeSet<usize>, BTreeMap<String, String>) {
        let mut after = scope.after.clone();
        let mut all = BTreeSet::new();
        for group in list(&template["steps"]) {
            let beside = if group.is_array() {
                list(group)
            } else {
                std::slice::from_ref(group)
            };
            for task in beside {
                all.extend(self.task(task, &mut scope, after.clone(), "steps"));
            }
            after.extend(&all);
        }
        (all, self.composed(template, &scope))
    }

    fn composed(&self, template: &Value, scope: &Scope) -> BTreeMap<String, String> {
        let outputs = list(&template["outputs"]["parameters"]).iter();
        let one = |it: &Value| {
            (
                word(&it["name"]),
                self.filled(&word(&it["valueFrom"]["parameter"]), scope),
            )
        };
        outputs.map(one).collect()
    }

    fn task(
        &mut self,
        task: &'d Value,
        scope: &mut Scope,
        after: BTreeSet<usize>,
        kind: &str,
    ) -> BTreeSet<usize> {
        let mut inner = Scope {
            after,
            ..scope.clone()
        };
        inner.inputs.clear();
        if let Some(items) = self.fan_out(task, scope) {
            inner.fan_outs.push(items);
        }
        if task["when"].is_string() {
            inner
                .conditions
                .push(condition(&self.filled(&word(&task["when"]), scope)));
            inner.conditions.retain(|condition| !condition.is_empty());
            inner.conditions.sort();
        }
        for parameter in list(&task["arguments"]["parameters"]) {
            inner.inputs.insert(
                word(&parameter["name"]),
                self.filled(&word(&parameter["value"]), scope),
            );
        }
        let reference = &task["templateRef"];
        let home = self.templates;
        if reference.is_object() {
            self.templates = &self.reader.find(reference["name"].as_str().unwrap())["spec"]["templates"];
        }
        let name = reference["template"].as_str().or(task["template"].as_str());
        let template = name.map_or(&task["inline"], |name| self.named(name));
        self.depth += 1;
        assert!(self.depth < 50, "{} calls itself", template["name"]);
        let (leaves, outputs) = self.template(template, inner);
        self.depth -= 1;
        self.templates = home;
        for (name, value) in outputs {
            let path = if name == "result" {
                "result".to_owned()
            } else {
                format!("parameters.{name}")
            };
            scope.outputs.insert(
                format!("{kind}.{}.outputs.{path}", word(&task["name"])),
                value.clone(),
            );
            // An output of ours is always a parameter.
            scope.outputs.insert(
                format!("{kind}.{}.outputs.parameters.{name}", word(&task["name"])),
                value,
            );
        }
        leaves
    }

    /// The items of a task: their values, without the names of rows.
    fn fan_out(&self, task: &Value, scope: &Scope) -> Option<String> {
        let value = |it: &Value| match it.as_object() {
            Some(row) => {
                let mut values: Vec<String> = row
                    .iter()
                    .filter(|(key, _)| *key != "NAME")
                    .map(|(_, it)| word(it))
                    .collect();
                values.sort();
                values.join(",")
            }
            None => word(it),
        };
        let values = |items: &[Value]| format!("{:?}", items.iter().map(value).collect::<Vec<_>>());
        if task["withItems"].is_array() {
            return Some(values(list(&task["withItems"])));
        }
        if task["withParam"].is_string() {
            let list = self.filled(&word(&task["withParam"]), scope);
            let constant: Option<Vec<Value>> = serde_json::from_str(&list).ok();
            return Some(constant.map_or(list, |items| values(&items)));
        }
        let sequence = task["withSequence"].as_object()?;
        let number = |key: &str| {
            sequence
                .get(key)
                .map(|it| self.filled(&word(it), scope).parse::<i64>().unwrap())
        };
        let start = number("start").unwrap_or(0);
        let end = number("count").map_or_else(|| number("end").unwrap(), |count| start + count - 1);
        let numbers: Vec<i64> = if end < start {
            (end..=start).rev().collect()
        } else {
            (start..=end).collect()
        };
        let format = sequence.get("format").map_or("%d".to_owned(), word);
        let shown = numbers.iter().map(|n| {
            format
                .replace("%02X", &format!("{n:02X}"))
                .replace("%02d", &format!("{n:02}"))
                .replace("%03d", &format!("{n:03}"))
                .replace("%d", &n.to_string())
        });
        Some(format!("{:?}", shown.collect::<Vec<_>>()))
    }

    /// A text with each reference replaced by what it stands for.
    fn filled(&self, text: &str, scope: &Scope) -> String {
        let mut made = String::new();
        let mut rest = text;
        while let Some((before, after)) = rest.split_once("{{") {
            let Some((tag, after)) = after.split_once("}}") else {
                break;
            };
            made += before;
            made += &self.tag(tag, scope);
            rest = after;
        }
        made + rest
    }

    fn tag(&self, tag: &str, scope: &Scope) -> String {
        let expression = tag.trim().strip_prefix('=');
        let path = |text: &str| {
            text.replace("[\"", ".")
                .replace("['", ".")
                .replace("\"]", "")
                .replace("']", "")
        };
        if let Some(expression) =
            expression.filter(|it| it.contains("==") || it.contains("!=") || it.contains(['<', '>']))
        {
            let words = expression.split_inclusive([' ', '(', ')']);
            return words
                .map(|it| {
                    let bare = it.trim_end_matches([' ', '(', ')']);
                    let tail = &it[bare.len()..];
                    format!(
                        "{}{tail}",
                        self.known(&path(bare), scope).unwrap_or_else(|| bare.to_owned())
                    )
                })
                .collect();
        }
        // `replace(replace(x, …), …)` and its like only protect a value on its way.
        let places = [
            "tasks[",
            "tasks.",
            "steps.",
            "inputs.parameters",
            "workflow.",
            "item",
        ];
        let inside = expression.unwrap_or(tag).trim();
        let start = places.iter().filter_map(|it| inside.find(it)).min().unwrap_or(0);
        let end = inside[start..]
            .find([',', ')', ' ', '}'])
            .map_or(inside.len(), |end| start + end);
        let name = path(&inside[start..end]);
        self.known(&name, scope)
            .unwrap_or_else(|| format!("<unknown {name}>"))
    }

    fn known(&self, path: &str, scope: &Scope) -> Option<String> {
        let input = path.strip_prefix("inputs.parameters.");
        if let Some(value) = input.and_then(|name| scope.inputs.get(name)) {
            return Some(value.clone());
        }
        if let Some(name) = path.strip_prefix("workflow.parameters.") {
            let run = ["run", "date"].contains(&name);
            return Some(if run {
                "<run>".to_owned()
            } else {
                format!("<parameter {}>", plain(name))
            });
        }
        if let Some(field) = path.strip_prefix("item") {
            return Some(format!("<item{}>", if field == ".NAME" { "" } else { field }));
        }
        let run = ["workflow.name", "workflow.uid"].contains(&path);
        if path == "workflow.scheduledTime" || path.starts_with("workflow.creationTimestamp") {
            return Some("<time>".to_owned());
        }
        if path == "workflow.status" {
            return Some("<status>".to_owned());
        }
        let known = scope.outputs.get(path).or_else(|| scope.paths.get(path));
        known.cloned().or_else(|| run.then(|| "<run>".to_owned()))
    }

    fn finish(self) -> Vec<Leaf> {
        let key = |at: &usize| {
            let leaf = &self.leaves[*at].0;
            (leaf.image.clone(), leaf.words.clone())
        };
        let mut closed: Vec<BTreeSet<usize>> = Vec::new();
        for (_, after) in &self.leaves {
            let more: BTreeSet<usize> = after.iter().flat_map(|at| closed[*at].clone()).collect();
            closed.push(after | &more);
        }
        let mut leaves: Vec<Leaf> = self
            .leaves
            .iter()
            .zip(&closed)
            .filter(|((leaf, _), _)| !looks_up(&leaf.words))
            .map(|((leaf, _), after)| {
                let mut after: Vec<_> = after
                    .iter()
                    .map(key)
                    .filter(|(_, words)| !looks_up(words))
                    .collect();
                after.sort();
                Leaf {
                    after,
                    ..leaf.clone()
                }
            })
            .collect();
        leaves.sort();
        leaves
    }
}

fn list(value: &Value) -> &[Value] {
    value.as_array().map_or(&[], Vec::as_slice)
}

fn word(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

/// A name as any of the two spells it.
fn plain(name: &str) -> String {
    let name = name.to_lowercase().replace(['_', '.'], "-");
    // A number keeps it apart from names of our own.
    name.strip_suffix("-2").map_or(name.clone(), str::to_owned)
}

/// A condition without what its two spellings differ in.
fn condition(text: &str) -> String {
    let words = text.replace("&&", " and ").replace("||", " or ").to_lowercase();
    let words = words.replace(['(', ')', '\'', '"', ' ', '=', '\n'], "");
    // Ours says how it reads a text as a number or a state, that a list without items has nothing to do,
    // and that what is known already is not done again.
    let words = words.replace("float<", "<").replace("lower<", "<");
    if words.starts_with("<hitof") || words.starts_with("lenfromjson") && words.ends_with(">0") {
        String::new()
    } else {
        words
    }
}

/// True for what looks up and keeps results around a step of ours that is cached.
fn looks_up(words: &[String]) -> bool {
    words
        .get(1)
        .is_some_and(|word| word.starts_with("/portolan/scripts/"))
}

/// A value that a run is given; of a list, the texts in it.
fn start_value(value: &Value) -> String {
    let text = word(value);
    let items: Option<Vec<Value>> = serde_json::from_str(&text).ok();
    items.map_or(text, |items| {
        format!("{:?}", items.iter().map(word).collect::<Vec<_>>())
    })
}
