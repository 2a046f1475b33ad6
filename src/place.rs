//! ProfiledGraph + Catalog -> Plan: a home for every step, proven best.
//!
//! ```text
//! sites, offers, fit, rules  what there is, what fits, and which lines forbid it
//! assemble                   all of it as numbers: an Instance
//! formulate                  Instance -> variables and rows
//! solve                      the integer program, goal by goal
//! evaluate                   what the answer amounts to, computed afresh
//! compose, pools, outcomes   the answer as a Plan
//! explain, reasons           why not, and why so
//!
//! engine                     a solver of its own for problems of any size
//! interchange                problems of other programs, solved by the engine
//! ```

mod assemble;
mod capacity;
mod compose;
pub mod engine;
mod evaluate;
mod explain;
mod fit;
mod formulate;
mod frontier;
mod instance;
pub mod interchange;
mod locked;
pub mod model;
mod offers;
mod outcomes;
mod overlap;
mod pools;
mod promises;
mod proximity;
mod reasons;
mod reduce;
mod rules;
mod sites;
mod solve;
mod storage;
mod view;
mod warnings;

pub use locked::{Placement, Placements};
pub use model::{Assignment, Cost, Movement, Outcome, Plan, Pool, PoolId, Site, SiteId, Solution};
pub use solve::Limits;
pub use view::{PlanView, view};

use crate::catalog::Catalog;
use crate::diag::Diagnostics;
use crate::graph::model::Goal;
use crate::profile::model::ProfiledGraph;
use assemble::{Problem, assemble};
use solve::{Aim, Answer, Failure};

/// The best plan, or `None` with diagnostics that say why there is none.
///
/// Keeps every promise; then as many preferences as it can, by weight; then the platform's goals in their order; then,
/// among plans that are within `limits.tolerance` of the best, the one with the fewest moves from `locked`.
pub fn solve<'g>(
    profiled: &'g ProfiledGraph<'g>,
    catalog: &Catalog,
    locked: Option<&Placements>,
    limits: &Limits,
    out: &mut Diagnostics,
) -> Option<Plan<'g>> {
    let platform = profiled.graph.platform.as_ref()?;
    let problem = assemble(profiled, platform, catalog, locked);
    if !explain::all_fit_somewhere(&problem, out) {
        return None;
    }
    let goals = goals(platform.objective.as_slice());
    match decide(&problem, &goals, locked, limits) {
        Ok(answer) => {
            let evaluation = evaluate::evaluate(&problem.instance, &answer.picks);
            let solution = solution(&answer, goals.len());
            let plan = compose::compose(&problem, &answer.picks, &evaluation, solution);
            warnings::warnings(&problem, &plan, out);
            Some(plan)
        }
        Err(Failure::Infeasible | Failure::Undecided) => {
            explain::conflict(&problem, limits, out);
            None
        }
    }
}

fn goals(objective: &[Goal]) -> Vec<Aim> {
    let aim = |goal: &Goal| match goal {
        Goal::Cost => Aim::Cost,
        Goal::Makespan => Aim::Makespan,
        Goal::Carbon => Aim::Carbon,
    };
    let mut aims: Vec<Aim> = objective.iter().map(aim).collect();
    // Nobody wants to pay more for nothing.
    if !aims.contains(&Aim::Cost) {
        aims.push(Aim::Cost);
    }
    aims
}

fn decide(
    problem: &Problem<'_, '_>,
    goals: &[Aim],
    locked: Option<&Placements>,
    limits: &Limits,
) -> Result<Answer, Failure> {
    let active = vec![true; problem.instance.rules.len()];
    let scope = formulate::Scope {
        active: &active,
        makespan: goals.contains(&Aim::Makespan),
        relaxed: None,
    };
    let moves = locked.map(|locked| Aim::Moves(locked::staying(problem, locked)));
    let aims: Vec<Aim> = std::iter::once(Aim::Preferences)
        .chain(goals.iter().cloned())
        .chain(moves)
        .collect();
    solve::solve(&problem.instance, scope, &aims, limits)
}

/// What was reached and proven of each goal; preferences come before them and moves after.
fn solution(answer: &Answer, goals: usize) -> Solution {
    let objective: Vec<f64> = answer.reached.iter().skip(1).take(goals).copied().collect();
    let bound: Vec<f64> = answer.bound.iter().skip(1).take(goals).copied().collect();
    let gaps = objective
        .iter()
        .zip(&bound)
        .map(|(value, bound)| (value - bound) / value.abs().max(1e-9));
    Solution {
        gap: gaps.fold(0.0, f64::max),
        optimal: answer.proven,
        method: format!("milp (microlp), {} columns, {} rows", answer.columns, answer.rows),
        objective,
        bound,
    }
}

#[cfg(test)]
#[allow(clippy::indexing_slicing, reason = "a test that panics is a test that fails")]
mod tests;
