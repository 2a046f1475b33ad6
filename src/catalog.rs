//! The catalogue: what the clouds sell, where, and for how much.
//!
//! It is compiled in (`catalog/data`, facts with their date and basis) and may be overlaid with a user's own prices.
//! Everything is a list price of the month that its [`Basis`] names: check before you buy. Rows of prices are parsed
//! when a region is asked for, so that a plan over a few regions does not pay for all of them.

mod accelerator;
mod basis;
mod distance;
mod item;
mod machine;
mod offer;
mod overlay;
mod place;
mod provider;
mod region;
mod table;
mod transfer;
mod unit;

use std::collections::{BTreeMap, BTreeSet};

use sha2::{Digest, Sha256};

pub use accelerator::{AcceleratorFacts, FlopsPerSecond};
pub use basis::{AsOf, Basis, Evidence};
pub use distance::Coordinates;
pub use item::{Item, ItemPrice};
pub use machine::{Accelerator, Architecture, Machine};
pub use offer::{Interruption, Offer, Price, Pricing};
pub use overlay::{Applied, OverlayError};
pub use place::{Country, Place};
pub use provider::Provider;
pub use region::{Carbon, Region};
pub use transfer::{Destination, Tariff, Tier};
pub use unit::Unit;

use crate::quantity::{Bytes, BytesPerSecond, MicroUsd};
use item::Items;
use offer::{Legend, Prices};
use transfer::Egress;

/// Every file that is compiled in: what the digest is of.
const DATA: [&str; 12] = [
    include_str!("catalog/data/accelerators.csv"),
    include_str!("catalog/data/bases.csv"),
    include_str!("catalog/data/blocs.csv"),
    include_str!("catalog/data/countries.csv"),
    include_str!("catalog/data/egress.csv"),
    include_str!("catalog/data/interruptions.csv"),
    include_str!("catalog/data/items.csv"),
    include_str!("catalog/data/machines.csv"),
    include_str!("catalog/data/prices-aws.txt"),
    include_str!("catalog/data/prices-azure.txt"),
    include_str!("catalog/data/prices-gcp.txt"),
    include_str!("catalog/data/regions.csv"),
];

/// All offers, prices and facts, built in and overlaid.
#[derive(Clone, Debug)]
pub struct Catalog {
    clouds: BTreeMap<Provider, Cloud>,
    accelerators: Vec<AcceleratorFacts>,
    items: Items,
    egress: Egress,
    legend: Legend,
    /// Texts of the overlays, in order.
    overlays: Vec<String>,
}

/// What one cloud sells.
#[derive(Clone, Debug, Default)]
struct Cloud {
    regions: BTreeMap<String, Region>,
    machines: BTreeMap<String, Machine>,
    /// Unparsed rows of the price file, by region.
    sections: BTreeMap<&'static str, &'static str>,
    /// Prices of overlays, by region and machine.
    own: BTreeMap<String, BTreeMap<String, Prices>>,
}

impl Catalog {
    /// The catalogue that is compiled in.
    pub fn built_in() -> Catalog {
        let mut clouds: BTreeMap<Provider, Cloud> = BTreeMap::new();
        for region in region::built_in() {
            clouds
                .entry(region.provider)
                .or_default()
                .regions
                .insert(region.name.clone(), region);
        }
        for machine in machine::built_in() {
            clouds
                .entry(machine.provider)
                .or_default()
                .machines
                .insert(machine.name.clone(), machine);
        }
        for (provider, cloud) in &mut clouds {
            cloud.sections = offer::sections(*provider);
        }
        Catalog {
            clouds,
            accelerators: accelerator::built_in(),
            items: Items::built_in(),
            egress: Egress::built_in(),
            legend: Legend::built_in(),
            overlays: Vec::new(),
        }
    }

    /// The region that `provider` calls `name`.
    pub fn region(&self, provider: Provider, name: &str) -> Option<&Region> {
        self.clouds.get(&provider)?.regions.get(name)
    }

    /// All regions of `provider`, by name.
    pub fn regions(&self, provider: Provider) -> impl Iterator<Item = &Region> {
        self.clouds
            .get(&provider)
            .into_iter()
            .flat_map(|cloud| cloud.regions.values())
    }

