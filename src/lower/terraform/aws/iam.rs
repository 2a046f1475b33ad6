//! Roles of pods, and the policies that say which objects and stores they may use.

use std::collections::BTreeSet;

use serde::Serialize;

use crate::graph::{DataId, Store};
use crate::lower::names::{self, Service};
use crate::lower::terraform::access::{self, Visitor, Workload};
use crate::lower::terraform::address::Address;
use crate::lower::terraform::stack::Stack;
use crate::render::hcl::{self, Expression};

/// All identities of a site.
pub struct Rights {
    /// Of pods that run here.
    pub workloads: Vec<Role>,
    /// Of clusters whose pods come here for data.
    pub issuers: Vec<Issuer>,
    /// What they may do.
    pub visitors: Vec<VisitorRole>,
    /// True if a bucket is used that is not made here.
    pub foreign_buckets: bool,
}

/// The role of one service account.
#[derive(Serialize)]
pub struct Role {
    address: String,
    summary: String,
    role: String,
    namespace: String,
    service_account: String,
    tags: Expression,
    statements: Vec<Statement>,
}

/// A cluster that is trusted.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Issuer {
    address: String,
    cluster: String,
    variable: String,
}

/// The role of another cluster's pods.
#[derive(Serialize)]
pub struct VisitorRole {
    address: String,
    name: String,
    summary: String,
    role: String,
    variable: String,
    issuer: String,
    subjects: Expression,
    statements: Vec<Statement>,
}

/// One statement of a policy.
#[derive(Serialize)]
struct Statement {
    sid: &'static str,
    actions: Expression,
    resources: Expression,
    condition: Option<Condition>,
}

#[derive(Serialize)]
struct Condition {
    operator: &'static str,
    key: &'static str,
    values: Expression,
}

impl Rights {
    /// Everybody's rights at the site.
    pub fn of(stack: &Stack<'_>) -> Rights {
        let workloads = access::workloads(stack);
        let visitors = access::visitors(stack);
        let all = workloads.values().map(|it| &it.rights).chain(visitors.values().map(|it| &it.rights));
        let addresses = all.flat_map(|rights| rights.reads.iter().chain(&rights.writes));
        let foreign_buckets = addresses.into_iter().any(|it| !is_own(stack, it) && sibling(stack, it).is_none());
        let visitors: Vec<_> = visitors
            .into_iter()
            .map(|((site, pipeline), visitor)| {
                let pipeline = &stack.graph()[pipeline].name.value;
                visitor_role(stack, &stack.input.plan[site].cluster, pipeline, &visitor)
            })
            .collect();
        let issuers: BTreeSet<Issuer> = visitors.iter().map(|(issuer, _)| issuer.clone()).collect();
        Rights {
            workloads: workloads.into_iter().map(|(account, workload)| role(stack, account, &workload)).collect(),
            issuers: issuers.into_iter().collect(),
            visitors: visitors.into_iter().map(|(_, role)| role).collect(),
            foreign_buckets,
        }
    }
}

fn role(stack: &Stack<'_>, (namespace, service_account): (String, String), workload: &Workload) -> Role {
    Role {
        address: names::name(Service::TerraformAddress, &[&namespace, &service_account]),
        summary: workload.summary(),
        role: stack.identity(Service::IamRole, &namespace, &service_account),
        namespace,
        service_account,
        tags: Expression::map(&workload.tags(stack)),
        statements: statements(stack, &workload.rights),
    }
}

