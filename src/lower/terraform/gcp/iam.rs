//! Accounts of pods, and their rights.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use super::condition::{condition, quoted};
use super::stores;
use crate::graph::Store;
use crate::lower::names::{self, Service};
use crate::lower::terraform::access::{self, Rights};
use crate::lower::terraform::address::Address;
use crate::lower::terraform::stack::Stack;
use crate::render::hcl::{self, Expression};

/// IAM conditions take twelve logical operators; each path costs one, and so does the exception for listings.
const PATHS: usize = 10;

/// The Google service account that one Kubernetes service account acts as, and all that it may do.
#[derive(Serialize)]
pub struct Principal {
    address: String,
    account: String,
    summary: String,
    subject: Expression,
    objects: Vec<Grant>,
    datasets: Vec<Dataset>,
    projects: Vec<Project>,
    databases: Vec<DatabaseUser>,
}

/// A user of a database, who signs in as a Google service account.
#[derive(Serialize)]
struct DatabaseUser {
    address: String,
    instance: String,
}

/// Objects of a bucket.
#[derive(Serialize)]
struct Grant {
    address: String,
    bucket: Expression,
    role: &'static str,
    member: Expression,
    title: &'static str,
    /// Alternatives.
    expression: Expression,
}

/// Tables of a dataset.
#[derive(Serialize)]
struct Dataset {
    address: String,
    dataset: String,
    role: &'static str,
    member: Expression,
}

/// A right in the project, to one resource if that is said.
#[derive(Serialize)]
struct Project {
    address: String,
    role: &'static str,
    member: Expression,
    title: &'static str,
    resource: Option<Expression>,
}

/// A cluster outside this cloud that is trusted.
#[derive(Serialize)]
pub struct Issuer {
    address: String,
    cluster: String,
    variable: String,
    provider: String,
    condition: Expression,
}

/// Objects that its pods may use.
#[derive(Serialize)]
pub struct VisitorGrant {
    #[serde(flatten)]
    grant: Grant,
    summary: String,
    variable: String,
    issuer: String,
}

/// The rights of everybody who works at the site.
pub fn workloads(stack: &Stack<'_>) -> Vec<Principal> {
    let all = access::workloads(stack).into_iter();
    all.map(|((namespace, account), workload)| {
        let base = format!("{namespace}-{account}");
        let address = names::name(Service::TerraformAddress, &[&base]);
        let member = Expression::reference(&format!("google_service_account.{address}.member"));
        Principal {
            account: stack.identity(Service::GoogleServiceAccount, &namespace, &account),
            summary: workload.summary(),
            subject: Expression::text("serviceAccount:")
                .and("local.project", &format!(".svc.id.goog[{namespace}/{account}]")),
            address,
            objects: grants(stack, &base, &member, &workload.rights),
            datasets: datasets(stack, &base, &member, &workload.rights),
            projects: projects(stack, &base, &member, &workload.rights),
            databases: databases(stack, &base, &workload.rights),
        }
    })
    .collect()
}

/// Clusters that are trusted, and what their pods may do.
pub fn visitors(stack: &Stack<'_>) -> (Vec<Issuer>, Vec<VisitorGrant>) {
    let mut subjects: BTreeMap<&str, BTreeSet<String>> = BTreeMap::new();
    let mut granted = Vec::new();
    for ((site, pipeline), visitor) in access::visitors(stack) {
        let cluster = stack.input.plan[site].cluster.as_str();
        let pipeline = &stack.graph()[pipeline].name.value;
        let address = names::name(Service::TerraformAddress, &[cluster]);
        for subject in &visitor.subjects {
            let account = subject.rsplit(':').next().unwrap_or_default();
            let base = format!("{pipeline}-{account}-for-{cluster}");
            let summary = hcl::comment(&format!("Pods of {pipeline} in cluster {cluster}"));
            let member = Expression::text("principal://iam.googleapis.com/").and(
                "google_iam_workload_identity_pool.main.name",
                &format!("/subject/{}:{subject}", provider(cluster)),
            );
            let grants = grants(stack, &base, &member, &visitor.rights);
            granted.extend(grants.into_iter().map(|grant| VisitorGrant {
                grant,
                summary: summary.clone(),
                variable: format!("issuer_{address}"),
                issuer: address.clone(),
            }));
        }
        subjects.entry(cluster).or_default().extend(visitor.subjects);
    }
    let issuers = subjects
        .into_iter()
        .map(|(cluster, subjects)| issuer(cluster, &subjects));
    (issuers.collect(), granted)
}

fn provider(cluster: &str) -> String {
    names::name(Service::IdentityPool, &[cluster])
}

