//! How little would be enough: each line of a conflict moved as far as it has to be, the others kept.

use crate::place::assemble::Problem;
use crate::place::evaluate::evaluate;
use crate::place::formulate::Scope;
use crate::place::instance::{Choice, RuleKind};
use crate::place::promises;
use crate::place::rules::{Family, Phrase};
use crate::place::solve::{Aim, Answer, Limits, solve};
use crate::quantity::MicroUsd;
use crate::source::Span;

/// ``any one of these is enough: `quota` of 24 H100; `deadline "7h20min"` ``
pub fn enough(
    problem: &Problem<'_, '_>,
    conflict: &[usize],
    others: &[usize],
    limits: &Limits,
) -> Option<String> {
    let view = View {
        problem,
        others,
        limits,
    };
    let ways: Vec<String> = conflict.iter().filter_map(|rule| view.way(*rule)).collect();
    match ways.as_slice() {
        [] => None,
        [only] => Some(format!("this would be enough: {only}")),
        ways => Some(format!("any one of these is enough: {}", ways.join("; "))),
    }
}

struct View<'v, 'g, 'a> {
    problem: &'v Problem<'g, 'a>,
    /// Rules of other conflicts.
    others: &'v [usize],
    limits: &'v Limits,
}

impl View<'_, '_, '_> {
    fn way(&self, rule: usize) -> Option<String> {
        let problem = self.problem;
        let origin = problem.origins.get(rule)?;
        let limit = match &problem.instance.rules.get(rule)?.kind {
            RuleKind::Capacity { limit, .. }
            | RuleKind::Budget { limit, .. }
            | RuleKind::Carbon { limit, .. } => *limit,
            RuleKind::Deadline { within, .. } => *within,
            RuleKind::Bar | RuleKind::Together { .. } | RuleKind::Apart { .. } => {
                return match origin.phrase {
                    Phrase::Latency(span) => self.latency(rule, span),
                    Phrase::None
                    | Phrase::Count { .. }
                    | Phrase::Money { .. }
                    | Phrase::Mass { .. }
                    | Phrase::Duration { .. }
                    | Phrase::Clock(_) => self.without(rule),
                };
            }
        };
        let answer = self.attempt(rule, true, &[Aim::Excess])?;
        let needed = limit + answer.reached.first()?.max(0.0);
        phrased(&origin.phrase, needed)
    }

    /// The least latency that a plan which keeps the other lines reaches: ``latency p99="33ms"``.
    fn latency(&self, rule: usize, span: Span) -> Option<String> {
        let problem = self.problem;
        let steps = problem.profiled.graph.steps.iter();
        let mut promises = steps.flat_map(|step| step.promises.iter().map(move |promise| (step, promise)));
        let (step, promise) = promises.find(|(_, promise)| promise.span == span)?;
        let profile = &problem.profiled[step.id];
        let at = step.id.0 as usize;
        // What a site is worth is how near it is; nothing else counts.
        let mut worth: Vec<Vec<f64>> = problem.candidates.iter().map(|_| Vec::new()).collect();
        let nearness = |choice: &Choice| {
            let site = problem.sites.get(choice.site)?;
            let (reached, _) = promises::latency(promise, profile, site, &problem.sites)?;
            Some(-reached.0)
        };
        let choices = &problem.instance.tasks.get(at)?.choices;
        *worth.get_mut(at)? = choices
            .iter()
            .map(|choice| nearness(choice).unwrap_or(0.0))
            .collect();
        let answer = self.attempt(rule, false, &[Aim::Moves(worth)])?;
        let site = problem.sites.get(choices.get(*answer.picks.get(at)?)?.site)?;
        let named = promises::percentiles(promise, profile, site, &problem.sites).into_iter();
        let bounds = named.map(|(name, reached, bound)| {
            let milliseconds = (reached.max(bound).0 * 1000.0 - 1e-6).ceil();
            format!("{name}=\"{milliseconds}ms\"")
        });
        Some(format!("`latency {}`", bounds.collect::<Vec<String>>().join(" ")))
    }

    /// What a plan without the line costs, and for residency where data would go.
    fn without(&self, rule: usize) -> Option<String> {
        let problem = self.problem;
        let answer = self.attempt(rule, false, &[Aim::Cost])?;
        let cost = MicroUsd::usd(evaluate(&problem.instance, &answer.picks).cost);
        let origin = problem.origins.get(rule)?;
        let mut places: Vec<&str> = Vec::new();
        if origin.family == Family::Residency {
            let tasks = problem.instance.tasks.iter().zip(&answer.picks);
            let chosen = tasks.filter_map(|(task, pick)| task.choices.get(*pick));
            let barred = chosen.filter(|choice| choice.barred.contains(&rule));
            places = barred
                .filter_map(|choice| problem.sites.get(choice.site).map(|site| site.country()))
                .collect();
            places.sort_unstable();
            places.dedup();
        }
        Some(if places.is_empty() {
            format!("drop `{}` ({cost} USD/month in all)", origin.text)
        } else {
            format!(
                "residency also in {} ({cost} USD/month in all)",
                places.join(", ")
            )
        })
    }

    /// The best plan when `rule` may be overstepped (`relaxed`) or does not count at all.
    fn attempt(&self, rule: usize, relaxed: bool, aims: &[Aim]) -> Option<Answer> {
        let problem = self.problem;
        let same = |at: usize, rule: usize| {
            let (a, b) = (problem.origins.get(at), problem.origins.get(rule));
            a.zip(b)
                .is_some_and(|(a, b)| a.span == b.span && a.text == b.text)
        };
        let counts =
            |at: usize| !self.others.iter().any(|other| same(at, *other)) && (relaxed || !same(at, rule));
        let rules = problem.instance.rules.iter().enumerate();
        let active: Vec<bool> = rules
            .map(|(at, known)| known.weight.is_none() && counts(at))
            .collect();
        let scope = Scope {
            active: &active,
            makespan: false,
            relaxed: relaxed.then_some(rule),
        };
        solve(&problem.instance, scope, aims, self.limits).ok()
    }
}

