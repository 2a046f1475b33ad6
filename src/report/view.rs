//! All that the page and the summary say, in words and numbers of pixels: their templates decide nothing.

use super::attention::{Notice, notices};
use super::map::{Map, map};
use super::pipeline::{self, counted};
use super::promise::percent;
use super::{cost, promise, site};
use crate::catalog::Catalog;
use crate::diagram;
use crate::place::Plan;

/// More lines than this, and nobody can read a diagram in a pull request; GitHub draws no more than 500.
const MOST_EDGES: usize = 120;

/// What is said of a plan.
#[derive(Clone, Debug)]
pub struct Report {
    /// Of the compiler.
    pub version: &'static str,
    /// Name of the platform.
    pub platform: String,
    /// Names of the pipelines, or how many there are.
    pub title: String,
    /// What matters most.
    pub headline: Headline,
    /// What to look at first.
    pub attention: Vec<Notice>,
    /// Promises and preferences.
    pub promises: Vec<promise::Row>,
    /// By name.
    pub pipelines: Vec<pipeline::View>,
    /// True if there are several.
    pub several: bool,
    /// By name.
    pub sites: Vec<site::Row>,
    /// Where they are.
    pub map: Option<Map>,
    /// Data on its way.
    pub moves: Vec<Move>,
    /// Money.
    pub cost: cost::View,
    /// `milp (microlp), 812 columns, 340 rows`
    pub method: String,
    /// Mermaid, if that is readable.
    pub diagram: Option<String>,
}

/// What matters most.
#[derive(Clone, Debug)]
pub struct Headline {
    /// `6 steps`
    pub steps: String,
    /// `3 sites`
    pub sites: String,
    /// `3 of 4`, if anything is promised.
    pub kept: Option<String>,
    /// True if every promise holds.
    pub sound: bool,
    /// `proven optimal`, or how far from it.
    pub proof: String,
    /// When the longest run ends at p95.
    pub longest: String,
}

/// Data on its way.
#[derive(Clone, Debug)]
pub struct Move {
    /// What.
    pub data: String,
    /// From.
    pub from: String,
    /// To.
    pub to: String,
    /// Of one run at p95.
    pub size: String,
    /// Of one run.
    pub time: String,
    /// Money per month.
    pub monthly: String,
    /// Steps that read it there.
    pub readers: String,
}

/// What is to be said of `plan`.
pub fn report(plan: &Plan<'_>, catalog: &Catalog) -> Report {
    let graph = plan.profiled.graph;
    let mut users = vec![0; plan.pools.len()];
    for assignment in &plan.assignments {
        users
            .iter_mut()
            .skip(assignment.pool.0 as usize)
            .take(1)
            .for_each(|users| *users += 1);
    }
    let pipelines = graph
        .pipelines
        .iter()
        .map(|pipeline| pipeline::view(plan, pipeline, &users));
    let platform = graph.platform.as_ref();
    Report {
        version: env!("CARGO_PKG_VERSION"),
        platform: platform.map_or_else(String::new, |platform| platform.name.value.clone()),
        title: title(plan),
        headline: headline(plan),
        attention: notices(plan),
        promises: promise::rows(plan),
        pipelines: pipelines.collect(),
        several: graph.pipelines.len() > 1,
        sites: site::rows(plan, catalog),
        map: map(plan, catalog),
        moves: moves(plan),
        cost: cost::view(plan, &users),
        method: plan.solution.method.clone(),
        diagram: diagram(plan),
    }
}

fn title(plan: &Plan<'_>) -> String {
    let names: Vec<&str> = plan
        .profiled
        .graph
        .pipelines
        .iter()
        .map(|pipeline| pipeline.name.value.as_str())
        .collect();
    if names.len() <= 3 {
        names.join(", ")
    } else {
        counted(names.len(), "pipeline")
    }
}

fn headline(plan: &Plan<'_>) -> Headline {
    let required = || plan.promises.iter().filter(|outcome| outcome.required);
    let (kept, all) = (
        required().filter(|outcome| outcome.holds).count(),
        required().count(),
    );
    let steps = &plan.profiled.graph.steps;
    let ends = steps
        .iter()
        .filter(|step| !step.kind.always_on())
        .map(|step| plan[step.id].ends);
    Headline {
        steps: counted(steps.len(), "step"),
        sites: counted(plan.sites.iter().filter(|site| site.runs).count(), "site"),
        kept: (all > 0).then(|| format!("{kept} of {all}")),
        sound: kept == all,
        proof: if plan.solution.optimal {
            "proven optimal".to_owned()
        } else {
            format!("within {} of the best", percent(plan.solution.gap))
        },
        longest: ends
            .fold(Default::default(), crate::quantity::Seconds::max)
            .to_string(),
    }
}

fn moves(plan: &Plan<'_>) -> Vec<Move> {
    let graph = plan.profiled.graph;
    let moves = plan.moves.iter().filter(|moved| moved.from != moved.to);
    moves
        .map(|moved| {
            let readers = moved.readers.iter().map(|step| graph[*step].name.value.as_str());
            Move {
                data: graph[moved.data].name.value.clone(),
                from: plan[moved.from].name.clone(),
                to: plan[moved.to].name.clone(),
                size: moved.size.to_string(),
                time: moved.time.to_string(),
                monthly: moved.monthly.to_string(),
                readers: readers.collect::<Vec<_>>().join(", "),
            }
        })
        .collect()
}

fn diagram(plan: &Plan<'_>) -> Option<String> {
    let drawn = diagram::placement(plan);
    (drawn.edges.len() <= MOST_EDGES).then(|| diagram::mermaid(&drawn))
}
