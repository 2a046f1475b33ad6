//! A root for Azure: network, vault, AKS cluster and node pools, storage account, registry, data stores, identities.

mod iam;
mod pools;
mod stores;

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use super::stack::Stack;
use super::store::{self, Expiry};
use super::waiver::{self, Waiver};
use super::{File, own, pool};
use crate::catalog::Provider;
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
        .map(|name| File::of(stack, name, &format!("terraform/azure/{name}.hbs"), &root))
        .collect()
}

/// What the templates know.
#[derive(Serialize)]
struct Root {
    name: String,
    region: String,
    /// The cluster's folder.
    cluster: String,
    subscription: Option<String>,
    tenant: Option<String>,
    tags: Expression,
    cidr: String,
    cluster_name: String,
    creates_cluster: bool,
    creates_network: bool,
    creates_key: bool,
    creates_account: bool,
    needs_subnet: bool,
    existing_cluster: Option<String>,
    outbound_type: &'static str,
    /// True if the region has several zones.
    zonal: bool,
    zone_list: Option<Expression>,
    vault: String,
    account: Option<String>,
    container: String,
    replication: &'static str,
    bucket_uri: String,
    registry: Option<String>,
    database_mode: &'static str,
    locals: Locals,
    zones: Expression,
    endpoints: Vec<stores::Endpoint>,
    foreign_accounts: Vec<iam::Account>,
    waivers: BTreeMap<&'static str, Vec<Waiver>>,
    pools: Vec<pools::NodePool>,
    expiries: Vec<Expiry>,
    stores: stores::Stores,
    own: own::Own,
    audience: &'static str,
    workloads: Vec<iam::Identity>,
    issuers: Vec<iam::Issuer>,
    visitors: Vec<iam::VisitorIdentity>,
}

/// Made or adopted, by one name.
#[derive(Serialize)]
struct Locals {
    subnet_id: Expression,
    key_id: Expression,
    account_id: Expression,
    cluster_id: Expression,
    oidc_issuer: Expression,
}

impl Root {
    fn of(stack: &Stack<'_>) -> Root {
        let identity = |key: &str| stack.cloud.identity.get(key).cloned();
        let bucket = stack.bucket();
        let creates_account = bucket.as_ref().is_some_and(|(_, made)| *made);
        let registry = (!stack.built_here().is_empty()).then(|| stack.name(Service::AzureRegistry, ""));
        let stores = stores::Stores::of(stack);
        let own = own::Own::of(stack);
        let creates_key = stack.existing_key().is_none();
        let endpoints = stores.endpoints(&own, creates_key, creates_account, registry.is_some());
        let zones: BTreeSet<&str> = endpoints.iter().map(stores::Endpoint::zone).collect();
        let rights = iam::Rights::of(stack);
        let zone_list = zone_list(stack);
        let zonal = zone_list.is_some();
        Root {
            name: stack.name(Service::AzureResource, ""),
            region: stack.region.to_owned(),
            cluster: crate::render::hcl::comment(&stack.site.cluster),
            subscription: identity("subscription"),
            tenant: identity("tenant"),
            tags: Expression::map(&stack.tags()),
            cidr: stack.cidr(),
            cluster_name: stack.name(Service::Eks, ""),
            creates_cluster: stack.existing_cluster().is_none(),
            creates_network: stack.creates_network(),
            creates_key,
            creates_account,
            needs_subnet: stack.existing_network().is_some() && stack.existing_subnets().is_empty(),
            existing_cluster: stack.existing_cluster().map(str::to_owned),
            outbound_type: if stack.creates_network() {
                "userAssignedNATGateway"
            } else {
                "loadBalancer"
            },
            zonal,
            zone_list,
            vault: stack.name(Service::KeyVault, ""),
            account: bucket.as_ref().map(|(address, _)| address.account.clone()),
            container: bucket.map(|(address, _)| address.bucket).unwrap_or_default(),
            replication: if zonal { "ZRS" } else { "LRS" },
            bucket_uri: stack.bucket_root(),
            registry,
            database_mode: if zonal { "ZoneRedundant" } else { "SameZone" },
            locals: Locals::of(stack),
            zones: Expression::texts(zones),
            endpoints,
            foreign_accounts: rights.accounts,
            waivers: waiver::waivers(stack),
            pools: pool::pools(stack).into_iter().map(pools::NodePool::of).collect(),
            expiries: store::expiries(stack),
            own,
            stores,
            audience: names::token_audience(Provider::Azure),
            workloads: rights.workloads,
            issuers: rights.issuers,
            visitors: rights.visitors,
        }
    }
}

impl Locals {
    fn of(stack: &Stack<'_>) -> Locals {
        let existing = stack.existing_cluster().is_some();
        let cluster = if existing {
            "data.azurerm_kubernetes_cluster.main"
        } else {
            "azurerm_kubernetes_cluster.main"
        };
        let subnet_id = match (stack.existing_subnets().first(), stack.existing_network()) {
            (Some(subnet), _) => Expression::text(subnet),
            (None, Some(_)) => Expression::reference("var.subnet_id"),
            (None, None) if existing => {
                Expression::reference(&format!("{cluster}.agent_pool_profile[0].vnet_subnet_id"))
            }
            (None, None) => Expression::reference("azurerm_subnet.nodes.id"),
        };
        let account_id = match stack.bucket() {
            Some((address, false)) => iam::account_id(&address.account),
            Some((_, true)) | None => Expression::reference("azurerm_storage_account.main.id"),
        };
        Locals {
            subnet_id,
            key_id: match stack.existing_key() {
                Some(key) => Expression::text(key),
                None => Expression::reference("azurerm_key_vault_key.main.id"),
            },
            account_id,
            cluster_id: Expression::reference(&format!("{cluster}.id")),
            oidc_issuer: Expression::reference(&format!("{cluster}.oidc_issuer_url")),
        }
    }
}

/// The zones of the region, which every subscription numbers for itself.
fn zone_list(stack: &Stack<'_>) -> Option<Expression> {
    let zones = stack.input.catalog.region(stack.provider, stack.region)?.zones?;
    (zones > 1).then(|| Expression::texts((1..=zones.min(3)).map(|zone| zone.to_string())))
}
