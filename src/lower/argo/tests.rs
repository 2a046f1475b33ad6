//! Every construct, in one cluster and in two: what Argo says of it, and what reaches programs.

#![allow(
    clippy::disallowed_methods,
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::print_stdout,
    reason = "a test that panics is a test that fails; it runs the tools that are installed"
)]

mod large;
mod texts;

use std::process::Command;

use serde_json::Value;

use super::Argo;
use crate::catalog::Catalog;
use crate::diag::Diagnostics;
use crate::graph::{self, Graph, Surroundings};
use crate::lower::{Artifact, Images, Lowering, Target, fixture};
use crate::place::{Site, SiteId};
use crate::profile::{self, History};
use crate::source::SourceMap;
use crate::syntax::{self, Files};

const EVERYTHING: &str = include_str!("tests/everything.kdl");

struct NoFiles;

impl Files for NoFiles {
    fn read(&self, _: &str) -> Result<String, String> {
        Ok(String::new())
    }
}

fn build(text: &str) -> Graph {
    let mut sources = SourceMap::default();
    sources.add("everything.kdl", text.to_owned());
    let mut out = Diagnostics::new();
    let document = syntax::parse(&mut sources, &NoFiles, &mut out);
    let catalog = Catalog::built_in();
    let around = Surroundings {
        sources: &sources,
        files: &NoFiles,
        catalog: &catalog,
        platform: None,
    };
    let graph = graph::build(&document, around, &mut out).map(|(graph, _)| graph);
    assert!(!out.has_errors(), "{:#?}", out.sorted());
    graph.unwrap()
}

/// Lowers `graph`; the steps in `away` run in a second cluster.
fn lower(graph: &Graph, away: &[&str]) -> Vec<Artifact> {
    lower_with(graph, away, &mut Diagnostics::new())
}

fn lower_with(graph: &Graph, away: &[&str], out: &mut Diagnostics) -> Vec<Artifact> {
    let catalog = Catalog::built_in();
    let profiled = profile::annotate(graph, &History::default(), &catalog, &mut Diagnostics::new());
    let mut plan = fixture::plan(&profiled);
    plan.sites.push(Site {
        name: "lab".into(),
        region: None,
        cluster: "lab".into(),
        country: "de".into(),
        on_premises: true,
        runs: true,
    });
    for assignment in &mut plan.assignments {
        if away.contains(&graph[assignment.step].name.value.as_str()) {
            assignment.site = SiteId(1);
        }
    }
    plan.hubs = vec![SiteId(0)];
    let images = Images::default();
    let input = Lowering {
        plan: &plan,
        catalog: &catalog,
        images: &images,
        templates: &crate::lower::Templates::default(),
    };
    Argo.lower(&input, out)
}

/// All objects of all files, as a reader of YAML gets them.
fn objects(artifacts: &[Artifact]) -> Vec<Value> {
    let texts = artifacts.iter().map(|artifact| artifact.text.as_str());
    texts
        .flat_map(|text| serde_saphyr::from_multiple::<Value>(text).unwrap())
        .collect()
}

fn template<'v>(objects: &'v [Value], name: &str) -> &'v Value {
    let templates = objects
        .iter()
        .filter_map(|object| object["spec"]["templates"].as_array());
    templates
        .flatten()
        .find(|template| template["name"] == name)
        .unwrap()
}

fn task<'v>(objects: &'v [Value], dag: &str, name: &str) -> &'v Value {
    let tasks = template(objects, dag)["dag"]["tasks"].as_array().unwrap();
    tasks.iter().find(|task| task["name"] == name).unwrap()
}

/// Asks `argo lint` about each cluster's objects, where it is installed.
fn lint(name: &str, artifacts: &[Artifact]) {
    let root = std::env::temp_dir().join(format!("portolan-argo-{name}-{}", std::process::id()));
    let mut clusters: Vec<&str> = artifacts
        .iter()
        .map(|artifact| artifact.path.rsplit_once('/').unwrap().0)
        .collect();
    clusters.dedup();
    for cluster in clusters {
        let folder = root.join(cluster);
        std::fs::create_dir_all(&folder).unwrap();
        let own = artifacts
            .iter()
            .filter(|artifact| artifact.path.starts_with(&format!("{cluster}/")));
        let own = own.filter(|artifact| !artifact.path.ends_with(".files.yaml"));
        let files = own.map(|artifact| {
            let path = root.join(&artifact.path);
            std::fs::write(&path, &artifact.text).unwrap();
            path
        });
        let files: Vec<_> = files.collect();
        match Command::new("argo")
            .args(["lint", "--offline"])
            .args(&files)
            .output()
        {
            Err(_) => println!("skipped: argo is not installed"),
            Ok(said) => assert!(
                said.status.success(),
                "{}{}",
                String::from_utf8_lossy(&said.stdout),
                String::from_utf8_lossy(&said.stderr)
            ),
        }
    }
}

#[test]
fn one_cluster_is_one_workflow() {
    let artifacts = lower(&build(EVERYTHING), &[]);
    let paths: Vec<&str> = artifacts.iter().map(|artifact| artifact.path.as_str()).collect();
    assert_eq!(
        paths,
        [
            "argo/aws-eu-west-1/everything.yaml",
            "argo/aws-eu-west-1/everything.files.yaml",
            "argo/aws-eu-west-1/everything.schedule.yaml"
        ]
    );
    lint("one", &artifacts);
}

