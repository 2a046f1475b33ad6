//! How far one rule has to be overstepped if all others hold.

use super::{Found, Plan, Pursuit};
use crate::place::instance::RuleKind;
use crate::place::solve::Failure;
use crate::place::solve::translate::Objective;

/// How often a limit is halved in search of the least that will do.
const HALVINGS: usize = 7;

impl Pursuit<'_> {
    /// The least excess of `rule`.
    pub(super) fn exceed(&mut self, rule: usize) -> Result<Found, Failure> {
        let kind = self.instance.rules.get(rule).map(|rule| &rule.kind);
        match kind {
            Some(RuleKind::Budget { limit, .. } | RuleKind::Carbon { limit, .. }) => {
                let objective = Objective {
                    rule: Some(rule),
                    ..Objective::default()
                };
                let (limit, demands) = (*limit, self.demands.clone());
                let (plan, bound) = self.seek(&demands, objective, f64::INFINITY)?;
                Ok(found(plan, rule, limit, bound - limit))
            }
            Some(RuleKind::Capacity { limit, .. } | RuleKind::Deadline { within: limit, .. }) => {
                self.approach(rule, *limit)
            }
            Some(RuleKind::Bar | RuleKind::Together { .. } | RuleKind::Apart { .. }) | None => {
                let plan = self.any()?;
                Ok(found(plan, rule, 0.0, 0.0))
            }
        }
    }

    /// Between what cannot be and what a plan needs, the limit is halved.
    fn approach(&mut self, rule: usize, limit: f64) -> Result<Found, Failure> {
        let mut best = self.any()?;
        let mut least = limit;
        for _ in 0..HALVINGS {
            let most = needed(&best, rule);
            if most - least <= 1e-3 * most.abs() {
                break;
            }
            let middle = least + (most - least) / 2.0;
            let mut demands = self.demands.clone();
            demands
                .active
                .iter_mut()
                .skip(rule)
                .take(1)
                .for_each(|active| *active = true);
            demands
                .margin
                .iter_mut()
                .skip(rule)
                .take(1)
                .for_each(|margin| *margin = limit - middle);
            match self.seek(&demands, Objective::default(), f64::INFINITY) {
                Ok((plan, _)) => best = plan,
                Err(Failure::Infeasible) => least = middle,
                Err(Failure::Undecided) => break,
            }
        }
        Ok(found(best, rule, limit, least - limit))
    }
}

fn needed(plan: &Plan, rule: usize) -> f64 {
    plan.evaluation.reached.get(rule).copied().unwrap_or(0.0)
}

fn found(plan: Plan, rule: usize, limit: f64, bound: f64) -> Found {
    let reached = (needed(&plan, rule) - limit).max(0.0);
    Found {
        plan,
        reached,
        bound: bound.max(0.0),
    }
}
