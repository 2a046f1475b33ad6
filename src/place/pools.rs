//! Chosen offers -> node pools: steps on the same machines, bought the same way, share a pool.

use std::collections::{BTreeMap, BTreeSet};

use super::assemble::{Candidate, Problem};
use super::model::{Pool, PoolId, SiteId};
use super::offers::{Offer, Stock};
use super::overlap::Overlaps;
use crate::catalog::Pricing;
use crate::graph::model::NodeGroup;
use crate::lower::names;
use crate::quantity::{MONTH, MicroUsd};

/// The pools of a plan.
#[derive(Debug)]
pub struct Pools {
    /// By site and name.
    pub pools: Vec<Pool>,
    /// By step, its pool.
    pub of: Vec<PoolId>,
    /// What sharing machines saves per month.
    pub saved: MicroUsd,
}

/// What makes two steps share a pool.
type Key = (SiteId, String);

/// The pools for `picks`, one candidate for each step; `site` tells the plan's id of a site of the platform.
pub fn pools(problem: &Problem<'_, '_>, picks: &[&Candidate], site: impl Fn(usize) -> SiteId) -> Pools {
    let mut users: BTreeMap<Key, (&Offer, BTreeSet<usize>)> = BTreeMap::new();
    for (step, candidate) in picks.iter().enumerate() {
        if let Some(offer) = problem.offers.get(candidate.offer) {
            let key = (site(offer.site), name(offer));
            users
                .entry(key)
                .or_insert((offer, BTreeSet::new()))
                .1
                .insert(step);
        }
    }
    let overlaps = Overlaps::of(problem.profiled.graph);
    let mut made = Pools {
        pools: Vec::new(),
        of: vec![PoolId(0); picks.len()],
        saved: saving(problem, picks),
    };
    for ((site, name), (offer, steps)) in users {
        let id = PoolId(made.pools.len() as u32);
        for step in &steps {
            made.of.iter_mut().skip(*step).take(1).for_each(|of| *of = id);
        }
        let bounds = bounds(problem, picks, offer, &steps, &overlaps);
        made.pools.push(pool(problem, site, name, offer, bounds));
    }
    made
}

fn pool(problem: &Problem<'_, '_>, site: SiteId, name: String, offer: &Offer, bounds: (u64, u64)) -> Pool {
    let reservation = match &offer.stock {
        Stock::Reservation { id, .. } => Some(id.clone()),
        Stock::Market | Stock::Nodes { .. } => None,
    };
    Pool {
        site,
        name,
        machine: offer.machine.clone(),
        cores: offer.sold_cores,
        memory: offer.sold_memory,
        accelerator: offer
            .accelerator
            .as_ref()
            .map(|device| (device.model.clone(), device.count)),
        arch: offer.arch.word().to_owned(),
        pricing: offer.pricing,
        hourly: offer.hourly,
        price_basis: offer.basis.clone(),
        interruption: offer.interruption.map(|interruption| interruption.monthly.0),
        bounds: group(problem, offer).map_or(bounds, |group| (group.min, group.max)),
        reservation,
        declared: group(problem, offer).is_some(),
    }
}

/// The node group that the offer is of.
fn group<'p>(problem: &'p Problem<'_, '_>, offer: &Offer) -> Option<&'p NodeGroup> {
    let groups = &problem.sites.get(offer.site)?.cluster?.nodes;
    let name = offer.nodes()?;
    groups.iter().find(|group| group.name.value == name)
}

/// `cpu-r7i-4xlarge-spot`; a node group keeps its name.
fn name(offer: &Offer) -> String {
    let kind = if offer.accelerator.is_some() { "gpu" } else { "cpu" };
    match &offer.stock {
        Stock::Nodes { name, .. } => name.clone(),
        Stock::Reservation { id, .. } => names::name(
            names::Service::Kubernetes,
            &[kind, &offer.machine, "reserved", id],
        ),
        Stock::Market => {
            let machine = offer.machine.replace(['_', '+'], "-");
            let pricing = match offer.pricing {
                Pricing::OnDemand => "",
                Pricing::Spot | Pricing::Reserved => offer.pricing.word(),
            };
            names::name(names::Service::Kubernetes, &[kind, &machine, pricing])
        }
    }
}

