//! What a region sells: machines, each at the prices of its pricing models.

use std::collections::BTreeMap;
use std::fmt;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::basis::{AsOf, Basis, Evidence};
use super::machine::Machine;
use super::provider::Provider;
use super::table;
use crate::quantity::{MONTH, MicroUsd, PerSecond, Percent};

const BASES: &str = include_str!("data/bases.csv");
const INTERRUPTIONS: &str = include_str!("data/interruptions.csv");
/// Row of `interruptions.csv` for spot machines about which nothing is published.
const UNPUBLISHED: &str = "p";

/// How a machine is paid for.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Pricing {
    /// By use, until stopped.
    OnDemand,
    /// By use, cheaper, and may be taken away at any time.
    Spot,
    /// Paid for beforehand; the catalogue has no such offers, platforms declare them.
    Reserved,
}

impl Pricing {
    /// All of them.
    pub const ALL: [Pricing; 3] = [Pricing::OnDemand, Pricing::Spot, Pricing::Reserved];

    /// The word that names it in the language.
    pub fn word(self) -> &'static str {
        match self {
            Pricing::OnDemand => "on-demand",
            Pricing::Spot => "spot",
            Pricing::Reserved => "reserved",
        }
    }

    /// The pricing that `word` names.
    pub fn parse(word: &str) -> Option<Pricing> {
        Pricing::ALL.into_iter().find(|pricing| pricing.word() == word)
    }
}

impl fmt::Display for Pricing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.word())
    }
}

/// Money per machine hour.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize)]
pub struct Price {
    /// Per hour of one machine.
    pub hourly: MicroUsd,
    /// How it is known, and of when.
    pub basis: Basis,
}

/// How often spot machines of a type are taken away.
#[derive(Clone, Copy, PartialEq, PartialOrd, Debug, Serialize)]
pub struct Interruption {
    /// Share of the machines reclaimed within a month: the upper end of the published band.
    pub monthly: Percent,
    /// How it is known, and of when.
    pub basis: Basis,
}

impl Interruption {
    /// The constant rate at which one machine is reclaimed: -ln(1 - share) / month, as of a Poisson process.
    pub fn rate(self) -> PerSecond {
        PerSecond(-(1.0 - self.monthly.0.clamp(0.0, 0.999)).ln() / MONTH.0)
    }
}

/// One machine type at one pricing in one region.
#[derive(Clone, Copy, PartialEq, Debug, Serialize)]
pub struct Offer<'a> {
    /// The machine.
    pub machine: &'a Machine,
    /// How it is paid for.
    pub pricing: Pricing,
    /// What it costs.
    pub price: Price,
    /// For spot, how often it is taken away.
    pub interruption: Option<Interruption>,
}

/// Everything a region asks for one machine type.
#[derive(Clone, Copy, PartialEq, Debug, Default)]
pub(super) struct Prices {
    pub on_demand: Option<Price>,
    pub spot: Option<Price>,
    pub interruption: Option<Interruption>,
}

impl Prices {
    /// These prices, each replaced by `newer`'s where it has one.
    pub fn updated(self, newer: Prices) -> Prices {
        Prices {
            on_demand: newer.on_demand.or(self.on_demand),
            spot: newer.spot.or(self.spot),
            interruption: newer.interruption.or(self.interruption),
        }
    }

    /// As offers of `machine`, on-demand first.
    pub fn offers<'a>(
        self,
        machine: &'a Machine,
        legend: &Legend,
    ) -> impl Iterator<Item = Offer<'a>> + use<'a> {
        let on_demand = self.on_demand.map(|price| Offer {
            machine,
            pricing: Pricing::OnDemand,
            price,
            interruption: None,
        });
        let interruption = self.interruption.or(legend.unpublished());
        let spot = self.spot.map(|price| Offer {
            machine,
            pricing: Pricing::Spot,
            price,
            interruption,
        });
        on_demand.into_iter().chain(spot)
    }
}

