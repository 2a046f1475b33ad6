//! Everything that can be watched, placed on two clusters, and what real Prometheus tools say of the output.

#![allow(
    clippy::disallowed_methods,
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::print_stdout,
    reason = "a test that panics is a test that fails; it runs the tools that are installed"
)]

use std::path::Path;
use std::process::Command;

use super::Monitoring;
use crate::catalog::Catalog;
use crate::diag::{Code, Diagnostics};
use crate::graph::{self, Graph, Surroundings};
use crate::lower::{Artifact, Images, Lowering, Target, fixture};
use crate::place::{Site, SiteId};
use crate::profile::{self, History};
use crate::quantity::{MicroUsd, Seconds};
use crate::source::SourceMap;
use crate::syntax::{self, Files};

/// One of each kind of promise, expectation, alert and silence.
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

/// Lowers `graph`, with every other step on a second cluster.
fn lower(graph: &Graph) -> (Vec<Artifact>, Diagnostics) {
    let catalog = Catalog::built_in();
    let profiled = profile::annotate(graph, &History::default(), &catalog, &mut Diagnostics::new());
    let mut plan = fixture::plan(&profiled);
    plan.sites.push(Site {
        name: "lab".into(),
        region: None,
        cluster: "lab".into(),
        country: "br".into(),
        on_premises: true,
        runs: true,
    });
    for plan in &mut plan.assignments {
        plan.duration = Seconds(5400.0);
        plan.monthly = MicroUsd::usd(12.5);
        if plan.step.0 % 2 == 1 {
            plan.site = SiteId(1);
        }
    }
    plan.hubs = graph.pipelines.iter().map(|_| SiteId(0)).collect();
    let mut out = Diagnostics::new();
    let images = Images::default();
    let input = Lowering {
        plan: &plan,
        catalog: &catalog,
        images: &images,
        templates: &crate::lower::Templates::default(),
    };
    (Monitoring.lower(&input, &mut out), out)
}

/// Writes the files and runs the tools that are installed; prints what is skipped.
fn validate(artifacts: &[Artifact], name: &str) {
    let folder = std::env::temp_dir().join(format!("portolan-{name}-{}", std::process::id()));
    for artifact in artifacts {
        let path = folder.join(&artifact.path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, &artifact.text).unwrap();
    }
    for artifact in artifacts {
        let command: &[&str] = match artifact.path.rsplit('/').next().unwrap() {
            "rules.yaml" => &["promtool", "check", "rules"],
            tests if tests.ends_with("rules_test.yaml") => &["promtool", "test", "rules"],
            "alertmanager.yaml" => &["amtool", "check-config"],
            _ => continue,
        };
        run(command, &folder.join(&artifact.path));
    }
    std::fs::remove_dir_all(folder).unwrap();
}

fn run(command: &[&str], path: &Path) {
    match Command::new(command[0]).args(&command[1..]).arg(path).output() {
        Ok(output) => assert!(
            output.status.success(),
            "{command:?} {}\n{}{}",
            path.display(),
            String::from_utf8_lossy(&output.stdout),
            String::from_utf8_lossy(&output.stderr)
        ),
        Err(_) => println!("skipped: {} is not installed", command[0]),
    }
}

#[test]
fn everything_is_watched_and_prometheus_agrees() {
    let graph = build(EVERYTHING);
    let (artifacts, out) = lower(&graph);
    assert!(out.is_empty(), "{:#?}", out.sorted());
    validate(&artifacts, "everything");
}

#[test]
fn memory_is_that_of_the_largest_pod_of_each_step() {
    let (artifacts, _) = lower(&build(EVERYTHING));
    let rules = artifacts
        .iter()
        .find(|artifact| artifact.path.ends_with("/rules.yaml"))
        .unwrap();
    let cluster = rules.path.split('/').nth(1).unwrap();
    let (_, rest) = rules
        .text
        .split_once("container_memory_working_set_bytes{namespace=\"")
        .unwrap();
    let (namespace, _) = rest.split_once('"').unwrap();
    let test = include_str!("tests/used_test.yaml")
        .replace("NAMESPACE", namespace)
        .replace("CLUSTER", cluster);
    let test = Artifact::new(
        rules.path.replace("rules.yaml", "used_rules_test.yaml"),
        test,
        "a test".to_owned(),
    );
    validate(&[rules.clone(), test], "used");
}

#[test]
fn every_alert_has_a_firing_and_a_quiet_case() {
    let graph = build(EVERYTHING);
    let (artifacts, _) = lower(&graph);
    for artifact in artifacts
        .iter()
        .filter(|artifact| artifact.path.ends_with("/rules.yaml"))
    {
        let folder = artifact.path.trim_end_matches("rules.yaml");
        let tests: String = artifacts
            .iter()
            .filter(|other| other.path.starts_with(folder) && other.path.ends_with("rules_test.yaml"))
            .map(|other| other.text.as_str())
            .collect();
        for alert in artifact
            .text
            .lines()
            .filter_map(|line| line.trim().strip_prefix("- alert: "))
        {
            assert!(tests.contains(&format!("- name: {alert} fires")), "{alert}");
            assert!(tests.contains(&format!("- name: {alert} is quiet")), "{alert}");
        }
    }
}

