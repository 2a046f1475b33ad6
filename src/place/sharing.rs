//! Steps that are always on, put on one another's machines where filling them saves more than it costs.
//!
//! The integer program prices each step as if it had machines of its own: how well the loads of several steps fit into
//! each other, hour by hour of the week, is no sum over steps. So its answer is improved here, one step at a time, as
//! long as that helps. What the program proves holds for steps with machines of their own.

use super::assemble::{Candidate, Keep, Problem};
use super::evaluate::evaluate;
use super::instance::Instance;
use super::pools::saving;
use crate::graph::model::{Goal, Step};

/// Less is no reason to move anything.
const CENT: f64 = 0.01;

/// `picks`, with steps moved to machines of others where that makes the whole cheaper. A step that leaves where it was
/// has to save more than `tolerance` of the cost.
pub fn improve(problem: &Problem<'_, '_>, picks: &[usize], keep: Keep<'_>, tolerance: f64) -> Vec<usize> {
    let mut picks = picks.to_vec();
    let cheap = problem.platform.objective.first();
    if cheap.is_some_and(|goal| *goal != Goal::Cost) {
        return picks;
    }
    let mut cost = shared_cost(problem, &picks);
    // Each turn makes the whole cheaper, so none comes back to an earlier plan.
    while let Some((better, less)) = step_forward(problem, &picks, cost, keep, tolerance) {
        (picks, cost) = (better, less);
    }
    picks
}

/// What a plan costs with machines shared; infinite if it breaks a rule.
fn shared_cost(problem: &Problem<'_, '_>, picks: &[usize]) -> f64 {
    let evaluation = evaluate(&problem.instance, picks);
    if !evaluation.feasible(&problem.instance) {
        return f64::INFINITY;
    }
    evaluation.cost - saving(problem, &chosen(problem, picks)).in_usd()
}

fn chosen<'p>(problem: &'p Problem<'_, '_>, picks: &[usize]) -> Vec<&'p Candidate> {
    let steps = problem.candidates.iter().zip(picks);
    steps
        .filter_map(|(candidates, pick)| candidates.get(*pick))
        .collect()
}

/// The move of one step onto another's machines that helps most, with what the plan costs then.
fn step_forward(
    problem: &Problem<'_, '_>,
    picks: &[usize],
    cost: f64,
    keep: Keep<'_>,
    tolerance: f64,
) -> Option<(Vec<usize>, f64)> {
    let mut best: Option<(Vec<usize>, f64)> = None;
    for (step, to) in meetings(problem, picks) {
        let mut other = picks.to_vec();
        other
            .iter_mut()
            .skip(step.id.0 as usize)
            .take(1)
            .for_each(|pick| *pick = to);
        let less = shared_cost(problem, &other);
        let worth = if leaves_home(problem, step, to, keep) {
            (cost * tolerance).max(CENT)
        } else {
            CENT
        };
        let kept = keeps_preferences(&problem.instance, picks, &other);
        if cost - less > worth && kept && best.as_ref().is_none_or(|(_, least)| less < *least) {
            best = Some((other, less));
        }
    }
    best
}

/// Steps that are always on, with each choice that would put them on machines of another.
fn meetings<'g>(problem: &Problem<'g, '_>, picks: &[usize]) -> Vec<(&'g Step, usize)> {
    let always: Vec<&Step> = problem
        .profiled
        .graph
        .steps
        .iter()
        .filter(|step| step.kind.always_on())
        .collect();
    let taken = |step: &Step| {
        let at = step.id.0 as usize;
        Some(problem.candidates.get(at)?.get(*picks.get(at)?)?.offer)
    };
    let mut meetings = Vec::new();
    for step in &always {
        let hosts = always.iter().filter(|host| host.id != step.id);
        let offers: Vec<usize> = hosts.filter_map(|host| taken(host)).collect();
        let own = problem.candidates.get(step.id.0 as usize).into_iter().flatten();
        let there = own
            .enumerate()
            .filter(|(_, candidate)| offers.contains(&candidate.offer));
        let elsewhere = there.filter(|(_, candidate)| taken(step) != Some(candidate.offer));
        meetings.extend(elsewhere.map(|(pick, _)| (*step, pick)));
    }
    meetings
}

/// True if the lock has the step anywhere but where the choice puts it.
fn leaves_home(problem: &Problem<'_, '_>, step: &Step, pick: usize, keep: Keep<'_>) -> bool {
    let was = keep
        .locked
        .and_then(|locked| locked.get(problem.profiled.graph, step));
    let candidate = problem
        .candidates
        .get(step.id.0 as usize)
        .and_then(|own| own.get(pick));
    let offer = candidate.and_then(|candidate| problem.offers.get(candidate.offer));
    was.zip(offer)
        .is_some_and(|(was, offer)| !was.is(&problem.sites, offer))
}

/// True if no preference that holds with `picks` is given up with `other`.
fn keeps_preferences(instance: &Instance, picks: &[usize], other: &[usize]) -> bool {
    let (was, is) = (evaluate(instance, picks), evaluate(instance, other));
    was.holds
        .iter()
        .zip(&is.holds)
        .all(|(held, holds)| *holds || !*held)
}
