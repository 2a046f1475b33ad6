//! Platform -> sites: where work may run, under whose law, and the ways between.

use super::instance::{Lane, SiteTerms};
use crate::catalog::{self, Catalog, Coordinates, Destination, Item, ItemPrice, Place, Provider, Unit};
use crate::graph::model::{Cloud, Cluster, Link, Platform, Region};
use crate::graph::{Area, SiteRef};
use crate::quantity::{BytesPerSecond, MONTH, MicroUsd};

/// What an uplink of a cluster outside any cloud is taken to carry when no `link` says: 1 Gbit/s.
const UPLINK: BytesPerSecond = BytesPerSecond(125e6);

/// One place that can run steps: a region of a cloud with its cluster, or a cluster elsewhere.
#[derive(Clone, Debug)]
pub struct Ground<'a> {
    /// `aws.sa-east-1` (with the cluster's name behind it where a region has several), or the cluster's name.
    pub name: String,
    /// Name of its cluster.
    pub cluster_name: String,
    /// In which cloud and region, unless outside any.
    pub region: Option<CloudRegion<'a>>,
    /// The cluster, if the platform names one.
    pub cluster: Option<&'a Cluster>,
    /// The country or bloc whose law applies; `None`: unknown, so nothing restricted may be there.
    pub jurisdiction: Option<Place>,
    /// For latency.
    pub coordinates: Option<Coordinates>,
}

/// A region of the platform and what the catalogue knows of it.
#[derive(Clone, Copy, Debug)]
pub struct CloudRegion<'a> {
    /// The account.
    pub cloud: &'a Cloud,
    /// The region as the platform has it.
    pub region: &'a Region,
    /// The region as the catalogue has it.
    pub facts: &'a catalog::Region,
}

/// All sites of the platform, by name. Regions that the catalogue does not know are left out: they are reported when
/// the platform is read.
pub fn sites<'a>(platform: &'a Platform, catalog: &'a Catalog) -> Vec<Ground<'a>> {
    let regions = platform
        .clouds
        .iter()
        .flat_map(|cloud| cloud.regions.iter().map(move |region| (cloud, region)));
    let in_clouds = regions.flat_map(|(cloud, region)| {
        let facts = catalog.region(cloud.provider, &region.name.value);
        let region = facts.map(|facts| CloudRegion { cloud, region, facts });
        region.map(in_region).unwrap_or_default()
    });
    let mut all: Vec<Ground<'a>> = in_clouds.chain(platform.clusters.iter().map(elsewhere)).collect();
    all.sort_by(|a, b| a.name.cmp(&b.name));
    all
}

fn in_region(at: CloudRegion<'_>) -> Vec<Ground<'_>> {
    let CloudRegion { cloud, region, facts } = at;
    let named = |cluster: Option<&'_ Cluster>| {
        let region_name = format!("{}.{}", cloud.provider, region.name.value);
        match cluster {
            Some(cluster) if region.clusters.len() > 1 => format!("{region_name}.{}", cluster.name.value),
            Some(_) | None => region_name,
        }
    };
    let jurisdiction = region.jurisdiction.as_ref().map(|place| place.value);
    let ground = |cluster| Ground {
        name: named(cluster),
        cluster_name: cluster.map_or_else(
            || format!("{}-{}", cloud.provider, region.name.value),
            |cluster: &Cluster| cluster.name.value.clone(),
        ),
        region: Some(at),
        cluster,
        jurisdiction: Some(jurisdiction.unwrap_or(Place::Country(facts.country))),
        coordinates: Some(facts.coordinates),
    };
    if region.clusters.is_empty() {
        vec![ground(None)]
    } else {
        region
            .clusters
            .iter()
            .map(|cluster| ground(Some(cluster)))
            .collect()
    }
}

fn elsewhere(cluster: &Cluster) -> Ground<'_> {
    let jurisdiction = cluster.jurisdiction.as_ref().map(|place| place.value);
    let country = match jurisdiction {
        Some(Place::Country(country)) => Some(country),
        Some(Place::Eu | Place::Eea | Place::World) | None => None,
    };
    Ground {
        name: cluster.name.value.clone(),
        cluster_name: cluster.name.value.clone(),
        region: None,
        cluster: Some(cluster),
        jurisdiction,
        coordinates: country.map(catalog::Country::coordinates),
    }
}

