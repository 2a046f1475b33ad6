//! Why a step is where it is: what every other site, offer and line would change, found by solving again.
//!
//! All differences are against the best plan for the platform's first goal. The plan itself may be a little worse, by
//! at most the tolerance that later goals and the lock are given.

mod lines;
mod offers;
mod sites;
mod thresholds;

use schemars::JsonSchema;
use serde::Serialize;

use super::assemble::{Candidate, Problem};
use super::evaluate::{Evaluation, evaluate};
use super::formulate::Scope;
use super::instance::{Choice, Rule, RuleKind};
use super::offers::Offer;
use super::solve::{Aim, Failure, Limits, solve};
use crate::graph::model::Step;
use crate::quantity::{Grams, MicroUsd, Seconds};
pub use lines::LineCost;
pub use offers::{OfferVerdict, Standing};
pub use sites::{On, SiteVerdict, Verdict};
pub use thresholds::Threshold;

/// Version of this form.
pub const VERSION: u32 = 1;

/// All that solving again tells about one step. Money is in micro-USD a month, times in seconds.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[schemars(title = "Why")]
pub struct Why {
    /// Version of this form.
    pub version: u32,
    /// Its pipeline.
    pub pipeline: String,
    /// Its name.
    pub step: String,
    /// Every site of the platform, the best first.
    pub sites: Vec<SiteVerdict>,
    /// What the chosen site sells that would do, the cheapest first, and how many more there are.
    pub offers: Vec<OfferVerdict>,
    /// Offers that are left out of [`Why::offers`].
    pub more_offers: usize,
    /// What each line that restricts the step costs, the dearest first.
    pub lines: Vec<LineCost>,
    /// Prices at which the answer would be another.
    pub thresholds: Vec<Threshold>,
}

/// How much worse one plan is than another. What is better is negative.
#[derive(Clone, PartialEq, Debug, Default, Serialize, JsonSchema)]
pub struct Worse {
    /// Money.
    pub by: MicroUsd,
    /// Of it, what is more than a cent, by what it is for; the greatest first.
    pub parts: Vec<(String, MicroUsd)>,
    /// The sum of the pipelines' times, if that is the first goal.
    pub slower: Option<Seconds>,
    /// Emissions, if they are the first goal.
    pub dirtier: Option<Grams>,
    /// Other steps that are at another site then.
    pub along: Vec<String>,
    /// Preferences that hold no longer.
    pub gives_up: Vec<String>,
}

/// Asks about one step of a problem.
struct Inquiry<'v, 'g, 'a> {
    problem: &'v Problem<'g, 'a>,
    step: &'v Step,
    /// The plan's choice for each step.
    picks: &'v [usize],
    /// The platform's first goal.
    lead: Aim,
    /// Preferences, the first goal, and money if that is another.
    aims: Vec<Aim>,
    limits: &'v Limits,
    /// The best plan for the first goal.
    best: Best,
}

/// An optimum.
#[derive(Clone, Debug, Default)]
struct Best {
    picks: Vec<usize>,
    evaluation: Evaluation,
}

/// Why `step` is where `picks` put it; `goals` are the platform's. `None` if nothing can be proven within the limits.
pub fn why(
    problem: &Problem<'_, '_>,
    step: &Step,
    picks: &[usize],
    goals: &[Aim],
    limits: &Limits,
) -> Option<Why> {
    let lead = goals.first().cloned().unwrap_or(Aim::Cost);
    let soft = problem.instance.rules.iter().any(|rule| rule.weight.is_some());
    let aims = [
        soft.then_some(Aim::Preferences),
        Some(lead.clone()),
        (lead != Aim::Cost).then_some(Aim::Cost),
    ];
    let mut inquiry = Inquiry {
        problem,
        step,
        picks,
        lead,
        aims: aims.into_iter().flatten().collect(),
        limits,
        best: Best::default(),
    };
    inquiry.best = inquiry.solve(|_, _| true, &[]).ok()?;
    let (offers, more_offers) = inquiry.offers();
    let pipeline = &problem.profiled.graph[step.pipeline];
    Some(Why {
        version: VERSION,
        pipeline: pipeline.name.value.clone(),
        step: step.name.value.clone(),
        sites: inquiry.sites(),
        offers,
        more_offers,
        lines: inquiry.lines(),
        thresholds: inquiry.thresholds(),
    })
}

impl<'v, 'g, 'a> Inquiry<'v, 'g, 'a> {
    /// Position of the step.
    fn at(&self) -> usize {
        self.step.id.0 as usize
    }

