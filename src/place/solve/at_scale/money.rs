//! The least money or emissions.

use super::{Found, GAP, Plan, Pursuit, WORK};
use crate::place::evaluate::evaluate;
use crate::place::solve::mend::mend;
use crate::place::solve::translate::{Demands, Objective};
use crate::place::solve::{Aim, Failure};

/// The gap that is enough, and the work, while it is still open who pays for what several read.
const ROUGH: (f64, u64) = (2e-3, 4_000_000);

/// How often that is asked.
const ROUNDS: usize = 5;

impl Pursuit<'_> {
    /// The least money or emissions.
    pub(super) fn minimise(&mut self, aim: &Aim) -> Result<Found, Failure> {
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
        let (plan, mut bound) = if *aim == Aim::Cost && !self.shares.is_trivial() {
            self.share(&demands, objective)?
        } else {
            self.seek(&demands, objective, f64::INFINITY)?
        };
        if self.is_narrowed() {
            let bare = self.bare();
            bound = self
                .seek(&bare, objective, f64::INFINITY)
                .map_or(0.0, |(_, bound)| bound);
        }
        let mut plans = vec![plan];
        plans.extend(self.plan.clone());
        plans.retain(|plan| self.keeps(plan));
        let value = |plan: &Plan| self.value(aim, plan);
        let best = plans.into_iter().min_by(|a, b| value(a).total_cmp(&value(b)));
        let plan = best.ok_or(Failure::Undecided)?;
        let plan = if *aim == Aim::Cost {
            self.mended(plan)
        } else {
            plan
        };
        let reached = self.value(aim, &plan);
        Ok(Found { plan, reached, bound })
    }

    /// The same as [`Pursuit::seek`], asked again and again with who pays for what several read as the plans have it.
    fn share(&mut self, demands: &Demands, objective: Objective) -> Result<(Plan, f64), Failure> {
        self.effort = ROUGH;
        let mut best: Option<(Plan, f64)> = None;
        for round in 0..ROUNDS {
            if round + 1 == ROUNDS {
                self.effort = (GAP, WORK);
            }
            let (plan, bound) = match self.seek(demands, objective, f64::INFINITY) {
                Ok(found) => found,
                Err(failure) => match best {
                    Some(_) => break,
                    None => return Err(failure),
                },
            };
            let plan = self.mended(plan);
            self.shares
                .follow(self.instance, &plan.picks, 1.0 / (1.0 + round as f64));
            best = Some(match best {
                Some((known, least)) if known.evaluation.cost <= plan.evaluation.cost => {
                    (known, least.max(bound))
                }
                Some((_, least)) => (plan, least.max(bound)),
                None => (plan, bound),
            });
        }
        self.effort = (GAP, WORK);
        best.ok_or(Failure::Undecided)
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
