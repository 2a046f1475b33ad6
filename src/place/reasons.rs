//! Why a step is where it is, and what was next best.

use std::collections::BTreeMap;

use super::assemble::Problem;
use super::evaluate::{Evaluation, evaluate};
use super::fit::Misfit;
use super::instance::{Choice, RuleKind, Scope};
use super::model::Considered;
use super::rules::Family;
use crate::graph::model::Step;
use crate::quantity::MicroUsd;

/// At each other site, so many of the cheapest choices are tried as runner-up.
const TRIED: usize = 4;

/// True if no rule that must hold forbids the choice.
pub(super) fn allowed(problem: &Problem<'_, '_>, choice: &Choice) -> bool {
    let hard = |rule: &usize| {
        problem
            .instance
            .rules
            .get(*rule)
            .is_some_and(|rule| rule.weight.is_none())
    };
    !choice.barred.iter().any(hard)
}

fn choices<'p>(problem: &'p Problem<'_, '_>, step: usize) -> &'p [Choice] {
    problem.instance.tasks.get(step).map_or(&[], |task| &task.choices)
}

/// In one line: what narrowed the choice, then what decided.
pub fn because(problem: &Problem<'_, '_>, step: &Step, picks: &[usize]) -> String {
    let at = step.id.0 as usize;
    let all = choices(problem, at);
    let Some(picked) = picks.get(at).and_then(|pick| all.get(*pick)) else {
        return String::new();
    };
    let mut clauses = Vec::new();
    let restricted = restricted(problem, all);
    clauses.extend(restricted);
    let offer = picks
        .get(at)
        .and_then(|pick| problem.candidates.get(at)?.get(*pick));
    let offer = offer.and_then(|candidate| problem.offers.get(candidate.offer));
    let offers = problem.looks.get(at).map_or(0, |look| look.fitting);
    let cheapest = all
        .iter()
        .filter(|choice| allowed(problem, choice))
        .map(|choice| choice.cost)
        .fold(f64::INFINITY, f64::min);
    clauses.push(if offer.is_some_and(|offer| offer.shared()) {
        "a share of nodes that stand".to_owned()
    } else if picked.cost <= cheapest + 1e-6 {
        format!("cheapest of {offers} offers")
    } else if let Some(host) = beside(problem, at, picks) {
        format!("fills the machines of {host}")
    } else if beside_data(problem, at, picked.site, picks) {
        format!(
            "beside its data: {} dearer than the cheapest of {offers} offers",
            MicroUsd::usd(picked.cost - cheapest)
        )
    } else {
        format!(
            "best for the whole: {} dearer than the cheapest of {offers} offers",
            MicroUsd::usd(picked.cost - cheapest)
        )
    });
    clauses.join("; ")
}

/// Another step that is always on, on the same machines.
fn beside<'p>(problem: &'p Problem<'_, '_>, step: usize, picks: &[usize]) -> Option<&'p str> {
    let offer = |at: usize| Some(problem.candidates.get(at)?.get(*picks.get(at)?)?.offer);
    let own = offer(step)?;
    let steps = &problem.profiled.graph.steps;
    let always = |at: &usize| steps.get(*at).is_some_and(|step| step.kind.always_on());
    let mut others = (0..steps.len()).filter(|other| *other != step && offer(*other) == Some(own));
    let host = others.find(always).filter(|_| always(&step))?;
    steps.get(host).map(|host| host.name.value.as_str())
}

/// The families of lines that rule out some site altogether.
fn restricted(problem: &Problem<'_, '_>, all: &[Choice]) -> Option<String> {
    let mut sites: BTreeMap<usize, Option<usize>> = BTreeMap::new();
    for choice in all {
        let open = allowed(problem, choice);
        let bar = choice.barred.first().copied();
        let entry = sites.entry(choice.site).or_insert(bar);
        if open {
            *entry = None;
        }
    }
    let mut texts: Vec<&str> = Vec::new();
    for rule in sites.into_values().flatten() {
        if let Some(origin) = problem.origins.get(rule)
            && !texts.contains(&origin.text.as_str())
        {
            texts.push(&origin.text);
        }
    }
    (!texts.is_empty()).then(|| texts.join(", "))
}

/// True if something it reads or that reads what it writes is at `site`.
fn beside_data(problem: &Problem<'_, '_>, step: usize, site: usize, picks: &[usize]) -> bool {
    use super::instance::Source;
    let at = |task: usize| {
        let pick = picks.get(task)?;
        choices(problem, task).get(*pick).map(|choice| choice.site)
    };
    problem.instance.flows.iter().any(|flow| match &flow.from {
        Source::Task(maker) if flow.to == step => at(*maker) == Some(site),
        Source::Task(maker) if *maker == step => at(flow.to) == Some(site),
        Source::Task(_) => false,
        Source::Copies(copies) => flow.to == step && copies.contains(&site),
    })
}