    fn choices(&self) -> &'v [Choice] {
        let task = self.problem.instance.tasks.get(self.at());
        task.map_or(&[], |task| &task.choices)
    }

    fn candidates(&self) -> &'v [Candidate] {
        let problem: &'v Problem<'g, 'a> = self.problem;
        problem.candidates.get(self.at()).map_or(&[], Vec::as_slice)
    }

    /// The step's choice in the plan.
    fn picked(&self) -> usize {
        self.picks.get(self.at()).copied().unwrap_or(0)
    }

    /// The choice's site, what it is on, and how.
    fn taken(&self, choice: usize) -> Option<(&'v Candidate, &'v Offer)> {
        let candidate = self.candidates().get(choice)?;
        let problem: &'v Problem<'g, 'a> = self.problem;
        Some((candidate, problem.offers.get(candidate.offer)?))
    }

    /// The best plan, proven, in which the step takes a choice that `allows` accepts and the rules `dropped` do not
    /// count.
    fn solve(&self, allows: impl Fn(usize, &Choice) -> bool, dropped: &[usize]) -> Result<Best, Failure> {
        let mut instance = self.problem.instance.clone();
        let bar = instance.rules.len();
        instance.rules.push(Rule {
            weight: None,
            kind: RuleKind::Bar,
        });
        for task in instance.tasks.iter_mut().skip(self.at()).take(1) {
            let choices = task.choices.iter_mut().enumerate();
            for (_, choice) in choices.filter(|(at, choice)| !allows(*at, choice)) {
                choice.barred.push(bar);
            }
        }
        let active: Vec<bool> = (0..=bar).map(|rule| !dropped.contains(&rule)).collect();
        let scope = Scope {
            active: &active,
            makespan: self.aims.contains(&Aim::Makespan),
            relaxed: None,
        };
        let answer = solve(&instance, scope, &self.aims, self.limits)?;
        if !answer.proven {
            return Err(Failure::Undecided);
        }
        Ok(Best {
            evaluation: evaluate(&self.problem.instance, &answer.picks),
            picks: answer.picks,
        })
    }

    /// How much worse `other` is than `best`.
    fn worse(&self, best: &Best, other: &Best) -> Worse {
        let (was, is) = (&best.evaluation, &other.evaluation);
        let soft = self.problem.instance.rules.iter().zip(&self.problem.origins);
        let verdicts = soft.zip(was.holds.iter().zip(&is.holds));
        let given_up =
            verdicts.filter(|((rule, _), (held, holds))| rule.weight.is_some() && **held && !**holds);
        Worse {
            by: MicroUsd::usd(is.cost - was.cost),
            parts: self.parts(best, other),
            slower: (self.lead == Aim::Makespan).then_some(Seconds((is.makespan - was.makespan) * 3600.0)),
            dirtier: (self.lead == Aim::Carbon).then_some(Grams((is.carbon - was.carbon) * 1000.0)),
            along: self.along(best, other),
            gives_up: given_up.map(|((_, origin), _)| origin.text.clone()).collect(),
        }
    }

    /// What money changes, by what it is for.
    fn parts(&self, best: &Best, other: &Best) -> Vec<(String, MicroUsd)> {
        const CENT: MicroUsd = MicroUsd(10_000);
        let sum = |of: &dyn Fn(&Candidate) -> f64, picks: &[usize]| -> f64 {
            let steps = self.problem.candidates.iter().zip(picks);
            steps
                .filter_map(|(candidates, pick)| candidates.get(*pick))
                .map(of)
                .sum()
        };
        let both = |of: &dyn Fn(&Candidate) -> f64| sum(of, &other.picks) - sum(of, &best.picks);
        let pulled = |best: &Best| best.evaluation.transfers.values().sum::<f64>();
        let parts = [
            ("machines", both(&|candidate| candidate.machines())),
            ("storage", both(&|candidate| candidate.storage)),
            (
                "transfer",
                both(&|candidate| candidate.publishing) + pulled(other) - pulled(best),
            ),
            (
                "clusters, NAT",
                other.evaluation.standing - best.evaluation.standing,
            ),
        ];
        let named = parts.map(|(name, usd)| (name.to_owned(), MicroUsd::usd(usd)));
        let mut parts: Vec<(String, MicroUsd)> = named
            .into_iter()
            .filter(|(_, usd)| usd.0.abs() >= CENT.0)
            .collect();
        parts.sort_by_key(|(_, usd)| std::cmp::Reverse(usd.0.abs()));
        parts
    }

    fn along(&self, best: &Best, other: &Best) -> Vec<String> {
        let steps = self.problem.profiled.graph.steps.iter();
        let picks = best.picks.iter().zip(&other.picks);
        let rows = steps.zip(&self.problem.instance.tasks).zip(picks);
        let elsewhere = rows.filter(|((step, task), (was, is))| {
            let site = |pick: &usize| task.choices.get(*pick).map(|choice| choice.site);
            step.id != self.step.id && site(was) != site(is)
        });
        elsewhere.map(|((step, _), _)| step.name.value.clone()).collect()
    }

    /// Texts of the rules that must hold and do not in `evaluation`.
    fn broken(&self, evaluation: &Evaluation) -> Vec<String> {
        let rules = self.problem.instance.rules.iter().zip(&self.problem.origins);
        let broken = rules.zip(&evaluation.holds);
        let broken = broken.filter(|((rule, _), holds)| rule.weight.is_none() && !**holds);
        let mut texts: Vec<String> = broken.map(|((_, origin), _)| origin.text.clone()).collect();
        texts.dedup();
        texts
    }
}
