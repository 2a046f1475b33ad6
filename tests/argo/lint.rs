//! What `argo lint` leaves to the first run: the syntax of `depends`, `when` and every expression, templates that nobody
//! uses, names and sizes, and outputs of tasks that may have been skipped.

use std::collections::BTreeSet;

use serde_json::Value;

use super::cluster::{Texts, depends};
use super::{SEARCH, expr, files};

const STATUSES: [&str; 7] = [
    "Succeeded",
    "Failed",
    "Errored",
    "Skipped",
    "Omitted",
    "AnySucceeded",
    "AllFailed",
];

/// Everything that is wrong in the workflow objects of `files`.
fn mistakes(files: &Texts) -> Vec<String> {
    let mut wrong = Vec::new();
    for (path, text) in files.iter().filter(|(path, _)| path.starts_with("argo/")) {
        for object in serde_saphyr::from_multiple::<Value>(text).unwrap() {
            let spec = match object["kind"].as_str() {
                Some("WorkflowTemplate") => &object["spec"],
                Some("CronWorkflow") => &object["spec"]["workflowSpec"],
                _ => continue,
            };
            let name = object["metadata"]["name"].as_str().unwrap_or_default();
            if name.len() > if object["kind"] == "CronWorkflow" { 52 } else { 63 } {
                wrong.push(format!("{path}: the name {name} is too long"));
            }
            if object.to_string().len() > 1_000_000 {
                wrong.push(format!("{path}: {name} is larger than Argo holds"));
            }
            let called = called_from_elsewhere(files, name);
            workflow(spec, &called, &mut |what| {
                wrong.push(format!("{path} {name}: {what}"))
            });
        }
    }
    wrong
}

/// Templates of the object `name` that other objects call.
fn called_from_elsewhere(files: &Texts, name: &str) -> BTreeSet<String> {
    let mut called = BTreeSet::new();
    for text in files.values() {
        for object in serde_saphyr::from_multiple::<Value>(text).unwrap_or_default() {
            for task in tasks(&object["spec"]) {
                if task["templateRef"]["name"] == name {
                    called.extend(task["templateRef"]["template"].as_str().map(str::to_owned));
                }
            }
        }
    }
    called
}

fn templates(spec: &Value) -> impl Iterator<Item = &Value> {
    spec["templates"].as_array().into_iter().flatten()
}

fn tasks(spec: &Value) -> impl Iterator<Item = &Value> {
    templates(spec).flat_map(|template| template["dag"]["tasks"].as_array().into_iter().flatten())
}

fn workflow(spec: &Value, called: &BTreeSet<String>, wrong: &mut impl FnMut(String)) {
    let text = |value: &Value| value.as_str().map(str::to_owned);
    let mut used: BTreeSet<String> = tasks(spec).filter_map(|task| text(&task["template"])).collect();
    used.extend(called.iter().cloned());
    used.extend(
        [&spec["entrypoint"], &spec["onExit"]]
            .into_iter()
            .filter_map(text),
    );
    for template in templates(spec) {
        let name = template["name"].as_str().unwrap_or_default();
        if !used.contains(name) {
            wrong(format!("nothing runs {name}"));
        }
        if name.len() > 128 {
            wrong(format!("the name {name} is too long"));
        }
        expressions(template, &mut |expression, error| {
            wrong(format!("{name}: {expression}: {error}"))
        });
        dag(template, wrong);
    }
}

