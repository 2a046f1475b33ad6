//! What happens once a run is over, however it went: `finally` steps, and the sweep of other clusters.

use std::collections::BTreeSet;

use super::chart::Chart;
use super::condition;
use super::conductor;
use super::dag::waiting;
use super::mailbox;
use super::needs::Wait;
use super::scope::Scope;
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
    // It waits for nothing and knows only parameters and the run: its condition is all that decides.
    let scope = Scope::new(graph, &[]);
    let mut tasks: Vec<Task> = Vec::new();
    let mut templates: Vec<Template> = Vec::new();
    for last in steps.filter(|step| step.finally) {
        let wait = Wait {
            guards: condition::of_step(&scope, last),
            ..Wait::default()
        };
        let own = step::templates(chart, last, out);
        tasks.extend(
            own.iter()
                .map(|template| waiting(&template.name, &template.name, &wait)),
        );
        templates.extend(own);
    }
    let of_steps = templates.len();
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
    tasks.extend(templates.iter().skip(of_steps).map(task));
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
