//! What Argo does with the objects of several clusters: DAGs, loops, conditions, exit handlers. Programs are played by a
//! script of the test; Portolan's own pods do in a few lines what their scripts do.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value, json};

use super::expr;

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Phase {
    Succeeded,
    Failed,
    Skipped,
    Omitted,
}

pub type Texts = BTreeMap<String, String>;

/// A program that ran: which step, where, and its environment.
#[derive(Clone, Debug)]
pub struct Ran {
    pub step: String,
    pub cluster: String,
    pub env: Texts,
}

/// How a program ends: its outputs, or badly.
pub type Script<'s> = dyn Fn(&Ran) -> Option<Texts> + 's;

/// Clusters, and what lies in object storage.
pub struct World<'s> {
    objects: BTreeMap<String, Vec<Value>>,
    /// Content by address: of files the text, of data the run that wrote it.
    pub stored: Texts,
    pub ran: Vec<Ran>,
    /// Children by name, in the cluster that runs them.
    pub children: BTreeMap<String, (Phase, String)>,
    pub swept: usize,
    script: &'s Script<'s>,
    run: String,
    depth: usize,
}

struct Outcome {
    phase: Phase,
    outputs: Map<String, Value>,
}

impl<'s> World<'s> {
    /// All objects of `files`, by path.
    pub fn new(files: &Texts, script: &'s Script<'s>) -> World<'s> {
        let mut objects: BTreeMap<String, Vec<Value>> = BTreeMap::new();
        for (path, text) in files {
            let Some(cluster) = path.strip_prefix("argo/").and_then(|rest| rest.split('/').next()) else {
                continue;
            };
            let read = serde_saphyr::from_multiple::<Value>(text).unwrap();
            objects.entry(cluster.to_owned()).or_default().extend(read);
        }
        World {
            objects,
            stored: Texts::new(),
            ran: Vec::new(),
            children: BTreeMap::new(),
            swept: 0,
            script,
            run: String::new(),
            depth: 0,
        }
    }

    /// Starts the run called `run` of the workflow template `name` in `cluster`.
    pub fn start(&mut self, cluster: &str, name: &str, run: &str) -> Phase {
        self.run = run.to_owned();
        let given = Texts::from([
            ("run".to_owned(), run.to_owned()),
            ("date".to_owned(), "2026-01-02".to_owned()),
        ]);
        let phase = self.workflow(cluster, name, &given).phase;
        if phase != Phase::Succeeded {
            return phase;
        }
        phase
    }

    fn object(&self, cluster: &str, name: &str) -> Value {
        let all = self.objects[cluster].iter();
        let mut named = all.filter(|object| object["kind"] == "WorkflowTemplate");
        let found = named.find(|object| object["metadata"]["name"] == name);
        found.unwrap_or_else(|| panic!("no {name} in {cluster}")).clone()
    }

    fn workflow(&mut self, cluster: &str, name: &str, given: &Texts) -> Outcome {
        let spec = self.object(cluster, name)["spec"].clone();
        let mut parameters = Map::new();
        for parameter in spec["arguments"]["parameters"].as_array().into_iter().flatten() {
            let name = parameter["name"].as_str().unwrap();
            let value = given
                .get(name)
                .map(String::as_str)
                .or(parameter["value"].as_str());
            parameters.insert(
                name.to_owned(),
                json!(value.unwrap_or_else(|| panic!("{name} is not given"))),
            );
        }
        let mut workflow = json!({"parameters": parameters, "uid": "uid", "status": "Running",
            "creationTimestamp": {"RFC3339": "2026-01-02T00:00:00Z"}});
        let frame = Frame {
            cluster,
            object: name,
            workflow: &workflow,
        };
        let outcome = self.template(
            &frame,
            spec["entrypoint"].as_str().unwrap(),
            Map::new(),
            &parameters,
        );
        if let Some(exit) = spec["onExit"].as_str() {
            workflow["status"] = json!(format!("{:?}", outcome.phase));
            let frame = Frame {
                cluster,
                object: name,
                workflow: &workflow,
            };
            self.template(&frame, exit, Map::new(), &Map::new());
        }
        outcome
    }

    fn template(
        &mut self,
        frame: &Frame<'_>,
        name: &str,
        mut inputs: Map<String, Value>,
        given: &Map<String, Value>,
    ) -> Outcome {
        self.depth += 1;
        assert!(self.depth < 60, "templates call each other without end");
        let object = self.object(frame.cluster, frame.object);
        let templates = object["spec"]["templates"].as_array().unwrap();
        let found = templates.iter().find(|template| template["name"] == name);
        let template = found
            .unwrap_or_else(|| panic!("no template {name} in {}", frame.object))
            .clone();
        for input in template["inputs"]["parameters"].as_array().into_iter().flatten() {
            let own = input["name"].as_str().unwrap();
            let value = inputs
                .get(own)
                .or(given.get(own))
                .or(input.get("default"))
                .cloned();
            inputs.insert(
                own.to_owned(),
                value.unwrap_or_else(|| panic!("{name} is not told {own}")),
            );
        }
        let names = json!({"inputs": {"parameters": inputs}, "workflow": frame.workflow});
        let outcome = match () {
            () if template["dag"].is_object() => self.dag(frame, &template, &names),
            () if template["suspend"].is_object() => Outcome {
                phase: Phase::Succeeded,
                outputs: Map::from_iter([("approved".to_owned(), json!("yes"))]),
            },
            () => self.pod(frame, &filled_everywhere(&template, &names)),
        };
        self.depth -= 1;
        outcome
    }

    fn dag(&mut self, frame: &Frame<'_>, template: &Value, names: &Value) -> Outcome {
        let tasks = template["dag"]["tasks"].as_array().unwrap();
        let mut names = names.clone();
        names["tasks"] = json!({});
        let mut done: BTreeMap<String, Phase> = BTreeMap::new();
        while done.len() < tasks.len() {
            let waiting = |task: &&Value| !done.contains_key(task["name"].as_str().unwrap());
            let ready = |task: &&Value| depends(task).iter().all(|(name, _)| done.contains_key(name));
            let next = tasks.iter().filter(waiting).find(ready);
            let task = next.unwrap_or_else(|| panic!("{} waits for itself", template["name"]));
            let name = task["name"].as_str().unwrap();
            let outcome = self.task(frame, task, &names, &done);
            let mut known = json!({"status": format!("{:?}", outcome.phase)});
            if matches!(outcome.phase, Phase::Succeeded | Phase::Failed) {
                known["outputs"] = json!({"parameters": outcome.outputs});
            }
            names["tasks"][name] = known;
            done.insert(name.to_owned(), outcome.phase);
        }
        let outputs = template["outputs"]["parameters"]
            .as_array()
            .cloned()
            .unwrap_or_default();
        let phase = phase(tasks, &done);
        let mut answers = Map::new();
        for output in outputs.iter().filter(|_| phase == Phase::Succeeded) {
            let from = &output["valueFrom"];
            let parsed = expr::parse(from["expression"].as_str().unwrap()).unwrap();
            let value = expr::evaluate(&parsed, &names, None);
            let value = value.or_else(|error| from.get("default").cloned().ok_or(error));
            let value = value.unwrap_or_else(|error| panic!("{}: {error}", template["name"]));
            answers.insert(output["name"].as_str().unwrap().to_owned(), json!(plain(&value)));
        }
        Outcome {
            phase,
            outputs: answers,
        }
    }

    fn task(
        &mut self,
        frame: &Frame<'_>,
        task: &Value,
        names: &Value,
        done: &BTreeMap<String, Phase>,
    ) -> Outcome {
        let ended = |phase| Outcome {
            phase,
            outputs: Map::new(),
        };
        if !holds(task["depends"].as_str().unwrap_or_default(), done) {
            return ended(Phase::Omitted);
        }
        let loops = items(task, names);
        let Some(items) = loops else {
            return match allowed(task, names) {
                true => self.call(frame, task, names),
                false => ended(Phase::Skipped),
            };
        };
        let mut lists: Map<String, Value> = Map::new();
        let mut phase = Phase::Succeeded;
        for item in items {
            let mut names = names.clone();
            names["item"] = item;
            if !allowed(task, &names) {
                continue;
            }
            let outcome = self.call(frame, task, &names);
            if outcome.phase == Phase::Failed {
                phase = Phase::Failed;
            }
            for (name, value) in outcome.outputs {
                let list = lists.entry(name).or_insert_with(|| json!([]));
                list.as_array_mut().unwrap().push(value);
            }
        }
        let lists = lists
            .into_iter()
            .map(|(name, list)| (name, json!(list.to_string())));
        Outcome {
            phase,
            outputs: lists.collect(),
        }
    }

    fn call(&mut self, frame: &Frame<'_>, task: &Value, names: &Value) -> Outcome {
        let mut inputs = Map::new();
        for argument in task["arguments"]["parameters"].as_array().into_iter().flatten() {
            let value = filled(argument["value"].as_str().unwrap(), names);
            inputs.insert(argument["name"].as_str().unwrap().to_owned(), json!(value));
        }
        match task["templateRef"].as_object() {
            Some(other) => {
                let frame = Frame {
                    object: other["name"].as_str().unwrap(),
                    ..*frame
                };
                self.template(&frame, other["template"].as_str().unwrap(), inputs, &Map::new())
            }
            None => self.template(frame, task["template"].as_str().unwrap(), inputs, &Map::new()),
        }
    }

    fn pod(&mut self, frame: &Frame<'_>, template: &Value) -> Outcome {
        let container = &template["container"];
        let env = container["env"].as_array().into_iter().flatten();
        let env =
            env.filter_map(|it| Some((it["name"].as_str()?.to_owned(), expanded(it["value"].as_str()?))));
        let env: Texts = env.collect();
        let script = container["command"][1]
            .as_str()
            .and_then(|path| path.strip_prefix("/portolan/scripts/"));
        let ended = match script {
            Some(script) => self.own(frame, script, &env),
            None => self.program(frame, template, env),
        };
        let Some(mut said) = ended else {
            return Outcome {
                phase: Phase::Failed,
                outputs: Map::new(),
            };
        };
        let mut outputs = Map::new();
        for output in template["outputs"]["parameters"].as_array().into_iter().flatten() {
            let name = output["name"].as_str().unwrap();
            let default = || output["valueFrom"]["default"].as_str().map(str::to_owned);
            let value = said.remove(name).or_else(default);
            outputs.insert(
                name.to_owned(),
                json!(value.unwrap_or_else(|| panic!("{} does not emit {name}", template["name"]))),
            );
        }
        Outcome {
            phase: Phase::Succeeded,
            outputs,
        }
    }

    fn program(&mut self, frame: &Frame<'_>, template: &Value, env: Texts) -> Option<Texts> {
        let step = template["metadata"]["labels"]["portolan/step"]
            .as_str()
            .unwrap()
            .to_owned();
        for (name, address) in env.iter().filter(|(name, _)| name.starts_with("READS_")) {
            let below = format!("{address}/");
            let mut there = self.stored.keys();
            let made_by_runs = address.contains("/data/") && !address.ends_with("/none");
            let known = there.any(|other| {
                other == address || other.starts_with(&below) || address.starts_with(&format!("{other}/"))
            });
            assert!(
                known || !made_by_runs,
                "{step} reads {name} at {address}, where nothing lies: {:#?}",
                self.stored
            );
        }
        let ran = Ran {
            step,
            cluster: frame.cluster.to_owned(),
            env,
        };
        let said = (self.script)(&ran);
        if said.is_some() {
            for (_, address) in ran.env.iter().filter(|(name, _)| name.starts_with("WRITES_")) {
                self.stored.insert(address.clone(), self.run.clone());
            }
        }
        self.ran.push(ran);
        said
    }

    /// What Portolan's own scripts do.
    fn own(&mut self, frame: &Frame<'_>, script: &str, env: &Texts) -> Option<Texts> {
        let one = |name: &str, value: String| Some(Texts::from([(name.to_owned(), value)]));
        match script {
            "recall.sh" => one(
                "last",
                self.stored.get(&env["FROM"]).cloned().unwrap_or("{}".into()),
            ),
            "remember.sh" => {
                self.stored.insert(env["TO"].clone(), env["RECORD"].clone());
                Some(Texts::new())
            }
            "pull.sh" => {
                let below: Vec<(String, String)> = self
                    .stored
                    .iter()
                    .filter(|(at, _)| at.starts_with(&env["FROM"]))
                    .map(|(at, run)| (at.clone(), run.clone()))
                    .collect();
                assert!(!below.is_empty(), "nothing to pull at {}", env["FROM"]);
                self.stored.extend(
                    below
                        .into_iter()
                        .map(|(at, run)| (at.replacen(&env["FROM"], &env["TO"], 1), run)),
                );
                Some(Texts::new())
            }
            "parts.sh" => one("parts", r#"["day=1","day=2"]"#.to_owned()),
            "check.sh" => {
                let value: f64 =
                    env["VALUE"]
                        .parse()
                        .unwrap_or(if env["VALUE"] == "yes" { 0.0 } else { 1.0 });
                let most: f64 = env.get("MOST").map_or(0.0, |most| most.parse().unwrap());
                (value <= most).then(Texts::new)
            }
            "look.sh" => {
                let key = format!("{}/{}", env["CACHE"], env["DEFINITION"].clone() + &env["VALUES"]);
                let kept = self.stored.get(&key).cloned();
                let hit = if kept.is_some() { "yes" } else { "no" };
                Some(Texts::from([
                    ("hit".into(), hit.into()),
                    ("key".into(), key),
                    ("outputs".into(), kept.unwrap_or("{}".into())),
                ]))
            }
            "keep.sh" => {
                self.stored.insert(env["KEY"].clone(), env["OUTPUTS"].clone());
                Some(Texts::new())
            }
            "dispatch.sh" | "post.sh" => self.child(frame, env),
            "sweep.sh" | "stop.sh" => {
                self.swept += usize::from(env["STATUS"] != "Succeeded");
                Some(Texts::new())
            }
            "deploy.sh" => Some(Texts::new()),
            other => panic!("{other} is not played"),
        }
    }

    /// A fragment in another cluster, once for each name.
    fn child(&mut self, frame: &Frame<'_>, env: &Texts) -> Option<Texts> {
        let name = format!("{}-{}", env["TEMPLATE"], env["RUN"]);
        let clusters: BTreeSet<String> = self
            .objects
            .keys()
            .filter(|it| *it != frame.cluster)
            .cloned()
            .collect();
        let has = |cluster: &&String| {
            self.objects[*cluster]
                .iter()
                .any(|object| object["metadata"]["name"] == env["TEMPLATE"])
        };
        let cluster = clusters.iter().find(has).unwrap().clone();
        let given: Vec<Value> = serde_json::from_str(&env["PARAMETERS"]).unwrap();
        let given = given
            .iter()
            .map(|it| (it["name"].as_str().unwrap().to_owned(), plain(&it["value"])));
        let depth = std::mem::take(&mut self.depth);
        let outcome = self.workflow(&cluster, &env["TEMPLATE"], &given.collect());
        self.depth = depth;
        let result = outcome.outputs.get("result").map(plain).unwrap_or_default();
        let before = self
            .children
            .insert(name.clone(), (outcome.phase, result.clone()));
        assert!(before.is_none(), "{name} was started twice");
        (outcome.phase == Phase::Succeeded).then(|| Texts::from([("result".to_owned(), result)]))
    }
}

