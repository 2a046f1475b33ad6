//! Which offers a step may take.

use std::collections::BTreeSet;

use super::{Candidate, Keep, Look, Relevant};
use crate::catalog::{Catalog, Pricing, Provider};
use crate::graph::model::Step;
use crate::place::alternatives::Alternatives;
use crate::place::capacity::Meters;
use crate::place::fit::{Fit, fit};
use crate::place::frontier::frontier;
use crate::place::instance::{Choice, Task};
use crate::place::offers::Offer;
use crate::place::rules::Bar;
use crate::place::sites::Ground;
use crate::place::storage;
use crate::profile::model::ProfiledGraph;

/// Everything that decides which offers a step may take.
pub struct Market<'m, 'g> {
    /// What is placed.
    pub profiled: &'g ProfiledGraph<'g>,
    /// Prices.
    pub catalog: &'m Catalog,
    /// Where it may be.
    pub sites: &'m [Ground<'m>],
    /// What is sold there.
    pub offers: &'m [Offer],
    /// Lines that forbid offers.
    pub bars: &'m [Bar<'g>],
    /// What offers draw on.
    pub meters: &'m Meters<'m>,
    /// How often steps run.
    pub alternatives: &'m Alternatives,
    /// What stays in the choice.
    pub keep: Keep<'m>,
}

impl Market<'_, '_> {
    /// For each step: its choices as the instance has them, the same as candidates, and what was looked at.
    pub fn all(&self, relevant: &Relevant) -> (Vec<Task>, Vec<Vec<Candidate>>, Vec<Look>) {
        let (mut tasks, mut candidates, mut looks) = (Vec::new(), Vec::new(), Vec::new());
        let shareable = self.shareable(relevant);
        for step in &self.profiled.graph.steps {
            let (choices, own, look) = self.choices(step, &shareable, relevant);
            tasks.push(Task { choices });
            candidates.push(own);
            looks.push(look);
        }
        (tasks, candidates, looks)
    }

    /// Offers that some step that is always on would take by itself: another may come to fill the same machines.
    fn shareable(&self, relevant: &Relevant) -> BTreeSet<usize> {
        let always = self
            .profiled
            .graph
            .steps
            .iter()
            .filter(|step| step.kind.always_on());
        let always: Vec<&Step> = always.collect();
        if always.len() < 2 {
            return BTreeSet::new();
        }
        let own = |step: &&Step| {
            let (_, own, _) = self.choices(step, &BTreeSet::new(), relevant);
            own.into_iter().map(|candidate| candidate.offer)
        };
        always.iter().flat_map(own).collect()
    }

    /// Every offer on which the step can run, barred or not, but those that another beats in every respect; of steps
    /// that are always on, also those that are `shareable`.
    fn choices(
        &self,
        step: &Step,
        shareable: &BTreeSet<usize>,
        relevant: &Relevant,
    ) -> (Vec<Choice>, Vec<Candidate>, Look) {
        let profile = &self.profiled[step.id];
        let mut look = Look {
            fitting: 0,
            misses: vec![None; self.sites.len()],
        };
        let grounds: Vec<Standing> = (0..self.sites.len())
            .map(|site| self.standing(step, site))
            .collect();
        let mut fits = vec![false; self.sites.len()];
        let mut pairs = Vec::new();
        for (at, offer) in self.offers.iter().enumerate() {
            let (Some(ground), true) = (grounds.get(offer.site), suits(step, offer)) else {
                continue;
            };
            match fit(step, profile, offer, self.catalog, ground.provider) {
                Ok(fit) => {
                    look.fitting += 1;
                    let here = fits.iter_mut().skip(offer.site).take(1);
                    here.for_each(|fits| *fits = true);
                    pairs.push(self.pair(step, at, offer, fit, ground));
                }
                Err(misfit) => {
                    let nearest = look.misses.iter_mut().skip(offer.site).take(1);
                    nearest.for_each(|nearest| *nearest = nearest.take().max(Some(misfit.clone())));
                }
            }
        }
        for (miss, fits) in look.misses.iter_mut().zip(fits) {
            miss.take_if(|_| fits);
        }
        let was = self
            .keep
            .locked
            .and_then(|locked| locked.get(self.profiled.graph, step));
        let keep = |candidate: &Candidate| {
            self.offers.get(candidate.offer).is_some_and(|offer| {
                self.keep.entire == Some((step.id, offer.site))
                    || (step.kind.always_on() && shareable.contains(&candidate.offer))
                    || was.is_some_and(|was| was.is(self.sites, offer))
            })
        };
        let (choices, candidates) = frontier(pairs, relevant, self.offers, keep).into_iter().unzip();
        (choices, candidates, look)
    }

    /// What holds for the step at a site, on whatever machine.
    fn standing(&self, step: &Step, at: usize) -> Standing {
        let profile = &self.profiled[step.id];
        let site = self.sites.get(at);
        let storage = site.map(|site| storage::monthly(self.profiled.graph, profile, site, self.catalog));
        let closes = |bar: &&Bar<'_>| bar.closes(self.profiled, step, self.sites, at);
        Standing {
            provider: site.and_then(Ground::provider),
            storage: storage.unwrap_or_default().in_usd(),
            barred: self.bars.iter().filter(closes).map(|bar| bar.rule).collect(),
        }
    }

    fn pair(&self, step: &Step, at: usize, offer: &Offer, fit: Fit, here: &Standing) -> (Choice, Candidate) {
        let forbids = |bar: &&Bar<'_>| bar.forbids(step, self.sites, offer);
        let share = self.alternatives.shares.get(step.id.0 as usize);
        let share = share.copied().unwrap_or(1.0);
        let forbidding = self.bars.iter().filter(forbids).map(|bar| bar.rule);
        let choice = Choice {
            site: offer.site,
            cost: (fit.cost.0 + here.storage) * share,
            cost_p95: fit.cost.1 + here.storage,
            time: fit.time,
            carbon: fit.carbon * share,
            carbon_full: fit.carbon,
            uses: self.meters.uses(offer, &fit, self.sites),
            barred: here.barred.iter().copied().chain(forbidding).collect(),
        };
        let candidate = Candidate {
            offer: at,
            fit,
            share,
            storage: here.storage * share,
            publishing: 0.0,
        };
        (choice, candidate)
    }
}

/// What holds for one step at one site.
struct Standing {
    provider: Option<Provider>,
    /// USD per month of what it stores there.
    storage: f64,
    /// Rules that close the site to it.
    barred: Vec<usize>,
}

/// What is always on does not run on spot machines unless its author says so.
fn suits(step: &Step, offer: &Offer) -> bool {
    let asked = step.only.iter().any(|line| line.pricing == Some(Pricing::Spot));
    offer.pricing != Pricing::Spot || !step.kind.always_on() || asked
}
