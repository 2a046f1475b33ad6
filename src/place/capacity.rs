//! What several steps share: quotas, reservations, node groups. Each is a rule that offers draw on.

use std::collections::{BTreeMap, BTreeSet};

use super::change::Quoted;
use super::fit::Fit;
use super::instance::{RuleKind, Task};
use super::offers::{Offer, Stock};
use super::overlap::Overlaps;
use super::rules::{Family, Origin, Phrase, Rules, origin};
use super::sites::Ground;
use crate::catalog::Pricing;
use crate::graph::model::{Quota, QuotaOf};

/// Everything that is limited, with its rule.
#[derive(Debug, Default)]
pub struct Meters<'p> {
    quotas: Vec<Meter<'p>>,
    /// By site and name of the reservation or node group.
    stocks: BTreeMap<(usize, String), usize>,
}

#[derive(Debug)]
struct Meter<'p> {
    rule: usize,
    limits: Quoted<'p>,
}

/// A rule for each quota, reservation and node group. Their windows are filled in when it is known who draws on them.
pub fn meters<'p>(
    quotas: &[Quoted<'p>],
    sites: &[Ground<'_>],
    offers: &[Offer],
    rules: &mut Rules,
) -> Meters<'p> {
    let mut meters = Meters::default();
    for quota in quotas {
        meters.add(*quota, rules);
    }
    for offer in offers {
        let (name, count, span, what) = match &offer.stock {
            Stock::Market => continue,
            Stock::Reservation { id, count, span } => (id, *count, *span, "reservation"),
            Stock::Nodes {
                name, count, span, ..
            } => (name, *count, *span, "nodes"),
        };
        meters
            .stocks
            .entry((offer.site, name.clone()))
            .or_insert_with(|| {
                let site = sites.get(offer.site).map_or("", |site| &site.name);
                let text = format!("{what} {name} at {site}: {count} x {}", offer.machine);
                let kind = RuleKind::Capacity {
                    limit: count as f64,
                    windows: Vec::new(),
                };
                let phrase = Phrase::Count {
                    word: what.to_owned(),
                    of: format!("x {}", offer.machine),
                };
                rules.add(
                    kind,
                    None,
                    Origin {
                        phrase,
                        ..origin(span, text, Family::Capacity)
                    },
                )
            });
    }
    meters
}

impl<'p> Meters<'p> {
    fn add(&mut self, limits: Quoted<'p>, rules: &mut Rules) {
        let Quoted {
            quota,
            provider,
            region,
        } = limits;
        let place = region.map_or_else(|| provider.to_string(), |region| format!("{provider}.{region}"));
        let text = format!("quota of {place}: {}", describe(quota));
        let kind = RuleKind::Capacity {
            limit: quota.limit,
            windows: Vec::new(),
        };
        let phrase = Phrase::Count {
            word: "quota".to_owned(),
            of: unit(quota),
        };
        let rule = rules.add(
            kind,
            None,
            Origin {
                phrase,
                ..origin(quota.span, text, Family::Quota)
            },
        );
        self.quotas.push(Meter { rule, limits });
    }

    /// What `fit` takes of each limit, as rule and amount.
    pub fn uses(&self, offer: &Offer, fit: &Fit, sites: &[Ground<'_>]) -> Vec<(usize, f64)> {
        let place = sites.get(offer.site).and_then(|site| site.region);
        let quotas = self.quotas.iter().filter_map(|meter| {
            let (place, limits) = (place?, meter.limits);
            let here = limits.provider == place.cloud.provider
                && limits
                    .region
                    .is_none_or(|region| region == place.region.name.value)
                && limits.quota.pricing == offer.pricing;
            let amount = if here {
                counted(limits.quota, offer) * fit.machines as f64
            } else {
                0.0
            };
            (amount > 0.0).then_some((meter.rule, amount))
        });
        let stock = match &offer.stock {
            Stock::Market => None,
            Stock::Reservation { id: name, .. } | Stock::Nodes { name, .. } => {
                let rule = self.stocks.get(&(offer.site, name.clone()));
                let amount = if offer.shared() {
                    fit.set_aside()
                } else {
                    fit.machines as f64
                };
                rule.map(|rule| (*rule, amount))
            }
        };
        quotas.chain(stock).collect()
    }

    /// All rules of this module.
    fn rules(&self) -> impl Iterator<Item = usize> {
        let quotas = self.quotas.iter().map(|meter| meter.rule);
        quotas.chain(self.stocks.values().copied())
    }

    /// Fills in, for each limit, which of the steps that draw on it may do so at one moment.
    pub fn fill(&self, tasks: &[Task], overlaps: &Overlaps, rules: &mut Rules) {
        for at in self.rules() {
            let draws = |task: &Task| {
                let uses = task.choices.iter().flat_map(|choice| &choice.uses);
                uses.into_iter().any(|(rule, _)| *rule == at)
            };
            let users: BTreeSet<usize> = tasks
                .iter()
                .enumerate()
                .filter(|(_, task)| draws(task))
                .map(|(at, _)| at)
                .collect();
            if let Some(RuleKind::Capacity { windows, .. }) =
                rules.rules.get_mut(at).map(|rule| &mut rule.kind)
            {
                *windows = overlaps.windows(&users);
            }
        }
    }
}

/// What one machine counts against the quota.
fn counted(quota: &Quota, offer: &Offer) -> f64 {
    match (&quota.of, &offer.accelerator) {
        (QuotaOf::Cores, None) => offer.sold_cores.0,
        (QuotaOf::Gpus(None), Some(device)) => device.count as f64,
        (QuotaOf::Gpus(Some(model)), Some(device)) if model.eq_ignore_ascii_case(&device.model) => {
            device.count as f64
        }
        (QuotaOf::Cores, Some(_)) | (QuotaOf::Gpus(_), _) => 0.0,
    }
}

/// `16 H100`, `3000 cores on spot`
fn describe(quota: &Quota) -> String {
    format!("{} {}", quota.limit, unit(quota))
}

fn unit(quota: &Quota) -> String {
    let what = match &quota.of {
        QuotaOf::Cores => "cores",
        QuotaOf::Gpus(None) => "accelerators",
        QuotaOf::Gpus(Some(model)) => model,
    };
    match quota.pricing {
        Pricing::OnDemand => what.to_owned(),
        Pricing::Spot => format!("{what} on spot"),
        Pricing::Reserved => format!("{what} reserved"),
    }
}
