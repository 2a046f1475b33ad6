//! The Argo target: a `WorkflowTemplate` for each pipeline, or for each fragment of one that runs in several clusters,
//! a conductor for these on the hub, and what starts runs by the clock.

mod added;
mod approval;
mod chart;
mod condition;
mod conductor;
mod dag;
mod data;
mod defaults;
mod deploy;
mod each;
mod exit;
mod fetch;
mod needs;
mod nodes;
mod retry;
mod schedule;
mod scope;
mod size;
mod step;
mod stock;
mod tree;
#[allow(missing_docs, reason = "the fields are Argo's, documented there")]
mod types;
mod wants;
mod workflow;

use chart::Chart;
use types::{Object, WorkflowSpec};

use super::fragments::{self, Fragment};
use super::names::{self, Service};
use super::{Artifact, Lowering, Target, pod};
use crate::diag::{Code, Diagnostic, Diagnostics};
use crate::graph::{Pipeline, Step, StepId};
use crate::place::SiteId;
use crate::render;

/// Argo Workflows 3.7 and later.
#[derive(Clone, Copy, Debug)]
pub struct Argo;

impl Target for Argo {
    fn name(&self) -> &'static str {
        "argo"
    }

    fn lower(&self, input: &Lowering<'_>, out: &mut Diagnostics) -> Vec<Artifact> {
        let graph = input.graph();
        let mut files = Vec::new();
        for pipeline in &graph.pipelines {
            let Some(hub) = input.plan.hubs.get(pipeline.id.0 as usize) else {
                continue;
            };
            files.extend(lower(input, pipeline, *hub, out));
        }
        files
    }
}

/// The files of one pipeline.
fn lower(input: &Lowering<'_>, pipeline: &Pipeline, hub: SiteId, out: &mut Diagnostics) -> Vec<Artifact> {
    let graph = input.graph();
    let steps = pipeline.steps.iter().copied();
    let steps: Vec<StepId> = steps.filter(|step| !graph[*step].finally).collect();
    let home = |step: &StepId| input.plan[*step].site;
    let first = steps.first().map_or(hub, home);
    let name = names::name(Service::WorkflowTemplate, &[&pipeline.name.value]);
    let alone = steps.iter().all(|step| home(step) == first);
    let chart = Chart {
        input,
        pipeline,
        site: if alone { first } else { hub },
        name,
        fragment: None,
        nodes: if alone {
            tree::tree(graph, &steps)
        } else {
            Vec::new()
        },
        asked: Vec::new(),
    };
    if alone {
        let deadline = workflow::deadline(input, pipeline);
        let mut object = workflow::template(&chart, deadline, out);
        exit::add(&chart, &mut object, None, out);
        return files(&chart, vec![object], out);
    }
    conduct(&chart, fragments::cut(graph, input.plan, pipeline.id), out)
}

/// A pipeline of several clusters: each fragment, then the conductor.
fn conduct(hub: &Chart<'_>, fragments: Vec<Fragment>, out: &mut Diagnostics) -> Vec<Artifact> {
    let charts = conductor::charts(hub, &fragments);
    if let Some(cluster) = conductor::unreachable_from_hub(hub, &charts) {
        let message = format!(
            "`transport=mailbox` of `{cluster}` is understood, but its requests are not collected yet"
        );
        out.push(Diagnostic::new(
            Code::UnsupportedNode,
            hub.pipeline.name.span,
            "",
            message,
        ));
    }
    let deadline = workflow::deadline(hub.input, hub.pipeline);
    let templates = conductor::templates(hub, &fragments, &charts);
    let arguments = workflow::arguments(hub.pipeline, out);
    let mut object = workflow::object(hub, templates, arguments, dag::MAIN);
    object.spec.active_deadline_seconds = deadline;
    exit::add(hub, &mut object, Some(&charts), out);
    let mut made = Vec::new();
    let mut at_hub = vec![object];
    let mut sites: Vec<SiteId> = charts.iter().map(|chart| chart.site).collect();
    sites.sort();
    sites.dedup();
    for site in sites {
        let here: Vec<&Chart<'_>> = charts.iter().filter(|chart| chart.site == site).collect();
        let objects = here.iter().map(|chart| workflow::template(chart, deadline, out));
        let objects: Vec<Object<WorkflowSpec>> = objects.collect();
        match here.first() {
            Some(_) if site == hub.site => at_hub.extend(objects),
            Some(chart) => made.extend(files(chart, objects, out)),
            None => {}
        }
    }
    made.extend(files(hub, at_hub, out));
    made
}

/// The files of one pipeline at one site.
fn files(chart: &Chart<'_>, mut objects: Vec<Object<WorkflowSpec>>, out: &mut Diagnostics) -> Vec<Artifact> {
    let pipeline = &chart.pipeline.name.value;
    let folder = format!("argo/{}", chart.input.plan[chart.site].cluster);
    let file = |name: String, text| Artifact::new(format!("{folder}/{name}.yaml"), text, chart.origin());
    let mut files = Vec::new();
    // The hub's workflow runs templates of its fragments, and these would not find their defaults.
    let referred = chart.fragment.is_none() && objects.len() > 1;
    for object in &mut objects {
        if !referred && size::large(object) {
            defaults::share(&mut object.spec);
        }
        size::check(chart, object, out);
    }
    files.push(file(pipeline.clone(), render::yaml(&objects)));
    let around = around(chart, &objects);
    if !around.is_empty() {
        files.push(file(format!("{pipeline}.files"), render::yaml(&around)));
    }
    if chart.fragment.is_none() {
        let schedules = schedule::objects(chart, out);
        if !schedules.is_empty() {
            files.push(file(format!("{pipeline}.schedule"), render::yaml(&schedules)));
        }
    }
    files
}

/// What the pods of the workflows need in their namespace: scripts, files, names.
fn around(chart: &Chart<'_>, objects: &[Object<WorkflowSpec>]) -> Vec<serde_json::Value> {
    let templates = || objects.iter().flat_map(|object| &object.spec.templates);
    let mut all = Vec::new();
    let scripts = stock::config_map(&chart.pipeline.name.value, &chart.namespace(), templates());
    all.extend(scripts.map(|map| serde_json::json!(map)));
    let steps = chart.pipeline.steps.iter().map(|step| &chart.graph()[*step]);
    let here = |step: &&Step| templates().any(|template| template.name == step.name.value);
    for step in steps.filter(here).filter(|step| !step.kind.always_on()) {
        all.extend(pod::config_map(chart.input, step).map(|map| serde_json::json!(map)));
        if nodes::count(chart, step) > 1 {
            let (service, policy) = nodes::objects(chart, step);
            all.extend([serde_json::json!(service), serde_json::json!(policy)]);
        }
    }
    all
}

#[cfg(test)]
mod tests;
