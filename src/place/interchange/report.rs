//! The answer, as other programs read it.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::Serialize;

use super::Instance;
use super::model::model;
use crate::place::engine::{self, Failure, Limits};

/// Version of this form.
pub const VERSION: u32 = 1;

/// What is known of the best plan.
#[derive(Clone, PartialEq, Debug, Serialize, JsonSchema)]
#[schemars(title = "Placement answer")]
pub struct Report {
    /// Version of this form.
    pub version: u32,
    /// How it went.
    pub status: Status,
    /// What the plan costs, USD: candidates, egress, pools. Absent without a plan.
    pub objective: Option<f64>,
    /// Proven: no plan costs less.
    pub lower_bound: Option<f64>,
    /// (objective - lower_bound) / objective.
    pub gap: Option<f64>,
    /// True if the gap is at most the one asked for.
    pub optimal: bool,
    /// How it was reached.
    pub method: String,
    /// True if a time limit ended the search: another run may end elsewhere.
    pub timed_out: bool,
    /// Seconds from the text in memory to the model.
    pub build_s: Option<f64>,
    /// Seconds from the model to the plan.
    pub solve_s: Option<f64>,
    /// Processor seconds of both, where the system tells.
    pub cpu_s: Option<f64>,
    /// Peak resident memory of the process in 10⁶ bytes, where the system tells.
    pub peak_rss_mb: Option<f64>,
    /// By task, the position of the candidate that it takes.
    pub assignment: BTreeMap<String, usize>,
}

/// How it went.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Status {
    /// No plan is better by more than the gap asked for.
    Optimal,
    /// A plan was found; the work limit was reached before it was proven the best.
    Feasible,
    /// There is no plan: proven.
    Infeasible,
    /// The work limit was reached before a plan was found or proven not to be.
    Undecided,
}

/// Solves a sound instance. `built` is called between building the model and solving it.
pub fn solve(instance: &Instance<'_>, limits: &Limits<'_>, built: impl FnOnce()) -> Report {
    let translated = model(instance);
    built();
    let solved = engine::solve(&translated.model, limits);
    let (cost, bound, optimal, method, picks) = match solved {
        Ok(answer) => {
            let method = answer.method();
            (
                Some(answer.cost),
                answer.bound,
                answer.gap() <= limits.gap,
                method,
                answer.pick,
            )
        }
        Err(Failure::Infeasible(why)) => (None, f64::INFINITY, false, why.to_string(), Vec::new()),
        Err(Failure::Undecided(bound)) => (None, bound, false, "work limit".to_owned(), Vec::new()),
    };
    let most = instance.budget_usd.unwrap_or(f64::INFINITY);
    let within = cost.filter(|cost| *cost <= most * (1.0 + 1e-9));
    let status = match within {
        Some(_) if optimal => Status::Optimal,
        Some(_) => Status::Feasible,
        None if bound == f64::INFINITY || bound > most => Status::Infeasible,
        None => Status::Undecided,
    };
    let assignment = picks
        .iter()
        .zip(&instance.tasks)
        .zip(&translated.origin)
        .filter_map(|((pick, task), origin)| Some((task.id.clone().into_owned(), *origin.get(*pick)?)));
    Report {
        version: VERSION,
        status,
        objective: within,
        lower_bound: Some(bound).filter(|bound| bound.is_finite()),
        gap: within.map(|cost| (cost - bound) / cost.abs().max(f64::MIN_POSITIVE)),
        optimal: status == Status::Optimal,
        method,
        timed_out: (limits.interrupted)(),
        build_s: None,
        solve_s: None,
        cpu_s: None,
        peak_rss_mb: None,
        assignment: if within.is_some() {
            assignment.collect()
        } else {
            BTreeMap::new()
        },
    }
}
