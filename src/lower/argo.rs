//! The Argo target: a `WorkflowTemplate` for each pipeline, or for each fragment of one that runs in several clusters or
//! is too large for one object, a conductor for these on the hub, and what starts runs by the clock.

mod added;
mod approval;
mod cache;
mod chart;
mod choice;
mod condition;
mod conductor;
mod dag;
mod data;
mod deploy;
mod each;
mod exit;
mod fetch;
mod items;
mod join;
mod mailbox;
pub(super) mod memory;
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
mod trigger;
#[allow(missing_docs, reason = "the fields are Argo's, documented there")]
mod types;
mod wants;
mod workflow;

use std::collections::BTreeSet;
use std::rc::Rc;

use chart::Chart;
use types::{CronSpec, Object, WorkflowSpec};

use super::fragments::{self, Fragment};
use super::names::{self, Service};
use super::{Artifact, Lowering, Target, pod};
use crate::diag::Diagnostics;
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
        chosen: Rc::new(choice::chosen_from(graph, pipeline)),
        asked: Rc::default(),
    };
    if !alone {
        return conduct(&chart, fragments, out);
    }
    let deadline = workflow::deadline(input, pipeline);
    let mut object = workflow::template(&chart, deadline, out);
    exit::add(&chart, &mut object, None, out);
    let starters = starters(&chart, out);
    files(&chart, vec![object], starters, out)
}

/// What starts runs of a pipeline.
fn starters(chart: &Chart<'_>, out: &mut Diagnostics) -> Vec<Object<CronSpec>> {
    let mut all = schedule::objects(chart);
    all.extend(trigger::objects(chart, out));
    all
}

/// A pipeline of several clusters, or one too large for a single workflow: each fragment, then the conductor.
fn conduct(hub: &Chart<'_>, fragments: Vec<Fragment>, out: &mut Diagnostics) -> Vec<Artifact> {
    let charts = conductor::charts(hub, &fragments);
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
            Some(chart) => {
                let collector = mailbox::is_used(hub, chart.site).then(|| mailbox::collector(hub, chart));
                made.extend(files(
                    chart,
                    objects,
                    collector.flatten().into_iter().collect(),
                    out,
                ));
            }
            None => {}
        }
    }
    let starters = starters(hub, out);
    made.extend(files(hub, at_hub, starters, out));
    made
}

/// The files of one pipeline at one site: its workflows, what is around them, and what the clock starts.
fn files(
    chart: &Chart<'_>,
    mut objects: Vec<Object<WorkflowSpec>>,
    starters: Vec<Object<CronSpec>>,
    out: &mut Diagnostics,
) -> Vec<Artifact> {
    let pipeline = &chart.pipeline.name.value;
    let folder = format!("argo/{}", chart.input.plan[chart.site].cluster);
    let file = |name: String, text| Artifact::new(format!("{folder}/{name}.yaml"), text, chart.origin());
    let mut files = Vec::new();
    let around = around(chart, &objects, &starters);
    let large = size::large(&objects);
    let joined = large && chart.fragment.is_none() && join::join(&mut objects);
    if large && !joined {
        let templates = objects.iter_mut().map(|object| &mut object.spec.templates);
        templates.for_each(shapes::share);
    }
    size::check(chart, &objects, out);
    files.push(file(pipeline.clone(), render::yaml(&objects)));
    if !around.is_empty() {
        files.push(file(format!("{pipeline}.files"), render::yaml(&around)));
    }
    if !starters.is_empty() {
        files.push(file(format!("{pipeline}.schedule"), render::yaml(&starters)));
    }
    files
}

/// What the pods of the workflows need in their namespace: scripts, files, names.
fn around(
    chart: &Chart<'_>,
    objects: &[Object<WorkflowSpec>],
    starters: &[Object<CronSpec>],
) -> Vec<serde_json::Value> {
    let started = || {
        starters
            .iter()
            .flat_map(|starter| starter.spec.workflow_spec.templates())
    };
    let templates = || {
        objects
            .iter()
            .flat_map(|object| &object.spec.templates)
            .chain(started())
    };
    let mut all = Vec::new();
    let scripts = stock::config_map(&chart.pipeline.name.value, &chart.namespace(), templates());
    all.extend(scripts.map(|map| serde_json::json!(map)));
    all.extend(each::config_map(chart).map(|map| serde_json::json!(map)));
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
