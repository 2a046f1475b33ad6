//! Series -> nodes: who is to blame, most first.

use std::collections::BTreeMap;

use super::Incident;
use super::deviation::Symptom;
use super::family::Family;

/// The part of a caller's latency and errors that is passed on to those it calls.
const PASSED_ON: f64 = 0.5;

/// What counts of a node on which whatever alerted does not depend.
const UNRELATED: f64 = 0.3;

/// What counts of the node that alerted: it is where the fault was felt, seldom where it is.
const ALERTED: f64 = 0.5;

/// One node and how much it is to blame.
#[derive(Clone, Debug)]
pub(super) struct Suspect<'a> {
    /// Which.
    pub node: &'a str,
    /// Compares within one incident only.
    pub blame: f64,
    /// Part of the blame that callers passed on.
    pub passed_on: f64,
}

/// What a series says of its node.
pub(super) fn weight(symptom: &Symptom<'_>, incident: &Incident<'_>) -> f64 {
    let found = symptom.deviation.ln_1p() * symptom.family.weight() / symptom.shared_by.max(1) as f64;
    match incident.target {
        // Something alerted: what improved meanwhile is no cause of it.
        Some(_) if !symptom.worse => 0.0,
        Some(target) => {
            let related = incident.calls.depends(&target.node, &symptom.name.node);
            found * symptom.agreement * if related { 1.0 } else { UNRELATED }
        }
        None => found,
    }
}

/// All nodes with metrics, most to blame first; ties by name.
pub(super) fn rank<'a>(symptoms: &[Symptom<'a>], incident: &Incident<'_>) -> Vec<Suspect<'a>> {
    let mut worst: BTreeMap<&str, BTreeMap<Family, f64>> = BTreeMap::new();
    for symptom in symptoms {
        let families = worst.entry(&symptom.name.node).or_default();
        let known = families.entry(symptom.family).or_default();
        *known = known.max(weight(symptom, incident));
    }
    let own: BTreeMap<&str, f64> = worst
        .iter()
        .map(|(node, families)| (*node, families.values().sum()))
        .collect();
    let passed = passed_on(&worst, &own, incident);
    let mut ranking: Vec<Suspect<'_>> = own
        .iter()
        .map(|(node, own)| {
            let passed_on = passed.get(node).copied().unwrap_or_default();
            let alerted = incident.target.is_some_and(|target| target.node == *node);
            let part = if alerted { ALERTED } else { 1.0 };
            Suspect {
                node,
                blame: (own + passed_on) * part,
                passed_on: passed_on * part,
            }
        })
        .collect();
    ranking.sort_by(|a, b| b.blame.total_cmp(&a.blame).then_with(|| a.node.cmp(b.node)));
    ranking
}

/// What each node gets of the latency and errors of its callers.
fn passed_on<'a>(
    worst: &BTreeMap<&'a str, BTreeMap<Family, f64>>,
    own: &BTreeMap<&'a str, f64>,
    incident: &Incident<'_>,
) -> BTreeMap<&'a str, f64> {
    let mut passed: BTreeMap<&str, f64> = BTreeMap::new();
    for (caller, families) in worst {
        let felt: f64 = families
            .iter()
            .filter(|(family, _)| family.spreads())
            .map(|(_, weight)| weight)
            .sum();
        let callees: Vec<(&str, f64)> = incident
            .calls
            .callees(caller)
            .filter_map(|callee| own.get_key_value(callee).map(|(node, own)| (*node, own.powi(2))))
            .collect();
        let total: f64 = callees.iter().map(|(_, share)| share).sum();
        if total <= 0.0 {
            continue;
        }
        for (callee, share) in callees {
            *passed.entry(callee).or_default() += PASSED_ON * felt * share / total;
        }
    }
    passed
}
