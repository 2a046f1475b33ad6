//! Data stores of Azure, and the private endpoints by which the site reaches its services.

use serde::Serialize;

use crate::graph::{DataId, Store};
use crate::lower::names::{self, Service};
use crate::lower::terraform::own::Own;
use crate::lower::terraform::stack::Stack;
use crate::lower::terraform::store::{self, Kept};
use crate::quantity::Bytes;
use crate::render::hcl::{self, Expression};

/// Stores of a site.
#[derive(Serialize)]
pub struct Stores {
    warehouses: Vec<Sized>,
    caches: Vec<Sized>,
    databases: Vec<Database>,
    documents: Vec<Documents>,
}

/// A Fabric capacity or a Managed Redis, which are bought by size.
#[derive(Serialize)]
struct Sized {
    address: String,
    name: String,
    summary: String,
    sku: String,
}

/// PostgreSQL flexible server.
#[derive(Serialize)]
struct Database {
    address: String,
    name: String,
    summary: String,
    /// MiB.
    storage: u64,
}

/// Cosmos DB.
#[derive(Serialize)]
struct Documents {
    address: String,
    name: String,
    database: String,
    key: Expression,
}

/// An address inside the network for one service.
#[derive(Serialize)]
pub struct Endpoint {
    address: String,
    name: String,
    target: Expression,
    subresource: &'static str,
    zone: &'static str,
}

impl Endpoint {
    fn of(name: &str, target: &str, subresource: &'static str, zone: &'static str) -> Endpoint {
        Endpoint {
            address: names::name(Service::TerraformAddress, &[name]),
            name: name.to_owned(),
            target: Expression::reference(target),
            subresource,
            zone,
        }
    }

    /// The private DNS zone of the service.
    pub fn zone(&self) -> &str {
        self.zone
    }
}

impl Stores {
    /// The stores of a site.
    pub fn of(stack: &Stack<'_>) -> Stores {
        let grouped = |store| store::by_pipeline(store::kept(stack, store));
        let each = |store| store::kept(stack, store);
        Stores {
            warehouses: grouped(Store::Warehouse)
                .into_iter()
                .map(|(it, kept)| warehouse(stack, it, &kept))
                .collect(),
            caches: each(Store::Cache).iter().map(|kept| cache(stack, kept)).collect(),
            databases: grouped(Store::Sql)
                .into_iter()
                .map(|(it, kept)| database(stack, it, &kept))
                .collect(),
            documents: each(Store::Nosql)
                .iter()
                .map(|kept| documents(stack, kept))
                .collect(),
        }
    }

    /// The endpoints of all that is made here.
    pub fn endpoints(&self, own: &Own, vault: bool, account: bool, registry: bool) -> Vec<Endpoint> {
        let account_id = "azurerm_storage_account.main.id";
        let shared = [
            (
                vault,
                Endpoint::of(
                    "vault",
                    "azurerm_key_vault.main.id",
                    "vault",
                    "privatelink.vaultcore.azure.net",
                ),
            ),
            (
                account,
                Endpoint::of("blob", account_id, "blob", "privatelink.blob.core.windows.net"),
            ),
            (
                account,
                Endpoint::of("dfs", account_id, "dfs", "privatelink.dfs.core.windows.net"),
            ),
            (
                registry,
                Endpoint::of(
                    "registry",
                    "azurerm_container_registry.main.id",
                    "registry",
                    "privatelink.azurecr.io",
                ),
            ),
        ];
        let mut made: Vec<Endpoint> = shared
            .into_iter()
            .filter(|(made, _)| *made)
            .map(|(_, it)| it)
            .collect();
        let kinds = [
            (
                "cache",
                "azurerm_managed_redis",
                "redisEnterprise",
                "privatelink.redis.azure.net",
                addresses(&self.caches),
            ),
            (
                "database",
                "azurerm_postgresql_flexible_server",
                "postgresqlServer",
                "privatelink.postgres.database.azure.com",
                self.databases.iter().map(|it| it.address.as_str()).collect(),
            ),
            (
                "documents",
                "azurerm_cosmosdb_account",
                "Sql",
                "privatelink.documents.azure.com",
                self.documents.iter().map(|it| it.address.as_str()).collect(),
            ),
            (
                "files",
                "azurerm_storage_account",
                "file",
                "privatelink.file.core.windows.net",
                own.addresses(Store::Disk),
            ),
            (
                "stream",
                "azurerm_eventhub_namespace",
                "namespace",
                "privatelink.servicebus.windows.net",
                own.addresses(Store::Stream),
            ),
            (
                "vectors",
                "azurerm_search_service",
                "searchService",
                "privatelink.search.windows.net",
                own.addresses(Store::Vector),
            ),
        ];
        for (kind, resource, subresource, zone, stores) in kinds {
            made.extend(stores.into_iter().map(|store| {
                let name = format!("{kind}-{}", store.replace('_', "-"));
                Endpoint::of(&name, &format!("{resource}.{store}.id"), subresource, zone)
            }));
        }
        made
    }
}