impl Ground<'_> {
    /// Code of the country or bloc whose law applies.
    pub fn country(&self) -> &'static str {
        self.jurisdiction.map_or("", Place::code)
    }

    /// The cloud, unless outside any.
    pub fn provider(&self) -> Option<Provider> {
        self.region.map(|at| at.cloud.provider)
    }

    /// True if all of this site's jurisdiction lies in one of `places`.
    pub fn lies_in(&self, places: &[Place]) -> bool {
        self.jurisdiction.is_some_and(|own| match own {
            Place::Country(country) => places.iter().any(|place| place.contains(country.code())),
            Place::Eu | Place::Eea | Place::World => own
                .countries()
                .all(|country| places.iter().any(|place| place.contains(country.code()))),
        })
    }

    /// True if `site` is this one or has it inside; a node group counts as its cluster.
    pub fn is_in(&self, site: &SiteRef) -> bool {
        let region = |provider: &Provider, name: &str| {
            self.region
                .is_some_and(|at| at.cloud.provider == *provider && at.region.name.value == name)
        };
        match site {
            SiteRef::Cloud(provider) => self.provider() == Some(*provider),
            SiteRef::Region(provider, name) => region(provider, name),
            SiteRef::Cluster {
                region: Some((provider, name)),
                cluster,
            } => region(provider, name) && self.cluster_name == *cluster,
            SiteRef::Cluster {
                region: None,
                cluster,
            }
            | SiteRef::Nodes { cluster, .. } => self.cluster_name == *cluster,
        }
    }

    /// True if `area` has this site, and of a node group the group called `nodes`, inside.
    pub fn is_within(&self, area: &Area, nodes: Option<&str>) -> bool {
        match area {
            Area::Site(site @ SiteRef::Nodes { nodes: group, .. }) => {
                self.is_in(site) && nodes == Some(group)
            }
            Area::Site(site) => self.is_in(site),
            Area::Place(place) => self.lies_in(&[*place]),
        }
    }

    /// What it costs per month to use it at all: control plane and NAT gateway, unless they exist already.
    fn standing(&self, catalog: &Catalog) -> MicroUsd {
        let Some(at) = self.region else {
            return MicroUsd::ZERO;
        };
        let monthly = |item| {
            let price = catalog.price_of(at.cloud.provider, &at.region.name.value, item);
            price.map_or(MicroUsd::ZERO, |price| per_month(price, 1.0))
        };
        let adopted = self.cluster.is_some_and(|cluster| cluster.existing.is_some());
        if adopted {
            MicroUsd::ZERO
        } else if at.region.adopted.network.is_some() {
            monthly(Item::KubernetesControlPlane)
        } else {
            monthly(Item::KubernetesControlPlane) + monthly(Item::NatGateway)
        }
    }
}

/// The price of `amount` (10⁹ bytes, or pieces) for a month; things that are paid by use only cost nothing to keep.
pub fn per_month(price: &ItemPrice, amount: f64) -> MicroUsd {
    let factor = match price.unit {
        Unit::Hour | Unit::GbHour => MONTH.in_hours(),
        Unit::Day => MONTH.in_hours() / 24.0,
        Unit::Month | Unit::GbMonth => 1.0,
        Unit::Mib | Unit::Gb | Unit::Tb | Unit::Tib | Unit::TenThousand | Unit::Million | Unit::Factor => 0.0,
    };
    price.price.times(factor * amount)
}

/// What the solver has to know of each site; `hub` is used whatever happens.
pub fn terms(sites: &[Ground<'_>], hub: Option<usize>, catalog: &Catalog) -> Vec<SiteTerms> {
    let cloud = |at: usize, site: &Ground<'_>| {
        let same = |other: &Ground<'_>| other.provider().is_some() && other.provider() == site.provider();
        sites.iter().position(same).unwrap_or(at)
    };
    let terms = sites.iter().enumerate().map(|(at, site)| SiteTerms {
        standing: site.standing(catalog).in_usd(),
        cloud: cloud(at, site),
        used: hub == Some(at),
    });
    terms.collect()
}

/// Price and time of moving data between all sites. Transfer is priced at the tariff's dearest tier: linear in the
/// volume, never too low.
pub fn lanes(platform: &Platform, sites: &[Ground<'_>], catalog: &Catalog) -> Vec<Vec<Lane>> {
    let row = |from: &Ground<'_>| {
        sites
            .iter()
            .map(|to| lane(&platform.links, from, to, catalog))
            .collect()
    };
    sites.iter().map(row).collect()
}

fn lane(links: &[Link], from: &Ground<'_>, to: &Ground<'_>, catalog: &Catalog) -> Lane {
    if from.name == to.name {
        return Lane::default();
    }
    let joins = |link: &&Link| {
        let (a, b) = (&link.ends.0.value, &link.ends.1.value);
        (from.is_in(a) && to.is_in(b)) || (from.is_in(b) && to.is_in(a))
    };
    let link = links.iter().find(joins);
    let known = from.region.map(|at| {
        let destination = to
            .region
            .map_or(Destination::Internet, |to| Destination::Region(to.facts));
        let price = catalog.tariff(at.facts, destination).dearest();
        (price, catalog.bandwidth(at.facts, destination))
    });
    let (price, bandwidth) = known.unwrap_or((MicroUsd::ZERO, UPLINK));
    let price = link.and_then(|link| link.price).unwrap_or(price);
    let bandwidth = link.and_then(|link| link.bandwidth).unwrap_or(bandwidth);
    Lane {
        usd: price.in_usd(),
        hours: 1e9 / bandwidth.0.max(1.0) / 3600.0,
    }
}
