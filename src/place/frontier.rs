//! Offers that another beats in every respect are left out: no optimum needs them.

use std::collections::BTreeMap;

use super::assemble::{Candidate, Relevant};
use super::instance::Choice;
use super::offers::Offer;
use crate::catalog::Pricing;

/// What two choices must have in common for one to stand in for the other: site, pricing, the lines that forbid them
/// and the limits they draw on.
type Kind = (usize, Pricing, Vec<usize>, Vec<usize>);

/// The choices that none beats, by site, pricing and cost. Exact with respect to every rule: a choice is only dropped
/// for one of the same kind that costs, takes, emits and uses no more.
///
/// What `keep` accepts stays in any case: it is where the step was, and moving has a price of its own.
pub fn frontier(
    pairs: Vec<(Choice, Candidate)>,
    relevant: &Relevant,
    offers: &[Offer],
    keep: impl Fn(&Candidate) -> bool,
) -> Vec<(Choice, Candidate)> {
    let mut kinds: BTreeMap<Kind, Vec<(Choice, Candidate)>> = BTreeMap::new();
    for pair in pairs {
        let pricing = offers
            .get(pair.1.offer)
            .map_or(Pricing::OnDemand, |offer| offer.pricing);
        let uses = pair.0.uses.iter().map(|(rule, _)| *rule).collect();
        kinds
            .entry((pair.0.site, pricing, pair.0.barred.clone(), uses))
            .or_default()
            .push(pair);
    }
    kinds
        .into_values()
        .flat_map(|pairs| undominated(pairs, relevant, &keep))
        .collect()
}

fn undominated(
    mut pairs: Vec<(Choice, Candidate)>,
    relevant: &Relevant,
    keep: &impl Fn(&Candidate) -> bool,
) -> Vec<(Choice, Candidate)> {
    let figures = |choice: &Choice| figures(choice, relevant);
    // Sorted by figures, whatever beats a choice stands before it; equals keep the order of offers.
    pairs.sort_by(|a, b| {
        let (a, b) = (figures(&a.0), figures(&b.0));
        let first = a
            .iter()
            .zip(&b)
            .map(|(a, b)| a.total_cmp(b))
            .find(|order| order.is_ne());
        first.unwrap_or(std::cmp::Ordering::Equal)
    });
    let mut kept: Vec<(Choice, Candidate)> = Vec::new();
    for pair in pairs {
        let own = figures(&pair.0);
        let beaten = kept
            .iter()
            .any(|(other, _)| figures(other).iter().zip(&own).all(|(other, own)| other <= own));
        if !beaten || keep(&pair.1) {
            kept.push(pair);
        }
    }
    kept
}

fn figures(choice: &Choice, relevant: &Relevant) -> Vec<f64> {
    let time = [choice.time.p50, choice.time.p95];
    let time = time.into_iter().filter(|_| relevant.time);
    let carbon = relevant.carbon.then_some(choice.carbon);
    let uses = choice.uses.iter().map(|(_, amount)| *amount);
    [choice.cost, choice.cost_p95]
        .into_iter()
        .chain(time)
        .chain(carbon)
        .chain(uses)
        .collect()
}