fn addresses(stores: &[Sized]) -> Vec<&str> {
    stores.iter().map(|it| it.address.as_str()).collect()
}

/// Terraform address of the store that holds `data`.
pub fn address(stack: &Stack<'_>, data: DataId) -> String {
    let set = &stack.graph()[data];
    let pipeline = stack.graph()[set.pipeline].name.value.as_str();
    let thing = match set.store {
        Store::Warehouse | Store::Sql => "",
        Store::Cache | Store::Bucket | Store::Nosql | Store::Vector | Store::Stream | Store::Disk => {
            set.name.value.as_str()
        }
    };
    names::name(Service::TerraformAddress, &[pipeline, thing])
}

fn warehouse(stack: &Stack<'_>, pipeline: &str, kept: &[Kept<'_>]) -> Sized {
    let total: Bytes = kept.iter().map(|kept| kept.size).sum();
    // One capacity unit for each 100 GB that is scanned together, from F2 on; a starting point, it can be resized.
    let units = ((total.in_gb() / 100.0).ceil() as u64)
        .next_power_of_two()
        .clamp(2, 64);
    Sized {
        address: names::name(Service::TerraformAddress, &[pipeline]),
        name: stack.name_of(Service::AzureRegistry, pipeline, ""),
        summary: hcl::comment(&store::summary(kept)),
        sku: format!("F{units}"),
    }
}

/// Sizes of Managed Redis in GB, which are part of its name (Azure documentation, "Balanced" tier).
const CACHE_SIZES: [u64; 13] = [0, 1, 3, 5, 10, 20, 50, 100, 150, 250, 350, 500, 700];

fn cache(stack: &Stack<'_>, kept: &Kept<'_>) -> Sized {
    // A fifth of the memory is kept back for the service itself.
    let needed = kept.size.in_gb() / 0.8;
    let size = CACHE_SIZES
        .iter()
        .find(|size| **size as f64 >= needed)
        .copied()
        .unwrap_or(1000);
    Sized {
        address: address(stack, kept.id),
        name: stack.name_of(Service::Cache, kept.pipeline, &kept.data.name.value),
        summary: hcl::comment(&store::summary(std::slice::from_ref(kept))),
        sku: format!("Balanced_B{size}"),
    }
}

/// Sizes of a server's disk in GiB (Azure documentation, "Storage options in Azure Database for PostgreSQL").
const DISK_SIZES: [u64; 10] = [32, 64, 128, 256, 512, 1024, 2048, 4096, 8192, 16384];

fn database(stack: &Stack<'_>, pipeline: &str, kept: &[Kept<'_>]) -> Database {
    let total: Bytes = kept.iter().map(|kept| kept.size).sum();
    // Indexes and vacuum take about as much again.
    let needed = total.in_gib() * 2.0;
    let size = DISK_SIZES
        .iter()
        .find(|size| **size as f64 >= needed)
        .copied()
        .unwrap_or(32768);
    Database {
        address: names::name(Service::TerraformAddress, &[pipeline]),
        name: stack.name_of(Service::SqlInstance, pipeline, ""),
        summary: hcl::comment(&store::summary(kept)),
        storage: size * 1024,
    }
}

fn documents(stack: &Stack<'_>, kept: &Kept<'_>) -> Documents {
    Documents {
        address: address(stack, kept.id),
        name: stack.name_of(Service::CosmosAccount, kept.pipeline, &kept.data.name.value),
        database: kept.data.name.value.clone(),
        // Cosmos wants the key without its version, and finds the newest by itself.
        key: match stack.existing_key() {
            Some(key) => Expression::text(key),
            None => Expression::reference("azurerm_key_vault_key.main.versionless_id"),
        },
    }
}