#[test]
fn alternatives_wait_for_the_same_and_are_never_both_true() {
    let objects = objects(&lower(&build(EVERYTHING), &[]));
    let big = task(&objects, "main", "big");
    let small = task(&objects, "main", "small");
    assert_eq!(big["depends"], small["depends"]);
    let when = big["when"].as_str().unwrap();
    let condition = when.strip_prefix("{{=").unwrap().strip_suffix("}}").unwrap();
    assert_eq!(small["when"], format!("{{{{=not ({condition})}}}}"));
    assert!(condition.contains(r#""it\x7b\x7bs""#), "{condition}");
    let serve = task(&objects, "main", "approve--serve");
    let depends = serve["depends"].as_str().unwrap();
    assert!(
        depends.contains("(big.Succeeded || small.Succeeded)"),
        "{depends}"
    );
    assert_eq!(
        task(&objects, "main", "serve")["depends"],
        "approved--serve.Succeeded"
    );
}

#[test]
fn a_fan_out_is_limited_counted_and_never_without_outputs() {
    let objects = objects(&lower(&build(EVERYTHING), &[]));
    let around = template(&objects, "each--shard");
    assert_eq!(around["parallelism"], 8);
    assert_eq!(
        task(&objects, "each--shard", "tolerated")["arguments"]["parameters"][1]["value"],
        "1"
    );
    for output in around["outputs"]["parameters"].as_array().unwrap() {
        assert_eq!(output["valueFrom"]["default"], "[]", "{output}");
    }
    let when = task(&objects, "main", "each--shard")["when"].as_str().unwrap();
    assert!(
        when.contains("len(fromJSON("),
        "an empty list skips what reads it: {when}"
    );
    let seed = template(&objects, "each--seed");
    let flat = seed["outputs"]["parameters"][0]["valueFrom"]["expression"]
        .as_str()
        .unwrap();
    assert!(flat.contains("flatten"), "{flat}");
    assert_eq!(
        task(&objects, "each--part", "items")["withSequence"]["count"],
        "12"
    );
}

#[test]
fn a_default_that_argo_would_fill_in_is_refused() {
    let graph = build(&EVERYTHING.replace("a$(HOME)", "a {{workflow.uid}}"));
    let mut out = Diagnostics::new();
    let arguments = super::workflow::arguments(&graph.pipelines[0], &mut out);
    assert!(
        arguments
            .parameters
            .iter()
            .all(|parameter| parameter.name != "label")
    );
    assert!(out.has_errors());
}

#[test]
fn machines_of_one_step_find_each_other() {
    let artifacts = lower(&build(EVERYTHING), &[]);
    let objects = objects(&artifacts);
    assert_eq!(task(&objects, "big", "ranks")["withSequence"]["count"], "2");
    let env = template(&objects, "node--big")["container"]["env"]
        .as_array()
        .unwrap();
    let value = |name: &str| env.iter().find(|variable| variable["name"] == name).unwrap()["value"].clone();
    assert_eq!(value("WORLD_SIZE"), "2");
    let service = objects.iter().find(|object| object["kind"] == "Service").unwrap();
    let first = format!(
        "n0-{{{{workflow.uid}}}}.{}.acme-everything.svc",
        service["metadata"]["name"].as_str().unwrap()
    );
    assert_eq!(value("MASTER_ADDR"), first);
}

#[test]
fn several_clusters_have_a_conductor_and_children_outlive_it() {
    let artifacts = lower(&build(EVERYTHING), &["align", "call", "small"]);
    let objects = objects(&artifacts);
    let named = |name: &str| {
        let mut named = objects
            .iter()
            .filter(|object| object["kind"] == "WorkflowTemplate");
        named.find(|object| object["metadata"]["name"] == name).unwrap()
    };
    let deadline = named("everything")["spec"]["activeDeadlineSeconds"]
        .as_u64()
        .unwrap();
    let children = objects
        .iter()
        .filter(|object| object["metadata"]["labels"]["portolan/fragment"].is_string());
    let mut count = 0;
    for child in children.filter(|child| child["kind"] == "WorkflowTemplate") {
        let kept = child["spec"]["ttlStrategy"]["secondsAfterCompletion"]
            .as_u64()
            .unwrap();
        assert!(kept > deadline, "{kept} {deadline}");
        count += 1;
    }
    assert!(count >= 4, "{count}");
    let small = named("everything-small");
    let inputs = small["spec"]["arguments"]["parameters"].as_array().unwrap();
    assert!(
        inputs.iter().any(|input| input["name"] == "list_region"),
        "{inputs:?}"
    );
    let crons: Vec<&Value> = objects
        .iter()
        .filter(|object| object["kind"] == "CronWorkflow")
        .collect();
    assert_eq!(crons.len(), 2, "two schedules share one object");
    assert_eq!(
        crons[0]["spec"]["schedules"],
        serde_json::json!(["0 2 * * *", "0 4 * * *"])
    );
    assert_eq!(crons[0]["spec"]["startingDeadlineSeconds"], 3600);
    lint("two", &artifacts);
}
