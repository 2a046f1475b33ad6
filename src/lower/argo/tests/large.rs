//! Pipelines of many steps: what Argo stores of them, and what it says of it.

use std::fmt::Write as _;

use super::*;
use crate::lower::argo::size;

/// Layers of ten steps that each read two data sets of the layer before; some have a condition or a fan-out.
fn pipeline(steps: usize) -> String {
    let mut text = String::from(
        "pipeline large {\n    data raw { at aws.eu-west-1 uri=\"s3://acme/raw\"; size \"1GiB\"; }\n",
    );
    for index in 0..steps {
        let before = (index / 10).checked_sub(1).map(|layer| layer * 10);
        let _ = write!(
            text,
            "    step s{index} kind=etl {{ image \"ghcr.io/acme/etl:1\"; command etl \"--step={index}\"; "
        );
        let _ = write!(
            text,
            "writes d{index} size=\"1GiB\"; emits rows type=integer; emits parts type=list items=4; "
        );
        match before {
            None => text.push_str("reads raw; "),
            Some(first) => {
                for offset in [index * 3 % 10, (index * 3 + 1) % 10] {
                    let _ = write!(text, "reads d{}; ", first + offset);
                }
                if index % 10 == 3 {
                    let _ = write!(text, "when \"s{first}.rows >= 1000\"; ");
                }
                if index % 20 == 7 {
                    let _ = write!(text, "each part from=s{first}.parts; ");
                }
            }
        }
        text.push_str("}\n");
    }
    text + "}\n"
}

fn workflows(objects: &[Value]) -> impl Iterator<Item = &Value> {
    objects
        .iter()
        .filter(|object| object["kind"] == "WorkflowTemplate")
}

/// All tasks that run a step: those of `main` run whole parts.
fn tasks(objects: &[Value]) -> Vec<&Value> {
    let templates = workflows(objects).flat_map(|object| object["spec"]["templates"].as_array().unwrap());
    let parts = templates.filter(|template| template["name"] != "main");
    let dags = parts.filter_map(|template| template["dag"]["tasks"].as_array());
    dags.flatten().collect()
}

#[test]
fn a_thousand_steps_are_one_small_workflow() {
    let graph = build(&pipeline(1_000));
    let mut out = Diagnostics::new();
    let artifacts = lower_with(&graph, &[], &mut out);
    assert!(!out.has_errors(), "{:#?}", out.sorted());
    let objects = objects(&artifacts);
    let bytes: usize = workflows(&objects).map(|object| object.to_string().len()).sum();
    assert!(bytes < 400_000, "{bytes} bytes minified");
    for object in workflows(&objects) {
        let templates = object["spec"]["templates"].as_array().unwrap();
        assert!(templates.len() <= size::MOST_ENTRIES);
        let dags = templates
            .iter()
            .filter_map(|template| template["dag"]["tasks"].as_array());
        assert!(dags.into_iter().all(|tasks| tasks.len() <= size::MOST_ENTRIES));
    }
    let tasks = tasks(&objects);
    for index in 0..1_000 {
        let (name, argument) = (format!("s{index}"), index.to_string());
        // A step in a fan-out is run by the loop of its own template.
        let own = tasks.iter().filter(|task| {
            let said = task["arguments"]["parameters"].as_array();
            let said = said.into_iter().flatten();
            let values: Vec<&str> = said.filter_map(|it| it["value"].as_str()).collect();
            task["name"] == *name
                || task["template"] == *name
                || values.contains(&name.as_str()) && values.contains(&argument.as_str())
        });
        assert_eq!(own.count(), 1, "{name}");
    }
    lint("large", &artifacts);
}

#[test]
fn parts_of_a_large_pipeline_wait_for_each_other_without_a_circle() {
    let graph = build(&pipeline(400));
    let objects = objects(&lower(&graph, &[]));
    let main = template(&objects, "main")["dag"]["tasks"].as_array().unwrap();
    let mut seen: Vec<&str> = Vec::new();
    for task in main {
        let depends = task["depends"].as_str().unwrap_or_default();
        for before in depends.split(" && ").filter(|before| !before.is_empty()) {
            assert!(
                seen.contains(&before.strip_suffix(".Succeeded").unwrap()),
                "{depends}"
            );
        }
        seen.push(task["name"].as_str().unwrap());
    }
    assert!(seen.len() >= 2, "{seen:?}");
}

#[test]
fn more_than_argo_holds_is_refused() {
    let block: String = (0..201)
        .map(|index| {
            format!(
                "step s{index} kind=etl {{ image \"ghcr.io/acme/etl:1\"; writes d{index} size=\"1GiB\"; }}\n"
            )
        })
        .collect();
    let graph = build(&format!(
        "pipeline large {{ each shard count=2 {{\n{block}}} }}\n"
    ));
    let mut out = Diagnostics::new();
    lower_with(&graph, &[], &mut out);
    let found = out.sorted();
    let refused = found
        .iter()
        .find(|found| found.code == crate::diag::Code::EachSize)
        .unwrap();
    assert!(refused.message.contains("201 tasks"), "{}", refused.message);
}