#[derive(Clone, Copy)]
struct Frame<'f> {
    cluster: &'f str,
    object: &'f str,
    workflow: &'f Value,
}

/// Tasks and the words about them in a `depends`.
pub fn depends(task: &Value) -> Vec<(String, String)> {
    let text = task["depends"].as_str().unwrap_or_default();
    let words = text
        .split(|c: char| c.is_whitespace() || "()&|!".contains(c))
        .filter(|word| !word.is_empty());
    words
        .map(|word| {
            let (name, status) = word.split_once('.').unwrap_or((word, ""));
            (name.to_owned(), status.to_owned())
        })
        .collect()
}

/// Whether a `depends` holds; it has the words of an expression, so it is read as one.
fn holds(text: &str, done: &BTreeMap<String, Phase>) -> bool {
    if text.is_empty() {
        return true;
    }
    let mut said = String::new();
    for word in text.split_inclusive(|c: char| c.is_whitespace() || "()".contains(c)) {
        let name = word.trim_end_matches(|c: char| c.is_whitespace() || "()".contains(c));
        let (task, status) = match name.split_once('.') {
            Some(pair) => pair,
            None => {
                said += word;
                continue;
            }
        };
        let is = format!("{:?}", done[task]) == status;
        said += &word.replacen(name, &is.to_string(), 1);
    }
    expr::evaluate(&expr::parse(&said).unwrap(), &json!({}), None).unwrap() == json!(true)
}

