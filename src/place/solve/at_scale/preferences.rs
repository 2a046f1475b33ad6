//! As much weight of preferences as can be kept: all of them if they can hold together, else half by half.

use super::{Found, Pursuit};
use crate::place::solve::Failure;

impl Pursuit<'_> {
    /// Makes demands of the preferences that are kept.
    pub(super) fn prefer(&mut self) -> Result<Found, Failure> {
        let mut plan = self.any()?;
        let weight = |rule: &usize| self.instance.rules.get(*rule).and_then(|rule| rule.weight);
        let mut open: Vec<usize> = self.soft.clone();
        // The heaviest first; the order of lines among equals.
        open.sort_by(|a, b| weight(b).unwrap_or(0.0).total_cmp(&weight(a).unwrap_or(0.0)));
        let all: f64 = open.iter().filter_map(weight).sum();
        // What was given up though nothing else was asked for cannot be had at all.
        let mut lost = 0.0;
        let mut groups = vec![open];
        while let Some(group) = groups.pop() {
            let alone = !self
                .soft
                .iter()
                .any(|rule| self.demands.active.get(*rule) == Some(&true));
            if group.is_empty() {
                continue;
            }
            self.demand(&group, true);
            match self.any() {
                Ok(found) => plan = found,
                Err(failure) => {
                    self.demand(&group, false);
                    let (first, second) = group.split_at(group.len() / 2);
                    if let [rule] = group.as_slice() {
                        if alone && failure == Failure::Infeasible {
                            lost += weight(rule).unwrap_or(0.0);
                        }
                    } else {
                        groups.push(second.to_vec());
                        groups.push(first.to_vec());
                    }
                }
            }
        }
        // Some hold though nobody asked for them.
        for rule in self.soft.clone() {
            self.demand(&[rule], plan.evaluation.holds.get(rule) == Some(&true));
        }
        let reached = -self.kept(&plan.evaluation);
        let bound = lost - all;
        Ok(Found { plan, reached, bound })
    }

    fn demand(&mut self, rules: &[usize], active: bool) {
        for rule in rules {
            let slot = self.demands.active.iter_mut().skip(*rule).take(1);
            slot.for_each(|slot| *slot = active);
        }
    }
}