fn visitor_role(stack: &Stack<'_>, cluster: &str, pipeline: &str, visitor: &Visitor) -> (Issuer, VisitorRole) {
    let address = names::name(Service::TerraformAddress, &[cluster]);
    let issuer = Issuer {
        variable: format!("issuer_{address}"),
        address: address.clone(),
        cluster: hcl::comment(cluster),
    };
    let name = names::visitor(Service::IamRole, &stack.platform.prefix, &stack.site.cluster, pipeline, cluster);
    let role = VisitorRole {
        address: names::name(Service::TerraformAddress, &[pipeline, "for", cluster]),
        summary: hcl::comment(&format!("Pods of {pipeline} in cluster {cluster}")),
        role: name.clone(),
        name,
        variable: issuer.variable.clone(),
        issuer: address,
        subjects: Expression::texts(&visitor.subjects),
        statements: statements(stack, &visitor.rights),
    };
    (issuer, role)
}

fn statements(stack: &Stack<'_>, rights: &access::Rights) -> Vec<Statement> {
    let ours = |addresses: &BTreeSet<Address>| -> Vec<Address> {
        addresses.iter().filter(|it| it.provider == stack.provider).cloned().collect()
    };
    let (reads, writes) = (ours(&rights.reads), ours(&rights.writes));
    let mut made = Vec::new();
    let objects = |addresses: &[Address]| Expression::list(addresses.iter().map(|it| objects(stack, it)));
    if !reads.is_empty() {
        made.push(statement("Read", &["s3:GetObject", "s3:GetObjectVersion"], objects(&reads)));
    }
    if !writes.is_empty() {
        let actions = ["s3:AbortMultipartUpload", "s3:DeleteObject", "s3:ListMultipartUploadParts", "s3:PutObject"];
        made.push(statement("Write", &actions, objects(&writes)));
    }
    let all: Vec<Address> = reads.iter().chain(&writes).cloned().collect();
    made.extend(list(stack, &all));
    made.extend(keys(stack, &all, !writes.is_empty()));
    for store in [Store::Warehouse, Store::Cache, Store::Sql, Store::Nosql] {
        made.extend(store_statement(stack, store, rights));
    }
    made
}

fn statement(sid: &'static str, actions: &[&str], resources: Expression) -> Statement {
    Statement { sid, actions: Expression::texts(actions), resources, condition: None }
}

fn is_own(stack: &Stack<'_>, address: &Address) -> bool {
    stack.bucket().is_some_and(|(bucket, made)| made && bucket.shares_bucket(address))
}

fn bucket_arn(stack: &Stack<'_>, address: &Address) -> (&'static str, String) {
    match stack.bucket() {
        Some((own, _)) if own.shares_bucket(address) => ("local.bucket_arn", String::new()),
        Some(_) | None => ("local.arn", format!(":s3:::{}", address.bucket)),
    }
}

fn objects(stack: &Stack<'_>, address: &Address) -> Expression {
    let (base, bucket) = bucket_arn(stack, address);
    let below = if address.path.is_empty() { "/*".to_owned() } else { format!("/{}/*", address.path) };
    Expression::suffixed(base, &(bucket + &below))
}

/// Names may be listed below the same paths only.
fn list(stack: &Stack<'_>, addresses: &[Address]) -> Option<Statement> {
    let buckets: BTreeSet<Expression> = addresses
        .iter()
        .map(|address| {
            let (base, bucket) = bucket_arn(stack, address);
            Expression::suffixed(base, &bucket)
        })
        .collect();
    let prefixes: BTreeSet<Expression> =
        addresses.iter().map(|address| Expression::text(&address.listing())).collect();
    (!buckets.is_empty()).then(|| Statement {
        condition: Some(Condition {
            operator: "StringLike",
            key: "s3:prefix",
            values: Expression::list(prefixes),
        }),
        ..statement("List", &["s3:ListBucket"], Expression::list(buckets))
    })
}

