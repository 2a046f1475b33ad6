//! A storm of alerts -> its causes: the fewest faults that explain what alerts, and what stays quiet.
//!
//! A noisy-or network: each fault makes each thing that it reaches alert with its own probability, independently of other
//! faults, and anything may alert for no reason (a small leak). Causes are added one by one, always the one that raises
//! the likelihood most, as long as it outweighs how rarely such a fault occurs; what later ones made needless is taken out.

use std::collections::{BTreeMap, BTreeSet};

use super::alerts::Alert;
use super::answer::{Diagnosis, RuledOut, SuperAlert};
use super::topology::{Level, Topology};

/// Probability of an alert without a cause.
const LEAK: f64 = 0.002;

/// At most so many causes that were considered and not named are shown.
const RULED_OUT: usize = 5;

/// Explains `alerts`; those about nothing in the plan are left to the caller.
pub fn explain(topology: &Topology, alerts: &BTreeSet<Alert>) -> Diagnosis {
    let mut at: BTreeMap<usize, Vec<&Alert>> = BTreeMap::new();
    for alert in alerts {
        if let Some(position) = alert.about(topology) {
            at.entry(position).or_default().push(alert);
        }
    }
    let network = Network {
        topology,
        alerting: at.keys().copied().collect(),
    };
    let causes = network.causes();
    let mut groups: Vec<(usize, Vec<usize>)> = causes.iter().map(|cause| (*cause, Vec::new())).collect();
    for position in at.keys() {
        let best = groups
            .iter_mut()
            .map(|group| (network.probability(group.0, *position), group))
            .filter(|(probability, _)| *probability > 0.0)
            .max_by(|a, b| a.0.total_cmp(&b.0));
        match best {
            Some((_, group)) => group.1.push(*position),
            // Nothing else explains it: it is its own cause.
            None => groups.push((*position, vec![*position])),
        }
    }
    groups.retain(|(_, explained)| !explained.is_empty());
    groups.sort_by_key(|(cause, explained)| (std::cmp::Reverse(explained.len()), *cause));
    Diagnosis {
        version: 1,
        clear: !groups.is_empty(),
        causes: Vec::new(),
        super_alerts: groups
            .iter()
            .map(|group| network.super_alert(group, &at))
            .collect(),
        ruled_out: network.ruled_out(&groups),
    }
}

struct Network<'a> {
    topology: &'a Topology,
    alerting: BTreeSet<usize>,
}

impl Network<'_> {
    fn probability(&self, cause: usize, of: usize) -> f64 {
        let entity = self.topology.entities().get(cause);
        entity
            .and_then(|entity| entity.reaches.get(&of))
            .copied()
            .unwrap_or_default()
    }

    /// Greedy, then without what became needless.
    fn causes(&self) -> Vec<usize> {
        let mut causes: Vec<usize> = Vec::new();
        loop {
            let quiet = self.quiet(&causes);
            let gains = (0..self.topology.entities().len()).map(|cause| (self.gain(cause, &quiet), cause));
            // Of equals the first, so that the same alerts give the same answer.
            let best = gains.max_by(|a, b| a.0.total_cmp(&b.0).then(b.1.cmp(&a.1)));
            match best {
                Some((gain, cause)) if gain > 0.0 => causes.push(cause),
                Some(_) | None => break,
            }
        }
        let found = causes.clone();
        for cause in found {
            let others: Vec<usize> = causes.iter().copied().filter(|other| *other != cause).collect();
            if self.gain(cause, &self.quiet(&others)) <= 0.0 {
                causes = others;
            }
        }
        causes
    }

    /// Probability that each thing stays quiet, given these causes.
    fn quiet(&self, causes: &[usize]) -> BTreeMap<usize, f64> {
        let mut quiet = BTreeMap::new();
        for entity in causes
            .iter()
            .filter_map(|cause| self.topology.entities().get(*cause))
        {
            for (position, probability) in &entity.reaches {
                *quiet.entry(*position).or_insert(1.0 - LEAK) *= 1.0 - probability;
            }
        }
        quiet
    }

    /// What naming `cause` adds to the logarithm of the likelihood.
    fn gain(&self, cause: usize, quiet: &BTreeMap<usize, f64>) -> f64 {
        let Some(entity) = self.topology.entities().get(cause) else {
            return 0.0;
        };
        let of_alerts = entity.reaches.iter().map(|(position, probability)| {
            let before = quiet.get(position).copied().unwrap_or(1.0 - LEAK);
            let after = before * (1.0 - probability);
            if self.alerting.contains(position) {
                (1.0 - after).ln() - (1.0 - before).ln()
            } else {
                after.ln() - before.ln()
            }
        });
        of_alerts.sum::<f64>() + entity.level.prior().ln()
    }

    fn super_alert(
        &self,
        (cause, explained): &(usize, Vec<usize>),
        at: &BTreeMap<usize, Vec<&Alert>>,
    ) -> SuperAlert {
        let name = |position: &usize| {
            let entity = self.topology.entities().get(*position);
            entity.map(|entity| entity.name.clone()).unwrap_or_default()
        };
        let alerts = explained.iter().filter_map(|position| at.get(position)).flatten();
        let mut alerts: Vec<String> = alerts.map(|alert| alert.name().to_owned()).collect();
        alerts.sort();
        SuperAlert {
            cause: name(cause),
            nodes: explained.iter().map(name).collect(),
            alerts,
            next: self.next(*cause),
        }
    }

    /// What to look at first.
    fn next(&self, cause: usize) -> Option<String> {
        let entity = self.topology.entities().get(cause)?;
        let (first, second) = entity.name.split_once('/').unwrap_or((&entity.name, ""));
        Some(match entity.level {
            Level::Cloud => format!("the status page of {first}, and whether its clusters answer"),
            Level::Cluster => format!("kubectl --context {first} get nodes"),
            Level::Pool => format!("kubectl --context {first} get nodes -l portolan/pool={second}"),
            Level::Step => format!(
                "the newest run of step {second} of pipeline {first}: its log, its input, its last change"
            ),
        })
    }

    /// Larger things that some of the alerts stand on, and why they are not to blame.
    fn ruled_out(&self, groups: &[(usize, Vec<usize>)]) -> Vec<RuledOut> {
        let named: BTreeSet<usize> = groups.iter().map(|(cause, _)| *cause).collect();
        let larger = self.topology.entities().iter().enumerate();
        let mut found: Vec<(usize, RuledOut)> = larger
            .filter(|(position, entity)| entity.level != Level::Step && !named.contains(position))
            .filter_map(|(_, entity)| {
                let of = entity.reaches.len();
                let alerting = entity
                    .reaches
                    .keys()
                    .filter(|position| self.alerting.contains(position))
                    .count();
                (alerting > 0).then(|| {
                    let because = format!("{alerting} of {of} things that it would make alert do");
                    (
                        alerting,
                        RuledOut {
                            node: entity.name.clone(),
                            because,
                        },
                    )
                })
            })
            .collect();
        found.sort_by(|a, b| b.0.cmp(&a.0).then_with(|| a.1.node.cmp(&b.1.node)));
        found.into_iter().take(RULED_OUT).map(|(_, out)| out).collect()
    }
}
