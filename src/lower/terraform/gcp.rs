//! A root for Google Cloud: network, key, GKE cluster and node pools, bucket, registry, data stores, rights of pods.

mod condition;
mod iam;
mod pools;
mod stores;

use std::collections::BTreeMap;

use serde::Serialize;

use super::stack::Stack;
use super::store::{self, Expiry};
use super::waiver::{self, Waiver};
use super::{File, own, pool};
use crate::catalog::Provider;
use crate::graph::Store;
use crate::lower::names::{self, Service};
use crate::render::hcl::Expression;

/// The files of a root, in the order in which a reader meets them.
const FILES: [&str; 13] = [
    "versions.tf",
    "providers.tf",
    "variables.tf",
    "locals.tf",
    "network.tf",
    "cluster.tf",
    "pools.tf",
    "data.tf",
    "vector.tf",
    "stream.tf",
    "disk.tf",
    "iam.tf",
    "outputs.tf",
];

/// The files of the root.
pub fn files(stack: &Stack<'_>) -> Vec<File> {
    let root = Root::of(stack);
    FILES
        .iter()
        .map(|name| File::of(stack, name, &format!("terraform/gcp/{name}.hbs"), &root))
        .collect()
}

/// What the templates know.
#[derive(Serialize)]
struct Root {
    name: String,
    region: String,
    project: Option<String>,
    labels: Expression,
    cidr: String,
    cluster_name: String,
    creates_cluster: bool,
    creates_network: bool,
    creates_key: bool,
    creates_bucket: bool,
    makes_nodes: bool,
    has_gpus: bool,
    existing_cluster: Option<String>,
    node_account: String,
    /// Regions of buckets are written in capitals.
    location: String,
    bucket: Option<String>,
    bucket_uri: String,
    repository: Option<String>,
    locals: Locals,
    agents: Vec<stores::Agent>,
    flags: Vec<stores::Flag>,
    waivers: BTreeMap<&'static str, Vec<Waiver>>,
    pools: Vec<pools::NodePool>,
    expiries: Vec<Expiry>,
    stores: stores::Stores,
    own: own::Own,
    /// True if stores have addresses in a range of the network's own.
    peered: bool,
    /// The cluster's folder.
    cluster: String,
    workloads: Vec<iam::Principal>,
    pool: String,
    audience: &'static str,
    issuers: Vec<iam::Issuer>,
    visitors: Vec<iam::VisitorGrant>,
}

/// Made or adopted, by one name.
#[derive(Serialize)]
struct Locals {
    network: Expression,
    subnetwork: Expression,
    key: Expression,
    bucket: Expression,
    cluster_name: Expression,
}

impl Root {
    fn of(stack: &Stack<'_>) -> Root {
        let nodes = pool::pools(stack);
        let bucket = stack.bucket();
        let creates_cluster = stack.existing_cluster().is_none();
        let stores = stores::Stores::of(stack);
        let own = own::Own::of(stack);
        let (issuers, visitors) = iam::visitors(stack);
        Root {
            name: stack.name(Service::Gke, ""),
            region: stack.region.to_owned(),
            project: stack.cloud.identity.get("project").cloned(),
            labels: labels(&stack.tags()),
            cidr: stack.cidr(),
            cluster_name: stack.name(Service::Gke, ""),
            creates_cluster,
            creates_network: stack.creates_network(),
            creates_key: stack.existing_key().is_none(),
            creates_bucket: bucket.as_ref().is_some_and(|(_, made)| *made),
            makes_nodes: creates_cluster || !nodes.is_empty(),
            has_gpus: nodes.iter().any(|nodes| nodes.pool.accelerator.is_some()),
            existing_cluster: stack.existing_cluster().map(str::to_owned),
            node_account: stack.name(Service::GoogleServiceAccount, "node"),
            location: stack.region.to_uppercase(),
            bucket: bucket.map(|(address, _)| address.bucket),
            bucket_uri: stack.bucket_root(),
            repository: (!stack.built_here().is_empty()).then(|| stack.platform.prefix.clone()),
            locals: Locals::of(stack),
            agents: stores::agents(&stores, &own, !stack.built_here().is_empty()),
            flags: stores::FLAGS.to_vec(),
            waivers: waiver::waivers(stack),
            pools: nodes
                .into_iter()
                .map(|nodes| pools::NodePool::of(stack, nodes))
                .collect(),
            expiries: store::expiries(stack),
            peered: stores.has_databases() || own.has(Store::Vector) || own.has(Store::Disk),
            cluster: crate::render::hcl::comment(&stack.site.cluster),
            own,
            stores,
            workloads: iam::workloads(stack),
            pool: stack.name(Service::IdentityPool, ""),
            audience: names::token_audience(Provider::Gcp),
            issuers,
            visitors,
        }
    }
}

impl Locals {
    fn of(stack: &Stack<'_>) -> Locals {
        let existing = stack.existing_cluster().is_some();
        let made = |adopted: Option<&str>, of_cluster: &str, made: &str| match adopted {
            Some(text) => Expression::text(text),
            None if existing && !of_cluster.is_empty() => {
                Expression::reference(&format!("data.google_container_cluster.main.{of_cluster}"))
            }
            None => Expression::reference(made),
        };
        let bucket = stack
            .bucket()
            .filter(|(_, made)| !made)
            .map(|(address, _)| address.bucket);
        Locals {
            network: made(
                stack.existing_network(),
                "network",
                "google_compute_network.main.id",
            ),
            subnetwork: made(
                stack.existing_subnets().first().copied(),
                "subnetwork",
                "google_compute_subnetwork.main.id",
            ),
            key: made(stack.existing_key(), "", "google_kms_crypto_key.main.id"),
            bucket: made(bucket.as_deref(), "", "google_storage_bucket.main.name"),
            cluster_name: made(None, "name", "google_container_cluster.main.name"),
        }
    }
}

/// Tags in the alphabet of labels.
pub(super) fn labels(tags: &BTreeMap<String, String>) -> Expression {
    let label = |(key, value): (&String, &String)| (names::google_label(key), names::google_label(value));
    Expression::map(&tags.iter().map(label).collect())
}
