//! Identities of pods, and the roles that say which blobs and stores they may use.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use super::stores;
use crate::graph::Store;
use crate::lower::names::{self, Service};
use crate::lower::terraform::access;
use crate::lower::terraform::address::Address;
use crate::lower::terraform::stack::Stack;
use crate::render::hcl::{self, Expression};

/// All identities of a site.
pub struct Rights {
    /// Of pods that run here.
    pub workloads: Vec<Identity>,
    /// Of clusters whose pods come here for data.
    pub issuers: Vec<Issuer>,
    /// What they may do.
    pub visitors: Vec<VisitorIdentity>,
    /// Storage accounts that are used and not made here.
    pub accounts: Vec<Account>,
}

/// A storage account that exists, or that another site makes.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Account {
    address: String,
    name: String,
}

/// The identity of one service account.
#[derive(Serialize)]
pub struct Identity {
    address: String,
    identity: String,
    summary: String,
    namespace: String,
    service_account: String,
    tags: Expression,
    objects: Vec<Blobs>,
    caches: Vec<StoreRight>,
    documents: Vec<StoreRight>,
    databases: Vec<StoreRight>,
}

/// A cluster outside this cloud that is trusted.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Issuer {
    cluster: String,
    variable: String,
}

/// The identity that its pods take.
#[derive(Serialize)]
pub struct VisitorIdentity {
    address: String,
    name: String,
    summary: String,
    variable: String,
    tags: Expression,
    subjects: Expression,
    objects: Vec<Blobs>,
}

/// Blobs of a container.
#[derive(Serialize)]
struct Blobs {
    address: String,
    identity: String,
    scope: Expression,
    role: &'static str,
    /// Which of the locals says what is restricted.
    actions: &'static str,
    /// To blobs at these paths.
    paths: Expression,
}

/// A right to a data store.
#[derive(Serialize)]
struct StoreRight {
    address: String,
    identity: String,
    store: String,
    role: &'static str,
}

impl Rights {
    /// Everybody's rights at the site.
    pub fn of(stack: &Stack<'_>) -> Rights {
        let workloads = access::workloads(stack);
        let visitors = access::visitors(stack);
        let all = workloads
            .values()
            .map(|it| &it.rights)
            .chain(visitors.values().map(|it| &it.rights));
        let mut accounts: BTreeSet<Account> = all
            .flat_map(|rights| rights.reads.iter().chain(&rights.writes))
            .filter(|it| it.provider == stack.provider && !is_own(stack, &it.account))
            .map(|it| account(&it.account))
            .collect();
        accounts.extend(
            stack
                .bucket()
                .filter(|(_, made)| !made)
                .map(|(it, _)| account(&it.account)),
        );
        let visitors: Vec<(Issuer, VisitorIdentity)> = visitors
            .into_iter()
            .map(|((site, pipeline), visitor)| {
                let pipeline = &stack.graph()[pipeline].name.value;
                visitor_identity(stack, &stack.input.plan[site].cluster, pipeline, &visitor)
            })
            .collect();
        let issuers: BTreeSet<Issuer> = visitors.iter().map(|(issuer, _)| issuer.clone()).collect();
        Rights {
            workloads: workloads
                .into_iter()
                .map(|(key, workload)| identity(stack, key, &workload))
                .collect(),
            issuers: issuers.into_iter().collect(),
            visitors: visitors.into_iter().map(|(_, identity)| identity).collect(),
            accounts: accounts.into_iter().collect(),
        }
    }
}

fn account(name: &str) -> Account {
    Account {
        address: names::name(Service::TerraformAddress, &[name]),
        name: name.to_owned(),
    }
}

/// The id of an account that is not made here.
pub fn account_id(name: &str) -> Expression {
    Expression::reference(&format!(
        "data.azurerm_resources.{}.resources[0].id",
        account(name).address
    ))
}

fn is_own(stack: &Stack<'_>, account: &str) -> bool {
    stack
        .bucket()
        .is_some_and(|(own, made)| made && own.account == account)
}

