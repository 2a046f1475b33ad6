//! Prices of what is not a machine: storage, network, managed services.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::basis::{AsOf, Basis, Evidence};
use super::machine::Machine;
use super::provider::Provider;
use super::table;
use super::unit::Unit;
use crate::quantity::MicroUsd;

const ITEMS: &str = include_str!("data/items.csv");
/// Region of a row that holds wherever there is no row of its own.
const EVERYWHERE: &str = "*";

/// What a cloud sells beside machines. Where clouds measure the same service differently, [`ItemPrice::unit`] tells.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Item {
    /// A managed Kubernetes control plane.
    KubernetesControlPlane,
    /// Object storage in daily use.
    ObjectStorageHot,
    /// Object storage read about once a month.
    ObjectStorageInfrequent,
    /// Object storage read about once a quarter.
    ObjectStorageCold,
    /// Object storage hardly ever read.
    ObjectStorageArchive,
    /// Reading requests to object storage.
    ObjectRead,
    /// Writing requests to object storage.
    ObjectWrite,
    /// Network disk on SSD, in the general-purpose class.
    BlockSsd,
    /// A file system shared by machines.
    SharedFileSystem,
    /// Container image storage.
    ContainerRegistry,
    /// A NAT gateway, per gateway.
    NatGateway,
    /// Data through a NAT gateway.
    NatProcessing,
    /// A private endpoint of a managed service.
    PrivateEndpoint,
    /// Data through a private endpoint.
    PrivateEndpointProcessing,
    /// A public IPv4 address.
    PublicIpv4,
    /// A load balancer.
    LoadBalancer,
    /// Data between zones of a region, both sides' charges together.
    CrossZoneTransfer,
    /// Warehouse storage.
    WarehouseStorage,
    /// Data scanned by serverless queries.
    WarehouseScan,
    /// Warehouse compute, in the cloud's own unit: RPU (AWS), CU (Azure), slot (Google). Convert by throughput.
    WarehouseCompute,
    /// A managed SQL server, per core.
    ManagedSqlCore,
    /// Storage of a managed SQL server.
    ManagedSqlStorage,
    /// In-memory cache.
    ManagedCache,
    /// NoSQL storage.
    NosqlStorage,
    /// NoSQL reads.
    NosqlRead,
    /// NoSQL writes.
    NosqlWrite,
    /// Vector search, in the cloud's smallest unit: OCU (AWS), S1 unit (Azure), node (Google).
    VectorSearch,
    /// Streaming at 1 MB/s.
    Stream,
    /// Logs taken in.
    LogIngestion,
    /// An encryption key.
    KmsKey,
    /// Requests to encryption keys.
    KmsRequests,
    /// A secret; Azure charges per request only.
    Secret,
}

impl Item {
    /// All of them.
    pub const ALL: [Item; 32] = [
        Item::KubernetesControlPlane,
        Item::ObjectStorageHot,
        Item::ObjectStorageInfrequent,
        Item::ObjectStorageCold,
        Item::ObjectStorageArchive,
        Item::ObjectRead,
        Item::ObjectWrite,
        Item::BlockSsd,
        Item::SharedFileSystem,
        Item::ContainerRegistry,
        Item::NatGateway,
        Item::NatProcessing,
        Item::PrivateEndpoint,
        Item::PrivateEndpointProcessing,
        Item::PublicIpv4,
        Item::LoadBalancer,
        Item::CrossZoneTransfer,
        Item::WarehouseStorage,
        Item::WarehouseScan,
        Item::WarehouseCompute,
        Item::ManagedSqlCore,
        Item::ManagedSqlStorage,
        Item::ManagedCache,
        Item::NosqlStorage,
        Item::NosqlRead,
        Item::NosqlWrite,
        Item::VectorSearch,
        Item::Stream,
        Item::LogIngestion,
        Item::KmsKey,
        Item::KmsRequests,
        Item::Secret,
    ];

    /// The row of `items.csv` that holds its price at `provider`.
    fn row(self, provider: Provider) -> &'static str {
        match self {
            Item::KubernetesControlPlane => "kubernetes_control_plane",
            Item::ObjectStorageHot => "object_storage_hot",
            Item::ObjectStorageInfrequent => "object_storage_infrequent",
            Item::ObjectStorageCold => "object_storage_cold",
            Item::ObjectStorageArchive => "object_storage_deep_archive",
            Item::ObjectRead => "object_read_requests",
            Item::ObjectWrite => "object_write_requests",
            Item::BlockSsd => "block_ssd",
            Item::SharedFileSystem => "shared_file_system",
            Item::ContainerRegistry => "container_registry",
            Item::NatGateway => "nat_gateway",
            Item::NatProcessing => "nat_processing",
            Item::PrivateEndpoint => "private_endpoint",
            Item::PrivateEndpointProcessing => "private_endpoint_processing",
            Item::PublicIpv4 => "public_ipv4",
            Item::LoadBalancer => "load_balancer",
            Item::CrossZoneTransfer => "cross_zone_transfer",
            Item::WarehouseStorage => "warehouse_storage",
            Item::WarehouseScan => "warehouse_scan",
            Item::WarehouseCompute => warehouse(provider),
            Item::ManagedSqlCore => "managed_sql_vcpu",
            Item::ManagedSqlStorage => "managed_sql_storage",
            Item::ManagedCache => "managed_cache",
            Item::NosqlStorage => "nosql_storage",
            Item::NosqlRead => "nosql_read",
            Item::NosqlWrite => "nosql_write",
            Item::VectorSearch => vector_search(provider),
            Item::Stream => "stream_provisioned",
            Item::LogIngestion => "log_ingestion",
            Item::KmsKey => "kms_key",
            Item::KmsRequests => "kms_requests",
            Item::Secret => "secret",
        }
    }
}

