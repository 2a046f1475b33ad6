//! Instances of any size: the engine's plan for a relaxation, checked and mended in full.
//!
//! What is proven is proven of the relaxation, and so of the instance; what is reached comes from the evaluator. Earlier
//! goals hold later ones back as a limit of their own kind: on emissions, on ends; on money by giving it a weight.

mod earlier;
mod excess;
mod money;
mod preferences;
mod seek;

use super::translate::{Demands, Shares};
use super::{Aim, Answer, Failure, Limits, allowance, matters};
use crate::place::evaluate::Evaluation;
use crate::place::formulate::Scope;
use crate::place::instance::{Instance, Rule, RuleKind};

/// Looks at a candidate or an edge, for each time that the engine is asked.
const WORK: u64 = 20_000_000;

/// The gap that the engine is asked for: what is left may be mended, or be due to the relaxation.
const GAP: f64 = 1e-5;

/// Minimises `aims`, first to last, over the plans of `instance` that keep the rules of `scope`.
pub(super) fn solve(
    instance: &Instance,
    scope: Scope<'_>,
    aims: &[Aim],
    limits: &Limits,
) -> Result<Answer, Failure> {
    let mut pursuit = Pursuit::new(instance, scope, limits);
    for aim in aims {
        match pursuit.pursue(aim) {
            Ok(Found { plan, reached, bound }) => {
                let later = matters(aim) && pursuit.earlier.iter().any(|(earlier, _)| matters(earlier));
                let gap = if later { limits.later } else { limits.gap };
                pursuit.proven &= reached - bound <= gap * reached.abs().max(1e-9);
                pursuit.reached.push(reached);
                pursuit.bound.push(bound.min(reached));
                let limit = reached + allowance(aim, reached, limits);
                pursuit.earlier.push((aim.clone(), limit));
                pursuit.plan = Some(plan);
            }
            // An earlier aim has a plan: it stands, unproven in this respect.
            Err(_) if pursuit.plan.is_some() => {
                pursuit.proven = false;
                break;
            }
            Err(failure) => return Err(failure),
        }
    }
    let Some(plan) = pursuit.plan else {
        return Err(Failure::Undecided);
    };
    Ok(Answer {
        picks: plan.picks,
        reached: pursuit.reached,
        bound: pursuit.bound,
        proven: pursuit.proven,
        method: pursuit.method,
    })
}

/// A plan, and what it amounts to.
#[derive(Clone, Debug)]
struct Plan {
    picks: Vec<usize>,
    evaluation: Evaluation,
}

/// What was found for one aim.
#[derive(Clone, Debug)]
struct Found {
    plan: Plan,
    reached: f64,
    bound: f64,
}

struct Pursuit<'p> {
    instance: &'p Instance,
    limits: &'p Limits,
    /// The rule that may be overstepped.
    relaxed: Option<usize>,
    /// Preferences that count.
    soft: Vec<usize>,
    /// What plans must keep by now.
    demands: Demands,
    /// Earlier aims, and what each may at most be.
    earlier: Vec<(Aim, f64)>,
    plan: Option<Plan>,
    reached: Vec<f64>,
    bound: Vec<f64>,
    proven: bool,
    method: String,
    /// Who pays for what several read.
    shares: Shares,
    /// The gap and the work for the engine.
    effort: (f64, u64),
}

impl<'p> Pursuit<'p> {
    fn new(instance: &'p Instance, scope: Scope<'_>, limits: &'p Limits) -> Pursuit<'p> {
        let counts = |at: usize| scope.active.get(at) == Some(&true);
        let rules = instance.rules.iter().enumerate();
        let active = rules
            .clone()
            .map(|(at, rule)| counts(at) && rule.weight.is_none() && scope.relaxed != Some(at));
        let soft = rules.filter(|(at, rule)| counts(*at) && rule.weight.is_some());
        Pursuit {
            instance,
            limits,
            relaxed: scope.relaxed,
            soft: soft.map(|(at, _)| at).collect(),
            demands: Demands {
                active: active.collect(),
                margin: vec![0.0; instance.rules.len()],
                waived: instance.rules.iter().map(is_deadline).collect(),
                carbon: None,
                ends: None,
            },
            earlier: Vec::new(),
            plan: None,
            reached: Vec::new(),
            bound: Vec::new(),
            proven: true,
            method: String::new(),
            shares: Shares::even(instance),
            effort: (GAP, WORK),
        }
    }

    fn pursue(&mut self, aim: &Aim) -> Result<Found, Failure> {
        match aim {
            Aim::Preferences => self.prefer(),
            Aim::Cost | Aim::Carbon => self.minimise(aim),
            Aim::Makespan => self.hasten(),
            Aim::Moves(staying) => self.stay(staying),
            Aim::Excess => match self.relaxed {
                Some(rule) => self.exceed(rule),
                None => self.any().map(|plan| Found {
                    plan,
                    reached: 0.0,
                    bound: 0.0,
                }),
            },
        }
    }

    /// True if what is demanded is one of several ways to be as good for earlier aims: what is proven under it is not
    /// proven of the others.
    fn is_narrowed(&self) -> bool {
        let chosen = self
            .soft
            .iter()
            .any(|rule| self.demands.active.get(*rule) == Some(&false));
        chosen || (self.demands.ends.is_some() && self.instance.pipelines.len() > 1)
    }

    /// The demands without that.
    fn bare(&self) -> Demands {
        let mut demands = self.demands.clone();
        for rule in &self.soft {
            demands
                .active
                .iter_mut()
                .skip(*rule)
                .take(1)
                .for_each(|active| *active = false);
        }
        demands.ends.take_if(|_| self.instance.pipelines.len() > 1);
        demands
    }

    /// What an aim comes to in a plan.
    fn value(&self, aim: &Aim, plan: &Plan) -> f64 {
        match aim {
            Aim::Preferences => -self.kept(&plan.evaluation),
            Aim::Cost => plan.evaluation.cost,
            Aim::Makespan => plan.evaluation.makespan,
            Aim::Carbon => plan.evaluation.carbon,
            Aim::Moves(staying) => -worth(staying, &plan.picks),
            Aim::Excess => 0.0,
        }
    }

    /// Weight of the preferences that hold.
    fn kept(&self, evaluation: &Evaluation) -> f64 {
        let weight = |rule: &usize| self.instance.rules.get(*rule).and_then(|rule| rule.weight);
        let held = self
            .soft
            .iter()
            .filter(|rule| evaluation.holds.get(**rule) == Some(&true));
        held.filter_map(weight).sum()
    }

    /// True if the plan keeps all that must hold and what earlier aims have reached.
    fn keeps(&self, plan: &Plan) -> bool {
        let active = self.demands.active.iter().zip(&plan.evaluation.holds);
        active.into_iter().all(|(active, holds)| !active || *holds)
            && self
                .earlier
                .iter()
                .all(|(aim, limit)| self.value(aim, plan) <= limit + 1e-9 * limit.abs())
    }
}

fn is_deadline(rule: &Rule) -> bool {
    matches!(rule.kind, RuleKind::Deadline { .. })
}

/// The worth of staying, of all tasks that stay.
fn worth(staying: &[Vec<f64>], picks: &[usize]) -> f64 {
    let tasks = staying.iter().zip(picks);
    tasks.filter_map(|(worth, pick)| worth.get(*pick)).sum()
}
