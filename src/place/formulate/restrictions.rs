//! The rows of rules: those that must hold, and preferences.

use std::collections::BTreeSet;

use super::rows::{negative, of_choices, transfers};
use super::{Columns, Program, Scope, Sense, Sum};
use crate::place::instance::{self, Choice, Instance, Rule, RuleKind, Task};

/// Standard deviations that no promise's confidence asks for.
const CERTAIN: f64 = 8.0;

/// (capacity), (deadline), (budget), (together), (apart), and preferences.
pub fn rules(instance: &Instance, columns: &Columns, scope: Scope<'_>, program: &mut Program) {
    for (at, rule) in instance.rules.iter().enumerate() {
        if !scope.active.get(at).copied().unwrap_or(false) {
            continue;
        }
        let kept = columns.kept.get(&at).copied();
        let excess = columns.excess.filter(|_| scope.relaxed == Some(at));
        for (mut sum, mut bound) in restrictions(instance, columns, at, rule) {
            if let Some(kept) = kept {
                let slack = (columns.highest(&sum, horizon(instance)) - bound).max(0.0);
                sum.push((kept, slack));
                bound += slack;
            }
            sum.extend(excess.map(|excess| (excess, -1.0)));
            program.add(sum, Sense::AtMost, bound);
        }
        if let (Some(kept), Some(weight)) = (kept, rule.weight) {
            program.missed.push((kept, -weight));
        }
    }
}

/// No task ends later: the sum of all tasks' and transfers' greatest times.
fn horizon(instance: &Instance) -> f64 {
    let longest = |task: &Task| {
        let times = task.choices.iter().map(|choice| choice.time.at(CERTAIN));
        times.fold(0.0, f64::max)
    };
    let slowest = instance
        .lanes
        .iter()
        .flatten()
        .map(|lane| lane.hours)
        .fold(0.0, f64::max);
    let moved: f64 = instance.flows.iter().map(|flow| flow.gb * slowest).sum();
    (instance.tasks.iter().map(longest).sum::<f64>() + moved).max(1.0)
}

/// The rows of one rule, all of the form `sum <= bound`.
fn restrictions(instance: &Instance, columns: &Columns, at: usize, rule: &Rule) -> Vec<(Sum, f64)> {
    let one = |sum: Sum, bound: f64| {
        if sum.is_empty() {
            Vec::new()
        } else {
            vec![(sum, bound)]
        }
    };
    match &rule.kind {
        // Hard bars have no columns; a preference keeps those it bars apart by its own column.
        RuleKind::Bar if rule.weight.is_none() => Vec::new(),
        RuleKind::Bar => {
            let barred = |task| {
                of_choices(instance, columns, task, |choice| {
                    f64::from(choice.barred.contains(&at))
                })
            };
            (0..instance.tasks.len())
                .flat_map(|task| one(barred(task), 0.0))
                .collect()
        }
        RuleKind::Capacity { limit, windows } => {
            let used = |window: &Vec<usize>| use_of(instance, columns, window, at);
            windows
                .iter()
                .flat_map(|window| one(used(window), *limit))
                .collect()
        }
        RuleKind::Deadline {
            tasks,
            within,
            deviations,
        } => {
            let ends = columns.ends.iter().find(|(known, _)| known == deviations);
            let ends = |task: &usize| ends.and_then(|(_, ends)| ends.get(*task)).copied();
            tasks
                .iter()
                .filter_map(ends)
                .map(|end| (vec![(end, 1.0)], *within))
                .collect()
        }
        RuleKind::Budget { limit, .. } | RuleKind::Carbon { limit, .. } => {
            limited(instance, columns, rule).map_or(Vec::new(), |sum| one(sum, *limit))
        }
        RuleKind::Together { tasks, scope } => by_area(instance, columns, *tasks, *scope, |first, second| {
            vec![
                ([first.clone(), negative(second.clone())].concat(), 0.0),
                ([negative(first), second].concat(), 0.0),
            ]
        }),
        RuleKind::Apart { tasks, scope } => by_area(instance, columns, *tasks, *scope, |first, second| {
            one([first, second].concat(), 1.0)
        }),
    }
}

/// The rows that `rows` makes of the presence of both tasks in each area where either may be.
fn by_area(
    instance: &Instance,
    columns: &Columns,
    (first, second): (usize, usize),
    scope: instance::Scope,
    rows: impl Fn(Sum, Sum) -> Vec<(Sum, f64)>,
) -> Vec<(Sum, f64)> {
    let sites = columns.sites(first).into_iter().chain(columns.sites(second));
    let areas: BTreeSet<usize> = sites.map(|site| instance.area(site, scope)).collect();
    let here = |task, area| columns.presence(task, |site| instance.area(site, scope) == area);
    areas
        .into_iter()
        .flat_map(|area| rows(here(first, area), here(second, area)))
        .collect()
}

/// What `window` takes of the capacity `rule`.
fn use_of(instance: &Instance, columns: &Columns, window: &[usize], rule: usize) -> Sum {
    let amount = |choice: &Choice| {
        let uses = choice.uses.iter().filter(|(of, _)| *of == rule);
        uses.map(|(_, amount)| amount).sum::<f64>()
    };
    window
        .iter()
        .flat_map(|task| of_choices(instance, columns, *task, amount))
        .collect()
}

/// What a rule limits, where that is one sum.
fn limited(instance: &Instance, columns: &Columns, rule: &Rule) -> Option<Sum> {
    match &rule.kind {
        RuleKind::Budget { tasks, .. } => {
            let own = |task: &usize| of_choices(instance, columns, *task, |choice| choice.cost_p95);
            let mut sum: Sum = tasks.iter().flat_map(own).collect();
            sum.extend(transfers(instance, columns, |reader| tasks.contains(&reader)));
            Some(sum)
        }
        RuleKind::Carbon { tasks, .. } => {
            let own = |task: &usize| of_choices(instance, columns, *task, |choice| choice.carbon);
            Some(tasks.iter().flat_map(own).collect())
        }
        RuleKind::Bar
        | RuleKind::Capacity { .. }
        | RuleKind::Deadline { .. }
        | RuleKind::Together { .. }
        | RuleKind::Apart { .. } => None,
    }
}
