//! Instances of any size: the engine's plan for a relaxation, checked and mended in full.
//!
//! What is proven is proven of the relaxation, and so of the instance; what is reached comes from the evaluator. Earlier
//! goals hold later ones back as a limit of their own kind: on emissions, on ends; on money by giving it a weight.

mod earlier;
mod excess;
mod preferences;

use super::mend::mend;
use super::translate::{Demands, Objective, translate};
use super::{Aim, Answer, Failure, Limits, allowance, matters};
use crate::place::engine;
use crate::place::evaluate::{Evaluation, evaluate};
use crate::place::formulate::Scope;
use crate::place::instance::{Instance, RuleKind};

/// Looks at a candidate or an edge, for each time that the engine is asked.
const WORK: u64 = 40_000_000;

/// How often limits are tightened when a plan keeps them only in the relaxation.
const TIGHTENED: usize = 6;

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
                carbon: None,
                ends: None,
            },
            earlier: Vec::new(),
            plan: None,
            reached: Vec::new(),
            bound: Vec::new(),
            proven: true,
            method: String::new(),
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

    /// Any plan that keeps what is demanded.
    fn any(&mut self) -> Result<Plan, Failure> {
        let demands = self.demands.clone();
        let (plan, _) = self.seek(&demands, Objective::default(), f64::INFINITY)?;
        Ok(plan)
    }

    /// The best plan found under `demands`, and what no plan can be better than. Infeasible, too, if it is proven that
    /// all cost `most` or more.
    fn seek(&mut self, demands: &Demands, objective: Objective, most: f64) -> Result<(Plan, f64), Failure> {
        let mut demands = demands.clone();
        let mut proven = f64::NEG_INFINITY;
        for attempt in 0..TIGHTENED {
            let Some(translation) = translate(self.instance, &demands, objective) else {
                // Tightened, it may have no plan though there is one.
                return Err(if attempt == 0 { Failure::Infeasible } else { Failure::Undecided });
            };
            let limits = engine::Limits {
                gap: GAP,
                work: WORK,
                most,
                ..engine::Limits::default()
            };
            let answer = match engine::solve(&translation.model, &limits) {
                Ok(answer) => answer,
                Err(engine::Failure::Undecided(bound)) if attempt == 0 && bound >= most => {
                    return Err(Failure::Infeasible);
                }
                Err(engine::Failure::Infeasible(_)) if attempt == 0 => return Err(Failure::Infeasible),
                Err(engine::Failure::Infeasible(_) | engine::Failure::Undecided(_)) => {
                    return Err(Failure::Undecided);
                }
            };
            if attempt == 0 {
                proven = answer.bound;
                self.method = answer.method();
            }
            let choices = answer.pick.iter().zip(&translation.origin);
            let picks: Vec<usize> = choices
                .map(|(pick, origin)| origin.get(*pick).copied().unwrap_or(0))
                .collect();
            let evaluation = evaluate(self.instance, &picks);
            if !self.tighten(&evaluation, &mut demands) {
                return Ok((Plan { picks, evaluation }, proven));
            }
        }
        Err(Failure::Undecided)
    }

    /// Where a plan oversteps a limit that the relaxation has in part only, takes it to be so much lower. False if it
    /// keeps all of them.
    fn tighten(&self, evaluation: &Evaluation, demands: &mut Demands) -> bool {
        let mut broken = false;
        let verdicts = evaluation.reached.iter().zip(&evaluation.holds);
        let rules = self.instance.rules.iter().zip(verdicts).zip(&mut demands.margin);
        for (((rule, (reached, holds)), margin), active) in rules.zip(&demands.active) {
            let limit = match &rule.kind {
                RuleKind::Budget { limit, .. }
                | RuleKind::Carbon { limit, .. }
                | RuleKind::Capacity { limit, .. } => *limit,
                RuleKind::Deadline { within, .. } => *within,
                RuleKind::Bar | RuleKind::Together { .. } | RuleKind::Apart { .. } => 0.0,
            };
            if *active && !holds {
                broken = true;
                *margin += (reached - limit) * 1.05 + 1e-6 * limit.abs();
            }
        }
        broken
    }

    /// True if what is demanded is one of several ways to be as good for earlier aims: what is proven under it is not
    /// proven of the others.
    fn is_narrowed(&self) -> bool {
        let chosen = self.soft.iter().any(|rule| self.demands.active.get(*rule) == Some(&false));
        chosen || (self.demands.ends.is_some() && self.instance.pipelines.len() > 1)
    }

    /// The demands without that.
    fn bare(&self) -> Demands {
        let mut demands = self.demands.clone();
        for rule in &self.soft {
            demands.active.iter_mut().skip(*rule).take(1).for_each(|active| *active = false);
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
        let held = self.soft.iter().filter(|rule| evaluation.holds.get(**rule) == Some(&true));
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

    /// The least money or emissions.
    fn minimise(&mut self, aim: &Aim) -> Result<Found, Failure> {
        self.hold_back();
        if *aim == Aim::Carbon && self.money().is_some() {
            return self.clean();
        }
        let objective = match aim {
            Aim::Carbon => Objective {
                carbon: 1.0,
                ..Objective::default()
            },
            Aim::Cost | Aim::Preferences | Aim::Makespan | Aim::Moves(_) | Aim::Excess => Objective {
                cost: 1.0,
                ..Objective::default()
            },
        };
        let demands = self.demands.clone();
        let (plan, mut bound) = self.seek(&demands, objective, f64::INFINITY)?;
        if self.is_narrowed() {
            let bare = self.bare();
            bound = self.seek(&bare, objective, f64::INFINITY).map_or(0.0, |(_, bound)| bound);
        }
        let mut plans = vec![plan];
        plans.extend(self.plan.clone());
        plans.retain(|plan| self.keeps(plan));
        let value = |plan: &Plan| self.value(aim, plan);
        let best = plans.into_iter().min_by(|a, b| value(a).total_cmp(&value(b)));
        let plan = best.ok_or(Failure::Undecided)?;
        let plan = if *aim == Aim::Cost { self.mended(plan) } else { plan };
        let reached = self.value(aim, &plan);
        Ok(Found { plan, reached, bound })
    }

    fn mended(&self, plan: Plan) -> Plan {
        let picks = mend(self.instance, &self.demands.active, plan.picks.clone());
        let mended = Plan {
            evaluation: evaluate(self.instance, &picks),
            picks,
        };
        if self.keeps(&mended) { mended } else { plan }
    }
}

/// The worth of staying, of all tasks that stay.
fn worth(staying: &[Vec<f64>], picks: &[usize]) -> f64 {
    let tasks = staying.iter().zip(picks);
    tasks.filter_map(|(worth, pick)| worth.get(*pick)).sum()
}
