//! Asking the engine, and checking its plans in full.

use super::money::ROUGH;
use super::{Plan, Pursuit};
use crate::place::engine;
use crate::place::evaluate::{Evaluation, evaluate};
use crate::place::instance::RuleKind;
use crate::place::solve::Failure;
use crate::place::solve::translate::{Demands, Objective, translate};

/// How often limits are tightened when a plan keeps them only in the relaxation.
const TIGHTENED: usize = 6;

impl Pursuit<'_> {
    /// Any plan that keeps what is demanded. Where none comes of itself, what budgets limit is made as small as can be:
    /// that finds one, or proves that there is none.
    pub(super) fn any(&mut self) -> Result<Plan, Failure> {
        let demands = self.demands.clone();
        let effort = std::mem::replace(&mut self.effort, ROUGH);
        let mut found = self.seek(&demands, Objective::default(), f64::INFINITY);
        for (at, rule) in self.instance.rules.iter().enumerate() {
            let (RuleKind::Budget { limit, .. } | RuleKind::Carbon { limit, .. }) = &rule.kind else {
                continue;
            };
            if !demands.active.get(at).copied().unwrap_or(false) || !matches!(found, Err(Failure::Undecided))
            {
                continue;
            }
            let objective = Objective {
                rule: Some(at),
                ..Objective::default()
            };
            // A little more than the limit is within its rounding.
            let most = limit + 1e-5 * limit.abs().max(1e-3);
            found = self.seek(&demands, objective, most);
        }
        self.effort = effort;
        found.map(|(plan, _)| plan)
    }

    /// The best plan found under `demands`, and what no plan can be better than. Infeasible, too, if it is proven that
    /// all cost `most` or more.
    pub(super) fn seek(
        &mut self,
        demands: &Demands,
        objective: Objective,
        most: f64,
    ) -> Result<(Plan, f64), Failure> {
        let mut demands = Demands {
            waived: self.demands.waived.clone(),
            ..demands.clone()
        };
        let (mut proven, mut tightened) = (f64::NEG_INFINITY, false);
        for _ in 0..TIGHTENED {
            let Some(translation) = translate(self.instance, &demands, objective, &self.shares) else {
                // Tightened, it may have no plan though there is one.
                return Err(if tightened {
                    Failure::Undecided
                } else {
                    Failure::Infeasible
                });
            };
            let limits = engine::Limits {
                gap: self.effort.0,
                work: self.effort.1,
                most,
                ..engine::Limits::default()
            };
            let answer = match engine::solve(&translation.model, &limits) {
                Ok(answer) => answer,
                Err(engine::Failure::Undecided(bound)) if !tightened && bound >= most => {
                    return Err(Failure::Infeasible);
                }
                Err(engine::Failure::Infeasible(_)) if !tightened => return Err(Failure::Infeasible),
                Err(engine::Failure::Infeasible(_) | engine::Failure::Undecided(_)) => {
                    return Err(Failure::Undecided);
                }
            };
            if !tightened {
                proven = answer.bound.max(proven);
                self.method = answer.method();
            }
            let choices = answer.pick.iter().zip(&translation.origin);
            let picks: Vec<usize> = choices
                .map(|(pick, origin)| origin.get(*pick).copied().unwrap_or(0))
                .collect();
            let evaluation = evaluate(self.instance, &picks);
            if self.obey(&evaluation, &mut demands) {
                continue;
            }
            tightened = true;
            if !self.tighten(&evaluation, &mut demands) {
                return Ok((Plan { picks, evaluation }, proven));
            }
        }
        Err(Failure::Undecided)
    }

    /// Deadlines that a plan breaks unasked are asked for from now on. True if there are any.
    fn obey(&mut self, evaluation: &Evaluation, demands: &mut Demands) -> bool {
        let mut broken = false;
        let verdicts = demands.active.iter().zip(&evaluation.holds);
        for (waived, (active, holds)) in demands.waived.iter_mut().zip(verdicts) {
            let breaks = *waived && *active && !holds;
            *waived &= !breaks;
            broken |= breaks;
        }
        self.demands.waived.clone_from(&demands.waived);
        broken
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
}