/// Fewest machines: those of steps that are always on. Most: what steps that may run at one moment need when each of
/// their containers goes where it fits first.
fn bounds(
    problem: &Problem<'_, '_>,
    picks: &[&Candidate],
    offer: &Offer,
    steps: &BTreeSet<usize>,
    overlaps: &Overlaps,
) -> (u64, u64) {
    let graph = problem.profiled.graph;
    let always = |step: &usize| {
        let id = graph.steps.get(*step).filter(|step| step.kind.always_on())?.id;
        let profile = &problem.profiled[id];
        let replicas = profile.load.as_ref().map_or(profile.nodes, |load| load.bounds.0);
        let per_machine = picks.get(*step).map_or(1, |candidate| candidate.fit.per_machine);
        Some(replicas as f64 / per_machine.max(1) as f64)
    };
    let parts = |step: &usize| {
        picks
            .get(*step)
            .map_or((0.0, 0), |pick| (pick.fit.parts, pick.fit.machines))
    };
    let least = steps.iter().filter_map(always).sum::<f64>().ceil() as u64;
    let most = overlaps.windows(steps).into_iter().map(|window| {
        let uses: Vec<(f64, u64)> = window.iter().map(parts).collect();
        packed(&uses)
    });
    let most = most.max().unwrap_or(0).max(least).max(1);
    match &offer.stock {
        Stock::Reservation { count, .. } => (least, most.min((*count).max(1))),
        Stock::Market | Stock::Nodes { .. } => (least, most),
    }
}

/// Machines for steps that run together. Each step fills its machines but the last; the rests are packed first-fit,
/// largest first.
fn packed(uses: &[(f64, u64)]) -> u64 {
    let mut rests: Vec<f64> = uses
        .iter()
        .map(|(parts, _)| parts.fract())
        .filter(|rest| *rest > 1e-9)
        .collect();
    rests.sort_by(|a, b| b.total_cmp(a));
    let whole: f64 = uses.iter().map(|(parts, _)| parts.floor()).sum();
    let mut bins: Vec<f64> = Vec::new();
    for rest in rests {
        match bins.iter_mut().find(|free| **free + 1e-9 >= rest) {
            Some(free) => *free -= rest,
            None => bins.push(1.0 - rest),
        }
    }
    whole as u64 + bins.len() as u64
}

/// What steps that are always on save per month by filling each other's machines; `picks` has one candidate for each step.
pub fn saving(problem: &Problem<'_, '_>, picks: &[&Candidate]) -> MicroUsd {
    let mut users: BTreeMap<usize, BTreeSet<usize>> = BTreeMap::new();
    for (step, candidate) in picks.iter().enumerate() {
        users.entry(candidate.offer).or_default().insert(step);
    }
    let shared = users.iter().filter(|(_, steps)| steps.len() > 1);
    shared
        .filter_map(|(offer, steps)| Some(saved(problem, picks, problem.offers.get(*offer)?, steps)))
        .sum()
}

/// What steps that are always on save by filling each other's machines, hour by hour of the week.
fn saved(
    problem: &Problem<'_, '_>,
    picks: &[&Candidate],
    offer: &Offer,
    steps: &BTreeSet<usize>,
) -> MicroUsd {
    if offer.shared() {
        return MicroUsd::ZERO;
    }
    let graph = problem.profiled.graph;
    let loads = steps.iter().filter_map(|step| {
        let of = graph.steps.get(*step).filter(|step| step.kind.always_on())?;
        let replicas = &problem.profiled[of.id].load.as_ref()?.replicas;
        Some((replicas, picks.get(*step)?.fit.per_machine.max(1)))
    });
    let loads: Vec<(&Vec<u64>, u64)> = loads.collect();
    let hours = loads
        .iter()
        .map(|(replicas, _)| replicas.len())
        .max()
        .unwrap_or(0);
    let mut spared = 0.0;
    for hour in 0..hours {
        let at = |(replicas, per_machine): &(&Vec<u64>, u64)| {
            let replicas = replicas.get(hour).copied().unwrap_or(0);
            (
                replicas as f64 / *per_machine as f64,
                replicas.div_ceil(*per_machine),
            )
        };
        let uses: Vec<(f64, u64)> = loads.iter().map(at).collect();
        let alone: u64 = uses.iter().map(|(_, machines)| machines).sum();
        spared += alone.saturating_sub(packed(&uses)) as f64;
    }
    offer
        .hourly
        .times(spared / hours.max(1) as f64 * MONTH.in_hours())
}