fn warehouse(provider: Provider) -> &'static str {
    match provider {
        Provider::Aws => "warehouse_redshift_serverless",
        Provider::Azure => "warehouse_fabric",
        Provider::Gcp => "warehouse_slot_standard",
    }
}

fn vector_search(provider: Provider) -> &'static str {
    match provider {
        Provider::Aws => "vector_store_opensearch_serverless",
        Provider::Azure => "vector_store_ai_search_s1",
        Provider::Gcp => "vector_store_vertex_vector_search",
    }
}

/// The price of an item in a region.
#[derive(Clone, PartialEq, Debug, Serialize)]
pub struct ItemPrice {
    /// What it is per.
    pub unit: Unit,
    /// The unit in the cloud's own words: `RPU-hour`.
    pub unit_name: String,
    /// Per unit. Zero is meant where it stands (Azure charges nothing between zones).
    pub price: MicroUsd,
    /// How it is known, and of when.
    pub basis: Basis,
    /// Where it was read.
    pub source: String,
}

#[derive(Deserialize)]
struct Row {
    cloud: Provider,
    region: String,
    item: String,
    unit: String,
    price_usd: f64,
    basis: String,
    as_of: AsOf,
}

/// All prices: by cloud, row name, and region.
#[derive(Clone, Debug, Default)]
pub(super) struct Items(BTreeMap<Provider, BTreeMap<String, BTreeMap<String, ItemPrice>>>);

impl Items {
    /// The items that are compiled in.
    pub fn built_in() -> Items {
        let mut items = Items::default();
        for row in table::read::<Row>(ITEMS) {
            let unit = Unit::parse(&row.unit).unwrap_or_else(|| unreachable!("built-in unit {}", row.unit));
            let evidence = if row.basis.starts_with("list") {
                Evidence::List
            } else {
                Evidence::Estimate
            };
            let basis = Basis {
                evidence,
                as_of: Some(row.as_of),
            };
            let price = MicroUsd::usd(row.price_usd);
            let entry = ItemPrice {
                unit,
                unit_name: row.unit,
                price,
                basis,
                source: row.basis,
            };
            items
                .0
                .entry(row.cloud)
                .or_default()
                .entry(row.item)
                .or_default()
                .insert(row.region, entry);
        }
        items
    }

    /// The price of `item`, in `region` or else by default.
    pub fn price(&self, provider: Provider, region: &str, item: Item) -> Option<&ItemPrice> {
        self.named(provider, item.row(provider), region)
    }

    /// The price in the row called `name`, in `region` or else by default.
    pub fn named(&self, provider: Provider, name: &str, region: &str) -> Option<&ItemPrice> {
        let regions = self.0.get(&provider)?.get(name)?;
        regions.get(region).or_else(|| regions.get(EVERYWHERE))
    }

    /// The factor of the row that fits `machine` best; 1 where the service costs nothing extra.
    pub fn managed_training_factor(&self, machine: &Machine) -> f64 {
        let family = machine.name.split('.').next().unwrap_or(&machine.name);
        let row = match (machine.provider, &machine.accelerator) {
            (Provider::Aws, None) => "managed_training_premium_cpu",
            (Provider::Aws, Some(_)) if family.starts_with("p4") || family.starts_with("p5") => {
                "managed_training_premium_p4_p5"
            }
            (Provider::Aws, Some(_)) if machine.name.ends_with(".xlarge") => {
                "managed_training_premium_gpu_xlarge"
            }
            (Provider::Gcp, Some(_)) => "managed_training_premium_gpu",
            (Provider::Aws | Provider::Azure | Provider::Gcp, _) => "managed_training_premium",
        };
        self.default_price(machine.provider, row)
            .map_or(1.0, |factor| factor.price.in_usd())
    }

    /// The default price in the row called `name`.
    pub fn default_price(&self, provider: Provider, name: &str) -> Option<&ItemPrice> {
        self.named(provider, name, EVERYWHERE)
    }
}
