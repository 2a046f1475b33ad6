//! What interruptions of spot machines cost in time.

use super::BOOT;
use crate::catalog::Pricing;
use crate::graph::model::Step;
use crate::place::instance::Time;
use crate::place::offers::Offer;
use crate::profile::model::Profile;

/// Interruptions per hour of what must not be interrupted together.
fn interruptions(profile: &Profile, offer: &Offer) -> f64 {
    match (offer.pricing, offer.interruption) {
        (Pricing::Spot, Some(interruption)) => interruption.rate().0 * 3600.0 * profile.nodes.max(1) as f64,
        (Pricing::Spot, None) | (Pricing::OnDemand | Pricing::Reserved, _) => 0.0,
    }
}

/// Hours lost to interruptions of a run of `hours`, expected. With checkpoints every c, an interruption costs c/2 and
/// a start. Without, the run begins anew: with rate r the expected time is (e^(rT) - 1)/r.
pub fn expected_reruns(step: &Step, profile: &Profile, offer: &Offer, hours: f64) -> f64 {
    let rate = interruptions(profile, offer);
    if rate <= 0.0 || hours <= 0.0 {
        return 0.0;
    }
    match &step.checkpoint {
        Some(checkpoint) => {
            let lost = checkpoint.every.in_hours().min(hours) / 2.0 + BOOT.in_hours();
            rate * hours * lost
        }
        None => (rate * hours).min(30.0).exp_m1() / rate - hours,
    }
}

/// Hours lost to interruptions at p95: one interruption at the worst moment where one in twenty runs has one, and
/// never less than expected.
pub fn reruns(step: &Step, profile: &Profile, offer: &Offer, run: Time) -> f64 {
    let rate = interruptions(profile, offer);
    let expected = expected_reruns(step, profile, offer, run.p95);
    if 1.0 - (-rate * run.p95).exp() < 0.05 {
        return expected;
    }
    let lost = step
        .checkpoint
        .as_ref()
        .map_or(run.p95, |checkpoint| checkpoint.every.in_hours().min(run.p95));
    expected.max(lost + BOOT.in_hours())
}
