//! An irreducible set of rules that cannot all hold, by deletion.

use std::collections::BTreeMap;

use crate::place::assemble::Problem;
use crate::place::formulate::Scope;
use crate::place::instance::Instance;
use crate::place::rules::{Family, Origin};
use crate::place::solve::{Aim, Failure, Limits, solve};

/// More conflicts than this are not looked for: these will do to begin with.
const MOST: usize = 4;

/// Rules that cannot all hold.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Conflict {
    /// One for each line, ascending.
    pub rules: Vec<usize>,
    /// True if it is proven that any one of them could be kept out to make the others hold.
    pub certain: bool,
}

/// Conflicts that have no line in common, each as small as dropping one line after the other leaves it. None if the
/// rules can hold together, or nothing is proven.
pub fn conflicts(problem: &Problem<'_, '_>, limits: &Limits) -> Vec<Conflict> {
    let lines = lines(&problem.origins);
    let (mut found, mut known): (Vec<Conflict>, Vec<usize>) = (Vec::new(), Vec::new());
    while let Some(conflict) = irreducible(&problem.instance, &lines, &known, limits) {
        let of = |line: &&Vec<usize>| line.first().is_some_and(|first| conflict.rules.contains(first));
        known.extend(lines.iter().filter(of).flatten());
        let empty = conflict.rules.is_empty();
        found.push(conflict);
        if empty || found.len() >= MOST {
            break;
        }
    }
    found
}

/// Rules by line, in the order in which they are dropped: what is said of steps stays longest, promises at the very
/// end, since these are what people can do something about.
fn lines(origins: &[Origin]) -> Vec<Vec<usize>> {
    let patience = |family: Family| match family {
        Family::Proximity => 0,
        Family::Capacity => 1,
        Family::Quota => 2,
        Family::Narrowing => 3,
        Family::Residency => 4,
        Family::Promise => 5,
    };
    let mut lines: BTreeMap<_, Vec<usize>> = BTreeMap::new();
    for (at, origin) in origins.iter().enumerate() {
        lines
            .entry((patience(origin.family), origin.span, &origin.text))
            .or_default()
            .push(at);
    }
    lines.into_values().collect()
}

/// Leaves `known` out, then drops each line for good if the others still cannot hold together.
pub fn irreducible(
    instance: &Instance,
    lines: &[Vec<usize>],
    known: &[usize],
    limits: &Limits,
) -> Option<Conflict> {
    let rules = instance.rules.iter().enumerate();
    let mut active: Vec<bool> = rules
        .map(|(at, rule)| rule.weight.is_none() && !known.contains(&at))
        .collect();
    if verdict(instance, &active, limits) != Err(Failure::Infeasible) {
        return None;
    }
    let mut conflict = Conflict {
        rules: Vec::new(),
        certain: true,
    };
    for line in lines {
        if !line
            .iter()
            .any(|rule| active.get(*rule).copied().unwrap_or(false))
        {
            continue;
        }
        let mut without = active.clone();
        for rule in line {
            without
                .iter_mut()
                .skip(*rule)
                .take(1)
                .for_each(|active| *active = false);
        }
        match verdict(instance, &without, limits) {
            Err(Failure::Infeasible) => active = without,
            kept => {
                conflict.certain &= kept.is_ok();
                conflict.rules.extend(line.first());
            }
        }
    }
    conflict.rules.sort_unstable();
    Some(conflict)
}

/// Whether the active rules can hold together.
fn verdict(instance: &Instance, active: &[bool], limits: &Limits) -> Result<(), Failure> {
    let scope = Scope {
        active,
        makespan: false,
        relaxed: None,
    };
    // With nothing relaxed, there is no excess to minimise: any plan will do.
    solve(instance, scope, &[Aim::Excess], limits).map(|_| ())
}
