//! Later goals: among plans that are nearly as good as the best for the earlier ones.

use std::collections::BTreeMap;

use super::{Found, Plan, Pursuit};
use crate::place::evaluate::evaluate;
use crate::place::instance::{Instance, Source};
use crate::place::solve::translate::Objective;
use crate::place::solve::{Aim, Failure};

/// How often the weight of money, or the latest end, is halved in search of the best.
const HALVINGS: usize = 6;

impl Pursuit<'_> {
    /// What earlier aims allow to be spent.
    pub(super) fn money(&self) -> Option<f64> {
        let money = self.earlier.iter().filter(|(aim, _)| *aim == Aim::Cost);
        money.map(|(_, limit)| *limit).next()
    }

    /// Makes demands of what earlier aims have reached, where the engine knows them.
    pub(super) fn hold_back(&mut self) {
        for (aim, limit) in &self.earlier {
            match aim {
                Aim::Carbon => self.demands.carbon = Some(*limit),
                Aim::Makespan => {
                    let Some(plan) = &self.plan else { continue };
                    let spare = limit / plan.evaluation.makespan.max(1e-9);
                    let ends = ends(self.instance, plan);
                    self.demands.ends = Some(ends.into_iter().map(|end| end * spare).collect());
                }
                Aim::Preferences | Aim::Cost | Aim::Moves(_) | Aim::Excess => {}
            }
        }
    }

    /// The least emissions, if money is limited: it is given a weight, more of it as long as too much is spent.
    pub(super) fn clean(&mut self) -> Result<Found, Failure> {
        let mut best = self.plan.clone().ok_or(Failure::Undecided)?;
        let money = self.money().unwrap_or(f64::INFINITY);
        let scale = best.evaluation.carbon / best.evaluation.cost.abs().max(1e-9);
        let (mut low, mut high, mut bound) = (0.0, 64.0 * scale, f64::NEG_INFINITY);
        let mut weight = scale;
        for _ in 0..HALVINGS {
            let objective = Objective {
                cost: weight,
                carbon: 1.0,
                ..Objective::default()
            };
            let demands = self.demands.clone();
            let Ok((plan, least)) = self.seek(&demands, objective, f64::INFINITY) else {
                break;
            };
            bound = bound.max(least - weight * money);
            if self.keeps(&plan) {
                high = weight;
                if plan.evaluation.carbon < best.evaluation.carbon {
                    best = plan;
                }
            } else {
                low = weight;
            }
            weight = low + (high - low) / 2.0;
        }
        let reached = best.evaluation.carbon;
        Ok(Found {
            plan: best,
            reached,
            bound: if self.is_narrowed() { 0.0 } else { bound },
        })
    }

    /// The earliest ends: between the shortest that is possible and what the best plan so far takes, the time is
    /// halved.
    pub(super) fn hasten(&mut self) -> Result<Found, Failure> {
        let mut best = match self.plan.clone() {
            Some(plan) => plan,
            None => self.any()?,
        };
        self.hold_back();
        let money = self.money();
        let objective = Objective {
            cost: f64::from(u8::from(money.is_some())),
            ..Objective::default()
        };
        let (from, mut least) = (ends(self.instance, &best), fastest(self.instance));
        let whole = best.evaluation.makespan;
        // Of several pipelines it is not known how the time is divided.
        let sure = self.instance.pipelines.len() == 1 && !self.is_narrowed();
        for _ in 0..HALVINGS {
            let most = best.evaluation.makespan;
            if most - least <= self.limits.later * most {
                break;
            }
            let middle = least + (most - least) / 2.0;
            let mut demands = self.demands.clone();
            demands.ends = Some(from.iter().map(|end| end * middle / whole.max(1e-9)).collect());
            let limit = money.unwrap_or(f64::INFINITY);
            match self.seek(&demands, objective, limit * (1.0 + 1e-9)) {
                Ok((plan, _)) if self.keeps(&plan) && plan.evaluation.makespan < most => best = plan,
                Err(Failure::Infeasible) if sure => least = middle,
                Ok((_, bound)) if bound > limit && sure => least = middle,
                Ok(_) | Err(_) => break,
            }
        }
        let reached = best.evaluation.makespan;
        Ok(Found {
            plan: best,
            reached,
            bound: least,
        })
    }

    /// The fewest moves: everything as it was if that will do; else what moved goes back, one task after the other,
    /// those first whose return costs least.
    pub(super) fn stay(&mut self, staying: &[Vec<f64>]) -> Result<Found, Failure> {
        let mut plan = self.plan.clone().ok_or(Failure::Undecided)?;
        let home = |task: usize| {
            let worth = staying.get(task)?.iter().copied().enumerate();
            let best = worth.max_by(|a, b| a.1.total_cmp(&b.1).then(b.0.cmp(&a.0)))?;
            (best.1 > 0.0).then_some(best)
        };
        let mut back: Vec<(usize, usize)> = Vec::new();
        for (task, pick) in plan.picks.iter().enumerate() {
            let now = staying
                .get(task)
                .and_then(|worth| worth.get(*pick))
                .copied()
                .unwrap_or(0.0);
            if let Some((choice, _)) = home(task).filter(|(_, worth)| *worth > now) {
                back.push((task, choice));
            }
        }
        let all: f64 = (0..plan.picks.len())
            .filter_map(home)
            .map(|(_, worth)| worth)
            .sum();
        if let Some(whole) = self.attempt(&plan, &back) {
            plan = whole;
        } else {
            let cost = |(task, choice): &(usize, usize)| {
                let choices = self.instance.tasks.get(*task).map(|task| &task.choices);
                let of = |pick: usize| {
                    choices
                        .and_then(|all| all.get(pick))
                        .map_or(0.0, |choice| choice.cost)
                };
                of(*choice) - of(plan.picks.get(*task).copied().unwrap_or(0))
            };
            back.sort_by(|a, b| cost(a).total_cmp(&cost(b)).then(a.cmp(b)));
            for step in back {
                plan = self.attempt(&plan, &[step]).unwrap_or(plan);
            }
        }
        let reached = self.value(&Aim::Moves(staying.to_vec()), &plan);
        Ok(Found {
            plan,
            reached,
            bound: -all,
        })
    }

    /// The plan with other choices for some tasks, if that keeps everything.
    fn attempt(&self, plan: &Plan, changes: &[(usize, usize)]) -> Option<Plan> {
        let mut picks = plan.picks.clone();
        for (task, choice) in changes {
            picks
                .iter_mut()
                .skip(*task)
                .take(1)
                .for_each(|pick| *pick = *choice);
        }
        let evaluation = evaluate(self.instance, &picks);
        let plan = Plan { picks, evaluation };
        self.keeps(&plan).then_some(plan)
    }
}