    /// The machine type that `provider` calls `name`.
    pub fn machine(&self, provider: Provider, name: &str) -> Option<&Machine> {
        self.clouds.get(&provider)?.machines.get(name)
    }

    /// All machine types of `provider`, by name.
    pub fn machines(&self, provider: Provider) -> impl Iterator<Item = &Machine> {
        self.clouds
            .get(&provider)
            .into_iter()
            .flat_map(|cloud| cloud.machines.values())
    }

    /// Everything `region` sells, by machine name, on-demand before spot. Empty for a region that does not exist.
    pub fn offers(&self, provider: Provider, region: &str) -> Vec<Offer<'_>> {
        let Some(cloud) = self.clouds.get(&provider) else {
            return Vec::new();
        };
        let section = cloud.sections.get(region).copied().unwrap_or_default();
        let mut prices: BTreeMap<&str, Prices> = self.legend.rows(section).collect();
        for (machine, own) in cloud.own.get(region).into_iter().flatten() {
            let all = prices.entry(machine).or_default();
            *all = all.updated(*own);
        }
        let offers = prices.into_iter().filter_map(|(name, prices)| {
            let machine = cloud.machines.get(name)?;
            Some(prices.offers(machine, &self.legend))
        });
        offers.flatten().collect()
    }

    /// Facts about an accelerator model.
    pub fn accelerator(&self, model: &str) -> Option<&AcceleratorFacts> {
        self.accelerators.iter().find(|facts| facts.model == model)
    }

    /// Every accelerator model that is sold or known, by name.
    pub fn accelerators(&self) -> BTreeSet<&str> {
        let machines = self.clouds.values().flat_map(|cloud| cloud.machines.values());
        let sold = machines
            .filter_map(|machine| machine.accelerator.as_ref())
            .map(|accelerator| accelerator.model.as_str());
        self.accelerators
            .iter()
            .map(|facts| facts.model.as_str())
            .chain(sold)
            .collect()
    }

    /// What `item` costs in `region`: the region's own price, else the cloud's default.
    pub fn price_of(&self, provider: Provider, region: &str, item: Item) -> Option<&ItemPrice> {
        self.items.price(provider, region, item)
    }

    /// The factor on a machine's price when the cloud's managed training service runs it.
    pub fn managed_training_factor(&self, machine: &Machine) -> f64 {
        self.items.managed_training_factor(machine)
    }

    /// What it costs to move data from a region: nothing inside it, the cloud's own price to its other regions,
    /// internet egress to anywhere else. What a destination charges for taking data in is nothing, everywhere.
    pub fn tariff(&self, from: &Region, to: Destination<'_>) -> Tariff {
        match to {
            Destination::Region(to) if to.provider == from.provider && to.name == from.name => {
                Tariff::default()
            }
            Destination::Region(to) if to.provider == from.provider => {
                transfer::between_regions(&self.items, from, to)
            }
            Destination::Region(_) | Destination::Internet => self.egress.internet(&self.items, from),
        }
    }

    /// The price of moving `monthly` bytes a month, if nothing else is moved along this tariff.
    pub fn egress(&self, from: &Region, to: Destination<'_>, monthly: Bytes) -> MicroUsd {
        self.tariff(from, to).cost(monthly)
    }

    /// Planning figure for the throughput of one transfer; an estimate of 2026 (see `transfer.rs` for its sources).
    pub fn bandwidth(&self, from: &Region, to: Destination<'_>) -> BytesPerSecond {
        transfer::bandwidth(from, to)
    }

    /// The oldest and the newest date of built-in machine prices.
    pub fn as_of(&self) -> Option<(AsOf, AsOf)> {
        self.legend.as_of()
    }

    /// SHA-256, in hexadecimal, of the built-in data and of the overlays in their order. File names do not count.
    pub fn digest(&self) -> String {
        let mut hasher = Sha256::new();
        for text in DATA.into_iter().chain(self.overlays.iter().map(String::as_str)) {
            // The length keeps two texts from being taken for one.
            hasher.update((text.len() as u64).to_le_bytes());
            hasher.update(text.as_bytes());
        }
        hasher
            .finalize()
            .iter()
            .map(|byte| format!("{byte:02x}"))
            .collect()
    }
}

impl Default for Catalog {
    fn default() -> Catalog {
        Catalog::built_in()
    }
}

#[cfg(test)]
mod tests;