/// The best other site when all other steps stay (but those that have to be in one site with it), and how much dearer
/// it is per month.
pub fn runner_up(
    problem: &Problem<'_, '_>,
    step: &Step,
    picks: &[usize],
    plan: &Evaluation,
) -> Option<(String, MicroUsd)> {
    let at = step.id.0 as usize;
    let own = choices(problem, at).get(*picks.get(at)?)?.site;
    let mates = mates(problem, at);
    let mut best: Option<(f64, usize)> = None;
    for site in (0..problem.sites.len()).filter(|site| *site != own) {
        for pick in cheapest(problem, at, site) {
            let mut other = picks.to_vec();
            other.iter_mut().skip(at).take(1).for_each(|slot| *slot = pick);
            for mate in &mates {
                if let Some(pick) = cheapest(problem, *mate, site).first() {
                    other
                        .iter_mut()
                        .skip(*mate)
                        .take(1)
                        .for_each(|slot| *slot = *pick);
                }
            }
            let evaluation = evaluate(&problem.instance, &other);
            let dearer = evaluation.cost - plan.cost;
            if evaluation.feasible(&problem.instance) && best.is_none_or(|(least, _)| dearer < least) {
                best = Some((dearer, site));
            }
        }
    }
    // Later goals may have made the plan a little dearer than it could be: the other site is then no dearer.
    let (dearer, site) = best.map(|(dearer, site)| (dearer.max(0.0), site))?;
    Some((problem.sites.get(site)?.name.clone(), MicroUsd::usd(dearer)))
}

/// The cheapest allowed choices of a step at a site.
pub(super) fn cheapest(problem: &Problem<'_, '_>, step: usize, site: usize) -> Vec<usize> {
    let here = choices(problem, step).iter().enumerate();
    let mut here: Vec<(usize, f64)> = here
        .filter(|(_, choice)| choice.site == site && allowed(problem, choice))
        .map(|(at, choice)| (at, choice.cost))
        .collect();
    here.sort_by(|a, b| a.1.total_cmp(&b.1));
    here.into_iter().take(TRIED).map(|(at, _)| at).collect()
}

/// Steps that have to be in one site with `step`.
pub(super) fn mates(problem: &Problem<'_, '_>, step: usize) -> Vec<usize> {
    let mut all = vec![step];
    let mut next = 0;
    while let Some(known) = all.get(next).copied() {
        for rule in &problem.instance.rules {
            let RuleKind::Together {
                tasks: (a, b),
                scope: Scope::Site,
            } = rule.kind
            else {
                continue;
            };
            for (from, to) in [(a, b), (b, a)] {
                if from == known && !all.contains(&to) {
                    all.push(to);
                }
            }
        }
        next += 1;
    }
    all.retain(|mate| *mate != step);
    all
}

/// Offers that fit, and the sites that are out of the question with the first reason.
pub fn considered(problem: &Problem<'_, '_>, step: &Step) -> Considered {
    let at = step.id.0 as usize;
    let Some(look) = problem.looks.get(at) else {
        return Considered::default();
    };
    let all = choices(problem, at);
    let mut excluded = Vec::new();
    for (site, (ground, miss)) in problem.sites.iter().zip(&look.misses).enumerate() {
        let mut here = all.iter().filter(|choice| choice.site == site).peekable();
        if let Some(miss) = miss {
            excluded.push((ground.name.clone(), misses(step, problem, miss)));
        } else if here.peek().is_some() && !here.clone().any(|choice| allowed(problem, choice)) {
            let bar = here.flat_map(|choice| &choice.barred).next();
            let text = bar
                .and_then(|bar| problem.origins.get(*bar))
                .map(|origin| match origin.family {
                    Family::Residency => format!("residency: {}", origin.text),
                    Family::Narrowing
                    | Family::Quota
                    | Family::Capacity
                    | Family::Promise
                    | Family::Proximity => origin.text.clone(),
                });
            excluded.push((ground.name.clone(), text.unwrap_or_default()));
        }
    }
    Considered {
        offers: look.fitting,
        excluded,
    }
}

/// The nearest miss in words.
pub fn misses(step: &Step, problem: &Problem<'_, '_>, miss: &Misfit) -> String {
    let profile = &problem.profiled[step.id];
    let need = profile.accelerators.as_ref();
    let model = need
        .and_then(|need| need.model.clone())
        .unwrap_or_else(|| "accelerator".to_owned());
    let count = need.map_or(0, |need| need.count.p95);
    match miss {
        Misfit::Machine => match &step.needs.machine {
            Some(machine) => format!("no {}", machine.value),
            None => "no such machine".to_owned(),
        },
        Misfit::Architecture => "another architecture".to_owned(),
        Misfit::Accelerator => format!("no {model}"),
        Misfit::Accelerators => format!("no machine with {count} x {model}"),
        Misfit::Cores => format!("no machine with {} cores to spare", profile.cores.p95),
        Misfit::Memory => format!("no machine with {} to spare", profile.memory.p95),
        Misfit::Disk => format!("no machine with a disk of {}", profile.disk.p95),
    }
}
