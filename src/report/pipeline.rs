//! One pipeline: its steps as a picture and as tables, its run, its parts.

use super::dag::{Dag, dag};
use super::needs::Scale;
use super::site::mark;
use super::span::spans;
use super::step::{self, Beside};
use super::timeline::{Timeline, timeline};
use crate::graph::model::{Pipeline, StepId};
use crate::lower::fragments::{self, Fragment};
use crate::place::Plan;
use crate::quantity::MicroUsd;

/// More steps than this, and figures have no bars and no reasons: `portolan profile` has them.
const MOST_DETAILED: usize = 120;

/// A section of the page.
#[derive(Clone, Debug)]
pub struct View {
    /// `p0`
    pub id: String,
    /// Its name.
    pub name: String,
    /// One line about it.
    pub description: Option<String>,
    /// Who owns it.
    pub owner: Option<String>,
    /// When it runs: `0 2 * * * (America/Sao_Paulo)`.
    pub schedules: Vec<String>,
    /// The site that starts its runs.
    pub hub: Option<String>,
    /// Per month.
    pub monthly: String,
    /// How many steps, in words.
    pub count: String,
    /// The picture.
    pub dag: Dag,
    /// The run.
    pub timeline: Timeline,
    /// Steps, in an order in which they can run.
    pub steps: Vec<step::Row>,
    /// True if figures have bars and reasons.
    pub detailed: bool,
    /// Its parts, if it is cut into several.
    pub fragments: Vec<Part>,
}

/// Steps that run in one cluster between two hand-overs.
#[derive(Clone, Debug)]
pub struct Part {
    /// From 1.
    pub number: usize,
    /// Where.
    pub site: String,
    /// Colour and pattern of the site.
    pub mark: u32,
    /// Its steps.
    pub steps: String,
    /// Numbers of the parts it waits for.
    pub after: String,
}

/// The section of one pipeline; `users` has the number of steps of each pool.
pub fn view(plan: &Plan<'_>, pipeline: &Pipeline, users: &[usize]) -> View {
    let graph = plan.profiled.graph;
    let spans = spans(plan, pipeline);
    let beside = Beside {
        scale: Scale::of(plan.profiled, pipeline.steps.iter().map(|id| &graph[*id])),
        users,
    };
    let row = |id: &StepId| Some(step::row(plan, &graph[*id], spans.get(id)?, &beside));
    let own = plan.cost.by_pipeline.iter().find(|(of, _)| *of == pipeline.id);
    let schedules = pipeline.schedules.iter();
    View {
        id: format!("p{}", pipeline.id.0),
        name: pipeline.name.value.clone(),
        description: pipeline.description.clone(),
        owner: pipeline.owner.as_ref().map(|owner| owner.value.clone()),
        schedules: schedules
            .map(|schedule| format!("{} ({})", schedule.cron.value, schedule.timezone))
            .collect(),
        hub: plan
            .hubs
            .get(pipeline.id.0 as usize)
            .map(|hub| plan[*hub].name.clone()),
        monthly: own.map_or(MicroUsd::ZERO, |(_, money)| *money).to_string(),
        count: counted(pipeline.steps.len(), "step"),
        dag: dag(plan, pipeline),
        timeline: timeline(plan, pipeline, &spans),
        steps: pipeline.steps.iter().filter_map(row).collect(),
        detailed: pipeline.steps.len() <= MOST_DETAILED,
        fragments: parts(plan, pipeline),
    }
}

/// `1 step`, `6 steps`
pub fn counted(n: usize, what: &str) -> String {
    if n == 1 {
        format!("1 {what}")
    } else {
        format!("{n} {what}s")
    }
}

/// The parts of a pipeline that runs at several sites; none of one that runs at one.
fn parts(plan: &Plan<'_>, pipeline: &Pipeline) -> Vec<Part> {
    let graph = plan.profiled.graph;
    let mut sites: Vec<_> = pipeline.steps.iter().map(|step| plan[*step].site).collect();
    sites.sort_unstable();
    sites.dedup();
    if sites.len() < 2 {
        return Vec::new();
    }
    let part = |(at, fragment): (usize, Fragment)| {
        let names = fragment.steps.iter().map(|step| graph[*step].name.value.as_str());
        let after = fragment.after.iter().map(|other| (other + 1).to_string());
        Part {
            number: at + 1,
            site: plan[fragment.site].name.clone(),
            mark: mark(fragment.site),
            steps: names.collect::<Vec<_>>().join(", "),
            after: after.collect::<Vec<_>>().join(", "),
        }
    };
    let cut = fragments::cut(graph, plan, pipeline.id);
    cut.into_iter().enumerate().map(part).collect()
}
