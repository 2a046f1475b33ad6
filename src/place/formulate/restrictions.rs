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
        dearest(instance, columns, at, rule, program);
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
        RuleKind::Capacity { limit, windows } => capacity(instance, columns, at, windows, *limit),
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
        RuleKind::Budget { tasks, either, limit } => {
            let own = |choice: &Choice| choice.cost_p95;
            let mut sum = together(instance, columns, at, (tasks, either), own);
            let pulled = transfers(instance, columns, |reader| tasks.contains(&reader), |_| 1.0);
            sum.extend(pulled);
            one(sum, *limit)
        }
        RuleKind::Carbon { tasks, either, limit } => {
            let own = |choice: &Choice| choice.carbon_full;
            one(together(instance, columns, at, (tasks, either), own), *limit)
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

/// (capacity), for windows that can be too full at all: of the others, no choices take as much.
fn capacity(
    instance: &Instance,
    columns: &Columns,
    rule: usize,
    windows: &[Vec<usize>],
    limit: f64,
) -> Vec<(Sum, f64)> {
    let most: Vec<f64> = instance.tasks.iter().map(|task| most_of(task, rule)).collect();
    let needed = |window: &Vec<usize>| -> f64 {
        let tasks = window.iter().filter_map(|task| most.get(*task));
        tasks.sum()
    };
    let tight = windows.iter().filter(|window| needed(window) > limit);
    let sums = tight.map(|window| use_of(instance, columns, window, rule));
    sums.filter(|sum| !sum.is_empty())
        .map(|sum| (sum, limit))
        .collect()
}

/// The most that any choice of `task` takes of the capacity `rule`.
fn most_of(task: &Task, rule: usize) -> f64 {
    let uses = task.choices.iter().flat_map(|choice| &choice.uses);
    let here = uses.filter(|(of, _)| *of == rule);
    here.map(|(_, amount)| *amount).fold(0.0, f64::max)
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

/// (either): of each set of alternatives, the one that takes most.
fn dearest(instance: &Instance, columns: &Columns, at: usize, rule: &Rule, program: &mut Program) {
    type Figure = fn(&Choice) -> f64;
    let (either, of): (&[Vec<usize>], Figure) = match &rule.kind {
        RuleKind::Budget { either, .. } => (either, |choice| choice.cost_p95),
        RuleKind::Carbon { either, .. } => (either, |choice| choice.carbon_full),
        RuleKind::Bar
        | RuleKind::Capacity { .. }
        | RuleKind::Deadline { .. }
        | RuleKind::Together { .. }
        | RuleKind::Apart { .. } => return,
    };
    for (set, tasks) in either.iter().enumerate() {
        let Some(dearest) = columns.dearest.get(&(at, set)) else {
            continue;
        };
        for task in tasks {
            let mut sum = of_choices(instance, columns, *task, of);
            sum.push((*dearest, -1.0));
            program.add(sum, Sense::AtMost, 0.0);
        }
    }
}

/// What tasks take together, of each set in `either` the one that takes most.
fn together(
    instance: &Instance,
    columns: &Columns,
    rule: usize,
    (tasks, either): (&[usize], &[Vec<usize>]),
    of: impl Fn(&Choice) -> f64,
) -> Sum {
    let alone = tasks
        .iter()
        .filter(|task| !either.iter().any(|set| set.contains(task)));
    let own = alone.flat_map(|task| of_choices(instance, columns, *task, &of));
    let sets = (0..either.len()).filter_map(|set| columns.dearest.get(&(rule, set)));
    own.chain(sets.map(|dearest| (*dearest, 1.0))).collect()
}