/// How `needed` would be written as the limit of a line.
fn phrased(phrase: &Phrase, needed: f64) -> Option<String> {
    Some(match phrase {
        Phrase::None | Phrase::Latency(_) => return None,
        Phrase::Count { word, of } => format!("`{word}` of {} {of}", (needed - 1e-6).ceil()),
        Phrase::Money { per, periods } => {
            let amount = (needed / periods.max(1e-9) * 100.0).ceil() / 100.0;
            format!(
                "`budget \"{} USD/{}\"`",
                MicroUsd::usd(amount),
                promises::word(*per)
            )
        }
        Phrase::Mass { per, periods } => {
            let amount = (needed / periods.max(1e-9) * 10.0).ceil() / 10.0;
            format!("`carbon \"{amount} kg/{}\"`", promises::word(*per))
        }
        Phrase::Duration { word, before } => format!("`{word} {}`", minutes(before.in_hours() + needed)),
        Phrase::Clock(start) => {
            let minute = ((start.0 / 60.0 + needed * 60.0).ceil() as i64).rem_euclid(24 * 60);
            if needed < 24.0 {
                format!("`deadline by=\"{:02}:{:02}\"`", minute / 60, minute % 60)
            } else {
                // The next such time of day would come before the run is over.
                format!("`deadline {}`", minutes(needed))
            }
        }
    })
}

/// Hours, rounded up to the minute, as the language writes them: `"26h48min"`.
fn minutes(hours: f64) -> String {
    let minutes = (hours * 60.0 - 1e-6).ceil() as i64;
    match (minutes / 60, minutes % 60) {
        (0, rest) => format!("\"{rest}min\""),
        (hours, 0) => format!("\"{hours}h\""),
        (hours, rest) => format!("\"{hours}h{rest}min\""),
    }
}