fn issuer(cluster: &str, subjects: &BTreeSet<String>) -> Issuer {
    let address = names::name(Service::TerraformAddress, &[cluster]);
    let subjects: Vec<String> = subjects.iter().map(|subject| quoted(subject)).collect();
    Issuer {
        variable: format!("issuer_{address}"),
        address,
        cluster: hcl::comment(cluster),
        provider: provider(cluster),
        condition: Expression::text(&format!("assertion.sub in [{}]", subjects.join(", "))),
    }
}

fn grants(stack: &Stack<'_>, base: &str, member: &Expression, rights: &Rights) -> Vec<Grant> {
    let kinds = [
        ("read", "roles/storage.objectViewer", "reads", rights.only_read()),
        (
            "write",
            "roles/storage.objectUser",
            "writes",
            rights.writes.clone(),
        ),
    ];
    let mut made = Vec::new();
    for (verb, role, title, addresses) in kinds {
        let mut buckets: BTreeMap<String, Vec<Address>> = BTreeMap::new();
        for address in addresses.into_iter().filter(|it| it.provider == stack.provider) {
            buckets.entry(address.bucket.clone()).or_default().push(address);
        }
        for (name, addresses) in buckets {
            for (number, part) in addresses.chunks(PATHS).enumerate() {
                let number = if number == 0 {
                    String::new()
                } else {
                    (number + 1).to_string()
                };
                let own = bucket(stack, &name);
                let other = if own.is_some() { "" } else { name.as_str() };
                made.push(Grant {
                    address: names::name(Service::TerraformAddress, &[base, verb, other, &number]),
                    bucket: own.unwrap_or_else(|| Expression::text(&name)),
                    role,
                    member: member.clone(),
                    title,
                    expression: condition(&name, part),
                });
            }
        }
    }
    made
}

/// The site's own bucket by its reference, so that rights wait for it.
fn bucket(stack: &Stack<'_>, name: &str) -> Option<Expression> {
    let (own, _) = stack.bucket()?;
    (own.bucket == name).then(|| Expression::reference("local.bucket"))
}

fn datasets(stack: &Stack<'_>, base: &str, member: &Expression, rights: &Rights) -> Vec<Dataset> {
    let mut found: BTreeMap<String, bool> = BTreeMap::new();
    for (data, writes) in &rights.stores {
        if stack.graph()[*data].store == Store::Warehouse {
            *found.entry(stores::address(stack, *data).0).or_default() |= writes;
        }
    }
    let one = |(dataset, writes): (String, bool)| Dataset {
        address: names::name(Service::TerraformAddress, &[base, &dataset.replace('_', "-")]),
        dataset,
        role: if writes {
            "roles/bigquery.dataEditor"
        } else {
            "roles/bigquery.dataViewer"
        },
        member: member.clone(),
    };
    found.into_iter().map(one).collect()
}

fn projects(stack: &Stack<'_>, base: &str, member: &Expression, rights: &Rights) -> Vec<Project> {
    let mut found: BTreeMap<String, Project> = BTreeMap::new();
    for data in rights.stores.keys() {
        let (address, _) = stores::address(stack, *data);
        let (thing, role, resource) = match stack.graph()[*data].store {
            Store::Warehouse => ("jobs", "roles/bigquery.jobUser", None),
            Store::Cache => (
                "cache",
                "roles/memorystore.dbConnectionUser",
                Some(format!("google_memorystore_instance.{address}.name")),
            ),
            Store::Sql => (
                "database",
                "roles/cloudsql.instanceUser",
                Some(format!("google_sql_database_instance.{address}.name")),
            ),
            Store::Nosql => (
                "documents",
                "roles/datastore.user",
                Some(format!("google_firestore_database.{address}.id")),
            ),
            Store::Bucket | Store::Vector | Store::Stream | Store::Disk => continue,
        };
        let thing = if resource.is_some() {
            format!("{thing}-{}", address.replace('_', "-"))
        } else {
            thing.to_owned()
        };
        let before = match stack.graph()[*data].store {
            Store::Sql => "resource.name == \\\"projects/${local.project}/instances/",
            _ => "resource.name == \\\"",
        };
        let address = names::name(Service::TerraformAddress, &[base, &thing]);
        let resource = resource.map(|it| Expression::reference(&format!("\"{before}${{{it}}}\\\"\"")));
        found.insert(
            address.clone(),
            Project {
                address,
                role,
                member: member.clone(),
                title: "one resource",
                resource,
            },
        );
    }
    found.into_values().collect()
}

fn databases(stack: &Stack<'_>, base: &str, rights: &Rights) -> Vec<DatabaseUser> {
    let kept = rights
        .stores
        .keys()
        .filter(|data| stack.graph()[**data].store == Store::Sql);
    let instances: BTreeSet<String> = kept.map(|data| stores::address(stack, *data).0).collect();
    let user = |instance: String| DatabaseUser {
        address: names::name(Service::TerraformAddress, &[base, &instance.replace('_', "-")]),
        instance,
    };
    instances.into_iter().map(user).collect()
}