/// Rules of all clusters as they were generated.
fn alert_rules(artifacts: &[Artifact]) -> Vec<serde_json::Value> {
    let files = artifacts
        .iter()
        .filter(|artifact| artifact.path.ends_with("/rules.yaml"));
    let mut alerts = Vec::new();
    for file in files {
        let file: serde_json::Value = serde_saphyr::from_str(&file.text).unwrap();
        for group in file["groups"].as_array().unwrap() {
            let rules = group["rules"].as_array().unwrap();
            alerts.extend(rules.iter().filter(|rule| rule["alert"].is_string()).cloned());
        }
    }
    alerts
}

#[test]
fn every_alert_has_a_place_a_team_and_a_runbook() {
    let graph = build(&EVERYTHING.replace("owner oncology-ml\n", "\n"));
    let (artifacts, _) = lower(&graph);
    let page = &artifacts
        .iter()
        .find(|artifact| artifact.path == super::runbook::PATH)
        .unwrap()
        .text;
    let alerts = alert_rules(&artifacts);
    assert!(alerts.len() > 60, "{}", alerts.len());
    for alert in alerts {
        let labels = &alert["labels"];
        assert_eq!(labels["owner"], "oncology-ml", "{alert}");
        for label in ["cluster", "kind", "severity"] {
            assert!(
                labels[label].as_str().is_some_and(|value| !value.is_empty()),
                "{label}: {alert}"
            );
        }
        if labels["step"].is_string() {
            assert!(
                labels["fragment"].is_string() && labels["pool"].is_string(),
                "{alert}"
            );
        }
        let link = alert["annotations"]["runbook_url"].as_str().unwrap();
        if let Some(kind) = link.strip_prefix("monitoring/runbooks.md#") {
            assert!(page.contains(&format!("\n## {kind}\n")), "{link}");
        }
    }
}

#[test]
fn every_expression_is_promql() {
    let graph = build(EVERYTHING);
    let (artifacts, _) = lower(&graph);
    let mut seen = 0;
    for artifact in artifacts
        .iter()
        .filter(|artifact| artifact.path.ends_with("/rules.yaml"))
    {
        let file: serde_json::Value = serde_saphyr::from_str(&artifact.text).unwrap();
        for group in file["groups"].as_array().unwrap() {
            for rule in group["rules"].as_array().unwrap() {
                let expr = rule["expr"].as_str().unwrap();
                promql_parser::parser::parse(expr).unwrap_or_else(|error| panic!("{expr}: {error}"));
                seen += 1;
            }
        }
    }
    assert!(seen > 40, "{seen}");
}

/// One expectation, alert, silence and receiver for each hostile text. promtool compares labels and annotations of what
/// fires with the texts as they are, which is the round trip.
#[test]
fn hostile_texts_arrive_as_texts() {
    let texts: Vec<&str> = fixture::HOSTILE
        .iter()
        .copied()
        .filter(|text| !text.is_empty())
        .collect();
    let mut graph = build(include_str!("tests/one_step.kdl"));
    let pipeline = &mut graph.pipelines[0];
    let monitor = &mut pipeline.monitor;
    let (expect, alert, silence) = (
        monitor.expects.remove(0),
        monitor.alerts.remove(0),
        monitor.silences.remove(0),
    );
    let receivers = &mut graph.platform.as_mut().unwrap().receivers;
    let receiver = receivers.remove(0);
    for text in &texts {
        let mut expect = expect.clone();
        expect.notice.owner = Some((*text).to_owned());
        expect.notice.runbook = Some((*text).to_owned());
        expect.text = (*text).to_owned();
        monitor.expects.push(expect);
        let mut alert = alert.clone();
        alert.name.value = (*text).to_owned();
        alert.notice.owner = Some((*text).to_owned());
        monitor.alerts.push(alert);
        let mut silence = silence.clone();
        silence.reason = (*text).to_owned();
        monitor.silences.push(silence);
        let mut receiver = receiver.clone();
        receiver.team.value = (*text).to_owned();
        for way in &mut receiver.ways {
            let texts = way.properties.iter_mut().filter(|(name, _)| *name != "url");
            texts.for_each(|(_, value)| *value = (*text).to_owned());
        }
        receivers.push(receiver);
    }
    pipeline.owner.as_mut().unwrap().value = texts[0].to_owned();
    let (artifacts, out) = lower(&graph);
    assert!(out.is_empty(), "{:#?}", out.sorted());
    validate(&artifacts, "hostile");
}

#[test]
fn a_team_without_receiver_is_named() {
    let graph = build(&EVERYTHING.replace("receiver oncology-ml", "receiver somebody-else"));
    let (_, out) = lower(&graph);
    let found = out.sorted();
    assert_eq!(found.len(), 1, "{found:#?}");
    assert_eq!(found[0].code, Code::PlatformReceiver);
}

#[test]
fn what_cannot_be_measured_is_said() {
    let text = EVERYTHING.replace(
        "expect features.age max=\"30h\"",
        "expect features.size max=\"30GiB\"",
    );
    let (_, out) = lower(&build(&text));
    let found = out.sorted();
    assert_eq!(found.len(), 1, "{found:#?}");
    assert_eq!(found[0].code, Code::UnsupportedNode);
}

#[test]
fn a_query_that_is_not_promql_is_an_error() {
    let text = EVERYTHING.replace(
        "max(vllm:gpu_cache_usage_perc) > 0.95",
        "max(vllm:gpu_cache_usage_perc > 0.95",
    );
    let (_, out) = lower(&build(&text));
    assert!(out.has_errors());
}
