//! `with`, `apart` and `each` as rules about pairs of steps.

use std::collections::BTreeMap;

use super::instance::{RuleKind, Scope};
use super::rules::{Family, Rules, origin};
use crate::graph::model::{EachId, Graph, Level};

/// A rule for each pair. Steps of one fan-out are in one site; machines and zones are chosen inside a site, by
/// Kubernetes, so that `with` at those levels means one site and `apart` says nothing here.
pub fn rules(graph: &Graph, rules: &mut Rules) {
    for step in &graph.steps {
        let at = step.id.0 as usize;
        let named = |other: crate::graph::model::StepId| graph[other].name.value.as_str();
        for near in &step.with {
            let text = format!("{} with {}", step.name.value, named(near.step.value));
            let tasks = (at, near.step.value.0 as usize);
            let scope = match near.level {
                Level::Node | Level::Zone | Level::Region => Scope::Site,
                Level::Cloud => Scope::Cloud,
            };
            rules.add(
                RuleKind::Together { tasks, scope },
                None,
                origin(near.step.span, text, Family::Proximity),
            );
        }
        for far in &step.apart {
            let text = format!("{} apart {}", step.name.value, named(far.step.value));
            let tasks = (at, far.step.value.0 as usize);
            let scope = match far.level {
                Level::Node | Level::Zone => continue,
                Level::Region => Scope::Site,
                Level::Cloud => Scope::Cloud,
            };
            rules.add(
                RuleKind::Apart { tasks, scope },
                None,
                origin(far.step.span, text, Family::Proximity),
            );
        }
    }
    fan_outs(graph, rules);
}

fn fan_outs(graph: &Graph, rules: &mut Rules) {
    let mut first: BTreeMap<EachId, usize> = BTreeMap::new();
    for step in &graph.steps {
        let at = step.id.0 as usize;
        let Some(outermost) = step.each.first() else {
            continue;
        };
        let Some(leader) = first.get(outermost).copied() else {
            first.insert(*outermost, at);
            continue;
        };
        let each = &graph[*outermost];
        let text = format!("the steps of each {} are in one cluster", each.variable.value);
        let kind = RuleKind::Together {
            tasks: (leader, at),
            scope: Scope::Site,
        };
        rules.add(kind, None, origin(each.span, text, Family::Proximity));
    }
}
