//! Data stores and image repositories of AWS.

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
    /// True if any of them has an address in the VPC.
    private: bool,
    /// Their ports.
    ports: Vec<Port>,
    warehouses: Vec<Warehouse>,
    caches: Vec<Cache>,
    databases: Vec<Database>,
    tables: Vec<Table>,
    /// Name of the databases' parameter group.
    parameters: String,
}

#[derive(Serialize)]
struct Port {
    name: &'static str,
    port: u16,
}

/// Redshift Serverless.
#[derive(Serialize)]
struct Warehouse {
    address: String,
    name: String,
    database: String,
    summary: String,
    /// Redshift Processing Units to begin with, and at most.
    base: u64,
    max: u64,
    tags: Expression,
}

/// ElastiCache for Valkey.
#[derive(Serialize)]
struct Cache {
    address: String,
    name: String,
    description: String,
    summary: String,
    node: &'static str,
    shards: u64,
    tags: Expression,
}

/// RDS for PostgreSQL.
#[derive(Serialize)]
struct Database {
    address: String,
    name: String,
    database: String,
    summary: String,
    /// GiB.
    storage: u64,
    storage_max: u64,
    tags: Expression,
}

/// DynamoDB.
#[derive(Serialize)]
struct Table {
    address: String,
    name: String,
    tags: Expression,
}

/// ECR: one repository for each image.
#[derive(Serialize)]
pub struct Repository {
    address: String,
    name: String,
    image: String,
    tags: Expression,
}

impl Stores {
    /// The stores of a site.
    pub fn of(stack: &Stack<'_>, own: &Own) -> Stores {
        let warehouses: Vec<Warehouse> = store::by_pipeline(store::kept(stack, Store::Warehouse))
            .into_iter()
            .map(|(pipeline, kept)| warehouse(stack, pipeline, &kept))
            .collect();
        let caches = each(stack, Store::Cache, cache);
        let databases: Vec<Database> = store::by_pipeline(store::kept(stack, Store::Sql))
            .into_iter()
            .map(|(pipeline, kept)| database(stack, pipeline, &kept))
            .collect();
        let ports = [
            ("cache", 6379, caches.is_empty()),
            ("database", 5432, databases.is_empty()),
            ("files", 2049, !own.has(Store::Disk)),
            ("stream", 9098, !own.has(Store::Stream)),
            ("vectors", 443, !own.has(Store::Vector)),
            ("warehouse", 5439, warehouses.is_empty()),
        ];
        let ports: Vec<Port> = ports
            .into_iter()
            .filter(|it| !it.2)
            .map(|(name, port, _)| Port { name, port })
            .collect();
        Stores {
            private: !ports.is_empty(),
            ports,
            warehouses,
            caches,
            databases,
            tables: each(stack, Store::Nosql, table),
            parameters: stack.name(Service::SqlInstance, "postgres17"),
        }
    }
}

fn each<T>(stack: &Stack<'_>, store: Store, make: fn(&Stack<'_>, &Kept<'_>) -> T) -> Vec<T> {
    store::kept(stack, store)
        .iter()
        .map(|kept| make(stack, kept))
        .collect()
}

/// Terraform address of the store that holds `data`.
pub fn address(stack: &Stack<'_>, data: DataId) -> String {
    let set = &stack.graph()[data];
    let pipeline = stack.graph()[set.pipeline].name.value.as_str();
    match set.store {
        Store::Warehouse | Store::Sql => names::name(Service::TerraformAddress, &[pipeline]),
        Store::Bucket | Store::Nosql | Store::Cache | Store::Vector | Store::Stream | Store::Disk => {
            names::name(Service::TerraformAddress, &[pipeline, &set.name.value])
        }
    }
}

fn warehouse(stack: &Stack<'_>, pipeline: &str, kept: &[Kept<'_>]) -> Warehouse {
    let total: Bytes = kept.iter().map(|kept| kept.size).sum();
    // The smallest size takes 128 GB of data (Amazon Redshift management guide, "Compute capacity").
    let base = if total.in_gb() <= 128.0 { 8 } else { 32 };
    Warehouse {
        address: names::name(Service::TerraformAddress, &[pipeline]),
        name: stack.name_of(Service::Warehouse, pipeline, ""),
        database: names::name(Service::BigQuery, &[pipeline]),
        summary: hcl::comment(&store::summary(kept)),
        base,
        max: base * 4,
        tags: Expression::map(&stack.tags_of(pipeline)),
    }
}

/// Memory of one node in GiB (AWS, "Supported node types", memory-optimised Graviton).
const CACHE_NODES: [(&str, f64); 6] = [
    ("cache.r7g.large", 13.07),
    ("cache.r7g.xlarge", 26.32),
    ("cache.r7g.2xlarge", 52.82),
    ("cache.r7g.4xlarge", 105.81),
    ("cache.r7g.8xlarge", 209.55),
    ("cache.r7g.16xlarge", 419.09),
];

fn cache(stack: &Stack<'_>, kept: &Kept<'_>) -> Cache {
    // A quarter of each node is reserved for snapshots and replication; shards hold at most an 4xlarge's part.
    let needed = kept.size.in_gib() / 0.75;
    let largest = 105.81;
    let shards = (needed / largest).ceil().max(1.0);
    let node = CACHE_NODES.iter().find(|(_, memory)| *memory >= needed / shards);
    Cache {
        address: address(stack, kept.id),
        name: stack.name_of(Service::Cache, kept.pipeline, &kept.data.name.value),
        description: hcl::comment(&format!("{} of {}", kept.data.name.value, kept.pipeline)),
        summary: hcl::comment(&store::summary(std::slice::from_ref(kept))),
        node: node.map_or("cache.r7g.4xlarge", |(name, _)| name),
        shards: shards as u64,
        tags: Expression::map(&stack.tags_of(kept.pipeline)),
    }
}

fn database(stack: &Stack<'_>, pipeline: &str, kept: &[Kept<'_>]) -> Database {
    let total: Bytes = kept.iter().map(|kept| kept.size).sum();
    // Indexes and vacuum take about as much again; gp3 begins at 20 GiB.
    let storage = ((total.in_gib() * 2.0 / 10.0).ceil() as u64 * 10).max(20);
    Database {
        address: names::name(Service::TerraformAddress, &[pipeline]),
        name: stack.name_of(Service::SqlInstance, pipeline, ""),
        database: names::name(Service::BigQuery, &[pipeline]),
        summary: hcl::comment(&store::summary(kept)),
        storage,
        storage_max: storage * 4,
        tags: Expression::map(&stack.tags_of(pipeline)),
    }
}

fn table(stack: &Stack<'_>, kept: &Kept<'_>) -> Table {
    Table {
        address: address(stack, kept.id),
        name: stack.name_of(Service::Kubernetes, kept.pipeline, &kept.data.name.value),
        tags: Expression::map(&stack.tags_of(kept.pipeline)),
    }
}

/// Repositories of the images that are built for steps.
pub fn repositories(stack: &Stack<'_>) -> Vec<Repository> {
    let graph = stack.graph();
    let built = stack.built_here().into_iter();
    built
        .map(|step| {
            let (pipeline, step) = (&graph.pipeline_of(step).name.value, &graph[step].name.value);
            let image = format!("{pipeline}-{step}");
            Repository {
                address: names::name(Service::TerraformAddress, &[pipeline, step]),
                name: format!("{}/{image}", stack.platform.prefix),
                image,
                tags: Expression::map(&stack.tags_of(pipeline)),
            }
        })
        .collect()
}
