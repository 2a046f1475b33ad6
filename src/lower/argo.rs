//! The Argo target: a `WorkflowTemplate` for each pipeline, or for each fragment of one that runs in several clusters or
//! is too large for one object, a conductor for these on the hub, and what starts runs by the clock.

mod added;
mod approval;
mod chart;
mod condition;
mod conductor;
mod dag;
mod data;
mod deploy;
mod each;
mod exit;
mod fetch;
mod join;
mod needs;
mod nodes;
mod pulls;
mod retry;
mod schedule;
mod scope;
mod shapes;
mod size;
mod step;
mod stock;
mod tree;
#[allow(missing_docs, reason = "the fields are Argo's, documented there")]
mod types;
mod wants;
mod workflow;

use std::collections::BTreeSet;

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
    let together = steps.iter().all(|step| home(step) == first);
    let cut = match together {
        true => vec![Fragment::whole(first, steps.clone())],
        false => fragments::cut(graph, input.plan, pipeline.id),
    };
    let fragments = fragments::split(graph, input.plan, cut, size::MOST_TASKS);
    let alone = together && fragments.len() == 1;
    let chart = Chart {
        input,
        pipeline,
        site: if together { first } else { hub },
        name: names::name(Service::WorkflowTemplate, &[&pipeline.name.value]),
        fragment: None,
        nodes: match alone {
            true => tree::tree(graph, &steps),
            false => Vec::new(),
        },
        asked: BTreeSet::new(),
    };
    if !alone {
        return conduct(&chart, fragments, out);
    }
    let deadline = workflow::deadline(input, pipeline);
    let mut object = workflow::template(&chart, deadline, out);
    exit::add(&chart, &mut object, None, out);
    files(&chart, vec![object], out)
}

/// A pipeline of several clusters, or one too large for a single workflow: each fragment, then the conductor.
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
    let away = charts.iter().any(|chart| chart.site != hub.site);
    exit::add(hub, &mut object, away.then_some(charts.as_slice()), out);
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
    let around = around(chart, &objects);
    if size::large(&objects) {
        match join::join(&objects).filter(|_| chart.fragment.is_none()) {
            Some(joined) => objects = vec![joined],
            None => objects
                .iter_mut()
                .for_each(|object| shapes::share(&mut object.spec.templates)),
        }
    }
    size::check(chart, &objects, out);
    files.push(file(pipeline.clone(), render::yaml(&objects)));
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
    let names: BTreeSet<&str> = templates().map(|template| template.name.as_str()).collect();
    let here = |step: &&Step| names.contains(step.name.value.as_str());
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
