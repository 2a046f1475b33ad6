//! What sites sell: machines after discounts, reservations, and node groups that exist.

use super::sites::{CloudRegion, Ground};
use crate::catalog::{self, Architecture, Catalog, Interruption, Item, Machine, Pricing};
use crate::graph::model::{Discount, NodeGroup, Reservation};
use crate::quantity::{Bytes, Cores, MicroUsd};
use crate::source::Span;

/// One machine type at one site, bought one way.
#[derive(Clone, Debug)]
pub struct Offer {
    /// Position of the site.
    pub site: usize,
    /// Machine type; the node group's name where that has no type.
    pub machine: String,
    /// Cores of one machine that steps can use.
    pub cores: Cores,
    /// Cores of one machine as sold: what quotas count.
    pub sold_cores: Cores,
    /// Memory of one machine that steps can use.
    pub memory: Bytes,
    /// Memory of one machine as sold.
    pub sold_memory: Bytes,
    /// Local disk, where it is all there is.
    pub disk: Option<Bytes>,
    /// Accelerators of one machine.
    pub accelerator: Option<Device>,
    /// `amd64` or `arm64`.
    pub arch: Architecture,
    /// How it is bought.
    pub pricing: Pricing,
    /// Per machine and hour, after discounts.
    pub hourly: MicroUsd,
    /// Network disk, per 10⁹ bytes and month.
    pub disk_price: MicroUsd,
    /// Where the price is from, in words.
    pub basis: String,
    /// On spot.
    pub interruption: Option<Interruption>,
    /// What limits the number of machines.
    pub stock: Stock,
    /// Carbon intensity of its power in g/kWh, where known.
    pub carbon: Option<f64>,
}

/// Accelerators of one machine.
#[derive(Clone, PartialEq, Debug)]
pub struct Device {
    /// Model.
    pub model: String,
    /// How many.
    pub count: u64,
    /// Memory of each; unknown for node groups whose model the catalogue does not have.
    pub memory: Option<Bytes>,
}

/// What limits the number of machines of an offer.
#[derive(Clone, PartialEq, Debug)]
pub enum Stock {
    /// Nothing but quotas.
    Market,
    /// A reservation.
    Reservation {
        /// Its id.
        id: String,
        /// Its machines.
        count: u64,
        /// Its line.
        span: Span,
    },
    /// A node group of the platform.
    Nodes {
        /// Its name.
        name: String,
        /// Most nodes.
        count: u64,
        /// True outside clouds, where nodes stand whether or not they are used.
        standing: bool,
        /// Its line.
        span: Span,
    },
}

/// Everything the site at position `at` sells, by machine and pricing.
pub fn offers(at: usize, site: &Ground<'_>, catalog: &Catalog) -> Vec<Offer> {
    let groups = site.cluster.map_or(&[][..], |cluster| &cluster.nodes);
    let Some(region) = site.region else {
        return groups
            .iter()
            .map(|group| standing_nodes(at, group, catalog))
            .collect();
    };
    let market = market(at, region, catalog);
    if groups.is_empty() {
        let reserved = region
            .region
            .reservations
            .iter()
            .filter(|reservation| current(reservation, catalog));
        let reserved: Vec<Offer> = reserved.filter_map(|it| reserved_machines(it, &market)).collect();
        return market.into_iter().chain(reserved).collect();
    }
    groups
        .iter()
        .filter_map(|group| cloud_nodes(group, &market))
        .collect()
}

/// True if the reservation holds on the date of the newest price.
pub fn current(reservation: &Reservation, catalog: &Catalog) -> bool {
    let Some((_, newest)) = catalog.as_of() else {
        return true;
    };
    let today = newest.to_string();
    // Both are ISO dates of which the catalogue's may lack the day: compare what both have.
    let month = |date: &String| date.chars().take(today.len()).collect::<String>();
    let begun = reservation.from.as_ref().is_none_or(|from| month(from) <= today);
    begun
        && reservation
            .until
            .as_ref()
            .is_none_or(|until| month(until) >= today)
}

fn market(at: usize, place: CloudRegion<'_>, catalog: &Catalog) -> Vec<Offer> {
    let (provider, region) = (place.cloud.provider, &place.region.name.value);
    let disk = catalog.price_of(provider, region, Item::BlockSsd);
    let disk_price = disk.map_or(MicroUsd::ZERO, |price| price.price);
    let carbon = place.facts.carbon.as_ref().map(|carbon| carbon.per_kwh.0);
    let sold = catalog.offers(provider, region).into_iter();
    let offers = sold.map(|offer| Offer {
        pricing: offer.pricing,
        hourly: discounted(offer, &place.cloud.discounts),
        basis: offer.price.basis.to_string(),
        interruption: offer.interruption,
        disk_price,
        carbon,
        ..shape(at, offer.machine)
    });
    offers.collect()
}

/// An offer of the machine, without a price.
fn shape(at: usize, machine: &Machine) -> Offer {
    let device = machine.accelerator.as_ref().map(|accelerator| Device {
        model: accelerator.model.clone(),
        count: u64::from(machine.accelerators()),
        memory: Some(accelerator.memory),
    });
    Offer {
        site: at,
        machine: machine.name.clone(),
        cores: allocatable_cores(machine.cores),
        sold_cores: machine.cores,
        memory: allocatable_memory(machine.memory),
        sold_memory: machine.memory,
        disk: None,
        accelerator: device,
        arch: machine.architecture,
        pricing: Pricing::OnDemand,
        hourly: MicroUsd::ZERO,
        disk_price: MicroUsd::ZERO,
        basis: String::new(),
        interruption: None,
        stock: Stock::Market,
        carbon: None,
    }
}

