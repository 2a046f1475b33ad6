//! What the data that steps write costs to keep, where it is kept beside the step.

use super::sites::{Ground, per_month};
use crate::catalog::{Catalog, Item};
use crate::graph::model::{DataSet, Graph, Store};
use crate::profile::model::Profile;
use crate::quantity::{MONTH, MicroUsd, Seconds};

/// How long the files of a run are kept when nothing is said.
const USUAL: Seconds = Seconds(30.0 * 86_400.0);

/// USD per month of all that one step writes, at `site`. Data with an `at` is kept there, by its owner.
pub fn monthly(graph: &Graph, profile: &Profile, site: &Ground<'_>, catalog: &Catalog) -> MicroUsd {
    let Some(at) = site.region else {
        return MicroUsd::ZERO;
    };
    let cost = |need: &crate::profile::model::StorageNeed| {
        let data = &graph[need.data];
        if !data.at.is_empty() {
            return MicroUsd::ZERO;
        }
        let price = catalog.price_of(at.cloud.provider, &at.region.name.value, item(need.store));
        let amount = match need.store {
            // Sold by capacity, not by size.
            Store::Vector | Store::Stream => 1.0,
            Store::Bucket | Store::Warehouse | Store::Sql | Store::Nosql | Store::Cache | Store::Disk => {
                need.size.p50.in_gb() * versions(data, profile.runs_per_month)
            }
        };
        price.map_or(MicroUsd::ZERO, |price| per_month(price, amount))
    };
    profile.storage.iter().map(cost).sum()
}

fn item(store: Store) -> Item {
    match store {
        Store::Bucket => Item::ObjectStorageHot,
        Store::Warehouse => Item::WarehouseStorage,
        Store::Sql => Item::ManagedSqlStorage,
        Store::Nosql => Item::NosqlStorage,
        Store::Cache => Item::ManagedCache,
        Store::Vector => Item::VectorSearch,
        Store::Stream => Item::Stream,
        Store::Disk => Item::SharedFileSystem,
    }
}

/// Versions kept side by side, once as many have been made as are kept. Tables and caches are replaced in place.
fn versions(data: &DataSet, runs: f64) -> f64 {
    if let Some(versions) = data.versions {
        return versions.max(1) as f64;
    }
    let kept = match (data.keep, data.store) {
        (Some(keep), _) => keep,
        (None, Store::Bucket) => USUAL,
        (None, _) => return 1.0,
    };
    (kept.0 / MONTH.0 * runs).max(1.0)
}