/// A DAG fails if a task failed that no later one makes good.
fn phase(tasks: &[Value], done: &BTreeMap<String, Phase>) -> Phase {
    let before: BTreeMap<&str, Vec<String>> = tasks
        .iter()
        .map(|task| {
            (
                task["name"].as_str().unwrap(),
                depends(task).into_iter().map(|(name, _)| name).collect(),
            )
        })
        .collect();
    let needed: BTreeSet<&String> = before.values().flatten().collect();
    fn bad(name: &str, before: &BTreeMap<&str, Vec<String>>, done: &BTreeMap<String, Phase>) -> bool {
        match done[name] {
            Phase::Failed => true,
            Phase::Omitted => before[name].iter().any(|other| bad(other, before, done)),
            Phase::Succeeded | Phase::Skipped => false,
        }
    }
    let leaves = before
        .keys()
        .filter(|name| !needed.contains(&(**name).to_owned()));
    match leaves.into_iter().any(|name| bad(name, &before, done)) {
        true => Phase::Failed,
        false => Phase::Succeeded,
    }
}

fn allowed(task: &Value, names: &Value) -> bool {
    let Some(when) = task["when"].as_str() else {
        return true;
    };
    match filled(when, names).as_str() {
        "true" => true,
        "false" => false,
        other => panic!("`when` of {} is {other}", task["name"]),
    }
}