fn identity(
    stack: &Stack<'_>,
    (namespace, service_account): (String, String),
    workload: &access::Workload,
) -> Identity {
    let base = format!("{namespace}-{service_account}");
    let mut tags = stack.tags();
    tags.extend(workload.tags(stack));
    Identity {
        address: names::name(Service::TerraformAddress, &[&base]),
        identity: stack.identity(Service::AzureResource, &namespace, &service_account),
        summary: workload.summary(),
        objects: blobs(stack, &base, &workload.rights),
        caches: store_rights(stack, Store::Cache, &base, &workload.rights),
        documents: store_rights(stack, Store::Nosql, &base, &workload.rights),
        databases: store_rights(stack, Store::Sql, &base, &workload.rights),
        tags: Expression::map(&tags),
        namespace,
        service_account,
    }
}

fn visitor_identity(
    stack: &Stack<'_>,
    cluster: &str,
    pipeline: &str,
    visitor: &access::Visitor,
) -> (Issuer, VisitorIdentity) {
    let address = names::name(Service::TerraformAddress, &[cluster]);
    let issuer = Issuer {
        variable: format!("issuer_{address}"),
        cluster: hcl::comment(cluster),
    };
    let base = format!("{pipeline}-for-{cluster}");
    let (prefix, site) = (&stack.platform.prefix, &stack.site.cluster);
    let mut tags = stack.tags();
    tags.extend(stack.tags_of(pipeline));
    let identity = VisitorIdentity {
        address: names::name(Service::TerraformAddress, &[&base]),
        name: names::visitor(Service::AzureResource, prefix, site, pipeline, cluster),
        summary: hcl::comment(&format!("Pods of {pipeline} in cluster {cluster}")),
        variable: issuer.variable.clone(),
        tags: Expression::map(&tags),
        subjects: Expression::texts(&visitor.subjects),
        objects: blobs(stack, &base, &visitor.rights),
    };
    (issuer, identity)
}

fn blobs(stack: &Stack<'_>, base: &str, rights: &access::Rights) -> Vec<Blobs> {
    let kinds = [
        ("read", "Storage Blob Data Reader", rights.only_read()),
        ("write", "Storage Blob Data Contributor", rights.writes.clone()),
    ];
    let mut made = Vec::new();
    for (verb, role, addresses) in kinds {
        let mut containers: BTreeMap<(String, String), Vec<Address>> = BTreeMap::new();
        for address in addresses.into_iter().filter(|it| it.provider == stack.provider) {
            let container = (address.account.clone(), address.bucket.clone());
            containers.entry(container).or_default().push(address);
        }
        for ((account, container), addresses) in containers {
            let adopted = stack.bucket().is_some_and(|(own, _)| own.account == account);
            let (scope, other) = if adopted {
                (Expression::reference("local.account_id"), "")
            } else {
                (account_id(&account), account.as_str())
            };
            made.push(Blobs {
                address: names::name(Service::TerraformAddress, &[base, verb, other]),
                identity: names::name(Service::TerraformAddress, &[base]),
                scope: scope.below(&format!("/blobServices/default/containers/{container}")),
                role,
                actions: if verb == "read" { "reads" } else { "writes" },
                paths: paths(&addresses),
            });
        }
    }
    made
}

/// Patterns of the blobs' paths, as Azure's conditions write them: a quote is doubled.
fn paths(addresses: &[Address]) -> Expression {
    Expression::texts(addresses.iter().map(|address| {
        let below = if address.path.is_empty() {
            "*".to_owned()
        } else {
            format!("{}/*", address.path)
        };
        below.replace('\'', "''")
    }))
}

/// Cosmos DB's own roles.
const DOCUMENTS_READ: &str = "00000000-0000-0000-0000-000000000001";
const DOCUMENTS_WRITE: &str = "00000000-0000-0000-0000-000000000002";

fn store_rights(stack: &Stack<'_>, store: Store, base: &str, rights: &access::Rights) -> Vec<StoreRight> {
    let mut found: BTreeMap<String, bool> = BTreeMap::new();
    for (data, writes) in rights
        .stores
        .iter()
        .filter(|(data, _)| stack.graph()[**data].store == store)
    {
        *found.entry(stores::address(stack, *data)).or_default() |= writes;
    }
    let one = |(store, writes): (String, bool)| StoreRight {
        address: names::name(Service::TerraformAddress, &[base, &store.replace('_', "-")]),
        identity: names::name(Service::TerraformAddress, &[base]),
        role: if writes { DOCUMENTS_WRITE } else { DOCUMENTS_READ },
        store,
    };
    found.into_iter().map(one).collect()
}
