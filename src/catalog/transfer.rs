//! What moving data costs, and how fast it goes.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::basis::{Basis, Evidence};
use super::item::Items;
use super::provider::Provider;
use super::region::Region;
use super::table;
use crate::quantity::{Bytes, BytesPerSecond, MicroUsd};

const EGRESS: &str = include_str!("data/egress.csv");
/// The unit of transfer prices.
const GB: u64 = 1_000_000_000;

/// Where data goes.
#[derive(Clone, Copy, PartialEq, Debug)]
pub enum Destination<'a> {
    /// A region of any cloud.
    Region(&'a Region),
    /// Anywhere else: users, a cluster on premises.
    Internet,
}

/// One step of a tariff: the price of the bytes from here to the next step.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize)]
pub struct Tier {
    /// Bytes of a month before this tier begins.
    pub from: Bytes,
    /// Price of 10⁹ bytes.
    pub per_gb: MicroUsd,
}

/// What a month's transfer costs: cumulative tiers, each pricing only the bytes inside it. No tiers: free.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize)]
pub struct Tariff {
    /// By ascending `from`; the first begins at 0.
    pub tiers: Vec<Tier>,
    /// How it is known; none if it is free.
    pub basis: Option<Basis>,
}

impl Tariff {
    fn flat(per_gb: MicroUsd, basis: Basis) -> Tariff {
        Tariff {
            tiers: vec![Tier {
                from: Bytes::ZERO,
                per_gb,
            }],
            basis: Some(basis),
        }
    }

    /// The price of `volume` in one month, exact to the micro-dollar: it never falls as the volume grows.
    pub fn cost(&self, volume: Bytes) -> MicroUsd {
        let ends = self
            .tiers
            .iter()
            .skip(1)
            .map(|tier| tier.from)
            .chain([Bytes(u64::MAX)]);
        let parts = self.tiers.iter().zip(ends).map(|(tier, end)| {
            let inside = volume.0.min(end.0).saturating_sub(tier.from.0);
            u128::from(inside) * u128::from(tier.per_gb.0.max(0).unsigned_abs())
        });
        let total = (parts.sum::<u128>() + u128::from(GB / 2)) / u128::from(GB);
        MicroUsd(i64::try_from(total).unwrap_or(i64::MAX))
    }

    /// The dearest tier's price of 10⁹ bytes: an upper bound that is linear in the volume, for solvers.
    pub fn dearest(&self) -> MicroUsd {
        self.tiers
            .iter()
            .map(|tier| tier.per_gb)
            .max()
            .unwrap_or(MicroUsd::ZERO)
    }
}

#[derive(Deserialize)]
struct Row {
    cloud: Provider,
    from_gb: u64,
    usd_per_gb: f64,
}

/// The tiers of internet egress by cloud, in the region for which they are listed.
#[derive(Clone, Debug)]
pub(super) struct Egress(BTreeMap<Provider, Vec<Tier>>);

impl Egress {
    pub fn built_in() -> Egress {
        let mut tiers: BTreeMap<Provider, Vec<Tier>> = BTreeMap::new();
        for row in table::read::<Row>(EGRESS) {
            let tier = Tier {
                from: Bytes(row.from_gb.saturating_mul(GB)),
                per_gb: MicroUsd::usd(row.usd_per_gb),
            };
            tiers.entry(row.cloud).or_default().push(tier);
        }
        Egress(tiers)
    }

    /// Internet egress from `from`. Only the first paid tier is known for every region: the later ones are taken to
    /// be dearer by the same ratio.
    pub fn internet(&self, items: &Items, from: &Region) -> Tariff {
        let provider = from.provider;
        let name = match provider {
            Provider::Aws | Provider::Azure => "internet_egress_first_10tb",
            Provider::Gcp => "internet_egress_first_1tb",
        };
        let mut tiers = self.0.get(&provider).cloned().unwrap_or_default();
        let prices = (
            items.named(provider, name, &from.name),
            items.default_price(provider, name),
        );
        let (Some(here), Some(listed)) = prices else {
            return Tariff { tiers, basis: None };
        };
        let mut basis = here.basis;
        if here.price != listed.price {
            basis.evidence = Evidence::Estimate;
            for tier in &mut tiers {
                let scaled = tier.per_gb.0.saturating_mul(here.price.0);
                tier.per_gb = MicroUsd(scaled.checked_div(listed.price.0).unwrap_or(0));
            }
        }
        Tariff {
            tiers,
            basis: Some(basis),
        }
    }
}

/// Transfer between two regions of one cloud. AWS prices by the source, Google and Azure by the two continents.
pub(super) fn between_regions(items: &Items, from: &Region, to: &Region) -> Tariff {
    const ITEM: &str = "inter_region_transfer";
    let continents = (from.country.continent(), to.country.continent());
    let price = |pair: &String| items.default_price(from.provider, &format!("{ITEM}:{pair}"));
    let found = match from.provider {
        Provider::Aws => items
            .named(from.provider, &format!("{ITEM}_to_{}", to.name), &from.name)
            .or_else(|| items.named(from.provider, ITEM, &from.name)),
        Provider::Azure => azure_pairs(continents).iter().find_map(price),
        Provider::Gcp => {
            let (direct, any) = google_pairs(continents);
            // Two dear continents: the dearer one's price holds.
            direct
                .iter()
                .find_map(price)
                .or_else(|| any.iter().filter_map(price).max_by_key(|item| item.price))
        }
    };
    found
        .map(|item| Tariff::flat(item.price, item.basis))
        .unwrap_or_default()
}

/// Names of the rows that may hold a pair's price, narrowest first.
fn azure_pairs((from, to): (&str, &str)) -> [String; 3] {
    let group = |continent| match continent {
        "middleeast" | "africa" => "middleeast_africa",
        other => other,
    };
    let (from, to) = (group(from), group(to));
    [
        format!("{from}->{to}"),
        format!("{from}->other"),
        format!("{from}->any"),
    ]
}

/// Names of the rows for exactly this pair, and of those for one side of it.
fn google_pairs((from, to): (&str, &str)) -> ([String; 3], [String; 2]) {
    let direct = [
        format!("{from}->{to}"),
        format!("{from}<->{to}"),
        format!("{to}<->{from}"),
    ];
    (direct, [format!("any<->{from}"), format!("any<->{to}")])
}

/// Planning figure for the throughput of one transfer; an estimate of 2026, to be replaced by a `link` where it matters.
///
/// Within a region 10 Gbit/s, what mid-sized machines are sold with. Out of a region 5 Gbit/s: the least that the three
/// clouds let one machine send (Jain et al., "Skyplane", NSDI 2023: AWS 5, Google 7, Azure 16 Gbit/s). To the internet
/// 1 Gbit/s, a common office or data-centre uplink.
pub(super) fn bandwidth(from: &Region, to: Destination<'_>) -> BytesPerSecond {
    let gigabits = match to {
        Destination::Region(to) if to.provider == from.provider && to.name == from.name => 10.0,
        Destination::Region(_) => 5.0,
        Destination::Internet => 1.0,
    };
    BytesPerSecond(gigabits * 125e6)
}

#[cfg(test)]
mod tests;