/// Cores left for pods: what Google Kubernetes Engine documents ("Plan node sizes", 2025), the most cautious of the three clouds.
/// 6 % of the first core, 1 % of the second, 0.5 % of the next two, 0.25 % of the rest go to the node itself.
pub fn allocatable_cores(cores: Cores) -> Cores {
    let step = |from: f64, to: f64, share: f64| (cores.0.min(to) - from).max(0.0) * share;
    let kept = step(0.0, 1.0, 0.06)
        + step(1.0, 2.0, 0.01)
        + step(2.0, 4.0, 0.005)
        + step(4.0, f64::INFINITY, 0.0025);
    Cores((cores.0 - kept).max(0.0))
}

/// Memory left for pods, from the same source: 25 % of the first 4 GiB, 20 % of the next 4, 10 % of the next 8, 6 % of
/// the next 112, 2 % of the rest, and 100 MiB for eviction go to the node.
pub fn allocatable_memory(memory: Bytes) -> Bytes {
    let gib = memory.in_gib();
    let step = |from: f64, to: f64, share: f64| (gib.min(to) - from).max(0.0) * share;
    let kept = step(0.0, 4.0, 0.25)
        + step(4.0, 8.0, 0.2)
        + step(8.0, 16.0, 0.1)
        + step(16.0, 128.0, 0.06)
        + step(128.0, f64::INFINITY, 0.02);
    Bytes::gib(gib - kept - 100.0 / 1024.0)
}

/// The price after the narrowest discount: the longest machine prefix wins, then the one that names a pricing.
fn discounted(offer: catalog::Offer<'_>, discounts: &[Discount]) -> MicroUsd {
    let applies = |discount: &&Discount| {
        let machine = discount.machine.as_ref();
        machine.is_none_or(|prefix| offer.machine.name.starts_with(prefix))
            && discount.pricing.is_none_or(|pricing| pricing == offer.pricing)
    };
    let narrowness = |discount: &&Discount| {
        let prefix = discount.machine.as_ref().map_or(0, String::len);
        (prefix, discount.pricing.is_some())
    };
    let narrowest = discounts.iter().filter(applies).max_by_key(narrowness);
    let share = narrowest.map_or(0.0, |discount| discount.share.0.clamp(0.0, 1.0));
    offer.price.hourly.times(1.0 - share)
}

fn reserved_machines(reservation: &Reservation, market: &[Offer]) -> Option<Offer> {
    let like = market
        .iter()
        .find(|offer| offer.machine == reservation.machine.value)?;
    Some(Offer {
        pricing: Pricing::Reserved,
        hourly: reservation.price,
        basis: format!("reservation {}", reservation.id.value),
        interruption: None,
        stock: Stock::Reservation {
            id: reservation.id.value.clone(),
            count: reservation.count,
            span: reservation.span,
        },
        ..like.clone()
    })
}

fn cloud_nodes(group: &NodeGroup, market: &[Offer]) -> Option<Offer> {
    let machine = &group.machine.as_ref()?.value;
    let priced = |offer: &&Offer| offer.machine == *machine && offer.pricing == group.pricing;
    let like = market
        .iter()
        .find(priced)
        .or(market.iter().find(|offer| offer.machine == *machine))?;
    Some(Offer {
        pricing: group.pricing,
        hourly: group.price.unwrap_or(like.hourly),
        stock: nodes(group, false),
        ..like.clone()
    })
}

fn nodes(group: &NodeGroup, standing: bool) -> Stock {
    Stock::Nodes {
        name: group.name.value.clone(),
        count: group.max,
        standing,
        span: group.span,
    }
}

/// A node group outside clouds: what it says of itself is what steps can use.
fn standing_nodes(at: usize, group: &NodeGroup, catalog: &Catalog) -> Offer {
    let device = group.gpu.as_ref().map(|model| Device {
        model: model.value.clone(),
        count: group.gpus.max(1),
        memory: catalog.accelerator(&model.value).map(|facts| facts.memory),
    });
    let (cores, memory) = (group.cores.unwrap_or_default(), group.memory.unwrap_or_default());
    Offer {
        site: at,
        machine: group
            .machine
            .as_ref()
            .map_or_else(|| group.name.value.clone(), |machine| machine.value.clone()),
        cores,
        sold_cores: cores,
        memory,
        sold_memory: memory,
        disk: group.disk,
        accelerator: device,
        arch: Architecture::Amd64,
        pricing: group.pricing,
        hourly: group.price.unwrap_or_default(),
        disk_price: MicroUsd::ZERO,
        basis: if group.price.is_some() {
            "declared"
        } else {
            "already paid for"
        }
        .to_owned(),
        interruption: None,
        stock: nodes(group, true),
        carbon: group.carbon.map(|grams| grams.0),
    }
}

impl Offer {
    /// Name of the declared node group.
    pub fn nodes(&self) -> Option<&str> {
        match &self.stock {
            Stock::Nodes { name, .. } => Some(name),
            Stock::Market | Stock::Reservation { .. } => None,
        }
    }

    /// True if its machines stand whether or not they are used, so that a share of one costs a share of its price.
    pub fn shared(&self) -> bool {
        match self.stock {
            Stock::Nodes { standing, .. } => standing,
            Stock::Market | Stock::Reservation { .. } => false,
        }
    }
}
