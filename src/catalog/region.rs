//! Regions of the clouds: where they are, and how clean their electricity is.

use serde::{Deserialize, Serialize};

use super::distance::Coordinates;
use super::place::Country;
use super::provider::Provider;
use super::table;
use crate::quantity::Grams;

const REGIONS: &str = include_str!("data/regions.csv");

/// One region of one cloud.
#[derive(Clone, PartialEq, Debug, Serialize)]
pub struct Region {
    /// Whose it is.
    pub provider: Provider,
    /// The vendor's name: `eu-west-1`.
    pub name: String,
    /// The city it is in or near.
    pub city: String,
    /// The country, which is also its jurisdiction.
    pub country: Country,
    /// The city's centre: right to some 50 km.
    pub coordinates: Coordinates,
    /// Availability zones: 0 where the vendor has none there, none where it is not known.
    pub zones: Option<u32>,
    /// What its electricity emits.
    pub carbon: Option<Carbon>,
}

/// Emissions of a grid, on a yearly average.
#[derive(Clone, PartialEq, Debug, Serialize)]
pub struct Carbon {
    /// Per kilowatt-hour. Sources differ in method: take gaps under 40 g for a tie.
    pub per_kwh: Grams,
    /// Source, year and method.
    pub basis: String,
}

#[derive(Deserialize)]
struct Row {
    cloud: Provider,
    region: String,
    city: String,
    country: Country,
    latitude: f64,
    longitude: f64,
    zones: Option<u32>,
    grid_g_co2_per_kwh: Option<f64>,
    carbon_basis: String,
}

/// Every region that is compiled in.
pub(super) fn built_in() -> impl Iterator<Item = Region> {
    table::read(REGIONS).into_iter().map(|row: Row| Region {
        provider: row.cloud,
        name: row.region,
        city: row.city,
        country: row.country,
        coordinates: Coordinates {
            latitude: row.latitude,
            longitude: row.longitude,
        },
        zones: row.zones,
        carbon: row.grid_g_co2_per_kwh.map(|grams| Carbon {
            per_kwh: Grams(grams),
            basis: row.carbon_basis,
        }),
    })
}
