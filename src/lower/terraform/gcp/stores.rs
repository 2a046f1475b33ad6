//! Data stores of Google Cloud.

use serde::Serialize;

use super::labels;
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
    warehouses: Vec<Warehouse>,
    caches: Vec<Cache>,
    databases: Vec<Database>,
    documents: Vec<Documents>,
}

/// BigQuery.
#[derive(Serialize)]
struct Warehouse {
    address: String,
    name: String,
    description: String,
    summary: String,
    labels: Expression,
}

/// Memorystore for Valkey.
#[derive(Serialize)]
struct Cache {
    address: String,
    name: String,
    summary: String,
    node: &'static str,
    shards: u64,
    labels: Expression,
}

/// Cloud SQL for PostgreSQL.
#[derive(Serialize)]
struct Database {
    address: String,
    name: String,
    summary: String,
    /// GB.
    storage: u64,
    labels: Expression,
}

/// Firestore.
#[derive(Serialize)]
struct Documents {
    address: String,
    name: String,
}

/// A service's own account, which encrypts on our behalf.
#[derive(Serialize)]
pub struct Agent {
    name: &'static str,
    member: Expression,
}

/// A setting of PostgreSQL.
#[derive(Clone, Serialize)]
pub struct Flag {
    name: &'static str,
    value: &'static str,
}

/// What is logged: connections, locks, slow statements and changes of the schema.
pub const FLAGS: [Flag; 10] = [
    Flag {
        name: "cloudsql.enable_pgaudit",
        value: "on",
    },
    Flag {
        name: "log_checkpoints",
        value: "on",
    },
    Flag {
        name: "log_connections",
        value: "on",
    },
    Flag {
        name: "log_disconnections",
        value: "on",
    },
    Flag {
        name: "log_duration",
        value: "on",
    },
    Flag {
        name: "log_hostname",
        value: "on",
    },
    Flag {
        name: "log_lock_waits",
        value: "on",
    },
    Flag {
        name: "log_min_error_statement",
        value: "error",
    },
    Flag {
        name: "log_min_messages",
        value: "error",
    },
    Flag {
        name: "log_statement",
        value: "ddl",
    },
];

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

    /// True if there is a database.
    pub fn has_databases(&self) -> bool {
        !self.databases.is_empty()
    }
}

/// Terraform address and name of the store that holds `data`.
pub fn address(stack: &Stack<'_>, data: DataId) -> (String, String) {
    let set = &stack.graph()[data];
    let pipeline = stack.graph()[set.pipeline].name.value.as_str();
    let (service, thing) = match set.store {
        Store::Warehouse => (Service::BigQuery, ""),
        Store::Sql => (Service::SqlInstance, ""),
        Store::Cache | Store::Bucket | Store::Nosql | Store::Vector | Store::Stream | Store::Disk => {
            (Service::Cache, set.name.value.as_str())
        }
    };
    (
        names::name(Service::TerraformAddress, &[pipeline, thing]),
        stack.name_of(service, pipeline, thing),
    )
}

fn warehouse(stack: &Stack<'_>, pipeline: &str, kept: &[Kept<'_>]) -> Warehouse {
    Warehouse {
        address: names::name(Service::TerraformAddress, &[pipeline]),
        // Datasets are named in the whole project: the site's name keeps two regions apart.
        name: dataset(stack, pipeline),
        description: hcl::comment(&format!("Tables of pipeline {pipeline}")),
        summary: hcl::comment(&store::summary(kept)),
        labels: labels(&stack.tags_of(pipeline)),
    }
}

/// Name of the dataset of a pipeline.
fn dataset(stack: &Stack<'_>, pipeline: &str) -> String {
    names::name(
        Service::BigQuery,
        &[&stack.platform.prefix, pipeline, stack.region],
    )
}

/// Memory of one shard in GB (Memorystore for Valkey documentation, "Node types").
const CACHE_NODES: [(&str, f64); 3] = [
    ("STANDARD_SMALL", 5.2),
    ("HIGHMEM_MEDIUM", 10.4),
    ("HIGHMEM_XLARGE", 46.4),
];

fn cache(stack: &Stack<'_>, kept: &Kept<'_>) -> Cache {
    let (address, name) = address(stack, kept.id);
    let needed = kept.size.in_gb();
    let fits = CACHE_NODES.iter().find(|(_, memory)| *memory >= needed);
    let (node, memory) = fits.copied().unwrap_or(("HIGHMEM_XLARGE", 46.4));
    Cache {
        address,
        name,
        summary: hcl::comment(&store::summary(std::slice::from_ref(kept))),
        node,
        shards: (needed / memory).ceil().max(1.0) as u64,
        labels: labels(&stack.tags_of(kept.pipeline)),
    }
}

fn database(stack: &Stack<'_>, pipeline: &str, kept: &[Kept<'_>]) -> Database {
    let total: Bytes = kept.iter().map(|kept| kept.size).sum();
    Database {
        address: names::name(Service::TerraformAddress, &[pipeline]),
        name: stack.name_of(Service::SqlInstance, pipeline, ""),
        summary: hcl::comment(&store::summary(kept)),
        // Indexes and vacuum take about as much again.
        storage: ((total.in_gb() * 2.0 / 10.0).ceil() as u64 * 10).max(20),
        labels: labels(&stack.tags_of(pipeline)),
    }
}

fn documents(stack: &Stack<'_>, kept: &Kept<'_>) -> Documents {
    let (address, name) = address(stack, kept.id);
    Documents { address, name }
}

/// The agents of all services that encrypt with the site's key.
pub fn agents(stores: &Stores, own: &Own, registry: bool) -> Vec<Agent> {
    let service = |name, domain: &str| Agent {
        name,
        member: Expression::text("serviceAccount:service-")
            .and("local.number", &format!("@{domain}.iam.gserviceaccount.com")),
    };
    let bigquery = Agent {
        name: "bigquery",
        member: Expression::text("serviceAccount:bq-")
            .and("local.number", "@bigquery-encryption.iam.gserviceaccount.com"),
    };
    let storage = Agent {
        name: "storage",
        member: Expression::reference("data.google_storage_project_service_account.agent.member"),
    };
    let all = [
        (Some(service("artifacts", "gcp-sa-artifactregistry")), registry),
        (Some(bigquery), !stores.warehouses.is_empty()),
        (
            Some(service("cache", "gcp-sa-memorystore")),
            !stores.caches.is_empty(),
        ),
        (Some(service("compute", "compute-system")), true),
        (Some(service("container", "container-engine-robot")), true),
        (
            Some(service("database", "gcp-sa-cloud-sql")),
            !stores.databases.is_empty(),
        ),
        (
            Some(service("documents", "gcp-sa-firestore")),
            !stores.documents.is_empty(),
        ),
        (Some(service("files", "cloud-filer")), own.has(Store::Disk)),
        (Some(storage), true),
        (Some(service("stream", "gcp-sa-pubsub")), own.has(Store::Stream)),
        (
            Some(service("vectors", "gcp-sa-aiplatform")),
            own.has(Store::Vector),
        ),
    ];
    all.into_iter()
        .filter_map(|(agent, used)| agent.filter(|_| used))
        .collect()
}
