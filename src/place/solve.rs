//! Instance -> choices, with what is proven of them.
//!
//! Goals are lexicographic: each is minimised, then kept within its tolerance while the next one is. Work is counted,
//! never timed, so that a plan does not depend on the machine it was made on.
//!
//! ```text
//! milp          small instances: one integer program, exact in every respect
//! at_scale      others, and small ones on which the integer program fails: the engine, on
//! translate     a relaxation that it knows how to bound; then, with the plan worked out in full,
//! mend          what the relaxation does not see
//! ```

mod at_scale;
mod mend;
mod milp;
mod translate;

use super::formulate::Scope;
use super::instance::{Instance, Source};

/// How hard to try, and how near is near enough.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Limits {
    /// Branch-and-bound nodes for each goal.
    pub nodes: u64,
    /// A plan is called optimal when its proven relative gap is at most this.
    pub gap: f64,
    /// The same for goals after the first, which only choose among plans that are nearly the best.
    pub later: f64,
    /// A later goal may worsen an earlier one by this share, and a locked plan may be so much worse than the best.
    pub tolerance: f64,
    /// The most variables of an integer program; larger instances are solved by message passing.
    pub columns: usize,
}

impl Default for Limits {
    fn default() -> Limits {
        Limits {
            nodes: 20_000,
            gap: 1e-6,
            later: 1e-3,
            tolerance: 0.005,
            columns: 1_500,
        }
    }
}

/// What is minimised.
#[derive(Clone, PartialEq, Debug)]
pub enum Aim {
    /// The weight of missed preferences.
    Preferences,
    /// Money.
    Cost,
    /// Hours.
    Makespan,
    /// Emissions.
    Carbon,
    /// Tasks that are not where they were: by task and choice, the worth of staying there.
    Moves(Vec<Vec<f64>>),
    /// How far the relaxed rule is overstepped.
    Excess,
}

/// A choice for each task, and what is proven of it.
#[derive(Clone, PartialEq, Debug)]
pub struct Answer {
    /// By task, the position of its choice.
    pub picks: Vec<usize>,
    /// By aim, what was reached.
    pub reached: Vec<f64>,
    /// By aim, what cannot be beaten.
    pub bound: Vec<f64>,
    /// True if every aim is within the gap of its bound.
    pub proven: bool,
    /// How it was found.
    pub method: String,
}

/// Why there is no answer.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Failure {
    /// No plan keeps all rules.
    Infeasible,
    /// The work limit was reached before a plan was found.
    Undecided,
}

/// Minimises `aims`, first to last, over the plans of `instance` that keep the rules of `scope`.
pub fn solve(
    instance: &Instance,
    scope: Scope<'_>,
    aims: &[Aim],
    limits: &Limits,
) -> Result<Answer, Failure> {
    if columns(instance) > limits.columns {
        return at_scale::solve(instance, scope, aims, limits);
    }
    match milp::solve(instance, scope, aims, limits) {
        Ok(answer) if answer.proven => Ok(answer),
        Err(Failure::Infeasible) => Err(Failure::Infeasible),
        // What the solver gave up on may be no trouble another way.
        Ok(answer) => Ok(match at_scale::solve(instance, scope, aims, limits) {
            Ok(other) if surpasses(&other, &answer) => other,
            Ok(_) | Err(_) => answer,
        }),
        Err(Failure::Undecided) => at_scale::solve(instance, scope, aims, limits),
    }
}

/// True if the first aim in which the two differ is in favour of `a`; among equals, if that is proven.
fn surpasses(a: &Answer, b: &Answer) -> bool {
    let differs = |(a, b): &(&f64, &f64)| (*a - *b).abs() > 1e-6 * a.abs().max(1.0);
    match a.reached.iter().zip(&b.reached).find(differs) {
        Some((a, b)) => a < b,
        None => a.reached.len() > b.reached.len() || a.proven,
    }
}

/// About how many variables an integer program has: choices, and ways of data.
fn columns(instance: &Instance) -> usize {
    let sites = |task: usize| {
        let choices = instance.tasks.get(task).map_or(&[][..], |task| &task.choices);
        let mut sites: Vec<usize> = choices.iter().map(|choice| choice.site).collect();
        sites.sort_unstable();
        sites.dedup();
        sites.len()
    };
    let choices: usize = instance.tasks.iter().map(|task| task.choices.len()).sum();
    let ways = |from: &Source| match from {
        Source::Task(maker) => sites(*maker),
        Source::Copies(_) => 1,
    };
    let flows = instance
        .flows
        .iter()
        .map(|flow| ways(&flow.from) * sites(flow.to));
    choices + flows.sum::<usize>()
}

/// True for the platform's goals.
fn matters(aim: &Aim) -> bool {
    match aim {
        Aim::Cost | Aim::Makespan | Aim::Carbon => true,
        Aim::Preferences | Aim::Moves(_) | Aim::Excess => false,
    }
}

/// By how much later aims may worsen this one. Preferences and moves are whole: they may not be worsened at all.
fn allowance(aim: &Aim, value: f64, limits: &Limits) -> f64 {
    match aim {
        Aim::Preferences | Aim::Moves(_) => 1e-6,
        Aim::Cost | Aim::Makespan | Aim::Carbon | Aim::Excess => value.abs() * limits.tolerance + 1e-6,
    }
}