/// Every `{{=…}}` must be one expression.
fn expressions(value: &Value, wrong: &mut impl FnMut(&str, String)) {
    match value {
        Value::String(text) => {
            let mut rest = text.as_str();
            while let Some((_, inside)) = rest.split_once("{{=") {
                let (expression, after) = inside.split_once("}}").unwrap_or((inside, ""));
                // Written by hand, and in calls that only Argo knows.
                let foreign = expression.contains("sprig.") || expression.contains("now()");
                if let Err(error) = expr::parse(expression)
                    && !foreign
                {
                    wrong(expression, error);
                }
                rest = after;
            }
        }
        Value::Array(items) => items.iter().for_each(|item| expressions(item, wrong)),
        Value::Object(fields) => fields.values().for_each(|field| expressions(field, wrong)),
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

fn dag(template: &Value, wrong: &mut impl FnMut(String)) {
    let tasks: Vec<&Value> = template["dag"]["tasks"]
        .as_array()
        .into_iter()
        .flatten()
        .collect();
    let names: BTreeSet<&str> = tasks.iter().filter_map(|task| task["name"].as_str()).collect();
    if names.len() != tasks.len() {
        wrong(format!("two tasks of {} have one name", template["name"]));
    }
    for task in &tasks {
        for (other, status) in depends(task) {
            if !names.contains(other.as_str()) || !STATUSES.contains(&status.as_str()) {
                wrong(format!("{} waits for {other}.{status}", task["name"]));
            }
        }
        let syntax = task["depends"].as_str().map_or("a", |it| it);
        let plain = syntax.replace('.', "_").replace("--", "__").replace('-', "_");
        if let Err(error) = expr::parse(&plain) {
            wrong(format!("`depends` of {}: {error}", task["name"]));
        }
        let said = task.to_string();
        for other in &names {
            let asks = said.contains(&format!(r#"tasks[\"{other}\"].outputs"#));
            let waits = depends(task)
                .iter()
                .any(|(name, status)| name == other && status == "Succeeded");
            // After `x.Succeeded` alone the outputs are there; where others will do, too, the value is asked for only
            // if the task succeeded.
            let alone = task["depends"]
                .as_str()
                .is_some_and(|it| it.split(" && ").any(|part| part == format!("{other}.Succeeded")));
            if asks && !(waits && alone) {
                wrong(format!(
                    "{} asks for outputs of {other}, which may have been skipped",
                    task["name"]
                ));
            }
        }
    }
}

#[test]
fn nothing_is_left_to_the_first_run() {
    let everything = include_str!("../../src/lower/argo/tests/everything.kdl");
    for text in [SEARCH, everything] {
        assert_eq!(mistakes(&files(text)), Vec::<String>::new());
    }
    for example in ["cancer-risk", "docs-rag", "feature-store", "llm-finetune"] {
        let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR"))
            .join("snapshots")
            .join(example);
        assert_eq!(
            mistakes(&crate::compiled::folder(&root)),
            Vec::<String>::new(),
            "{example}"
        );
    }
}

#[test]
fn every_mistake_is_found() {
    let good = "
kind: WorkflowTemplate
metadata: {name: w}
spec:
  entrypoint: main
  templates:
  - name: main
    dag:
      tasks:
      - {name: a, template: t}
      - {name: b, template: t, depends: a.Succeeded, when: '{{=tasks[\"a\"].outputs.parameters[\"x\"] == \"1\"}}'}
  - {name: t, container: {image: i}}
";
    let check = |text: String| mistakes(&Texts::from([("argo/c/w.yaml".to_owned(), text)]));
    assert_eq!(check(good.to_owned()), Vec::<String>::new());
    for (from, to, said) in [
        ("a.Succeeded,", "(a.Succeeded,", "`depends`"),
        ("a.Succeeded,", "a.Done,", "waits for a.Done"),
        ("a.Succeeded,", "c.Succeeded,", "waits for c"),
        (
            "a.Succeeded,",
            "(a.Succeeded || a.Skipped),",
            "may have been skipped",
        ),
        (" == ", " = ", "left over"),
        ("name: t,", "name: u,", "nothing runs u"),
        ("name: b,", "name: a,", "one name"),
        (
            "name: w}",
            "name: wwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwww}",
            "too long",
        ),
    ] {
        assert!(good.contains(from), "{from}");
        let found = check(good.replacen(from, to, 1));
        assert!(found.iter().any(|found| found.contains(said)), "{to}: {found:?}");
    }
}