#[derive(Deserialize)]
struct LegendRow {
    id: String,
    kind: Evidence,
    as_of: AsOf,
    monthly_percent: Option<f64>,
}

/// What the letters in the price files mean.
#[derive(Clone, Debug)]
pub(super) struct Legend {
    bases: BTreeMap<String, Basis>,
    interruptions: BTreeMap<String, Interruption>,
}

impl Legend {
    pub fn built_in() -> Legend {
        let basis = |row: &LegendRow| Basis {
            evidence: row.kind,
            as_of: Some(row.as_of),
        };
        let bases = table::read(BASES)
            .into_iter()
            .map(|row: LegendRow| (row.id.clone(), basis(&row)))
            .collect();
        let interruptions = table::read(INTERRUPTIONS)
            .into_iter()
            .filter_map(|row: LegendRow| {
                let monthly = Percent(row.monthly_percent? / 100.0);
                Some((
                    row.id.clone(),
                    Interruption {
                        monthly,
                        basis: basis(&row),
                    },
                ))
            })
            .collect();
        Legend { bases, interruptions }
    }

    /// The oldest and the newest date of machine prices.
    pub fn as_of(&self) -> Option<(AsOf, AsOf)> {
        let dates = || self.bases.values().filter_map(|basis| basis.as_of);
        Some((dates().min()?, dates().max()?))
    }

    fn unpublished(&self) -> Option<Interruption> {
        self.interruptions.get(UNPUBLISHED).copied()
    }

    /// Reads `machine,usd,basis[,spot usd,basis,interruption]`.
    fn row<'t>(&self, line: &'t str) -> Option<(&'t str, Prices)> {
        let mut cells = line.split(',');
        let machine = cells.next()?;
        let mut price = || {
            let hourly = MicroUsd::usd(cells.next()?.parse().ok()?);
            Some(Price {
                hourly,
                basis: *self.bases.get(cells.next()?)?,
            })
        };
        let (on_demand, spot) = (Some(price()?), price());
        let interruption = cells.next().and_then(|id| self.interruptions.get(id)).copied();
        Some((
            machine,
            Prices {
                on_demand,
                spot,
                interruption,
            },
        ))
    }

    /// All rows of one region's section of a price file.
    pub fn rows<'t>(&self, section: &'t str) -> impl Iterator<Item = (&'t str, Prices)> {
        section.lines().filter_map(|line| self.row(line))
    }
}

/// The sections of a cloud's price file: region name to its rows. Rows are parsed when they are asked for.
pub(super) fn sections(provider: Provider) -> BTreeMap<&'static str, &'static str> {
    let text = match provider {
        Provider::Aws => include_str!("data/prices-aws.txt"),
        Provider::Azure => include_str!("data/prices-azure.txt"),
        Provider::Gcp => include_str!("data/prices-gcp.txt"),
    };
    text.split('[')
        .filter_map(|section| section.split_once("]\n"))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_line_of_every_section_is_read() {
        let legend = Legend::built_in();
        for (region, section) in Provider::ALL.into_iter().flat_map(sections) {
            assert_eq!(legend.rows(section).count(), section.lines().count(), "{region}");
            assert!(
                legend
                    .rows(section)
                    .all(|(_, prices)| prices.spot.is_some() == prices.interruption.is_some())
            );
        }
    }

    #[test]
    fn a_monthly_share_becomes_a_rate() {
        let basis = Basis {
            evidence: Evidence::List,
            as_of: None,
        };
        let rate = Interruption {
            monthly: Percent(0.05),
            basis,
        }
        .rate();
        assert!((1.0 - (-rate.0 * MONTH.0).exp() - 0.05).abs() < 1e-12);
        assert!(
            Interruption {
                monthly: Percent(1.0),
                basis
            }
            .rate()
            .0
            .is_finite()
        );
    }
}
