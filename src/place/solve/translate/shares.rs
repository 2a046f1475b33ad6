//! Who pays for what several read.

use std::collections::BTreeMap;

use crate::place::instance::{Flow, Instance, Source};

/// Who pays how much of what several read, by site: any parts that add up to one make a relaxation, and those that
/// follow a plan make one in which that plan costs what it does.
#[derive(Clone, Debug, Default)]
pub(in crate::place::solve) struct Shares {
    /// By flow, then the site of its reader; nothing if nobody shares it.
    pub parts: Vec<Vec<f64>>,
}

impl Shares {
    /// Equal parts.
    pub fn even(instance: &Instance) -> Shares {
        let mut readers: BTreeMap<(usize, &Source), f64> = BTreeMap::new();
        for flow in &instance.flows {
            *readers.entry((flow.data, &flow.from)).or_default() += 1.0;
        }
        let part = |flow: &Flow| match readers.get(&(flow.data, &flow.from)) {
            Some(count) if *count > 1.0 && matches!(flow.from, Source::Task(_)) => {
                vec![1.0 / count; instance.sites.len()]
            }
            Some(_) | None => Vec::new(),
        };
        Shares {
            parts: instance.flows.iter().map(part).collect(),
        }
    }

    /// True if nothing is shared.
    pub fn is_trivial(&self) -> bool {
        self.parts.iter().all(Vec::is_empty)
    }

    /// Moves by `step` (1: all the way) to the parts that follow a plan: where some of the readers are, they pay.
    pub fn follow(&mut self, instance: &Instance, picks: &[usize], step: f64) {
        let site = |task: usize| {
            let choices = &instance.tasks.get(task)?.choices;
            Some(choices.get(*picks.get(task)?)?.site)
        };
        let mut here: BTreeMap<(usize, &Source, usize), f64> = BTreeMap::new();
        for flow in &instance.flows {
            if let Some(at) = site(flow.to) {
                *here.entry((flow.data, &flow.from, at)).or_default() += 1.0;
            }
        }
        for (flow, parts) in instance.flows.iter().zip(&mut self.parts) {
            for (at, part) in parts.iter_mut().enumerate() {
                if let Some(count) = here.get(&(flow.data, &flow.from, at)) {
                    let own = if site(flow.to) == Some(at) {
                        1.0 / count
                    } else {
                        0.0
                    };
                    *part += step * (own - *part);
                }
            }
        }
    }
}
