//! What happens once a run is over, however it went: `finally` steps, and the sweep of other clusters.

use std::collections::BTreeSet;

use super::chart::Chart;
use super::conductor;
use super::dag::waiting;
use super::mailbox;
use super::needs::Wait;
use super::step;
use super::types::{Arguments, Dag, Object, Task, Template, WorkflowSpec};
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
    let steps = chart.pipeline.steps.iter().map(|step| &graph[*step]);
    let mut templates: Vec<Template> = steps
        .filter(|step| step.finally)
        .flat_map(|last| step::templates(chart, last, out))
        .collect();
    templates.extend(charts.and_then(|charts| conductor::sweep(chart, SWEEP, charts)));
    let posted = charts.iter().flat_map(|charts| charts.iter());
    let posted: BTreeSet<SiteId> = posted
        .map(|other| other.site)
        .filter(|site| mailbox::is_used(chart, *site))
        .collect();
    let posted: Vec<SiteId> = posted.into_iter().collect();
    templates.extend((!posted.is_empty()).then(|| mailbox::stop(chart, STOP, &posted)));
    if templates.is_empty() {
        return;
    }
    let task = |template: &Template| Task {
        arguments: Arguments::default(),
        ..waiting(&template.name, &template.name, &Wait::default())
    };
    let tasks = templates.iter().map(task).collect();
    object.spec.on_exit = Some(EXIT.to_owned());
    object.spec.templates.push(Template {
        name: EXIT.to_owned(),
        dag: Some(Dag {
            fail_fast: false,
            tasks,
        }),
        ..Template::default()
    });
    object.spec.templates.extend(templates);
}