fn items(task: &Value, names: &Value) -> Option<Vec<Value>> {
    if let Some(items) = task["withItems"].as_array() {
        return Some(items.clone());
    }
    if let Some(list) = task["withParam"].as_str() {
        return Some(serde_json::from_str(&filled(list, names)).unwrap());
    }
    let count: u64 = task["withSequence"]["count"].as_str()?.parse().unwrap();
    Some((0..count).map(|at| json!(at.to_string())).collect())
}

/// A value as the text that a parameter is.
fn plain(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Number(number) => number.as_f64().unwrap().to_string(),
        other => other.to_string(),
    }
}

/// `text` with all that Argo fills in.
fn filled(text: &str, names: &Value) -> String {
    let mut made = String::new();
    let mut rest = text;
    while let Some((before, inside)) = rest.split_once("{{") {
        let (tag, after) = inside
            .split_once("}}")
            .unwrap_or_else(|| panic!("open braces in {text}"));
        made += before;
        rest = after;
        let value = match tag.strip_prefix('=') {
            Some(expression) => expr::evaluate(&expr::parse(expression).unwrap(), names, None),
            None => tag.split('.').try_fold(names.clone(), |at, key| {
                at.get(key).cloned().ok_or(format!("no {tag}"))
            }),
        };
        made += &plain(&value.unwrap_or_else(|error| panic!("{text}: {error}")));
    }
    made + rest
}

/// Pods are filled in as a whole, but for what only the end of an attempt knows.
fn filled_everywhere(template: &Value, names: &Value) -> Value {
    fn walk(value: &Value, names: &Value) -> Value {
        match value {
            Value::String(text) => json!(filled(text, names)),
            Value::Array(items) => items.iter().map(|item| walk(item, names)).collect(),
            Value::Object(fields) => {
                let late = ["metrics", "podSpecPatch", "retryStrategy", "artifacts"];
                let fields = fields.iter().filter(|(name, _)| !late.contains(&name.as_str()));
                Value::Object(
                    fields
                        .map(|(name, value)| (name.clone(), walk(value, names)))
                        .collect(),
                )
            }
            other => other.clone(),
        }
    }
    walk(template, names)
}

/// What the kubelet makes of it.
fn expanded(text: &str) -> String {
    text.replace("$(PORTOLAN_BRACE)", "{").replace("$$", "$")
}