/// By pipeline, its end.
fn ends(instance: &Instance, plan: &Plan) -> Vec<f64> {
    let end = |tasks: &Vec<usize>| {
        let ends = tasks.iter().filter_map(|task| plan.evaluation.ends.get(*task));
        ends.copied().fold(0.0, f64::max)
    };
    instance.pipelines.iter().map(end).collect()
}

/// No plan is faster: the sum of the pipelines' ends if every task took its fastest choice and nothing had to move.
fn fastest(instance: &Instance) -> f64 {
    let mut before: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
    let flows = instance.flows.iter().filter(|flow| flow.waits);
    let data = flows.filter_map(|flow| match flow.from {
        Source::Task(maker) => Some((maker, flow.to)),
        Source::Copies(_) => None,
    });
    for (earlier, later) in instance.order.iter().copied().chain(data) {
        before.entry(later).or_default().push(earlier);
    }
    let mut ends: Vec<f64> = Vec::new();
    for (at, task) in instance.tasks.iter().enumerate() {
        let before = before.get(&at).into_iter().flatten();
        let start = before
            .filter_map(|before| ends.get(*before))
            .copied()
            .fold(0.0, f64::max);
        let own = task.choices.iter().map(|choice| choice.time.p95);
        let own = own.fold(f64::INFINITY, f64::min);
        ends.push(start + if own.is_finite() { own } else { 0.0 });
    }
    let last = |tasks: &Vec<usize>| {
        let ends = tasks.iter().filter_map(|task| ends.get(*task));
        ends.copied().fold(0.0, f64::max)
    };
    instance.pipelines.iter().map(last).sum()
}
