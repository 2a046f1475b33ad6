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

mod alternatives;
mod assemble;
mod capacity;
pub mod change;
mod compose;
mod difference;
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
mod sharing;
mod sites;
mod solve;
mod storage;
mod view;
mod warnings;
pub mod why;

pub use alternatives::{chance, shares};
pub use change::Changes;
pub use difference::{Difference, Plans, PromiseDifference, Spot, StepDifference, difference};
pub use locked::{Placement, Placements};
pub use model::{Assignment, Cost, ItemRun, Movement, Outcome, Plan, Pool, PoolId, Site, SiteId, Solution};
pub use solve::Limits;
pub use view::{PlanView, view};
pub use why::Why;

use crate::catalog::Catalog;
use crate::diag::Diagnostics;
use crate::graph::model::{Goal, StepId};
use crate::profile::model::ProfiledGraph;
use assemble::{Keep, Problem, assemble};
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
    replan(profiled, catalog, &Changes::default(), locked, limits, out)
}

/// [`solve`], if things were as `changes` say.
pub fn replan<'g>(
    profiled: &'g ProfiledGraph<'g>,
    catalog: &Catalog,
    changes: &Changes,
    locked: Option<&Placements>,
    limits: &Limits,
    out: &mut Diagnostics,
) -> Option<Plan<'g>> {
    let platform = profiled.graph.platform.as_ref()?;
    let keep = Keep { locked, entire: None };
    let problem = assemble(profiled, platform, catalog, changes, keep);
    let answer = answer(&problem, keep, limits, out)?;
    Some(composed(&problem, &answer, out))
}

/// [`solve`], and why the steps `of` are where they are.
pub fn inquire<'g>(
    profiled: &'g ProfiledGraph<'g>,
    catalog: &Catalog,
    locked: Option<&Placements>,
    limits: &Limits,
    of: &[StepId],
    out: &mut Diagnostics,
) -> Option<(Plan<'g>, Vec<Why>)> {
    let platform = profiled.graph.platform.as_ref()?;
    let changes = Changes::default();
    let keep = Keep { locked, entire: None };
    let problem = assemble(profiled, platform, catalog, &changes, keep);
    let answer = answer(&problem, keep, limits, out)?;
    let goals = goals(&platform.objective);
    let reasons = of.iter().filter_map(|id| {
        let at = id.0 as usize;
        let taken = problem.candidates.get(at)?.get(*answer.picks.get(at)?)?.offer;
        let entire = Some((*id, problem.offers.get(taken)?.site));
        let whole = assemble(profiled, platform, catalog, &changes, Keep { locked, entire });
        let mut picks = answer.picks.clone();
        let mut own = whole.candidates.get(at)?.iter();
        *picks.get_mut(at)? = own.position(|candidate| candidate.offer == taken)?;
        why::why(&whole, &profiled.graph[*id], &picks, &goals, limits)
    });
    let reasons = reasons.collect();
    Some((composed(&problem, &answer, out), reasons))
}

/// The best choice for each step; `None`: there is none, and `out` says why.
fn answer(
    problem: &Problem<'_, '_>,
    keep: Keep<'_>,
    limits: &Limits,
    out: &mut Diagnostics,
) -> Option<Answer> {
    if !explain::all_fit_somewhere(problem, out) {
        return None;
    }
    match decide(problem, &goals(&problem.platform.objective), keep.locked, limits) {
        Ok(answer) => Some(Answer {
            picks: sharing::improve(problem, &answer.picks, keep, limits.tolerance),
            ..answer
        }),
        Err(Failure::Infeasible | Failure::Undecided) => {
            explain::conflict(problem, limits, out);
            None
        }
    }
}

fn composed<'g>(problem: &Problem<'g, '_>, answer: &Answer, out: &mut Diagnostics) -> Plan<'g> {
    let evaluation = evaluate::evaluate(&problem.instance, &answer.picks);
    let solution = solution(answer, goals(&problem.platform.objective).len());
    let plan = compose::compose(problem, &answer.picks, &evaluation, solution);
    warnings::warnings(problem, &plan, out);
    plan
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
    // A goal that was not reached leaves the plan as far from the best as may be.
    let gap = gaps.fold(0.0, f64::max).min(1.0);
    Solution {
        gap: if objective.len() < goals { 1.0 } else { gap },
        optimal: answer.proven,
        method: answer.method.clone(),
        objective,
        bound,
    }
}

#[cfg(test)]
#[allow(clippy::indexing_slicing, reason = "a test that panics is a test that fails")]
mod tests;