/// The keys of all buckets that are used: our own by its ARN, those of other sites of ours by their alias.
fn keys(stack: &Stack<'_>, addresses: &[Address], writes: bool) -> Vec<Statement> {
    let actions: &[&str] = if writes { &["kms:Decrypt", "kms:GenerateDataKey"] } else { &["kms:Decrypt"] };
    let mut made = Vec::new();
    if addresses.is_empty() {
        return made;
    }
    let foreign = addresses.iter().any(|it| !is_own(stack, it) && sibling(stack, it).is_none());
    let keys = if foreign { "concat([local.key_arn], var.data_key_arns)" } else { "local.key_arn" };
    made.push(statement("Key", actions, Expression::reference(keys)));
    let siblings = addresses.iter().filter_map(|address| sibling(stack, address));
    let siblings: BTreeSet<(String, String)> = siblings.collect();
    if !siblings.is_empty() {
        let arns = siblings.iter().map(|(region, _)| {
            Expression::suffixed("local.arn", &format!(":kms:{region}:*:key/*"))
        });
        let aliases = siblings.iter().map(|(_, name)| format!("alias/{name}"));
        made.push(Statement {
            condition: Some(Condition {
                operator: "\"ForAnyValue:StringEquals\"",
                key: "kms:ResourceAliases",
                values: Expression::texts(aliases),
            }),
            ..statement("SiblingKey", &["kms:Decrypt"], Expression::list(arns))
        });
    }
    made
}

/// Region and stack name of another site of the plan that makes this bucket.
fn sibling(stack: &Stack<'_>, address: &Address) -> Option<(String, String)> {
    let plan = stack.input.plan;
    let sites = (0..plan.sites.len() as u32).map(crate::place::SiteId).filter(|id| *id != stack.id);
    sites.filter_map(|id| Stack::of(stack.input, id)).find_map(|other| {
        let (bucket, made) = other.bucket()?;
        (made && bucket.shares_bucket(address))
            .then(|| (other.region.to_owned(), other.name(Service::Kubernetes, "")))
    })
}

fn store_statement(stack: &Stack<'_>, store: Store, rights: &access::Rights) -> Option<Statement> {
    let mine: Vec<(DataId, bool)> =
        rights.stores.iter().map(|(id, writes)| (*id, *writes)).filter(|(id, _)| stack.graph()[*id].store == store).collect();
    let writes = mine.iter().any(|(_, writes)| *writes);
    let addresses = |suffix: fn(&str) -> Vec<String>| {
        let all: BTreeSet<String> = mine
            .iter()
            .flat_map(|(id, _)| suffix(&super::stores::address(stack, *id)))
            .collect();
        Expression::list(all.iter().map(|it| Expression::reference(it)))
    };
    if mine.is_empty() {
        return None;
    }
    match store {
        Store::Warehouse => Some(statement(
            "Warehouse",
            &["redshift-serverless:GetCredentials", "redshift-serverless:GetWorkgroup"],
            addresses(|it| vec![format!("aws_redshiftserverless_workgroup.{it}.arn")]),
        )),
        Store::Cache => Some(statement(
            "Cache",
            &["elasticache:Connect"],
            addresses(|it| {
                vec![format!("aws_elasticache_replication_group.{it}.arn"), format!("aws_elasticache_user.{it}.arn")]
            }),
        )),
        Store::Sql => Some(statement(
            "Database",
            &["rds-db:connect"],
            addresses(|it| vec![format!("local.database_users[\"{it}\"]")]),
        )),
        Store::Nosql => Some(statement(
            "Table",
            if writes { &TABLE_ALL } else { &TABLE_READ },
            addresses(|it| vec![format!("aws_dynamodb_table.{it}.arn")]),
        )),
        Store::Bucket | Store::Vector | Store::Stream | Store::Disk => None,
    }
}

const TABLE_READ: [&str; 4] = ["dynamodb:BatchGetItem", "dynamodb:GetItem", "dynamodb:Query", "dynamodb:Scan"];
const TABLE_ALL: [&str; 8] = [
    "dynamodb:BatchGetItem",
    "dynamodb:BatchWriteItem",
    "dynamodb:DeleteItem",
    "dynamodb:GetItem",
    "dynamodb:PutItem",
    "dynamodb:Query",
    "dynamodb:Scan",
    "dynamodb:UpdateItem",
];
