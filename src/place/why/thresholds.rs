//! At what prices the answer would be another.
//!
//! With all other prices as they are, the best plan with the step on an offer at `p` an hour costs `V + h (p - p0)`: `h`
//! its machine hours a month, `p0` the price now, `V` what it costs now. The best plan without the step on that offer
//! does not depend on `p`. Where the two are equal, the answer changes: exact, as both are optima. The price is the one
//! that this step pays: other steps on the same offer are taken to pay what they pay now.

use schemars::JsonSchema;
use serde::Serialize;

use super::{Best, Inquiry};
use crate::place::locked::Placement;
use crate::place::offers::Offer;
use crate::place::solve::Aim;
use crate::quantity::MicroUsd;

/// A price at which the step would move.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct Threshold {
    /// The offer whose price it is.
    pub of: Placement,
    /// Per machine and hour, now.
    pub now: MicroUsd,
    /// Per machine and hour, where the answer changes; `None`: not even for nothing.
    pub turns_at: Option<MicroUsd>,
    /// What the step would be on then.
    pub then: Placement,
}

impl Inquiry<'_, '_, '_> {
    /// How much dearer the plan's offer may become, and how much cheaper the best other site's has to.
    pub fn thresholds(&self) -> Vec<Threshold> {
        // Where money is not the first goal, no price alone decides.
        if self.lead != Aim::Cost {
            return Vec::new();
        }
        let picked = self.picked();
        let own = self.solve(|at, _| at == picked, &[]).ok();
        let other = self.solve(|at, _| at != picked, &[]).ok();
        let dearer = own.zip(other).and_then(|(own, other)| self.rise(&own, &other));
        let site = self.choices().get(picked).map(|choice| choice.site);
        let away = self.solve(|_, choice| Some(choice.site) != site, &[]);
        let cheaper = away.ok().and_then(|away| self.fall(&away));
        dearer.into_iter().chain(cheaper).collect()
    }

    /// The plan's offer becomes so dear that `other` is better.
    fn rise(&self, own: &Best, other: &Best) -> Option<Threshold> {
        let by = other.evaluation.cost - own.evaluation.cost;
        // Where a later goal or the lock decided, a cheaper plan is known already.
        let cheapest = by > 0.005;
        let threshold = self.threshold(own, by, other).filter(|_| cheapest)?;
        threshold.turns_at.is_some().then_some(threshold)
    }

    /// The offer of `away` becomes so cheap that it is better.
    fn fall(&self, away: &Best) -> Option<Threshold> {
        let by = (away.evaluation.cost - self.best.evaluation.cost).max(0.0);
        self.threshold(away, -by, away)
    }

    /// What the step is on in `plan` changes its price until the month costs `by` more; then it is where `then` has it.
    fn threshold(&self, plan: &Best, by: f64, then: &Best) -> Option<Threshold> {
        let (candidate, offer) = self.taken(*plan.picks.get(self.at())?)?;
        let (_, next) = self.taken(*then.picks.get(self.at())?)?;
        let placement = |offer: &Offer| {
            Some(Placement {
                site: self.problem.sites.get(offer.site)?.name.clone(),
                machine: offer.machine.clone(),
                pricing: offer.pricing,
            })
        };
        let hours = candidate.fit.hours * candidate.share;
        let price = offer.hourly.in_usd() + if hours > 0.0 { by / hours } else { f64::INFINITY };
        Some(Threshold {
            of: placement(offer)?,
            now: offer.hourly,
            turns_at: (price >= 0.0 && price.is_finite()).then(|| MicroUsd::usd(price)),
            then: placement(next)?,
        })
    }
}
