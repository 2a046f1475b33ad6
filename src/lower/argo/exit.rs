//! What happens once a run is over, however it went: `finally` steps, and the sweep of other clusters.

use std::collections::BTreeSet;

use super::chart::Chart;
use super::conductor;
use super::dag::{Maker, waiting};
use super::mailbox;
use super::needs::Wait;
use super::pulls::Pulls;
use super::tree;
use super::types::{Dag, Object, Template, WorkflowSpec};
use super::workflow::EXIT;
use crate::diag::Diagnostics;
use crate::place::SiteId;

/// Name of the template that stops what is left in other clusters.
const SWEEP: &str = "sweep";
/// Name of the template that tells clusters without a way in.
const STOP: &str = "stop";

/// Adds the exit handler to the workflow of the hub, if there is anything to do.
pub fn add(
    chart: &Chart<'_>,
    object: &mut Object<WorkflowSpec>,
    charts: Option<&[Chart<'_>]>,
    out: &mut Diagnostics,
) {
    let graph = chart.graph();
    let last = chart
        .pipeline
        .steps
        .iter()
        .copied()
        .filter(|step| graph[*step].finally);
    let nodes = tree::tree(graph, &last.collect::<Vec<_>>());
    let mut maker = Maker::new(chart, out);
    let mut tasks = maker.tasks(&nodes, &[], &Pulls::default());
    let finally = maker.templates;
    let mut templates: Vec<Template> = Vec::new();
    templates.extend(charts.and_then(|charts| conductor::sweep(chart, SWEEP, charts)));
    let posted = charts.iter().flat_map(|charts| charts.iter());
    let posted: BTreeSet<SiteId> = posted
        .map(|other| other.site)
        .filter(|site| mailbox::is_used(chart, *site))
        .collect();
    let posted: Vec<SiteId> = posted.into_iter().collect();
    templates.extend((!posted.is_empty()).then(|| mailbox::stop(chart, STOP, &posted)));
    let task = |template: &Template| waiting(&template.name, &template.name, &Wait::default());
    tasks.extend(templates.iter().map(task));
    if tasks.is_empty() {
        return;
    }
    object.spec.on_exit = Some(EXIT.to_owned());
    object.spec.templates.push(Template {
        name: EXIT.to_owned(),
        dag: Some(Dag {
            fail_fast: false,
            tasks,
        }),
        ..Template::default()
    });
    object.spec.templates.extend(finally.into_iter().chain(templates));
}
