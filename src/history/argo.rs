//! Argo Workflows: `kubectl get workflows -o json` -> attempts.
//!
//! Every pod of a run is one attempt. A template of Portolan's is named after its step; labels `portolan/pipeline` and
//! `portolan/step`, where they are, win over names, and workflows of others go by the names of their templates.
//! `resourcesDuration` counts the requested resources over the pod's life, in core-seconds and in units of 100 MiB x
//! seconds, and so gives back what was requested; what was used is known to metrics only.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::attempt::{Attempt, Measure, Outcome};
use super::fault::Faults;
use super::{Read, form, sift, time};
use crate::diag::{Code, Diagnostic, Diagnostics};
use crate::source::{SourceId, SourceMap, Spanned};

/// Unit of memory in `resourcesDuration`: Argo counts seconds of 100 MiB (docs/resource-duration.md).
const MEMORY_UNIT: f64 = 100.0 * 1_048_576.0;

/// A list of workflows, or one.
#[derive(Deserialize)]
#[serde(untagged)]
enum File {
    List { items: Vec<Workflow> },
    One(Box<Workflow>),
}

#[derive(Deserialize)]
struct Workflow {
    metadata: Metadata,
    #[serde(default)]
    spec: Spec,
    #[serde(default)]
    status: Status,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Metadata {
    name: String,
    uid: String,
    #[serde(rename = "generateName")]
    generate_name: String,
    labels: BTreeMap<String, String>,
}

#[derive(Deserialize, Default)]
#[serde(default, rename_all = "camelCase")]
struct Spec {
    templates: Vec<Template>,
    workflow_template_ref: TemplateRef,
    arguments: Arguments,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct TemplateRef {
    name: String,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Arguments {
    parameters: Vec<Parameter>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Parameter {
    name: String,
    value: serde_json::Value,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Template {
    name: String,
    metadata: Metadata,
}

#[derive(Deserialize, Default)]
#[serde(default, rename_all = "camelCase")]
struct Status {
    nodes: BTreeMap<String, Node>,
    stored_templates: BTreeMap<String, Template>,
    stored_workflow_template_spec: Option<Box<Spec>>,
}

#[derive(Deserialize, Default)]
#[serde(default, rename_all = "camelCase")]
struct Node {
    id: String,
    #[serde(rename = "type")]
    kind: String,
    display_name: String,
    template_name: String,
    phase: String,
    message: String,
    started_at: Option<String>,
    finished_at: Option<String>,
    host_node_name: String,
    resources_duration: BTreeMap<String, f64>,
    inputs: Arguments,
    outputs: Outputs,
}

#[derive(Deserialize, Default)]
#[serde(default, rename_all = "camelCase")]
struct Outputs {
    exit_code: Option<String>,
}

/// Attempts of all pods that have ended.
pub fn read(sources: &SourceMap, file: SourceId, out: &mut Diagnostics) -> Read {
    let Some(found) = form::json::<File>(sources, file, "a list of Argo workflows", out) else {
        return Read::default();
    };
    let workflows = match found {
        File::List { items } => items,
        File::One(workflow) => vec![*workflow],
    };
    let mut faults = Faults::of(file, out);
    let mut read = Read::default();
    for workflow in &workflows {
        let steps = steps(workflow);
        for node in workflow.status.nodes.values().filter(|node| node.kind == "Pod") {
            let span = form::quoted(sources, file, &node.id);
            match attempt(workflow, &steps, node) {
                Ok(Some(attempt)) => read.attempts.push(Spanned::new(attempt, span)),
                Ok(None) => {}
                Err(why) => faults.push(Diagnostic::new(
                    Code::HistoryRow,
                    span,
                    "this node is left out",
                    why,
                )),
            }
        }
    }
    sift::sift(&mut read, sources, &mut faults);
    faults.finish();
    read
}

/// The step of each template that carries the label.
fn steps(workflow: &Workflow) -> BTreeMap<&str, &str> {
    let stored = workflow.status.stored_workflow_template_spec.iter();
    let templates = workflow
        .spec
        .templates
        .iter()
        .chain(stored.flat_map(|spec| &spec.templates))
        .chain(workflow.status.stored_templates.values());
    templates
        .filter_map(|template| {
            let step = template.metadata.labels.get("portolan/step")?;
            Some((template.name.as_str(), step.as_str()))
        })
        .collect()
}

/// One pod; `None` if it has not ended or never began.
fn attempt(
    workflow: &Workflow,
    steps: &BTreeMap<&str, &str>,
    node: &Node,
) -> Result<Option<Attempt>, String> {
    let ended = matches!(node.phase.as_str(), "Succeeded" | "Failed" | "Error");
    let (Some(start), Some(end)) = (&node.started_at, &node.finished_at) else {
        return Ok(None);
    };
    if !ended {
        return Ok(None);
    }
    let at = |text: &str| time::read(text).ok_or_else(|| format!("`{text}` is not a time"));
    let (start, end) = (at(start)?, at(end)?);
    let template = node.template_name.as_str();
    let step = steps.get(template).copied().unwrap_or(template);
    if step.is_empty() {
        return Err("it names no template".to_owned());
    }
    let exit_code = node.outputs.exit_code.as_ref().and_then(|code| code.parse().ok());
    let metadata = &workflow.metadata;
    let run = metadata.labels.get("portolan/run").unwrap_or(&metadata.uid);
    let mut attempt = Attempt {
        id: format!("argo-{}-{}", metadata.uid, node.id),
        run: if run.is_empty() {
            metadata.name.clone()
        } else {
            run.clone()
        },
        pipeline: pipeline(workflow).to_owned(),
        step: step.to_owned(),
        item: item(node),
        retries: retries(&node.display_name),
        pod: pod(&metadata.name, node),
        machine: node.host_node_name.clone(),
        started: Some(start),
        outcome: Outcome::from_exit(exit_code, &node.message, node.phase == "Succeeded"),
        exit_code,
        ..Attempt::default()
    };
    attempt.set(
        Measure::Seconds,
        Some(end - start).filter(|seconds| *seconds != 0.0),
    );
    requests(&mut attempt, node, end - start);
    for parameter in &workflow.spec.arguments.parameters {
        attempt
            .parameters
            .insert(parameter.name.clone(), plain(&parameter.value));
    }
    Ok(Some(attempt))
}

/// The label, else the name of the template that the workflow was made from, else its own name without the random end.
fn pipeline(workflow: &Workflow) -> &str {
    let metadata = &workflow.metadata;
    let label = metadata.labels.get("portolan/pipeline").map(String::as_str);
    let template = workflow.spec.workflow_template_ref.name.as_str();
    let generated = metadata.generate_name.trim_end_matches('-');
    label
        .or(Some(template).filter(|name| !name.is_empty()))
        .or(Some(generated).filter(|name| !name.is_empty()))
        .unwrap_or(&metadata.name)
}

/// What was requested, from what was counted over the pod's life.
fn requests(attempt: &mut Attempt, node: &Node, seconds: f64) {
    if seconds <= 0.0 {
        return;
    }
    let per_second = |resource: &str| node.resources_duration.get(resource).map(|sum| sum / seconds);
    // Whole seconds are counted, so that short pods give no more than the size of it.
    attempt.set(Measure::Cores, per_second("cpu").filter(|cores| *cores > 0.0));
    let memory = per_second("memory").map(|units| (units * MEMORY_UNIT).round());
    attempt.set(Measure::MemoryRequest, memory.filter(|bytes| *bytes > 0.0));
    attempt.set(Measure::Gpus, per_second("nvidia.com/gpu").map(f64::round));
}

/// Parameters `each_NAME` tell the items of a fan-out apart.
fn item(node: &Node) -> String {
    let each = node
        .inputs
        .parameters
        .iter()
        .filter(|input| input.name.starts_with("each_"));
    each.map(|input| plain(&input.value))
        .collect::<Vec<_>>()
        .join(",")
}

/// `train(2)` is the third attempt.
fn retries(name: &str) -> u32 {
    let number = name.strip_suffix(')').and_then(|name| name.rsplit_once('('));
    number.and_then(|(_, number)| number.parse().ok()).unwrap_or(0)
}

/// `WORKFLOW-TEMPLATE-HASH`, the second form of pod names (POD_NAMES=v2), where the hash ends the node's id.
fn pod(workflow: &str, node: &Node) -> String {
    match node.id.rsplit_once('-') {
        Some((_, hash)) if hash.bytes().all(|byte| byte.is_ascii_digit()) => {
            format!("{workflow}-{}-{hash}", node.template_name)
        }
        Some(_) | None => node.id.clone(),
    }
}

fn plain(value: &serde_json::Value) -> String {
    match value {
        serde_json::Value::String(text) => text.clone(),
        serde_json::Value::Null => String::new(),
        other => other.to_string(),
    }
}
